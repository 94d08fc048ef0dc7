"""What all workers share: one signal for events, guarded slots, and a way to stop.

A worker lives in a thread of its own; every receiver of a signal is one of its slots (PySide6 ≥ 6.8 can crash when a
signal ends in a plain function of another thread). An exception that leaves a slot would be lost in Qt's event loop, so
each slot's body runs under :func:`guarded`.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from PySide6.QtCore import QObject, QThread, Signal, Slot

from kiosk_app.core.errors import KioskError
from kiosk_app.core.journey import FaultHappened
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.logs import fault_of, write

_P = ParamSpec("_P")
_W = TypeVar("_W", bound="Worker")


class Worker(QObject):
    """Base of the workers. Build it in the GUI thread, without a parent, then move it to its own."""

    happened = Signal(object)
    """One journey event."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)

    @Slot()
    def begin(self) -> None:
        """Open what the worker works with. Runs first, in the worker's thread."""
        self.report_faults_of(self.open)

    @Slot()
    def finish(self) -> None:
        """Let everything go and end the thread."""
        self.report_faults_of(self.close)
        QThread.currentThread().quit()

    def open(self) -> None:
        """Open what the worker works with."""

    def close(self) -> None:
        """Let everything go."""

    def report(self, error: Exception) -> StaffCode:
        """Log ``error``, tell the journey, and return the code it was told."""
        code = error.code if isinstance(error, KioskError) else StaffCode.UNEXPECTED_FAULT
        write(fault_of(error, code))
        self.happened.emit(FaultHappened(code))
        return code

    def report_faults_of(self, body: Callable[[], None]) -> None:
        """Run ``body``, a slot's; an exception closes the door politely."""
        try:
            body()
        except Exception as error:  # noqa: BLE001 - the border to Qt's event loop, which would swallow it
            self.report(error)


def guarded(slot: Callable[Concatenate[_W, _P], None]) -> Callable[Concatenate[_W, _P], None]:
    """Return ``slot`` with its exceptions turned into a polite *Out of service*."""

    @wraps(slot)
    def run(self: _W, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        self.report_faults_of(partial(slot, self, *args, **kwargs))

    return run


def start_thread(worker: Worker) -> QThread:
    """Move ``worker`` to a new thread named after it, and start it there."""
    thread = QThread()
    thread.setObjectName(worker.objectName())
    worker.moveToThread(thread)
    connect: Any = thread.started.connect
    connect(worker.begin)
    thread.start()
    return thread
