"""Check-in batches: one answer per item, kept as what happened, whatever the order and however often."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_members
from nacl.signing import SigningKey

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import VisitId, VisitorId
from kiosk_protocol.messages import OutboxEntry
from kiosk_protocol.sealing import item_hash
from kiosk_protocol.signing import issue_visit_token
from kiosk_server.domain.records import VisitState
from kiosk_server.domain.times import to_seconds
from kiosk_server.services import visits
from kiosk_server.services.house import OPERATOR
from kiosk_server.services.keys import signing_key
from tests.kiosk_server.support import START, HandKiosk, World


def story(world: World, visit_id: str) -> visits.VisitStory:
    return visits.visit_story(world.house, world.tenant.id, visit_id)


def test_accepted_item_checks_the_visit_in_at_the_time_of_the_decision(world: World) -> None:
    """Delivered hours later, it still tells when and how the kiosk decided."""
    kiosk, issued = world.kiosk(), world.visit()
    item = kiosk.item(issued.token, minutes=7)
    world.clock.advance(days=3)
    answer = kiosk.send(item)
    assert [(result.outcome, result.replayed) for result in answer.results] == [("accepted", False)]
    assert answer.acknowledged_sequence == 1
    told = story(world, issued.visit.id)
    assert told.visit.state is VisitState.CHECKED_IN
    assert told.visit.arrived_at == START + timedelta(minutes=7)
    assert (told.check_ins[0].decided_offline, told.check_ins[0].clock, told.check_ins[0].known) == (True, "sure", True)


def test_same_item_again_gets_its_first_answer_and_changes_nothing(world: World) -> None:
    """A lost answer is no second check-in."""
    kiosk, issued = world.kiosk(), world.visit()
    item = kiosk.item(issued.token)
    first, again = kiosk.send(item).results[0], kiosk.send(item, item).results
    assert [entry.outcome for entry in again] == [first.outcome] * 2
    assert all(entry.replayed for entry in again)
    assert len(story(world, issued.visit.id).check_ins) == 1


def test_same_identifier_with_other_bytes_is_rejected(world: World) -> None:
    """The first content stands; from another device, too."""
    kiosk, other, issued = world.kiosk(), world.kiosk(), world.visit()
    item = kiosk.item(issued.token)
    kiosk.send(item)
    swapped = other.item(issued.token, check_in_id=item.check_in_id)
    assert [(r.outcome, r.code) for r in other.send(swapped).results] == [("rejected", "different_content")]
    assert len(story(world, issued.visit.id).check_ins) == 1


def test_two_kiosks_that_both_admitted_are_both_flagged(world: World) -> None:
    """Both items are kept; the arrival is the earlier decision, though it came later."""
    first, second, issued = world.kiosk("A"), world.kiosk("B"), world.visit()
    late, early = first.item(issued.token, minutes=9), second.item(issued.token, minutes=4)
    assert first.send(late).results[0].outcome == "accepted"
    answer = second.send(early).results[0]
    assert (answer.outcome, answer.code) == ("conflict", "admitted_elsewhere")
    told = story(world, issued.visit.id)
    assert {flag.check_in for flag in told.conflicts} == {late.check_in_id, early.check_in_id}
    assert told.visit.arrived_at == START + timedelta(minutes=4)
    assert told.visit.arrival_check_in == early.check_in_id
    assert first.send(late).results[0].outcome == "accepted"


def test_cancelled_visit_stays_cancelled_and_carries_the_arrival(world: World) -> None:
    """What happened at the door stays a fact."""
    kiosk, issued = world.kiosk(), world.visit()
    item = kiosk.item(issued.token, minutes=2)
    visits.cancel_visit(world.house, world.tenant.id, issued.visit.id, OPERATOR)
    answer = kiosk.send(item).results[0]
    assert (answer.outcome, answer.code) == ("conflict", "cancelled")
    told = story(world, issued.visit.id)
    assert told.visit.state is VisitState.CANCELLED
    assert told.visit.arrived_at == START + timedelta(minutes=2)


def test_superseded_code_that_was_admitted_is_flagged(world: World) -> None:
    """A kiosk that did not know of the newer code let its visitor in."""
    kiosk, issued = world.kiosk(), world.visit()
    item = kiosk.item(issued.token)
    with world.house.archive.of(world.tenant.id) as records:
        records.visits.save(replace(issued.visit, rev=1))
    assert kiosk.send(item).results[0].code == "superseded"


@pytest.mark.parametrize(("minutes", "code"), [(-16, "decided_too_early"), (120, "decided_after_expiry")])
def test_decision_outside_the_validity_is_rejected(world: World, minutes: float, code: str) -> None:
    """Judged by the kiosk's own time of the scan, never by the delivery's."""
    kiosk, issued = world.kiosk(), world.visit()
    assert kiosk.send(kiosk.item(issued.token, minutes)).results[0].code == code
    assert story(world, issued.visit.id).visit.state is VisitState.PRE_REGISTERED


@pytest.mark.parametrize("minutes", [-15, 119.99])
def test_decision_at_the_edges_of_the_validity_is_accepted(world: World, minutes: float) -> None:
    """From the early allowance to the last moment before departure."""
    kiosk, issued = world.kiosk(), world.visit()
    assert kiosk.send(kiosk.item(issued.token, minutes)).results[0].outcome == "accepted"


def test_bad_items_are_rejected_each_for_its_own_reason_and_block_nothing(world: World) -> None:
    """One batch with everything that can be wrong, and a good item at its end."""
    kiosk, issued, foreign = world.kiosk(), world.visit(), world.visit(site=world.other_site.id)
    good = kiosk.item(issued.token)
    record_of_another = kiosk.item(issued.token, device_id="Z" * 22)
    backwards = kiosk.item(issued.token, scanned_at_ms=2**53 - 1)
    forged = kiosk.item(issued.token[:-6] + "AAAAAA")
    stranger = _signed_by(SigningKey.generate(), kiosk, issued.token)
    garbage = kiosk.sealed_entry("01890000-0000-7000-8000-00000000000a", b"garbage")
    unknown_key = kiosk.sealed_entry("01890000-0000-7000-8000-00000000000b", b"x", seal_kid="AAAAAAAA")
    not_sealed = replace_members(
        unknown_key, seal_kid=good.seal_kid, check_in_id="01890000-0000-7000-8000-00000000000c"
    )
    not_sealed = _with_bytes(not_sealed, b"not sealed at all")
    damaged = replace_members(kiosk.item(issued.token), hash=base64url_encode(bytes(32)))
    not_base64 = replace_members(kiosk.item(issued.token), sealed="****")
    entries = (
        record_of_another,
        backwards,
        forged,
        stranger,
        garbage,
        unknown_key,
        not_sealed,
        damaged,
        not_base64,
        kiosk.item(foreign.token),
        good,
    )
    codes = [result.code for result in kiosk.send(*entries).results]
    assert codes == [
        "record_of_another",
        "times_impossible",
        "token_refused",
        "not_signed",
        "not_signed",
        "unknown_seal_key",
        "not_opened",
        "damaged",
        "damaged",
        "token_refused",
        None,
    ]
    assert story(world, issued.visit.id).visit.state is VisitState.CHECKED_IN


def _signed_by(key: SigningKey, kiosk: HandKiosk, token: str) -> OutboxEntry:
    own, kiosk.key = kiosk.key, key
    try:
        return kiosk.item(token)
    finally:
        kiosk.key = own


def _with_bytes(entry: OutboxEntry, sealed: bytes) -> OutboxEntry:
    return replace_members(entry, sealed=base64url_encode(sealed), hash=base64url_encode(item_hash(sealed)))


def test_visit_the_server_does_not_know_is_rejected(world: World) -> None:
    """A genuine code of a visit that a restored backup no longer holds."""
    kiosk = world.kiosk()
    with world.house.archive.of(world.tenant.id) as records:
        kid, key = signing_key(world.house, records, "visit", world.clock.now)
    begin = to_seconds(START)
    claims = VisitClaims(VisitId("V" * 22), VisitorId("W" * 22), world.site.id, begin, begin + 3600)
    answer = kiosk.send(kiosk.item(issue_visit_token(claims, kid, key))).results[0]
    assert (answer.outcome, answer.code) == ("rejected", "unknown_visit")


def test_gap_and_fork_flag_the_device_and_block_nothing(world: World) -> None:
    """A missing item shows until it comes; two items in one place show for good."""
    kiosk = world.kiosk()
    items = [kiosk.item(world.visit().token) for _ in range(3)]
    assert kiosk.send(items[0], items[2]).acknowledged_sequence == 1
    assert _flags(world) == (True, False)
    assert kiosk.send(items[1]).acknowledged_sequence == 3
    assert _flags(world) == (False, False)
    kiosk.sequence = 1
    assert kiosk.send(kiosk.item(world.visit().token)).results[0].outcome == "accepted"
    assert _flags(world) == (False, True)


def test_new_chain_begins_on_its_own(world: World) -> None:
    """A rebuilt store starts a new chain; the old one's end says nothing about it."""
    kiosk = world.kiosk()
    kiosk.send(kiosk.item(world.visit().token))
    kiosk.begin_chain("B" * 22)
    assert kiosk.send(kiosk.item(world.visit().token)).acknowledged_sequence == 1
    assert _flags(world) == (False, False)


