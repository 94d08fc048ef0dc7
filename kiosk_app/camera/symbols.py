"""A code found in a picture, and how large pictures and codes may be."""

from dataclasses import dataclass
from typing import Literal

MAX_PAYLOAD_BYTES = 4096
"""A QR code holds at most 2,953 bytes; in UTF-8 Latin-1 text may grow. Anything longer is not a code that we want."""

MAX_PIXELS = 50_000_000
"""Larger pictures are not looked at. A 4K camera has 8 million."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One code found in a picture.

    Attributes:
        text: what it says, at most ``MAX_PAYLOAD_BYTES`` in UTF-8. Untrusted.
        corners: of the code in pixels of the picture, (x, y), clockwise from the code's own top left where the reader
            knows it.
        reader: which library read it.
    """

    text: str
    corners: tuple[tuple[float, float], ...]
    reader: Literal["zxing", "zbar"]
