"""Handing over by a former key: into quarantine, once, by nobody else, and without effect until somebody decides."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.handover import HandoverDocument, sign_handover
from kiosk_protocol.messages import API_ROOT, Envelope, HandoverAnswer, OutboxEntry, decode, encode
from kiosk_server.domain.problems import BadRequestError, NotFoundError
from kiosk_server.services import handover
from kiosk_server.services.devices import revoke_device
from kiosk_server.services.evidence import Evidence
from kiosk_server.services.house import OPERATOR
from kiosk_server.services.housekeeping import keep_house
from kiosk_server.services.visits import visit_story
from tests.kiosk_server.support import BASE_URL, HandKiosk, World, execute

PATH = f"{API_ROOT}/kiosk/handover"
REFUSED = {"error": "handover_refused", "message": "Nothing is taken over from this sender."}


def document(kiosk: HandKiosk, *entries: OutboxEntry, **changes: Any) -> HandoverDocument:
    world = kiosk.world
    made = HandoverDocument(
        type="handover",
        server=BASE_URL,
        nonce=world.house.freshness.nonce(world.clock.now),
        tenant_id=world.tenant.id,
        device_id=kiosk.device_id,
        chain_id=kiosk.chain_id,
        entries=entries,
    )
    return replace(made, **changes)


def post(world: World, envelope: Envelope):
    return world.client.post(PATH, content=encode(envelope))


def hand_over(kiosk: HandKiosk, *entries: OutboxEntry) -> list[str]:
    response = post(kiosk.world, sign_handover(document(kiosk, *entries), kiosk.key))
    assert response.status_code == 200, response.text
    answer = decode(response.content, HandoverAnswer)
    assert [result.check_in_id for result in answer.results] == [entry.check_in_id for entry in entries]
    return [result.outcome for result in answer.results]


def revoked(world: World) -> HandKiosk:
    kiosk = world.kiosk()
    revoke_device(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    return kiosk


def in_quarantine(world: World) -> list[tuple[str, bytes, str | None]]:
    held = handover.list_quarantine(world.house, world.tenant.id)
    return [(item.check_in_id, item.sealed, item.settlement) for item in held]


def state_of(world: World, visit_id: str) -> str:
    return visit_story(world.house, world.tenant.id, visit_id).visit.state.value


def test_a_revoked_kiosks_items_lie_in_quarantine_as_they_came_and_change_nothing(world: World) -> None:
    """The visit is as it was, and the same items again are answered as such."""
    kiosk, visit = revoked(world), world.visit()
    entries = [kiosk.item(visit.token), kiosk.item(world.visit("Grace Hopper").token)]
    assert hand_over(kiosk, *entries) == ["accepted", "accepted"]
    assert hand_over(kiosk, *entries) == ["replayed", "replayed"]
    held = in_quarantine(world)
    assert [(name, base64url_encode(sealed), state) for name, sealed, state in held] == [
        (entry.check_in_id, entry.sealed, None) for entry in entries
    ]
    story = visit_story(world.house, world.tenant.id, visit.visit.id)
    assert (story.visit.state.value, list(story.check_ins)) == ("pre_registered", [])


def test_what_arrived_as_a_check_in_before_is_only_acknowledged(world: World) -> None:
    """The answer to it was lost before the revocation."""
    kiosk = world.kiosk()
    first, second = kiosk.item(world.visit().token), kiosk.item(world.visit().token)
    kiosk.send(first)
    revoke_device(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    assert hand_over(kiosk, first, second) == ["replayed", "accepted"]
    assert [name for name, *_ in in_quarantine(world)] == [second.check_in_id]


def test_a_kiosk_that_was_unpaired_and_not_revoked_hands_over_as_well(world: World) -> None:
    kiosk = world.kiosk()
    assert hand_over(kiosk, kiosk.item(world.visit().token)) == ["accepted"]


def test_damaged_items_are_taken_as_they_are(world: World) -> None:
    """The disk they lay on failed; whoever decides about them is told so, and the kiosk need not keep them."""
    kiosk = revoked(world)
    damaged = replace(kiosk.item(world.visit().token), sealed=base64url_encode(b"rotten"))
    assert hand_over(kiosk, damaged) == ["accepted"]
    (finding,) = handover.show_quarantine(world.house, world.tenant.id, kiosk.device_id)
    assert finding.evidence == "damaged"


def test_one_item_twice_in_a_request_lies_there_once(world: World) -> None:
    kiosk = revoked(world)
    entry = kiosk.item(world.visit().token)
    hand_over(kiosk, entry, entry)
    assert len(in_quarantine(world)) == 1


def test_whoever_is_no_device_of_the_tenant_is_refused_alike(world: World, other_world: World) -> None:
    """Unknown device, another key, another tenant's device, a tenant nobody has, another server: one answer."""
    kiosk, other = revoked(world), other_world.kiosk()
    entry = kiosk.item(world.visit().token)
    stranger = SigningKey.generate()
    good = document(kiosk, entry)
    genuine = sign_handover(good, kiosk.key)
    named_alike = replace(genuine.signatures[0], sig=sign_handover(good, stranger).signatures[0].sig)
    attempts = [
        sign_handover(good, stranger),
        replace(genuine, signatures=(named_alike,)),
        sign_handover(replace(good, device_id="D" * 22), kiosk.key),
        sign_handover(replace(good, device_id=other.device_id), other.key),
        sign_handover(replace(good, tenant_id=other_world.tenant.id), kiosk.key),
        sign_handover(replace(good, tenant_id="T" * 22), kiosk.key),
        sign_handover(replace(good, server="https://other.example"), kiosk.key),
        replace(genuine, payload=base64.b64encode(encode(replace(good, chain_id="C" * 22))).decode()),
    ]
    for number, envelope in enumerate(attempts):
        response = post(world, envelope)
        assert (number, response.status_code, response.json()) == (number, 401, REFUSED)
        assert "DPoP-Nonce" not in response.headers
    assert in_quarantine(world) == []
    assert in_quarantine(other_world) == []


