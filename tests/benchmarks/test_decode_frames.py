"""The frames that decoders are measured on, and the rates that are stated of them."""

from itertools import islice

import numpy as np
import pytest

from benchmarks.frames import SINGLES, SIZES, VISITORS, conditions, frames
from benchmarks.hostile import hostile_frames
from benchmarks.rates import Rate, median_and_p95_ms
from kiosk_app.camera.decoders import Decoder


def test_there_are_as_many_frames_as_are_asked_for() -> None:
    """Twenty-two conditions, both sizes, at least 880 single frames."""
    names = {condition.name for condition in conditions()}
    assert len(names) == len(conditions()) == 22
    assert len(names) * len(SIZES) * VISITORS * len(SINGLES) >= 880


@pytest.mark.parametrize("visitor", [0, 1])
def test_a_clean_frame_says_what_is_in_it_and_is_the_same_each_time(visitor: int) -> None:
    """A phone and a sheet, each with a real visit code; every pixel comes from the seed."""
    clean = conditions()[0]
    first, again = (next(frames(range(visitor, visitor + 1), "720p", clean)) for _ in range(2))
    assert np.array_equal(first.picture, again.picture)
    assert first.picture.shape == (720, 1280, 3)
    assert [symbol.text for symbol in Decoder().read(first.picture)] == [first.text]
    assert first.text.startswith("V1:")


def test_two_frames_of_one_visitor_differ() -> None:
    """The hand shakes, and the sensor has noise."""
    first, second = islice(frames(range(1), "720p", conditions()[0]), 2)
    assert first.text == second.text
    assert not np.array_equal(first.picture, second.picture)


def test_hostile_frames_hold_nothing() -> None:
    """Nothing can be read in any of them, and none breaks the reader."""
    decoder = Decoder()
    for name, picture in hostile_frames((640, 360)).items():
        assert decoder.read(picture) == (), name
    assert decoder.faults == 0


@pytest.mark.parametrize(
    ("rate", "low", "high"),
    # Wilson's interval at 95 %, as tables give it.
    [(Rate(0, 10), 0.0, 0.2775), (Rate(10, 10), 0.7225, 1.0), (Rate(81, 263), 0.2553, 0.3662), (Rate(0, 0), 0.0, 1.0)],
)
def test_a_rate_comes_with_its_interval(rate: Rate, low: float, high: float) -> None:
    """Known values, also at the ends where the simple formula fails."""
    assert rate.interval == pytest.approx((low, high), abs=5e-4)


def test_times_are_stated_as_median_and_95th_of_a_hundred() -> None:
    """In milliseconds; a dash where nothing was timed."""
    assert median_and_p95_ms([number / 1000 for number in range(1, 101)]) == "50.5 / 96.0"
    assert median_and_p95_ms([]) == "-"
