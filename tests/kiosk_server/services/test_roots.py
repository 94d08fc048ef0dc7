"""The root: changed by the old key and the new, kept offline, lost; and the bundle key that only it can replace."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from nacl.signing import SigningKey

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import EnvelopeError
from kiosk_protocol.identifiers import DeviceId, KeyId, TenantId
from kiosk_protocol.messages import Envelope, TrustAnswer, decode
from kiosk_protocol.revocation import read_revocation
from kiosk_protocol.trust import TrustState, update
from kiosk_server.domain.problems import BadRequestError, NotFoundError, WrongStateError
from kiosk_server.domain.times import to_seconds
from kiosk_server.services import devices, roots, rotation
from kiosk_server.services.house import OPERATOR
from kiosk_server.services.ports import VaultError
from kiosk_server.services.trust import current_trust
from tests.kiosk_server.support import HandKiosk, World, execute


class Safe:
    """Where a root key is taken to."""

    def __init__(self) -> None:
        self.keys: list[SigningKey] = []

    def __call__(self, tenant: TenantId, kid: KeyId, key: SigningKey) -> None:
        assert (len(tenant), len(kid)) == (22, 8)
        self.keys.append(key)


def answer(world: World) -> TrustAnswer:
    with world.house.archive.of(world.tenant.id) as records:
        return current_trust(world.house, records, world.clock.now)


def take(world: World, state: TrustState) -> TrustState:
    """Return what a kiosk that trusts ``state`` makes of the server's present answer."""
    found = answer(world)
    return update(state, found.root, found.bundle, to_seconds(world.clock.now), found.earlier_roots)


def paired(world: World) -> tuple[HandKiosk, TrustState]:
    kiosk = world.kiosk()
    assert kiosk.trust is not None
    return kiosk, kiosk.trust


def change(world: World, **how: object) -> roots.RootFacts:
    world.clock.advance(seconds=1)
    return roots.change_root(world.house, world.tenant.id, OPERATOR, **how)  # type: ignore[arg-type]


def bundle_kids(world: World) -> Sequence[str]:
    return [key.kid for key in rotation.list_keys(world.house, world.tenant.id) if key.purpose == "bundle"]


def actions(world: World) -> list[str]:
    with world.house.archive.of(world.tenant.id) as records:
        query = "SELECT action FROM audit_log WHERE action LIKE 'key.%' ORDER BY id"
        return [row.action for row in execute(records, query)]


def test_a_changed_root_is_followed_by_every_kiosk(world: World) -> None:
    """By one that asks each time, and by one that was away for three changes."""
    _, away = paired(world)
    state = away
    for _ in range(3):
        facts = change(world)
        state = take(world, state)
        assert state.root == facts.document
    assert take(world, away).root == state.root
    assert len(answer(world).earlier_roots) == 3
    assert actions(world) == ["key.root_changed"] * 3


def test_the_old_private_half_is_forgotten_with_the_change(world: World) -> None:
    """Nothing it could sign counts any more."""
    change(world)
    old, new = (key for key in rotation.list_keys(world.house, world.tenant.id) if key.purpose == "root")
    assert old.sealed_private_key is None
    assert old.retired_at is not None
    assert new.sealed_private_key is not None


def test_a_root_key_taken_offline_is_asked_for(world: World) -> None:
    """What needs it says so, does nothing, and goes on with the key's file."""
    _, state = paired(world)
    safe = Safe()
    kid = roots.take_root_offline(world.house, world.tenant.id, safe, OPERATOR)
    assert roots.show_root(world.house, world.tenant.id).is_offline
    for act in (
        lambda: change(world),
        lambda: roots.replace_bundle_key(world.house, world.tenant.id, OPERATOR),
        lambda: roots.take_root_offline(world.house, world.tenant.id, safe, OPERATOR),
    ):
        with pytest.raises(WrongStateError, match="root_key_offline") as caught:
            act()
        assert kid in caught.value.message
    with pytest.raises(BadRequestError, match="root_key_other"):
        change(world, held=SigningKey.generate())
    assert take(world, state) is state
    # The bundle needs no root key: the door goes on.
    world.clock.advance(hours=6)
    state = take(world, state)
    facts = change(world, held=safe.keys[0], deliver=safe)
    assert facts.is_offline
    state = take(world, state)
    assert state.root == facts.document
    roots.replace_bundle_key(world.house, world.tenant.id, OPERATOR, safe.keys[1])
    assert take(world, state).root.version > state.root.version
    assert actions(world) == ["key.taken_offline", "key.root_changed", "key.rotated"]


def test_a_root_key_that_cannot_be_handed_over_stays(world: World) -> None:
    """The file exists already, the disk is full: nothing changed."""

    def refuse(*_: object) -> None:
        raise BadRequestError("root_key_file", "full")

    before = roots.show_root(world.house, world.tenant.id)
    with pytest.raises(BadRequestError):
        roots.take_root_offline(world.house, world.tenant.id, refuse, OPERATOR)
    with pytest.raises(BadRequestError):
        change(world, deliver=refuse)
    assert roots.show_root(world.house, world.tenant.id) == before
    assert not before.is_offline
    assert actions(world) == []


def test_a_lost_root_key_costs_every_pairing(world: World) -> None:
    """Kiosks refuse the new root and stay as they are; those paired from then on know nothing else."""
    _, state = paired(world)
    roots.take_root_offline(world.house, world.tenant.id, Safe(), OPERATOR)
    change(world, is_lost=True)
    with pytest.raises(EnvelopeError, match="envelope_signature"):
        take(world, state)
    _, fresh = paired(world)
    change(world)
    assert take(world, fresh).root.version > fresh.root.version
    assert actions(world) == ["key.taken_offline", "key.root_replaced", "key.root_changed"]


