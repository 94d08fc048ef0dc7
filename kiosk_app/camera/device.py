"""A camera of this machine, through OpenCV and V4L2."""

import os
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import Frame
from kiosk_app.camera.opencv import cv2
from kiosk_app.core.staff_codes import StaffCode

NAME_FOLDERS = (Path("/dev/v4l/by-id"), Path("/dev/v4l/by-path"))
"""Where udev names cameras by maker and serial number, or by the port they are plugged into."""

WIDTH_PX, HEIGHT_PX = 1280, 720
"""Asked for; a camera that cannot gives what it has. Cheap ones reach 720p at a useful rate as MJPG only."""

OpenCapture = Callable[[str], cv2.VideoCapture]


def open_v4l2(node: str) -> cv2.VideoCapture:
    """Take the camera at ``node`` (a path), asking for 720p MJPG and a queue of one, so that a frame is never old."""
    capture = cv2.VideoCapture(node, cv2.CAP_V4L2)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH_PX)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT_PX)
    return capture


class DeviceSource:
    """A webcam. ``read`` holds its thread until the next frame, at most a second when the camera went silent.

    Once taken it is known by udev's name for it, so that it is found again under another index.

    Args:
        device: index of ``/dev/video…`` or a name in ``NAME_FOLDERS``.
        open_capture: takes the camera.
        node_folder: where the indexed nodes are.
        name_folders: where the named ones are.
    """

    def __init__(
        self,
        device: int | str,
        open_capture: OpenCapture = open_v4l2,
        node_folder: Path = Path("/dev"),
        name_folders: tuple[Path, ...] = NAME_FOLDERS,
    ) -> None:
        self._device = device
        self._open_capture = open_capture
        self._node_folder = node_folder
        self._name_folders = name_folders
        self._capture: cv2.VideoCapture | None = None
        self._identity: Path | None = None
        self._sequence = count(1)

    @property
    def description(self) -> str:
        """The camera as it was named."""
        return f"camera {self._device}"

    def open(self) -> None:
        """Take the camera. Raises ``CameraError``."""
        self.close()
        node = self._node()
        capture = self._open_capture(str(node))
        if not capture.isOpened():
            capture.release()
            readable = os.access(node, os.R_OK | os.W_OK)
            raise CameraError(StaffCode.CAMERA_BUSY, f"{node} cannot be taken, {'in use' if readable else 'no right'}")
        self._capture = capture
        self._identity = self._identity or self._name_of(node)

    def read(self) -> Frame | None:
        """Return the newest frame. Raises ``CameraError`` when the camera gives no more."""
        if self._capture is None:
            raise CameraError(StaffCode.CAMERA_STOPPED, f"{self.description} is not open")
        found, image = self._capture.read()
        if not found:
            self.close()
            raise CameraError(StaffCode.CAMERA_STOPPED, f"{self.description} gives no more pictures")
        return Frame(np.asarray(image, dtype=np.uint8), next(self._sequence), time.monotonic_ns())

    def close(self) -> None:
        """Let the camera go."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _name_of(self, node: Path) -> Path | None:
        """Return the name that udev gave to a node, None where it gave none."""
        names = (name for folder in self._name_folders if folder.is_dir() for name in sorted(folder.iterdir()))
        return next((name for name in names if name.resolve() == node.resolve()), None)

    def _node(self) -> Path:
        if isinstance(self._device, int):
            candidates = [self._node_folder / f"video{self._device}"]
        else:
            candidates = [folder / self._device for folder in self._name_folders]
        # A camera that comes back may have another index, and its old one may be another camera by then.
        for candidate in candidates if self._identity is None else [self._identity]:
            if candidate.exists():
                return candidate
        raise CameraError(StaffCode.CAMERA_NOT_FOUND, f"no {self.description}")
