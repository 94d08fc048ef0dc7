"""Waiting for other processes: the kernel offers no event for what is awaited here."""

import time
from collections.abc import Callable
from datetime import timedelta

PAUSE_S = 0.005  # a start takes 150 ms and more, a look takes 20 µs


def wait_until(condition: Callable[[], bool], limit: timedelta) -> bool:
    """Return True as soon as the condition holds, False if it still does not at the limit."""
    deadline = time.monotonic() + limit.total_seconds()
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE_S)
    return True
