"""A root key kept outside the server: one file of mode 0600, the private half sealed under a passphrase or in clear.

Sealed by AES-256-GCM under argon2id (RFC 9106 §4, low-memory profile), with tenant and ``kid`` as associated data.
"""

import os
import stat
from pathlib import Path
from typing import Any, Final

import msgspec
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from argon2.profiles import RFC_9106_LOW_MEMORY
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.signing import SigningKey

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import KeyId, TenantId
from kiosk_protocol.messages import Key32, KeyIdText, LongId, Message
from kiosk_server.domain.problems import BadRequestError

FORMAT: Final = "atrium-root-key-1"
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
LARGEST_BYTES: Final = 4096


class RootKeyFile(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says. ``private_key`` is 32 bytes, or, with a ``salt``, nonce, ciphertext and tag; base64url."""

    format: str
    tenant_id: LongId
    kid: KeyIdText
    public_key: Key32
    private_key: str
    salt: str | None = None


def write_root_key(path: Path, tenant: TenantId, kid: KeyId, key: SigningKey, passphrase: str | None) -> None:
    """Write a new file, mode 0600, durably.

    Raises:
        BadRequestError: ``root_key_file``: there is a file already, or it cannot be written.
    """
    seed, salt = bytes(key), None
    if passphrase is not None:
        salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
        seed = nonce + AESGCM(_stretched(passphrase, salt)).encrypt(nonce, seed, _context(tenant, kid))
    file = RootKeyFile(
        format=FORMAT,
        tenant_id=tenant,
        kid=kid,
        public_key=base64url_encode(bytes(key.verify_key)),
        private_key=base64url_encode(seed),
        salt=None if salt is None else base64url_encode(salt),
    )
    try:
        # Never over another one: that may be the only copy of a key still in use.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(msgspec.json.encode(file) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        _sync_folder(path.parent)
    except OSError as error:
        raise _refused(f"{path} cannot be written: {error.strerror}.") from None
    # The server forgets the key after this: what was written must be what opens.
    if bytes(read_root_key(path, tenant, passphrase)) != bytes(key):
        raise _refused(f"{path} was not written as it should be.")


def read_root_key(path: Path, tenant: TenantId, passphrase: str | None) -> SigningKey:
    """Return the root key in a file.

    Raises:
        BadRequestError: ``root_key_file``: it cannot be read, is open to others, damaged, of another tenant, or does
            not open under the passphrase.
    """
    file = _read(path)
    if file.tenant_id != tenant:
        raise _refused(f"{path} holds the root key of another tenant.")
    try:
        seed = base64url_decode(file.private_key)
        if file.salt is not None:
            seed = _unsealed(file, seed, passphrase, path)
        key = SigningKey(seed)
    except (EncodingError, HashingError, ValueError):
        raise _refused(f"{path} is damaged.") from None
    if base64url_encode(bytes(key.verify_key)) != file.public_key:
        raise _refused(f"{path} is damaged.")
    return key


def _read(path: Path) -> RootKeyFile:
    try:
        with path.open("rb") as stream:
            if stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & 0o077:
                raise _refused(f"{path} may be read by others; its mode must be 0600.")
            content = stream.read(LARGEST_BYTES)
    except OSError as error:
        raise _refused(f"{path} cannot be read: {error.strerror}.") from None
    try:
        file = msgspec.json.decode(content, type=RootKeyFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _refused(f"{path} is no root key file.") from None
    if file.format != FORMAT:
        raise _refused(f"{path} is no root key file of this version.")
    return file


def _unsealed(file: RootKeyFile, sealed: bytes, passphrase: str | None, path: Path) -> bytes:
    if passphrase is None:
        raise _refused(f"{path} is sealed; hand its passphrase over with --passphrase-stdin.")
    key = _stretched(passphrase, base64url_decode(file.salt or ""))
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _context(file.tenant_id, file.kid))
    except InvalidTag:
        raise _refused(f"{path} does not open under this passphrase.") from None


def _stretched(passphrase: str, salt: bytes) -> bytes:
    profile = RFC_9106_LOW_MEMORY
    parameters: dict[str, Any] = {
        "time_cost": profile.time_cost,
        "memory_cost": profile.memory_cost,
        "parallelism": profile.parallelism,
    }
    return hash_secret_raw(passphrase.encode(), salt, **parameters, hash_len=32, type=Type.ID)


def _context(tenant: str, kid: str) -> bytes:
    return f"{FORMAT} {tenant} {kid}".encode("ascii")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(sentence: str) -> BadRequestError:
    return BadRequestError("root_key_file", sentence)
