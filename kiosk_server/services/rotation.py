"""How keys follow one another: a younger one joins early and signs later; the older leaves when nothing of it is left.

Overlap is what lets yesterday's code work today. A visit key signs only after it has stood in the bundle for as long as
a kiosk may be offline, so that no kiosk meets a code before the key. A revoked key leaves at once, and the codes it
signed are issued anew. Root and bundle keys change through the root (``roots``).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from kiosk_protocol.identifiers import KeyId, TenantId, VisitId
from kiosk_server.domain.problems import BadRequestError, NotFoundError, WrongStateError
from kiosk_server.domain.records import KeyPurpose, StoredKey, VisitState
from kiosk_server.domain.times import rfc3339
from kiosk_server.services.failures import StoreError
from kiosk_server.services.house import SERVER, Actor, House
from kiosk_server.services.keys import make_key
from kiosk_server.services.ports import Records, VaultError
from kiosk_server.services.trust import GREATEST_OFFLINE_AGE, publish_bundle
from kiosk_server.services.visits import reissue_code

log = logging.getLogger(__name__)

QUARTER: Final = timedelta(days=91)
REISSUED_AT_ONCE: Final = 100
ROTATED: Final[tuple[KeyPurpose, ...]] = ("visit", "time", "device", "seal", "user")
_SIGNS_LATER: Final[frozenset[KeyPurpose]] = frozenset({"visit", "time"})
"""Checked by kiosks that may not have heard of a new key: offline, or before they ask for the bundle."""
_OPENED_LATER: Final[frozenset[KeyPurpose]] = frozenset({"seal"})
"""A kiosk may hold items for them for as long as it is offline: their private halves stay, whatever becomes of them."""


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """When keys change by themselves.

    Attributes:
        rotate_after: Age at which a visit key gets a successor; None: never without an operator.
    """

    rotate_after: timedelta | None = QUARTER


@dataclass(frozen=True, slots=True)
class Revoked:
    """What revoking a key came to."""

    key: StoredKey
    reissued: int
    """Visits whose code was issued anew; whoever holds the old one has to be given the new."""


def list_keys(house: House, tenant: TenantId) -> Sequence[StoredKey]:
    """Return every key the tenant ever had, in the order in which they sign."""
    with house.archive.of(tenant) as records:
        return records.keys.all()


def rotate_key(house: House, tenant: TenantId, purpose: KeyPurpose, actor: Actor) -> StoredKey:
    """Make the next key of a purpose and publish it. What the others signed goes on counting.

    Raises:
        BadRequestError: ``key_purpose``, for root and bundle keys.
        WrongStateError: ``key_waiting``: the next one was made before and waits to sign.
    """
    if purpose not in ROTATED:
        raise BadRequestError("key_purpose", f"A {purpose} key changes through the root.")
    now = house.now()
    with house.archive.of(tenant) as records:
        records.keys.lock()
        return _rotate(house, records, purpose, now, actor)


def revoke_key(house: House, tenant: TenantId, kid: str, actor: Actor) -> Revoked:
    """Take a key out at once; codes it signed are issued anew. A second time changes nothing.

    Raises:
        NotFoundError: ``unknown_key``.
        BadRequestError: ``key_purpose``, for root and bundle keys.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        records.keys.lock()
        key = find_key(records, kid)
        if key.purpose not in ROTATED:
            raise BadRequestError("key_purpose", f"A {key.purpose} key changes through the root.")
        if key.revoked_at is None:
            records.keys.revoke(key.kid, now)
            if key.purpose not in _OPENED_LATER:
                records.keys.forget_private_half(key.kid)
            _ensure_signer(house, records, key.purpose, now, actor)
            publish_bundle(house, records, now)
            records.journal.audit(now, actor.kind, actor.id, "key.revoked", key.kid, purpose=key.purpose)
    # The key is out by now, whatever happens to the rest: `serve` goes on with it.
    reissued = 0
    while some := reissue_codes(house, tenant, actor):
        reissued += some
    return Revoked(key, reissued)


def find_key(records: Records, kid: str) -> StoredKey:
    """Return the key called ``kid``.

    Raises:
        NotFoundError: ``unknown_key``.
    """
    for key in records.keys.all():
        if key.kid == kid:
            return key
    raise NotFoundError("unknown_key", "This tenant has no key of this name.")


def reissue_codes(house: House, tenant: TenantId, actor: Actor) -> int:
    """Issue codes anew whose key was revoked, for at most 100 expected visits; return for how many."""
    now = house.now()
    with house.archive.of(tenant) as records:
        due = records.keys.revoked_codes(now, REISSUED_AT_ONCE)
    # One transaction each: a visit somebody else holds does not keep the others waiting for its commit.
    return sum(_reissue(house, tenant, visit, now, actor) for visit in due)


def keep_keys(house: House, policy: KeyPolicy) -> None:
    """Do for every tenant what is due: the next visit key, the end of old ones, what a revocation left undone."""
    try:
        for tenant in house.archive.tenant_ids():
            _try_to_keep(house, tenant, policy)
    except StoreError as error:
        log.warning("%s upkeep of keys put off: %s", error.code, error.detail)


