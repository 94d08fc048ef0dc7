"""One kiosk per data folder: a lock that the system lets go with the process, however it ends."""

import fcntl
import os
from pathlib import Path
from typing import Final

from kiosk_app.core.errors import AlreadyRunningError, SettingsError

FILE_NAME: Final = "kiosk.lock"


class InstanceLock:
    """Held from construction until :meth:`release` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        """Take the lock, making ``folder`` (0700) where there is none.

        Raises:
            AlreadyRunningError: another process holds it.
            SettingsError: the folder cannot be made or written to.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            sentence = f"The data folder {folder} cannot be used ({error.strerror}). Name another with --data."
            raise SettingsError(sentence) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise AlreadyRunningError(str(folder)) from error

    def release(self) -> None:
        """Let another kiosk in."""
        os.close(self._descriptor)


def is_held(folder: Path) -> bool:
    """Whether a kiosk runs with ``folder``; makes nothing, and holds the lock itself only for the moment of asking."""
    try:
        descriptor = os.open(folder / FILE_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
