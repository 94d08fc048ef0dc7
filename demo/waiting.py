"""Waiting for something that other processes do."""

import time
from collections.abc import Callable

from demo.interrupts import raise_if_pending

_STEP_S = 0.05


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether ``condition`` came to hold within ``seconds``; looked at twenty times a second."""
    deadline = time.monotonic() + seconds
    while not condition():
        raise_if_pending()
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_S)
    return True


def wait_for_seconds(seconds: float) -> None:
    """Let time pass where it is time itself that must pass."""
    wait_until(lambda: False, seconds)
