"""Small files in the key folder that nobody else may read: folder 0700, files 0600, checked before use.

A new file is written beside the old one, synced, and renamed over it: whatever the moment of a power cut, one whole
file lies there.
"""

import os
import stat
from pathlib import Path

from kiosk_app.core.errors import KeysError


def write_private(folder: Path, name: str, data: bytes) -> None:
    """Replace the file durably, making the folder where there is none. Raises KeysError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_private(folder)
        _replace(folder, name, data)
    except OSError as error:
        raise KeysError(f"The key folder {folder} cannot be written to ({error.strerror}).") from error


def read_private(folder: Path, name: str, max_bytes: int) -> bytes | None:
    """Return at most ``max_bytes`` + 1 of the file, None where there is none. Raises KeysError."""
    path = folder / name
    try:
        check_private(folder)
        check_private(path)
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeysError(f"The file {path} cannot be read ({error.strerror}).") from error


def check_private(path: Path) -> None:
    """Raise KeysError where somebody else could read ``path``, OSError where it cannot be looked at."""
    status = path.stat()
    if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid != os.geteuid():
        raise KeysError(f"{path} must belong to the kiosk's user and be closed to all others (chmod go= {path}).")


def _replace(folder: Path, name: str, data: bytes) -> None:
    new = folder / f"{name}.new"
    new.unlink(missing_ok=True)
    # O_EXCL: a file or link that somebody else put there is not written through.
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.replace(folder / name)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
