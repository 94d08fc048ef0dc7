"""Find and read QR codes in one picture: zxing-cpp first, zbar as a second chance on a miss.

The picture is in a stranger's hand, so nothing that a library raises or returns leaves this module unchecked. Not here:
what a text means, and whether it was seen before (``core.scan_gate``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from kiosk_app.camera.symbols import MAX_PAYLOAD_BYTES, Symbol

if TYPE_CHECKING:
    from kiosk_app.camera.pixels import Pixels

ZBAR_MISSING = "zbar is not installed (Debian: libzbar0); hard codes get no second look"


_A = TypeVar("_A")
_R = TypeVar("_R")

Reader = Callable[["Pixels"], list[Symbol]]


class Decoder:
    """Reads pictures in one thread.

    Attributes:
        notes: what this machine cannot do, one sentence each; staff see them.
        faults: how many looks ended in an exception of a library or on a picture of no known form.
        oversize: how many payloads were dropped for their length.
    """

    def __init__(self) -> None:
        # Imported here because OpenCV and NumPy cost time and memory that the first window must not wait for.
        from kiosk_app.camera import readers  # noqa: PLC0415

        self._to_grey = readers.to_grey
        zbar = readers.zbar_reader()
        self._readers: tuple[Reader, ...] = (readers.read_zxing,) if zbar is None else (readers.read_zxing, zbar)
        self.notes: tuple[str, ...] = (ZBAR_MISSING,) if zbar is None else ()
        self.faults = 0
        self.oversize = 0

    def read(self, image: Pixels) -> tuple[Symbol, ...]:
        """Return the codes in ``image`` (grey or BGR, eight bits), each text once. Never raises."""
        grey = self._guarded(self._to_grey, image)
        if grey is None:
            return ()
        for reader in self._readers:
            symbols = self._acceptable(self._guarded(reader, grey) or [])
            if symbols:
                return symbols
        return ()

    def _acceptable(self, found: list[Symbol]) -> tuple[Symbol, ...]:
        kept: dict[str, Symbol] = {}
        for symbol in found:
            if len(symbol.text.encode("utf-8", "replace")) > MAX_PAYLOAD_BYTES:
                self.oversize += 1
            else:
                kept.setdefault(symbol.text, symbol)
        return tuple(kept.values())

    def _guarded(self, call: Callable[[_A], _R], argument: _A) -> _R | None:
        try:
            return call(argument)
        except Exception:  # noqa: BLE001 - the border to native code that faces the public; any error is a miss
            self.faults += 1
            return None
