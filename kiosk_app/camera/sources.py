"""What the kiosk uses of cameras: parse a name, open a source, read frames.

``open_source`` loads OpenCV and returns a source that heals by itself. The sources are in ``device``, ``files`` and
``mjpeg``.
"""

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import READ_WAIT_S, FrameSource
from kiosk_app.camera.specs import (
    CameraSpec,
    DeviceSpec,
    FolderSpec,
    MjpegSpec,
    NoCameraSpec,
    VideoFileSpec,
    parse_camera_spec,
)

__all__ = [
    "READ_WAIT_S",
    "CameraError",
    "CameraSpec",
    "DeviceSpec",
    "FolderSpec",
    "FrameSource",
    "MjpegSpec",
    "NoCameraSpec",
    "VideoFileSpec",
    "open_source",
    "parse_camera_spec",
]


def open_source(spec: CameraSpec, *, colour: bool = True) -> FrameSource:
    """Return the source for ``spec``, not yet taken. It heals by itself: call ``read`` on after a ``CameraError``.

    Without ``colour`` its pictures may be grey, where that costs less: nobody will see them.
    """
    # Imported here because OpenCV and NumPy cost time and memory that the first window must not wait for.
    from kiosk_app.camera.opening import healing_source  # noqa: PLC0415

    return healing_source(spec, colour=colour)
