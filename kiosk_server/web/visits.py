"""Visits: who is expected, who is here, who is done; one visit with what happened at the doors; in and out by hand."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from starlette.responses import RedirectResponse, Response

from kiosk_protocol.identifiers import SiteId, VisitId
from kiosk_server.domain.problems import ForbiddenError, NotFoundError
from kiosk_server.domain.records import Conflict, DeskFact, DeskFactKind, Settlement, Site, Visit, VisitState
from kiosk_server.domain.roles import Action
from kiosk_server.services import desk, devices, visits
from kiosk_server.services.accounts import UserPrincipal
from kiosk_server.services.house import House
from kiosk_server.services.visits import VisitStory
from kiosk_server.web.live import pulse_of
from kiosk_server.web.pages import Ask
from kiosk_server.web.render import page

Section: TypeAlias = Literal["expected", "on-site", "done"]
SECTIONS: Final[Mapping[Section, str]] = {"expected": "Expected", "on-site": "On site", "done": "Done"}
STATE_WORDS: Final[Mapping[VisitState, str]] = {
    VisitState.PRE_REGISTERED: "Expected",
    VisitState.CHECKED_IN: "On site",
    VisitState.CHECKED_OUT: "Left",
    VisitState.EXPIRED: "Time over",
    VisitState.CANCELLED: "Cancelled",
}
FLAG_WORDS: Final[Mapping[str, str]] = {
    "admitted_elsewhere": "let in more than once",
    "cancelled": "let in after the visit was cancelled",
    "superseded": "let in by an older code",
}
CLOCK_WORDS: Final[Mapping[str | None, str]] = {None: "", "sure": "", "plausible": "clock plausible, not confirmed"}


@dataclass(frozen=True, slots=True)
class Row:
    """A visit in a list."""

    visit: Visit
    site: Site
    word: str
    left_at: datetime | None
    can_check_in: bool
    can_check_out: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: at a door or at the desk."""

    at: datetime
    what: str
    where: str
    offline: bool
    received_at: datetime | None
    note: str
    flags: tuple[str, ...]


def show_list(ask: Ask) -> Response:
    """Show one of the three lists."""
    sites = {site.id: site for site in ask.sites(Action.SEE_VISITS, Action.REGISTER_VISIT)}
    wanted, words, now = ask.query.get("site", ""), ask.query.get("q", "").strip()[:200], ask.house.now()
    if wanted not in sites:
        wanted = ""
    pulse = pulse_of(ask.house, ask.who.tenant)
    visible = _visible(ask, [site for site in sites if wanted in {"", site}])
    found = [visit for visit in visible if _matches(visit, words)]
    section: Section = next((name for name in SECTIONS if name == ask.query.get("show")), "expected")
    counts = {name: sum(section_of(visit, now) == name for visit in found) for name in SECTIONS}
    return page(
        ask,
        "visits.html",
        sections=SECTIONS,
        section=section,
        counts=counts,
        rows=_rows(ask, [visit for visit in found if section_of(visit, now) == section], sites, section),
        sites=list(sites.values()),
        site=wanted,
        words=words,
        pulse=pulse,
        most=visits.MOST_LISTED if len(visible) >= visits.MOST_LISTED else 0,
        flagged=_flagged(ask, sites),
        may_register=any(ask.may(Action.REGISTER_VISIT, site) for site in sites),
    )


def _flagged(ask: Ask, sites: Iterable[SiteId]) -> int:
    """Return how many visits wait under Conflicts for this user."""
    mine = [site for site in sites if ask.may(Action.CHANGE_ANY_VISIT, site)]
    return desk.count_conflicts(ask.house, ask.who.tenant, mine) if mine else 0


def section_of(visit: Visit, now: datetime) -> Section:
    """Return the list a visit belongs to; one that nobody came for is done once its time is over."""
    if visit.state is VisitState.CHECKED_IN:
        return "on-site"
    return "expected" if visit.state is VisitState.PRE_REGISTERED and visit.departure > now else "done"


