"""The camera's process: takes pictures, looks for codes, and tells the kiosk. It holds no key, no store and no name.

It ends with its kiosk, however that ends: the kiosk's pipe closes, and on Linux the kernel kills it besides. It writes
no file: no frame touches a disk, not even by way of a core dump.

    python -P -m kiosk_app.camera.lookout_process   (started by ``lookout.Lookout``)
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import BinaryIO, Final

import msgspec

from kiosk_app.camera.decoders import Decoder
from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import Frame, FrameSource
from kiosk_app.camera.lookout_wire import (
    MAX_SYMBOLS,
    WISH_PREVIEW,
    Looked,
    Message,
    Order,
    Preview,
    SeenCode,
    Trouble,
    Waiting,
    packed,
)
from kiosk_app.camera.sources import open_source, parse_camera_spec
from kiosk_app.camera.symbols import Symbol
from kiosk_app.camera.watching import Watcher

LOOK_EVERY_S: Final = 0.066
"""A visitor cannot tell 15 looks a second from 30."""
SAY_SOMETHING_EVERY_S: Final = 0.5
PREVIEW_EVERY_NS: Final = 83_000_000
"""Twelve pictures a second."""
PREVIEW_WIDEST_PX: Final = 800
MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Address space: three times what it uses with a 12-megapixel picture."""
_PR_SET_PDEATHSIG: Final = 1
_ORDER_BYTES: Final = 8192
_COME_HOME_S: Final = 1.0


def main() -> int:
    """Work until the kiosk's pipe closes."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(_ORDER_BYTES), type=Order)
    _bind_to(order.parent)
    kiosk = _Kiosk(sys.stdin.buffer, sys.stdout.buffer, threading.Event(), threading.Event())
    # Nothing but messages may stand in the pipe, whatever a library prints.
    sys.stdout = sys.stderr
    threading.Thread(target=kiosk.listen, name="kiosk", daemon=True).start()
    source = open_source(parse_camera_spec(order.camera), colour=order.preview)
    try:
        _Looking(source, Watcher(Decoder()), kiosk, with_preview=order.preview).run()
    finally:
        source.close()
    return 0


def _bind_to(parent: int) -> None:
    """Take limits, and end with the process that started this one."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # The kiosk decides about interrupts at a terminal; its end of the pipe ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)  # It ended before it could be bound to.


@dataclass(frozen=True, slots=True)
class _Kiosk:
    """The two pipes."""

    said: BinaryIO
    told: BinaryIO
    is_gone: threading.Event
    wishes_preview: threading.Event

    def listen(self) -> None:
        """Note wishes until the pipe closes; then make sure that this process ends. A thread's body."""
        while piece := self.said.read(1):
            if piece == WISH_PREVIEW:
                self.wishes_preview.set()
        self.is_gone.set()
        time.sleep(_COME_HOME_S)
        os._exit(0)

    def tell(self, message: Message) -> None:
        """Send a message; a kiosk that is gone is not told."""
        try:
            self.told.write(packed(message))
            self.told.flush()
        except OSError:
            self.is_gone.set()


class _Looking:
    """The loop over pictures."""

    def __init__(self, source: FrameSource, watcher: Watcher, kiosk: _Kiosk, *, with_preview: bool) -> None:
        self._source, self._watcher, self._kiosk, self._with_preview = source, watcher, kiosk, with_preview
        self._spoke_at_s = 0.0
        self._previewed_at_ns = 0

    def run(self) -> None:
        """Look until the kiosk is gone."""
        self._guarded_open()
        while not self._kiosk.is_gone.is_set():
            began_s = time.monotonic()
            self._turn()
            self._kiosk.is_gone.wait(max(0.0, began_s + LOOK_EVERY_S - time.monotonic()))

    def _guarded_open(self) -> None:
        try:
            self._source.open()
        except CameraError as error:
            self._say(Trouble(error.code.value))

    def _turn(self) -> None:
        try:
            frame = self._source.read()
        except CameraError as error:
            self._say(Trouble(error.code.value))
            return
        if frame is not None:
            self._say(self._looked_at(frame))
        elif time.monotonic() - self._spoke_at_s >= SAY_SOMETHING_EVERY_S:
            self._say(Waiting())

    def _looked_at(self, frame: Frame) -> Looked:
        symbols = self._watcher.look(frame.image, frame.taken_at_ns).symbols[:MAX_SYMBOLS]
        if not self._is_preview_due(frame):
            return Looked(frame.taken_at_ns, _codes(symbols, 1))
        self._kiosk.wishes_preview.clear()
        self._previewed_at_ns = frame.taken_at_ns
        step = -(-max(frame.image.shape[:2]) // PREVIEW_WIDEST_PX)
        image = frame.image[::step, ::step]
        preview = Preview(image.shape[1], image.shape[0], 1 if image.ndim == 2 else 3, image.tobytes())
        return Looked(frame.taken_at_ns, _codes(symbols, step), preview)

    def _is_preview_due(self, frame: Frame) -> bool:
        if not self._with_preview or not self._kiosk.wishes_preview.is_set():
            return False
        return frame.taken_at_ns - self._previewed_at_ns >= PREVIEW_EVERY_NS

    def _say(self, message: Message) -> None:
        self._spoke_at_s = time.monotonic()
        self._kiosk.tell(message)


def _codes(symbols: tuple[Symbol, ...], step: int) -> tuple[SeenCode, ...]:
    return tuple(SeenCode(one.text, tuple((x / step, y / step) for x, y in one.corners)) for one in symbols)


if __name__ == "__main__":
    sys.exit(main())
