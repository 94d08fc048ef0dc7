"""What people at reception do: let somebody in or out by hand, and settle what kiosks could not know of each other.

A check-in by hand is a fact of its own beside the kiosks'. Where a kiosk's item for the same visit comes later, both
stand, and the visit is flagged like one that two kiosks admitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kiosk_protocol.identifiers import SiteId, TenantId, VisitId, is_long_id
from kiosk_server.domain.problems import NotFoundError, WrongStateError
from kiosk_server.domain.records import Conflict, DeskFact, DeskFactKind, Settlement, Visit, VisitState
from kiosk_server.domain.texts import clean_line
from kiosk_server.domain.visits import check_transition
from kiosk_server.services.accounts import UserPrincipal
from kiosk_server.services.house import House
from kiosk_server.services.ports import Records
from kiosk_server.services.visits import publish_state

MOST_CONFLICTS = 500


@dataclass(frozen=True, slots=True)
class DeskNotes:
    """What people did for one visit, and what they are called."""

    facts: Sequence[DeskFact]
    settlements: Sequence[Settlement]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FlaggedVisit:
    """A visit with the flags nobody settled yet."""

    visit: Visit
    flags: tuple[Conflict, ...]


def check_in(house: House, user: UserPrincipal, visit_id: str) -> Visit:
    """Let a visitor in by hand.

    Raises:
        NotFoundError: ``unknown_visit``.
        WrongStateError: ``wrong_state``, or ``visit_over`` where the visit's time has passed.
    """
    now = house.now()
    with house.archive.of(user.tenant) as records:
        visit = _lock(records, visit_id)
        check_transition(visit.state, VisitState.CHECKED_IN)
        if visit.departure <= now:
            raise WrongStateError("visit_over", "This visit's time has passed; please register a new one.")
        visit = replace(visit, state=VisitState.CHECKED_IN, arrived_at=now)
        records.check_ins.end_claim(visit.id)
        _note(records, user, visit, DeskFact(visit.id, "checked_in", now, user.user.id))
    return visit


def check_out(house: House, user: UserPrincipal, visit_id: str) -> Visit:
    """Note that a visitor has left.

    Raises:
        NotFoundError: ``unknown_visit``.
        WrongStateError: ``wrong_state``.
    """
    now = house.now()
    with house.archive.of(user.tenant) as records:
        visit = _lock(records, visit_id)
        check_transition(visit.state, VisitState.CHECKED_OUT)
        visit = replace(visit, state=VisitState.CHECKED_OUT)
        _note(records, user, visit, DeskFact(visit.id, "checked_out", now, user.user.id))
    return visit


def _lock(records: Records, visit_id: str) -> Visit:
    visit = records.visits.lock(VisitId(visit_id)) if is_long_id(visit_id) else None
    if visit is None:
        raise NotFoundError("unknown_visit", "There is no such visit.")
    return visit


def _note(records: Records, user: UserPrincipal, visit: Visit, fact: DeskFact) -> None:
    records.visits.save(visit)
    records.desk.add(fact)
    publish_state(records, visit)
    records.journal.event(fact.at, f"visitor.{fact.kind}", visit)
    records.journal.audit(fact.at, user.actor.kind, user.actor.id, f"visit.{fact.kind}_by_hand", visit.id)


def notes_of(house: House, tenant: TenantId, visit: VisitId) -> DeskNotes:
    """Return what people did for a visit."""
    with house.archive.of(tenant) as records:
        facts, settlements = records.desk.facts([visit]), records.desk.settlements(visit)
        who = {fact.user_id for fact in facts} | {item.user_id for item in settlements}
        found = [records.users.get(user_id) for user_id in sorted(who)]
    return DeskNotes(facts, settlements, {user.id: user.name for user in found if user is not None})


def facts_of(
    house: House, tenant: TenantId, visits: Sequence[VisitId]
) -> Mapping[tuple[VisitId, DeskFactKind], DeskFact]:
    """Return what was done by hand for these visits, by visit and kind."""
    with house.archive.of(tenant) as records:
        return {(fact.visit, fact.kind): fact for fact in records.desk.facts(visits)}


def list_conflicts(house: House, tenant: TenantId, sites: Sequence[SiteId]) -> Sequence[FlaggedVisit]:
    """Return visits at ``sites`` with flags that nobody settled yet, oldest flag first."""
    with house.archive.of(tenant) as records:
        by_visit: dict[VisitId, list[Conflict]] = {}
        for flag in records.desk.open_conflicts(sites, MOST_CONFLICTS):
            by_visit.setdefault(flag.visit, []).append(flag)
        found = [(records.visits.get(visit), flags) for visit, flags in by_visit.items()]
    return [FlaggedVisit(visit, tuple(flags)) for visit, flags in found if visit is not None]


def count_conflicts(house: House, tenant: TenantId, sites: Sequence[SiteId]) -> int:
    """Return how many visits at ``sites`` have flags that nobody settled yet."""
    with house.archive.of(tenant) as records:
        return len({flag.visit for flag in records.desk.open_conflicts(sites, MOST_CONFLICTS)})


def settle_conflicts(house: House, user: UserPrincipal, visit_id: str, reason: str) -> int:
    """Settle every open flag of a visit with one reason; return how many there were.

    Raises:
        BadRequestError: ``text`` where the reason cannot be stored.
        NotFoundError: ``unknown_visit``.
        WrongStateError: ``nothing_to_settle``.
    """
    why, now = clean_line(reason, "reason"), house.now()
    with house.archive.of(user.tenant) as records:
        visit = _lock(records, visit_id)
        settled = {item.conflict for item in records.desk.settlements(visit.id)}
        waiting = records.check_ins.conflicts(visit.id) - settled
        if not waiting:
            raise WrongStateError("nothing_to_settle", "Nothing waits to be settled here; perhaps a colleague did.")
        for flag in waiting:
            records.desk.settle(Settlement(flag, why, now, user.user.id))
        records.journal.audit(
            now, user.actor.kind, user.actor.id, "conflict.settled", visit.id, flags=str(len(waiting))
        )
    return len(waiting)
