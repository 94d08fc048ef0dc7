"""The simulated camera, watched by the kiosk's own camera source."""

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.visitor.stage import VisitorStage
from kiosk_app.camera.decoders import Decoder
from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import Frame
from kiosk_app.camera.sources import FrameSource, MjpegSpec, open_source
from kiosk_app.core.staff_codes import StaffCode
from tests.demo.visitor.conftest import TEXT

SMALL = (960, 540)
"""Three quarters of the usual picture: enough to be read, and drawn faster."""


@contextmanager
def watching(url: str) -> Iterator[FrameSource]:
    source = open_source(MjpegSpec(url))
    source.open()
    try:
        yield source
    finally:
        source.close()


def read_until(source: FrameSource, wanted: Callable[[tuple[str, ...]], bool], tries: int = 300) -> Frame:
    """Watch until the texts in a picture are as ``wanted``."""
    decoder = Decoder()
    for _ in range(tries):
        try:
            frame = source.read()
        except CameraError:
            continue
        if frame is not None and wanted(tuple(symbol.text for symbol in decoder.read(frame.image))):
            return frame
    raise AssertionError("no such picture came")


def trouble(source: FrameSource) -> CameraError:
    """Watch until the camera is lost."""
    for _ in range(300):
        try:
            source.read()
        except CameraError as error:
            return error
    raise AssertionError("no trouble was told")


def nothing(texts: tuple[str, ...]) -> bool:
    return texts == ()


def the_visitor(texts: tuple[str, ...]) -> bool:
    return texts == (TEXT,)


def test_a_visitor_comes_and_goes(code: Path) -> None:
    """The lobby is empty, a code is held up and read, and after its time the lobby is empty again."""
    with VisitorStage(size=SMALL) as stage, watching(stage.url) as source:
        empty = read_until(source, nothing)
        assert empty.image.shape == (540, 960, 3)
        stage.show(code, "phone-near", seconds=0.6)
        read_until(source, the_visitor)
        read_until(source, nothing)


def test_a_visitor_stays_until_the_stage_is_cleared(code: Path) -> None:
    """Without a time the code stays, for longer than the pictures that were drawn, until somebody clears the stage."""
    with VisitorStage(size=SMALL) as stage, watching(stage.url) as source:
        stage.show(code, "paper")
        first = read_until(source, the_visitor)
        last = first
        while last.sequence < first.sequence + 30:
            last = read_until(source, the_visitor)
        stage.show_empty()
        read_until(source, nothing)


def test_two_visitors_hold_up_two_codes(code: Path, other_code: Path) -> None:
    """Both codes are in one picture."""
    with VisitorStage() as stage, watching(stage.url) as source:
        stage.show_two(code, other_code)
        read_until(source, lambda texts: len(texts) == 2)


def test_the_camera_comes_back_when_the_stage_does(code: Path) -> None:
    """The stage goes away, which is told by a code, and comes back on the same port: pictures flow again."""
    with VisitorStage(size=SMALL) as stage, watching(stage.url) as source:
        port = stage.port
        before = read_until(source, nothing)
        stage.stop()
        assert trouble(source).code is StaffCode.CAMERA_STOPPED
        again = VisitorStage(port=port, size=SMALL)
        with again:
            again.show(code, "phone-near")
            after = read_until(source, the_visitor)
            assert after.sequence > before.sequence


def test_a_stage_stops_while_it_is_watched_and_frees_its_port() -> None:
    """Stopping ends streams and threads at once, and the port can be taken by others."""
    with VisitorStage(size=SMALL) as stage, watching(stage.url) as source:
        read_until(source, nothing)
        stage.stop()
        with socket.create_server(("127.0.0.1", stage.port)):
            pass


def test_a_stage_that_never_started_can_be_stopped() -> None:
    """A demo that fails before its camera runs cleans up all the same."""
    VisitorStage(size=SMALL).stop()


def test_a_watcher_that_takes_nothing_is_let_go() -> None:
    """A connection that asks for nothing, or reads nothing, does not hold up the end."""
    with VisitorStage(size=SMALL) as stage:
        silent = socket.create_connection(("127.0.0.1", stage.port))
        deaf = socket.create_connection(("127.0.0.1", stage.port))
        deaf.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
        assert deaf.recv(12) == b"HTTP/1.0 200"
        deaf.close()
        with watching(stage.url) as source:
            first = read_until(source, nothing)
            while read_until(source, nothing).sequence < first.sequence + 3:
                pass
        silent.close()


def test_there_is_nothing_but_the_stream() -> None:
    """Any other path is not found."""
    with VisitorStage(size=SMALL) as stage:
        connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=5)
        connection.request("GET", "/etc/passwd")
        assert connection.getresponse().status == 404
        connection.close()


def test_a_code_that_is_no_picture_changes_nothing(tmp_path: Path, code: Path) -> None:
    """Who shows a file that is no picture, or names no scene, is told; what was shown stays."""
    path = tmp_path / "code.png"
    path.write_text("no picture")
    with VisitorStage(size=SMALL) as stage, watching(stage.url) as source:
        stage.show(code, "phone-near")
        with pytest.raises(ValueError, match="no picture"):
            stage.show(path)
        with pytest.raises(KeyError):
            stage.show(code, "on the moon")
        read_until(source, the_visitor)
