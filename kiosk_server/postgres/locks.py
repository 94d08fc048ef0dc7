"""Advisory file locks, which the kernel drops when the last holder is gone, however it went (flock(2))."""

import fcntl
import os
from pathlib import Path
from typing import Self


class FileLock:
    """A lock on a file, made at need with mode 0600. Not thread-safe.

    The lock belongs to the open file, not to the process: a child that inherits the descriptor keeps it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def fileno(self) -> int:
        """Return the descriptor, to hand it to a child or to read and write the file."""
        if self._descriptor is None:
            raise ValueError("closed lock")
        return self._descriptor

    def try_exclusive(self) -> bool:
        """Take the lock alone; returns False, holding nothing new, if anybody else has it."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Take the lock beside other sharers; returns False if somebody has it alone."""
        return self._try(fcntl.LOCK_SH)

    def release(self) -> None:
        """Give the lock back and keep the file open."""
        fcntl.flock(self.fileno(), fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file. The lock goes with it unless a child has inherited it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.fileno(), kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def is_held(path: Path) -> bool:
    """State whether anybody holds the lock alone at this moment. Those who ask do not see each other."""
    with FileLock(path) as lock:
        return not lock.try_shared()
