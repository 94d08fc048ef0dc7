"""Pairing: as a new user would do it, by the picture on the phone and six digits; and from a terminal."""

import re
import stat
import time
from typing import Final

from demo.browser.desk import ENTER, PHONE
from demo.hand import View
from demo.tour.guide import Guide
from demo.waiting import wait_for_seconds, wait_until
from demo.world import INSTALLER, TENANT

FRONT_DOOR: Final = "Front door"
SIDE_DOOR: Final = "Side door"
MOST_FIELDS: Final = 3
MOST_SECONDS: Final = 60.0
_PAIRED_S = 30.0
_SEEN_S = 20.0
_DIGITS = re.compile(r"^(\d{3})\s+(\d{3})$", re.MULTILINE)


def arrive_as_installer(guide: Guide) -> None:
    """An installer with a phone: no kiosk yet, and the page says what to do."""
    desk = guide.desk
    with guide.report.step("An installer signs in on a phone"):
        desk.use(PHONE)
        guide.sign_in(INSTALLER)
        guide.page_shows("no kiosk yet, and how to begin", "No kiosk yet", "Open a pairing window")
        guide.report.picture(desk, "no-kiosk-yet")


def pair_by_picture(guide: Guide) -> None:
    """One password, the picture held before the kiosk's camera, six digits; a slip with them is forgiven."""
    lobby, desk, hand = guide.door, guide.desk, guide.door.kiosk.hand
    with guide.report.step("A new kiosk is paired by the picture on the phone and six digits"):
        lobby.kiosk.start()
        view = hand.wait_for("Unpaired", seconds=30)
        guide.report.picture(hand, "unpaired")
        guide.sees(lobby, "it asks to be connected", view, "Unpaired")
        # What somebody has to do is counted from here: the fields they fill in, and the time.
        began, fields = time.monotonic(), desk.fields + hand.fields
        desk.click("Open a pairing window")
        desk.type(guide.world.cast.passwords[INSTALLER], ENTER)
        guide.page_shows("digits, address, picture, time and tries left", "Type these digits", "left", "5 of 5")
        digits = _read_digits(guide)
        guide.report.picture(desk, "pairing-window")
        hand.type_digits(f"{(int(digits) + 1) % 1_000_000:06d}")
        _hold_up_the_phone(guide)
        view = _connect(guide)
        guide.report.picture(hand, "wrong-digits")
        guide.sees(lobby, "wrong digits are refused", view, "Unpaired")
        guide.database_holds("no device came of it", _devices(guide), holds=_devices(guide) == 0)
        guide.page_shows("one try is gone, without a reload", "4 of 5")
        hand.tap("keypad-clear")
        hand.type_digits(digits)
        view = _connect(guide)
        seconds = time.monotonic() - began
        guide.report.picture(hand, "ready")
        guide.sees(lobby, "the right digits pair it: it welcomes", view, "Ready")
        guide.database_holds("one device is registered", _devices(guide), holds=_devices(guide) == 1)
        _count(guide, desk.fields + hand.fields - fields, seconds)
        _check_what_is_kept(guide)
        guide.page_shows("who joined", "joined Lindenhof House")
        guide.report.picture(desk, "joined")
        desk.click("See how it is")
        _name(guide, FRONT_DOOR)


def pair_by_command(guide: Guide) -> None:
    """Pair the second kiosk of the site without a window, as an installer over a terminal would."""
    lobby, site = guide.second_door, guide.world.cast.site_a
    with guide.report.step("A second kiosk is paired from a terminal"):
        window = guide.world.server.open_window(TENANT, site)
        lobby.kiosk.pair(window.setup_code, window.digits)
        guide.store_holds(lobby, "paired", lobby.kiosk.ledger(), holds=lobby.kiosk.ledger().paired)
        guide.database_holds("two devices are registered", _devices(guide), holds=_devices(guide) == 2)
        lobby.kiosk.start()
        view = lobby.wait_until_ready()
        guide.sees(lobby, "it welcomes", view, "Ready")
        desk = guide.desk
        desk.open("/kiosks")
        desk.click(next(name for name in desk.names("main th a") if name != FRONT_DOOR))
        _name(guide, SIDE_DOOR)


def _hold_up_the_phone(guide: Guide) -> None:
    """Show the phone as it is to the kiosk's camera, until the kiosk has read the address off it."""
    lobby, desk = guide.door, guide.desk

    def can_connect() -> bool:
        return "pair-connect" in lobby.kiosk.hand.look().enabled

    before = can_connect()
    phone = guide.world.codes / "phone.png"
    desk.bring_into_view("Set-up QR code for the kiosk's camera")
    desk.take_screenshot(phone)
    lobby.stage.show(phone, "phone-near")
    after = wait_until(can_connect, _SEEN_S)
    # The picture is of the phone before the camera: what the camera sees now is shown a moment later.
    wait_for_seconds(0.5)
    guide.report.picture(lobby.kiosk.hand, "phone-before-camera")
    guide.report.found(
        f"{lobby.name}'s window",
        "the camera reads the address off the phone: with it, and not before, it can connect",
        f"before: {before}, after: {after}",
        holds=after and not before,
    )
    lobby.stage.show_empty()


def _read_digits(guide: Guide) -> str:
    found = _DIGITS.search(guide.desk.read())
    guide.report.found("dashboard", "six digits to type", bool(found), holds=found is not None)
    return found[1] + found[2] if found else "000000"


def _connect(guide: Guide) -> View:
    """Connect, and wait for the attempt to end; the tap itself leads to *Pairing*."""
    hand = guide.door.kiosk.hand
    hand.tap("pair-connect")
    return hand.wait_for("Ready", "Unpaired", seconds=_PAIRED_S)


def _count(guide: Guide, fields: int, seconds: float) -> None:
    """Judge what pairing asked of the person, the slip included."""
    holds = 0 < fields <= MOST_FIELDS
    guide.report.found("count", f"at most {MOST_FIELDS} fields to fill in, one of them twice", fields, holds=holds)
    expected = f"at most {MOST_SECONDS:.0f} s from opening the page to paired"
    guide.report.found("count", expected, f"{seconds:.1f} s", holds=seconds <= MOST_SECONDS)


def _name(guide: Guide, name: str) -> None:
    desk = guide.desk
    desk.fill("Name", name)
    desk.press(ENTER)
    guide.page_shows("its new name", name)
    device = guide.world.evidence.device(guide.world.cast.site_a, name)
    guide.database_holds(f"the kiosk is called {name}", device, holds=device is not None)


def _devices(guide: Guide) -> int:
    return guide.world.evidence.devices(guide.world.cast.site_a)


def _check_what_is_kept(guide: Guide) -> None:
    lobby = guide.door
    kept = lobby.kiosk.identity()
    guide.report.found(
        f"{lobby.name}'s store",
        "one-year device token, trust root and site settings stored",
        f"token for {kept.token_days} days, root: {kept.has_root}, site: {kept.site_name}",
        holds=kept.token_days in (364, 365) and kept.has_root and kept.site == guide.world.cast.site_a,
    )
    modes = {stat.S_IMODE(path.stat().st_mode) for path in lobby.kiosk.key_files()}
    guide.report.found(
        f"{lobby.name}'s key folder",
        "device key made here, mode 0600",
        {oct(mode) for mode in modes},
        holds=modes == {0o600},
    )
