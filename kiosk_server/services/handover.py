"""The quarantine: what a kiosk hands over that was revoked, or paired anew, with the key that it had.

Such a key may be a thief's by now, so nothing follows from what it signs: the items lie here as they came, sealed, for
30 days, and somebody of the house decides. Accepting them judges each as an ordinary check-in.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError, ProtocolError
from kiosk_protocol.handover import HandoverDocument, check_handover, read_unverified_handover
from kiosk_protocol.identifiers import CheckInId, DeviceId, TenantId
from kiosk_protocol.messages import (
    MAX_BATCH_ENTRIES,
    MAX_SEALED_BYTES,
    Batch,
    Envelope,
    HandedOver,
    HandoverAnswer,
    ItemAnswer,
    OutboxEntry,
)
from kiosk_protocol.sealing import item_hash
from kiosk_server.domain.problems import BadRequestError, NonceWantedError, TooManyError, UnauthenticatedError
from kiosk_server.domain.records import Device, QuarantinedItem
from kiosk_server.services.check_ins import take_batch
from kiosk_server.services.devices import KioskPrincipal, find_device
from kiosk_server.services.evidence import Evidence, load_keys, read_entry, weigh
from kiosk_server.services.house import Actor, House
from kiosk_server.services.ports import Records

QUARANTINE_KEPT: Final = timedelta(days=30)
MOST_ITEMS: Final = 20_000
"""Of one device: a busy door in a month without a network."""
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one device: three kilobytes for each of those, where an item has one and a half."""


def take_handover(house: House, envelope: Envelope) -> HandoverAnswer:
    """Take items into quarantine; each is answered once it is stored, or lies here already as a check-in or an item.

    Raises:
        UnauthenticatedError: ``handover_refused``, alike for a device nobody knows, another tenant's, another key, and
            what was signed for another server; ``use_dpop_nonce`` with a nonce.
        BadRequestError: what the device itself signed cannot be read.
        TooManyError: ``quarantine_full``; nothing of this request was stored.
    """
    document, now = _read(envelope), house.now()
    tenant = TenantId(document.tenant_id)
    with house.archive.of(tenant) as records:
        device = records.devices.get(DeviceId(document.device_id))
        _check(house, envelope, document, device, now)
        items = [_item(document, entry, now) for entry in document.entries]
        new = _unknown(records, items)
        _refuse_too_many(records, items[0].device, new)
        records.quarantine.add(new)
        if new:
            detail = {"items": str(len(new))}
            records.journal.audit(now, "kiosk", document.device_id, "kiosk.handed_over", document.device_id, **detail)
    fresh = {item.digest for item in new}
    return HandoverAnswer(
        results=tuple(
            HandedOver(check_in_id=item.check_in_id, outcome="accepted" if item.digest in fresh else "replayed")
            for item in items
        )
    )


def _read(envelope: Envelope) -> HandoverDocument:
    try:
        return read_unverified_handover(envelope)
    except (ProtocolError, RecursionError):
        raise BadRequestError("handover", "The envelope holds no handover.") from None


def _check(house: House, envelope: Envelope, document: HandoverDocument, device: Device | None, now: datetime) -> None:
    # One answer for all: whoever has no device key learns neither which devices there are nor which keys.
    refused = UnauthenticatedError("handover_refused", "Nothing is taken over from this sender.")
    if device is None:
        raise refused
    try:
        check_handover(envelope, device.public_key)
    except ProtocolError:
        raise refused from None
    # Signed for another server: handed on by whoever runs that one.
    if document.server != house.address.base_url:
        raise refused
    # What is repeated within the nonce's five minutes changes nothing, so nobody remembers it.
    if not house.freshness.is_current(document.nonce, now):
        raise NonceWantedError(house.freshness.nonce(now))


def _item(document: HandoverDocument, entry: OutboxEntry, now: datetime) -> QuarantinedItem:
    try:
        sealed, stated, chain = (base64url_decode(text) for text in (entry.sealed, entry.hash, entry.chain))
    except EncodingError:
        raise BadRequestError("handover", "An item is not spelled as it must be.") from None
    if len(sealed) > MAX_SEALED_BYTES:
        raise BadRequestError("handover", "An item is larger than 64 KiB.")
    return QuarantinedItem(
        device=DeviceId(document.device_id),
        digest=item_hash(sealed),
        check_in_id=CheckInId(entry.check_in_id),
        chain_id=document.chain_id,
        sequence=entry.sequence,
        hash=stated,
        chain=chain,
        seal_kid=entry.seal_kid,
        sealed=sealed,
        received_at=now,
    )


def _unknown(records: Records, items: Sequence[QuarantinedItem]) -> list[QuarantinedItem]:
    """Return the items whose bytes are not here yet, each once."""
    device = items[0].device
    delivered = records.check_ins.find([item.check_in_id for item in items], [])
    here = {item.hash for item in delivered if item.device == device}
    here |= records.quarantine.known(device, [item.digest for item in items])
    return list({item.digest: item for item in items if item.digest not in here}.values())


def _refuse_too_many(records: Records, device: DeviceId, new: Sequence[QuarantinedItem]) -> None:
    if not new:
        return
    count, size = records.quarantine.held(device)
    if count + len(new) > MOST_ITEMS or size + sum(len(item.sealed) for item in new) > MOST_BYTES:
        raise TooManyError("quarantine_full", "The quarantine holds as much of this kiosk as it may.")


