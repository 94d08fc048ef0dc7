"""The second library that reads QR codes, where it is installed. Importing this module is cheap."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk_app.camera.symbols import Symbol

if TYPE_CHECKING:
    from kiosk_app.camera.pixels import Pixels


def zbar_reader() -> Callable[[Pixels], list[Symbol]] | None:
    """Return the second reader, or None where zbar's shared library is not installed."""
    try:
        # Imported here because pyzbar fails at import where the system package is missing, and the kiosk runs without
        # it.
        from pyzbar import pyzbar  # noqa: PLC0415
    except ImportError:
        return None

    def read(grey: Pixels) -> list[Symbol]:
        found = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
        return [
            Symbol(
                # Visit codes are ASCII. zbar guesses the character set of anything else, so such a text serves only to
                # say that it is not a visit code.
                symbol.data.decode("utf-8", "replace"),
                tuple((float(point.x), float(point.y)) for point in symbol.polygon),
                "zbar",
            )
            for symbol in found
        ]

    return read
