"""Still pictures: PNG, JPEG and WebP, from a file or from one part of a stream.

The size is read from the header before anything is unpacked: a picture of a few hundred bytes can ask for gigabytes.
"""

import os
import stat
from enum import StrEnum
from pathlib import Path

import numpy as np

from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.symbols import MAX_PIXELS

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Above any photograph of 50 million pixels; an uncompressed PNG of that size is refused."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Turning by EXIF would move the corners of a code away from where the camera saw it; QR codes read in any direction.
_AS_STORED = cv2.IMREAD_IGNORE_ORIENTATION
# OpenCV knows no WebP of fewer bytes, but the smallest have 30; what follows the end is ignored (RFC 9649, 2.4).
_LEAST_BYTES = 32


class Unreadable(StrEnum):
    """Why a picture cannot be read. A value, because one bad file must not end a run over many."""

    NOT_FOUND = "not_found"
    NOT_A_PICTURE = "not_a_picture"
    TOO_LARGE = "too_large"


def read_grey(path: Path, max_pixels: int = MAX_PIXELS) -> Pixels | Unreadable:
    """Read the file at ``path`` as a grey picture, as the decoder wants it."""
    content = _content(path)
    return content if isinstance(content, Unreadable) else unpack(content, cv2.IMREAD_GRAYSCALE, max_pixels)


def read_colour(path: Path, max_pixels: int = MAX_PIXELS) -> Pixels | Unreadable:
    """Read the file at ``path`` as a BGR picture, as a person wants it."""
    content = _content(path)
    return content if isinstance(content, Unreadable) else unpack(content, cv2.IMREAD_COLOR, max_pixels)


def write_marked(path: Path, grey: Pixels, outlines: list[list[tuple[float, float]]]) -> None:
    """Write a grey picture as PNG with outlines in green. Raises OSError."""
    marked = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    thickness = max(2, int(grey.shape[1]) // 320)
    for outline in outlines:
        points = np.array(outline, dtype=np.float32).round().astype(np.int32)
        cv2.polylines(marked, [points], True, (60, 200, 60), thickness)
    _, content = cv2.imencode(".png", marked)
    path.write_bytes(content.tobytes())


def unpack(content: bytes, mode: int, max_pixels: int) -> Pixels | Unreadable:
    """Unpack an encoded picture.

    Args:
        content: PNG, JPEG or WebP.
        mode: ``cv2.IMREAD_GRAYSCALE`` or ``cv2.IMREAD_COLOR``.
        max_pixels: larger pictures are not unpacked.
    """
    size = picture_size(content)
    if size is None:
        return Unreadable.NOT_A_PICTURE
    if size[0] * size[1] > max_pixels:
        return Unreadable.TOO_LARGE
    try:
        image = cv2.imdecode(np.frombuffer(content.ljust(_LEAST_BYTES, b"\0"), dtype=np.uint8), mode | _AS_STORED)
    except cv2.error:
        return Unreadable.NOT_A_PICTURE
    # The binding's types promise a picture, but imdecode answers None to a damaged one.
    return Unreadable.NOT_A_PICTURE if image is None else np.asarray(image, dtype=np.uint8)


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return (width, height) as the header states them, or None for anything that is no PNG, JPEG or WebP."""
    if content.startswith(_PNG):
        size = _png_size(content)
    elif content.startswith(_JPEG):
        size = _jpeg_size(content)
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        size = _webp_size(content)
    else:
        size = None
    return size if size is not None and size[0] > 0 and size[1] > 0 else None


def _png_size(content: bytes) -> tuple[int, int] | None:
    """ISO/IEC 15948, 11.2.2: IHDR comes first, width and height are its first eight bytes."""
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """ITU-T T.81, B.1.1.4 and B.2.2: walk the marker segments to the first frame header."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:  # A fill byte.
            at += 1
        elif marker in _JPEG_STANDALONE:
            at += 2
        elif marker in _JPEG_FRAME_HEADERS:
            if at + 9 > len(content):
                return None
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        else:
            at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    """RFC 9649, 2.5 to 2.7 and RFC 6386, 9.1: the first chunk states the size in one of three forms."""
    kind, body = content[12:16], content[20:30]
    if len(body) < 10:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None


def _content(path: Path) -> bytes | Unreadable:
    try:
        # Not blocking: a pipe that nobody writes to would hold up everybody behind it.
        with open(path, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return Unreadable.NOT_A_PICTURE
            content = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError):
        return Unreadable.NOT_FOUND
    return content if len(content) <= MAX_FILE_BYTES else Unreadable.TOO_LARGE


def _open_without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NONBLOCK)