@dataclass(frozen=True, slots=True)
class Finding:
    """An item in quarantine, and what accepting it alone would find: what it proves, or the code of its rejection."""

    item: QuarantinedItem
    evidence: Evidence | str


def list_quarantine(house: House, tenant: TenantId, device_id: str | None = None) -> Sequence[QuarantinedItem]:
    """Return what lies in quarantine, decided or not; of one kiosk where one is named.

    Raises:
        NotFoundError: ``unknown_kiosk``.
    """
    device = None if device_id is None else find_device(house, tenant, device_id).id
    with house.archive.of(tenant) as records:
        return records.quarantine.all(device)


def show_quarantine(house: House, tenant: TenantId, device_id: str) -> Sequence[Finding]:
    """Return a kiosk's items together with what each would prove. Changes nothing.

    Raises:
        NotFoundError: ``unknown_kiosk``.
    """
    kiosk = KioskPrincipal(tenant, find_device(house, tenant, device_id))
    with house.archive.of(tenant) as records:
        items = records.quarantine.all(kiosk.device.id)
        read = [(item, read_entry(_entry(item))) for item in items]
        keys = load_keys(house, records, kiosk, [delivery for _, delivery in read if delivery is not None])
    return [Finding(item, "damaged" if delivery is None else weigh(kiosk, delivery, keys)) for item, delivery in read]


def accept(
    house: House, tenant: TenantId, device_id: str, actor: Actor, only: Collection[str] = ()
) -> Sequence[ItemAnswer]:
    """Judge a kiosk's open items as ordinary check-ins, and note for auditors that they were handed over.

    Args:
        house: What use cases work with.
        tenant: Whose.
        device_id: The kiosk that they come from.
        actor: Who decides.
        only: Check-ins to accept; empty: all.

    Raises:
        NotFoundError: ``unknown_kiosk``.
        BadRequestError: ``check_in``: none such is open.
    """
    kiosk = KioskPrincipal(tenant, find_device(house, tenant, device_id))
    answers: list[ItemAnswer] = []
    for chain_id, chain in groupby(_open_items(house, kiosk, only), key=lambda item: item.chain_id):
        items = list(chain)
        for start in range(0, len(items), MAX_BATCH_ENTRIES):
            part = items[start : start + MAX_BATCH_ENTRIES]
            batch = Batch(chain_id=chain_id, entries=tuple(_entry(item) for item in part))
            results = take_batch(house, kiosk, batch).results
            # After the check-ins: broken off in between, the same ones are accepted again and answered as before.
            _settle(house, kiosk, part, results, actor)
            answers.extend(results)
    return answers


def discard(
    house: House, tenant: TenantId, device_id: str, actor: Actor, only: Collection[str] = ()
) -> Sequence[QuarantinedItem]:
    """Decide that nothing is to follow from a kiosk's open items. They are deleted when their 30 days are over.

    Raises:
        NotFoundError: ``unknown_kiosk``.
        BadRequestError: ``check_in``: none such is open.
    """
    kiosk = KioskPrincipal(tenant, find_device(house, tenant, device_id))
    items, now = _open_items(house, kiosk, only), house.now()
    with house.archive.of(tenant) as records:
        records.quarantine.settle(kiosk.device.id, [item.digest for item in items], "discarded", now)
        for item in items:
            records.journal.audit(now, actor.kind, actor.id, "handover.discarded", item.check_in_id, kiosk=item.device)
    return items


@dataclass(frozen=True, slots=True)
class Undecided:
    """How many items of a kiosk wait in quarantine, and until when the first of them is kept."""

    count: int
    until: datetime


def undecided(house: House, tenant: TenantId, device: DeviceId) -> Undecided | None:
    """Return what of a kiosk somebody should decide on; None where there is nothing."""
    with house.archive.of(tenant) as records:
        count, first = records.quarantine.undecided(device)
    return None if first is None else Undecided(count, first + QUARANTINE_KEPT)


def ends_at(item: QuarantinedItem) -> datetime:
    """Return when the item is deleted, decided or not."""
    return item.received_at + QUARANTINE_KEPT


def _open_items(house: House, kiosk: KioskPrincipal, only: Collection[str]) -> Sequence[QuarantinedItem]:
    with house.archive.of(kiosk.tenant) as records:
        held = [item for item in records.quarantine.all(kiosk.device.id) if item.settlement is None]
    unknown = set(only) - {item.check_in_id for item in held}
    if unknown:
        raise BadRequestError("check_in", "Not all of these check-ins lie undecided in this kiosk's quarantine.")
    return [item for item in held if not only or item.check_in_id in only]


def _settle(
    house: House, kiosk: KioskPrincipal, items: Sequence[QuarantinedItem], results: Sequence[ItemAnswer], actor: Actor
) -> None:
    now = house.now()
    with house.archive.of(kiosk.tenant) as records:
        records.quarantine.settle(kiosk.device.id, [item.digest for item in items], "accepted", now)
        for result in results:
            detail = {"kiosk": kiosk.device.id, "outcome": result.outcome, "code": result.code or ""}
            records.journal.audit(now, actor.kind, actor.id, "handover.accepted", result.check_in_id, **detail)


def _entry(item: QuarantinedItem) -> OutboxEntry:
    return OutboxEntry(
        check_in_id=item.check_in_id,
        sequence=item.sequence,
        hash=base64url_encode(item.hash),
        chain=base64url_encode(item.chain),
        seal_kid=item.seal_kid,
        sealed=base64url_encode(item.sealed),
    )
