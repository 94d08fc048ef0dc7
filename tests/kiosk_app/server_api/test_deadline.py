"""An answer in time, or none."""

from threading import Event

from kiosk_app.server_api.deadline import Deadline


def test_an_answer_in_time_is_returned() -> None:
    assert Deadline().within(5, lambda: 7) == 7


def test_a_late_answer_is_dropped_and_nobody_waits_for_it() -> None:
    release, done = Event(), Event()

    def slow() -> int:
        release.wait(10)
        done.set()
        return 7

    deadline = Deadline()
    assert deadline.within(0.01, slow) is None
    release.set()
    assert done.wait(10)


def test_hanging_calls_are_bounded() -> None:
    """With all places taken the answer is none at once, and a place that becomes free is used again."""
    release, running = Event(), Event()
    deadline = Deadline(at_most=1)

    def hang() -> int:
        running.set()
        release.wait(10)
        return 1

    assert deadline.within(0.01, hang) is None
    assert running.wait(10)
    assert deadline.within(10, lambda: 7) is None
    release.set()
    while (answer := deadline.within(10, lambda: 7)) is None:
        pass
    assert answer == 7
