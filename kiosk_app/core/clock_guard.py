"""What time it is, and how sure the kiosk is of it, when anybody may have set its clock.

Three sources: signed server time, the boot clock (counts sleep, cannot be set) and the wall clock, which is compared
and never trusted. Below them lies a floor that never falls. The floor grows from signed times and, while *sure*, from
the running estimate; never from ``nbf`` or ``exp``, which lie ahead. Readings are handed in; the store saves the floor.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MAX_JUMP_MS: Final = 2 * 60 * 1000
"""Wall and boot clock may drift apart this far between two readings."""
MAX_UNSYNCED_LEAD_MS: Final = 7 * 24 * 3600 * 1000
"""A wall clock further ahead of the floor, without signed time, was more likely set wrong than left alone."""
MAX_LIFT_MS: Final = 30 * 24 * 3600 * 1000
"""A signed time lifts the floor no further at once: one wrong server clock would end every visit for good."""
AGREEMENT_MS: Final = 24 * 3600 * 1000
"""After signed times agreed for so long, a greater lift is believed."""


class ClockStanding(StrEnum):
    """How sure the kiosk is of the time."""

    SURE = "sure"
    """Signed time in this boot."""
    PLAUSIBLE = "plausible"
    """The wall clock contradicts nothing; admissions are marked."""
    SUSPECT = "suspect"
    """Nobody is admitted."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at this machine's clocks: wall in ms since 1970, boot clock in ms, and which boot it counts from."""

    wall_ms: int
    boot_ms: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A signed server time, and the boot clock at the moment it was learned."""

    server_ms: int
    boot_ms: int
    boot_id: str

    def at(self, reading: ClockReading) -> int | None:
        """Return the server's time at ``reading`` in ms since 1970, or None after another boot."""
        if reading.boot_id != self.boot_id or reading.boot_ms < self.boot_ms:
            return None
        return self.server_ms + reading.boot_ms - self.boot_ms


@dataclass(frozen=True, slots=True)
class Estimate:
    """The time by the kiosk's best knowledge, ms since 1970, never below the floor while not suspect."""

    standing: ClockStanding
    now_ms: int
    floor_ms: int

    @property
    def now_s(self) -> int:
        """Whole seconds since 1970, rounded down."""
        return self.now_ms // 1000

    @property
    def floor_s(self) -> int:
        """The floor in whole seconds, rounded down."""
        return self.floor_ms // 1000

    @property
    def safe_s(self) -> int:
        """The time to judge keys and documents by, whole seconds: a suspect clock's is worse than the floor's."""
        return self.floor_s if self.standing is ClockStanding.SUSPECT else self.now_s


@dataclass(frozen=True, slots=True)
class ClockGuard:
    """What the kiosk remembers about time. ``floor_ms`` and ``anchor`` outlive the process, the rest does not."""

    floor_ms: int
    anchor: Anchor | None = None
    last: ClockReading | None = None
    jumped: bool = False
    doubted: Anchor | None = None
    """A signed time that would lift the floor too far, since when it stands unopposed."""

    def observe(self, reading: ClockReading) -> "ClockGuard":
        """Return the guard after a look at the clocks: a jump is noticed, and while sure the floor follows."""
        seen = replace(self, last=reading, jumped=self.jumped or _jumped(self.last, reading))
        now = None if seen.jumped or self.anchor is None else self.anchor.at(reading)
        return seen if now is None else replace(seen, floor_ms=max(seen.floor_ms, now))

    def assess(self, reading: ClockReading) -> Estimate:
        """Return the time at ``reading``, which :meth:`observe` has seen."""
        if self.jumped:
            return Estimate(ClockStanding.SUSPECT, reading.wall_ms, self.floor_ms)
        now = None if self.anchor is None else self.anchor.at(reading)
        if now is not None:
            return Estimate(ClockStanding.SURE, max(now, self.floor_ms), self.floor_ms)
        lead = reading.wall_ms - self.floor_ms
        standing = ClockStanding.PLAUSIBLE if 0 <= lead <= MAX_UNSYNCED_LEAD_MS else ClockStanding.SUSPECT
        return Estimate(standing, reading.wall_ms, self.floor_ms)

    def learn(self, server_ms: int, reading: ClockReading, *, at_pairing: bool = False) -> "ClockGuard":
        """Return the guard after a signed server time, which heals a jump; a time below the floor teaches nothing.

        Args:
            server_ms: As signed, ms since 1970.
            reading: The clocks when the answer arrived.
            at_pairing: Staff stand beside the kiosk: any lift is believed.
        """
        fresh = Anchor(server_ms, reading.boot_ms, reading.boot_id)
        # Within the jump limit an earlier time is our own boot clock running fast, not a server out of its mind.
        if server_ms < self.floor_ms - MAX_JUMP_MS:
            return replace(self, doubted=None)
        if not at_pairing and server_ms - self.floor_ms > MAX_LIFT_MS and not self._agreed(server_ms, reading):
            return replace(self, doubted=self._still_doubted(server_ms, reading) or fresh)
        return replace(
            self, floor_ms=max(self.floor_ms, server_ms), anchor=fresh, last=reading, jumped=False, doubted=None
        )

    def raise_floor(self, document_ms: int) -> "ClockGuard":
        """Return the guard after a signed document with this ``issuedAt`` (ms since 1970)."""
        if document_ms - self.floor_ms > MAX_LIFT_MS:
            return self
        return replace(self, floor_ms=max(self.floor_ms, document_ms))

    def _still_doubted(self, server_ms: int, reading: ClockReading) -> Anchor | None:
        """Return the doubted time if ``server_ms`` agrees with it."""
        expected = None if self.doubted is None else self.doubted.at(reading)
        return self.doubted if expected is not None and abs(server_ms - expected) <= MAX_JUMP_MS else None

    def _agreed(self, server_ms: int, reading: ClockReading) -> bool:
        doubted = self._still_doubted(server_ms, reading)
        return doubted is not None and reading.boot_ms - doubted.boot_ms >= AGREEMENT_MS


def _jumped(last: ClockReading | None, reading: ClockReading) -> bool:
    if last is None or last.boot_id != reading.boot_id:
        return False
    return abs((reading.wall_ms - last.wall_ms) - (reading.boot_ms - last.boot_ms)) > MAX_JUMP_MS
