"""The PIN of the staff's page: how many tries there are, and how long the page stays locked. Pure; readings come in.

Six digits keep visitors out, not a thief: who has the key folder has the kiosk. So what counts is how often somebody at
the screen may try: five times, then five minutes not, which makes a year and a half for half of all PINs.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.staff_codes import StaffCode

PIN_DIGITS: Final = 6
TRIES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong tries so far, and when the last one was. Outlives the process."""

    wrong: int = 0
    last: ClockReading | None = None

    def left(self) -> int:
        """Return how many tries remain until the lock."""
        return max(0, TRIES - self.wrong)

    def locked_for(self, reading: ClockReading) -> timedelta:
        """Return how long nobody may try, zero where somebody may."""
        if self.wrong < TRIES or self.last is None:
            return timedelta(0)
        return max(timedelta(0), LOCKED_FOR - timedelta(milliseconds=_passed_ms(self.last, reading)))

    def with_one_more(self, reading: ClockReading) -> "Tries":
        """Return the count after one more try, which begins anew after a lock that is over."""
        wrong = 0 if self.wrong >= TRIES else self.wrong
        return Tries(wrong + 1, reading)


@dataclass(frozen=True, slots=True)
class PinRight:
    """The staff's page opens."""


@dataclass(frozen=True, slots=True)
class PinWrong:
    """Not this one. ``tries_left`` is at least 1; the last wrong try is answered by :class:`PinLocked`."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class PinLocked:
    """Nobody may try for so long."""

    duration: timedelta


@dataclass(frozen=True, slots=True)
class PinMissing:
    """No PIN was ever set; ``atrium-kiosk pin`` sets one."""


@dataclass(frozen=True, slots=True)
class PinTrouble:
    """The PIN's files cannot be read or written."""

    code: StaffCode


PinAnswer = PinRight | PinWrong | PinLocked | PinMissing | PinTrouble


def _passed_ms(last: ClockReading, reading: ClockReading) -> int:
    """Return the time since ``last``: by the boot clock, which nobody can set, and only after a restart by the wall's.

    A wall clock that went back counts as no time at all.
    """
    if last.boot_id == reading.boot_id:
        return max(0, reading.boot_ms - last.boot_ms)
    return max(0, reading.wall_ms - last.wall_ms)