def _visible(ask: Ask, sites: Sequence[SiteId]) -> Sequence[Visit]:
    sees_all = [site for site in sites if ask.may(Action.SEE_VISITS, site)]
    sees_own = [site for site in sites if site not in sees_all]
    tenant = ask.who.tenant
    found = [
        *visits.list_visits(ask.house, tenant, sees_all, None),
        *visits.list_visits(ask.house, tenant, sees_own, None, ask.who.user.id),
    ]
    return sorted(found, key=lambda visit: (visit.arrival, visit.id))


def _matches(visit: Visit, words: str) -> bool:
    texts = (visit.visitor.name, visit.visitor.company, visit.host_name, visit.room)
    return words.casefold() in " ".join(filter(None, texts)).casefold()


def _rows(ask: Ask, found: Sequence[Visit], sites: Mapping[SiteId, Site], section: Section) -> list[Row]:
    facts = desk.facts_of(ask.house, ask.who.tenant, [visit.id for visit in found])
    # What is over is looked for from its end: who left last stands first.
    in_order = found if section == "expected" else sorted(found, key=_when_seen, reverse=True)
    return [_row(ask, visit, sites[visit.site], facts) for visit in in_order]


def _when_seen(visit: Visit) -> datetime:
    return visit.arrived_at or visit.arrival


def _row(ask: Ask, visit: Visit, site: Site, facts: Mapping[tuple[VisitId, DeskFactKind], DeskFact]) -> Row:
    left = facts.get((visit.id, "checked_out"))
    return Row(
        visit=visit,
        site=site,
        word=_word(visit, ask.house.now()),
        left_at=None if left is None else left.at,
        can_check_in=_can(ask, visit, VisitState.CHECKED_IN),
        can_check_out=_can(ask, visit, VisitState.CHECKED_OUT),
    )


def _word(visit: Visit, now: datetime) -> str:
    missed = visit.state is VisitState.PRE_REGISTERED and visit.departure <= now
    return "Did not come" if missed else STATE_WORDS[visit.state]


def _can(ask: Ask, visit: Visit, wanted: VisitState) -> bool:
    now = ask.house.now()
    if wanted is VisitState.CANCELLED:
        return visit.state is VisitState.PRE_REGISTERED and may_change(ask, visit)
    if not ask.may(Action.CHANGE_ANY_VISIT, visit.site):
        return False
    if wanted is VisitState.CHECKED_IN:
        return visit.state is VisitState.PRE_REGISTERED and visit.departure > now
    return visit.state is VisitState.CHECKED_IN


def find(ask: Ask) -> VisitStory:
    """Return the visit the address names, if the user may see it; any other looks like one that does not exist.

    Raises:
        NotFoundError: ``unknown_visit``.
    """
    story = visits.visit_story(ask.house, ask.who.tenant, ask.path["visit"])
    if not (ask.may(Action.SEE_VISITS, story.visit.site) or is_own(ask, story.visit)):
        raise NotFoundError("unknown_visit", "There is no such visit.")
    return story


def is_own(ask: Ask, visit: Visit) -> bool:
    """Whether the user hosts or registered the visit, and may have visits at its site."""
    return ask.who.user.id in {visit.host_id, visit.created_by} and ask.may(Action.REGISTER_VISIT, visit.site)


def may_change(ask: Ask, visit: Visit) -> bool:
    """Whether the user may cancel the visit and show its code: a code opens the door, so readers do not get it."""
    return is_own(ask, visit) or ask.may(Action.CHANGE_ANY_VISIT, visit.site)


def require_change(ask: Ask) -> VisitStory:
    """Return the visit the address names, if the user may change it.

    Raises:
        ForbiddenError: the user may see but not change it.
        NotFoundError: ``unknown_visit``.
    """
    story = find(ask)
    if not may_change(ask, story.visit):
        raise ForbiddenError("forbidden", "Your role lets you read this visit, not change it.")
    return story


