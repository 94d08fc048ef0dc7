"""Small drawing helpers over OpenCV: anti-aliased rounded boxes, text, layers with transparency.

Colours are BGR, pictures height x width x 3 of eight bits, masks height x width of floats from 0 to 1.
"""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

# The demo shares two cores with everything it demonstrates.
cv2.setNumThreads(1)

Picture: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.float32]
Colour: TypeAlias = tuple[int, int, int]
Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom; right and bottom are outside."""

_FONT = cv2.FontFace("sans")


def filled(width: int, height: int, colour: Colour) -> Picture:
    """Return a picture of one colour."""
    return np.full((height, width, 3), colour, dtype=np.uint8)


def rounded_mask(width: int, height: int, box: Box, radius: int) -> Mask:
    """Return the mask of a box with round corners."""
    left, top, right, bottom = box
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.rectangle(mask, (left + radius, top), (right - radius - 1, bottom - 1), 255, cv2.FILLED)
    cv2.rectangle(mask, (left, top + radius), (right - 1, bottom - radius - 1), 255, cv2.FILLED)
    for x in (left + radius, right - radius - 1):
        for y in (top + radius, bottom - radius - 1):
            cv2.circle(mask, (x, y), radius, 255, cv2.FILLED, cv2.LINE_AA)
    return as_mask(mask)


def as_mask(grey: Picture | cv2.typing.MatLike) -> Mask:
    """Turn an eight-bit plane into a mask."""
    return np.asarray(grey, dtype=np.float32) / np.float32(255.0)


def painted(picture: Picture, mask: Mask, colour: Colour | Picture) -> Picture:
    """Return ``picture`` with ``colour`` (or another picture) laid over it where ``mask`` says."""
    over = np.asarray(colour, dtype=np.float32)
    return mixed(picture, over, mask)


def mixed(under: Picture, over: NDArray[np.float32] | Picture, mask: Mask) -> Picture:
    """Blend ``over`` onto ``under``."""
    share = mask[:, :, np.newaxis]
    mixture: Picture = (under * (1.0 - share) + over * share + 0.5).clip(0, 255).astype(np.uint8)
    return mixture


def box_painted(picture: Picture, box: Box, radius: int, colour: Colour) -> Picture:
    """Return ``picture`` with a round-cornered box on it."""
    height, width = picture.shape[:2]
    return painted(picture, rounded_mask(width, height, box, radius), colour)


def write(picture: Picture, text: str, at: tuple[int, int], size: int, colour: Colour, weight: int = 400) -> None:
    """Write a line of text into ``picture``; ``at`` is the left end of its base line."""
    cv2.putText(picture, text, at, colour, _FONT, size, weight)


def write_centred(picture: Picture, text: str, y: int, size: int, colour: Colour, weight: int = 400) -> None:
    """Write a line of text in the middle of ``picture``."""
    height, width = picture.shape[:2]
    _, _, text_width, _ = cv2.getTextSize((width, height), text, (0, y), _FONT, size, weight)
    write(picture, text, ((width - text_width) // 2, y), size, colour, weight)


def softened(picture: Picture, sigma_px: float) -> Picture:
    """Return ``picture`` blurred."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), dtype=np.uint8)
