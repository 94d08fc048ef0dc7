"""The camera's process as the kiosk sees it: started, heard, watched, started again.

Libraries of native code read what strangers hold up. A crash or a hang of theirs ends that process, never the kiosk:
one that ended or fell silent is killed and replaced, at once the first time, then with a pause. Importing this module
is cheap.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import READ_WAIT_S
from kiosk_app.camera.lookout_wire import WISH_PREVIEW, Looked, Message, Order, Trouble, Unpacker, WireError
from kiosk_app.core.staff_codes import StaffCode

COMMAND: Final = (sys.executable, "-P", "-m", "kiosk_app.camera.lookout_process")
START_WITHIN_S: Final = 20.0
"""Loading OpenCV takes 0.2 s; on a machine that just booted from an SD card, much more."""
SILENT_FOR_S: Final = 4.0
"""It speaks twice a second; a frame that keeps a library busy for so long is a hang."""
RESTART_AFTER_S: Final = 1.0
_END_WITHIN_S: Final = 1.2
_PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Ended:
    """The process ended or was ended; another one follows. ``how`` is a word for the log."""

    how: str


class Lookout:
    """One camera in a process of its own. One thread.

    Args:
        camera: its name, as ``sources.parse_camera_spec`` reads it; told by pipe, because it may hold a secret.
        preview: whether pictures for the screen are wanted at all.
        command: what is started.
        now_s: monotonic clock, seconds.
        silent_for_s: how long it may say nothing.
    """

    def __init__(
        self,
        camera: str,
        *,
        preview: bool = True,
        command: Sequence[str] = COMMAND,
        now_s: Callable[[], float] = time.monotonic,
        silent_for_s: float = SILENT_FOR_S,
    ) -> None:
        self._order = Order(camera, preview, os.getpid())
        self._command = tuple(command)
        self._now_s = now_s
        self._silent_for_s = silent_for_s
        self._process: subprocess.Popen[bytes] | None = None
        self._unpacker = Unpacker()
        self._waiting: deque[Message] = deque()
        self._has_spoken = False
        self._gave_pictures = True
        self._heard_at_s = 0.0
        self._start_at_s = 0.0

    @property
    def shows_pictures(self) -> bool:
        """Whether pictures for the screen can be wished for."""
        return self._order.preview

    @property
    def pid(self) -> int | None:
        """The process's number while there is one."""
        return None if self._process is None else self._process.pid

    def open(self) -> None:
        """Start the process; it loads while the kiosk goes on."""
        self._start()

    def read(self) -> Looked | Ended | None:
        """Return what it said last, that it ended, or None if nothing came within ``READ_WAIT_S``.

        Raises:
            CameraError: the camera is in trouble, or the process ends again and again (``CAMERA_LOST_READER``).
        """
        process = self._process
        if process is None:
            self._wait_to_start()
            return None
        try:
            self._hear(process)
        except (WireError, OSError):
            return self._end("unintelligible")
        while self._waiting:
            message = self._waiting.popleft()
            if isinstance(message, Trouble):
                raise CameraError(_camera_code(message.code), "told by the camera's process")
            if isinstance(message, Looked):
                self._gave_pictures = True
                return message
        status = process.poll()
        if status is not None:
            return self._end(f"signal_{-status}" if status < 0 else f"status_{status}")
        limit_s = self._silent_for_s if self._has_spoken else START_WITHIN_S
        return self._end("silent") if self._now_s() - self._heard_at_s > limit_s else None

    def wish_preview(self) -> None:
        """Ask for one more picture for the screen."""
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(WISH_PREVIEW)
        except OSError:
            return  # It has ended, which ``read`` will tell.

    def close(self) -> None:
        """End the process, within two seconds."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        self._unpacker = Unpacker()
        self._waiting.clear()
        self._has_spoken = False
        # One thread for what NumPy brings: others would hold memory for work that is never done here.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                self._command, stdin=pipe, stdout=pipe, stderr=nowhere, bufsize=0, env=environment
            )
        except OSError as error:
            self._start_at_s = self._now_s() + RESTART_AFTER_S
            raise CameraError(StaffCode.CAMERA_LOST_READER, f"not started: {error.strerror}") from None
        self._heard_at_s = self._now_s()
        if self._process.stdin is not None:
            try:
                self._process.stdin.write(msgspec.json.encode(self._order) + b"\n")
            except OSError:
                return  # It has ended already, which ``read`` will tell.
        if self._order.preview:
            self.wish_preview()

    def _wait_to_start(self) -> None:
        missing_s = self._start_at_s - self._now_s()
        if missing_s > 0:
            time.sleep(min(missing_s, READ_WAIT_S))
        else:
            self._start()

    def _hear(self, process: subprocess.Popen[bytes]) -> None:
        """Take what is in the pipe, waiting for it if nothing is at hand."""
        if self._waiting or process.stdout is None:
            return
        ready, _, _ = select.select([process.stdout], [], [], READ_WAIT_S)
        if not ready:
            return
        piece = os.read(process.stdout.fileno(), _PIECE_BYTES)
        if not piece:
            # It closed its end; a process that does not end either is in nobody's hands.
            try:
                process.wait(_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            return
        self._heard_at_s = self._now_s()
        messages = self._unpacker.feed(piece)
        self._has_spoken = self._has_spoken or bool(messages)
        self._waiting.extend(messages)

    def _end(self, how: str) -> Ended:
        """Make sure that it is gone and arrange for the next one. Raises CameraError when that helped nothing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        helped, self._gave_pictures = self._gave_pictures, False
        self._start_at_s = self._now_s() + (0.0 if helped else RESTART_AFTER_S)
        if not helped:
            raise CameraError(StaffCode.CAMERA_LOST_READER, how)
        return Ended(how)


class NoLookout:
    """What a kiosk without a camera has: nothing is ever seen, no process is started, and that is no trouble."""

    def __init__(self, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def open(self) -> None:
        """Do nothing."""

    def read(self) -> None:
        """Wait as any lookout does."""
        self._wait(READ_WAIT_S)

    def wish_preview(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def _camera_code(code: str) -> StaffCode:
    """Return the code that the process named, if it is one of a camera's."""
    known = {one.value: one for one in StaffCode if one.name.startswith("CAMERA_")}
    return known.get(code, StaffCode.CAMERA_LOST_READER)