def show(ask: Ask) -> Response:
    """Show one visit."""
    pulse = pulse_of(ask.house, ask.who.tenant)
    story = find(ask)
    visit, now = story.visit, ask.house.now()
    with ask.house.archive.of(ask.who.tenant) as records:
        site = records.sites.get(visit.site)
    notes = desk.notes_of(ask.house, ask.who.tenant, visit.id)
    settled = {item.conflict for item in notes.settlements}
    return page(
        ask,
        "visit.html",
        visit=visit,
        site=site,
        word=_word(visit, now),
        happenings=happenings(ask, story, notes),
        settlements=[(item, notes.names.get(item.user_id, "somebody")) for item in _reasons(notes)],
        unsettled=bool(story.conflicts - settled) and ask.may(Action.CHANGE_ANY_VISIT, visit.site),
        has_code=visit.state is VisitState.PRE_REGISTERED and visit.departure > now and may_change(ask, visit),
        can_check_in=_can(ask, visit, VisitState.CHECKED_IN),
        can_check_out=_can(ask, visit, VisitState.CHECKED_OUT),
        can_cancel=_can(ask, visit, VisitState.CANCELLED),
        pulse=pulse,
        is_new="new" in ask.query,
    )


def _reasons(notes: desk.DeskNotes) -> list[Settlement]:
    """Return one settlement for each reason given: flags that were settled together share one."""
    return list({(item.reason, item.settled_at): item for item in notes.settlements}.values())


def happenings(ask: Ask, story: VisitStory, notes: desk.DeskNotes) -> list[Happening]:
    """Return what happened for a visit, at doors and desk, in the order of the original times."""
    names = {device.id: device.name for device in devices.list_devices(ask.house, ask.who.tenant)}
    at_doors = [
        Happening(
            at=item.decided_at or item.received_at,
            what="Let in",
            where=names.get(item.device, "a kiosk"),
            offline=item.decided_offline is True,
            received_at=item.received_at,
            note=CLOCK_WORDS.get(item.clock, ""),
            flags=_flag_words(flag for flag in story.conflicts if flag.check_in == item.id),
        )
        for item in story.check_ins
    ]
    words: Mapping[DeskFactKind, str] = {"checked_in": "Let in by hand", "checked_out": "Left, noted by hand"}
    at_desk = [
        Happening(fact.at, words[fact.kind], "Reception", False, None, f"by {notes.names[fact.user_id]}", ())
        for fact in notes.facts
    ]
    return sorted([*at_doors, *at_desk], key=lambda item: item.at)


def _flag_words(flags: Iterable[Conflict]) -> tuple[str, ...]:
    return tuple(FLAG_WORDS[kind] for kind in sorted({flag.kind for flag in flags}))


def check_in(ask: Ask) -> Response:
    """Let the visitor in by hand."""
    return _by_hand(ask, desk.check_in)


def check_out(ask: Ask) -> Response:
    """Note that the visitor has left."""
    return _by_hand(ask, desk.check_out)


def _by_hand(ask: Ask, act: Callable[[House, UserPrincipal, str], Visit]) -> Response:
    story = find(ask)
    if not ask.may(Action.CHANGE_ANY_VISIT, story.visit.site):
        raise ForbiddenError("forbidden", "Your role does not include letting visitors in or out.")
    visit = act(ask.house, ask.who, story.visit.id)
    # Back to the list the button was pressed in; which one is a word of ours, never an address.
    back = ask.field("back")
    return RedirectResponse(f"/visits?show={back}" if back in SECTIONS else f"/visits/{visit.id}", 303)


def ask_cancel(ask: Ask) -> Response:
    """Ask before a visit is cancelled."""
    visit = require_change(ask).visit
    return page(
        ask,
        "confirm.html",
        title="Cancel this visit?",
        thing=visit.visitor.name,
        sentence="The code stops working at connected kiosks at once, at one that is offline when it is back.",
        action=f"/visits/{visit.id}/cancel",
        verb="Cancel the visit",
        back=f"/visits/{visit.id}",
        keep="Keep it",
        section="visits",
    )


def cancel(ask: Ask) -> Response:
    """Cancel the visit."""
    visit = require_change(ask).visit
    visits.cancel_visit(ask.house, ask.who.tenant, visit.id, ask.who.actor)
    return RedirectResponse(f"/visits/{visit.id}", 303)
