"""Kiosks: how they are, what they are called, and the end of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.responses import RedirectResponse, Response

from kiosk_server.domain.health import last_contact, offline_since
from kiosk_server.domain.problems import BadRequestError, ForbiddenError, NotFoundError
from kiosk_server.domain.records import Device, Site
from kiosk_server.domain.roles import Action
from kiosk_server.services import devices
from kiosk_server.services.handover import undecided
from kiosk_server.web.live import kiosk_pulse_of
from kiosk_server.web.pages import Ask
from kiosk_server.web.render import page

EXPIRES_SOON: Final = timedelta(days=30)
"""Product page: warn of a device token's end from 30 days out."""
OLD_TRUST: Final = timedelta(hours=24)
"""Protocol, "Reasons": under a bundle older than a day an unknown key is no refusal any more."""
CLOCK_WORDS: Final[Mapping[str, str]] = {
    "sure": "Sure",
    "plausible": "Plausible",
    "suspect": "Suspect: the kiosk sends visitors to reception",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A kiosk and what it means."""

    device: Device
    site: Site
    heard_at: datetime
    offline_since: datetime | None
    waiting: int | None
    parked: int
    clock: str
    clock_is_off: bool
    camera: str
    camera_is_off: bool
    trust_at: datetime | None
    trust_is_old: bool
    version: str
    token_ends_soon: bool

    @property
    def troubles(self) -> tuple[str, ...]:
        """What needs somebody, in a few words each, for screens too narrow for a column each."""
        found = (
            (self.clock_is_off, "clock suspect"),
            (self.camera_is_off, f"camera: {self.camera.lower().replace('cam', 'CAM')}"),
            (self.trust_is_old, "old trust"),
            (self.token_ends_soon, "token ends soon"),
        )
        return tuple(words for is_so, words in found if is_so)


def show_list(ask: Ask) -> Response:
    """Show every kiosk the user may see by site and name, those in use first."""
    pulse = kiosk_pulse_of(ask.house, ask.who.tenant)
    sites = {site.id: site for site in ask.sites(Action.SEE_KIOSKS)}
    found = [device for device in devices.list_devices(ask.house, ask.who.tenant) if device.site in sites]
    in_order = sorted(found, key=lambda device: (sites[device.site].name, device.name.casefold(), device.id))
    cards = [_card(ask, device, sites[device.site]) for device in in_order]
    return page(
        ask,
        "kiosks.html",
        cards=[card for card in cards if card.device.revoked_at is None],
        revoked=[card for card in cards if card.device.revoked_at is not None],
        several_sites=len(sites) > 1,
        pulse=pulse,
        may_pair=any(ask.may(Action.OPEN_PAIRING, site) for site in sites),
    )


def _card(ask: Ask, device: Device, site: Site) -> Card:
    now, health = ask.house.now(), device.health
    camera = "" if health is None else {"ok": "Works", "off": "None"}.get(health.camera, f"Fault {health.camera}")
    return Card(
        device=device,
        site=site,
        heard_at=last_contact(device),
        offline_since=offline_since(device, now, ask.house.offline_after),
        waiting=None if health is None else health.waiting,
        parked=0 if health is None else health.parked,
        clock="" if health is None else CLOCK_WORDS.get(health.clock, health.clock),
        clock_is_off=health is not None and health.clock == "suspect",
        camera=camera,
        camera_is_off=health is not None and health.camera != "ok",
        trust_at=None if health is None else health.trust_issued_at,
        trust_is_old=health is not None and now - health.trust_issued_at > OLD_TRUST,
        version="" if health is None else health.app_version,
        token_ends_soon=device.token_expires_at - now < EXPIRES_SOON,
    )


def show(ask: Ask) -> Response:
    """Show one kiosk."""
    device, site = _find(ask)
    return _one(ask, device, site, device.name, "")


def rename(ask: Ask) -> Response:
    """Give a kiosk another name."""
    device, site = _find(ask)
    _require(ask, Action.OPEN_PAIRING, site)
    name = ask.field("name")
    try:
        devices.rename_device(ask.house, ask.who.tenant, device.id, name, ask.who.actor)
    except BadRequestError as error:
        return _one(ask, device, site, name, error.message)
    return RedirectResponse(f"/kiosks/{device.id}", 303)


def ask_revoke(ask: Ask) -> Response:
    """Ask before a kiosk is revoked."""
    device, site = _find(ask)
    _require(ask, Action.REVOKE_KIOSK, site)
    return page(
        ask,
        "confirm.html",
        title="Revoke this kiosk?",
        thing=f"{device.name}, {site.name}",
        sentence="Its next request is refused and it lets nobody in any more. To use the machine again, pair it anew.",
        action=f"/kiosks/{device.id}/revoke",
        verb="Revoke the kiosk",
        back=f"/kiosks/{device.id}",
        keep="Keep it",
        section="kiosks",
    )


def revoke(ask: Ask) -> Response:
    """Revoke a kiosk."""
    device, site = _find(ask)
    _require(ask, Action.REVOKE_KIOSK, site)
    devices.revoke_device(ask.house, ask.who.tenant, device.id, ask.who.actor)
    return RedirectResponse("/kiosks", 303)


def _find(ask: Ask) -> tuple[Device, Site]:
    """Return the kiosk the address names, if the user may see it; any other looks like one that does not exist."""
    device = devices.find_device(ask.house, ask.who.tenant, ask.path["kiosk"])
    site = next((site for site in ask.sites(Action.SEE_KIOSKS) if site.id == device.site), None)
    if site is None:
        raise NotFoundError("unknown_kiosk", "There is no such kiosk.")
    return device, site


def _require(ask: Ask, action: Action, site: Site) -> None:
    if not ask.may(action, site.id):
        raise ForbiddenError("forbidden", "Your role lets you read this kiosk, not change it.")


def _one(ask: Ask, device: Device, site: Site, name: str, error: str) -> Response:
    pulse = kiosk_pulse_of(ask.house, ask.who.tenant)
    return page(
        ask,
        "kiosk.html",
        400 if error else 200,
        card=_card(ask, device, site),
        name=name,
        error=error,
        pulse=pulse,
        quarantine=undecided(ask.house, ask.who.tenant, device.id),
        may_change=ask.may(Action.OPEN_PAIRING, site.id) and device.revoked_at is None,
        may_revoke=ask.may(Action.REVOKE_KIOSK, site.id) and device.revoked_at is None,
    )
