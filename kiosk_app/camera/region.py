"""Where in a picture a code may be: the place that is busy in both directions, as only codes and fine print are.

Cheap enough to be asked of each picture: differences of neighbours, averaged into a small map. A sample of the rows
says whether there is anything to find (0.2 ms at 720p), the exact map where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels

_MAP_WIDTH: Final = 320
_LEAST_FACTOR: Final = 4
_BUSIEST_ALL_OVER: Final = 45.0
"""The largest symbol that fills a 720p picture has modules of 4 px and a mean of 32."""
_SAMPLED_ROWS: Final = 5
_SAMPLED_CELL_PX: Final = 16
_SPREAD: Final = 7  # Cells of the map; joins the modules of one code, and not a code with the text below it.
_LEAST_BUSY: Final = 6
"""Grey steps between neighbours, on average; a sensor's noise in a dark lobby stays below."""
_SHARE_OF_PEAK: Final = 0.4
_SHARE_AT_EDGE: Final = 0.6
_ROOM_AROUND: Final = 0.3  # Of its side: a part of a code may be calm, and the map see the rest of it.
_GAP: Final = 7  # Cells; calm places within a code that is near.
_LEAST_SIDE_PX: Final = 24
"""Little more than a pixel a module even of the smallest symbol: nothing to gain."""
_LONGEST_TO_SHORTEST: Final = 2.5
_MOST_OF_ALL: Final = 0.8
"""What is busy all over is noise, or so near that there is nothing to cut out."""


@dataclass(frozen=True, slots=True)
class Region:
    """A turned rectangle around what looks like a code, in pixels of the picture."""

    centre: tuple[float, float]
    size: tuple[float, float]
    angle: float

    @property
    def side_px(self) -> float:
        """The longer side."""
        return max(self.size)

    def corners(self, grow_px: float = 0.0) -> Floats:
        """Return the four corners, each side moved outwards by ``grow_px``; going around from any of them."""
        width, height = (max(8.0, side + 2 * grow_px) for side in self.size)
        return np.asarray(cv2.boxPoints((self.centre, (width, height), self.angle)), dtype=np.float32)


Floats = np.ndarray[tuple[int, ...], np.dtype[np.floating]]


def find_region(grey: Pixels) -> Region | None:
    """Return the busiest place of a grey picture if it could be a code, else None."""
    if min(grey.shape) < _LEAST_SIDE_PX:
        return None
    busy, factor = busy_map(grey)
    peak = int(busy.max())
    if peak < _LEAST_BUSY:
        return None
    # At the edge of a code the map falls to about half of what is usual inside; single peaks lie above that.
    usual = float(busy[busy > peak * _SHARE_OF_PEAK].mean())
    _, marked = cv2.threshold(busy, max(4.0, usual * _SHARE_AT_EDGE), 255, cv2.THRESH_BINARY)
    joined = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, np.ones((_GAP, _GAP), dtype=np.uint8))
    outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea).reshape(-1, 2)
    if cv2.contourArea(outline) > _MOST_OF_ALL * busy.size:
        return None
    left, top, width, height = (side * factor for side in cv2.boundingRect(outline))
    angle = _direction(grey[top : top + height, left : left + width])
    # A cell of the map stands for the middle of ``factor`` pixels.
    region = _upright_around((outline + 0.5) * factor, factor, angle)
    shortest, longest = min(region.size), max(region.size)
    return region if shortest >= _LEAST_SIDE_PX and longest <= _LONGEST_TO_SHORTEST * shortest else None


def around(grey: Pixels, region: Region) -> tuple[Pixels, tuple[int, int]]:
    """Return the part of a picture around a region, upright, with room for a quiet zone, and its left and top."""
    corners = region.corners(region.side_px * _ROOM_AROUND)
    left, top = (max(0, int(side)) for side in corners.min(axis=0))
    right, bottom = (int(side) + 1 for side in corners.max(axis=0))
    return np.ascontiguousarray(grey[top:bottom, left:right]), (left, top)


def _direction(part: Pixels) -> float:
    """Return in which direction edges run, radians between -pi/4 and pi/4: a code's are parallel to its sides.

    Each gradient is raised to the fourth power as a complex number, so that all four sides of a square count as one.
    """
    across = np.asarray(cv2.Sobel(part, cv2.CV_32F, 1, 0), dtype=np.float32)
    down = np.asarray(cv2.Sobel(part, cv2.CV_32F, 0, 1), dtype=np.float32)
    strength, turn = cv2.cartToPolar(across, down)
    return float(np.arctan2((strength * np.sin(4 * turn)).sum(), (strength * np.cos(4 * turn)).sum())) / 4


def _upright_around(points: Floats, margin_px: float, angle: float) -> Region:
    """Return the smallest rectangle turned by ``angle`` around the middles of cells ``margin_px`` wide."""
    axes = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = points @ axes
    low, high = turned.min(axis=0) - margin_px / 2, turned.max(axis=0) + margin_px / 2
    x, y = (low + high) / 2 @ axes.T
    width, height = high - low
    return Region((float(x), float(y)), (float(width), float(height)), float(np.degrees(angle)))


def may_hold_code(sample: Pixels) -> bool:
    """Return whether any place of a ``sampled_map`` is as busy as a code; in an empty lobby none is."""
    return int(sample.max()) >= _LEAST_BUSY


def is_unnatural(sample: Pixels) -> bool:
    """Return whether a ``sampled_map`` is busier, all over, than a lens can draw: a picture made to cost time."""
    return float(cv2.mean(sample)[0]) > _BUSIEST_ALL_OVER


def sampled_map(grey: Pixels) -> Pixels:
    """Return a coarse map of how busy the picture is, from one row in five: a fifth of the cost of the exact one."""
    height, width = grey.shape
    rows = grey[::_SAMPLED_ROWS]
    cells = (max(1, width // _SAMPLED_CELL_PX), max(1, height // _SAMPLED_CELL_PX))
    across = cv2.resize(cv2.absdiff(rows[:, 1:], rows[:, :-1]), cells, interpolation=cv2.INTER_AREA)
    # To the next row of the sample, so that no edge of a module can lie between two rows that are not compared.
    down = cv2.resize(cv2.absdiff(rows[1:], rows[:-1]), cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.min(across, down), dtype=np.uint8)


def busy_map(grey: Pixels) -> tuple[Pixels, int]:
    """Return how busy each part of the picture is, as a small picture, and how many pixels one cell of it is wide."""
    height, width = grey.shape
    factor = max(_LEAST_FACTOR, round(width / _MAP_WIDTH))
    cells = (max(1, width // factor), max(1, height // factor))
    across = cv2.resize(cv2.absdiff(grey[:, 1:], grey[:, :-1]), cells, interpolation=cv2.INTER_AREA)
    down = cv2.resize(cv2.absdiff(grey[1:], grey[:-1]), cells, interpolation=cv2.INTER_AREA)
    # The lesser of the two: edges of furniture and lines of text are busy in one direction only.
    return np.asarray(cv2.blur(cv2.min(across, down), (_SPREAD, _SPREAD)), dtype=np.uint8), factor
