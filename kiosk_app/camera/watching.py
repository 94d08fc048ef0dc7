"""Looking at a camera's pictures one after the other: a first look where something moved, one second look on a miss.

A visitor holds a code up for many pictures, so each miss is given one rescue, the next in turn: eight pictures of a
shaking hand cost little more than eight first looks, and every way to read them was tried.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk_app.camera.attention import Attention, shrunk
from kiosk_app.camera.decoders import Decoder
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.region import Region, is_unnatural, may_hold_code
from kiosk_app.camera.symbols import Symbol

SLOW_FIRST_LOOK_NS: Final = 40_000_000
"""A picture that costs the first look so much (usual: 1 to 4 ms) is made to cost: it gets no second one."""


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one picture.

    Attributes:
        symbols: the codes that were read.
        region: where there may be a code that was not read.
        was_taken: whether the picture was looked at; if not, nothing is known of it but that nothing moved.
    """

    symbols: tuple[Symbol, ...] = ()
    region: Region | None = None
    was_taken: bool = False


class Watcher:
    """Looks at the pictures of one camera. One thread.

    Args:
        decoder: reads them.
        now_ns: monotonic clock, nanoseconds.
    """

    def __init__(self, decoder: Decoder, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._decoder = decoder
        self._now_ns = now_ns
        self._attention = Attention()
        self._turn = 0

    def wants(self, small: Pixels, taken_at_ns: int) -> bool:
        """Return whether the picture behind ``small`` should be looked at."""
        return self._attention.wants(small, taken_at_ns)

    def look(self, image: Pixels, taken_at_ns: int) -> Look:
        """Look at a picture if it is worth it (grey or BGR; grey costs less)."""
        grey = self._decoder.to_grey(image)
        if grey is None or not self.wants(shrunk(grey), taken_at_ns):
            return Look()
        return self.look_closely(grey, taken_at_ns)

    def look_closely(self, grey: Pixels, taken_at_ns: int) -> Look:
        """Look at a grey picture."""
        sample = self._decoder.sample(grey)
        if sample is None or is_unnatural(sample):
            return Look(was_taken=True)
        began_ns = self._now_ns()
        symbols = self._decoder.read_first(grey)
        is_slow = self._now_ns() - began_ns > SLOW_FIRST_LOOK_NS
        region = None
        if not symbols and not is_slow and may_hold_code(sample) and self._attention.is_awake(taken_at_ns):
            region = self._decoder.find_region(grey)
            if region is not None:
                symbols = self._decoder.rescue(grey, region, self._turn)
                # What helped is asked again for the next picture, so that the code stays in sight.
                self._turn += not symbols
        if symbols:
            self._attention.stay_awake(taken_at_ns)
        return Look(symbols, None if symbols else region, was_taken=True)