def _try_to_keep(house: House, tenant: TenantId, policy: KeyPolicy) -> None:
    try:
        _keep(house, tenant, policy)
    except VaultError:
        # One tenant's damage keeps the others' keys no older than they should be.
        log.warning("SRV-5 upkeep of keys put off: a stored key of tenant %s does not open", tenant)


def _keep(house: House, tenant: TenantId, policy: KeyPolicy) -> None:
    now = house.now()
    with house.archive.of(tenant) as records:
        is_due = _is_old(records, policy, now) or bool(_gone_by(records, now))
    if is_due:
        with house.archive.of(tenant) as records:
            records.keys.lock()
            # Another process may have done it while we waited.
            if _is_old(records, policy, now):
                _rotate(house, records, "visit", now, SERVER)
            _retire(house, records, now)
    while reissue_codes(house, tenant, SERVER):
        pass


def _rotate(house: House, records: Records, purpose: KeyPurpose, now: datetime, actor: Actor) -> StoredKey:
    waiting = [key for key in records.keys.all(purpose) if key.is_standing and key.signs_from > now]
    if waiting:
        moment = rfc3339(waiting[-1].signs_from)
        raise WrongStateError("key_waiting", f"The next {purpose} key, {waiting[-1].kid}, signs from {moment}.")
    signs_from = now + GREATEST_OFFLINE_AGE if purpose in _SIGNS_LATER else now
    return _join(house, records, purpose, now, signs_from, actor)


def _join(
    house: House, records: Records, purpose: KeyPurpose, now: datetime, signs_from: datetime, actor: Actor
) -> StoredKey:
    key = make_key(house, records, purpose, now, signs_from)
    publish_bundle(house, records, now)
    moment = rfc3339(signs_from) or ""
    records.journal.audit(now, actor.kind, actor.id, "key.rotated", key.kid, purpose=purpose, signsFrom=moment)
    return key


def _ensure_signer(house: House, records: Records, purpose: KeyPurpose, now: datetime, actor: Actor) -> None:
    """Let a key sign where the only one that did is gone: the waiting one, which kiosks know longest, or a new one."""
    standing = [key for key in records.keys.all(purpose) if key.is_standing]
    if any(key.signs_at(now) for key in standing):
        return
    if standing:
        records.keys.sign_from(standing[0].kid, now)
    else:
        _join(house, records, purpose, now, now, actor)


def _is_old(records: Records, policy: KeyPolicy, now: datetime) -> bool:
    standing = [key for key in records.keys.all("visit") if key.is_standing]
    return policy.rotate_after is not None and bool(standing) and now - standing[-1].not_before >= policy.rotate_after


def _retire(house: House, records: Records, now: datetime) -> None:
    gone_by = _gone_by(records, now)
    for key in gone_by:
        records.keys.retire(key.kid, now)
        if key.purpose not in _OPENED_LATER:
            records.keys.forget_private_half(key.kid)
        records.journal.audit(now, SERVER.kind, SERVER.id, "key.retired", key.kid, purpose=key.purpose)
    if gone_by:
        publish_bundle(house, records, now)


def _gone_by(records: Records, now: datetime) -> Sequence[StoredKey]:
    """Return keys that a younger one replaced so long ago that every kiosk knows it, and whose codes are all over."""
    long_ago = now - GREATEST_OFFLINE_AGE
    gone = []
    for purpose in ROTATED:
        standing = [key for key in records.keys.all(purpose) if key.is_standing]
        replaced = [key for key, younger in pairwise(standing) if younger.signs_from <= long_ago]
        gone += [key for key in replaced if not records.keys.has_codes_after(key.kid, long_ago)]
    return gone


def _reissue(house: House, tenant: TenantId, visit_id: VisitId, now: datetime, actor: Actor) -> bool:
    with house.archive.of(tenant) as records:
        visit = records.visits.lock(visit_id)
        if visit is None or visit.state is not VisitState.PRE_REGISTERED:
            return False
        if not records.keys.has_revoked_code(visit.id, visit.rev):
            return False
        reissue_code(house, records, visit, now)
        records.journal.audit(now, actor.kind, actor.id, "visit.code_reissued", visit.id)
        return True


def state_of(key: StoredKey, keys: Sequence[StoredKey], now: datetime) -> str:
    """Return how a key stands among ``keys``: waiting, signing, standing (its signatures count), retired, revoked."""
    if key.revoked_at is not None:
        return "revoked"
    if key.retired_at is not None:
        return "retired"
    if key.signs_from > now:
        return "waiting"
    return "signing" if key.kid == _newest_signer(key.purpose, keys, now) else "standing"


def _newest_signer(purpose: KeyPurpose, keys: Sequence[StoredKey], now: datetime) -> KeyId | None:
    signers = [key.kid for key in keys if key.purpose == purpose and key.signs_at(now)]
    return signers[-1] if signers else None
