"""Why a code was not read, as far as a picture tells: the likeliest cause, one of a closed list.

Rules of thumb over the place that looks like a code, for a person who holds the picture. Sizes assume an invitation's
code of 61 modules to a side; the figures at which each cause begins are those at which ``./check bench decode`` stops
reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.region import Floats, Region, find_region

USUAL_MODULES: Final = 61
_LEAST_MODULE_PX: Final = 2.0
_DARK_LIGHTEST: Final = 40
"""Even a white sheet is darker than this."""
_LEAST_CONTRAST: Final = 40
_NOISE: Final = 16
"""A picture whose grey steps are fewer holds a sensor's noise at most."""
_BLOWN_OUT: Final = 238
_BLOCKS: Final = 8
_WIDEST_EDGE_MODULES: Final = 1.25
_EDGE_MARGIN_PX: Final = 3.0


class Cause(StrEnum):
    """The likeliest reason why nothing was read."""

    NOTHING_THERE = "nothing_there"
    TOO_DARK = "too_dark"
    HALF_OUTSIDE = "half_outside"
    TOO_SMALL = "too_small"
    FAINT = "faint"
    GLARE = "glare"
    BLURRED = "blurred"
    NO_QUIET_ZONE = "no_quiet_zone"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause, and the place in the picture that it was seen at, if there is one."""

    cause: Cause
    region: Region | None = None


def diagnose(grey: Pixels) -> Diagnosis:
    """Return the likeliest cause for a grey picture in which no code was read."""
    region = find_region(grey)
    if region is not None:
        return Diagnosis(_cause_at(grey, region), region)
    dark, light = (float(level) for level in np.percentile(grey, (1, 99)))
    if light < _DARK_LIGHTEST:
        return Diagnosis(Cause.TOO_DARK)
    # What is too faint to be found as it is may be there all the same.
    stretched = (grey - dark) * (255.0 / max(1.0, light - dark))
    region = find_region(np.asarray(stretched.clip(0, 255), dtype=np.uint8)) if light - dark > _NOISE else None
    return Diagnosis(Cause.NOTHING_THERE) if region is None else Diagnosis(Cause.FAINT, region)


def _cause_at(grey: Pixels, region: Region) -> Cause:
    height, width = grey.shape
    corners = region.corners()
    inside = (corners >= _EDGE_MARGIN_PX) & (corners <= np.array([width, height]) - _EDGE_MARGIN_PX)
    if not inside.all():
        return Cause.HALF_OUTSIDE
    module_px = region.side_px / USUAL_MODULES
    if module_px < _LEAST_MODULE_PX:
        return Cause.TOO_SMALL
    patch = _upright(grey, corners)
    dark, light = (float(level) for level in np.percentile(patch, (5, 95)))
    if light - dark < _LEAST_CONTRAST:
        return Cause.TOO_DARK if light < _DARK_LIGHTEST else Cause.FAINT
    steepest = float(np.percentile(cv2.absdiff(patch[:, 1:], patch[:, :-1]), 95))
    if (light - dark) / max(1.0, steepest) > _WIDEST_EDGE_MODULES * module_px:
        return Cause.BLURRED
    # Half of every part of a code is dark; a part that is not was washed out.
    parts = cv2.resize(patch, (_BLOCKS, _BLOCKS), interpolation=cv2.INTER_AREA)
    if int(parts.max()) > _BLOWN_OUT:
        return Cause.GLARE
    return Cause.NO_QUIET_ZONE if _is_framed(grey, region, module_px, (dark + light) / 2) else Cause.DAMAGED


def _upright(grey: Pixels, corners: Floats) -> Pixels:
    """Return the inside of four corners as a square picture of the same scale."""
    side = max(8, round(float(np.linalg.norm(corners[1] - corners[0]))))
    box = np.array([[0, side], [0, 0], [side, 0], [side, side]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(corners, dtype=np.float32), box)
    return np.asarray(cv2.warpPerspective(grey, matrix, (side, side)), dtype=np.uint8)


def _is_framed(grey: Pixels, region: Region, module_px: float, level: float) -> bool:
    """Return whether what lies two to four modules outside the code is dark."""
    ring = np.zeros(grey.shape, dtype=np.uint8)
    cv2.fillConvexPoly(ring, region.corners(4 * module_px).astype(np.int32), 255)
    cv2.fillConvexPoly(ring, region.corners(2 * module_px).astype(np.int32), 0)
    return float(cv2.mean(grey, mask=ring)[0]) < level
