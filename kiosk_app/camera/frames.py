"""One picture of a camera, and the port that every source offers. Not here: the sources, and what is on a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # NumPy costs 50 ms, and the modules that only pass frames on need none of it.
    from kiosk_app.camera.pixels import Pixels


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture and when it was taken. Receivers must not write into it.

    Attributes:
        image: height x width x 3 (BGR) or height x width (grey), eight bits.
        sequence: counts the frames of one source upwards; a gap means that older frames were skipped.
        taken_at_ns: monotonic clock, nanoseconds.
    """

    image: Pixels
    sequence: int
    taken_at_ns: int


READ_WAIT_S = 0.1
"""Longest wait for a frame in one ``read``, so that a loop around it neither spins nor stops late."""


class FrameSource(Protocol):
    """Pictures of one camera, used by one thread.

    After a ``CameraError`` the source may be closed and opened again as often as one likes.
    """

    @property
    def description(self) -> str:
        """The camera in a few words, for staff and the log. Holds no credential."""

    def open(self) -> None:
        """Take the camera. Raises ``CameraError``."""

    def read(self) -> Frame | None:
        """Return the newest frame, or None if none came within ``READ_WAIT_S``. Raises ``CameraError``."""

    def close(self) -> None:
        """Let the camera go, within two seconds. May be called twice; never raises."""
