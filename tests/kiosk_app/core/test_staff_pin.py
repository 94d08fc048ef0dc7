"""Tries of the staff's PIN: five, then five minutes not, whatever somebody does to the clock or the plug."""

from dataclasses import replace
from datetime import timedelta

from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.staff_pin import LOCKED_FOR, TRIES, Tries

NOW = ClockReading(1_900_000_000_000, 50_000, "boot-1")
NEVER = timedelta(0)


def after(count: int) -> Tries:
    """Return the count after so many wrong tries."""
    tries = Tries()
    for _ in range(count):
        tries = tries.with_one_more(NOW)
    return tries


def test_five_wrong_tries_lock_for_five_minutes() -> None:
    """Four leave one more; the fifth locks, and after five minutes there are five again."""
    assert [after(count).left() for count in range(TRIES + 1)] == [5, 4, 3, 2, 1, 0]
    assert after(4).locked_for(NOW) == NEVER
    assert Tries(TRIES).locked_for(NOW) == NEVER
    locked = after(5)
    assert locked.locked_for(NOW) == LOCKED_FOR
    assert locked.locked_for(replace(NOW, boot_ms=NOW.boot_ms + 240_000)) == timedelta(minutes=1)
    over = replace(NOW, boot_ms=NOW.boot_ms + 300_000)
    assert locked.locked_for(over) == NEVER
    assert locked.with_one_more(over).left() == 4


def test_setting_the_clock_opens_nothing() -> None:
    """Within one boot only the boot clock counts; after another, a wall clock that went back counts as no time."""
    locked = after(5)
    assert locked.locked_for(replace(NOW, wall_ms=NOW.wall_ms + 10**9)) == LOCKED_FOR
    rebooted = ClockReading(NOW.wall_ms + 60_000, 1_000, "boot-2")
    assert locked.locked_for(rebooted) == timedelta(minutes=4)
    assert locked.locked_for(replace(rebooted, wall_ms=NOW.wall_ms - 10**9)) == LOCKED_FOR
