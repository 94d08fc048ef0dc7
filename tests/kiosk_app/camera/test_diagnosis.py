"""The likeliest cause for each picture in which no code can be read."""

import random

import numpy as np
import pytest

from kiosk_app.camera.diagnosis import Cause, diagnose
from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels
from tests.kiosk_app.camera.made import on_canvas, qr_picture

TEXT = "V1:" + "".join(random.Random(5).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=300))
CODE = qr_picture(TEXT, module_px=5)
BARE_CODE = qr_picture(TEXT, module_px=5, quiet=0)


def held_up(code: Pixels = CODE, grey: int = 120, at: tuple[int, int] = (150, 400)) -> Pixels:
    """A code in a lobby, softened as any lens does."""
    return soft(on_canvas(code, height=720, width=1280, grey=grey, at=at), 0.8)


def soft(picture: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.uint8)


def with_glare(picture: Pixels) -> Pixels:
    rows, columns = np.mgrid[0:720, 0:1280]
    streak = 400.0 * np.exp(-(((columns - rows * 0.3 - 480) / 45.0) ** 2))
    return np.asarray((picture + streak).clip(0, 255), dtype=np.uint8)


def covered(picture: Pixels) -> Pixels:
    torn = picture.copy()
    torn[200:210, 400:700] = 128
    torn[260:270, 400:700] = 128
    return torn


PICTURES = {
    Cause.NOTHING_THERE: np.full((720, 1280), 120, dtype=np.uint8),
    Cause.TOO_DARK: np.full((720, 1280), 9, dtype=np.uint8),
    Cause.HALF_OUTSIDE: held_up(CODE[:, : CODE.shape[1] // 2 + 40], at=(150, 1280 - CODE.shape[1] // 2 - 40)),
    Cause.TOO_SMALL: held_up(np.asarray(cv2.resize(CODE, (105, 105), interpolation=cv2.INTER_AREA), dtype=np.uint8)),
    Cause.FAINT: np.asarray(held_up() * 0.12 + 150, dtype=np.uint8),
    Cause.GLARE: with_glare(held_up()),
    Cause.BLURRED: soft(held_up(), 3.0),
    Cause.NO_QUIET_ZONE: held_up(BARE_CODE, grey=20),
    Cause.DAMAGED: covered(held_up()),
}


@pytest.mark.parametrize("cause", Cause)
def test_each_cause_is_told_from_the_others(cause: Cause) -> None:
    """One picture for each member of the list."""
    assert diagnose(PICTURES[cause]).cause is cause


def test_the_place_is_told_with_the_cause() -> None:
    """Where there is something to see, it is marked; where there is nothing, nothing is."""
    region = diagnose(PICTURES[Cause.DAMAGED]).region
    assert region is not None
    assert np.abs(np.array(region.centre) - (400 + len(CODE) / 2, 150 + len(CODE) / 2)).max() < 20
    assert diagnose(PICTURES[Cause.NOTHING_THERE]).region is None


def test_a_bright_room_without_a_code_is_nothing() -> None:
    """Stretched as far as one likes, a soft room holds no code."""
    room = np.asarray(np.tile(np.linspace(60, 200, 1280), (720, 1)), dtype=np.uint8)
    assert diagnose(room).cause is Cause.NOTHING_THERE
