"""Sources that heal by themselves."""

import numpy as np
import pytest

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import Frame
from kiosk_app.camera.opening import RETRY_AFTER_S, Healing, NoCamera
from kiosk_app.camera.sources import READ_WAIT_S
from kiosk_app.core.staff_codes import StaffCode


class Plugged:
    """A camera that is plugged and unplugged by the test."""

    description = "camera on the desk"

    def __init__(self) -> None:
        self.plugged = True
        self.taken = False
        self.tries = 0

    def open(self) -> None:
        self.tries += 1
        if not self.plugged:
            raise CameraError(StaffCode.CAMERA_NOT_FOUND, "not plugged")
        self.taken = True

    def read(self) -> Frame | None:
        if not (self.plugged and self.taken):
            raise CameraError(StaffCode.CAMERA_STOPPED, "unplugged")
        return Frame(np.zeros((2, 2), dtype=np.uint8), self.tries, 0)

    def close(self) -> None:
        self.taken = False


class Bench:
    """The camera, the clock and the healing source around it."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.camera = Plugged()
        self.source = Healing(self.camera, lambda: self.now_s, self._wait)

    def _wait(self, seconds: float) -> None:
        assert 0 < seconds <= READ_WAIT_S
        self.now_s += seconds

    def read_for(self, seconds: float) -> list[Frame | StaffCode | None]:
        """Read on for a time; frames, pauses and codes, in order."""
        end, seen = self.now_s + seconds, []
        while self.now_s < end:
            before = self.now_s
            try:
                seen.append(self.source.read())
            except CameraError as error:
                seen.append(error.code)
            if self.now_s == before:
                self.now_s += 0.05
        return seen


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_camera_that_works_is_just_read(bench: Bench) -> None:
    """Healing adds nothing to a camera that gives pictures."""
    bench.source.open()
    assert all(isinstance(one, Frame) for one in bench.read_for(2))
    assert bench.camera.tries == 1
    assert bench.source.description == "camera on the desk"


def test_reading_opens_a_camera_that_nobody_opened(bench: Bench) -> None:
    """A read before any open takes the camera itself."""
    assert isinstance(bench.source.read(), Frame)


def test_a_failure_is_told_once_for_each_try(bench: Bench) -> None:
    """Unplugged, the loss is told once and then each failed try, about once a second, with pauses between."""
    bench.source.open()
    bench.camera.plugged = False
    seen = bench.read_for(3.6)
    codes = [one for one in seen if isinstance(one, StaffCode)]
    assert codes == [StaffCode.CAMERA_STOPPED] + [StaffCode.CAMERA_NOT_FOUND] * 3
    assert set(seen) == {None, StaffCode.CAMERA_STOPPED, StaffCode.CAMERA_NOT_FOUND}
    assert not bench.camera.taken


def test_a_camera_that_comes_back_is_taken_within_the_pause(bench: Bench) -> None:
    """Plugged in again, pictures are back after at most the pause between two tries."""
    bench.camera.plugged = False
    with pytest.raises(CameraError):
        bench.source.open()
    bench.read_for(2.5)
    bench.camera.plugged = True
    assert any(isinstance(one, Frame) for one in bench.read_for(RETRY_AFTER_S + READ_WAIT_S))


def test_closing_lets_the_camera_go(bench: Bench) -> None:
    """Closed, the camera is free for others."""
    bench.source.open()
    bench.source.close()
    assert not bench.camera.taken


def test_no_camera_is_no_trouble() -> None:
    """A kiosk without a camera waits as with one, and never hears of a failure."""
    waits: list[float] = []
    source = NoCamera(waits.append)
    source.open()
    assert [source.read(), source.read()] == [None, None]
    assert waits == [READ_WAIT_S, READ_WAIT_S]
    source.close()
