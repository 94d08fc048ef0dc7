"""Visits: registered, shown, cancelled, expired; each with one live code and one entry in its site's feed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.identifiers import SiteId, TenantId, VisitId, VisitorId, is_long_id, visit_digest
from kiosk_protocol.messages import FeedEntry, SealedDetails
from kiosk_protocol.sealing import SealContext, VisitDetails, seal_details
from kiosk_protocol.signing import issue_visit_token
from kiosk_server.domain.problems import BadRequestError, NotFoundError
from kiosk_server.domain.records import CheckIn, Conflict, FeedItem, Site, Visit, Visitor, VisitState
from kiosk_server.domain.texts import clean_email, clean_line, clean_optional, time_zone
from kiosk_server.domain.times import to_seconds
from kiosk_server.domain.visits import check_transition, feed_state, visit_times
from kiosk_server.services.house import SERVER, Actor, House
from kiosk_server.services.keys import signing_key
from kiosk_server.services.ports import Records
from kiosk_server.services.tenancy import require_site

MOST_LISTED = 500
EXPIRED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class NewVisit:
    """What a visit is made from. ``host`` is a user's identifier or email address."""

    site: SiteId
    visitor_name: str
    visitor_email: str | None = None
    visitor_company: str | None = None
    host: str | None = None
    room: str | None = None
    purpose: str | None = None
    arrival: datetime | None = None
    departure: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssuedVisit:
    """A visit and the text of its live code."""

    visit: Visit
    token: str


@dataclass(frozen=True, slots=True)
class VisitStory:
    """A visit with all that happened at the doors."""

    visit: Visit
    check_ins: Sequence[CheckIn]
    conflicts: frozenset[Conflict]


def register_visit(house: House, tenant: TenantId, new: NewVisit, actor: Actor) -> IssuedVisit:
    """Register a visit: store it, sign its code, put it into the site's feed.

    Raises:
        BadRequestError: texts or times cannot be used, or the host is unknown.
        NotFoundError: ``unknown_site``.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        site = require_site(records, new.site)
        visit = _new_visit(house, records, site, new, actor, now)
        records.visits.add(visit, now)
        token = _issue(house, records, site, visit, now)
        _publish(house, records, visit, token)
        records.journal.event(now, "visitor.pre_registered", visit)
        records.journal.audit(now, actor.kind, actor.id, "visit.registered", visit.id)
    return IssuedVisit(visit, token)


def _new_visit(house: House, records: Records, site: Site, new: NewVisit, actor: Actor, now: datetime) -> Visit:
    arrival, departure = visit_times(new.arrival, new.departure, now, time_zone(site.time_zone))
    visitor = Visitor(
        VisitorId(house.long_id()),
        clean_line(new.visitor_name, "visitor's name"),
        clean_email(new.visitor_email) if new.visitor_email else None,
        clean_optional(new.visitor_company, "company"),
    )
    host_id, host_name = _find_host(records, new.host)
    return Visit(
        id=VisitId(house.long_id()),
        site=site.id,
        visitor=visitor,
        host_id=host_id,
        host_name=host_name,
        room=clean_optional(new.room, "room"),
        purpose=clean_optional(new.purpose, "purpose"),
        arrival=arrival,
        departure=departure,
        state=VisitState.PRE_REGISTERED,
        rev=0,
        edit=0,
        arrived_at=None,
        arrival_check_in=None,
        cancelled_at=None,
        created_by=actor.id,
    )


def _find_host(records: Records, host: str | None) -> tuple[str | None, str | None]:
    if host is None:
        return None, None
    user = None
    if "@" in host:
        user = records.users.by_email(clean_email(host))
    elif is_long_id(host):
        user = records.users.get(host)
    if user is None or not user.active:
        raise BadRequestError("unknown_host", "The host is no user of this tenant.")
    return user.id, user.name


def cancel_visit(house: House, tenant: TenantId, visit_id: str, actor: Actor) -> Visit:
    """Cancel a visit nobody has arrived for.

    Raises:
        NotFoundError: ``unknown_visit``.
        WrongStateError: ``wrong_state``.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        visit = records.visits.lock(VisitId(visit_id)) if is_long_id(visit_id) else None
        if visit is None:
            raise _unknown_visit()
        check_transition(visit.state, VisitState.CANCELLED)
        visit = replace(visit, state=VisitState.CANCELLED, cancelled_at=now)
        records.visits.save(visit)
        records.check_ins.end_claim(visit.id)
        publish_state(records, visit)
        records.journal.event(now, "visitor.cancelled", visit)
        records.journal.audit(now, actor.kind, actor.id, "visit.cancelled", visit.id)
    return visit


def expire_visits(house: House, tenant: TenantId) -> int:
    """Let visits that are checked in past their departure expire; return how many did."""
    now = house.now()
    with house.archive.of(tenant) as records:
        overdue = records.visits.overdue(now, EXPIRED_AT_ONCE)
    # One transaction each: a visit somebody else holds does not keep the others waiting for its commit.
    return sum(_expire(house, tenant, visit, now) for visit in overdue)


