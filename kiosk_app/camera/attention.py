"""Which pictures are worth a look: those in which something moved, a while longer, and one a second in any case."""

from __future__ import annotations

from typing import Final

import numpy as np

from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels

FORCED_LOOK_NS: Final = 1_000_000_000
"""However still the lobby is, it is looked at so often: a phone on a stand does not move."""
AWAKE_NS: Final = 1_500_000_000
"""Looking goes on for so long after the last movement: a hand comes to rest just when the code is sharp."""
SMALL_WIDTH_PX: Final = 160

_STEP: Final = 10
"""Grey steps by which a cell must change; averaged over a cell, the noise of a dark lobby stays below three."""
_LEAST_CELLS: Final = 12
"""A phone two metres away covers a hundred of the 14,400 cells."""


class Attention:
    """Follows one camera. Its pictures are small and grey; ``shrunk`` makes them."""

    def __init__(self) -> None:
        self._before: Pixels | None = None
        self._awake_until_ns = 0
        self._looked_at_ns: int | None = None

    def wants(self, small: Pixels, now_ns: int) -> bool:
        """Return whether the picture behind ``small`` is worth a look.

        Args:
            small: the picture, about ``SMALL_WIDTH_PX`` wide.
            now_ns: when it was taken, monotonic clock; never falls.
        """
        if self._before is None or has_moved(self._before, small):
            self.stay_awake(now_ns)
        self._before = small
        overdue = self._looked_at_ns is None or now_ns - self._looked_at_ns >= FORCED_LOOK_NS
        if not overdue and now_ns >= self._awake_until_ns:
            return False
        self._looked_at_ns = now_ns
        return True

    def is_awake(self, now_ns: int) -> bool:
        """Return whether something moved a short while ago."""
        return now_ns < self._awake_until_ns

    def stay_awake(self, now_ns: int) -> None:
        """Look on for a while: there is something to see."""
        self._awake_until_ns = now_ns + AWAKE_NS


def shrunk(grey: Pixels) -> Pixels:
    """Return a small copy of a grey picture, each pixel the mean of those it stands for."""
    height, width = grey.shape
    factor = max(1, width // SMALL_WIDTH_PX)
    size = (max(1, width // factor), max(1, height // factor))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def has_moved(before: Pixels, after: Pixels) -> bool:
    """Return whether two small pictures differ by more than noise."""
    if before.shape != after.shape:
        return True
    _, changed = cv2.threshold(cv2.absdiff(before, after), _STEP, 1, cv2.THRESH_BINARY)
    return cv2.countNonZero(changed) >= _LEAST_CELLS
