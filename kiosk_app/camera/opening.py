"""From a camera's name to a source that heals by itself."""

import time
from collections.abc import Callable
from typing import TypeVar, assert_never

from kiosk_app.camera.device import DeviceSource
from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.files import FolderSource, VideoFileSource
from kiosk_app.camera.frames import READ_WAIT_S, Frame, FrameSource
from kiosk_app.camera.mjpeg import MjpegSource
from kiosk_app.camera.specs import CameraSpec, DeviceSpec, FolderSpec, MjpegSpec, NoCameraSpec, VideoFileSpec
from kiosk_app.camera.vigilance import Vigilant

_R = TypeVar("_R")

RETRY_AFTER_S = 1.0
"""Pause between two tries to take a camera: back well within five seconds, without hammering."""


def healing_source(spec: CameraSpec, *, colour: bool = True) -> FrameSource:
    """Return the source for ``spec``, wrapped so that it comes back by itself; grey where that is cheaper."""
    match spec:
        case DeviceSpec(device=device):
            return Healing(Vigilant(DeviceSource(device)))
        case VideoFileSpec(path=path):
            return Healing(VideoFileSource(path))
        case FolderSpec(path=path):
            return Healing(FolderSource(path))
        case MjpegSpec(url=url):
            return Healing(MjpegSource(url, colour=colour))
        case NoCameraSpec():
            return NoCamera()
        case _:
            assert_never(spec)


class Healing:
    """A source that is taken again after it failed.

    ``open`` and ``read`` tell each failure once, by ``CameraError``; between the tries ``read`` returns None. The first
    frame afterwards means that the camera is back.

    Args:
        source: what is read.
        now_s: monotonic clock, seconds.
        wait: waits so many seconds.
    """

    def __init__(
        self,
        source: FrameSource,
        now_s: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source = source
        self._now_s = now_s
        self._wait = wait
        self._taken = False
        self._retry_at_s = 0.0

    @property
    def description(self) -> str:
        """The camera's own description."""
        return self._source.description

    def open(self) -> None:
        """Try to take the camera now. Raises ``CameraError``; ``read`` tries again."""
        self._guarded(self._source.open)
        self._taken = True

    def read(self) -> Frame | None:
        """Return the newest frame, or None. Raises ``CameraError`` for each failure."""
        if not self._taken:
            missing_s = self._retry_at_s - self._now_s()
            if missing_s > 0:
                self._wait(min(missing_s, READ_WAIT_S))
                return None
            self.open()
        return self._guarded(self._source.read)

    def close(self) -> None:
        """Let the camera go."""
        self._taken = False
        self._source.close()

    def _guarded(self, call: Callable[[], _R]) -> _R:
        try:
            return call()
        except CameraError:
            self.close()
            self._retry_at_s = self._now_s() + RETRY_AFTER_S
            raise


class NoCamera:
    """The source of a kiosk that has no camera: no picture ever comes, and that is no trouble."""

    description = "no camera"

    def __init__(self, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def open(self) -> None:
        """Do nothing."""

    def read(self) -> Frame | None:
        """Wait as any source does."""
        self._wait(READ_WAIT_S)
        return None

    def close(self) -> None:
        """Do nothing."""
