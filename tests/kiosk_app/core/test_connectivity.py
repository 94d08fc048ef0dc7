"""The link, judged with hysteresis."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.core.connectivity import REMEMBERED, LinkState


def after(*outcomes: bool, start: LinkState | None = None) -> LinkState:
    state = start or LinkState()
    for number, outcome in enumerate(outcomes):
        state = state.after(outcome, number)
    return state


def test_the_first_outcome_decides() -> None:
    assert LinkState().online is None
    assert after(True).online is True
    assert after(False).online is False


def test_one_failure_changes_nothing_and_two_in_a_row_end_the_link() -> None:
    assert after(True, True, False).online is True
    assert after(True, True, False, False).online is False


def test_a_link_that_comes_and_goes_is_down() -> None:
    assert after(True, False, True, False).online is True
    assert after(True, False, True, False, True, False).online is False


def test_one_lucky_answer_does_not_bring_it_back_and_two_do() -> None:
    assert after(False, False, True).online is False
    assert after(False, False, True, True).online is True


def test_since_is_the_moment_of_the_last_change() -> None:
    assert after(True, True, False, False, False).since_ms == 3
    assert after(True).since_ms == 0


@given(st.lists(st.booleans()))
def test_memory_is_bounded_and_agreement_of_the_last_five_always_wins(outcomes: list[bool]) -> None:
    state = after(*outcomes)
    assert len(state.outcomes) <= REMEMBERED
    if len(outcomes) >= REMEMBERED and len(set(outcomes[-REMEMBERED:])) == 1:
        assert state.online is outcomes[-1]


@given(st.lists(st.booleans(), min_size=1))
def test_a_change_needs_at_least_two_outcomes_of_its_kind(outcomes: list[bool]) -> None:
    state = LinkState()
    for number, outcome in enumerate(outcomes):
        before, state = state, state.after(outcome, number)
        if before.online is not None and state.online is not before.online:
            assert state.outcomes.count(state.online) >= 2
