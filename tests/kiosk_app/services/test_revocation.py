"""Revocation: what erases a kiosk, what stays, and everything that erases nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk_app.core.errors import KeysError
from kiosk_app.core.server_answers import BadAnswer, Failure, NoReply, Refused, Unreachable
from kiosk_app.core.verdict import AskReception
from kiosk_app.store.former_records import FormerRecords
from kiosk_protocol.identifiers import VisitDigest
from kiosk_protocol.messages import Envelope
from kiosk_protocol.reasons import Reason
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.services.test_sync_cycle import admit
from tests.kiosk_app.tenant import Tenant, long_id

EVERYTHING = (
    "SELECT * FROM identity",
    "SELECT * FROM trust",
    "SELECT * FROM feed",
    "SELECT * FROM visits",
    "SELECT * FROM used_visits",
    "SELECT * FROM outbox",
    "SELECT * FROM chain",
    "SELECT * FROM former_pairings",
)
STEPS = ["time", "check_in", "trust", "configuration", "visits", "heartbeat"]


def refusal(envelope: Envelope) -> Refused:
    return Refused(401, "device_revoked", None, envelope)


def revocation_of(kiosk: Kiosk) -> Envelope:
    identity = kiosk.store.load_identity()
    assert identity is not None
    return kiosk.server.house.revocation(identity.device, identity.device_key)


def everything(kiosk: Kiosk) -> list[list[tuple[object, ...]]]:
    """Return every row that says who this kiosk is and what it knows."""
    return [kiosk.store._database.rows(query) for query in EVERYTHING]


def files_of(kiosk: Kiosk) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((kiosk.folder / "data").glob("kiosk.db*")))


@pytest.mark.parametrize("step", STEPS)
def test_the_signed_word_erases_whatever_request_it_answers(kiosk: Kiosk, house: Tenant, step: str) -> None:
    """Identity, token, trust, settings and feed are gone; the kiosk asks reception and the server no more."""
    admit(kiosk, house, 1)
    kiosk.clock.pass_s(60)
    kiosk.server.faults[step] = [refusal(revocation_of(kiosk))]
    report = kiosk.sync.run(kiosk.server)
    assert (report.revoked, report.paired, report.identity) == (True, False, None)
    identity, trust, feed, visits, *_ = everything(kiosk)
    assert [identity, trust, feed, visits] == [[], [], [], []]
    assert kiosk.store.was_revoked()
    assert kiosk.desk.judge(house.visit().token) == AskReception(Reason.TRUST_EXPIRED)
    kiosk.server.requests.clear()
    assert not kiosk.sync.run(kiosk.server).paired
    assert kiosk.server.requests == []


def test_what_waits_stays_sealed_and_so_does_the_key_that_signed_it(kiosk: Kiosk, house: Tenant) -> None:
    """Put aside with whose it is, out of the way of the next pairing's own; also across a restart."""
    ids = admit(kiosk, house, 2)
    key, chain, identity = kiosk.vault.load(), kiosk.store.chain_id(), kiosk.store.load_identity()
    assert identity is not None
    kiosk.server.faults["time"] = [refusal(revocation_of(kiosk))]
    kiosk.sync.run(kiosk.server)
    kiosk.restart()
    kiosk.server.device = long_id()
    kiosk.pair().synced()
    assert kiosk.vault.load() != key
    assert not kiosk.store.was_revoked()
    kept = FormerRecords(kiosk.folder / "data")
    (former,) = kept.all()
    assert (former.device, former.tenant, former.chain_id) == (identity.device, identity.tenant, chain)
    assert (former.base_url, former.ca_certificate) == (identity.base_url, identity.ca_certificate)
    assert [entry.check_in_id for entry in kept.waiting(former.name, 9)] == ids
    assert kiosk.vault.load_kept(former.name) == key
    # Not with the new pairing's own items, which another key signs.
    assert not kiosk.server.items.keys() & set(ids)


