"""Encryption at rest: AES-256-GCM under a master key that lies outside the database, in a file of mode 0600.

Each record kind has its own key (HKDF by the first word of the context), a fresh 96-bit nonce, and its context as
associated data, so that a sealed value copied into another row does not open there.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_server.services.failures import MasterKeyError
from kiosk_server.services.ports import VaultError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
MASTER_KEY_FILE: Final = "master.key"


class AesVault:
    """Implements :class:`kiosk_server.services.ports.Vault`."""

    def __init__(self, master_key: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        self._master_key = master_key
        self._random = random

    def seal(self, plain: bytes, context: str) -> bytes:
        """Return nonce ‖ ciphertext ‖ tag."""
        nonce = self._random(NONCE_BYTES)
        return nonce + AESGCM(self._key(context)).encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the plain bytes.

        Raises:
            VaultError: another key, another context, or damaged bytes.
        """
        try:
            return AESGCM(self._key(context)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):
            raise VaultError(context.partition(" ")[0]) from None

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for something that is no record, such as the application role's password."""
        return self._derived(f"atrium/server/derived/{purpose}")

    def _key(self, context: str) -> bytes:
        return self._derived(f"atrium/server/seal/{context.partition(' ')[0]}")

    def _derived(self, info: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info.encode()).derive(self._master_key)


def load_master_key(folder: Path, text: str | None = None, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """Return the master key: from ``text`` (base64url, out of the environment), else the folder's file, else a new one.

    Args:
        folder: Made with mode 0700 if absent; a new key is written there with mode 0600 and synced before use.
        text: The key itself, where the operator keeps it elsewhere.
        random: Source of a new key.

    Raises:
        MasterKeyError: not 32 bytes in base64url, or a file that others may read.
        OSError: the folder cannot be written.
    """
    if text is not None:
        return _decode(text, "the master key handed over (ATRIUM_MASTER_KEY or the credential)")
    path = folder / MASTER_KEY_FILE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    key = random(KEY_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64url_encode(key) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise MasterKeyError(f"{path} may be read by others; its mode must be 0600")
    return _decode(path.read_text(encoding="ascii", errors="replace").strip(), str(path))


def _decode(text: str, source: str) -> bytes:
    try:
        key = base64url_decode(text)
    except EncodingError:
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"{source} does not hold 32 bytes in base64url")
    return key
