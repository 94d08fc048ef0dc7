"""A visit's life: which state follows which, and which times it may have."""

from collections.abc import Mapping, Set
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from kiosk_protocol.messages import FeedState
from kiosk_server.domain.problems import BadRequestError, WrongStateError
from kiosk_server.domain.records import VisitState
from kiosk_server.domain.times import whole_second

LONGEST_VISIT: Final = timedelta(hours=24)
USUAL_VISIT: Final = timedelta(hours=2)
FURTHEST_AWAY: Final = timedelta(days=366)
"""A code lies in somebody's mailbox until its day; further away a date is more likely a slip than a plan."""

NEXT_STATES: Final[Mapping[VisitState, Set[VisitState]]] = MappingProxyType(
    {
        VisitState.PRE_REGISTERED: frozenset({VisitState.CHECKED_IN, VisitState.CANCELLED}),
        VisitState.CHECKED_IN: frozenset({VisitState.CHECKED_OUT, VisitState.EXPIRED}),
        VisitState.CHECKED_OUT: frozenset(),
        VisitState.EXPIRED: frozenset(),
        VisitState.CANCELLED: frozenset(),
    }
)

_FEED_STATE: Final[Mapping[VisitState, FeedState]] = MappingProxyType(
    {
        VisitState.PRE_REGISTERED: "expected",
        VisitState.CHECKED_IN: "checked_in",
        VisitState.CHECKED_OUT: "closed",
        VisitState.EXPIRED: "closed",
        VisitState.CANCELLED: "cancelled",
    }
)


def check_transition(state: VisitState, wanted: VisitState) -> None:
    """Let ``state`` become ``wanted``.

    Raises:
        WrongStateError: ``wrong_state`` where a visit never takes that step.
    """
    if wanted not in NEXT_STATES[state]:
        raise WrongStateError(
            "wrong_state", f"This visit is {state.value.replace('_', ' ')} and cannot become {wanted.value}."
        )


def feed_state(state: VisitState) -> FeedState:
    """Return what kiosks are told of a visit in ``state``."""
    return _FEED_STATE[state]


def next_full_hour(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next full hour on the clocks of ``zone``, which half-hour zones have at our half hours."""
    local = now.astimezone(zone)
    past_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    # Added in UTC: on the night the clocks change, "an hour later" is what passes, not what the dial shows.
    return now.astimezone(UTC) - past_hour + timedelta(hours=1)


def visit_times(
    arrival: datetime | None, departure: datetime | None, now: datetime, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """Return arrival and departure in whole seconds, with their defaults filled in.

    Arrival defaults to the next full hour, departure to two hours after arrival (product page).

    Raises:
        BadRequestError: ``times`` where departure does not follow arrival within 24 h, or arrival is over a year away.
    """
    # First of all, and before any arithmetic: the calendar ends at the year 9999, and adding to its end raises.
    if arrival is not None and abs(arrival - now) > FURTHEST_AWAY:
        raise BadRequestError("times", "A visit lies at most a year away.")
    if departure is not None and abs(departure - now) > 2 * FURTHEST_AWAY:
        raise BadRequestError("times", "A visit ends after it begins, at most 24 hours later.")
    begin = whole_second(arrival or next_full_hour(now, zone))
    end = whole_second(departure) if departure else begin + USUAL_VISIT
    if not timedelta(0) < end - begin <= LONGEST_VISIT:
        raise BadRequestError("times", "A visit ends after it begins, at most 24 hours later.")
    return begin, end
