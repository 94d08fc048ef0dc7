"""Taking in what happened at the doors: one answer per item, and none that depends on another item's trouble.

A batch is one transaction as long as all goes well: fifty commits cost fifty writes to the disk. Where the database
refuses a row, or another delivery was faster with an item, nothing of that transaction counts and each item is taken in
one of its own (ADR 0021). An answer is given once and repeated for the same bytes. What the server holds afterwards
follows from the set of items, however they were ordered, split or repeated.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from kiosk_protocol.identifiers import CheckInId
from kiosk_protocol.messages import Batch, BatchAnswer, ItemAnswer
from kiosk_server.domain.arrivals import Arrivals
from kiosk_server.domain.chains import ChainWalk, Link
from kiosk_server.domain.records import CheckIn
from kiosk_server.domain.times import from_milliseconds
from kiosk_server.services.devices import KioskPrincipal
from kiosk_server.services.evidence import Delivery, Evidence, load_keys, read_entry, weigh_all
from kiosk_server.services.house import House
from kiosk_server.services.intake import NotStorableError, OvertakenError
from kiosk_server.services.ports import Records
from kiosk_server.services.visits import state_item

DAMAGED: Final = "damaged"
DIFFERENT_CONTENT: Final = "different_content"
UNKNOWN_VISIT: Final = "unknown_visit"

_MOST_RACES: Final = 3
"""An item is overtaken once by a delivery of the same one, whose answer is found the next time."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """An item and what it proves, or the code of its rejection."""

    delivery: Delivery
    finding: Evidence | str


@dataclass(frozen=True, slots=True)
class _Taken:
    """The answers of one transaction, by their place in it, and how far the chain is complete now."""

    answers: Sequence[ItemAnswer]
    acknowledged: int


def take_batch(house: House, kiosk: KioskPrincipal, batch: Batch) -> BatchAnswer:
    """Take in a batch; one bad item never keeps another from being taken.

    Raises:
        NotStorableError: the database refuses an item even alone. All others are taken; their first answers are
            repeated to whoever sends them again without it.
    """
    read = [read_entry(entry) for entry in batch.entries]
    weighed: list[_Weighed] = []
    try:
        with house.archive.of(kiosk.tenant) as records:
            # No row is locked while signatures are checked.
            weighed = _weigh(house, records, kiosk, [item for item in read if item is not None])
            taken = _take(house, records, kiosk, batch.chain_id, weighed)
    except (NotStorableError, OvertakenError):
        taken = _take_apart(house, kiosk, batch.chain_id, weighed)
    answers = iter(taken.answers)
    results = tuple(
        # Damaged on the way: nothing of it is kept, so that the undamaged item can still come under this name.
        ItemAnswer(check_in_id=entry.check_in_id, outcome="rejected", code=DAMAGED) if item is None else next(answers)
        for entry, item in zip(batch.entries, read, strict=True)
    )
    return BatchAnswer(results=results, acknowledged_sequence=taken.acknowledged)


def _weigh(house: House, records: Records, kiosk: KioskPrincipal, deliveries: Sequence[Delivery]) -> list[_Weighed]:
    findings = weigh_all(kiosk, deliveries, load_keys(house, records, kiosk, deliveries))
    return [_Weighed(item, finding) for item, finding in zip(deliveries, findings, strict=True)]


def _take_apart(house: House, kiosk: KioskPrincipal, chain_id: str, weighed: Sequence[_Weighed]) -> _Taken:
    """Take each item in a transaction of its own."""
    answers: list[ItemAnswer] = []
    acknowledged, refused = 0, None
    for item in weighed:
        try:
            taken = _take_alone(house, kiosk, chain_id, item)
        except NotStorableError as error:
            refused = error
            continue
        answers.extend(taken.answers)
        acknowledged = taken.acknowledged
    if refused is not None:
        raise refused
    return _Taken(answers, acknowledged)


def _take_alone(house: House, kiosk: KioskPrincipal, chain_id: str, item: _Weighed) -> _Taken:
    for _ in range(_MOST_RACES):
        with suppress(OvertakenError), house.archive.of(kiosk.tenant) as records:
            return _take(house, records, kiosk, chain_id, [item])
    # Each time somebody else stored it and nobody has it: the database contradicts itself.
    raise NotStorableError


def _take(house: House, records: Records, kiosk: KioskPrincipal, chain_id: str, weighed: Sequence[_Weighed]) -> _Taken:
    """Take items in one transaction, each as if those before it were stored.

    Raises:
        NotStorableError: the database refuses a row.
        OvertakenError: an identifier was taken meanwhile.
    """
    now = house.now()
    # The chain first: another delivery of this device's waits here until we are done.
    head = records.devices.head(kiosk.device.id, chain_id)
    walk = ChainWalk(chain_id, head, _links(records, kiosk, chain_id, weighed))
    arrivals, known = _look_up(records, weighed)
    new: list[CheckIn] = []
    answers = []
    for item in weighed:
        walk.add(item.delivery.link)
        stored = known.get(item.delivery.id)
        if stored is None:
            stored = _judge(arrivals, kiosk, item, now)
            known[stored.id] = stored
            new.append(stored)
            answers.append(_answer(stored))
        else:
            answers.append(_repeat(stored, item.delivery))
    acknowledged = _save_chain(records, kiosk, chain_id, walk, head.acknowledged)
    _save(records, kiosk, new, arrivals, now)
    return _Taken(answers, acknowledged)


def _links(records: Records, kiosk: KioskPrincipal, chain_id: str, weighed: Sequence[_Weighed]) -> Sequence[Link]:
    places = {item.delivery.link.sequence + step for item in weighed for step in (-1, 0, 1)}
    return records.intake.links(kiosk.device.id, chain_id, sorted(places))


def _look_up(records: Records, weighed: Sequence[_Weighed]) -> tuple[Arrivals, dict[CheckInId, CheckIn]]:
    """Return the items' visits, locked, with all that is known of them, and the items that are stored already."""
    ids = sorted({item.delivery.id for item in weighed})
    named = sorted({item.finding.claims.visit for item in weighed if isinstance(item.finding, Evidence)})
    # Everybody who would change these visits waits here until we are done.
    visits = records.visits.lock_all(named)
    there = [visit.id for visit in visits]
    found = records.check_ins.find(ids, there)
    by_hand = {fact.visit: fact.at for fact in records.desk.facts(there) if fact.kind == "checked_in"}
    return Arrivals(visits, found, by_hand), {item.id: item for item in found if item.id in ids}


