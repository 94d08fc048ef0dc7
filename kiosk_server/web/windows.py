"""Pairing windows: opened with the password, shown once, followed live.

The six digits stand only in the answer to the form that opened the window: whoever finds a session left open can watch
the window, and open another with the password, but not read the digits.
"""

from dataclasses import dataclass
from datetime import timedelta

import segno
from starlette.responses import Response

from kiosk_server.domain.pairing import MOST_TRIES
from kiosk_server.domain.problems import ForbiddenError, TooManyError
from kiosk_server.domain.records import Device, Site, WindowState
from kiosk_server.domain.roles import Action
from kiosk_server.services import devices, pairing
from kiosk_server.services.accounts import require_password
from kiosk_server.services.pairing import OpenedWindow
from kiosk_server.web.live import pulse_of
from kiosk_server.web.pages import Ask
from kiosk_server.web.render import page


@dataclass(frozen=True, slots=True)
class Status:
    """How the newest window of a site stands."""

    window: WindowState
    site: Site
    is_open: bool
    seconds_left: int
    tries_left: int
    paired: Device | None


def show(ask: Ask) -> Response:
    """Show the form, and how the site's newest window stands."""
    sites = ask.sites(Action.OPEN_PAIRING)
    chosen = next((site for site in sites if site.id == ask.query.get("site")), sites[0] if sites else None)
    return _page(ask, sites, chosen, None, "")


def open_window(ask: Ask) -> Response:
    """Open a window and show its digits, this once."""
    site = ask.site(ask.field("site"), Action.OPEN_PAIRING)
    sites = ask.sites(Action.OPEN_PAIRING)
    try:
        require_password(ask.house, ask.who, ask.form.get("password", ""))
        named = ask.form.get("named") == "yes"
        opened = pairing.open_window(ask.house, ask.who.tenant, site.id, ask.who.actor, named=named)
    except (ForbiddenError, TooManyError) as error:
        return _page(ask, sites, site, None, error.message)
    return _page(ask, sites, site, opened, "")


def _page(ask: Ask, sites: list[Site], site: Site | None, opened: OpenedWindow | None, error: str) -> Response:
    pulse = pulse_of(ask.house, ask.who.tenant)
    return page(
        ask,
        "window.html",
        403 if error else 200,
        sites=sites,
        site=site,
        opened=opened,
        setup_image=None if opened is None else _picture(str(opened.setup_code)),
        state=None if site is None else _status(ask, site),
        most_tries=MOST_TRIES,
        error=error,
        pulse=pulse,
    )


def _picture(text: str) -> str:
    """Return a QR code as an address that holds the whole picture: it is nowhere to be fetched again."""
    return segno.make_qr(text, error="m").svg_data_uri(scale=4, border=4, dark="#000000", light="#ffffff")


def _status(ask: Ask, site: Site) -> Status | None:
    window = pairing.latest_window(ask.house, ask.who.tenant, site.id)
    now = ask.house.now()
    # What is long over tells nobody anything.
    if window is None or now - window.expires_at > timedelta(hours=1):
        return None
    joined = [
        device
        for device in devices.list_devices(ask.house, ask.who.tenant, site.id)
        if window.closed_at is not None and device.paired_at == window.closed_at
    ]
    return Status(
        window=window,
        site=site,
        is_open=window.closed_at is None and window.expires_at > now and window.tries < MOST_TRIES,
        seconds_left=max(0, (window.expires_at - now) // timedelta(seconds=1)),
        tries_left=MOST_TRIES - window.tries,
        paired=joined[0] if joined else None,
    )
