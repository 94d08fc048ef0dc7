"""The machine key, under which this kiosk's other secrets lie sealed, from the best place that the machine has.

In this order:

1. a credential that the service manager hands over, in ``$CREDENTIALS_DIRECTORY``. ``systemd-creds encrypt`` seals it
   to the TPM or to a key of the host, so that a copied disk does not hold it (systemd.exec(5), "Credentials");
2. the operating system's key ring, where one is always there (Windows, macOS);
3. a file in the key folder, closed to others: whoever takes the whole disk has it too.

Each use has a key of its own, derived by HKDF-SHA256 (RFC 5869) from the machine key and the use's name, and seals with
AES-256-GCM, a random 96-bit nonce, and the use's name as associated data.
"""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk_app.core.errors import KeysError
from kiosk_app.core.key_protection import KeyProtection
from kiosk_app.store.key_ring import KeyRing, OsKeyRing
from kiosk_app.store.private_files import read_private, write_private

CREDENTIAL: Final = "atrium-kiosk-machine-key"
FILE_NAME: Final = "machine.key"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_SMALLEST_CREDENTIAL_BYTES: Final = 32
_LARGEST_CREDENTIAL_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class MachineKey:
    """The key, and what protects it. It never leaves this module's callers in the store."""

    secret: bytes
    protection: KeyProtection

    def seal(self, plain: bytes, use: str) -> bytes:
        """Return nonce and ciphertext of ``plain``, to be opened for the same ``use`` only."""
        # Imported here: an unpaired kiosk's first window must not wait for it.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._derived(use)).encrypt(nonce, plain, use.encode("ascii"))

    def open(self, sealed: bytes, use: str) -> bytes | None:
        """Return what was sealed, None where it was sealed under another key, for another use, or is damaged."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        try:
            nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return AESGCM(self._derived(use)).decrypt(nonce, ciphertext, use.encode("ascii"))
        except (InvalidTag, ValueError):
            # ValueError: shorter than a nonce.
            return None

    def _derived(self, use: str) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        info = f"atrium/kiosk/{use}/v1".encode("ascii")
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(self.secret)


class MachineKeys:
    """Finds the machine key of one key folder.

    Args:
        folder: The key folder.
        environment: Where ``CREDENTIALS_DIRECTORY`` is looked up.
        ring: The operating system's key ring, None where there is none to rely on.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None, ring: KeyRing | None = None) -> None:
        self._folder = folder
        self._environment = os.environ if environment is None else environment
        self._ring = ring or OsKeyRing.of(sys.platform)

    @property
    def protection(self) -> KeyProtection:
        """What protects, or would protect, the key that is used from now on."""
        if self._credential_path() is not None:
            return KeyProtection.CREDENTIAL
        return KeyProtection.FILE if self._ring is None else KeyProtection.KEY_RING

    def current(self) -> MachineKey:
        """Return the key to seal with, made if there is none yet.

        Raises:
            KeysError: it cannot be read or kept, or is open to others.
        """
        found = self._credential() or self._from_ring(make=True) or self._from_file()
        return found or self._make_file()

    def all(self) -> Iterator[MachineKey]:
        """Yield the keys that something may be sealed under, the current one first: better protection came later.

        Raises:
            KeysError: one cannot be read, or is open to others.
        """
        for key in (self._credential(), self._from_ring(make=False), self._from_file()):
            if key is not None:
                yield key

    def _credential_path(self) -> Path | None:
        folder = self._environment.get("CREDENTIALS_DIRECTORY")
        path = Path(folder, CREDENTIAL) if folder else None
        return path if path is not None and path.exists() else None

    def _credential(self) -> MachineKey | None:
        path = self._credential_path()
        if path is None:
            return None
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            with path.open("rb") as file:
                secret = file.read(_LARGEST_CREDENTIAL_BYTES)
        except OSError as error:
            raise KeysError(f"The credential {CREDENTIAL} cannot be read ({error.strerror}).") from error
        if len(secret) < _SMALLEST_CREDENTIAL_BYTES:
            raise KeysError(f"The credential {CREDENTIAL} needs at least {_SMALLEST_CREDENTIAL_BYTES} bytes.")
        # systemd gives the unit's user its copy by an access list, which shows as the group's bits.
        if mode & 0o007:
            raise KeysError(f"The credential {CREDENTIAL} is open to others.")
        return MachineKey(secret, KeyProtection.CREDENTIAL)

    def _from_ring(self, *, make: bool) -> MachineKey | None:
        if self._ring is None:
            return None
        secret = self._ring.load()
        if secret is None and make:
            secret = os.urandom(_KEY_BYTES)
            self._ring.save(secret)
        return None if secret is None else MachineKey(secret, KeyProtection.KEY_RING)

    def _from_file(self) -> MachineKey | None:
        secret = read_private(self._folder, FILE_NAME, _KEY_BYTES)
        if secret is None:
            return None
        if len(secret) != _KEY_BYTES:
            raise KeysError(f"The file {self._folder / FILE_NAME} holds no machine key.")
        return MachineKey(secret, KeyProtection.FILE)

    def _make_file(self) -> MachineKey:
        secret = os.urandom(_KEY_BYTES)
        write_private(self._folder, FILE_NAME, secret)
        return MachineKey(secret, KeyProtection.FILE)
