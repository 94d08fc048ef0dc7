"""How long to wait before the next attempt: exponential with full jitter, randomness handed in.

Full jitter (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015): a building's kiosks that lost one
server together must not come back together.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

RETRY_AFTER_AT_MOST: Final = timedelta(minutes=15)
"""A server, or whoever answers in its place, cannot send a kiosk to sleep for longer."""


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """The window of the first wait, and the widest window."""

    first: timedelta
    at_most: timedelta


SYNC_BACKOFF: Final = BackoffPolicy(first=timedelta(seconds=1), at_most=timedelta(seconds=30))
CAMERA_BACKOFF: Final = BackoffPolicy(first=timedelta(milliseconds=500), at_most=timedelta(seconds=10))


def wait_before(attempt: int, unit: float, policy: BackoffPolicy, retry_after: timedelta | None = None) -> timedelta:
    """Return the wait before the next attempt.

    Args:
        attempt: Failures so far, from 1.
        unit: Uniform in [0, 1).
        policy: The window's growth and bound.
        retry_after: What the server asked for; obeyed up to ``RETRY_AFTER_AT_MOST``.
    """
    # Beyond 2^20 every policy is at its bound; a larger shift would only grow numbers.
    window = min(policy.at_most, policy.first * (1 << min(max(attempt, 1) - 1, 20)))
    asked = timedelta(0) if retry_after is None else max(timedelta(0), min(retry_after, RETRY_AFTER_AT_MOST))
    return max(window * unit, asked)
