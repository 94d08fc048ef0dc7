"""The camera's thread: newest frame, decode, gate; at most one preview picture on its way to the screen.

Looks are paced: a visitor cannot tell 15 looks a second from 30.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QTimer, Signal, Slot

from kiosk_app.core.journey import CameraBack, CameraTrouble, CodeSeen, SeveralCodesSeen
from kiosk_app.core.scan_gate import ScanGate, SeveralCodes, Sighting
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.logs import CameraChanged, write
from kiosk_app.workers.worker import Worker, guarded

if TYPE_CHECKING:  # NumPy costs time that the first window must not wait for.
    from kiosk_app.camera.frames import Frame
    from kiosk_app.camera.pixels import Pixels
    from kiosk_app.camera.symbols import Symbol
    from kiosk_app.camera.watching import Look

LOOK_EVERY_MS: Final = 66
PREVIEW_EVERY_NS: Final = 83_000_000
"""Twelve pictures a second."""
PREVIEW_WIDEST_PX: Final = 800


class Source(Protocol):
    """Pictures of one camera, see :class:`kiosk_app.camera.sources.FrameSource`."""

    def open(self) -> None:
        """Take the camera."""

    def read(self) -> Frame | None:
        """Return the newest frame, None if there is none yet."""

    def close(self) -> None:
        """Let the camera go."""


class Reader(Protocol):
    """Finds codes, see :class:`kiosk_app.camera.watching.Watcher`."""

    def look(self, image: Pixels, taken_at_ns: int) -> Look:
        """Return what came of a picture."""


@dataclass(frozen=True, slots=True)
class CameraParts:
    """What the worker opens in its own thread. ``trouble`` returns the code of a camera's error, None for any other."""

    source: Source
    reader: Reader
    trouble: Callable[[Exception], StaffCode | None]


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """A picture for the screen and the outlines of the codes in it, in its own pixels."""

    image: Pixels
    outlines: Sequence[Sequence[tuple[float, float]]]


class CameraWorker(Worker):
    """Looks for codes for as long as the kiosk runs."""

    previewed = Signal(object)
    """One :class:`PreviewFrame`; the next comes only after :meth:`take_back_preview`."""

    standing = Signal(str)
    """How the camera is now that it changed: ``ok``, or the code of its trouble."""

    def __init__(self, open_parts: Callable[[], CameraParts]) -> None:
        super().__init__("camera")
        self._open_parts = open_parts
        self._parts: CameraParts | None = None
        # Closed until the journey is ready: a code seen before would be held for answered, and never be.
        self._gate = ScanGate(in_flight=True)
        self._trouble: StaffCode | None = None
        self._gave_pictures = False
        self._preview_is_free = True
        self._previewed_at_ns = 0
        self._timer: QTimer | None = None

    def open(self) -> None:
        """Take the camera; if it is not there yet, looking goes on all the same."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self._parts = self._open_parts()
        self._guard_camera(self._parts, self._parts.source.open)
        self._timer.start(0)

    def close(self) -> None:
        """Let the camera go."""
        if self._timer is not None:
            self._timer.stop()
        if self._parts is not None:
            self._parts.source.close()
            self._parts = None

    @Slot()
    @guarded
    def look(self) -> None:
        """Take one look, then arrange for the next."""
        parts, timer = self._parts, self._timer
        if parts is None or timer is None:
            return
        began_ns = time.monotonic_ns()
        try:
            self._guard_camera(parts, lambda: self._look(parts))
        finally:
            spent_ms = (time.monotonic_ns() - began_ns) // 1_000_000
            timer.start(max(0, LOOK_EVERY_MS - spent_ms))

    @Slot()
    @guarded
    def settle(self) -> None:
        """Let the gate take the next sighting."""
        self._gate = self._gate.settled()

    @Slot()
    @guarded
    def take_back_preview(self) -> None:
        """Note that the last preview picture was shown."""
        self._preview_is_free = True

    def _look(self, parts: CameraParts) -> None:
        frame = parts.source.read()
        if frame is None:
            return
        self._be_well()
        symbols = parts.reader.look(frame.image, frame.taken_at_ns).symbols
        self._gate, seen = self._gate.step([symbol.text for symbol in symbols], frame.taken_at_ns)
        if isinstance(seen, Sighting):
            self.happened.emit(CodeSeen(seen.text, seen.seen_at_ns))
        elif isinstance(seen, SeveralCodes):
            self.happened.emit(SeveralCodesSeen())
        self._preview(frame, symbols)

    def _preview(self, frame: Frame, symbols: tuple[Symbol, ...]) -> None:
        if not self._preview_is_free or frame.taken_at_ns - self._previewed_at_ns < PREVIEW_EVERY_NS:
            return
        self._preview_is_free, self._previewed_at_ns = False, frame.taken_at_ns
        step = -(-frame.image.shape[1] // PREVIEW_WIDEST_PX)
        image = frame.image[::step, ::step] if step > 1 else frame.image
        outlines = [[(x / step, y / step) for x, y in symbol.corners] for symbol in symbols]
        self.previewed.emit(PreviewFrame(image, outlines))

    def _guard_camera(self, parts: CameraParts, body: Callable[[], None]) -> None:
        """Run ``body``; trouble of the camera is told once, and the source heals by itself."""
        try:
            body()
        except Exception as error:
            code = parts.trouble(error)
            if code is None:
                raise
            if code is not self._trouble:
                self._trouble = code
                self.standing.emit(code.value)
                write(CameraChanged(code.value))
                self.happened.emit(CameraTrouble(code))

    def _be_well(self) -> None:
        if self._trouble is not None or not self._gave_pictures:
            self._gave_pictures = True
            self.standing.emit("ok")
        if self._trouble is not None:
            self._trouble = None
            write(CameraChanged("back"))
            self.happened.emit(CameraBack())
