"""Workers in threads of their own, brought home after each test."""

import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, QThread, Signal

from kiosk_app.workers.worker import Worker, start_thread
from tests.kiosk_app.workers.recorder import Recorder


@pytest.fixture(autouse=True)
def traced_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let coverage see threads that Qt starts: Python hands its trace function only to threads of its own.

    At each slot, because PySide gives such a thread a new Python state for every call.
    """
    plain = Worker.report_faults_of

    def traced(self: Worker, body: Callable[[], None]) -> None:
        sys.settrace(threading.gettrace())
        plain(self, body)

    monkeypatch.setattr(Worker, "report_faults_of", traced)


class Asker(QObject):
    """Sends what the supervisor would send."""

    end = Signal()
    one = Signal(object)
    none = Signal()


@pytest.fixture
def asker() -> Asker:
    """Return signals to reach a worker by."""
    return Asker()


@pytest.fixture
def recorder() -> Recorder:
    """Return a receiver."""
    return Recorder()


@pytest.fixture
def started(qapp, asker: Asker, recorder: Recorder) -> Iterator[Callable[[Worker], Worker]]:
    """Return a way to start a worker, which is stopped at the end."""
    threads: list[QThread] = []
    # Python would collect a worker nobody refers to, in this thread, while it works in its own.
    workers: list[Worker] = []

    def start(worker: Worker) -> Worker:
        worker.happened.connect(recorder.take)
        asker.end.connect(worker.finish)
        workers.append(worker)
        threads.append(start_thread(worker))
        return worker

    yield start
    asker.end.emit()
    assert all(thread.wait(5000) for thread in threads)
