"""Find and read QR codes in one picture: zxing-cpp first, then rescues of a miss, zbar as the last of them.

The picture is in a stranger's hand, so nothing that a library raises or returns leaves this module unchecked. Not here:
which pictures are looked at (``watching``), what a text means, and whether it was seen before (``core.scan_gate``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from kiosk_app.camera.symbols import MAX_PAYLOAD_BYTES, Symbol

if TYPE_CHECKING:
    from kiosk_app.camera.pixels import Pixels
    from kiosk_app.camera.region import Region

ZBAR_MISSING = "zbar is not installed (Debian: libzbar0); hard codes get no second look"


_P = ParamSpec("_P")
_R = TypeVar("_R")


class Decoder:
    """Reads pictures in one thread. None of its methods raises.

    Attributes:
        notes: what this machine cannot do, one sentence each; staff see them.
        rescues: names of the second looks, in their order.
        faults: how many looks ended in an exception of a library or on a picture of no known form.
        oversize: how many payloads were dropped for their length.
    """

    def __init__(self) -> None:
        # Imported here because OpenCV and NumPy cost time and memory that the first window must not wait for.
        from kiosk_app.camera import readers, region, rescues  # noqa: PLC0415

        self._readers, self._regions = readers, region
        zbar = readers.zbar_reader()
        last = () if zbar is None else (rescues.Rescue("zbar", partial(rescues.read_part, zbar)),)
        self._rescues = (*rescues.RESCUES, *last)
        self.notes: tuple[str, ...] = (ZBAR_MISSING,) if zbar is None else ()
        self.rescues = tuple(one.name for one in self._rescues)
        self.faults = 0
        self.oversize = 0

    def read(self, image: Pixels) -> tuple[Symbol, ...]:
        """Return the codes in ``image`` (grey or BGR, eight bits), each text once, whatever it takes."""
        grey = self.to_grey(image)
        if grey is None:
            return ()
        symbols = self.read_first(grey)
        if symbols:
            return symbols
        region = self.find_region(grey)
        for number in range(len(self._rescues)):
            symbols = self.rescue(grey, region, number)
            if symbols:
                return symbols
        return ()

    def to_grey(self, image: Pixels) -> Pixels | None:
        """Return one contiguous grey plane, or None for what is no picture."""
        return self._guarded(self._readers.to_grey, image)

    def read_first(self, grey: Pixels) -> tuple[Symbol, ...]:
        """Take the first look: zxing-cpp on the whole picture as it is."""
        return self._acceptable(self._guarded(self._readers.read_zxing, grey) or [])

    def sample(self, grey: Pixels) -> Pixels | None:
        """Return a coarse map of how busy the picture is, for ``is_unnatural`` and ``may_hold_code``."""
        return self._guarded(self._regions.sampled_map, grey)

    def find_region(self, grey: Pixels) -> Region | None:
        """Return where a code may be."""
        return self._guarded(self._regions.find_region, grey)

    def rescue(self, grey: Pixels, region: Region | None, number: int) -> tuple[Symbol, ...]:
        """Take the second look of that number; numbers go around."""
        rescue = self._rescues[number % len(self._rescues)]
        return self._acceptable(self._guarded(rescue.read, grey, region) or [])

    def _acceptable(self, found: list[Symbol]) -> tuple[Symbol, ...]:
        kept: dict[str, Symbol] = {}
        for symbol in found:
            if len(symbol.text.encode("utf-8", "replace")) > MAX_PAYLOAD_BYTES:
                self.oversize += 1
            else:
                kept.setdefault(symbol.text, symbol)
        return tuple(kept.values())

    def _guarded(self, call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        try:
            return call(*args, **kwargs)
        except Exception:  # noqa: BLE001 - the border to native code that faces the public; any error is a miss
            self.faults += 1
            return None
