"""The server's nouns as frozen values. Times are aware datetimes, durations timedeltas; the edges convert."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from kiosk_protocol.identifiers import CheckInId, DeviceId, KeyId, SiteId, TenantId, VisitDigest, VisitId, VisitorId
from kiosk_protocol.messages import FeedState, SealedDetails
from kiosk_server.domain.roles import Role

UnknownVisitPolicy = Literal["ask", "admit"]
KeyPurpose = Literal["root", "bundle", "visit", "device", "time", "seal", "user"]
DocumentKind = Literal["root", "bundle"]
Outcome = Literal["accepted", "conflict", "rejected"]
ConflictKind = Literal["admitted_elsewhere", "cancelled", "superseded"]
Decision = Literal["accepted", "discarded"]
DeskFactKind = Literal["checked_in", "checked_out"]


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer: everything else belongs to one."""

    id: TenantId
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """A building with its own doors and settings."""

    id: SiteId
    name: str
    time_zone: str
    languages: tuple[str, ...]
    brand_colour: str
    unknown_visit: UnknownVisitPolicy
    early_allowance: timedelta
    greatest_feed_age: timedelta | None
    feed_epoch: str


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can log in. ``site_ids`` narrows every role but the tenant's admin."""

    id: str
    email: str
    name: str
    role: Role
    active: bool
    site_ids: frozenset[SiteId]


class VisitState(StrEnum):
    """Where a visit stands."""

    PRE_REGISTERED = "pre_registered"
    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who comes."""

    id: VisitorId
    name: str
    email: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One expected, running or past visit.

    Attributes:
        rev: Revision of the one code that is live.
        edit: Counts re-sealings of the details under that code.
        arrived_at: Earliest decision to admit; stands on a cancelled visit too if somebody was let in.
        arrival_check_in: The check-in that decision belongs to.
    """

    id: VisitId
    site: SiteId
    visitor: Visitor
    host_id: str | None
    host_name: str | None
    room: str | None
    purpose: str | None
    arrival: datetime
    departure: datetime
    state: VisitState
    rev: int
    edit: int
    arrived_at: datetime | None
    arrival_check_in: CheckInId | None
    cancelled_at: datetime | None
    created_by: str | None


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key of a tenant as it lies in the store: the private half only sealed, or not here.

    Attributes:
        sealed_private_key: None where nothing needs it any more, or where it is kept offline (root keys only).
        not_before: When it was made, and since when kiosks may count it.
        signs_from: When we begin to sign with it.
        retired_at: When it gave way to younger ones.
        revoked_at: When it was taken out at once, because it may be in foreign hands.
    """

    kid: KeyId
    purpose: KeyPurpose
    public_key: bytes
    sealed_private_key: bytes | None
    not_before: datetime
    not_after: datetime
    signs_from: datetime
    retired_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def is_standing(self) -> bool:
        """Whether it is named in what we publish: neither retired nor revoked."""
        return self.retired_at is None and self.revoked_at is None

    def signs_at(self, now: datetime) -> bool:
        """Whether we may sign with it."""
        return self.is_standing and self.signs_from <= now < self.not_after


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A signed trust document: the exact bytes of its envelope."""

    kind: DocumentKind
    version: int
    envelope: bytes
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class FeedItem:
    """What the feed says of one visit at one site."""

    digest: VisitDigest
    visit: VisitId
    rev: int
    edit: int
    state: FeedState
    expires: datetime
    sealed: SealedDetails | None


