"""The tenant's keys: made here, private halves only ever sealed at rest, opened when used.

A root key and a bundle key sign documents; the others have one purpose each. Keys of purpose *user* sign our own
sessions and stay out of the bundle: no kiosk has to know them. How keys follow one another is in ``rotation`` and
``roots``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk_protocol.identifiers import KeyId, TenantId, key_id_of
from kiosk_protocol.keys import PublicKey
from kiosk_server.domain.problems import WrongStateError
from kiosk_server.domain.records import KeyPurpose, StoredKey
from kiosk_server.domain.times import to_seconds
from kiosk_server.services.house import House
from kiosk_server.services.ports import Records, VaultError

PURPOSES: Final[tuple[KeyPurpose, ...]] = ("root", "bundle", "visit", "device", "time", "seal", "user")
KEY_LIFE: Final = timedelta(days=10 * 365)
"""Far end of a key's validity: rotation takes keys out of use, not time; old ones stay valid for what they signed."""
MOST_SIGNERS: Final = 8
"""As many signatures as an envelope may carry."""

Signer = tuple[KeyId, SigningKey]


def make_keys(house: House, records: Records, now: datetime) -> None:
    """Make one key of each purpose for a new tenant."""
    for purpose in PURPOSES:
        make_key(house, records, purpose, now, now)


def make_key(house: House, records: Records, purpose: KeyPurpose, now: datetime, signs_from: datetime) -> StoredKey:
    """Make a key that counts from now on, and signs from ``signs_from``."""
    seed, public, kid = _draw(house, purpose)
    sealed = house.vault.seal(seed, _context(records.tenant_id, purpose, kid))
    key = StoredKey(kid, purpose, public, sealed, now, now + KEY_LIFE, signs_from)
    records.keys.add(key)
    return key


def signing_key(house: House, records: Records, purpose: KeyPurpose, now: datetime) -> Signer:
    """Return the newest key that signs for ``purpose`` now.

    Raises:
        WrongStateError: ``no_key``, where the private half is kept elsewhere.
    """
    signers = [key for key in records.keys.all(purpose) if key.signs_at(now) and key.sealed_private_key is not None]
    if not signers:
        raise WrongStateError("no_key", f"No key of purpose {purpose} can sign here.")
    return signers[-1].kid, open_signing_key(house, records.tenant_id, signers[-1])


def older_signers(house: House, records: Records, purpose: KeyPurpose, newest: KeyId) -> Sequence[Signer]:
    """Return what else could sign for ``purpose``, newest first: every key whose private half is here but ``newest``.

    Their signatures stand beside the newest one's for kiosks that were away and know no younger key.
    """
    keys = [key for key in records.keys.all(purpose) if key.kid != newest and key.sealed_private_key is not None]
    return [(key.kid, open_signing_key(house, records.tenant_id, key)) for key in keys[:-MOST_SIGNERS:-1]]


def seal_private_key(house: House, records: Records, kid: str) -> PrivateKey | None:
    """Return the private half of a seal key, whatever became of it: a kiosk may have held the item for long."""
    for key in records.keys.all("seal"):
        if key.kid == kid:
            return PrivateKey(_open(house, records.tenant_id, key))
    return None


def public_keys(records: Records, purpose: KeyPurpose) -> Mapping[str, PublicKey]:
    """Return every Ed25519 key ever made for ``purpose``, also revoked: evidence of what happened is judged by it."""
    return _public(records.keys.all(purpose))


def trusted_keys(records: Records, purpose: KeyPurpose) -> Mapping[str, PublicKey]:
    """Return the Ed25519 keys of ``purpose`` but the revoked: what was signed under an old one still counts."""
    return _public([key for key in records.keys.all(purpose) if key.revoked_at is None])


def check_is_ours(house: House, tenant: TenantId, key: StoredKey) -> None:
    """Refuse a key whose private half is not here, sealed to its name: somebody wrote it past us into the database.

    Raises:
        VaultError: the row was made or changed by somebody without the master key.
    """
    if _public_half(key.purpose, _open(house, tenant, key)) != key.public_key:
        raise VaultError("signing-key")


def open_signing_key(house: House, tenant: TenantId, key: StoredKey) -> SigningKey:
    """Return the private half of an Ed25519 key.

    Raises:
        VaultError: it does not open, or is not here.
    """
    return SigningKey(_open(house, tenant, key))


def _draw(house: House, purpose: KeyPurpose) -> tuple[bytes, bytes, KeyId]:
    """Return a new seed, its public half and name."""
    while True:
        seed = house.random(32)
        public = _public_half(purpose, seed)
        kid = key_id_of(public)
        # One name in 64 would begin with a hyphen, and a command line takes that for an option.
        if not kid.startswith("-"):
            return seed, public, kid


def _public_half(purpose: KeyPurpose, seed: bytes) -> bytes:
    return bytes(PrivateKey(seed).public_key if purpose == "seal" else SigningKey(seed).verify_key)


def _public(keys: Sequence[StoredKey]) -> Mapping[str, PublicKey]:
    return {
        key.kid: PublicKey(key.kid, key.public_key, to_seconds(key.not_before), to_seconds(key.not_after))
        for key in keys
    }


def _open(house: House, tenant: TenantId, key: StoredKey) -> bytes:
    if key.sealed_private_key is None:
        raise VaultError("signing-key")
    return house.vault.open(key.sealed_private_key, _context(tenant, key.purpose, key.kid))


def _context(tenant: TenantId, purpose: KeyPurpose, kid: str) -> str:
    return f"signing-key {tenant} {purpose} {kid}"