def test_with_nothing_waiting_nothing_is_kept(kiosk: Kiosk) -> None:
    """And a key that cannot be read is then no reason to go on."""
    (kiosk.folder / "keys" / "device.key").write_text("?")
    kiosk.server.faults["time"] = [refusal(revocation_of(kiosk))]
    assert kiosk.sync.run(kiosk.server).revoked
    assert kiosk.store.was_revoked()
    assert kiosk.store._database.rows("SELECT device FROM former_pairings") == []
    assert not (kiosk.folder / "data" / "kept").exists()


def test_somebody_admitted_while_items_are_put_aside_is_not_lost(kiosk: Kiosk, house: Tenant, monkeypatch) -> None:
    """The copy does not hold that check-in: nothing is erased, and the next refusal finds both of them."""
    visits = [house.visit() for _ in range(2)]
    kiosk.server.feed = [visit.entry for visit in visits]
    kiosk.synced()
    kiosk.server.down = True
    kiosk.desk.judge(visits[0].token)
    kiosk.server.down = False
    before, envelope, keep = kiosk.store.load_identity(), revocation_of(kiosk), kiosk.store.keep_outbox

    def meanwhile(folder: str) -> int:
        last = keep(folder)
        kiosk.server.down = True
        kiosk.desk.judge(visits[1].token)
        return last

    with monkeypatch.context() as patched:
        patched.setattr(kiosk.store, "keep_outbox", meanwhile)
        kiosk.server.faults["time"] = [refusal(envelope)]
        assert not kiosk.sync.run(kiosk.server).revoked
    assert kiosk.store.load_identity() == before
    kiosk.clock.pass_s(60)
    kiosk.server.down = False
    kiosk.server.faults["time"] = [refusal(envelope)]
    assert kiosk.sync.run(kiosk.server).revoked
    kept = FormerRecords(kiosk.folder / "data")
    assert [len(kept.waiting(former.name, 9)) for former in kept.all()] == [1, 2]


def test_no_readable_byte_stays_in_the_files(kiosk: Kiosk, house: Tenant) -> None:
    """Neither the token nor the site's name nor a visit, in the store or its log."""
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    identity = kiosk.store.load_identity()
    assert identity is not None
    traces = [identity.device_token.encode(), b"Main house", visit.entry.digest.encode()]
    assert all(trace in files_of(kiosk) for trace in traces)
    kiosk.server.faults["time"] = [refusal(revocation_of(kiosk))]
    kiosk.sync.run(kiosk.server)
    assert [trace for trace in traces if trace in files_of(kiosk)] == []


def test_used_visits_stay_used(kiosk: Kiosk, house: Tenant) -> None:
    """Paired again at the same site, the kiosk admits nobody twice."""
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    kiosk.desk.judge(visit.token)
    kiosk.server.faults["time"] = [refusal(revocation_of(kiosk))]
    kiosk.sync.run(kiosk.server)
    assert kiosk.store.look_up(VisitDigest(visit.entry.digest)).used


Forgery = Callable[[Kiosk], Envelope]


def by_another_key(kiosk: Kiosk) -> Envelope:
    """A forger has a key of their own and may give it our bundle key's name."""
    house = kiosk.server.house
    forger = Tenant(tenant=house.tenant, site=house.site, bundle_key=SigningKey.generate())
    genuine, forged = revocation_of(kiosk), forger.revocation(kiosk.server.device, kiosk.server.device_key)
    signature = type(forged.signatures[0])(keyid=genuine.signatures[0].keyid, sig=forged.signatures[0].sig)
    return Envelope(payload_type=forged.payload_type, payload=forged.payload, signatures=(signature,))


def of_another_device(kiosk: Kiosk) -> Envelope:
    return kiosk.server.house.revocation(long_id(), kiosk.server.device_key)


