"""Pictures that the camera tests make themselves."""

from collections.abc import Callable

import numpy as np
import segno

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import Frame
from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.sources import FrameSource


def qr_picture(text: str | bytes, module_px: int = 6, quiet: int = 4) -> Pixels:
    """Return a clean QR code, dark on white, grey."""
    mode = "byte" if isinstance(text, bytes) else None
    modules = np.array([list(row) for row in segno.make(text, micro=False, mode=mode).matrix], dtype=np.uint8)
    light = np.pad(1 - modules, quiet, constant_values=1) * 255
    return np.asarray(np.kron(light, np.ones((module_px, module_px))), dtype=np.uint8)


def on_canvas(
    code: Pixels, height: int = 480, width: int = 640, grey: int = 200, at: tuple[int, int] = (40, 50)
) -> Pixels:
    """Lay ``code`` on a grey canvas."""
    canvas = np.full((height, width), grey, dtype=np.uint8)
    canvas[at[0] : at[0] + code.shape[0], at[1] : at[1] + code.shape[1]] = code
    return canvas


def packed(picture: Pixels, kind: str = ".jpg") -> bytes:
    """Return ``picture`` as the bytes of a file."""
    done, content = cv2.imencode(kind, picture)
    assert done
    return content.tobytes()


def read_until(source: FrameSource, wanted: Callable[[Frame], bool], tries: int = 200) -> Frame:
    """Read on over pauses and failures until a frame is as ``wanted``."""
    for _ in range(tries):
        try:
            frame = source.read()
        except CameraError:
            continue
        if frame is not None and wanted(frame):
            return frame
    raise AssertionError("no such frame came")
