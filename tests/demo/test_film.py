"""The README's animation: twelve seconds of a tour's own pictures, the same file each time, small enough for a page."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from demo.film import MOST_BYTES, SECONDS, SHOTS, FilmError, make_film
from tests.architecture.project import ROOT

IN_THE_README = ROOT / "docs" / "pictures" / "first-minute.png"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """What a tour would have left, each picture in a colour of its own."""
    folder = tmp_path / "demo-output"
    folder.mkdir()
    names = {name for shot in SHOTS for name in (shot.kiosk, shot.desk)}
    for number, name in enumerate(sorted(names), 1):
        picture = np.full((800, 1280, 3), (20 * number, 255 - 20 * number, 90), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{number:02d}-{name}.png"), picture)
    return folder


def read(film: Path) -> tuple[int, float]:
    """Return how many frames a film has, and for how many seconds they are shown."""
    _, animation = cv2.imreadanimation(str(film))
    return len(animation.frames), sum(int(ms) for ms in animation.durations) / 1000


def test_a_film_shows_every_shot_and_lasts_twelve_seconds(pictures: Path, tmp_path: Path) -> None:
    """As many frames as shots; a second film of the same pictures is the same, byte by byte."""
    films = [tmp_path / "first.png", tmp_path / "second.png"]
    for film in films:
        make_film(pictures, film)
    assert read(films[0]) == (len(SHOTS), SECONDS)
    assert films[0].read_bytes() == films[1].read_bytes()


def test_a_missing_picture_is_named(pictures: Path, tmp_path: Path) -> None:
    """Rather than a film with a gap."""
    next(pictures.glob("*-admitted-offline.png")).unlink()
    with pytest.raises(FilmError, match="admitted-offline"):
        make_film(pictures, tmp_path / "film.png")


def test_the_film_in_the_readme_is_whole_and_small() -> None:
    """It is shown there, has all shots for twelve seconds, and loads quickly."""
    assert IN_THE_README.relative_to(ROOT).as_posix() in (ROOT / "README.md").read_text()
    assert read(IN_THE_README) == (len(SHOTS), SECONDS)
    assert IN_THE_README.stat().st_size < MOST_BYTES
