"""One picture of a camera. Not here: how it was taken (sources) and what is on it (decoders)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
