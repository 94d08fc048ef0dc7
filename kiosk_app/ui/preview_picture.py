"""What the preview needs of a camera picture, without knowing the camera or NumPy."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtGui import QImage


class Pixels(Protocol):
    """An eight-bit array, height x width (grey) or height x width x 3 (BGR), contiguous."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width, and 3 for colour."""

    def tobytes(self) -> bytes:
        """Return the bytes row by row."""


class PreviewPicture(Protocol):
    """One picture and the codes found in it."""

    @property
    def image(self) -> Pixels:
        """The picture, not mirrored."""

    @property
    def outlines(self) -> Sequence[Sequence[tuple[float, float]]]:
        """For each code its corners in pixels of ``image``, going around."""


def to_qimage(pixels: Pixels) -> QImage:
    """Return a copy of the pixels as a picture Qt can paint; empty if the shape is none of the two."""
    shape = tuple(int(side) for side in pixels.shape)
    match shape:
        case (height, width) if height > 0 and width > 0:
            return QImage(pixels.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()
        case (height, width, 3) if height > 0 and width > 0:
            return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_BGR888).copy()
        case _:
            return QImage()
