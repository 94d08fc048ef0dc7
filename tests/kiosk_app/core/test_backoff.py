"""Waiting: bounded, growing, jittered."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.core.backoff import RETRY_AFTER_AT_MOST, SYNC_BACKOFF, wait_before

units = st.floats(0, 1, exclude_max=True)
attempts = st.integers(-5, 10_000)
SECOND = timedelta(seconds=1)


@given(attempts, units)
def test_no_wait_is_negative_or_beyond_the_bound(attempt: int, unit: float) -> None:
    assert timedelta(0) <= wait_before(attempt, unit, SYNC_BACKOFF) <= SYNC_BACKOFF.at_most


@given(st.integers(1, 100), units)
def test_the_window_grows_until_its_bound(attempt: int, unit: float) -> None:
    assert wait_before(attempt, unit, SYNC_BACKOFF) <= wait_before(attempt + 1, unit, SYNC_BACKOFF)


def test_the_window_doubles_and_the_jitter_is_full() -> None:
    assert wait_before(1, 0.5, SYNC_BACKOFF) == SECOND / 2
    assert wait_before(3, 0.5, SYNC_BACKOFF) == 2 * SECOND
    assert wait_before(3, 0.0, SYNC_BACKOFF) == timedelta(0)


@given(st.integers(1, 40), units, st.timedeltas())
def test_a_servers_wish_is_obeyed_within_reason(attempt: int, unit: float, wish: timedelta) -> None:
    wait = wait_before(attempt, unit, SYNC_BACKOFF, wish)
    assert timedelta(0) <= wait <= max(RETRY_AFTER_AT_MOST, SYNC_BACKOFF.at_most)
    assert wait >= min(wish, RETRY_AFTER_AT_MOST)
