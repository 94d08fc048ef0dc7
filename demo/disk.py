"""A disk whose power can be pulled: an ext4 image on a loop device, shut down without writing anything back.

``SIGKILL`` alone shows less than a power cut: what a program wrote and did not sync stays in the kernel's memory and
reaches the disk later. ``EXT4_IOC_SHUTDOWN`` with ``NOLOGFLUSH`` drops it, as losing power would; mounting again
replays the journal, as after any crash. What it does not show: a drive that lies about having written.

Needs root, a loop device and mkfs.ext4. The mount is in a namespace of the demo's own, so it cannot outlive the demo.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final, Self

from demo.children import run_to_end

_SIZE_BYTES: Final = 64 * 1024 * 1024
_COMMAND_S: Final = 30.0
_EXT4_IOC_SHUTDOWN: Final = 0x8004587D
"""``_IOR('X', 125, __u32)``, linux/fs/ext4/ext4.h."""
_NO_LOG_FLUSH: Final = 2
_CLONE_NEWNS: Final = 0x00020000
_PATH: Final = "/usr/sbin:/usr/bin:/sbin:/bin"


class DiskError(OSError):
    """The disk cannot be made or mounted here."""


class Disk:
    """A mounted image. Use :meth:`make`, and :meth:`close` at the end."""

    def __init__(self, image: Path, root: Path) -> None:
        self._image = image
        self.root = root
        """Where its files are."""

    @classmethod
    def make(cls, folder: Path) -> Self | None:
        """Return a new, empty, mounted disk; None where this machine or this user may not."""
        if os.geteuid() != 0 or shutil.which("mkfs.ext4", path=_PATH) is None or not _own_mounts():
            return None
        disk = cls(folder / "disk.img", folder / "disk")
        disk.root.mkdir()
        try:
            with disk._image.open("wb") as image:
                image.truncate(_SIZE_BYTES)
            _run("mkfs.ext4", "-q", "-F", str(disk._image))
            disk._mount()
            disk._try()
        except (OSError, subprocess.TimeoutExpired):
            disk.close()
            return None
        return disk

    def pull_power(self) -> None:
        """Lose at once what was not synced; nothing can be written any more."""
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _EXT4_IOC_SHUTDOWN, struct.pack("=I", _NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def give_power(self) -> None:
        """Come back with what the disk holds. Nobody may have a file open. Raises DiskError."""
        _run("umount", str(self.root))
        self._mount()

    def close(self) -> None:
        """Let the loop device go."""
        if self.root.is_mount():
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                _run("umount", str(self.root))

    def _mount(self) -> None:
        _run("mount", "-o", "loop", str(self._image), str(self.root))

    def _try(self) -> None:
        """Pull the power once while nothing can be lost, to know that it can be done."""
        self.pull_power()
        self.give_power()


def _own_mounts() -> bool:
    """Whether this thread, and what it starts from now on, has mounts that nobody else sees."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        return False
    try:
        # Or whatever we mount would be handed on to the namespace we came from.
        _run("mount", "--make-rprivate", "/")
    except OSError:
        return False
    return True


def _run(*command: str) -> None:
    done = run_to_end(command, {"PATH": _PATH, "LC_ALL": "C"}, _COMMAND_S)
    if done.returncode != 0:
        raise DiskError(done.stderr.strip() or f"{command[0]} ended with {done.returncode}")
