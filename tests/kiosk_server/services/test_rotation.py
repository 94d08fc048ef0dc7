"""How keys come and go: a successor waits, codes outlive their key's turn, revoked keys leave with their codes."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest

from kiosk_protocol.identifiers import TenantId, VisitId
from kiosk_protocol.keys import PublicKey
from kiosk_protocol.messages import ClaimQuestion, Envelope, TimeQuestion, TrustAnswer, decode
from kiosk_protocol.tokens import TokenRefusal, VerifiedVisitToken, verify_shown_code
from kiosk_protocol.trust import TrustState, read_time, update
from kiosk_server.domain.problems import BadRequestError, NotFoundError, WrongStateError
from kiosk_server.domain.records import KeyPurpose, StoredKey
from kiosk_server.domain.times import to_seconds
from kiosk_server.services import rotation, visits
from kiosk_server.services.failures import DatabaseUnreachableError
from kiosk_server.services.house import OPERATOR
from kiosk_server.services.ports import Records
from kiosk_server.services.rotation import KeyPolicy, keep_keys
from kiosk_server.services.trust import GREATEST_OFFLINE_AGE, current_trust
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.support import HandKiosk, World, execute

QUARTERLY = KeyPolicy()
NEVER = KeyPolicy(None)
HANGS_S = 60.0


def keys(world: World, purpose: KeyPurpose = "visit") -> list[StoredKey]:
    return [key for key in rotation.list_keys(world.house, world.tenant.id) if key.purpose == purpose]


def states(world: World, purpose: KeyPurpose = "visit") -> list[str]:
    every = rotation.list_keys(world.house, world.tenant.id)
    return [rotation.state_of(key, every, world.clock.now) for key in every if key.purpose == purpose]


def rotate(world: World, purpose: KeyPurpose = "visit") -> StoredKey:
    world.clock.advance(seconds=1)
    return rotation.rotate_key(world.house, world.tenant.id, purpose, OPERATOR)


def revoke(world: World, kid: str) -> rotation.Revoked:
    world.clock.advance(seconds=1)
    return rotation.revoke_key(world.house, world.tenant.id, kid, OPERATOR)


@dataclass
class OneTenant:
    """The archive with one tenant in it: the database of the tests holds many, at other times."""

    world: World
    is_away: bool = False

    def tenant_ids(self) -> Sequence[TenantId]:
        if self.is_away:
            raise DatabaseUnreachableError("away")
        return [self.world.tenant.id]

    def of(self, tenant: TenantId) -> AbstractContextManager[Records]:
        return self.world.house.archive.of(tenant)


def keep(world: World, policy: KeyPolicy, **changes: Any) -> None:
    """Do the upkeep of this test's tenant alone."""
    keep_keys(replace(world.house, **({"archive": OneTenant(world)} | changes)), policy)


def signer(token: str, world: World) -> str:
    """Return which of the tenant's visit keys signed a code."""
    fitting = [key.kid for key in keys(world) if verifies(token, world, PublicKey(key.kid, key.public_key))]
    assert len(fitting) == 1
    return fitting[0]


def verifies(token: str, world: World, key: PublicKey) -> bool:
    return isinstance(verify_shown_code(token, {key.kid: key}, world.site.id), VerifiedVisitToken)


def synced(kiosk: HandKiosk) -> TrustState:
    """Return the kiosk's trust after it asked, judged as a kiosk judges it."""
    answer = decode(kiosk.ask("GET", "/kiosk/trust").content, TrustAnswer)
    assert kiosk.trust is not None
    now_s = to_seconds(kiosk.world.clock.now)
    kiosk.trust = update(kiosk.trust, answer.root, answer.bundle, now_s, answer.earlier_roots)
    return kiosk.trust


def verdict(kiosk: HandKiosk, token: str) -> str | None:
    """Return the reason why the kiosk refuses the code's signature, None where it does not."""
    assert kiosk.trust is not None
    known = kiosk.trust.keys("visit", to_seconds(kiosk.world.clock.now))
    found = verify_shown_code(token, known, kiosk.site)
    return found.reason.value if isinstance(found, TokenRefusal) else None


def audited(world: World, action: str) -> Sequence[Any]:
    with world.house.archive.of(world.tenant.id) as records:
        query = "SELECT actor_kind, subject_id, detail FROM audit_log WHERE action = :action ORDER BY id"
        return execute(records, query, action=action)


