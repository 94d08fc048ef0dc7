"""Second looks: each reads a picture that the first look does not, and tells where the code is in the whole picture."""

import random

import numpy as np
import pytest

from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.readers import read_zxing
from kiosk_app.camera.region import Region, find_region
from kiosk_app.camera.rescues import read_cut_out, read_doubled, read_sharpened
from tests.kiosk_app.camera.made import on_canvas, qr_picture

TEXT = "V1:" + "".join(random.Random(5).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=220))
"""As long and as uneven as a visit code."""
AT = (60, 150)


def turned(picture: Pixels, degrees: float) -> Pixels:
    """Turn a picture about its middle."""
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    border = int(picture[0, 0])
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=border), dtype=np.uint8
    )


def without_quiet_zone(degrees: float = 0.0) -> Pixels:
    """A code cut at its edge, on a dark page."""
    return turned(on_canvas(qr_picture(TEXT, module_px=6, quiet=0), height=560, grey=30, at=AT), degrees)


@pytest.mark.parametrize("degrees", [0.0, 4.0, -12.0, 30.0])
def test_a_code_without_a_quiet_zone_is_lent_one(degrees: float) -> None:
    """However it is held, a code at whose edge a dark page begins is cut out and read; zxing-cpp alone reads none."""
    picture = without_quiet_zone(degrees)
    assert read_zxing(picture) == []
    (symbol,) = read_cut_out(picture, find_region(picture))
    assert symbol.text == TEXT
    side = qr_picture(TEXT, module_px=6, quiet=0).shape[0]
    middle = np.mean(symbol.corners, axis=0)
    if degrees == 0.0:
        assert np.abs(middle - (AT[1] + side / 2, AT[0] + side / 2)).max() < 6
    for corner in symbol.corners:
        assert np.hypot(*(np.array(corner) - middle)) == pytest.approx(side / np.sqrt(2), rel=0.06)


def test_a_defocused_code_is_sharpened() -> None:
    """A blur of 0.55 modules is too much for the first look and not for the second."""
    picture = on_canvas(qr_picture(TEXT, module_px=6), height=520, at=(10, 120))
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 3.6), dtype=np.uint8)
    assert read_zxing(soft) == []
    assert [symbol.text for symbol in read_sharpened(soft, None)] == [TEXT]


def test_a_far_code_is_doubled() -> None:
    """At 1.5 px a module the first look reads nothing, and the doubled picture is read at its own place."""
    code = qr_picture(TEXT, module_px=12)
    near = turned(on_canvas(code, height=1200, width=1600, at=((1200 - len(code)) // 2, (1600 - len(code)) // 2)), 25.0)
    far = np.asarray(cv2.resize(near, None, fx=1.5 / 12, fy=1.5 / 12, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    assert read_zxing(far) == []
    (symbol,) = read_doubled(far, find_region(far))
    assert symbol.text == TEXT
    side = qr_picture(TEXT, module_px=12, quiet=0).shape[0] * 1.5 / 12
    middle = np.mean(symbol.corners, axis=0)
    assert np.abs(middle - (far.shape[1] / 2, far.shape[0] / 2)).max() < 8
    for corner in symbol.corners:
        assert np.hypot(*(np.array(corner) - middle)) == pytest.approx(side / np.sqrt(2), rel=0.06)


def test_a_near_code_is_not_doubled() -> None:
    """What would cost more than the next picture is not tried."""
    assert read_doubled(np.zeros((1500, 1500), dtype=np.uint8), Region((750, 750), (1400, 1400), 0.0)) == []


def test_there_is_nothing_to_cut_out_of_a_calm_picture() -> None:
    """A wall, a soft gradient, a thin strip and a line of stripes are no place for a code."""
    wall = np.full((480, 640), 120, dtype=np.uint8)
    slope = np.asarray(np.tile(np.linspace(0, 255, 640), (480, 1)), dtype=np.uint8)
    stripes = np.asarray(np.tile(np.arange(640) // 4 % 2 * 255, (480, 1)), dtype=np.uint8)
    line = wall.copy()
    line[200:212, :] = np.random.default_rng(3).integers(0, 256, (12, 640))
    for picture in (wall, slope, stripes, line, wall[:10], wall[:, :1]):
        assert find_region(picture) is None
        assert read_cut_out(picture, None) == read_doubled(picture, None) == []


@pytest.mark.parametrize("degrees", [0.0, 7.0, -20.0, 44.0])
def test_a_code_is_found_where_it_is(degrees: float) -> None:
    """The region lies around the code, as it is turned, within two modules to each side."""
    code = qr_picture(TEXT, module_px=6, quiet=0)
    picture = turned(on_canvas(code, height=560, grey=220, at=AT), degrees)
    region = find_region(picture)
    assert region is not None
    assert region.side_px == pytest.approx(code.shape[0], abs=24)
    assert (region.angle - -degrees + 45) % 90 - 45 == pytest.approx(0, abs=1.5)
