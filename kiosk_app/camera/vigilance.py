"""Sees that a camera gives pictures which are none: the same one again and again, one flat colour, another size.

A sensor is never still: even in the dark two of its pictures differ. So this is for cameras of this machine; a video or
a folder may well show the same picture for minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import Frame, FrameSource
from kiosk_app.camera.pixels import Pixels
from kiosk_app.core.staff_codes import StaffCode

NOTICE_AFTER_S: Final = 1.5
"""So that staff and visitor know within two seconds."""
FIRST_PICTURE_S: Final = 1.5
"""What a USB camera needs besides, between being taken and its first picture."""
_STRIDE: Final = 16  # Every 16th pixel of every 16th row: 3,600 of a 720p picture.
_FLAT_STEPS: Final = 2


class Vigilant:
    """A source whose frozen, flat and resized pictures are trouble, as if the camera had stopped.

    Args:
        source: what is read.
        now_s: monotonic clock, seconds.
    """

    def __init__(self, source: FrameSource, now_s: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._now_s = now_s
        self._shape: tuple[int, ...] | None = None
        self._before: Pixels | None = None
        self._alive_at_s = self._now_s()

    @property
    def description(self) -> str:
        """The camera's own description."""
        return self._source.description

    def open(self) -> None:
        """Take the camera. Raises CameraError."""
        self._shape = self._before = None
        self._alive_at_s = self._now_s() + FIRST_PICTURE_S
        self._source.open()

    def read(self) -> Frame | None:
        """Return the newest frame. Raises CameraError for a camera's own trouble, and for pictures that are none."""
        frame = self._source.read()
        if frame is None:
            self._hold("silent")
            return None
        if self._shape is not None and frame.image.shape != self._shape:
            raise self._trouble("other size")
        self._shape = frame.image.shape
        sample = frame.image[::_STRIDE, ::_STRIDE].copy()
        if self._before is None or not (np.array_equal(sample, self._before) or _is_flat(sample)):
            self._alive_at_s = self._now_s()
        else:
            self._hold("frozen")
        self._before = sample
        return frame

    def close(self) -> None:
        """Let the camera go."""
        self._source.close()

    def _hold(self, what: str) -> None:
        if self._now_s() - self._alive_at_s >= NOTICE_AFTER_S:
            raise self._trouble(what)

    def _trouble(self, what: str) -> CameraError:
        return CameraError(StaffCode.CAMERA_STOPPED, f"{self.description}: {what}")


def _is_flat(sample: Pixels) -> bool:
    """Return whether a picture is one colour: what drivers hand out while they have nothing."""
    planes = sample.reshape(-1, 1 if sample.ndim == 2 else sample.shape[2])
    return int(np.ptp(planes, axis=0).max()) <= _FLAT_STEPS
