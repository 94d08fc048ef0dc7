"""``atrium-kiosk run``: the window, and the workers behind it."""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.specs import parse_camera_spec
from kiosk_app.cli.exits import USAGE, complain
from kiosk_app.core.errors import SettingsError
from kiosk_app.core.journey import SetupCodeChanged
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import StaffRequest
from kiosk_app.settings import RunSettings, paths_from, read_moment_ms, read_window
from kiosk_app.store.instance_lock import InstanceLock
from kiosk_app.system_clock import SystemClock
from kiosk_app.ui.application import WindowSettings, run_window
from kiosk_app.ui.display import open_display
from kiosk_app.ui.journey_controller import JourneyController

if TYPE_CHECKING:
    from kiosk_app.bootstrap.workers import Backstage
    from kiosk_app.ui.scan_ledger import ScanLedger


def main(options: argparse.Namespace) -> int:
    """Open the window and run until it is closed or a signal asks to stop."""
    settings = _read(options)
    lock = InstanceLock(settings.paths.data)
    try:
        house = _House(settings, open_display(_say_that_there_is_no_display))
        size = None if settings.window is None else (settings.window.width_px, settings.window.height_px)
        place = None if settings.window is None else settings.window.place
        window = WindowSettings(size=size, place=place, hand_socket=settings.hand, ledger=house.ledger)
        status = run_window(house, house.now, window, house.open, house.close)
    finally:
        lock.release()
    if house.is_somebody_late:
        # A thread that waits for a network that does not answer. Qt would abort over it; what matters is on the disk.
        os._exit(status)
    return status


class _House:
    """The journey's errands: nobody is there to run them until the window stands, and nobody asks before."""

    def __init__(self, settings: RunSettings, display: object) -> None:
        self._settings = settings
        # Kept because Qt's application ends with the Python object.
        self._display = display
        self._backstage: Backstage | None = None
        self._wall = SystemClock()
        self.ledger = None if settings.hand is None else _new_ledger()
        self.is_somebody_late = False

    def open(self, controller: JourneyController) -> None:
        """Start the workers."""
        # Imported here: what the workers are made of takes a fifth of the time in which the first window stands.
        from kiosk_app.bootstrap.workers import Backstage  # noqa: PLC0415
        from kiosk_app.logs import listen  # noqa: PLC0415 - as above

        listen()
        self._backstage = Backstage(self._settings)
        supervisor = self._backstage.supervisor
        supervisor.happened.connect(controller.on_event)
        supervisor.previewed.connect(controller.on_preview)
        if self.ledger is not None:
            # After the controller: what it makes of an event is on the window when the ledger looks.
            supervisor.happened.connect(self.ledger.on_event)
            self._backstage.scans.noted.connect(self.ledger.on_note)
        if self._settings.setup_code:
            controller.on_event(SetupCodeChanged(self._settings.setup_code))
        supervisor.start()

    def close(self) -> None:
        """Bring the workers home."""
        if self._backstage is not None:
            self.is_somebody_late = bool(self._backstage.supervisor.stop())

    def now(self) -> datetime:
        """Return the time to show, aware."""
        return self._wall.wall() if self._backstage is None else self._backstage.now()

    def pair(self, setup_code: str, digits: str) -> None:
        """Ask for a pairing."""
        if self._backstage is not None:
            self._backstage.supervisor.pair(setup_code, digits)

    def decide(self, text: str, seen_at_ns: int) -> None:
        """Ask for a verdict."""
        if self.ledger is not None:
            self.ledger.begin(seen_at_ns)
        if self._backstage is not None:
            self._backstage.supervisor.decide(text, seen_at_ns)

    def ready_for_next_code(self) -> None:
        """Let the next sighting come."""
        if self._backstage is not None:
            self._backstage.supervisor.ready_for_next_code()

    def serve_staff(self, request: StaffRequest) -> None:
        """Do something for staff."""
        if self._backstage is not None:
            self._backstage.supervisor.serve_staff(request)


def _new_ledger() -> ScanLedger:
    # Imported here: a kiosk without a hand never needs it, and its first window does not wait for it.
    from kiosk_app.ui.scan_ledger import ScanLedger  # noqa: PLC0415

    return ScanLedger()


def _say_that_there_is_no_display() -> None:
    complain(
        "No display can be reached; start it from a desktop, or set QT_QPA_PLATFORM=offscreen to run without one."
        f" [{StaffCode.SETTINGS_UNUSABLE.value}]"
    )
    # The lock goes with the process, and nothing else is open yet.
    os._exit(USAGE)


def _read(options: argparse.Namespace) -> RunSettings:
    """Return what was told, checked before a window opens. Raises SettingsError."""
    try:
        parse_camera_spec(options.camera)
    except CameraError as error:
        raise SettingsError(f"{options.camera!r} names no camera: {error.detail}.") from None
    return RunSettings(
        paths=paths_from(options.data, options.key_folder, os.environ),
        built_at_ms=read_moment_ms(options.build_time),
        camera=options.camera,
        setup_code=options.setup_code,
        window=read_window(options.window),
        hand=None if options.hand is None else Path(options.hand),
        preview=not options.no_preview,
    )
