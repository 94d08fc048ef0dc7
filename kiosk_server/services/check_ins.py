"""Taking in what happened at the doors: one transaction and one answer per item (protocol, "Outbox, sealed").

An answer is given once and repeated for the same bytes. What the server holds afterwards follows from the set of items,
however they were ordered, split or repeated.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import EncodingError, ProtocolError
from kiosk_protocol.identifiers import CheckInId
from kiosk_protocol.messages import MAX_SEALED_BYTES, Batch, BatchAnswer, ItemAnswer, OutboxEntry
from kiosk_protocol.records import CheckInRecord, read_record
from kiosk_protocol.sealing import item_hash, open_item
from kiosk_protocol.tokens import TokenRefusal, verify_visit_token
from kiosk_server.domain.chains import ChainHead, Link, shows_fork
from kiosk_server.domain.check_ins import Sender, arrival_of, conflicts_of, judge_record, judge_times
from kiosk_server.domain.records import CheckIn, ConflictKind, Visit, VisitState
from kiosk_server.domain.times import from_milliseconds
from kiosk_server.services.devices import KioskPrincipal
from kiosk_server.services.house import House
from kiosk_server.services.keys import public_keys, seal_private_key
from kiosk_server.services.ports import Records
from kiosk_server.services.visits import publish_state

DAMAGED = "damaged"
DIFFERENT_CONTENT = "different_content"
UNKNOWN_SEAL_KEY = "unknown_seal_key"
NOT_OPENED = "not_opened"
NOT_SIGNED = "not_signed"
TOKEN_REFUSED = "token_refused"  # noqa: S105 - an answer's code
UNKNOWN_VISIT = "unknown_visit"

_CONFLICT_ORDER: tuple[ConflictKind, ...] = ("cancelled", "admitted_elsewhere", "superseded")


@dataclass(frozen=True, slots=True)
class _Evidence:
    """An item that was opened and judged good: what it states, and the claims of the code that was shown."""

    record: CheckInRecord
    claims: VisitClaims


def take_batch(house: House, kiosk: KioskPrincipal, batch: Batch) -> BatchAnswer:
    """Take in a batch, item by item; one bad item never keeps another from being taken."""
    results = tuple(_take_item(house, kiosk, batch.chain_id, entry) for entry in batch.entries)
    with house.archive.of(kiosk.tenant) as records:
        acknowledged = records.devices.head(kiosk.device.id, batch.chain_id).acknowledged
    return BatchAnswer(results=results, acknowledged_sequence=acknowledged)


def _take_item(house: House, kiosk: KioskPrincipal, chain_id: str, entry: OutboxEntry) -> ItemAnswer:
    sealed, link = _read_entry(entry)
    if link is None:
        # Damaged on the way: nothing of it is kept, so that the undamaged item can still come under this name.
        return ItemAnswer(check_in_id=entry.check_in_id, outcome="rejected", code=DAMAGED)
    now = house.now()
    with house.archive.of(kiosk.tenant) as records:
        _follow_chain(records, kiosk, chain_id, link)
        known = records.check_ins.get(CheckInId(entry.check_in_id))
        if known is None:
            known = _take_new(house, records, kiosk, entry, sealed, now)
            if known is not None:
                return _answer(known)
            # Another delivery of this very item was faster; its answer stands.
            known = records.check_ins.get(CheckInId(entry.check_in_id))
        return _repeat(known, link.hash, entry)


def _read_entry(entry: OutboxEntry) -> tuple[bytes, Link | None]:
    try:
        sealed, stated, chain = (base64url_decode(text) for text in (entry.sealed, entry.hash, entry.chain))
    except EncodingError:
        return b"", None
    if len(sealed) > MAX_SEALED_BYTES or item_hash(sealed) != stated:
        return b"", None
    return sealed, Link(entry.sequence, stated, chain)


def _follow_chain(records: Records, kiosk: KioskPrincipal, chain_id: str, link: Link) -> None:
    """Note the item's place; a gap or fork flags the device and blocks nothing."""
    device = kiosk.device.id
    head = records.devices.head(device, chain_id)
    forked = head.forked or shows_fork(chain_id, link, records.devices.neighbours(device, chain_id, link.sequence))
    records.devices.add_link(device, chain_id, link)
    acknowledged = records.devices.contiguous_after(device, chain_id, head.acknowledged)
    records.devices.save_head(device, chain_id, ChainHead(acknowledged, max(head.highest, link.sequence), forked))


def _repeat(known: CheckIn | None, hash_of_item: bytes, entry: OutboxEntry) -> ItemAnswer:
    if known is None or known.hash != hash_of_item:
        return ItemAnswer(check_in_id=entry.check_in_id, outcome="rejected", code=DIFFERENT_CONTENT)
    return _as_repetition(_answer(known))


