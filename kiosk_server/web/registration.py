"""Registering a visit: a form with the documented defaults, each error beside its field."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.records import Site
from kiosk_server.domain.roles import Action
from kiosk_server.domain.texts import clean_email, clean_line, clean_optional, time_zone
from kiosk_server.domain.visits import USUAL_VISIT, next_full_hour
from kiosk_server.services import visits
from kiosk_server.services.visits import NewVisit
from kiosk_server.web.pages import Ask
from kiosk_server.web.render import page

T = TypeVar("T")
SHOWN = (
    "visitor_name",
    "visitor_company",
    "visitor_email",
    "arrival",
    "departure",
    "host",
    "room",
    "purpose",
)
"""The fields to type in, in the order of the page."""
FIELDS = ("site", *SHOWN)


@dataclass
class Entry:
    """A form on its way to a visit: what was typed, and what is wrong with it, field by field."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, convert: Callable[[str], T]) -> T | None:
        """Return the converted field; None, with its error noted, where it does not convert."""
        try:
            return convert(self.values[name])
        except BadRequestError as error:
            self.errors[name] = error.message
            return None


def show(ask: Ask) -> Response:
    """Show the form with its defaults."""
    sites = ask.sites(Action.REGISTER_VISIT)
    values = dict.fromkeys(FIELDS, "")
    if sites:
        chosen = next((site for site in sites if site.id == ask.query.get("site")), sites[0])
        zone = time_zone(chosen.time_zone)
        arrival = next_full_hour(ask.house.now(), zone)
        values |= {
            "site": chosen.id,
            "host": ask.who.user.email,
            "arrival": _local(arrival, zone),
            "departure": _local(arrival + USUAL_VISIT, zone),
        }
    return _form(ask, sites, Entry(values))


def register(ask: Ask) -> Response:
    """Register the visit, or show the form again with what is wrong."""
    entry = Entry({name: ask.field(name) for name in FIELDS})
    site = ask.site(entry.values["site"], Action.REGISTER_VISIT)
    new = _read(entry, site)
    if new is not None and new.departure is not None and new.departure <= ask.house.now():
        entry.errors["departure"] = "This visit would be over already."
    if new is None or entry.errors:
        return _form(ask, ask.sites(Action.REGISTER_VISIT), entry)
    try:
        issued = visits.register_visit(ask.house, ask.who.tenant, new, ask.who.actor)
    except BadRequestError as error:
        # What the fields cannot know alone: whether the host exists, and whether the times make a visit.
        entry.errors["host" if error.code == "unknown_host" else "departure"] = error.message
        return _form(ask, ask.sites(Action.REGISTER_VISIT), entry)
    return RedirectResponse(f"/visits/{issued.visit.id}?new", 303)


def _read(entry: Entry, site: Site) -> NewVisit | None:
    zone = time_zone(site.time_zone)
    name = entry.read("visitor_name", lambda text: clean_line(text, "visitor's name"))
    new = NewVisit(
        site=site.id,
        visitor_name=name or "",
        visitor_email=entry.read("visitor_email", _optional_email),
        visitor_company=entry.read("visitor_company", lambda text: clean_optional(text, "company")),
        host=entry.read("host", _optional_email),
        room=entry.read("room", lambda text: clean_optional(text, "room")),
        purpose=entry.read("purpose", lambda text: clean_optional(text, "purpose")),
        arrival=entry.read("arrival", lambda text: _moment(text, zone)),
        departure=entry.read("departure", lambda text: _moment(text, zone)),
    )
    return None if entry.errors else new


def _optional_email(text: str) -> str | None:
    return clean_email(text) if text else None


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Return a moment on the site's clocks, as browsers write it: ``2026-03-02T10:00``."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or not 1970 < moment.year < 9999:
        raise BadRequestError("times", "Write a time like 2026-03-02T10:00.")
    return moment.replace(tzinfo=zone)


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _form(ask: Ask, sites: list[Site], entry: Entry) -> Response:
    return page(
        ask,
        "new_visit.html",
        400 if entry.errors else 200,
        sites=sites,
        values=entry.values,
        errors=entry.errors,
        focused=next((name for name in SHOWN if name in entry.errors), SHOWN[0]),
    )
