"""A visit's code as a picture: the compact transport in a QR symbol of level M with a quiet zone of four modules."""

import io
from typing import Final

import segno

from kiosk_protocol.transport import to_compact

QUIET_ZONE_MODULES: Final = 4
"""ISO/IEC 18004 §6.3.8; readers need it to find the symbol on a crowded page."""
PNG_PIXELS_A_MODULE: Final = 8


def code_png(token: str) -> bytes:
    """Return the code of a visit token as PNG, black on white."""
    return _write(token, "png", PNG_PIXELS_A_MODULE)


def code_svg(token: str) -> bytes:
    """Return the code of a visit token as SVG, black on white."""
    return _write(token, "svg", 1)


def _write(token: str, kind: str, scale: int) -> bytes:
    # Base45 and "V1:" stay within the alphanumeric mode: 5.5 bits a character instead of 8.
    symbol = segno.make_qr(to_compact(token), error="m", boost_error=False)
    out = io.BytesIO()
    symbol.save(out, kind=kind, scale=scale, border=QUIET_ZONE_MODULES, dark="#000000", light="#ffffff")
    return out.getvalue()
