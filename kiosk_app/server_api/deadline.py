"""An answer in time, or none: for somebody who stands at the door."""

import queue
from collections.abc import Callable
from threading import Semaphore, Thread
from typing import TypeVar

_R = TypeVar("_R")


class Deadline:
    """Runs calls in threads of their own and waits no longer than it may. Late results are dropped.

    A call that hangs keeps its thread until its own time-outs end it; at most ``at_most`` do so, then the answer is
    None at once. The threads are daemons: none keeps the program from ending.
    """

    def __init__(self, at_most: int = 4) -> None:
        self._free = Semaphore(at_most)

    def within(self, seconds: float, call: Callable[[], _R]) -> _R | None:
        """Return what ``call``, which never raises, returns within ``seconds``, else None."""
        if not self._free.acquire(blocking=False):
            return None
        results: queue.SimpleQueue[_R] = queue.SimpleQueue()

        def run() -> None:
            try:
                results.put(call())
            finally:
                self._free.release()

        Thread(target=run, name="claim", daemon=True).start()
        try:
            return results.get(timeout=seconds)
        except queue.Empty:
            return None