def _as_repetition(answer: ItemAnswer) -> ItemAnswer:
    """Return the first answer again, marked as a repetition."""
    return ItemAnswer(check_in_id=answer.check_in_id, outcome=answer.outcome, code=answer.code, replayed=True)


def _answer(item: CheckIn) -> ItemAnswer:
    return ItemAnswer(check_in_id=item.id, outcome=item.first_outcome, code=item.first_code)


def _take_new(
    house: House, records: Records, kiosk: KioskPrincipal, entry: OutboxEntry, sealed: bytes, now: datetime
) -> CheckIn | None:
    """Judge and store a new item; None where its identifier was taken meanwhile."""
    item = CheckIn(
        id=CheckInId(entry.check_in_id),
        device=kiosk.device.id,
        site=kiosk.device.site,
        hash=item_hash(sealed),
        sealed=sealed,
        seal_kid=entry.seal_kid,
        first_outcome="rejected",
        first_code=None,
        received_at=now,
    )
    evidence = _judge(house, records, kiosk, item)
    # Everybody who would change this visit waits here until we are done.
    visit = None if isinstance(evidence, str) else records.visits.lock(evidence.claims.visit)
    if isinstance(evidence, str) or visit is None or evidence.claims.revision > visit.rev:
        code = evidence if isinstance(evidence, str) else UNKNOWN_VISIT
        rejected = replace(item, first_code=code)
        if not records.check_ins.add(rejected):
            return None
        records.journal.audit(now, "kiosk", kiosk.device.id, "check_in.rejected", item.id, code=code)
        return rejected
    return _admit(records, _with_statement(item, evidence), visit, now)


def _judge(house: House, records: Records, kiosk: KioskPrincipal, item: CheckIn) -> _Evidence | str:
    """Return what the item states, or the code of its rejection."""
    seal_key = seal_private_key(house, records, item.seal_kid)
    if seal_key is None:
        return UNKNOWN_SEAL_KEY
    try:
        envelope = open_item(item.sealed, seal_key)
    except ProtocolError:
        return NOT_OPENED
    try:
        record = read_record(envelope, kiosk.device.public_key)
    except ProtocolError:
        return NOT_SIGNED
    code = judge_record(record, Sender(kiosk.tenant, kiosk.device.site, kiosk.device.id, item.id))
    if code is not None:
        return code
    token = verify_visit_token(record.token, public_keys(records, "visit"), kiosk.device.site)
    if isinstance(token, TokenRefusal):
        return TOKEN_REFUSED
    return judge_times(record, token.claims) or _Evidence(record, token.claims)


def _with_statement(item: CheckIn, evidence: _Evidence) -> CheckIn:
    record = evidence.record
    return replace(
        item,
        first_outcome="accepted",
        visit=evidence.claims.visit,
        rev=evidence.claims.revision,
        scanned_at=from_milliseconds(record.scanned_at_ms),
        decided_at=from_milliseconds(record.decided_at_ms),
        decided_offline=record.mode == "offline",
        clock=record.clock,
        known=record.known,
        # What a database cannot store must not stop the queue: a device signs whatever text it likes.
        app_version="".join(character for character in record.app_version if character.isprintable()),
    )


def _admit(records: Records, item: CheckIn, visit: Visit, now: datetime) -> CheckIn | None:
    """Store a good item together with everything that follows from it for its visit."""
    others = records.check_ins.of_visit(visit.id)
    by_hand = next((fact for fact in records.desk.facts([visit.id]) if fact.kind == "checked_in"), None)
    flags = conflicts_of(visit, [*others, item], by_hand=by_hand is not None)
    mine = {flag.kind for flag in flags if flag.check_in == item.id}
    if mine:
        code = next(kind for kind in _CONFLICT_ORDER if kind in mine)
        item = replace(item, first_outcome="conflict", first_code=code)
    if not records.check_ins.add(item):
        return None
    for flag in flags:
        records.check_ins.add_conflict(flag, now)
    arrived_at, arrival_check_in = arrival_of([*others, item])
    arrived = replace(visit, arrived_at=arrived_at, arrival_check_in=arrival_check_in)
    if by_hand is not None and by_hand.at < arrived_at:
        arrived = replace(visit, arrived_at=by_hand.at, arrival_check_in=None)
    if visit.state is VisitState.PRE_REGISTERED:
        arrived = replace(arrived, state=VisitState.CHECKED_IN)
        records.check_ins.end_claim(visit.id)
        publish_state(records, arrived)
        records.journal.event(now, "visitor.checked_in", arrived)
    records.visits.save(arrived)
    records.journal.audit(now, "kiosk", item.device, f"check_in.{item.first_outcome}", item.id, visit=visit.id)
    return item
