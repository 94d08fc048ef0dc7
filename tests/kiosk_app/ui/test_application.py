"""The window as a process: comes up, ends on signals, and closes the door politely when something raises."""

import json
import logging
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_app.core.journey import FaultHappened, OutOfService, SiteIdentity, Started
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.ui.fault_guard import EXIT_AFTER_SECOND_FAULT, FaultGuard
from tests.kiosk_app.ui.conftest import Kiosk

PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from PySide6.QtCore import QTimer
from kiosk_app.core.journey import FaultHappened, SiteIdentity, Started
from kiosk_app.ui.application import WindowSettings, run_window

class Errands:
    def pair(self, setup_code, digits): raise RuntimeError("a bug")
    def decide(self, text, seen_at_ns): pass
    def ready_for_next_code(self): pass
    def serve_staff(self, request): pass

def start(controller):
    heavy = [name for name in ("cv2", "numpy", "httpx", "sqlite3", "zxingcpp", "nacl") if name in sys.modules]
    controller.on_event(Started(None))
    print("up", *heavy, flush=True)

size = None if sys.argv[2] == "fullscreen" else (540, 960)
settings = WindowSettings(size, hand_socket=Path(sys.argv[1]))
clock = lambda: datetime(2030, 3, 4, tzinfo=UTC)
sys.exit(run_window(Errands(), clock, settings, start, lambda: print("stopped", flush=True)))
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A short socket path."""
    with tempfile.TemporaryDirectory(prefix="app") as folder:
        yield Path(folder) / "hand"


def start(place: Path, size: str = "window") -> "subprocess.Popen[str]":
    """Start the window in a process of its own and wait for its first paint."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(place), size],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "HOME": str(place.parent)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def ask(place: Path, *lines: dict[str, object]) -> list[dict[str, object]]:
    """Return the hand's answers."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(place))
        stream = client.makefile("rw")
        answers = []
        for line in lines:
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            answers.append(json.loads(stream.readline()))
        return answers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_window_and_leaves_nothing(place: Path, number: signal.Signals) -> None:
    """The first window needs no camera, store or network; a signal stops workers, loop and socket, with status 0."""
    with start(place) as process:
        assert place.exists()
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "stopped\n")
    assert "Traceback" not in err
    assert not place.exists()


def test_exception_in_a_slot_closes_the_door_politely(place: Path) -> None:
    """A bug behind a button shows the resting kiosk with its code; the window lives on and help is offered."""
    with start(place, "fullscreen") as process:
        taps: list[dict[str, object]] = [{"do": "tap", "name": f"keypad-{digit}"} for digit in "123456"]
        typing: dict[str, object] = {"do": "type", "name": "pairing-address", "text": "https://door.example/p/a/b"}
        answers = ask(place, typing, *taps, {"do": "tap", "name": "pair-connect"}, {"do": "look"})
        assert answers[-1]["screen"] == "OutOfService"
        assert "For staff: APP-2" in str(answers[-1]["texts"])
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "a bug" in err


def test_second_fault_while_showing_the_first_ends_the_application(caplog: pytest.LogCaptureFixture) -> None:
    """A window that cannot even show that it rests is not to be trusted: it ends with a status of its own."""
    ended: list[int] = []

    def cannot_show(_: FaultHappened) -> None:
        raise ValueError("broken")

    guard = FaultGuard(cannot_show, ended.append)
    with caplog.at_level(logging.CRITICAL + 1):
        guard.handle(ValueError, ValueError("first"), None)
    assert ended == [EXIT_AFTER_SECOND_FAULT]


def test_fault_inside_a_fault_ends_the_application() -> None:
    """A fault that is reported while one is being shown does not go round in circles."""
    ended: list[int] = []
    guards: list[FaultGuard] = []

    def fails_again(_: FaultHappened) -> None:
        guards[0].handle(ValueError, ValueError("second"), None)

    guards.append(FaultGuard(fails_again, ended.append))
    guards[0].handle(ValueError, ValueError("first"), None)
    assert ended == [EXIT_AFTER_SECOND_FAULT]


def test_interrupt_is_an_ordinary_end() -> None:
    """Ctrl-C is no fault."""
    ended: list[int] = []
    FaultGuard(lambda _: None, ended.append).handle(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert ended == [0]


def test_guard_stands_in_only_while_installed() -> None:
    """What was there before comes back."""
    before = sys.excepthook
    guard = FaultGuard(lambda _: None, lambda _: None)
    guard.install()
    assert sys.excepthook == guard.handle
    guard.remove()
    assert sys.excepthook is before


def test_guarded_kiosk_rests(kiosk: Kiosk) -> None:
    """The guard's event reaches the window."""
    kiosk.happen(Started(SiteIdentity("s", "Mill", "UTC")))
    FaultGuard(kiosk.controller.on_event, lambda _: None).handle(ValueError, ValueError("x"), None)
    assert kiosk.screen == OutOfService(StaffCode.UNEXPECTED_FAULT)