def test_a_new_visit_key_waits_until_every_kiosk_knows_it(world: World) -> None:
    """It stands in the bundle at once and signs after the greatest offline age; a kiosk away for that long knows it."""
    kiosk = world.kiosk()
    first = keys(world)[0]
    made = rotate(world)
    assert made.signs_from == world.clock.now + GREATEST_OFFLINE_AGE
    assert states(world) == ["signing", "waiting"]
    synced(kiosk)
    world.clock.advance(days=29)
    assert signer(world.visit().token, world) == first.kid
    # From here on the kiosk is offline, with a bundle in which the key is young.
    world.clock.advance(days=1)
    token = world.visit().token
    assert signer(token, world) == made.kid
    assert verdict(kiosk, token) is None
    assert states(world) == ["standing", "signing"]


def test_yesterdays_code_works_today_and_as_long_as_its_visit(world: World) -> None:
    """A visit registered long ahead keeps its key in the bundle, whatever was rotated meanwhile."""
    kiosk = world.kiosk()
    old = keys(world)[0].kid
    arrival = world.clock.now + timedelta(days=200)
    token = world.visit(arrival=arrival, departure=arrival + timedelta(hours=2)).token
    rotate(world)
    world.clock.advance(days=100)
    keep(world, NEVER)
    assert states(world) == ["standing", "signing"]
    world.clock.now = arrival
    keep(world, NEVER)
    synced(kiosk)
    assert verdict(kiosk, token) is None
    # Late items and questions at the door have a month; then the key goes, and its private half with it.
    world.clock.now = arrival + timedelta(hours=2) + GREATEST_OFFLINE_AGE
    keep(world, NEVER)
    assert states(world) == ["retired", "signing"]
    assert keys(world)[0].sealed_private_key is None
    synced(kiosk)
    assert verdict(kiosk, token) == "unknown_key"
    assert [row.subject_id for row in audited(world, "key.retired")] == [old]


def test_visit_keys_are_rotated_every_quarter_by_themselves(world: World) -> None:
    """One successor a quarter, by the server; an operator's own counts as one; none where the policy says never."""
    keep(world, QUARTERLY)
    assert len(keys(world)) == 1
    world.clock.advance(days=91)
    keep(world, NEVER)
    assert len(keys(world)) == 1
    for _ in range(3):
        keep(world, QUARTERLY)
    assert states(world) == ["signing", "waiting"]
    assert [(row.actor_kind, row.subject_id) for row in audited(world, "key.rotated")] == [
        ("server", keys(world)[1].kid)
    ]
    for _ in range(3):
        world.clock.advance(days=91)
        keep(world, QUARTERLY)
    # Old ones leave by the same job.
    assert states(world) == ["retired", "retired", "retired", "signing", "waiting"]
    assert set(states(world, "seal")) == {"signing"}


def test_a_second_successor_is_not_made(world: World) -> None:
    """The sentence says which one waits."""
    waiting = rotate(world)
    with pytest.raises(WrongStateError, match="key_waiting") as caught:
        rotate(world)
    assert waiting.kid in caught.value.message


@pytest.mark.parametrize("purpose", ["device", "seal", "user"])
def test_keys_that_no_kiosk_meets_unprepared_sign_at_once(world: World, purpose: KeyPurpose) -> None:
    """And what the old one made goes on counting: the device's token, the sealed item, the session."""
    kiosk = world.kiosk()
    sealed_before = kiosk.item(world.visit().token)
    made = rotate(world, purpose)
    assert states(world, purpose) == ["standing", "signing"]
    assert synced(kiosk).seal_key(to_seconds(world.clock.now)) is not None
    sealed_after = kiosk.item(world.visit().token)
    assert (sealed_after.seal_kid == made.kid) is (purpose == "seal")
    assert {result.outcome for result in kiosk.send(sealed_before, sealed_after).results} == {"accepted"}


