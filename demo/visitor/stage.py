"""A camera on this machine that films the simulated visitor: one MJPEG stream on a free port of the loopback address.

One thread draws, about twelve pictures a second and only while somebody watches; each watcher has a thread that sends.
What is before the camera is changed from outside, at any time.
"""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from demo.visitor.picture import SIZE, Held, Shot
from demo.visitor.props import load_code
from demo.visitor.scenes import SCENES

FPS = 12
_BOUNDARY = "picture"
_JPEG_QUALITY = 85
_SEND_WAIT_S = 2.0
_LOOP_PICTURES = 2 * FPS
"""A hand is drawn for two seconds; then the same pictures go back and forth, which costs nothing."""

_TWO_ASIDE = 0.21


class VisitorStage:
    """The camera. Use it as a context manager, or ``start`` and ``stop`` it.

    Args:
        port: to listen on; 0 for a free one.
        size: width and height of the pictures.
        seed: of the first visitor; each further one looks a little different.
    """

    def __init__(self, port: int = 0, size: tuple[int, int] = SIZE, seed: int = 0) -> None:
        self._size = size
        self._seed = seed
        self._changed = threading.Condition()
        self._empty = _Film((), size, seed)
        self._film = self._empty
        self._until_s: float | None = None
        self._packed = b""
        self._packed_number = 0
        self._watchers = 0
        self._visitors = 0
        self._started = False
        self._stopping = False
        self._server = _Server(("127.0.0.1", port), _Watcher)
        self._server.stage = self
        self._threads = (
            threading.Thread(target=self._draw, name="visitor-drawing"),
            threading.Thread(target=self._server.serve_forever, args=(0.1,), name="visitor-serving"),
        )

    @property
    def url(self) -> str:
        """The stream's address, for ``--camera mjpeg:URL``."""
        return f"http://127.0.0.1:{self.port}/stream"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to serve. An empty lobby is shown."""
        self._started = True
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all streams and threads and free the port. May be called twice, and without a start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._started:
            self._server.shutdown()
            for thread in self._threads:
                thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def show(self, code: Path, scene: str = "phone", seconds: float | None = None) -> None:
        """Hold up the code in the picture file ``code``. Returns when it is before the camera, within a second.

        Args:
            code: a PNG with its quiet zone.
            scene: a name from ``SCENES``.
            seconds: then the visitor leaves; None stays until something else is shown.

        Raises:
            ValueError: the file is no picture.
        """
        self._perform((Held(load_code(code), SCENES[scene]),), seconds)

    def show_two(self, left: Path, right: Path, seconds: float | None = None) -> None:
        """Hold up two codes side by side: a phone on the left, a sheet on the right. Otherwise like ``show``."""
        phone = Held(load_code(left), SCENES["phone"], -_TWO_ASIDE)
        self._perform((phone, Held(load_code(right), SCENES["paper"], _TWO_ASIDE)), seconds)

    def show_empty(self) -> None:
        """Leave the lobby empty."""
        with self._changed:
            self._film, self._until_s = self._empty, None

    def pictures(self) -> Iterator[bytes]:
        """Yield packed pictures as they are drawn, until the stage stops."""
        with self._changed:
            seen = self._packed_number
            self._watchers += 1
            self._changed.notify_all()
        try:
            while True:
                with self._changed:
                    while not self._stopping and self._packed_number == seen:
                        self._changed.wait()
                    if self._stopping:
                        return
                    packed, seen = self._packed, self._packed_number
                yield packed
        finally:
            with self._changed:
                self._watchers -= 1

    def _perform(self, held: tuple[Held, ...], seconds: float | None) -> None:
        # Drawn by the caller, so that the stream goes on meanwhile: a camera that stalls would look like a broken one.
        self._visitors += 1
        film = _Film(held, self._size, self._seed + self._visitors)
        with self._changed:
            self._film = film
            self._until_s = None if seconds is None else time.monotonic() + seconds

    def _draw(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._watchers > 0)
                if self._stopping:
                    return
                if self._until_s is not None and time.monotonic() >= self._until_s:
                    self._film, self._until_s = self._empty, None
                film = self._film
            began_s = time.monotonic()
            packed = film.next_packed()
            with self._changed:
                self._packed = packed
                self._packed_number += 1
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._stopping, max(0.0, began_s + 1.0 / FPS - time.monotonic()))


class _Film:
    """What is before the camera: the pictures of it, each drawn and packed once."""

    def __init__(self, held: tuple[Held, ...], size: tuple[int, int], seed: int) -> None:
        self._shot = Shot(held, size, seed)
        self._packed: list[bytes] = []
        self._shown = 0

    def next_packed(self) -> bytes:
        step = self._shown % (2 * _LOOP_PICTURES)
        place = min(step, 2 * _LOOP_PICTURES - 1 - step)
        self._shown += 1
        if place == len(self._packed):
            self._packed.append(_pack(self._shot.picture(place / FPS)))
        return self._packed[place]


def _pack(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return packed.tobytes()


class _Server(ThreadingHTTPServer):
    """Waits for its threads at the end; each ends when the stage stops or its watcher does not take a picture."""

    daemon_threads = False
    stage: VisitorStage


class _Watcher(BaseHTTPRequestHandler):
    """Sends the stream to one watcher."""

    server: _Server
    timeout = _SEND_WAIT_S

    def do_GET(self) -> None:
        """Answer ``/stream``; there is nothing else."""
        if self.path != "/stream":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        try:
            for packed in self.server.stage.pictures():
                head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(packed)}\r\n\r\n"
                self.wfile.write(head.encode("ascii") + packed + b"\r\n")
        except OSError:
            self.close_connection = True  # The watcher went away, which is how a stream usually ends.

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of the base class
        """Keep the terminal for the demo's own words."""