def _expire(house: House, tenant: TenantId, visit_id: VisitId, now: datetime) -> bool:
    with house.archive.of(tenant) as records:
        visit = records.visits.lock(visit_id)
        if visit is None or visit.state is not VisitState.CHECKED_IN or visit.departure > now:
            return False
        visit = replace(visit, state=VisitState.EXPIRED)
        records.visits.save(visit)
        publish_state(records, visit)
        records.journal.event(now, "visitor.expired", visit)
        records.journal.audit(now, SERVER.kind, SERVER.id, "visit.expired", visit.id)
        return True


def list_visits(
    house: House, tenant: TenantId, sites: Sequence[SiteId], since: datetime | None, involving: str | None = None
) -> Sequence[Visit]:
    """Return visits at ``sites`` that end after ``since`` (a day ago unless given), by arrival, at most 500."""
    with house.archive.of(tenant) as records:
        return records.visits.list(sites, since or house.now() - timedelta(days=1), involving, MOST_LISTED)


def visit_story(house: House, tenant: TenantId, visit_id: str) -> VisitStory:
    """Return a visit with its check-ins and their flags.

    Raises:
        NotFoundError: ``unknown_visit``.
    """
    with house.archive.of(tenant) as records:
        visit = records.visits.get(VisitId(visit_id)) if is_long_id(visit_id) else None
        if visit is None:
            raise _unknown_visit()
        return VisitStory(visit, records.check_ins.of_visit(visit.id), records.check_ins.conflicts(visit.id))


def code_of(house: House, tenant: TenantId, visit_id: str) -> str:
    """Return the text of a visit's live code, out of the vault: a second signature is never made.

    Raises:
        NotFoundError: ``unknown_visit``.
    """
    with house.archive.of(tenant) as records:
        visit = records.visits.get(VisitId(visit_id)) if is_long_id(visit_id) else None
        sealed = None if visit is None else records.visits.token(visit.id, visit.rev)
        if visit is None or sealed is None:
            raise _unknown_visit()
        return house.vault.open(sealed, _token_context(records, visit)).decode("ascii")


def reissue_code(house: House, records: Records, visit: Visit, now: datetime) -> Visit:
    """Give a locked visit another code, under the key that signs now; the one before is superseded."""
    site = require_site(records, visit.site)
    visit = replace(visit, rev=visit.rev + 1)
    records.visits.save(visit)
    records.check_ins.end_claim(visit.id)
    _publish(house, records, visit, _issue(house, records, site, visit, now))
    return visit


def _issue(house: House, records: Records, site: Site, visit: Visit, now: datetime) -> str:
    kid, key = signing_key(house, records, "visit", now)
    claims = VisitClaims(
        visit=visit.id,
        visitor=visit.visitor.id,
        site=site.id,
        not_before=to_seconds(visit.arrival - site.early_allowance),
        expires=to_seconds(visit.departure),
        revision=visit.rev,
    )
    token = issue_visit_token(claims, kid, key)
    records.visits.add_token(visit, kid, house.vault.seal(token.encode("ascii"), _token_context(records, visit)), now)
    return token


def _publish(house: House, records: Records, visit: Visit, token: str) -> None:
    digest = visit_digest(visit.id)
    context = SealContext(records.tenant_id, visit.site, digest, visit.rev, visit.edit)
    details = VisitDetails(
        visitor_name=visit.visitor.name,
        host_name=visit.host_name,
        room=visit.room,
        purpose=visit.purpose,
        arrival=to_seconds(visit.arrival),
        departure=to_seconds(visit.departure),
    )
    signature = base64url_decode(token.rpartition(".")[2])
    records.feed.put(visit.site, _feed_item(visit, seal_details(details, signature, context, house.random)))


def publish_state(records: Records, visit: Visit) -> None:
    """Tell the site's kiosks that a visit is no longer expected; its details leave the feed with that."""
    records.feed.put(visit.site, state_item(visit))


def state_item(visit: Visit) -> FeedItem:
    """Return what kiosks are told of a visit that is no longer expected."""
    return _feed_item(visit, None)


def _feed_item(visit: Visit, sealed: SealedDetails | None) -> FeedItem:
    return FeedItem(
        visit_digest(visit.id), visit.id, visit.rev, visit.edit, feed_state(visit.state), visit.departure, sealed
    )


def feed_entry(item: FeedItem) -> FeedEntry:
    """Return a feed item as kiosks read it."""
    return FeedEntry(
        digest=item.digest,
        rev=item.rev,
        edit=item.edit,
        state=item.state,
        exp=to_seconds(item.expires),
        sealed=item.sealed,
    )


def _token_context(records: Records, visit: Visit) -> str:
    return f"visit-token {records.tenant_id} {visit.id} {visit.rev}"


def _unknown_visit() -> NotFoundError:
    return NotFoundError("unknown_visit", "There is no such visit.")