def test_a_kiosk_that_knows_an_old_time_key_alone_can_set_its_clock(world: World) -> None:
    """It needs the time before it can ask for anything: every time key that is here signs."""
    kiosk = world.kiosk()
    rotate(world, "time")
    world.clock.advance(days=30)
    assert states(world, "time") == ["standing", "signing"]
    answer = decode(kiosk.ask("POST", "/kiosk/time", TimeQuestion(nonce="N" * 22)).content, Envelope)
    assert kiosk.trust is not None
    old = keys(world, "time")[0].kid
    assert set(kiosk.trust.keys("time", to_seconds(world.clock.now))) == {old}
    assert read_time(answer, "N" * 22, kiosk.trust.keys("time", to_seconds(world.clock.now))) > 0


# ── revocation ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_revoked_visit_key_is_out_at_once_and_its_codes_are_issued_anew(world: World) -> None:
    """The old code becomes a stranger's, the new one works, and the feed names it."""
    kiosk = world.kiosk()
    issued = world.visit()
    cancelled = world.visit()
    visits.cancel_visit(world.house, world.tenant.id, cancelled.visit.id, OPERATOR)
    stolen = keys(world)[0].kid
    revoked = revoke(world, stolen)
    assert revoked.reissued == 1
    assert states(world) == ["revoked", "signing"]
    assert keys(world)[0].sealed_private_key is None
    synced(kiosk)
    assert verdict(kiosk, issued.token) == "unknown_key"
    fresh = visits.code_of(world.house, world.tenant.id, issued.visit.id)
    assert verdict(kiosk, fresh) is None
    story = visits.visit_story(world.house, world.tenant.id, issued.visit.id).visit
    assert story.rev == 1
    assert [row.subject_id for row in audited(world, "key.revoked")] == [stolen]
    assert [row.subject_id for row in audited(world, "visit.code_reissued")] == [issued.visit.id]


def test_no_claim_is_granted_for_a_code_of_a_revoked_key(world: World) -> None:
    """A kiosk that has not heard of it asks with the link up, and is told no."""
    kiosk = world.kiosk()
    issued = world.visit()
    revoke(world, keys(world)[0].kid)
    question = ClaimQuestion(check_in_id=kiosk.item(issued.token).check_in_id, token=issued.token)
    assert kiosk.ask("POST", "/kiosk/claims", question).json()["outcome"] == "refused"


def test_what_a_kiosk_admitted_before_it_heard_of_it_is_kept(world: World) -> None:
    """The genuine code of a genuine visit is evidence still: the arrival counts, flagged as superseded."""
    kiosk = world.kiosk()
    issued = world.visit()
    item = kiosk.item(issued.token)
    revoke(world, keys(world)[0].kid)
    (result,) = kiosk.send(item).results
    assert (result.outcome, result.code) == ("conflict", "superseded")


def test_revoking_lets_the_key_sign_that_kiosks_know_longest(world: World) -> None:
    """Offline kiosks know the waiting key already; a new one would be a stranger to them."""
    kiosk = world.kiosk()
    waiting = rotate(world)
    synced(kiosk)
    issued = world.visit()
    revoke(world, keys(world)[0].kid)
    assert states(world) == ["revoked", "signing"]
    assert keys(world)[1].kid == waiting.kid
    assert verdict(kiosk, visits.code_of(world.house, world.tenant.id, issued.visit.id)) is None


def test_revoking_a_key_that_waits_disturbs_nothing(world: World) -> None:
    """It signed no code."""
    issued = world.visit()
    waiting = rotate(world)
    assert revoke(world, waiting.kid).reissued == 0
    assert states(world) == ["signing", "revoked"]
    assert visits.code_of(world.house, world.tenant.id, issued.visit.id) == issued.token
    assert revoke(world, waiting.kid).reissued == 0
    assert len(audited(world, "key.revoked")) == 1
    # The way is free for another successor.
    rotate(world)


def test_a_revocation_that_was_broken_off_is_finished_by_the_server(world: World) -> None:
    """The key was out, and the process died before the codes were issued anew."""
    issued = world.visit()
    with world.house.archive.of(world.tenant.id) as records:
        records.keys.revoke(keys(world)[0].kid, world.clock.now)
    rotate(world)
    with world.house.archive.of(world.tenant.id) as records:
        records.keys.sign_from(keys(world)[1].kid, world.clock.now)
    keep(world, NEVER)
    assert visits.code_of(world.house, world.tenant.id, issued.visit.id) != issued.token
    assert [row.actor_kind for row in audited(world, "visit.code_reissued")] == ["server"]


