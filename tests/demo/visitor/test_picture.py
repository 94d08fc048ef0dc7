"""What the simulated camera sees."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from demo.visitor.canvas import Picture
from demo.visitor.picture import SIZE, Held, Shot, render
from demo.visitor.props import load_code
from demo.visitor.scenes import SCENES
from tests.demo.visitor.conftest import TEXT

FRAMES_A_VISITOR = 8
FPS = 12


def read(picture: Picture) -> list[str]:
    """Read a picture with zxing-cpp alone."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    return [symbol.text for symbol in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)]


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("seed", [0, 5])
def test_every_scene_is_read_within_eight_frames(code: Path, name: str, seed: int) -> None:
    """However the code is held up, one of the eight pictures that a shaking hand gives a camera is readable."""
    shot = Shot([Held(load_code(code), SCENES[name])], seed=seed)
    found: list[str] = []
    for frame in range(FRAMES_A_VISITOR):
        found = read(shot.picture(frame / FPS))
        if found:
            break
    assert found == [TEXT]


def test_a_picture_has_the_size_of_the_camera(code: Path) -> None:
    """Pictures are colour, eight bits, 720p unless asked otherwise."""
    picture = render(code, SCENES["phone"])
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert picture.dtype == np.uint8
    assert render(code, SCENES["paper"], size=(640, 480)).shape == (480, 640, 3)


@pytest.mark.parametrize("name", ["phone-glare", "paper-moving"])
def test_the_same_seed_gives_the_same_picture(code: Path, name: str) -> None:
    """Pictures are made from numbers: seed and moment decide every pixel, and each of them changes some."""
    first = render(code, SCENES[name], seed=4, moment_s=0.5)
    assert np.array_equal(first, render(code, SCENES[name], seed=4, moment_s=0.5))
    assert not np.array_equal(first, render(code, SCENES[name], seed=5, moment_s=0.5))
    assert not np.array_equal(first, render(code, SCENES[name], seed=4, moment_s=0.6))


def test_two_codes_are_both_in_the_picture(code: Path, other_code: Path) -> None:
    """A phone and a sheet side by side are two readable codes."""
    left = Held(load_code(code), SCENES["phone"], -0.21)
    right = Held(load_code(other_code), SCENES["paper"], 0.21)
    assert len(set(read(Shot([left, right]).picture(0.0)))) == 2


def test_an_empty_lobby_has_no_code() -> None:
    """Nobody before the camera is a picture too, and nothing is read from it."""
    picture = Shot([]).picture(0.0)
    assert read(picture) == []
    assert 60 < picture.mean() < 180


def test_dim_scenes_are_darker(code: Path) -> None:
    """A dim lobby and a dim screen are darker than a usual day."""
    means = {name: float(render(code, SCENES[name]).mean()) for name in ("phone", "phone-dim", "paper", "paper-dim")}
    assert means["phone-dim"] < 0.6 * means["phone"]
    assert means["paper-dim"] < 0.6 * means["paper"]


def test_glare_blows_out_part_of_the_screen(code: Path) -> None:
    """A streak of glare makes more pixels white than the same phone has without it."""
    glaring = SCENES["phone-glare"]
    white = [int((render(code, scene) > 250).sum()) for scene in (glaring, replace(glaring, glare=0.0))]
    assert white[0] > 1.05 * white[1]


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    """A code that cannot be read as a picture is told to whoever asked for it."""
    path = tmp_path / "code.png"
    path.write_text("no picture")
    with pytest.raises(ValueError, match="no picture"):
        render(path, SCENES["phone"])
