"""The demo's end of the line to its panel: one panel at a time, whole lines, no waiting for a slow reader."""

import contextlib
import os
import select
import socket
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from demo.panel.messages import Situation, Wish

_SEND_S: Final = 2.0
_LINE_BYTES: Final = 64 * 1024


class PanelLink:
    """Listens at ``path`` (mode 0600). Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._panel: socket.socket | None = None
        self._pending = bytearray()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(mask)
        self._listener.listen(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()
        self._listener.close()
        self.path.unlink(missing_ok=True)

    def tell(self, situation: Situation) -> None:
        """Tell the panel, where there is one."""
        if self._panel is not None:
            try:
                self._panel.sendall(situation.line())
            except OSError:
                self._hang_up()

    def hear(self, seconds: float) -> Wish | None:
        """Return the next wish, None where none came within ``seconds``. Lines that are no wish are dropped."""
        if (wish := self._next()) is not None:
            return wish
        source = self._panel or self._listener
        readable, _, _ = select.select([source], [], [], seconds)
        if not readable:
            return None
        if self._panel is None:
            self._panel, _ = self._listener.accept()
            self._panel.settimeout(_SEND_S)
            return None
        try:
            chunk = self._panel.recv(_LINE_BYTES)
        except OSError:
            chunk = b""
        if not chunk or len(self._pending) > _LINE_BYTES:
            self._hang_up()
            return None
        self._pending += chunk
        return self._next()

    def forget(self) -> None:
        """Drop what was asked for meanwhile: it was asked in another situation."""
        while self.hear(0) is not None:
            pass

    def _next(self) -> Wish | None:
        while (end := self._pending.find(b"\n")) >= 0:
            line = bytes(self._pending[:end])
            del self._pending[: end + 1]
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return Wish.read(line)
        return None

    def _hang_up(self) -> None:
        self._pending.clear()
        if self._panel is not None:
            self._panel.close()
            self._panel = None
