"""A visit's states and times."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain.problems import BadRequestError, WrongStateError
from kiosk_server.domain.records import VisitState
from kiosk_server.domain.visits import check_transition, feed_state, next_full_hour, visit_times

NOW = datetime(2026, 3, 2, 8, 20, 30, 999, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")
ALLOWED = {
    ("pre_registered", "checked_in"),
    ("pre_registered", "cancelled"),
    ("checked_in", "checked_out"),
    ("checked_in", "expired"),
}


@pytest.mark.parametrize(("state", "wanted"), list(itertools.product(VisitState, VisitState)))
def test_only_four_steps_exist(state: VisitState, wanted: VisitState) -> None:
    """Every other pair is refused, a state to itself included."""
    if (state.value, wanted.value) in ALLOWED:
        check_transition(state, wanted)
    else:
        with pytest.raises(WrongStateError):
            check_transition(state, wanted)


def test_every_state_is_told_to_kiosks() -> None:
    """No state is forgotten in the feed."""
    assert [feed_state(state) for state in VisitState] == ["expected", "checked_in", "closed", "closed", "cancelled"]


def test_arrival_defaults_to_the_next_full_hour_and_departure_to_two_hours_later() -> None:
    """On the site's clocks: where they stand half an hour off, so do the hours."""
    assert visit_times(None, None, NOW, VIENNA) == (
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        datetime(2026, 3, 2, 11, tzinfo=UTC),
    )
    assert next_full_hour(NOW, ZoneInfo("Asia/Kolkata")) == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_on_the_night_the_clocks_change_the_next_hour_is_an_hour_that_passes() -> None:
    """In spring 02:00 does not exist in Vienna; the next full hour is 03:00."""
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert next_full_hour(before, VIENNA) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@given(st.integers(0, 10**15).map(lambda us: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)))
def test_next_full_hour_is_full_and_at_most_an_hour_away(now: datetime) -> None:
    """Whatever the moment."""
    hour = next_full_hour(now, VIENNA)
    assert timedelta(0) < hour - now <= timedelta(hours=1)
    assert (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=-1), timedelta(hours=24, seconds=1)])
def test_departure_follows_arrival_within_a_day(length: timedelta) -> None:
    """Exactly 24 hours are the longest."""
    assert visit_times(NOW, NOW + timedelta(hours=24), NOW, VIENNA)
    with pytest.raises(BadRequestError):
        visit_times(NOW, NOW + length, NOW, VIENNA)


@pytest.mark.parametrize(
    ("arrival", "departure"),
    [
        (NOW + timedelta(days=367), None),
        (NOW - timedelta(days=367), None),
        (None, datetime.max.replace(tzinfo=UTC)),
        (datetime.min.replace(tzinfo=UTC), None),
    ],
)
def test_dates_far_away_are_slips(arrival: datetime | None, departure: datetime | None) -> None:
    """More than a year in either direction, and the ends of the calendar."""
    with pytest.raises(BadRequestError):
        visit_times(arrival, departure, NOW, VIENNA)
