"""Step 1: an unpaired kiosk, wrong digits, right digits."""

import stat

from demo.hand import View
from demo.tour.guide import Guide
from demo.world import TENANT

_PAIRED_S = 30.0


def pair_by_keypad(guide: Guide) -> None:
    """Open a window for site A; the kiosk refuses wrong digits and takes the right ones."""
    lobby, site = guide.door, guide.world.cast.site_a
    hand = lobby.kiosk.hand
    with guide.report.step("A new kiosk is paired by its keypad"):
        window = guide.world.server.open_window(TENANT, site)
        lobby.kiosk.start()
        view = hand.wait_for("Unpaired", seconds=30)
        guide.report.picture(hand, "unpaired")
        guide.sees(lobby, "it asks to be connected", view, "Unpaired")
        hand.type_text("pairing-address", window.setup_code)
        wrong = f"{(int(window.digits) + 1) % 1_000_000:06d}"
        view = _enter(guide, wrong)
        guide.report.picture(hand, "wrong-digits")
        guide.sees(lobby, "wrong digits are refused", view, "Unpaired")
        guide.database_holds("no device came of it", guide.world.evidence.devices(site), holds=_devices(guide) == 0)
        guide.store_holds(lobby, "not paired", lobby.kiosk.ledger(), holds=not lobby.kiosk.ledger().paired)
        view = _enter(guide, window.digits)
        guide.report.picture(hand, "ready")
        guide.sees(lobby, "the right digits pair it: it welcomes", view, "Ready")
        guide.database_holds("one device is registered", guide.world.evidence.devices(site), holds=_devices(guide) == 1)
        _check_what_is_kept(guide)


def pair_by_command(guide: Guide) -> None:
    """Pair the second kiosk of the site without a window, as an installer over a terminal would."""
    lobby, site = guide.second_door, guide.world.cast.site_a
    with guide.report.step("A second kiosk is paired from a terminal"):
        window = guide.world.server.open_window(TENANT, site)
        lobby.kiosk.pair(window.setup_code, window.digits)
        guide.store_holds(lobby, "paired", lobby.kiosk.ledger(), holds=lobby.kiosk.ledger().paired)
        guide.database_holds(
            "two devices are registered", guide.world.evidence.devices(site), holds=_devices(guide) == 2
        )
        lobby.kiosk.start()
        view = lobby.wait_until_ready()
        guide.sees(lobby, "it welcomes", view, "Ready")


def _enter(guide: Guide, digits: str) -> View:
    hand = guide.door.kiosk.hand
    hand.tap("keypad-clear")
    hand.type_digits(digits)
    hand.tap("pair-connect")
    return _after_pairing(guide)


def _after_pairing(guide: Guide) -> View:
    """Wait for the attempt to end. The screen is *Unpaired* before and after a refusal, so its trouble tells."""
    hand = guide.door.kiosk.hand
    hand.wait_for("Pairing", "Ready", "Unpaired", seconds=5)
    return hand.wait_for("Ready", "Unpaired", seconds=_PAIRED_S)


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