def _flags(world: World) -> tuple[bool, bool]:
    with world.house.archive.of(world.tenant.id) as records:
        device = records.devices.all()[0]
    return device.gap, device.fork


@pytest.fixture
def kiosks(world: World) -> list[HandKiosk]:
    """Two kiosks of one site."""
    return [world.kiosk("A"), world.kiosk("B")]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_order_and_splitting_of_deliveries_do_not_matter(
    world: World, kiosks: list[HandKiosk], data: st.DataObject
) -> None:
    """Any permutation, splitting and repetition of the same items leaves the server in the same state."""
    outcomes = []
    for shuffled in (False, True):
        for kiosk in kiosks:
            kiosk.begin_chain(base64url_encode(os.urandom(16)))
        issued = [world.visit() for _ in range(3)]
        visits.cancel_visit(world.house, world.tenant.id, issued[2].visit.id, OPERATOR)
        plan = [(0, 0, 5), (1, 0, 3), (0, 1, 1), (1, 2, 4), (0, 2, 4), (1, 1, 130)]
        deliveries = [(kiosks[kiosk], kiosks[kiosk].item(issued[visit].token, minute)) for kiosk, visit, minute in plan]
        names = {item.check_in_id: number for number, (_, item) in enumerate(deliveries)}
        order = data.draw(st.permutations(deliveries)) if shuffled else deliveries
        for kiosk, item in order:
            kiosk.send(item)
            if shuffled and data.draw(st.booleans()):
                kiosk.send(item)
        outcomes.append([*(_outcome(world, entry.visit.id, names) for entry in issued), _flags(world)])
    assert outcomes[0] == outcomes[1]


def _outcome(world: World, visit_id: str, names: dict[str, int]) -> object:
    told = story(world, visit_id)
    flags = {(names[flag.check_in], flag.kind) for flag in told.conflicts}
    items = {(names[item.id], item.decided_at, item.decided_offline) for item in told.check_ins}
    return told.visit.state, told.visit.arrived_at, flags, items
