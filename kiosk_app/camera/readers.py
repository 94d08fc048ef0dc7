"""The two libraries that read QR codes, each as a function from a grey picture to symbols.

They may raise anything; ``decoders.Decoder`` is the border. Order matters: zxing-cpp needs 0.7 ms for an empty 720p
frame and reads inverted codes, zbar needs 18 ms and reads a few that zxing-cpp does not.
"""

import numpy as np
import zxingcpp

from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.symbols import MAX_PIXELS, Symbol
from kiosk_app.camera.zbar import zbar_reader

__all__ = ["UnusablePictureError", "read_zxing", "to_grey", "zbar_reader"]

# Model 2 is the QR code that everybody means. "QRCode" would also look for micro QR codes, which nobody here issues.
_QR_FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)


class UnusablePictureError(Exception):
    """Something that is no grey or BGR picture of eight bits, or too large."""


def to_grey(image: Pixels) -> Pixels:
    """Return ``image`` as one contiguous grey plane; a grey one is not copied.

    Raises:
        UnusablePictureError: for anything but an eight-bit grey or BGR picture of 1 to ``MAX_PIXELS`` pixels.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim not in {2, 3}:
        raise UnusablePictureError
    height, width = image.shape[:2]
    if not 1 <= height * width <= MAX_PIXELS:
        raise UnusablePictureError
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    if image.shape[2] != 3:
        raise UnusablePictureError
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def read_zxing(grey: Pixels) -> list[Symbol]:
    """Read all QR codes of the full frame, upright, turned and inverted."""
    found = zxingcpp.read_barcodes(
        grey,
        formats=_QR_FORMATS,
        try_rotate=True,
        try_downscale=True,
        try_invert=True,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [Symbol(barcode.text, _corners(barcode.position), "zxing") for barcode in found]


def _corners(position: zxingcpp.Position) -> tuple[tuple[float, float], ...]:
    points = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((float(point.x), float(point.y)) for point in points)
