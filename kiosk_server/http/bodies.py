"""Bodies of the users' API, both directions; camelCase on the wire, times in RFC 3339 with an offset."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from kiosk_protocol.messages import LongId, Message, ShortId

Line = Annotated[str, Meta(min_length=1, max_length=200)]
Email = Annotated[str, Meta(min_length=3, max_length=254)]
Password = Annotated[str, Meta(min_length=1, max_length=1024)]
Moment = Annotated[datetime, Meta(tz=True)]


class Health(Message, frozen=True, kw_only=True):
    """Whether the server and its database answer."""

    status: Literal["ok", "degraded"]
    database: Literal["ok", "unreachable"]


class LoginQuestion(Message, frozen=True, kw_only=True):
    """Who wants a session (POST /auth/login)."""

    tenant: Annotated[str, Meta(min_length=1, max_length=63)]
    email: Email
    password: Password


class RefreshQuestion(Message, frozen=True, kw_only=True):
    """A refresh token, used once (POST /auth/refresh, POST /auth/logout)."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=128)]


class UserBody(Message, frozen=True, kw_only=True):
    """A user as others see it."""

    id: LongId
    email: str
    name: str
    role: str
    site_ids: tuple[str, ...]


class SessionBody(Message, frozen=True, kw_only=True):
    """What a login or refresh gives out. ``expires_in`` in seconds, of the access token."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: UserBody


class NewVisitBody(Message, frozen=True, kw_only=True):
    """A visit to register. ``host`` is a user's identifier or email address; times have their defaults."""

    site_id: ShortId
    visitor_name: Line
    visitor_email: Email | None = None
    visitor_company: Line | None = None
    host: Annotated[str, Meta(max_length=254)] | None = None
    room: Line | None = None
    purpose: Line | None = None
    arrival: Moment | None = None
    departure: Moment | None = None


class VisitBody(Message, frozen=True, kw_only=True):
    """A visit. ``token`` and ``code`` (its compact transport) only where a single visit is asked for."""

    id: str
    site_id: str
    state: str
    visitor_id: str
    visitor_name: str
    visitor_email: str | None
    visitor_company: str | None
    host_id: str | None
    host_name: str | None
    room: str | None
    purpose: str | None
    arrival: str | None
    departure: str | None
    arrived_at: str | None
    cancelled_at: str | None
    rev: int
    token: str | None = None
    code: str | None = None


class CheckInBody(Message, frozen=True, kw_only=True):
    """What happened at one door."""

    id: str
    kiosk_id: str
    outcome: str
    code: str | None
    scanned_at: str | None
    decided_at: str | None
    received_at: str | None
    decided_offline: bool | None
    clock: str | None
    known: bool | None
    flags: tuple[str, ...]


class VisitStoryBody(Message, frozen=True, kw_only=True):
    """A visit with its check-ins."""

    visit: VisitBody
    check_ins: tuple[CheckInBody, ...]


class VisitList(Message, frozen=True, kw_only=True):
    """Visits by arrival."""

    visits: tuple[VisitBody, ...]


class OpenWindowQuestion(Message, frozen=True, kw_only=True):
    """The user's password again (POST /sites/{siteId}/pairing-windows).

    A ``named`` window answers only to the set-up code: for when strangers used up the tries of another.
    """

    password: Password
    named: bool = False


class WindowBody(Message, frozen=True, kw_only=True):
    """What staff carry to the kiosk."""

    code: str
    pairing_address: str
    setup_code: str
    expires_at: str | None


class HealthBody(Message, frozen=True, kw_only=True):
    """What a kiosk last said about itself; ``receivedAt`` is the server's time, the others the kiosk's."""

    received_at: str | None
    app_version: str
    waiting: int
    parked: int
    oldest_waiting_at: str | None
    clock: str
    trust_version: int
    trust_issued_at: str | None
    feed_at: str | None
    camera: str


class KioskBody(Message, frozen=True, kw_only=True):
    """A paired kiosk. ``gap`` and ``fork``: its deliveries do not add up.

    ``offlineSince``: nothing was heard of it for more than three minutes.
    """

    id: str
    site_id: str
    name: str
    paired_at: str | None
    last_seen_at: str | None
    token_expires_at: str | None
    revoked_at: str | None
    offline_since: str | None
    gap: bool
    fork: bool
    health: HealthBody | None


class KioskList(Message, frozen=True, kw_only=True):
    """Kiosks, oldest first."""

    kiosks: tuple[KioskBody, ...]


class SiteBody(Message, frozen=True, kw_only=True):
    """A site and its settings."""

    id: str
    name: str
    time_zone: str
    languages: tuple[str, ...]
    brand_colour: str
    unknown_visit: str
    early_allowance_minutes: int
    greatest_feed_age_seconds: int | None


class SiteList(Message, frozen=True, kw_only=True):
    """Sites, oldest first."""

    sites: tuple[SiteBody, ...]
