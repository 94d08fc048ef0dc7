"""A camera behind an address, played by a server that answers as it is told."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.mjpeg import MjpegSource
from kiosk_app.core.staff_codes import StaffCode
from tests.kiosk_app.camera.made import packed, read_until

OK = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"


def shade(grey: int) -> bytes:
    """A small picture of one grey."""
    return packed(np.full((32, 32, 3), grey, dtype=np.uint8))


def part(body: bytes) -> bytes:
    return b"--b\r\nContent-Length: %d\r\n\r\n" % len(body) + body + b"\r\n"


class Server:
    """Answers each connection with the next of the given answers, then closes it or holds it open."""

    def __init__(self, answers: Sequence[bytes], *, hold: bool) -> None:
        self.requests: list[bytes] = []
        self._answers = answers
        self._hold = hold
        self._end = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}/stream?a=1"

    def stop(self) -> None:
        self._end.set()
        with socket.create_connection(self._listening.getsockname()):
            self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        for answer in self._answers:
            connection, _ = self._listening.accept()
            with connection:
                if self._end.is_set():
                    return
                self.requests.append(connection.recv(4096))
                connection.sendall(answer)
                if self._hold:
                    self._end.wait()


@contextmanager
def answering(*answers: bytes, hold: bool = False) -> Iterator[tuple[Server, MjpegSource]]:
    server = Server(answers, hold=hold)
    source = MjpegSource(server.url)
    try:
        source.open()
        yield server, source
    finally:
        source.close()
        server.stop()


def trouble(source: MjpegSource) -> CameraError:
    """Read to the first failure."""
    for _ in range(100):
        try:
            source.read()
        except CameraError as error:
            return error
    raise AssertionError("no failure was told")


def test_pictures_arrive_in_colour_and_in_order() -> None:
    """The newest picture is given, with a number and a time that grow."""
    with answering(OK + part(shade(10)) + part(shade(200)), hold=True) as (server, source):
        frame = read_until(source, lambda frame: int(frame.image[0, 0, 0]) > 150)
        assert frame.image.shape == (32, 32, 3)
        assert frame.sequence == 2
        assert 0 < frame.taken_at_ns <= time.monotonic_ns()
        assert source.read() is None
        assert server.requests[0].startswith(b"GET /stream?a=1 HTTP/1.1\r\n")


def test_pictures_that_nobody_sees_are_grey() -> None:
    """Without a preview they are unpacked straight to grey."""
    server = Server((OK + part(shade(200)),), hold=True)
    source = MjpegSource(server.url, colour=False)
    try:
        source.open()
        assert read_until(source, lambda _frame: True).image.shape == (32, 32)
    finally:
        source.close()
        server.stop()


def test_an_older_picture_is_never_given_after_a_newer_one() -> None:
    """A reader that comes late finds the last picture only; the others are gone."""
    shades = [shade(grey) for grey in range(0, 250, 10)]
    with answering(OK + b"".join(map(part, shades))) as (_, source):
        frame = read_until(source, lambda frame: frame.sequence == len(shades))
        assert abs(int(frame.image[0, 0, 0]) - 240) < 5
        assert trouble(source).code is StaffCode.CAMERA_STOPPED


def test_a_chunked_answer_is_read() -> None:
    """Small cameras send each piece as an HTTP chunk."""
    body = part(shade(80)) + part(shade(90))
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(body[at : at + 100]), body[at : at + 100]) for at in range(0, len(body), 100)
    )
    head = OK.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    with answering(head + chunks, hold=True) as (_, source):
        assert read_until(source, lambda frame: frame.sequence == 2)


@pytest.mark.parametrize(
    "bad", [b"", b"no picture", shade(10)[:80], b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01"]
)
def test_a_bad_picture_is_skipped(bad: bytes) -> None:
    """A torn part, a foreign one or one that claims four thousand million pixels does not end the stream."""
    with answering(OK + part(bad), hold=True) as (_, source):
        assert [source.read() for _ in range(3)] == [None] * 3
    with answering(OK + part(bad) + part(shade(77)), hold=True) as (_, source):
        assert read_until(source, lambda frame: frame.sequence == 2)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", StaffCode.CAMERA_BAD_ADDRESS),
        (OK.replace(b"200 OK", b"302 Found") + part(shade(9)), StaffCode.CAMERA_BAD_ADDRESS),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", StaffCode.CAMERA_BAD_ADDRESS),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", StaffCode.CAMERA_BAD_ADDRESS),
        (b"HTTP/1.1 200 OK\r\n\r\n", StaffCode.CAMERA_BAD_ADDRESS),
        (OK + b"--b\r\nContent-Length: 99999999\r\n\r\n", StaffCode.CAMERA_BAD_ADDRESS),
        (b"", StaffCode.CAMERA_NOT_FOUND),
        (b"garbage\r\n\r\n", StaffCode.CAMERA_NOT_FOUND),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, StaffCode.CAMERA_NOT_FOUND),
        (OK, StaffCode.CAMERA_STOPPED),
        (OK + part(shade(10))[:100], StaffCode.CAMERA_STOPPED),
    ],
)
def test_an_answer_that_is_no_camera_is_told_by_a_code(answer: bytes, code: StaffCode) -> None:
    """Redirects are not followed; pages, errors and garbage end the source with one exception."""
    with answering(answer) as (server, source):
        assert trouble(source).code is code
        assert trouble(source).code is code, "it stays told until the source is opened again"
        assert len(server.requests) == 1


def test_a_connection_that_is_reset_after_pictures_is_a_lost_camera() -> None:
    """Once there were pictures, the end of them is a camera that stopped, not one that is not there."""
    server = socket.create_server(("127.0.0.1", 0))
    source = MjpegSource(f"http://127.0.0.1:{server.getsockname()[1]}/")
    source.open()
    connection, _ = server.accept()
    connection.recv(4096)
    connection.sendall(OK + part(shade(5)))
    assert read_until(source, lambda frame: frame.sequence == 1)
    # Closing with this option sends a reset instead of an end.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    connection.close()
    assert trouble(source).code is StaffCode.CAMERA_STOPPED
    source.close()
    server.close()


def test_nobody_at_the_address_is_a_camera_that_is_not_there() -> None:
    """A refused connection is told by a code, and the source can be opened again later."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    source = MjpegSource(f"http://127.0.0.1:{port}/")
    with pytest.raises(CameraError):
        source.read()
    for _ in range(2):
        source.open()
        assert trouble(source).code is StaffCode.CAMERA_NOT_FOUND
    source.close()
    source.close()


