"""The device key in a file of its own, outside the data folder, readable by nobody else.

Folder 0700, file 0600, both checked before use. A new key is written beside the old one, synced, and renamed over it:
whatever the moment of a power cut, one whole key lies there. An interrupted pairing leaves a key that nothing refers
to; the next attempt replaces it.
"""

import os
import stat
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from kiosk_app.core.errors import KeysError
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.keys import KEY_BYTES

FILE_NAME: Final = "device.key"
_NEW_NAME: Final = "device.key.new"
_MAX_FILE_BYTES: Final = 64


class KeyStore:
    """The device key in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> SigningKey:
        """Make a device key and save it durably, in place of one that never came to be paired.

        Raises:
            KeysError: the folder cannot be written to or is open to others.
        """
        key = SigningKey.generate()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_mode(self._folder)
            self._write(base64url_encode(bytes(key)).encode("ascii") + b"\n")
        except OSError as error:
            raise KeysError(f"The key folder {self._folder} cannot be written to ({error.strerror}).") from error
        return key

    def load(self) -> SigningKey:
        """Return the saved device key.

        Raises:
            KeysError: missing, open to others, or no key.
        """
        path = self._folder / FILE_NAME
        try:
            self._check_mode(self._folder)
            self._check_mode(path)
            with path.open("rb") as file:
                data = file.read(_MAX_FILE_BYTES + 1)
        except OSError as error:
            raise KeysError(f"The device key {path} cannot be read ({error.strerror}).") from error
        try:
            seed = base64url_decode(data.decode("ascii").rstrip("\n"))
        except (EncodingError, UnicodeDecodeError):
            seed = b""
        if len(seed) != KEY_BYTES:
            raise KeysError(f"The file {path} holds no device key.")
        return SigningKey(seed)

    def _write(self, data: bytes) -> None:
        new = self._folder / _NEW_NAME
        new.unlink(missing_ok=True)
        # O_EXCL: a file or link that somebody else put there is not written through.
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        new.replace(self._folder / FILE_NAME)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _check_mode(self, path: Path) -> None:
        status = path.stat()
        if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid != os.geteuid():
            raise KeysError(f"{path} must belong to the kiosk's user and be closed to all others (chmod go= {path}).")
