"""The device key in a file of its own, outside the data folder, readable by nobody else.

Folder 0700, file 0600, both checked before use. A new key is written beside the old one, synced, and renamed over it:
whatever the moment of a power cut, one whole key lies there. An interrupted pairing leaves a key that nothing refers
to; the next attempt replaces it.
"""

from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from kiosk_app.core.errors import KeysError
from kiosk_app.store.private_files import read_private, write_private
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import key_id_of
from kiosk_protocol.keys import KEY_BYTES

FILE_NAME: Final = "device.key"
_KEPT: Final = "kept"
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
        write_private(self._folder, FILE_NAME, base64url_encode(bytes(key)).encode("ascii") + b"\n")
        return key

    def load(self) -> SigningKey:
        """Return the saved device key.

        Raises:
            KeysError: missing, open to others, or no key.
        """
        path = self._folder / FILE_NAME
        data = read_private(self._folder, FILE_NAME, _MAX_FILE_BYTES)
        if data is None:
            raise KeysError(f"The device key {path} cannot be read: there is none.")
        try:
            seed = base64url_decode(data.decode("ascii").rstrip("\n"))
        except (EncodingError, UnicodeDecodeError):
            seed = b""
        if len(seed) != KEY_BYTES:
            raise KeysError(f"The file {path} holds no device key.")
        return SigningKey(seed)

    def keep(self, name: str) -> None:
        """Copy the device key to a folder ``name`` of its own, before another pairing takes its place.

        Raises:
            KeysError: there is none, or the copy cannot be written.
        """
        key = self.load()
        write_private(self._folder / _KEPT / name, FILE_NAME, base64url_encode(bytes(key)).encode("ascii") + b"\n")

    def keep_former(self) -> None:
        """Keep this key under a name that no new key replaces: what waits was signed by it.

        Raises:
            KeysError: there is no key, or the folder cannot be written to.
        """
        key = self.load()
        name = f"former-{key_id_of(bytes(key.verify_key))}.key"
        write_private(self._folder, name, base64url_encode(bytes(key)).encode("ascii") + b"\n")