def _judge(arrivals: Arrivals, kiosk: KioskPrincipal, weighed: _Weighed, now: datetime) -> CheckIn:
    """Return a new item with its first answer; a good one counts for its visit from now on."""
    finding = weighed.finding
    if isinstance(finding, str):
        return _rejected(kiosk, weighed.delivery, finding, now)
    visit = arrivals.visit(finding.claims.visit)
    if visit is None or finding.claims.revision > visit.rev:
        return _rejected(kiosk, weighed.delivery, UNKNOWN_VISIT, now)
    return arrivals.add(_accepted(kiosk, weighed.delivery, finding, now), visit)


def _rejected(kiosk: KioskPrincipal, delivery: Delivery, code: str, now: datetime) -> CheckIn:
    return CheckIn(
        id=delivery.id,
        device=kiosk.device.id,
        site=kiosk.device.site,
        hash=delivery.link.hash,
        sealed=delivery.sealed,
        seal_kid=delivery.seal_kid,
        first_outcome="rejected",
        first_code=code,
        received_at=now,
    )


def _accepted(kiosk: KioskPrincipal, delivery: Delivery, evidence: Evidence, now: datetime) -> CheckIn:
    record = evidence.record
    return CheckIn(
        id=delivery.id,
        device=kiosk.device.id,
        site=kiosk.device.site,
        hash=delivery.link.hash,
        sealed=delivery.sealed,
        seal_kid=delivery.seal_kid,
        first_outcome="accepted",
        first_code=None,
        received_at=now,
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


def _repeat(known: CheckIn, delivery: Delivery) -> ItemAnswer:
    """Return the first answer again, marked as a repetition, if these are the same bytes."""
    if known.hash != delivery.link.hash:
        return ItemAnswer(check_in_id=delivery.id, outcome="rejected", code=DIFFERENT_CONTENT)
    return ItemAnswer(check_in_id=known.id, outcome=known.first_outcome, code=known.first_code, replayed=True)


def _answer(item: CheckIn) -> ItemAnswer:
    return ItemAnswer(check_in_id=item.id, outcome=item.first_outcome, code=item.first_code)


def _save_chain(records: Records, kiosk: KioskPrincipal, chain_id: str, walk: ChainWalk, acknowledged: int) -> int:
    """Note the items' places and return how far the chain is complete; a gap or fork flags and blocks nothing."""
    if not walk.new:
        return acknowledged
    device, intake = kiosk.device.id, records.intake
    intake.add_links(device, chain_id, walk.new)
    reached = walk.complete_to
    if reached is None:
        intake.write_down()
        reached = records.devices.contiguous_after(device, chain_id, acknowledged)
    intake.save_head(device, chain_id, walk.head(reached))
    return reached


def _save(records: Records, kiosk: KioskPrincipal, new: Sequence[CheckIn], arrivals: Arrivals, now: datetime) -> None:
    """Store new items together with everything that follows from them."""
    device, intake, arrived = kiosk.device, records.intake, arrivals.arrived
    intake.add_check_ins(device.id, device.site, new, now)
    intake.add_conflicts(arrivals.flags, now)
    intake.end_claims([visit.id for visit in arrived])
    intake.note_events(now, "visitor.checked_in", arrived)
    intake.save_arrivals(arrivals.changed)
    intake.audit(device.id, new, now)
    # Last, because everybody at these sites waits for it until the commit.
    for site, visits in groupby(sorted(arrived, key=lambda visit: visit.site), key=lambda visit: visit.site):
        intake.publish(site, [state_item(visit) for visit in visits])
    intake.write_down()
