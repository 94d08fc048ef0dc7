"""Starts the workers, connects them with the window, and brings them home.

Lives in the GUI thread. To the journey's controller it is one signal and one port; what goes to a worker goes by queued
signal. Stopping asks, waits two seconds, logs by name who did not come home, and never terminates a thread: one that is
cut off in the middle of a write is what the store protects against, not what we do to it.
"""

import time
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal, Slot

from kiosk_app.core.journey import Decide, Event, Pair
from kiosk_app.core.staff_desk import StaffRequest, SyncNow, Unpair
from kiosk_app.logs import KioskStopped, WorkerLate, write
from kiosk_app.workers.camera import CameraWorker, PreviewFrame
from kiosk_app.workers.desk import DeskWorker
from kiosk_app.workers.staff import StaffWorker
from kiosk_app.workers.sync import SyncWorker
from kiosk_app.workers.worker import Worker, start_thread

STOP_WITHIN_S: Final = 2.0


class Supervisor(QObject):
    """The workers as the window sees them. Implements the journey's errands."""

    happened = Signal(object)
    previewed = Signal(object)
    _pair_asked = Signal(object)
    _decide_asked = Signal(object)
    _next_code_asked = Signal()
    _staff_asked = Signal(object)
    _network_asked = Signal(object)
    _preview_taken = Signal()
    _stop_asked = Signal()

    def __init__(self, camera: CameraWorker, desk: DeskWorker, sync: SyncWorker, staff: StaffWorker) -> None:
        super().__init__()
        self._workers: tuple[Worker, ...] = (camera, desk, sync, staff)
        self._threads: list[QThread] = []
        for worker in self._workers:
            worker.happened.connect(self._relay)
            self._stop_asked.connect(worker.finish)
        camera.previewed.connect(self._relay_preview)
        self._preview_taken.connect(camera.take_back_preview)
        self._next_code_asked.connect(camera.settle)
        self._decide_asked.connect(desk.decide)
        self._pair_asked.connect(sync.pair)
        self._network_asked.connect(sync.serve_staff)
        self._staff_asked.connect(staff.serve)
        desk.decided.connect(sync.on_decided)
        camera.standing.connect(sync.on_camera)

    @Slot()
    def start(self) -> None:
        """Start every worker in a thread of its own; once."""
        if not self._threads:
            self._threads = [start_thread(worker) for worker in self._workers]

    def stop(self) -> tuple[str, ...]:
        """Ask every worker to end, wait at most two seconds in all, and return who did not."""
        self._stop_asked.emit()
        latest_s = time.monotonic() + STOP_WITHIN_S
        late = []
        for thread in self._threads:
            left_ms = max(0, int((latest_s - time.monotonic()) * 1000))
            if not thread.wait(left_ms):
                late.append(thread.objectName())
                write(WorkerLate(thread.objectName()))
        write(KioskStopped(len(late)))
        return tuple(late)

    def pair(self, setup_code: str, digits: str) -> None:
        """Ask the network's thread to pair."""
        self._pair_asked.emit(Pair(setup_code, digits))

    def decide(self, text: str, seen_at_ns: int) -> None:
        """Ask the desk's thread for a verdict."""
        self._decide_asked.emit(Decide(text, seen_at_ns))

    def ready_for_next_code(self) -> None:
        """Tell the camera's thread that the next sighting may come."""
        self._next_code_asked.emit()

    def serve_staff(self, request: StaffRequest) -> None:
        """Ask the thread that it belongs to: what may meet a round with the server goes where the rounds are."""
        if isinstance(request, SyncNow | Unpair):
            self._network_asked.emit(request)
        else:
            self._staff_asked.emit(request)

    @Slot(object)
    def _relay(self, event: Event) -> None:
        self.happened.emit(event)

    @Slot(object)
    def _relay_preview(self, frame: PreviewFrame) -> None:
        # Shown first, then given back: the camera never has more than one picture on its way.
        self.previewed.emit(frame)
        self._preview_taken.emit()
