"""Pictures of every screen, for eyes: ``python -m tests.kiosk_app.ui.gallery OUTDIR [part of a name]``."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.journey import (
    Admitted,
    Appearance,
    AskReception,
    Checking,
    Comfort,
    Connectivity,
    Declined,
    Dwell,
    HelpCause,
    Hint,
    Journey,
    Language,
    Maintenance,
    OutOfService,
    Pairing,
    PairingTrouble,
    PairingTroubleKind,
    Queue,
    Ready,
    Screen,
    SiteIdentity,
    StaffEntry,
    Starting,
    TextSize,
    Theme,
    Unpaired,
)
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.staff_codes import StaffCode, code_for_reason
from kiosk_app.core.staff_desk import CodeKind, Saved, StaffPanel, StillWaiting, Synced
from kiosk_app.core.staff_desk import Unpaired as UnpairedNow
from kiosk_app.core.staff_pin import PinLocked, PinMissing, PinWrong
from kiosk_app.core.trust_age import TrustStanding
from kiosk_app.core.verdict import Greeting
from kiosk_app.services.doctor import CameraFact, Facts, LinkFacts, PairedFacts, examine
from kiosk_app.ui.theme.fonts import load_fonts
from kiosk_app.ui.view import make_view
from kiosk_app.ui.window import KioskWindow
from kiosk_protocol.reasons import Reason

NOW = datetime(2030, 3, 4, 10, 24, tzinfo=UTC)
SITE = SiteIdentity("site-a", "Harbour House", "Europe/Berlin", "Acme", "#1f5f57")
DWELL = Dwell(1, timedelta(seconds=8))
ADDRESS = "https://door.example.com/p/acme/Hb7sKq2LmZ0#ca=3q2-7wABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"

SIZES = {"portrait": (540, 960), "landscape": (960, 540)}


@dataclass(frozen=True, slots=True)
class Picture:
    """A camera picture with one code in it."""

    image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    outlines: tuple[tuple[tuple[float, float], ...], ...] = ()


def lobby_picture(*, with_code: bool) -> Picture:
    """Return a soft picture of a person before a wall, holding a code if asked."""
    height, width = 480, 640
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    image = np.empty((height, width, 3), np.uint8)
    for channel, (base, slope) in enumerate(((150, 0.05), (160, 0.06), (168, 0.07))):
        image[..., channel] = base + slope * x - 0.08 * y
    image[((x - 320) / 80) ** 2 + ((y - 170) / 100) ** 2 < 1] = (150, 175, 205)
    image[((x - 320) / 210) ** 2 + ((y - 480) / 210) ** 2 < 1] = (110, 80, 60)
    outlines: tuple[tuple[tuple[float, float], ...], ...] = ()
    if with_code:
        image[180:380, 225:425] = 245
        rng = np.random.default_rng(7)
        modules = rng.integers(0, 2, (29, 29)).astype(bool)
        for top, left in ((0, 0), (0, 22), (22, 0)):
            modules[top : top + 7, left : left + 7] = True
            modules[top + 1 : top + 6, left + 1 : left + 6] = False
            modules[top + 2 : top + 5, left + 2 : left + 5] = True
        code = np.kron(modules, np.ones((6, 6), bool))
        image[193 : 193 + 174, 238 : 238 + 174][code] = 20
        outlines = (((238.0, 193.0), (412.0, 193.0), (412.0, 367.0), (238.0, 367.0)),)
    return Picture(image, outlines)


def declined(reason: Reason, opens_at: datetime | None = None) -> Declined:
    """Return the screen for a refusal."""
    return Declined(reason, opens_at, code_for_reason(reason), DWELL, None)


def screens() -> Iterator[tuple[str, Screen]]:
    """Yield every kind of screen with a name."""
    yield "starting", Starting()
    yield "unpaired", Unpaired()
    yield "unpaired-typed", Unpaired(ADDRESS, "0481")
    wrong = PairingTrouble(PairingTroubleKind.WRONG_DIGITS, 3)
    yield "unpaired-wrong", Unpaired(ADDRESS, "", wrong)
    far = PairingTrouble(PairingTroubleKind.UNREACHABLE, None, StaffCode.SERVER_UNREACHABLE)
    yield "unpaired-unreachable", Unpaired(ADDRESS, "048115", far)
    gone = PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED, sealed=23)
    yield "unpaired-revoked", Unpaired(ADDRESS, "", gone)
    yield "pairing", Pairing(ADDRESS, "048115", DWELL)
    yield "ready", Ready()
    yield "ready-several", Ready(Hint.ONE_CODE_PLEASE, DWELL)
    yield "checking", Checking(1, DWELL)
    yield "admitted", Admitted(Greeting("Ada Lovelace", "Grace Hopper", "Babbage 2.14"), DWELL, None)
    yield "admitted-long", Admitted(Greeting("Maximiliane Wolfeschlegelsteinhausenberger", None, "2.14"), DWELL, None)
    yield "admitted-plain", Admitted(None, DWELL, None)
    yield "early", declined(Reason.TOO_EARLY, NOW + timedelta(hours=2, minutes=36))
    yield "early-tomorrow", declined(Reason.TOO_EARLY, NOW + timedelta(hours=26))
    for reason in (Reason.WRONG_SITE, Reason.ALREADY_USED, Reason.EXPIRED, Reason.NOT_A_VISIT_CODE, Reason.MALFORMED):
        yield f"declined-{reason}", declined(reason)
    yield "ask-trust", AskReception(Reason.TRUST_EXPIRED, StaffCode.DOOR_TRUST_EXPIRED, DWELL, None)
    yield "ask-no-code", AskReception(HelpCause.NO_CODE, None, DWELL, None)
    yield "ask-help", AskReception(HelpCause.ASKED_FOR_HELP, None, DWELL, None)
    yield "out", OutOfService(StaffCode.CAMERA_STOPPED)
    yield from staff_screens()


def staff_screens() -> Iterator[tuple[str, Screen]]:
    """Yield the staff's screens with a name."""
    yield "staff-entry", StaffEntry(DWELL, "123")
    yield "staff-wrong", StaffEntry(DWELL, "", PinWrong(3))
    yield "staff-locked", StaffEntry(DWELL, "", PinLocked(timedelta(minutes=5)))
    yield "staff-no-pin", StaffEntry(DWELL, "", PinMissing())
    well = Facts(
        now_ms=int(NOW.timestamp() * 1000),
        clock=ClockStanding.SURE,
        camera=CameraFact.GIVES_PICTURES,
        paired=PairedFacts(TrustStanding.FRESH, 9000, None, key_is_ours=True),
        link=LinkFacts(reached=True),
        free_bytes=48_211_000_000,
        version="0.1.0",
    )
    yield "staff-well", Maintenance(DWELL, examine(well))
    early_ms = well.now_ms - 1_320_000
    trouble = replace(
        well,
        clock=ClockStanding.SUSPECT,
        camera=StaffCode.CAMERA_STOPPED,
        paired=PairedFacts(TrustStanding.OLD, 130_000, StaffCode.KEYS_UNREADABLE, key_is_ours=False),
        link=LinkFacts(False, early_ms, StaffCode.SERVER_UNREACHABLE),
        queue=QueueState(3, 0, early_ms),
        free_bytes=41_000_000,
        missing_fonts=2,
        has_second_reader=False,
    )
    failed = Synced(3, StaffCode.SERVER_UNREACHABLE)
    yield "staff-trouble", Maintenance(DWELL, examine(trouble), outcome=failed)
    saved = Saved("/var/lib/atrium-kiosk/diagnostics/2030-03-04T102400Z.json")
    yield "staff-saved", Maintenance(DWELL, examine(well), outcome=saved)
    yield "staff-looking", Maintenance(DWELL, asked=True)
    yield "staff-camera", Maintenance(DWELL, examine(well), panel=StaffPanel.CAMERA)
    yield "staff-camera-code", Maintenance(DWELL, panel=StaffPanel.CAMERA, code_kind=CodeKind.VISIT)
    yield "staff-unpair", Maintenance(DWELL, examine(well), panel=StaffPanel.UNPAIR)
    yield "staff-keep", Maintenance(DWELL, examine(well), panel=StaffPanel.UNPAIR, outcome=StillWaiting(3))
    kept = "/var/lib/atrium-kiosk/kept/2030-03-04T102400Z-k3J9xQ"
    yield "staff-unpaired", Maintenance(DWELL, examine(well), outcome=UnpairedNow(kept))


