"""The hidden gesture: five presses within three seconds, and nothing less."""

from kiosk_app.core.staff_gesture import StaffGesture


def presses(*moments_ms: int) -> list[bool]:
    """Return after each press whether the gesture was complete."""
    gesture, found = StaffGesture(), []
    for moment in moments_ms:
        gesture, complete = gesture.pressed(moment)
        found.append(complete)
    return found


def test_five_within_three_seconds() -> None:
    """The fifth completes it, and the next five again."""
    assert presses(0, 500, 1000, 1500, 2999) == [False] * 4 + [True]
    assert presses(*range(0, 1000, 100)).count(True) == 2


def test_slow_presses_open_nothing() -> None:
    """A bored hand in the lobby never gets there."""
    assert not any(presses(*range(0, 60_000, 750)))