def test_more_codes_than_one_step_takes_are_all_issued_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In steps; each visit once."""
    monkeypatch.setattr(rotation, "REISSUED_AT_ONCE", 2)
    issued = [world.visit() for _ in range(5)]
    assert revoke(world, keys(world)[0].kid).reissued == 5
    assert len(audited(world, "visit.code_reissued")) == 5
    now = [visits.code_of(world.house, world.tenant.id, visit.visit.id) for visit in issued]
    assert not set(now) & {visit.token for visit in issued}


def test_a_visit_that_was_dealt_with_meanwhile_keeps_its_code(world: World) -> None:
    """Between listing and locking it was cancelled, or another process was faster."""
    issued = world.visit()
    revoke(world, keys(world)[0].kid)
    now = world.clock.now
    assert not rotation._reissue(world.house, world.tenant.id, issued.visit.id, now, OPERATOR)
    visits.cancel_visit(world.house, world.tenant.id, issued.visit.id, OPERATOR)
    assert not rotation._reissue(world.house, world.tenant.id, issued.visit.id, now, OPERATOR)
    assert not rotation._reissue(world.house, world.tenant.id, VisitId("V" * 22), now, OPERATOR)


def test_a_revoked_seal_key_still_opens_what_waits(world: World) -> None:
    """A kiosk offline seals to it for a month more; only new items go to the next one."""
    kiosk = world.kiosk()
    before = kiosk.item(world.visit().token)
    old = keys(world, "seal")[0]
    revoke(world, old.kid)
    assert keys(world, "seal")[0].sealed_private_key is not None
    key = synced(kiosk).seal_key(to_seconds(world.clock.now))
    assert key is not None
    assert key.kid != old.kid
    assert kiosk.send(before).results[0].outcome == "accepted"


def test_a_revoked_device_key_ends_the_tokens_it_signed(world: World) -> None:
    """They cannot be told from forged ones; the kiosk stays as it is and has to be paired again."""
    kiosk = world.kiosk()
    revoke(world, keys(world, "device")[0].kid)
    response = kiosk.ask("GET", "/kiosk/trust")
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert "revocation" not in response.json()
    assert world.kiosk("Second").ask("GET", "/kiosk/trust").status_code == 200


def test_keys_of_the_root_are_none_of_these(world: World) -> None:
    """They change by `key root` and `key rotate --purpose bundle`."""
    purposes: tuple[KeyPurpose, ...] = ("root", "bundle")
    for purpose in purposes:
        with pytest.raises(BadRequestError, match="key_purpose"):
            rotate(world, purpose)
        with pytest.raises(BadRequestError, match="key_purpose"):
            revoke(world, keys(world, purpose)[0].kid)
    with pytest.raises(NotFoundError, match="unknown_key"):
        revoke(world, "nokey000")


def test_upkeep_outlives_a_key_that_does_not_open(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The job says so in the log and comes again; the thread must not die of it."""
    world.clock.advance(days=91)
    keep(world, QUARTERLY, vault=AesVault(b"x" * 32))
    assert "SRV-5" in caplog.text
    assert len(keys(world)) == 1
    keep(world, QUARTERLY)
    assert len(keys(world)) == 2


def test_upkeep_outlives_a_database_that_is_away(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Tried again next time."""
    keep(world, QUARTERLY, archive=OneTenant(world, is_away=True))
    assert "SRV-1" in caplog.text


def test_whoever_publishes_waits_for_whoever_does_so_already(world: World) -> None:
    """Else a bundle signed in the same second from the older set of keys would stand, the revoked key in it."""
    stolen = keys(world)[0].kid
    rotate(world)
    kiosk = world.kiosk()
    world.clock.advance(hours=6)
    revoking = Thread(target=rotation.revoke_key, args=(world.house, world.tenant.id, stolen, OPERATOR))
    with world.house.archive.of(world.tenant.id) as records:
        current_trust(world.house, records, world.clock.now)
        revoking.start()
        latest = monotonic() + HANGS_S
        pause = Event()
        while execute(records, "SELECT 1 FROM pg_locks WHERE NOT granted") == []:
            assert monotonic() < latest, "nobody waits"
            pause.wait(0.01)
    revoking.join(HANGS_S)
    assert not revoking.is_alive()
    assert stolen not in synced(kiosk).keys("visit", to_seconds(world.clock.now))