def journey_at(screen: Screen, comfort: Comfort, *, offline: bool = False) -> Journey:
    """Return a journey that shows ``screen``."""
    site = None if isinstance(screen, Starting | Unpaired | Pairing) else SITE
    journey = Journey(screen=screen, started=True, site=site, comfort=comfort, house=comfort)
    if not offline:
        return journey
    since = NOW - timedelta(minutes=22)
    return replace(journey, connectivity=Connectivity(False, since), queue=Queue(1, since + timedelta(minutes=3)))


def take(window: KioskWindow, journey: Journey, path: Path) -> None:
    """Show a journey in the window and save its picture."""
    window.show_view(make_view(journey, NOW))
    holds_code = isinstance(journey.screen, Checking) or getattr(journey.screen, "code_kind", None) is not None
    window.show_picture(lobby_picture(with_code=holds_code))
    QApplication.processEvents()
    window.finish_motion()
    window.grab().save(str(path))


def main(out: Path, wanted: str = "") -> None:
    """Save the pictures whose name contains ``wanted``."""
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    load_fonts()
    styles = [
        ("en-light", Comfort()),
        ("de-dark-largest", Comfort(Language.GERMAN, Appearance(Theme.DARK, TextSize.LARGEST))),
        ("ar-light", Comfort(Language.ARABIC)),
        ("ar-contrast-large", Comfort(Language.ARABIC, Appearance(Theme.HIGH_CONTRAST, TextSize.LARGE))),
        ("en-contrast-largest", Comfort(Language.ENGLISH, Appearance(Theme.HIGH_CONTRAST, TextSize.LARGEST))),
        ("de-light", Comfort(Language.GERMAN)),
    ]
    for shape, (width, height) in {**SIZES, "kiosk": (1080, 1920)}.items():
        for style, comfort in styles if shape != "kiosk" else styles[:1]:
            window = KioskWindow()
            window.setFixedSize(width, height)
            window.show()
            for name, screen in screens():
                label = f"{shape}-{style}-{name}"
                if wanted in label:
                    take(
                        window, journey_at(screen, comfort, offline=name in ("ready", "admitted")), out / f"{label}.png"
                    )
            window.close()
            window.deleteLater()
    app.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
