"""The only place that looks at this machine's clocks."""

import os
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from kiosk_app.core.clock_guard import ClockReading

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """Wall clock and boot clock. On Linux the boot clock counts sleep and cannot be set."""

    def read(self) -> ClockReading:
        """Return both clocks at this moment."""
        return ClockReading(time.time_ns() // 1_000_000, _boot_ns() // 1_000_000, _boot_id())

    def wall(self) -> datetime:
        """Return the wall clock's word, aware, in UTC: for a screen before the store is open, never for a decision."""
        return datetime.now(UTC)


def _boot_ns() -> int:
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock)


@cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        # Without a name for the boot each process is one of its own: signed time is asked for again, no more.
        return os.urandom(16).hex()
