"""Conflicts: what kiosks could not know of each other, as a list that people settle with a reason."""

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.records import Site, Visit
from kiosk_server.domain.roles import Action
from kiosk_server.services import desk, visits
from kiosk_server.web.live import pulse_of
from kiosk_server.web.pages import Ask
from kiosk_server.web.render import page
from kiosk_server.web.visits import FLAG_WORDS, Happening, find, happenings


@dataclass(frozen=True, slots=True)
class Case:
    """A visit with flags, and what happened."""

    visit: Visit
    site: Site
    words: tuple[str, ...]
    happenings: list[Happening]
    reason: str
    error: str


def show(ask: Ask) -> Response:
    """Show what waits to be settled."""
    return _list(ask, failed="", reason="", error="")


def settle(ask: Ask) -> Response:
    """Settle a visit's flags."""
    # Other sites' visits are not there for this user, like everywhere.
    visit = find(ask).visit
    ask.site(visit.site, Action.CHANGE_ANY_VISIT)
    reason = ask.field("reason")
    try:
        desk.settle_conflicts(ask.house, ask.who, visit.id, reason)
    except BadRequestError as error:
        return _list(ask, visit.id, reason, error.message)
    return RedirectResponse("/conflicts", 303)


def _list(ask: Ask, failed: str, reason: str, error: str) -> Response:
    pulse = pulse_of(ask.house, ask.who.tenant)
    sites = {site.id: site for site in ask.sites(Action.CHANGE_ANY_VISIT)}
    cases = []
    for flagged in desk.list_conflicts(ask.house, ask.who.tenant, list(sites)):
        visit, is_failed = flagged.visit, flagged.visit.id == failed
        story = visits.visit_story(ask.house, ask.who.tenant, visit.id)
        notes = desk.notes_of(ask.house, ask.who.tenant, visit.id)
        words = tuple(FLAG_WORDS[kind] for kind in sorted({flag.kind for flag in flagged.flags}))
        happened = happenings(ask, story, notes)
        cases.append(
            Case(visit, sites[visit.site], words, happened, reason if is_failed else "", error if is_failed else "")
        )
    return page(ask, "conflicts.html", 400 if error else 200, cases=cases, pulse=pulse)
