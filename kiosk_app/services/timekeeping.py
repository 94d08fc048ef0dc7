"""The kiosk's one idea of the time, shared by the desk and the sync thread."""

from threading import Lock

from kiosk_app.core.checkin import ClockMemory
from kiosk_app.core.clock_guard import ClockGuard, Estimate
from kiosk_app.core.ports import Clock


class TimeKeeper:
    """Looks at the clocks through :class:`ClockGuard`. Safe to use from several threads."""

    def __init__(self, clock: Clock, memory: ClockMemory, built_at_ms: int) -> None:
        """Start from what the store remembered; the program cannot run before it was built."""
        self._clock = clock
        self._lock = Lock()
        self._guard = ClockGuard(max(memory.floor_ms, built_at_ms), memory.anchor)

    def now(self) -> Estimate:
        """Return the time and how sure the kiosk is of it."""
        with self._lock:
            reading = self._clock.read()
            self._guard = self._guard.observe(reading)
            return self._guard.assess(reading)

    def boot_ms(self) -> int:
        """Return the boot clock in ms, to pace by: it counts sleep, and nobody can set it."""
        return self._clock.read().boot_ms

    def learn(self, server_ms: int, *, at_pairing: bool = False) -> None:
        """Take a signed server time (ms since 1970) that just arrived."""
        with self._lock:
            self._guard = self._guard.learn(server_ms, self._clock.read(), at_pairing=at_pairing)

    def raise_floor(self, document_ms: int) -> None:
        """Take the ``issuedAt`` of a signed document (ms since 1970)."""
        with self._lock:
            self._guard = self._guard.raise_floor(document_ms)

    def memory(self) -> ClockMemory:
        """Return what must outlive the process."""
        with self._lock:
            return ClockMemory(self._guard.floor_ms, self._guard.anchor)
