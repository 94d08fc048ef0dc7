"""Cameras that are unplugged, busy, silent, frozen, black or of another size: noticed in 2 s, back in 5 s."""

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import Frame
from kiosk_app.camera.opening import Healing
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.vigilance import Vigilant
from kiosk_app.core.staff_codes import StaffCode

WIDTH_PX, HEIGHT_PX = 320, 180
FRAME_S = 0.033
NOTICED_WITHIN_S = 2.0
HEALED_WITHIN_S = 5.0
FAILURES = ("unplugged", "busy", "silent", "frozen", "black", "other size")
_WELL_FOR_S = 3.0


class SimulatedCamera:
    """A sensor with noise, and everything that can be wrong with a cheap camera."""

    description = "simulated camera"

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.failure: str | None = None
        self._now_s = now_s
        self._rng = np.random.default_rng(4)
        self._number = itertools.count(1)
        self._still = self._picture()
        self.is_taken = False

    def open(self) -> None:
        if self.failure == "unplugged":
            raise CameraError(StaffCode.CAMERA_NOT_FOUND, "unplugged")
        if self.failure == "busy":
            raise CameraError(StaffCode.CAMERA_BUSY, "busy")
        self.is_taken = True

    def read(self) -> Frame | None:
        if not self.is_taken or self.failure in {"unplugged", "busy"}:
            raise CameraError(StaffCode.CAMERA_STOPPED, "gone")
        match self.failure:
            case "silent":
                return None
            case "frozen":
                image = self._still
            case "black":
                image = np.zeros((HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
            case "night":
                image = self._picture(darkest=0)
            case "other size":
                image = self._picture(HEIGHT_PX // 2, WIDTH_PX // 2)
            case _:
                image = self._picture()
        return Frame(image, next(self._number), round(self._now_s() * 1e9))

    def close(self) -> None:
        self.is_taken = False

    def _picture(self, height: int = HEIGHT_PX, width: int = WIDTH_PX, darkest: int = 100) -> Pixels:
        return self._rng.integers(darkest, darkest + 10, (height, width, 3), dtype=np.uint8)


class Lobby:
    """The simulated camera behind what watches and heals it, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.camera = SimulatedCamera(lambda: self.now_s)
        self.source = Healing(Vigilant(self.camera, lambda: self.now_s), lambda: self.now_s, self._wait)
        self.source.open()

    def _wait(self, seconds: float) -> None:
        self.now_s += seconds

    def seconds_until(self, wanted: Callable[[Frame | StaffCode | None], bool]) -> float:
        """Read on until something is as wanted, and return how long that took."""
        began_s = self.now_s
        while self.now_s < began_s + 60:
            self.now_s += FRAME_S
            try:
                seen: Frame | StaffCode | None = self.source.read()
            except CameraError as error:
                seen = error.code
            if wanted(seen):
                return self.now_s - began_s
        raise AssertionError("it never came")

    def be_well(self) -> None:
        end_s = self.now_s + _WELL_FOR_S
        self.seconds_until(lambda seen: isinstance(seen, Frame) and self.now_s > end_s)

    def go_through(self, failure: str) -> None:
        """Break the camera, see that it is noticed, mend it, and see that it is back."""
        self.camera.failure = failure
        assert self.seconds_until(lambda seen: isinstance(seen, StaffCode)) <= NOTICED_WITHIN_S, failure
        self.seconds_until(lambda _seen: self.now_s % 7 < 1)
        self.camera.failure = None
        assert self.seconds_until(lambda seen: isinstance(seen, Frame)) <= HEALED_WITHIN_S, failure


@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_is_noticed_and_healed(failure: str) -> None:
    """Within two seconds the kiosk knows, and within five it has pictures again."""
    lobby = Lobby()
    lobby.be_well()
    lobby.go_through(failure)
    lobby.be_well()


def test_a_camera_in_the_dark_is_well() -> None:
    """A lobby at night is black but for the sensor's noise; that is no failure."""
    lobby = Lobby()
    lobby.camera.failure = "night"
    for _ in range(200):
        lobby.now_s += FRAME_S
        assert lobby.source.read() is not None


def _handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _cycles(count: int) -> None:
    lobby = Lobby()
    threads, handles = threading.active_count(), _handles()
    for failure in itertools.islice(itertools.cycle(FAILURES), count):
        lobby.go_through(failure)
    assert (threading.active_count(), _handles()) == (threads, handles)


def test_twenty_cycles_leave_everything_as_it_was() -> None:
    """Threads and handles are as many as before."""
    _cycles(20)


@pytest.mark.torture
def test_a_thousand_cycles_leave_everything_as_it_was() -> None:
    """As above, for as long as a camera may be pulled in years."""
    _cycles(1000)
