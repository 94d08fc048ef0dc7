"""Templates: every value is escaped, a name a template does not know is a mistake, times are the site's own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import rfc3339
from kiosk_server.web.files import address_of
from kiosk_server.web.pages import KIOSK_READERS, RECEPTION, VISIT_READERS, Ask

TEMPLATES: Final = Path(__file__).with_name("templates")
ROLE_WORDS: Final[Mapping[Role, str]] = {
    Role.TENANT_ADMIN: "Administrator",
    Role.SITE_ADMIN: "Site administrator",
    Role.INSTALLER: "Installer",
    Role.MEMBER: "Member",
    Role.VIEWER: "Viewer",
}


_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


@cache
def environment() -> Environment:
    """Return the one environment. Autoescape is on whatever a file is called."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["file"] = address_of
    made.globals["moment"] = moment
    made.globals["ago"] = ago
    return made


def page(ask: Ask, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page inside the frame that every page has."""
    role = None if ask.user is None else ask.user.user.role
    frame = {
        "user": None if ask.user is None else ask.user.user,
        "role": "" if role is None else ROLE_WORDS[role],
        "token": ask.token,
        "now": ask.house.now(),
        "sees_visits": role in VISIT_READERS,
        "sees_conflicts": role in RECEPTION,
        "sees_kiosks": role in KIOSK_READERS,
    }
    return HTMLResponse(environment().get_template(template).render(frame | values), status)


def moment(value: datetime | None, zone: str, now: datetime) -> Markup:
    """Return a time on the site's clocks: the hour today, with its day otherwise."""
    if value is None:
        return Markup('<span class="none">never</span>')
    local, today = value.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    day = f"{local:%a} {local.day} {local:%b}"
    if local.date() == today:
        text = f"{local:%H:%M}"
    elif local.year == today.year:
        text = f"{day}, {local:%H:%M}"
    else:
        text = f"{day} {local.year}, {local:%H:%M}"
    full = f"{day} {local.year}, {local:%H:%M:%S} {zone}"
    # Markup.format escapes what it is given.
    return Markup('<time datetime="{}" title="{}">{}</time>').format(rfc3339(value.astimezone(UTC)), full, text)


def ago(value: datetime, now: datetime) -> str:
    """Return how long ago something was, in the largest unit that says enough."""
    seconds = max(now - value, timedelta(0)) // timedelta(seconds=1)
    if seconds < 60:
        return "just now"
    size, word = next((size, word) for size, word in _UNITS if seconds >= size)
    count = seconds // size
    return f"{count} {word}{'' if count == 1 else 's'} ago"