def test_another_tenants_kiosk_leaves_nothing_here(world: World, other_world: World) -> None:
    kiosk = revoked(other_world)
    hand_over(kiosk, kiosk.item(other_world.visit().token))
    assert in_quarantine(world) == []
    with pytest.raises(NotFoundError):
        handover.accept(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    with pytest.raises(NotFoundError):
        handover.list_quarantine(world.house, world.tenant.id, kiosk.device_id)


def test_without_a_current_nonce_the_device_is_asked_for_one(world: World) -> None:
    """What was overheard counts for five minutes, and at this server alone."""
    kiosk = revoked(world)
    entry = kiosk.item(world.visit().token)
    old = document(kiosk, entry)
    world.clock.advance(minutes=5, seconds=1)
    for stale in (replace(old, nonce=""), replace(old, nonce="made up"), old):
        response = post(world, sign_handover(stale, kiosk.key))
        assert (response.status_code, response.json()["error"]) == (401, "use_dpop_nonce")
    assert in_quarantine(world) == []
    fresh = replace(old, nonce=response.headers["DPoP-Nonce"])
    assert post(world, sign_handover(fresh, kiosk.key)).status_code == 200


def test_hostile_bodies_are_the_senders_fault(world: World) -> None:
    kiosk = revoked(world)
    good = sign_handover(document(kiosk, kiosk.item(world.visit().token)), kiosk.key)
    entry = json.loads(encode(kiosk.item(world.visit().token)))

    def of(payload: bytes) -> Envelope:
        return replace(good, payload=base64.b64encode(payload).decode())

    members = json.loads(base64.b64decode(good.payload))
    hostile = [
        of(b""),
        of(b"\xff"),
        of(b"[" * 100_000),
        of(b'{"entries":' + b"[" * 100_000),
        of(json.dumps({**members, "entries": []}).encode()),
        of(json.dumps({**members, "entries": [{**entry, "checkInId": "x"}]}).encode()),
        of(json.dumps({**members, "entries": [{**entry, "sequence": 2**53}]}).encode()),
        replace(good, payload="?"),
        replace(good, payload_type="application/vnd.atrium.check-in+json"),
    ]
    for number, envelope in enumerate(hostile):
        response = post(world, envelope)
        assert (number, response.status_code, response.json()["error"]) == (number, 400, "handover")
    for content in (b"", b"{}", b"\xff", b"[" * 100_000):
        assert world.client.post(PATH, content=content).status_code == 400
    assert world.client.post(PATH, content=b"x" * (1024 * 1024 + 1)).status_code == 413


def test_items_the_device_itself_misspelled_or_made_too_large_are_refused(world: World) -> None:
    kiosk = revoked(world)
    entry = kiosk.item(world.visit().token)
    for sealed in ("A", base64url_encode(b"x" * (64 * 1024 + 1))):
        envelope = sign_handover(document(kiosk, replace(entry, sealed=sealed)), kiosk.key)
        assert post(world, envelope).status_code == 400
    assert in_quarantine(world) == []


@pytest.mark.parametrize("limit", ["MOST_ITEMS", "MOST_BYTES"])
def test_one_device_fills_no_more_than_its_share(world: World, monkeypatch, limit: str) -> None:
    """Nothing of a request beyond it is stored; repetitions are acknowledged all the same."""
    kiosk = revoked(world)
    entries = [kiosk.item(world.visit().token) for _ in range(3)]
    size = sum(len(base64.urlsafe_b64decode(entry.sealed + "==")) for entry in entries[:2])
    monkeypatch.setattr(handover, limit, 2 if limit == "MOST_ITEMS" else size)
    assert hand_over(kiosk, *entries[:2]) == ["accepted", "accepted"]
    response = post(world, sign_handover(document(kiosk, entries[2]), kiosk.key))
    assert (response.status_code, response.json()["error"]) == (429, "quarantine_full")
    assert hand_over(kiosk, *entries[:2]) == ["replayed", "replayed"]
    assert len(in_quarantine(world)) == 2


def test_accepted_items_are_judged_as_check_ins_and_auditors_read_so(world: World) -> None:
    """One that is good, and one whose evidence does not hold."""
    kiosk, visit = revoked(world), world.visit()
    good, bad = kiosk.item(visit.token), kiosk.item(visit.token, device_id="D" * 22)
    hand_over(kiosk, good, bad)
    findings = handover.show_quarantine(world.house, world.tenant.id, kiosk.device_id)
    assert isinstance(findings[0].evidence, Evidence)
    assert findings[1].evidence == "record_of_another"
    assert state_of(world, visit.visit.id) == "pre_registered"
    answers = handover.accept(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    assert [(answer.outcome, answer.code) for answer in answers] == [
        ("accepted", None),
        ("rejected", "record_of_another"),
    ]
    assert state_of(world, visit.visit.id) == "checked_in"
    assert [state for *_, state in in_quarantine(world)] == ["accepted", "accepted"]
    with world.house.archive.of(world.tenant.id) as records:
        rows = execute(
            records,
            "SELECT subject_id, actor_kind, detail FROM audit_log WHERE action = 'handover.accepted' ORDER BY id",
        )
    assert [(row[0], row[1], row[2]["kiosk"], row[2]["outcome"]) for row in rows] == [
        (good.check_in_id, "operator", kiosk.device_id, "accepted"),
        (bad.check_in_id, "operator", kiosk.device_id, "rejected"),
    ]
    assert handover.accept(world.house, world.tenant.id, kiosk.device_id, OPERATOR) == []


def test_more_than_a_batch_and_several_chains_are_accepted_whole(world: World) -> None:
    kiosk, token = revoked(world), world.visit().token
    first = [kiosk.item(token) for _ in range(30)]
    hand_over(kiosk, *first)
    second = [kiosk.item(token) for _ in range(30)]
    hand_over(kiosk, *second)
    kiosk.begin_chain("Z" * 22)
    hand_over(kiosk, kiosk.item(token))
    assert len(handover.accept(world.house, world.tenant.id, kiosk.device_id, OPERATOR)) == 61


def test_accepting_that_was_broken_off_is_done_again_without_a_second_arrival(world: World) -> None:
    """The check-ins were taken, the word on the quarantine was not: the same answers come again."""
    kiosk, visit = revoked(world), world.visit()
    hand_over(kiosk, kiosk.item(visit.token))
    handover.accept(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    with world.house.archive.of(world.tenant.id) as records:
        execute(records, "UPDATE quarantine SET settled_at = NULL, settlement = NULL")
    (answer,) = handover.accept(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    assert (answer.outcome, answer.replayed) == ("accepted", True)
    assert len(visit_story(world.house, world.tenant.id, visit.visit.id).check_ins) == 1


def test_discarded_items_change_nothing_and_are_not_accepted_later(world: World) -> None:
    """Only those named; a name that is not there is a mistake."""
    kiosk, visit = revoked(world), world.visit()
    entries = [kiosk.item(visit.token), kiosk.item(world.visit().token)]
    hand_over(kiosk, *entries)
    house, tenant, named = world.house, world.tenant.id, {entries[0].check_in_id}
    assert [item.check_in_id for item in handover.discard(house, tenant, kiosk.device_id, OPERATOR, named)] == [*named]
    assert hand_over(kiosk, *entries) == ["replayed", "replayed"]
    with pytest.raises(BadRequestError):
        handover.accept(house, tenant, kiosk.device_id, OPERATOR, named)
    assert len(handover.accept(house, tenant, kiosk.device_id, OPERATOR)) == 1
    assert state_of(world, visit.visit.id) == "pre_registered"


def test_the_first_decision_stays(world: World) -> None:
    """Of two operators at once the second changes nothing."""
    kiosk = revoked(world)
    hand_over(kiosk, kiosk.item(world.visit().token))
    (held,) = handover.list_quarantine(world.house, world.tenant.id)
    handover.discard(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    with world.house.archive.of(world.tenant.id) as records:
        records.quarantine.settle(held.device, [held.digest], "accepted", world.clock.now)
    assert [state for *_, state in in_quarantine(world)] == ["discarded"]


def test_after_thirty_days_they_are_gone(world: World) -> None:
    kiosk = revoked(world)
    hand_over(kiosk, kiosk.item(world.visit().token))
    (held,) = handover.list_quarantine(world.house, world.tenant.id)
    world.clock.now = handover.ends_at(held)
    keep_house(world.house)
    assert len(in_quarantine(world)) == 1
    world.clock.advance(seconds=1)
    keep_house(world.house)
    assert in_quarantine(world) == []
    assert handover.ends_at(held) - held.received_at == timedelta(days=30)
