"""The device key in a file of its own, outside the data folder, readable by nobody else, sealed by the machine key.

Folder 0700, file 0600, both checked before use. A new key is written beside the old one, synced, and renamed over it:
whatever the moment of a power cut, one whole key lies there. An interrupted pairing leaves a key that nothing refers
to; the next attempt replaces it. Where the machine key is a file too, sealing adds nothing; where it is a credential
or in a key ring, a copied disk holds no device key.
"""

import shutil
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from kiosk_app.core.errors import KeysError
from kiosk_app.core.key_protection import KeyProtection
from kiosk_app.store.machine_key import MachineKeys
from kiosk_app.store.private_files import read_private, write_private
from kiosk_protocol.keys import KEY_BYTES

FILE_NAME: Final = "device.key"
_USE: Final = "device-key"
_KEPT: Final = "kept"
_MAX_FILE_BYTES: Final = 128


class KeyStore:
    """The device key in ``folder``. ``machine`` finds what it is sealed under, by default this machine's best."""

    def __init__(self, folder: Path, machine: MachineKeys | None = None) -> None:
        self._folder = folder
        self._machine = machine or MachineKeys(folder)

    @property
    def protection(self) -> KeyProtection:
        """What protects the key that the device key is sealed under."""
        return self._machine.protection

    def make(self) -> SigningKey:
        """Make a device key and save it durably, in place of one that never came to be paired.

        Raises:
            KeysError: the folder cannot be written to or is open to others.
        """
        key = SigningKey.generate()
        self._save(self._folder, FILE_NAME, key)
        return key

    def load(self) -> SigningKey:
        """Return the saved device key. Sealed under a machine key of worse protection, it is sealed anew.

        Raises:
            KeysError: missing, open to others, or no key of this machine.
        """
        path = self._folder / FILE_NAME
        sealed = read_private(self._folder, FILE_NAME, _MAX_FILE_BYTES)
        if sealed is None:
            raise KeysError(f"The device key {path} cannot be read: there is none.")
        for machine_key in self._machine.all():
            seed = machine_key.open(sealed, _USE)
            if seed is not None and len(seed) == KEY_BYTES:
                key = SigningKey(seed)
                if machine_key.protection is not self._machine.protection:
                    self._save(self._folder, FILE_NAME, key)
                return key
        raise KeysError(f"The file {path} holds no device key of this machine.")

    def keep(self, name: str) -> None:
        """Copy the device key to a folder ``name`` of its own, before its pairing ends: what waits was signed by it.

        Raises:
            KeysError: there is none, or the copy cannot be written.
        """
        self._save(self._folder / _KEPT / name, FILE_NAME, self.load())

    def load_kept(self, name: str) -> SigningKey:
        """Return the key kept under ``name``.

        Raises:
            KeysError: as :meth:`load`.
        """
        return KeyStore(self._folder / _KEPT / name, self._machine).load()

    def drop_kept(self, name: str) -> None:
        """Remove the key kept under ``name``, if it is there: nothing waits that it signed.

        Raises:
            KeysError: it cannot be removed.
        """
        folder = self._folder / _KEPT / name
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise KeysError(f"The key folder {folder} cannot be removed ({error.strerror}).") from error

    def _save(self, folder: Path, name: str, key: SigningKey) -> None:
        write_private(folder, name, self._machine.current().seal(bytes(key), _USE))
