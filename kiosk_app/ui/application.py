"""The window as a whole: application, fonts, controller, hand, guard. The command line wires workers to it.

Light on purpose: nothing here or below imports the camera, the store or the network, so that the first window stands
before they are loaded. ``start_workers`` is called after the first paint, and may take its time in threads.
"""

from __future__ import annotations

import gc
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication

from kiosk_app.core.journey import Comfort, Errands, Journey, JourneyPolicy
from kiosk_app.ui.fault_guard import FaultGuard
from kiosk_app.ui.journey_controller import Clock, JourneyController
from kiosk_app.ui.theme.fonts import FontsMissingError, load_fonts, text_font
from kiosk_app.ui.theme.icon import DESKTOP_FILE, app_icon
from kiosk_app.ui.window import KioskWindow

if TYPE_CHECKING:
    from kiosk_app.ui.remote_hand import RemoteHand
    from kiosk_app.ui.scan_ledger import ScanLedger

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """How the window comes up. ``size`` and ``place`` in logical pixels, None for the whole screen."""

    size: tuple[int, int] | None = None
    place: tuple[int, int] | None = None
    """Of the upper left corner; None: where the desktop puts it."""
    comfort: Comfort = field(default_factory=Comfort)
    hand_socket: Path | None = None
    ledger: ScanLedger | None = None
    """What the remote hand may follow; None: it hears of no scan."""
    policy: JourneyPolicy = field(default_factory=JourneyPolicy)


def run_window(
    errands: Errands,
    clock: Clock,
    settings: WindowSettings,
    start_workers: Callable[[JourneyController], None],
    stop_workers: Callable[[], None],
) -> int:
    """Open the window, run until it is closed or a signal asks to stop, and return the exit status. Main thread.

    Args:
        errands: carries out what the journey asks for; must return at once.
        clock: the time now, aware.
        settings: how the window comes up.
        start_workers: called once after the first paint with the controller; connect ``happened`` signals to its slot
            ``on_event`` and preview signals to ``on_preview``.
        stop_workers: called once when the window is done, also after an error.

    Raises:
        HandSocketError: the remote hand's socket cannot be opened.
    """
    app = _application()
    window = KioskWindow()
    # Before anything is laid out, so that it is laid out once.
    window.resize(*_first_size(app, settings.size))
    if settings.place is not None:
        window.move(*settings.place)
    journey = Journey(comfort=settings.comfort, house=settings.comfort)
    controller = JourneyController(window, errands, clock, journey, settings.policy)
    guard = FaultGuard(controller.on_event, app.exit)
    hand: RemoteHand | None = None
    if settings.ledger is not None:
        settings.ledger.watch(window)
    guard.install()
    try:
        _show(window, whole_screen=settings.size is None)
        app.processEvents()
        # Off until now, see the command line: nothing of what was loaded so far is garbage.
        gc.enable()
        if settings.hand_socket is not None:
            hand = _hold_out_hand(window, settings.hand_socket, settings.ledger)
        QTimer.singleShot(0, controller, lambda: start_workers(controller))
        with _ending_on_signals(app):
            return app.exec()
    finally:
        stop_workers()
        guard.remove()
        if hand is not None:
            hand.close()
        window.close()


def _hold_out_hand(window: KioskWindow, place: Path, ledger: ScanLedger | None) -> RemoteHand:
    """Open the hand's socket. Only once the window stands: whoever finds the socket may rely on that."""
    from kiosk_app.ui.remote_hand import RemoteHand  # noqa: PLC0415 - no lobby's kiosk has a hand

    return RemoteHand(window, place, ledger)


def _application() -> QApplication:
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["atrium-kiosk"])
    app.setApplicationName("Atrium Kiosk")
    app.setDesktopFileName(DESKTOP_FILE)
    app.setWindowIcon(app_icon())
    app.setQuitOnLastWindowClosed(True)
    try:
        load_fonts()
    except FontsMissingError as error:
        # The kiosk works on with whatever fonts there are; whoever starts it must hear of it.
        _log.warning("%s", error)
    app.setFont(text_font(18))
    return app


def _first_size(app: QApplication, wanted: tuple[int, int] | None) -> tuple[int, int]:
    if wanted is not None:
        return wanted
    screen = app.primaryScreen().size()
    return screen.width(), screen.height()


def _show(window: KioskWindow, *, whole_screen: bool) -> None:
    if whole_screen:
        window.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        window.setCursor(Qt.CursorShape.BlankCursor)
        window.showFullScreen()
    else:
        window.show()


@contextmanager
def _ending_on_signals(app: QApplication) -> Iterator[None]:
    """End the event loop on SIGINT and SIGTERM.

    Python runs its handlers between byte codes, which an idle event loop never reaches; the wake-up descriptor makes
    the loop look.
    """
    import socket  # noqa: PLC0415 - the window stands by now, and did not wait for it

    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: reader.recv(64))
    handlers = {number: signal.signal(number, lambda *_: app.exit(0)) for number in (signal.SIGINT, signal.SIGTERM)}
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        reader.close()
        writer.close()
