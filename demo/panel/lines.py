"""A Unix socket's lines inside Qt's event loop: connects, comes back after a loss, and hands each line on."""

import contextlib
import socket
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal, Slot

_RETRY_MS: Final = 200
_CHUNK_BYTES: Final = 64 * 1024
_SEND_S: Final = 2.0


class Lines(QObject):
    """One connection to the socket at ``path``. Lives in the GUI thread.

    Args:
        path: the socket.
        greeting: what is sent first on each connection.
        comes_back: whether to connect again after a loss; otherwise ``lost`` is the end.
    """

    received = Signal(bytes)
    lost = Signal()

    def __init__(self, path: Path, greeting: bytes, *, comes_back: bool) -> None:
        super().__init__()
        self._path, self._greeting, self._comes_back = path, greeting, comes_back
        self._socket: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        self._pending = bytearray()
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(_RETRY_MS)
        self._retry.timeout.connect(self.connect_now)

    @Slot()
    def connect_now(self) -> None:
        """Connect, or try again soon."""
        attempt = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            attempt.settimeout(_SEND_S)
            attempt.connect(str(self._path))
            attempt.sendall(self._greeting)
        except OSError:
            attempt.close()
            self._lose()
            return
        self._socket = attempt
        self._notifier = QSocketNotifier(attempt.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    def send(self, line: bytes) -> None:
        """Send a line; a connection that does not take it is over."""
        if self._socket is None:
            return
        try:
            self._socket.sendall(line)
        except OSError:
            self._lose()

    def close(self) -> None:
        """Hang up for good."""
        self._comes_back = False
        self._retry.stop()
        self._drop()

    @Slot()
    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            chunk = self._socket.recv(_CHUNK_BYTES)
        except OSError:
            chunk = b""
        if not chunk:
            self._lose()
            return
        self._pending += chunk
        while (end := self._pending.find(b"\n")) >= 0:
            line = bytes(self._pending[:end])
            del self._pending[: end + 1]
            self.received.emit(line)

    def _lose(self) -> None:
        self._drop()
        if self._comes_back:
            self._retry.start()
        else:
            self.lost.emit()

    def _drop(self) -> None:
        self._pending.clear()
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
