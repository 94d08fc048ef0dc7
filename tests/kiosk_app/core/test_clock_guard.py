"""Time: a floor that never falls, and a clock that may be believed, doubted or not."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.core.clock_guard import (
    AGREEMENT_MS,
    MAX_JUMP_MS,
    MAX_LIFT_MS,
    MAX_UNSYNCED_LEAD_MS,
    Anchor,
    ClockGuard,
    ClockReading,
    ClockStanding,
)

T0 = 1_900_000_000_000
START = ClockReading(T0, 10_000, "boot-1")


def later(reading: ClockReading, ms: int, wall_slip_ms: int = 0) -> ClockReading:
    return replace(reading, wall_ms=reading.wall_ms + ms + wall_slip_ms, boot_ms=reading.boot_ms + ms)


def after_reboot(reading: ClockReading) -> ClockReading:
    return ClockReading(reading.wall_ms, 500, "boot-2")


def standing(guard: ClockGuard, reading: ClockReading) -> ClockStanding:
    return guard.observe(reading).assess(reading).standing


def test_with_signed_time_this_boot_the_boot_clock_runs_on_and_the_wall_does_not_matter() -> None:
    wrong_wall = replace(START, wall_ms=0)
    guard = ClockGuard(T0 - 1000).learn(T0, wrong_wall)
    now = later(wrong_wall, 3_600_000)
    estimate = guard.observe(now).assess(now)
    assert (estimate.standing, estimate.now_ms) == (ClockStanding.SURE, T0 + 3_600_000)
    assert estimate.now_s == (T0 + 3_600_000) // 1000


def test_while_sure_the_floor_follows() -> None:
    now = later(START, 60_000)
    guard = ClockGuard(T0 - 1000).learn(T0, START).observe(now)
    assert guard.floor_ms == T0 + 60_000
    assert guard.assess(now).floor_s == (T0 + 60_000) // 1000


def test_after_a_reboot_the_wall_clock_is_plausible_within_its_bounds() -> None:
    guard = ClockGuard(T0, Anchor(T0, 10_000, "boot-1"))
    rebooted = after_reboot(START)
    assert standing(guard, rebooted) is ClockStanding.PLAUSIBLE
    assert standing(guard, replace(rebooted, wall_ms=T0 + MAX_UNSYNCED_LEAD_MS)) is ClockStanding.PLAUSIBLE
    assert standing(guard, replace(rebooted, wall_ms=T0 + MAX_UNSYNCED_LEAD_MS + 1)) is ClockStanding.SUSPECT
    assert standing(guard, replace(rebooted, wall_ms=T0 - 1)) is ClockStanding.SUSPECT


def test_a_boot_clock_that_counts_from_elsewhere_is_not_taken_for_this_boot() -> None:
    """A boot id seen twice with a smaller count is another boot all the same."""
    guard = ClockGuard(T0, Anchor(T0, 10_000, "boot-1"))
    assert standing(guard, replace(START, boot_ms=9_999)) is ClockStanding.PLAUSIBLE


def test_a_jump_of_the_wall_clock_is_suspect_until_signed_time() -> None:
    for slip in (MAX_JUMP_MS + 1, -MAX_JUMP_MS - 1):
        guard = ClockGuard(T0 - 10_000_000).learn(T0, START).observe(START)
        jumped = later(START, 1000, slip)
        guard = guard.observe(jumped)
        assert guard.assess(jumped).standing is ClockStanding.SUSPECT
        quiet = later(jumped, 1000)
        guard = guard.observe(quiet)
        assert guard.assess(quiet).standing is ClockStanding.SUSPECT
        assert guard.floor_ms <= T0 + 1000
        assert standing(guard.learn(T0 + 2000, quiet), quiet) is ClockStanding.SURE


def test_a_drift_within_two_minutes_is_no_jump() -> None:
    guard = ClockGuard(T0 - 1000).learn(T0, START).observe(START)
    assert standing(guard, later(START, 1000, MAX_JUMP_MS)) is ClockStanding.SURE


def test_a_signed_time_below_the_floor_teaches_nothing() -> None:
    guard = ClockGuard(T0)
    early = T0 - MAX_JUMP_MS - 1
    assert guard.learn(early, START) == guard
    assert standing(guard.learn(early, START), START) is ClockStanding.PLAUSIBLE


def test_a_signed_time_a_little_below_the_floor_is_our_own_clock_running_fast() -> None:
    guard = ClockGuard(T0).learn(T0 - 1000, START)
    estimate = guard.assess(START)
    assert (estimate.standing, estimate.now_ms, guard.floor_ms) == (ClockStanding.SURE, T0, T0)


def test_a_great_lift_counts_at_pairing_at_once_and_else_after_a_day_of_agreement() -> None:
    guard, far = ClockGuard(T0), T0 + MAX_LIFT_MS + 1
    assert guard.learn(far, START, at_pairing=True).floor_ms == far
    doubting = guard.learn(far, START)
    assert doubting.floor_ms == T0
    soon = later(START, AGREEMENT_MS - 1)
    still = doubting.learn(far + AGREEMENT_MS - 1, soon)
    assert still.floor_ms == T0
    day = later(START, AGREEMENT_MS)
    assert still.learn(far + AGREEMENT_MS, day).floor_ms == far + AGREEMENT_MS


def test_a_great_lift_that_is_contradicted_starts_its_day_anew() -> None:
    far = T0 + MAX_LIFT_MS + 1
    doubting = ClockGuard(T0).learn(far, START)
    other = later(START, AGREEMENT_MS)
    contradicted = doubting.learn(far + AGREEMENT_MS + MAX_JUMP_MS + 1, other)
    assert contradicted.floor_ms == T0
    assert contradicted.doubted is not None
    assert contradicted.doubted.boot_ms == other.boot_ms
    assert doubting.learn(T0, other).doubted is None
    assert doubting.learn(T0 - MAX_JUMP_MS - 1, other).doubted is None


def test_a_documents_date_lifts_the_floor_but_not_far() -> None:
    guard = ClockGuard(T0)
    assert guard.raise_floor(T0 + 1).floor_ms == T0 + 1
    assert guard.raise_floor(T0 - 1).floor_ms == T0
    assert guard.raise_floor(T0 + MAX_LIFT_MS + 1).floor_ms == T0


steps = st.lists(
    st.tuples(
        st.sampled_from(["observe", "learn", "pair", "document", "reboot"]),
        st.integers(-MAX_LIFT_MS * 2, MAX_LIFT_MS * 2),
        st.integers(0, AGREEMENT_MS * 2),
    ),
    max_size=30,
)


@given(steps)
def test_the_floor_never_falls_and_no_estimate_lies_below_it_unless_suspect(
    history: list[tuple[str, int, int]],
) -> None:
    guard, reading = ClockGuard(T0), START
    for step, amount, passed in history:
        reading = later(reading, passed)
        before = guard.floor_ms
        match step:
            case "observe":
                reading = replace(reading, wall_ms=reading.wall_ms + amount)
            case "learn":
                guard = guard.learn(T0 + amount, reading)
            case "pair":
                guard = guard.learn(T0 + amount, reading, at_pairing=True)
            case "document":
                guard = guard.raise_floor(T0 + amount)
            case _:
                reading = ClockReading(reading.wall_ms, 0, reading.boot_id + "+")
        guard = guard.observe(reading)
        estimate = guard.assess(reading)
        assert guard.floor_ms >= before
        assert estimate.floor_ms == guard.floor_ms
        assert estimate.standing is ClockStanding.SUSPECT or estimate.now_ms >= guard.floor_ms
