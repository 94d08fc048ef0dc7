"""Parts of a ``multipart/x-mixed-replace`` stream, read with bounds. What webcams and streaming programs send as MJPEG.

Form: RFC 2046, 5.1.1. Looser than the standard where cameras are: the boundary may be announced with or without its two
dashes, and a part may state its length or end at the next delimiter.
"""

from collections.abc import Iterator
from email.message import Message
from typing import Protocol

MAX_PART_BYTES = 8 * 1024 * 1024
"""A 4K JPEG of the best quality has about six million bytes."""

_MAX_LINE_BYTES = 1024
_MAX_HEADER_LINES = 32
_MAX_SKIPPED_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024


class MultipartError(Exception):
    """The stream is no multipart stream, or a part of it is out of bounds. Reading cannot go on."""


class Stream(Protocol):
    """What is read: a file or an HTTP answer."""

    def read(self, amount: int, /) -> bytes:
        """Return up to ``amount`` bytes, none at the end."""
        ...

    def readline(self, limit: int, /) -> bytes:
        """Return up to ``limit`` bytes, up to and with the next line feed, none at the end."""
        ...


def boundary_of(content_type: str) -> bytes:
    """Return the boundary a Content-Type announces, without leading dashes.

    Raises:
        MultipartError: it is no multipart type or has no boundary.
    """
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary("")
    name = boundary.lstrip("-")
    if header.get_content_maintype() != "multipart" or not name or not name.isascii():
        raise MultipartError("the answer is no stream of pictures")
    return name.encode("ascii")


def parts(stream: Stream, boundary: bytes) -> Iterator[bytes]:
    """Yield the bodies of the parts, to the end of the stream.

    Raises:
        MultipartError: a bound was crossed.
    """
    _skip_to_delimiter(stream, boundary)
    while True:
        length = _length_from_headers(stream)
        body = _body_to_delimiter(stream, boundary) if length is None else _body_of_length(stream, length)
        if body is None:
            return
        yield body
        if length is not None:
            # After the body is handed out: the delimiter comes with the next picture, and this one must not wait for
            # it.
            _skip_to_delimiter(stream, boundary)


def _is_delimiter(line: bytes, boundary: bytes) -> bool:
    return line.startswith(b"--") and line.rstrip().strip(b"-") == boundary.rstrip(b"-")


def _skip_to_delimiter(stream: Stream, boundary: bytes) -> None:
    """Read on behind the next delimiter line, or to the end of the stream."""
    skipped = 0
    while line := stream.readline(_MAX_LINE_BYTES):
        if _is_delimiter(line, boundary):
            return
        skipped += len(line)
        if skipped > _MAX_SKIPPED_BYTES:
            raise MultipartError("no delimiter between the parts")


def _length_from_headers(stream: Stream) -> int | None:
    length = None
    for _ in range(_MAX_HEADER_LINES):
        line = stream.readline(_MAX_LINE_BYTES)
        if not line.endswith(b"\n") and len(line) < _MAX_LINE_BYTES:
            return None  # The stream ended within the line; so will the body.
        if not line.strip():
            return length
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = _bounded_length(value.strip())
    raise MultipartError("a part has too many header lines")


def _bounded_length(value: bytes) -> int:
    if not value.isdigit() or len(value) > 8 or int(value) > MAX_PART_BYTES:
        raise MultipartError("a part has an impossible length")
    return int(value)


def _body_of_length(stream: Stream, length: int) -> bytes | None:
    body = bytearray()
    while len(body) < length:
        piece = stream.read(min(_CHUNK_BYTES, length - len(body)))
        if not piece:
            return None
        body += piece
    return bytes(body)


def _body_to_delimiter(stream: Stream, boundary: bytes) -> bytes | None:
    body = bytearray()
    while piece := stream.readline(_CHUNK_BYTES):
        if _is_delimiter(piece, boundary):
            return bytes(body.removesuffix(b"\n").removesuffix(b"\r"))
        body += piece
        if len(body) > MAX_PART_BYTES:
            raise MultipartError("a part is too large")
    return None
