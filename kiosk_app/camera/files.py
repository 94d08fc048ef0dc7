"""Cameras made of files: a video, or a folder of pictures. For demonstrations, tests and looking into a complaint.

Both play in real time and hand out only what a camera would show now; what was missed is gone.
"""

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import READ_WAIT_S, Frame
from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pictures import Unreadable, read_colour
from kiosk_app.camera.pixels import Pixels
from kiosk_app.core.staff_codes import StaffCode

_NS = 1_000_000_000
_USUAL_FPS = 25.0
_HIGHEST_FPS = 120.0
_FOLDER_FPS = 10
_FOLDER_MAX_PIXELS = 12_000_000  # 36 MB in colour; a kiosk as a whole has 160.

PICTURE_HELD_S = 2.0
"""How long a folder shows each picture: longer than the scan gate remembers a code that went out of sight."""


class Pace:
    """Says when the next frame is due.

    Args:
        now_ns: monotonic clock.
        wait: waits so many seconds, at most ``READ_WAIT_S`` each time.
    """

    def __init__(
        self, now_ns: Callable[[], int] = time.monotonic_ns, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self.now_ns = now_ns
        self._wait = wait

    def reached(self, due_ns: int) -> bool:
        """Wait for ``due_ns``, at most ``READ_WAIT_S``, and tell whether it came."""
        missing_s = (due_ns - self.now_ns()) / _NS
        if missing_s > 0:
            self._wait(min(missing_s, READ_WAIT_S))
        return self.now_ns() >= due_ns


class VideoFileSource:
    """A video that plays at its own rate and starts again at its end."""

    def __init__(self, path: Path, pace: Pace | None = None) -> None:
        self._path = path
        self._pace = pace or Pace()
        self._capture: cv2.VideoCapture | None = None
        self._sequence = count(1)
        self._frame_ns = _NS
        self._due_ns = 0

    @property
    def description(self) -> str:
        """The file's name, without its folder."""
        return f"video {self._path.name}"

    def open(self) -> None:
        """Open the file. Raises ``CameraError``."""
        self.close()
        if not self._path.is_file():
            raise CameraError(StaffCode.CAMERA_NOT_FOUND, f"no file {self._path}")
        # One codec thread: each further one holds frames of its own. An absolute path is never taken for an address.
        self._capture = cv2.VideoCapture(str(self._path.absolute()), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not self._capture.isOpened():
            self.close()
            raise CameraError(StaffCode.CAMERA_UNREADABLE, f"{self._path} is no video")
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._frame_ns = int(_NS / (fps if 1.0 <= fps <= _HIGHEST_FPS else _USUAL_FPS))
        self._due_ns = self._pace.now_ns()

    def read(self) -> Frame | None:
        """Return the frame that is due now, or None. Raises ``CameraError``."""
        if self._capture is None:
            raise CameraError(StaffCode.CAMERA_STOPPED, f"{self._path} is not open")
        if not self._pace.reached(self._due_ns):
            return None
        late_frames = (self._pace.now_ns() - self._due_ns) // self._frame_ns
        for _ in range(late_frames):
            next(self._sequence)
            if not self._capture.grab():
                break
        self._due_ns += (late_frames + 1) * self._frame_ns
        return Frame(self._next_image(self._capture), next(self._sequence), self._pace.now_ns())

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _next_image(self, capture: cv2.VideoCapture) -> Pixels:
        found, image = capture.read()
        if not found:
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            found, image = capture.read()
        if not found:
            raise CameraError(StaffCode.CAMERA_UNREADABLE, f"{self._path} gives no pictures")
        return np.asarray(image, dtype=np.uint8)


class FolderSource:
    """Pictures of a folder by name, each held for ``held_s`` seconds. What cannot be read is passed over."""

    def __init__(self, folder: Path, held_s: float = PICTURE_HELD_S, pace: Pace | None = None) -> None:
        self._folder = folder
        self._held_ns = int(held_s * _NS)
        self._pace = pace or Pace()
        self._sequence = count(1)
        self._image: Pixels | None = None
        self._after: str = ""
        self._change_ns = 0
        self._due_ns = 0

    @property
    def description(self) -> str:
        """The folder's name, without what it lies in."""
        return f"folder {self._folder.name}"

    def open(self) -> None:
        """Show the first picture. Raises ``CameraError``."""
        self._after = ""
        self._due_ns = self._change_ns = self._pace.now_ns()
        self._turn_page()

    def read(self) -> Frame | None:
        """Return the picture that is shown now, ten times a second. Raises ``CameraError``."""
        if self._image is None:
            raise CameraError(StaffCode.CAMERA_STOPPED, f"{self._folder} is not open")
        if not self._pace.reached(self._due_ns):
            return None
        now_ns = self._pace.now_ns()
        if now_ns >= self._change_ns:
            self._turn_page()
        self._due_ns = now_ns + _NS // _FOLDER_FPS
        return Frame(self._image, next(self._sequence), now_ns)

    def close(self) -> None:
        """Drop the picture."""
        self._image = None

    def _turn_page(self) -> None:
        # The folder is listed each time: pictures may be added and taken away while the kiosk runs.
        names = self._names()
        for name in [n for n in names if n > self._after] + [n for n in names if n <= self._after]:
            picture = read_colour(self._folder / name, max_pixels=_FOLDER_MAX_PIXELS)
            if not isinstance(picture, Unreadable):
                self._image, self._after = picture, name
                self._change_ns = self._pace.now_ns() + self._held_ns
                return
        self.close()
        raise CameraError(StaffCode.CAMERA_UNREADABLE, f"no readable picture in {self._folder}")

    def _names(self) -> list[str]:
        try:
            return sorted(entry.name for entry in self._folder.iterdir() if entry.is_file())
        except OSError as error:
            self.close()
            raise CameraError(StaffCode.CAMERA_NOT_FOUND, f"no folder {self._folder}: {error.strerror}") from None
