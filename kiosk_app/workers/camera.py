"""The camera's thread: hears what the camera's process saw, and lets each code through the gate once.

Pictures are taken and read in that process; here are texts, and at most one preview picture on its way to the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QTimer, Signal, Slot

from kiosk_app.camera.lookout import Ended
from kiosk_app.camera.lookout_wire import Looked, Preview
from kiosk_app.core.journey import CameraBack, CameraTrouble, CodeSeen, SeveralCodesSeen
from kiosk_app.core.scan_gate import ScanGate, SeveralCodes, Sighting
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.logs import CameraChanged, LookoutEnded, write
from kiosk_app.workers.worker import Worker, guarded


class Lookout(Protocol):
    """The camera's process, see :class:`kiosk_app.camera.lookout.Lookout`."""

    def open(self) -> None:
        """Start it."""

    def read(self) -> Looked | Ended | None:
        """Return what it said last, None if nothing came for a short while."""

    def wish_preview(self) -> None:
        """Ask for one more picture for the screen."""

    def close(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class CameraParts:
    """What the worker opens in its own thread. ``trouble`` returns the code of a camera's error, None for any other."""

    lookout: Lookout
    trouble: Callable[[Exception], StaffCode | None]


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """A picture for the screen and the outlines of the codes in it, in its own pixels."""

    image: Preview
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
        self._timer: QTimer | None = None

    def open(self) -> None:
        """Start looking; if the camera is not there yet, looking goes on all the same."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self._parts = self._open_parts()
        self._guard_camera(self._parts, self._parts.lookout.open)
        self._timer.start(0)

    def close(self) -> None:
        """End looking, and the camera's process with it."""
        if self._timer is not None:
            self._timer.stop()
        if self._parts is not None:
            self._parts.lookout.close()
            self._parts = None

    @Slot()
    @guarded
    def look(self) -> None:
        """Hear one thing, then arrange for the next."""
        parts, timer = self._parts, self._timer
        if parts is None or timer is None:
            return
        try:
            self._guard_camera(parts, lambda: self._hear(parts.lookout))
        finally:
            timer.start(0)

    @Slot()
    @guarded
    def settle(self) -> None:
        """Let the gate take the next sighting."""
        self._gate = self._gate.settled()

    @Slot()
    @guarded
    def take_back_preview(self) -> None:
        """Wish for another preview picture: the last one was shown."""
        if self._parts is not None:
            self._parts.lookout.wish_preview()

    def _hear(self, lookout: Lookout) -> None:
        heard = lookout.read()
        if heard is None:
            return
        if isinstance(heard, Ended):
            write(LookoutEnded(heard.how))
            return
        self._be_well()
        self._gate, seen = self._gate.step([code.text for code in heard.codes], heard.taken_at_ns)
        if isinstance(seen, Sighting):
            self.happened.emit(CodeSeen(seen.text, seen.seen_at_ns))
        elif isinstance(seen, SeveralCodes):
            self.happened.emit(SeveralCodesSeen())
        if heard.preview is not None:
            self.previewed.emit(PreviewFrame(heard.preview, [list(code.corners) for code in heard.codes]))

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
