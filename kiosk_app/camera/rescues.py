"""Second looks at a picture in which zxing-cpp found nothing: changed pictures for the same reader, one way each.

What each earns and costs is measured by ``./check bench decode`` and written down in ``benchmarks/RESULTS.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.readers import read_zxing
from kiosk_app.camera.region import Floats, Region, around
from kiosk_app.camera.symbols import Symbol

_QUIET_PX: Final = 24
"""The quiet zone that a cut-out is lent; zxing-cpp needs one module of it."""
_PATCH_SIDE_PX: Final = 900
"""Longest side of a cut-out: 12 px a module of an invitation's 69, and 4 ms to look at."""
_LARGEST_DOUBLED_PX: Final = 1_000_000
"""A code that is so near needs no doubling, and it would cost more than a visitor's next frame."""
_EDGE_IS_DARK: Final = 0.15
"""The outermost row of a symbol is light for at least a quarter; a row with less light is a frame around it."""


Reader = Callable[[Pixels], list[Symbol]]


@dataclass(frozen=True, slots=True)
class Rescue:
    """One way to look again: a grey picture and where in it a code may be, if anywhere."""

    name: str
    read: Callable[[Pixels, Region | None], list[Symbol]]


def read_cut_out(grey: Pixels, region: Region | None) -> list[Symbol]:
    """Cut out what looks like a code, set it upright, larger and sharper, lend it a quiet zone, and read that."""
    if region is None:
        return []
    patch, back = _cut_out(grey, region)
    patch = sharpened(patch, sigma_px=2.0, amount=1.0)
    _lend_quiet_zone(patch)
    return [_moved(symbol, back) for symbol in read_zxing(patch)]


def read_sharpened(grey: Pixels, _region: Region | None) -> list[Symbol]:
    """Read the whole picture with its edges raised: for a lens that has not found the distance."""
    return read_zxing(sharpened(grey, sigma_px=3.0, amount=2.0))


def read_doubled(grey: Pixels, region: Region | None) -> list[Symbol]:
    """Read the surroundings of what looks like a code, sharpened at twice the size: for one far away or in motion."""
    if region is None:
        return []
    part, (left, top) = around(grey, region)
    if part.size > _LARGEST_DOUBLED_PX:
        return []
    doubled = cv2.resize(part, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    back = np.array([[0.5, 0.0, left], [0.0, 0.5, top], [0.0, 0.0, 1.0]])
    found = read_zxing(sharpened(np.asarray(doubled, dtype=np.uint8), sigma_px=4.0, amount=2.0))
    return [_moved(symbol, back) for symbol in found]


def read_part(read: Reader, grey: Pixels, region: Region | None) -> list[Symbol]:
    """Let another reader look at the surroundings of what looks like a code, or at everything."""
    if region is None:
        return read(grey)
    part, (left, top) = around(grey, region)
    back = np.array([[1.0, 0.0, left], [0.0, 1.0, top], [0.0, 0.0, 1.0]])
    return [_moved(symbol, back) for symbol in read(part)]


def sharpened(grey: Pixels, sigma_px: float, amount: float) -> Pixels:
    """Return the picture with what a blur of ``sigma_px`` takes away added ``amount`` times."""
    soft = cv2.GaussianBlur(grey, (0, 0), sigma_px)
    return np.asarray(cv2.addWeighted(grey, 1.0 + amount, soft, -amount, 0.0), dtype=np.uint8)


def _cut_out(grey: Pixels, region: Region) -> tuple[Pixels, Floats]:
    """Return the region upright, with room for a quiet zone, and the matrix from there back to the picture."""
    factor = min(2.0, _PATCH_SIDE_PX / region.side_px)
    corners = region.corners()
    width = round(float(np.linalg.norm(corners[2] - corners[1])) * factor)
    height = round(float(np.linalg.norm(corners[1] - corners[0])) * factor)
    box = np.array([[0, height], [0, 0], [width, 0], [width, height]], dtype=np.float32) + _QUIET_PX
    there = cv2.getPerspectiveTransform(corners, box)
    size = (width + 2 * _QUIET_PX, height + 2 * _QUIET_PX)
    patch = cv2.warpPerspective(grey, there, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(patch, dtype=np.uint8), np.asarray(np.linalg.inv(there), dtype=np.float64)


def _lend_quiet_zone(patch: Pixels) -> None:
    """Paint the margin of ``patch`` white, in place, and with it dark rows and columns at the edge of the inside."""
    inside = patch[_QUIET_PX:-_QUIET_PX, _QUIET_PX:-_QUIET_PX]
    level, _ = cv2.threshold(inside[::2, ::2].copy(), 0, 255, cv2.THRESH_OTSU)
    light = inside > level
    rows, columns = light.mean(axis=1), light.mean(axis=0)
    top, bottom = _dark_edge(rows), _dark_edge(rows[::-1])
    left, right = _dark_edge(columns), _dark_edge(columns[::-1])
    height, width = patch.shape
    patch[: _QUIET_PX + top] = 255
    patch[height - _QUIET_PX - bottom :] = 255
    patch[:, : _QUIET_PX + left] = 255
    patch[:, width - _QUIET_PX - right :] = 255


def _dark_edge(light_share: Floats) -> int:
    """Return how many lines from the edge are dark; none if that goes on for more than an eighth of the way."""
    reach = light_share[: len(light_share) // 8] > _EDGE_IS_DARK
    return int(reach.argmax()) if reach.any() else 0


def _moved(symbol: Symbol, matrix: Floats) -> Symbol:
    moved = []
    for x, y in symbol.corners:
        across, down, depth = matrix @ (x, y, 1.0)
        moved.append((float(across / depth), float(down / depth)))
    return Symbol(symbol.text, tuple(moved), symbol.reader)


RESCUES: Final = (
    Rescue("cut-out", read_cut_out),
    Rescue("sharpened", read_sharpened),
    Rescue("doubled", read_doubled),
)
"""In the order in which pictures are given them: what earns most for its time first."""