def test_numbers_go_on_after_the_camera_was_opened_again() -> None:
    """A frame of the second connection has a higher number than those of the first."""
    with answering(OK + part(shade(1)) + part(shade(2)), OK + part(shade(3)), hold=False) as (_, source):
        assert read_until(source, lambda frame: frame.sequence == 2)
        source.open()
        assert read_until(source, lambda frame: frame.sequence == 3)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n", OK, OK + part(shade(1)), OK + part(shade(1))[:60]])
def test_a_silent_camera_does_not_hold_up_closing(answer: bytes) -> None:
    """Whatever the connection waits for, closing wakes it: far under the two seconds that a kiosk has to stop."""
    with answering(answer, hold=True) as (server, source):
        deadline = time.monotonic() + 5.0
        while not server.requests and time.monotonic() < deadline:
            source.read()
        began = time.monotonic()
        source.close()
        assert time.monotonic() - began < 1.0


def test_closing_while_the_connection_is_made_is_quiet() -> None:
    """A source that is closed at once leaves no thread and no request behind."""
    with answering(OK, hold=True) as (_, source):
        source.close()
        with pytest.raises(CameraError):
            source.read()


def test_the_description_tells_no_path() -> None:
    """Paths and queries of camera addresses often hold a key."""
    assert MjpegSource("https://camera.example/key/abc?token=1").description == "stream https://camera.example"
