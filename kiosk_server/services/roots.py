"""The root: which key signs it, where that key lies, and the bundle key it names.

The root key may be kept offline. Then whoever changes the root brings it, and the server has only its public half.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nacl.signing import SigningKey

from kiosk_protocol.identifiers import KeyId, TenantId
from kiosk_protocol.messages import Envelope, decode
from kiosk_protocol.trust import RootDocument, read_root
from kiosk_server.domain.problems import BadRequestError, WrongStateError
from kiosk_server.domain.records import StoredKey
from kiosk_server.services.house import Actor, House
from kiosk_server.services.keys import Signer, make_key, open_signing_key
from kiosk_server.services.ports import Records
from kiosk_server.services.rotation import find_key
from kiosk_server.services.trust import publish_bundle, publish_root

Deliver = Callable[[TenantId, KeyId, SigningKey], None]
"""Takes a root key away from here, durably; whatever it raises leaves everything as it was."""


@dataclass(frozen=True, slots=True)
class RootFacts:
    """The root as it is published."""

    document: RootDocument
    envelope: Envelope
    is_offline: bool
    """The private half of its key is not on this server."""


def show_root(house: House, tenant: TenantId) -> RootFacts:
    """Return the newest root.

    Raises:
        WrongStateError: ``no_trust``.
    """
    with house.archive.of(tenant) as records:
        stored = records.keys.newest_document("root")
        if stored is None:
            raise WrongStateError("no_trust", "This tenant has no trust documents.")
        envelope = decode(stored.envelope, Envelope)
        return RootFacts(read_root(envelope), envelope, _root_key(records).sealed_private_key is None)


def take_root_offline(house: House, tenant: TenantId, deliver: Deliver, actor: Actor) -> KeyId:
    """Hand the root key over and forget it here.

    Raises:
        WrongStateError: ``root_key_offline``: it is not here any more.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        records.keys.lock()
        kid, key = _root_signer(house, records, None)
        records.keys.forget_private_half(kid)
        records.journal.audit(now, actor.kind, actor.id, "key.taken_offline", kid, purpose="root")
        # Last, so that nothing is handed over by a transaction that failed before.
        deliver(tenant, kid, key)
    return kid


def change_root(
    house: House,
    tenant: TenantId,
    actor: Actor,
    *,
    held: SigningKey | None = None,
    deliver: Deliver | None = None,
    is_lost: bool = False,
) -> RootFacts:
    """Make a new root key, and publish a root signed by the old one and by it.

    Args:
        house: What use cases work with.
        tenant: Whose root.
        actor: Who does it.
        held: The old root key, where it is kept offline.
        deliver: Takes the new root key away, so that it never lies here.
        is_lost: The old one is gone: the new root is signed by the new key alone, and every paired kiosk refuses it
            and has to be paired anew.

    Raises:
        WrongStateError: ``root_key_offline``.
        BadRequestError: ``root_key_other``: ``held`` is another key.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        records.keys.lock()
        former = None if is_lost else _root_signer(house, records, held)
        _retire(records, _root_key(records), now, keep_private_half=False)
        made = make_key(house, records, "root", now, now)
        named = made.kid, open_signing_key(house, tenant, made)
        publish_root(house, records, now, named, former)
        publish_bundle(house, records, now)
        action = "key.root_replaced" if is_lost else "key.root_changed"
        records.journal.audit(now, actor.kind, actor.id, action, made.kid, purpose="root")
        if deliver is not None:
            records.keys.forget_private_half(made.kid)
            deliver(tenant, *named)
    return show_root(house, tenant)


def replace_bundle_key(house: House, tenant: TenantId, actor: Actor, held: SigningKey | None = None) -> StoredKey:
    """Make a new bundle key and publish a root that names it alone: what the old one signed counts no more.

    The old private half stays: a kiosk that still holds an older root believes a revocation only if that key signed it.

    Raises:
        WrongStateError: ``root_key_offline``.
        BadRequestError: ``root_key_other``.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        records.keys.lock()
        return _replace_bundle_key(house, records, actor, held, now)


def revoke_bundle_key(
    house: House, tenant: TenantId, kid: str, actor: Actor, held: SigningKey | None = None
) -> StoredKey | None:
    """Replace the bundle key ``kid`` if it is the one in use, and note it as revoked; return its successor.

    Raises:
        NotFoundError: ``unknown_key``.
        BadRequestError: ``key_purpose``, ``root_key_other``.
        WrongStateError: ``root_key_offline``.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        records.keys.lock()
        key = find_key(records, kid)
        if key.purpose != "bundle":
            raise BadRequestError("key_purpose", "This is no bundle key.")
        if key.revoked_at is not None:
            return None
        successor = _replace_bundle_key(house, records, actor, held, now) if key.is_standing else None
        records.keys.revoke(key.kid, now)
        records.journal.audit(now, actor.kind, actor.id, "key.revoked", key.kid, purpose="bundle")
    return successor


def _replace_bundle_key(
    house: House, records: Records, actor: Actor, held: SigningKey | None, now: datetime
) -> StoredKey:
    signer = _root_signer(house, records, held)
    for key in records.keys.all("bundle"):
        if key.is_standing:
            _retire(records, key, now, keep_private_half=True)
    made = make_key(house, records, "bundle", now, now)
    publish_root(house, records, now, signer)
    publish_bundle(house, records, now)
    records.journal.audit(now, actor.kind, actor.id, "key.rotated", made.kid, purpose="bundle")
    return made


def _retire(records: Records, key: StoredKey, now: datetime, *, keep_private_half: bool) -> None:
    records.keys.retire(key.kid, now)
    if not keep_private_half:
        records.keys.forget_private_half(key.kid)


def _root_signer(house: House, records: Records, held: SigningKey | None) -> Signer:
    key = _root_key(records)
    if held is not None:
        if bytes(held.verify_key) != key.public_key:
            raise BadRequestError(
                "root_key_other", f"The file holds another key than this tenant's root key {key.kid}."
            )
        return key.kid, held
    if key.sealed_private_key is None:
        raise WrongStateError(
            "root_key_offline", f"The root key {key.kid} is kept offline; name its file: --root-key FILE."
        )
    return key.kid, open_signing_key(house, records.tenant_id, key)


def _root_key(records: Records) -> StoredKey:
    """Return the root key that the newest root names: what the database says of others is nobody's word."""
    stored = records.keys.newest_document("root")
    if stored is None:
        raise WrongStateError("no_trust", "This tenant has no trust documents.")
    named = {key.kid for key in read_root(decode(stored.envelope, Envelope)).root_keys}
    return next(key for key in records.keys.all("root") if key.kid in named)
