"""The staff's thread: PIN, findings, diagnostics. Opens nothing before somebody asks, so a quiet kiosk pays nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Slot

from kiosk_app.core.errors import KioskError
from kiosk_app.core.health import Finding
from kiosk_app.core.journey import FindingsMade, PinAnswered, StaffTaskEnded
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import CheckPin, Examine, LookAtPin, Saved, SaveDiagnostics, TaskFailed
from kiosk_app.core.staff_pin import PinAnswer
from kiosk_app.workers.worker import Worker, guarded


class StaffRoom(Protocol):
    """What the worker opens in its own thread."""

    def look_at_pin(self) -> PinAnswer | None:
        """Return what stands in the way of a try, None where nothing does."""

    def check_pin(self, digits: str) -> PinAnswer:
        """Count a try and answer it."""

    def examine(self, camera: StaffCode | None) -> tuple[Finding, ...]:
        """Return the doctor's findings."""

    def save_diagnostics(self, camera: StaffCode | None) -> str:
        """Write the report and return where it lies. Raises KioskError."""


class StaffWorker(Worker):
    """Serves the staff's pages, except for what belongs to the network's thread."""

    def __init__(self, open_room: Callable[[], StaffRoom]) -> None:
        super().__init__("staff")
        self._open_room = open_room
        self._room: StaffRoom | None = None

    @Slot(object)
    @guarded
    def serve(self, request: LookAtPin | CheckPin | Examine | SaveDiagnostics) -> None:
        """Do what is asked and tell the journey."""
        if self._room is None:
            self._room = self._open_room()
        room = self._room
        match request:
            case LookAtPin():
                self.happened.emit(PinAnswered(room.look_at_pin()))
            case CheckPin(digits):
                self.happened.emit(PinAnswered(room.check_pin(digits)))
            case Examine(camera):
                self.happened.emit(FindingsMade(room.examine(camera)))
            case SaveDiagnostics(camera):
                self.happened.emit(StaffTaskEnded(_saved(room, camera)))


def _saved(room: StaffRoom, camera: StaffCode | None) -> Saved | TaskFailed:
    try:
        return Saved(room.save_diagnostics(camera))
    except KioskError as error:
        return TaskFailed(error.code)