@dataclass(frozen=True, slots=True)
class PairingWindow:
    """Ten minutes in which one kiosk may join one site. One with a ``name`` counts no try that does not give it."""

    id: str
    site: SiteId
    sealed_code: bytes
    opened_at: datetime
    expires_at: datetime
    opened_by: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PairingRun:
    """One kiosk's attempt.

    Attributes:
        window_id: None for one that runs against a code nobody knows.
        name: The kiosk's, as it came.
        root_hash: Of the root that was announced; no other is handed over.
        sealed_keys: The server's view of the run's keys (:class:`kiosk_protocol.pairing_run.RunKeys`).
    """

    id: str
    site: SiteId
    window_id: str | None
    kiosk_key: str
    name: str
    root_hash: str
    sealed_keys: bytes
    started_at: datetime
    confirmed_tag: str | None = None
    sealed_answer: bytes | None = None
    device_id: DeviceId | None = None


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """What a kiosk last said about itself, and when that arrived. Nothing in it is about a person."""

    received_at: datetime
    app_version: str
    waiting: int
    parked: int
    oldest_waiting_at: datetime | None
    clock: str
    trust_version: int
    trust_issued_at: datetime
    feed_at: datetime | None
    camera: str
    token_expires_at: datetime


@dataclass(frozen=True, slots=True)
class Device:
    """A paired kiosk. ``gap`` and ``fork`` say that its outbox does not add up.

    Attributes:
        previous_token_id: The token before the last renewal.
        previous_token_until: Until when that one counts; None until its successor was used.
        revocation: The signed revocation, exact bytes of its envelope.
        health: What the kiosk last said about itself.
    """

    id: DeviceId
    site: SiteId
    name: str
    public_key: bytes
    thumbprint: str
    token_id: str
    token_expires_at: datetime
    paired_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    previous_token_id: str | None = None
    previous_token_until: datetime | None = None
    revocation: bytes | None = None
    gap: bool = False
    fork: bool = False
    health: DeviceHealth | None = None


@dataclass(frozen=True, slots=True)
class QuarantinedItem:
    """An item as a former key handed it over: nothing follows from it until somebody accepts it.

    Attributes:
        digest: SHA-256 of the sealed bytes; the same bytes are the same item.
        hash: What the kiosk stated instead; another one where its disk was damaged.
        received_at: When they came; after 30 days they are deleted.
        settlement: What was decided; None while it is open.
    """

    device: DeviceId
    digest: bytes
    check_in_id: CheckInId
    chain_id: str
    sequence: int
    hash: bytes
    chain: bytes
    seal_kid: str
    sealed: bytes
    received_at: datetime
    settlement: Decision | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One delivered item: the exact sealed bytes, what was answered first, and what it stated.

    A rejected item states nothing that counts: its last fields are None.
    """

    id: CheckInId
    device: DeviceId
    site: SiteId
    hash: bytes
    sealed: bytes
    seal_kid: str
    first_outcome: Outcome
    first_code: str | None
    received_at: datetime
    visit: VisitId | None = None
    rev: int | None = None
    scanned_at: datetime | None = None
    decided_at: datetime | None = None
    decided_offline: bool | None = None
    clock: str | None = None
    known: bool | None = None
    app_version: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A flag for staff on one check-in."""

    visit: VisitId
    check_in: CheckInId
    kind: ConflictKind


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token by its hash; ``family`` is all that came from one login."""

    hash: bytes
    user_id: str
    family: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebSession:
    """A session of the dashboard, by the hash of what its cookie holds."""

    hash: bytes
    user_id: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DeskFact:
    """What a person at reception did by hand for a visit, beside whatever kiosks say of it."""

    visit: VisitId
    kind: DeskFactKind
    at: datetime
    user_id: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """Why a flag needs nobody's attention any more."""

    conflict: Conflict
    reason: str
    settled_at: datetime
    user_id: str


@dataclass(frozen=True, slots=True)
class WindowState:
    """How a pairing window stands; without its digits."""

    id: str
    opened_at: datetime
    expires_at: datetime
    opened_by: str
    tries: int
    closed_at: datetime | None
    is_named: bool


AlertKind = Literal["silent", "back"]
AlertOutcome = Literal["sent", "given_up", "moot"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One email to one user about one silence of one kiosk; these four name it."""

    device: DeviceId
    silent_since: datetime
    kind: AlertKind
    user_id: str
    attempts: int = 0
    outcome: AlertOutcome | None = None
