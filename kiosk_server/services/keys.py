"""The tenant's keys: made once, private halves only ever sealed at rest, opened when used.

A root key and a bundle key sign documents; the others have one purpose each. Keys of purpose *user* sign our own
sessions and stay out of the bundle: no kiosk has to know them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk_protocol.identifiers import KeyId, TenantId, key_id_of
from kiosk_protocol.keys import PublicKey
from kiosk_server.domain.records import KeyPurpose, StoredKey
from kiosk_server.domain.times import to_seconds
from kiosk_server.services.house import House
from kiosk_server.services.ports import Records

PURPOSES: Final[tuple[KeyPurpose, ...]] = ("root", "bundle", "visit", "device", "time", "seal", "user")
KEY_LIFE: Final = timedelta(days=10 * 365)
"""Far end of a key's validity: rotation takes keys out of use, not time; old ones stay valid for what they signed."""


def make_keys(house: House, records: Records, now: datetime) -> None:
    """Make one key of each purpose for a new tenant."""
    for purpose in PURPOSES:
        seed = house.random(32)
        public = bytes(PrivateKey(seed).public_key if purpose == "seal" else SigningKey(seed).verify_key)
        kid = key_id_of(public)
        sealed = house.vault.seal(seed, _context(records.tenant_id, purpose, kid))
        records.keys.add(StoredKey(kid, purpose, public, sealed, now, now + KEY_LIFE))


def signing_key(house: House, records: Records, purpose: KeyPurpose, now: datetime) -> tuple[KeyId, SigningKey]:
    """Return the newest key that signs for ``purpose`` now."""
    live = [key for key in records.keys.all(purpose) if key.not_before <= now < key.not_after]
    newest = live[-1]
    return newest.kid, SigningKey(_open(house, records.tenant_id, newest))


def seal_private_key(house: House, records: Records, kid: str) -> PrivateKey | None:
    """Return the private half of a seal key, whatever its validity: a kiosk may have held the item for long."""
    for key in records.keys.all("seal"):
        if key.kid == kid:
            return PrivateKey(_open(house, records.tenant_id, key))
    return None


def public_keys(records: Records, purpose: KeyPurpose) -> Mapping[str, PublicKey]:
    """Return every Ed25519 key ever made for ``purpose``: what was signed under an old one still counts."""
    return {
        key.kid: PublicKey(key.kid, key.public_key, to_seconds(key.not_before), to_seconds(key.not_after))
        for key in records.keys.all(purpose)
    }


def _open(house: House, tenant: TenantId, key: StoredKey) -> bytes:
    return house.vault.open(key.sealed_private_key, _context(tenant, key.purpose, key.kid))


def _context(tenant: TenantId, purpose: KeyPurpose, kid: str) -> str:
    return f"signing-key {tenant} {purpose} {kid}"