def test_a_replaced_bundle_key_signs_at_once_and_the_old_one_nothing(world: World) -> None:
    """And a version that was pushed ahead with the old one binds nobody any more."""
    _, state = paired(world)
    old = bundle_kids(world)[0]
    # Whoever stole the key: a clock far ahead stands in for it.
    stolen = world.clock.now + timedelta(days=20)
    world.clock.now, now = stolen, world.clock.now
    pushed = take(world, state)
    world.clock.now = now + timedelta(seconds=1)
    revoked = roots.revoke_bundle_key(world.house, world.tenant.id, old, OPERATOR)
    assert revoked is not None
    assert roots.revoke_bundle_key(world.house, world.tenant.id, old, OPERATOR) is None
    found = take(world, pushed)
    assert [key.kid for key in found.root.bundle_keys] == [revoked.kid]
    assert take(world, state).bundle == found.bundle
    every = rotation.list_keys(world.house, world.tenant.id)
    states = [rotation.state_of(key, every, world.clock.now) for key in every if key.purpose == "bundle"]
    assert states == ["revoked", "signing"]
    assert actions(world) == ["key.rotated", "key.revoked"]


def test_a_bundle_key_that_is_out_of_use_can_be_noted_as_revoked(world: World) -> None:
    """Nothing is published for it; the root stays."""
    world.clock.advance(seconds=1)
    roots.replace_bundle_key(world.house, world.tenant.id, OPERATOR)
    before = roots.show_root(world.house, world.tenant.id)
    assert roots.revoke_bundle_key(world.house, world.tenant.id, bundle_kids(world)[0], OPERATOR) is None
    assert roots.show_root(world.house, world.tenant.id) == before
    with pytest.raises(NotFoundError):
        roots.revoke_bundle_key(world.house, world.tenant.id, "nokey000", OPERATOR)
    visit_kid = next(key.kid for key in rotation.list_keys(world.house, world.tenant.id) if key.purpose == "visit")
    with pytest.raises(BadRequestError, match="key_purpose"):
        roots.revoke_bundle_key(world.house, world.tenant.id, visit_kid, OPERATOR)


def test_a_kiosk_that_holds_an_older_root_believes_its_revocation(world: World) -> None:
    """It is told nothing but that, so it never learns of the newer bundle key: the older one signs as well."""
    kiosk, state = paired(world)
    world.clock.advance(seconds=1)
    roots.replace_bundle_key(world.house, world.tenant.id, OPERATOR)
    synced = take(world, state)
    devices.revoke_device(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    refusal = kiosk.ask("GET", "/kiosk/trust").json()
    envelope = decode(json.dumps(refusal["revocation"]).encode(), Envelope)
    key = base64url_encode(bytes(kiosk.key.verify_key))
    for held in (state, synced):
        assert read_revocation(envelope, held, DeviceId(kiosk.device_id), key).device_id == kiosk.device_id


def test_a_tenant_without_documents_has_no_root(world: World) -> None:
    """A sentence, no mistake of the program."""
    nobody = TenantId("T" * 22)
    with pytest.raises(WrongStateError, match="no_trust"):
        roots.show_root(world.house, nobody)
    with pytest.raises(WrongStateError, match="no_trust"):
        roots.change_root(world.house, nobody, OPERATOR)


def publish_after(world: World, statement: str, raw: bytes) -> None:
    with world.house.archive.of(world.tenant.id) as records:
        execute(records, statement, raw=raw)
        current_trust(world.house, records, world.clock.now)


def test_keys_that_somebody_wrote_into_the_database_are_not_published(world: World) -> None:
    """A row without the master key's seal, or with another public half than was sealed, spoils nothing but itself."""
    _, state = paired(world)
    raw = bytes(SigningKey.generate().verify_key)
    statements = (
        "UPDATE signing_keys SET public_key = :raw WHERE purpose = 'visit'",
        "UPDATE signing_keys SET sealed_private_key = (SELECT sealed_private_key FROM signing_keys"
        " WHERE purpose = 'time') WHERE purpose = 'visit'",
        "INSERT INTO signing_keys (tenant_id, kid, purpose, public_key, sealed_private_key, not_before, not_after,"
        " created_at, signs_from) SELECT tenant_id, 'intruder', 'visit', :raw, sealed_private_key, not_before,"
        " not_after, created_at, signs_from FROM signing_keys WHERE purpose = 'visit'",
        "UPDATE signing_keys SET purpose = 'visit' WHERE purpose = 'user'",
    )
    world.clock.advance(hours=6)
    for statement in statements:
        with pytest.raises(VaultError):
            publish_after(world, statement, raw)
    assert {key.kid for key in take(world, state).bundle.keys} == {key.kid for key in state.bundle.keys}


def test_a_root_key_that_somebody_wrote_into_the_database_is_not_named(world: World) -> None:
    """The next root names the key that the last one named, or one made in the same transaction."""
    _, state = paired(world)
    with world.house.archive.of(world.tenant.id) as records:
        execute(
            records,
            "INSERT INTO signing_keys (tenant_id, kid, purpose, public_key, not_before, not_after, created_at,"
            " signs_from) SELECT tenant_id, 'intruder', 'root', :raw, not_before, not_after, created_at,"
            " signs_from + interval '1 day' FROM signing_keys WHERE purpose = 'root'",
            raw=bytes(SigningKey.generate().verify_key),
        )
    world.clock.advance(seconds=1)
    roots.replace_bundle_key(world.house, world.tenant.id, OPERATOR)
    assert take(world, state).root.root_keys == state.root.root_keys
    facts = change(world)
    assert "intruder" not in [key.kid for key in facts.document.root_keys]