def of_another_key(kiosk: Kiosk) -> Envelope:
    """The same device before it was paired anew."""
    return kiosk.server.house.revocation(kiosk.server.device, bytes(SigningKey.generate().verify_key))


def of_another_tenant(kiosk: Kiosk) -> Envelope:
    return Tenant().revocation(kiosk.server.device, kiosk.server.device_key)


def naming_another_tenant(kiosk: Kiosk) -> Envelope:
    """Signed by our bundle key, yet about somebody else's kiosk."""
    return kiosk.server.house.revocation(kiosk.server.device, kiosk.server.device_key, tenant_id=long_id())


def by_the_time_key(kiosk: Kiosk) -> Envelope:
    """A purpose never stands in for another."""
    house = kiosk.server.house
    forger = Tenant(tenant=house.tenant, site=house.site, bundle_key=house.time_key)
    return forger.revocation(kiosk.server.device, kiosk.server.device_key)


def of_another_type(kiosk: Kiosk) -> Envelope:
    """A genuine bundle in the revocation's place."""
    return kiosk.server.house.bundle()


def with_other_bytes(kiosk: Kiosk) -> Envelope:
    genuine = revocation_of(kiosk)
    other = genuine.payload[:-4] + ("AAA=" if genuine.payload[-4:] != "AAA=" else "BBB=")
    return Envelope(payload_type=genuine.payload_type, payload=other, signatures=genuine.signatures)


@pytest.mark.parametrize(
    "forge",
    [
        by_another_key,
        of_another_device,
        of_another_key,
        of_another_tenant,
        naming_another_tenant,
        by_the_time_key,
        of_another_type,
        with_other_bytes,
    ],
)
def test_nobody_elses_word_erases_anything(kiosk: Kiosk, house: Tenant, forge: Forgery) -> None:
    admit(kiosk, house, 1)
    before, envelope = everything(kiosk), forge(kiosk)
    kiosk.server.faults = {step: [refusal(envelope)] for step in STEPS}
    report = kiosk.sync.run(kiosk.server)
    assert (report.revoked, report.paired) == (False, True)
    assert everything(kiosk) == before
    assert not (kiosk.folder / "keys" / "kept").exists()


@pytest.mark.parametrize(
    "failure",
    [
        Refused(401, "device_revoked"),
        Refused(401, "invalid_token"),
        Refused(401),
        Refused(403, "device_revoked"),
        Refused(403),
        Refused(404),
        Refused(500),
        BadAnswer("not_json"),
        BadAnswer("redirect"),
        Unreachable(NoReply.NOT_TRUSTED),
    ],
)
def test_no_refusal_without_the_signed_word_erases_anything(kiosk: Kiosk, house: Tenant, failure: Failure) -> None:
    """A proxy, a restored database or a wrong clock answer so; the fleet stays as it is and goes on deciding."""
    admit(kiosk, house, 1)
    before = everything(kiosk)
    kiosk.server.faults = {step: [failure] for step in STEPS}
    assert not kiosk.sync.run(kiosk.server).revoked
    assert everything(kiosk) == before
    kiosk.server.faults.clear()
    assert not kiosk.sync.run(kiosk.server).failures


def test_where_the_key_cannot_be_kept_nothing_is_erased(kiosk: Kiosk, house: Tenant, monkeypatch) -> None:
    """What waits would be lost with it. The next refusal says it again."""
    admit(kiosk, house, 1)
    before, envelope = everything(kiosk), revocation_of(kiosk)

    def full(_folder: Path, _name: str, _data: bytes) -> None:
        raise KeysError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr("kiosk_app.store.key_store.write_private", full)
        kiosk.server.faults["time"] = [refusal(envelope)]
        with pytest.raises(KeysError):
            kiosk.sync.run(kiosk.server)
    assert everything(kiosk) == before
    kiosk.server.faults["time"] = [refusal(envelope)]
    assert kiosk.sync.run(kiosk.server).revoked
