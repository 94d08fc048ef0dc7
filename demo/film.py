"""The README's animation, made of the pictures that a tour took: twelve seconds, from the first scan to the desk.

``./check film`` writes it. The same pictures give the same file, byte by byte.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np

from demo.visitor.canvas import Picture, box_painted, filled, write

SECONDS: Final = 12.0
MOST_BYTES: Final = 1_500_000
"""What loads quickly on a page that strangers open."""

_SIZE = (1000, 620)
_DETAIL = (800, 500)
"""Of a page the upper left part, so that it can be read at this size."""
_KIOSK = (24, 30, 339, 590)
_DESK = (375, 30, 976, 406)
_LINE_Y = 452
_SURFACE, _INK, _MUTED = (240, 245, 247), (32, 35, 28), (88, 93, 84)
_WELCOME, _LOOK, _EDGE = (71, 122, 29), (0, 98, 154), (200, 210, 213)

Line = Literal["whole", "cut"]


@dataclass(frozen=True, slots=True)
class Shot:
    """One moment: for how long, what is seen at door and desk (names of the tour's pictures), the line, the words."""

    seconds: float
    kiosk: str
    desk: str
    line: Line
    title: str
    words: str


SHOTS: Final = (
    Shot(1.5, "welcome", "before-the-camera", "whole", "A visitor at the door", "Ada shows her phone."),
    Shot(2.0, "admitted", "arrival-live", "whole", "Green", "Checked here, on disk before it shows."),
    Shot(1.4, "welcome", "arrival-live", "cut", "The network cable is cut", "The desk hears nothing any more."),
    Shot(
        2.0, "admitted-offline", "arrival-live", "cut", "Grete is let in all the same", "Signed codes need no server."
    ),
    Shot(1.6, "one-waiting", "offline-since", "cut", "Staff see it", "Since when, and that one check-in waits."),
    Shot(1.2, "quiet-again", "online-again", "whole", "The cable is back", "What waited is sent, once."),
    Shot(2.3, "quiet-again", "both-on-site", "whole", "Nothing is lost", "All stand there with their original times."),
)


class FilmError(Exception):
    """The film cannot be made: a picture is missing or the file cannot be written."""


def make_film(pictures: Path, target: Path) -> None:
    """Make the film of a tour's ``pictures``.

    Raises:
        FilmError: a picture is missing, or ``target`` cannot be written or is too large.
    """
    animation = cv2.Animation()
    animation.frames = [_frame(shot, pictures) for shot in SHOTS]
    animation.durations = [round(shot.seconds * 1000) for shot in SHOTS]
    animation.loop_count = 0
    if not cv2.imwriteanimation(str(target), animation):
        raise FilmError(f"{target} could not be written")
    if target.stat().st_size > MOST_BYTES:
        raise FilmError(f"{target} has {target.stat().st_size} bytes, more than {MOST_BYTES}")


def _frame(shot: Shot, pictures: Path) -> Picture:
    frame = filled(*_SIZE, _SURFACE)
    frame = _hung(frame, _read(pictures, shot.kiosk), _KIOSK)
    frame = _hung(frame, _detail(_read(pictures, shot.desk), shot.desk), _DESK)
    _draw_line(frame, shot.line)
    write(frame, shot.title, (_DESK[0], 520), 34, _INK, 700)
    write(frame, shot.words, (_DESK[0], 562), 24, _MUTED)
    return frame


def _read(pictures: Path, name: str) -> Picture:
    found = sorted(pictures.glob(f"[0-9][0-9]-{name}.png"))
    picture = cv2.imread(str(found[0])) if found else None
    if picture is None:
        raise FilmError(f"there is no picture {name!r} in {pictures}: walk the tour first (./run --tour)")
    return np.asarray(picture, dtype=np.uint8)


def _detail(picture: Picture, name: str) -> Picture:
    """Return what is shown of a picture: of a page the part that matters, of the camera's the middle."""
    width, height = _DETAIL
    if name != "before-the-camera":
        return picture[:height, :width]
    left = (picture.shape[1] - picture.shape[0] * width // height) // 2
    return picture[:, left : picture.shape[1] - left]


def _hung(frame: Picture, picture: Picture, box: tuple[int, int, int, int]) -> Picture:
    """Return the frame with a picture in a thin edge, filling the box."""
    left, top, right, bottom = box
    edged = box_painted(frame, (left - 2, top - 2, right + 2, bottom + 2), 6, _EDGE)
    edged[top:bottom, left:right] = cv2.resize(picture, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    return edged


def _draw_line(frame: Picture, line: Line) -> None:
    """Draw the network between kiosk and desk: a line, or one with a gap and both ends bent."""
    left, right, middle = _DESK[0], _DESK[2], (_DESK[0] + _DESK[2]) // 2
    if line == "whole":
        cv2.line(frame, (left, _LINE_Y), (right, _LINE_Y), _WELCOME, 4, cv2.LINE_AA)
        return
    for end, inner, bent in ((left, middle - 26, middle - 12), (right, middle + 26, middle + 12)):
        cv2.line(frame, (end, _LINE_Y), (inner, _LINE_Y), _LOOK, 4, cv2.LINE_AA)
        cv2.line(frame, (inner, _LINE_Y), (bent, _LINE_Y + 14), _LOOK, 4, cv2.LINE_AA)


def main() -> int:
    """Make the film; return the exit code."""
    parser = argparse.ArgumentParser(prog="./check film", description="Make the README's animation.")
    parser.add_argument("pictures", type=Path, nargs="?", default=Path("demo-output"), help="what a tour left")
    parser.add_argument("target", type=Path, nargs="?", default=Path("docs/pictures/first-minute.png"))
    arguments = parser.parse_args()
    try:
        make_film(arguments.pictures, arguments.target)
    except FilmError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{arguments.target}: {arguments.target.stat().st_size // 1000} kB, {SECONDS:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
