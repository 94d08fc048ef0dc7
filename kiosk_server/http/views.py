"""From the server's nouns to the bodies of the users' API; the command line prints the same."""

from datetime import timedelta

from kiosk_protocol.transport import to_compact
from kiosk_server.domain.health import offline_since
from kiosk_server.domain.records import Device, DeviceHealth, Site, User, Visit
from kiosk_server.domain.times import rfc3339
from kiosk_server.http.bodies import (
    CheckInBody,
    HealthBody,
    KioskBody,
    SessionBody,
    SiteBody,
    UserBody,
    VisitBody,
    VisitStoryBody,
    WindowBody,
)
from kiosk_server.services.accounts import ACCESS_LIFE, Session
from kiosk_server.services.house import House
from kiosk_server.services.pairing import OpenedWindow
from kiosk_server.services.visits import VisitStory


def user_body(user: User) -> UserBody:
    """Return a user as others see it."""
    return UserBody(
        id=user.id, email=user.email, name=user.name, role=user.role.value, site_ids=tuple(sorted(user.site_ids))
    )


def session_body(session: Session) -> SessionBody:
    """Return what a login or refresh gives out."""
    return SessionBody(
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        expires_in=ACCESS_LIFE // timedelta(seconds=1),
        user=user_body(session.user),
    )


def visit_body(visit: Visit, token: str | None = None) -> VisitBody:
    """Return a visit; with its code where ``token`` is handed in."""
    return VisitBody(
        id=visit.id,
        site_id=visit.site,
        state=visit.state.value,
        visitor_id=visit.visitor.id,
        visitor_name=visit.visitor.name,
        visitor_email=visit.visitor.email,
        visitor_company=visit.visitor.company,
        host_id=visit.host_id,
        host_name=visit.host_name,
        room=visit.room,
        purpose=visit.purpose,
        arrival=rfc3339(visit.arrival),
        departure=rfc3339(visit.departure),
        arrived_at=rfc3339(visit.arrived_at),
        cancelled_at=rfc3339(visit.cancelled_at),
        rev=visit.rev,
        token=token,
        code=None if token is None else to_compact(token),
    )


def story_body(story: VisitStory, token: str | None = None) -> VisitStoryBody:
    """Return a visit with what happened at the doors, earliest decision first."""
    in_order = sorted(story.check_ins, key=lambda item: (item.decided_at or item.received_at, item.id))
    check_ins = tuple(
        CheckInBody(
            id=item.id,
            kiosk_id=item.device,
            outcome=item.first_outcome,
            code=item.first_code,
            scanned_at=rfc3339(item.scanned_at),
            decided_at=rfc3339(item.decided_at),
            received_at=rfc3339(item.received_at),
            decided_offline=item.decided_offline,
            clock=item.clock,
            known=item.known,
            flags=tuple(sorted(flag.kind for flag in story.conflicts if flag.check_in == item.id)),
        )
        for item in in_order
    )
    return VisitStoryBody(visit=visit_body(story.visit, token), check_ins=check_ins)


def window_body(window: OpenedWindow) -> WindowBody:
    """Return what staff carry to the kiosk."""
    return WindowBody(
        code=window.code,
        pairing_address=window.setup_code.address,
        setup_code=str(window.setup_code),
        expires_at=rfc3339(window.expires_at),
    )


def kiosk_body(device: Device, house: House) -> KioskBody:
    """Return a paired kiosk as it stands now."""
    return KioskBody(
        id=device.id,
        site_id=device.site,
        name=device.name,
        paired_at=rfc3339(device.paired_at),
        last_seen_at=rfc3339(device.last_seen_at),
        token_expires_at=rfc3339(device.token_expires_at),
        revoked_at=rfc3339(device.revoked_at),
        offline_since=rfc3339(offline_since(device, house.now(), house.offline_after)),
        gap=device.gap,
        fork=device.fork,
        health=None if device.health is None else _health_body(device.health),
    )


def _health_body(health: DeviceHealth) -> HealthBody:
    return HealthBody(
        received_at=rfc3339(health.received_at),
        app_version=health.app_version,
        waiting=health.waiting,
        parked=health.parked,
        oldest_waiting_at=rfc3339(health.oldest_waiting_at),
        clock=health.clock,
        trust_version=health.trust_version,
        trust_issued_at=rfc3339(health.trust_issued_at),
        feed_at=rfc3339(health.feed_at),
        camera=health.camera,
    )


def site_body(site: Site) -> SiteBody:
    """Return a site and its settings."""
    age = site.greatest_feed_age
    return SiteBody(
        id=site.id,
        name=site.name,
        time_zone=site.time_zone,
        languages=site.languages,
        brand_colour=site.brand_colour,
        unknown_visit=site.unknown_visit,
        early_allowance_minutes=site.early_allowance // timedelta(minutes=1),
        greatest_feed_age_seconds=None if age is None else age // timedelta(seconds=1),
    )
