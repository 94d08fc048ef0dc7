"""Reading a multipart stream with bounds."""

import io
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.camera.multipart import MAX_PART_BYTES, MultipartError, boundary_of, parts


def stream_of(*bodies: bytes, length: bool = True, boundary: bytes = b"b") -> bytes:
    """A stream as a camera sends it."""
    sent = b""
    for body in bodies:
        head = b"Content-Type: image/jpeg\r\n" + (b"Content-Length: %d\r\n" % len(body) if length else b"")
        sent += b"--" + boundary + b"\r\n" + head + b"\r\n" + body + b"\r\n"
    return sent + b"--" + boundary + b"--\r\n"


def read_all(content: bytes, boundary: bytes = b"b") -> list[bytes]:
    return list(parts(io.BytesIO(content), boundary))


@pytest.mark.parametrize("length", [True, False])
def test_parts_come_out_as_they_went_in(*, length: bool) -> None:
    """With or without a stated length, each body is given exactly."""
    bodies = [b"one", b"", b"line\r\nline\n", bytes(range(256)) * 700, b"--", b"--x\r\n"]
    assert read_all(stream_of(*bodies, length=length)) == bodies


@given(st.lists(st.binary(max_size=80).filter(lambda body: b"--b" not in body), max_size=5), st.booleans())
def test_any_bodies_come_out_as_they_went_in(bodies: list[bytes], length: bool) -> None:
    """Bodies of any bytes survive, as long as they do not hold the delimiter."""
    assert read_all(stream_of(*bodies, length=length)) == bodies


def test_a_stated_length_may_cover_the_delimiter() -> None:
    """A body that holds the delimiter's bytes is read by its length."""
    body = b"\r\n--b\r\nContent-Length: 1\r\n\r\nx"
    assert read_all(stream_of(body, b"next")) == [body, b"next"]


def test_a_part_is_given_before_the_next_one_begins() -> None:
    """A picture is not held back until the camera sends another: that would be one picture late all day."""
    head = b"--b\r\nContent-Length: 3\r\n\r\none"

    class OneByOne(io.BytesIO):
        def readline(self, limit: int | None = -1, /) -> bytes:
            assert self.tell() < len(head), "waits for what was not sent"
            return super().readline(limit)

    assert list(islice(parts(OneByOne(head), b"b"), 1)) == [b"one"]


def test_what_comes_before_the_first_delimiter_is_skipped() -> None:
    """A preamble is allowed by the standard and means nothing."""
    assert read_all(b"\r\nhello\r\n" + stream_of(b"one")) == [b"one"]


@pytest.mark.parametrize("cut", range(len(stream_of(b"one", b"two"))))
def test_a_stream_may_end_anywhere(cut: int) -> None:
    """A stream that breaks off gives the parts that were whole, and no torn one."""
    assert read_all(stream_of(b"one", b"two")[:cut]) in ([], [b"one"], [b"one", b"two"])


@pytest.mark.parametrize(
    "content",
    [
        b"--b\r\nContent-Length: %d\r\n\r\n" % (MAX_PART_BYTES + 1),
        b"--b\r\nContent-Length: -1\r\n\r\n",
        b"--b\r\nContent-Length: 1e3\r\n\r\n",
        b"--b\r\nContent-Length: 000000003\r\n\r\none",
        b"--b\r\n" + b"X: y\r\n" * 40,
        b"--b\r\n" + b"x" * 40_000,
        b"--b\r\n\r\n" + b"x" * (MAX_PART_BYTES + 1),
        b"x" * 70_000,
        b"--other\r\n" * 9000,
    ],
)
def test_a_stream_out_of_bounds_is_given_up(content: bytes) -> None:
    """No sender can make the kiosk hold more than one part of eight MiB."""
    with pytest.raises(MultipartError):
        read_all(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_parts_or_an_error(content: bytes) -> None:
    """Whatever is sent, there are parts or the one exception."""
    try:
        found = read_all(b"--b\r\n" + content)
    except MultipartError:
        return
    assert sum(map(len, found)) <= len(content)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=picture", b"picture"),
        ("multipart/x-mixed-replace;boundary=--myboundary", b"myboundary"),
        ('Multipart/X-Mixed-Replace; boundary="a b"', b"a b"),
    ],
)
def test_the_boundary_is_announced_in_many_ways(content_type: str, boundary: bytes) -> None:
    """With and without quotes, with and without its two dashes."""
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    "content_type", ["", "image/jpeg", "text/html; boundary=b", "multipart/x-mixed-replace", "multipart/x; boundary=--"]
)
def test_an_answer_that_is_no_stream_is_told(content_type: str) -> None:
    """A page, a single picture or a type without a boundary is no stream."""
    with pytest.raises(MultipartError):
        boundary_of(content_type)
