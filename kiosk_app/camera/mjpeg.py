"""A camera behind an address: JPEG pictures in one endless HTTP answer.

A thread of its own empties the connection, so that ``read`` always finds the newest picture and never an old one from a
queue. It holds packed pictures only; unpacking is done by whoever reads. Redirects are not followed: the address that
staff entered is the one that is asked.
"""

import http.client
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import READ_WAIT_S, Frame
from kiosk_app.camera.multipart import MultipartError, boundary_of, parts
from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pictures import Unreadable, unpack
from kiosk_app.core.staff_codes import StaffCode

SILENCE_S = 2.0
"""A connection that is not made, or brings nothing, for so long is given up."""

_FRAME_MAX_PIXELS = 12_000_000
_CLOSE_WAIT_S = 2.0


class MjpegSource:
    """A stream at ``url``, which ``sources.parse_camera_spec`` has checked. ``open`` does not wait for the connection.

    Pictures that are no JPEG or too large are skipped. Whatever ends the connection is told by ``read``. Without
    ``colour`` they are unpacked straight to grey, which costs less.
    """

    def __init__(self, url: str, *, colour: bool = True) -> None:
        self._url = url
        self._mode = cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE
        self._stream: _Stream | None = None
        self._sequence = 0

    @property
    def description(self) -> str:
        """Scheme and host; the path may hold a camera's secret."""
        address = urlsplit(self._url)
        return f"stream {address.scheme}://{address.netloc}"

    def open(self) -> None:
        """Begin to connect."""
        self.close()
        self._stream = _Stream(self._url)
        self._stream.start()

    def read(self) -> Frame | None:
        """Return the newest picture, or None. Raises ``CameraError`` when the stream has ended or never began."""
        if self._stream is None:
            raise CameraError(StaffCode.CAMERA_STOPPED, f"{self.description} is not open")
        newest = self._stream.newest(READ_WAIT_S)
        if newest is None:
            return None
        packed, number, taken_at_ns = newest
        image = unpack(packed, self._mode, _FRAME_MAX_PIXELS)
        if isinstance(image, Unreadable):
            return None
        return Frame(image, self._sequence + number, taken_at_ns)

    def close(self) -> None:
        """End the connection, within two seconds."""
        if self._stream is not None:
            self._stream.stop()
            self._sequence += self._stream.received
            self._stream = None


class _Stream:
    """One connection and the thread that empties it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._changed = threading.Condition()
        self._packed: bytes | None = None
        self._taken_at_ns = 0
        self._ended: CameraError | None = None
        self._socket: socket.socket | None = None
        self._stopping = False
        self.received = 0
        # A daemon, because a name server may hold it longer than a kiosk takes to stop.
        self._thread = threading.Thread(target=self._run, name="camera-stream", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def newest(self, wait_s: float) -> tuple[bytes, int, int] | None:
        """Take the newest packed picture, its number and time. Raises ``CameraError`` behind the last one."""
        with self._changed:
            self._changed.wait_for(lambda: self._packed is not None or self._ended is not None, wait_s)
            if self._packed is not None:
                taken, self._packed = self._packed, None
                return taken, self.received, self._taken_at_ns
            if self._ended is not None:
                raise self._ended
            return None

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            if self._socket is not None:
                _wake(self._socket)
        self._thread.join(_CLOSE_WAIT_S)

    def _run(self) -> None:
        try:
            self._receive()
            ended = CameraError(StaffCode.CAMERA_STOPPED, "the stream ended")
        except CameraError as error:
            ended = error
        except MultipartError as error:
            ended = CameraError(StaffCode.CAMERA_BAD_ADDRESS, str(error))
        except (OSError, http.client.HTTPException) as error:
            # Before the first picture there was no camera to lose.
            code = StaffCode.CAMERA_STOPPED if self.received else StaffCode.CAMERA_NOT_FOUND
            ended = CameraError(code, type(error).__name__)
        with self._changed:
            self._ended = ended
            self._changed.notify_all()

    def _receive(self) -> None:
        address = urlsplit(self._url)
        connect: Callable[..., http.client.HTTPConnection] = (
            http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        )
        connection = connect(address.hostname or "", address.port, timeout=SILENCE_S)
        try:
            connection.connect()
            if not self._may_go_on(connection.sock):
                return
            target = (address.path or "/") + (f"?{address.query}" if address.query else "")
            connection.request("GET", target, headers={"Accept": "multipart/x-mixed-replace"})
            with connection.getresponse() as answer:
                if answer.status != http.HTTPStatus.OK:
                    raise CameraError(StaffCode.CAMERA_BAD_ADDRESS, f"the address answers {answer.status}")
                for part in parts(answer, boundary_of(answer.getheader("Content-Type", ""))):
                    self._keep(part)
        finally:
            connection.close()

    def _may_go_on(self, connected: socket.socket) -> bool:
        with self._changed:
            self._socket = connected
            return not self._stopping

    def _keep(self, part: bytes) -> None:
        with self._changed:
            self._packed, self._taken_at_ns = part, time.monotonic_ns()
            self.received += 1
            self._changed.notify_all()


def _wake(connected: socket.socket) -> None:
    """End whatever the connection's thread is waiting for."""
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # It has ended already.
