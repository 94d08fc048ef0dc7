"""Handing over what a former pairing left: only what is acknowledged goes, and with the last item everything does."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.former import FormerPairing
from kiosk_app.core.server_answers import Failure, NoReply, Refused, Unreachable
from kiosk_app.core.staff_desk import Unpaired
from kiosk_app.services.handover import MAX_FAILURES_IN_A_ROW, Handover, HandoverTools
from kiosk_app.services.unpairing import UnpairTools, unpair
from kiosk_app.store.former_records import FormerRecords
from kiosk_protocol.messages import HandedOver, HandoverAnswer, OutboxEntry
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.services.test_revocation import refusal, revocation_of
from tests.kiosk_app.services.test_sync_cycle import admit
from tests.kiosk_app.tenant import Tenant, long_id

LOST = Unreachable(NoReply.TIMEOUT)


@dataclass
class Quarantine:
    """The other end. ``faults`` are answered instead; ``deaf`` ones never get an answer, ``choke_on`` refuses."""

    held: dict[str, OutboxEntry] = field(default_factory=dict)
    replays: int = 0
    batches: list[int] = field(default_factory=list)
    opened: list[tuple[FormerPairing, SigningKey]] = field(default_factory=list)
    closed: int = 0
    faults: list[Failure] = field(default_factory=list)
    lose: int = 0
    deaf: set[str] = field(default_factory=set)
    choke_on: set[str] = field(default_factory=set)
    also_say: tuple[HandedOver, ...] = ()

    def __call__(self, former: FormerPairing, key: SigningKey) -> "Quarantine":
        self.opened.append((former, key))
        return self

    def close(self) -> None:
        self.closed += 1

    def hand_over(self, entries: Sequence[OutboxEntry]) -> HandoverAnswer | Failure:
        self.batches.append(len(entries))
        if self.faults:
            return self.faults.pop(0)
        if any(entry.check_in_id in self.choke_on for entry in entries):
            return Refused(400, "handover")
        heard = [entry for entry in entries if entry.check_in_id not in self.deaf]
        results = tuple(self._take(entry) for entry in heard)
        if self.lose:
            self.lose -= 1
            return LOST
        return HandoverAnswer(results=results + self.also_say)

    def _take(self, entry: OutboxEntry) -> HandedOver:
        known = entry.check_in_id in self.held
        self.replays += known
        self.held[entry.check_in_id] = entry
        return HandedOver(check_in_id=entry.check_in_id, outcome="replayed" if known else "accepted")


class Leaver:
    """A kiosk whose pairing ended while items waited."""

    def __init__(self, kiosk: Kiosk, house: Tenant, count: int) -> None:
        self.kiosk = kiosk
        self.ids = admit(kiosk, house, count)
        self.key = kiosk.vault.load()
        identity = kiosk.store.load_identity()
        assert identity is not None
        self.device = identity.device
        self.items = FormerRecords(kiosk.folder / "data")
        self.quarantine = Quarantine()

    def revoked(self) -> "Leaver":
        self.kiosk.server.faults["time"] = [refusal(revocation_of(self.kiosk))]
        assert self.kiosk.sync.run(self.kiosk.server).revoked
        return self

    def unpaired(self) -> "Leaver":
        tools = UnpairTools(self.kiosk.store, self.kiosk.vault, self.kiosk.keeper, str(self.kiosk.folder / "data"))
        assert isinstance(unpair(tools, keep_aside=True), Unpaired)
        return self

    def run(self, **replaced: Any) -> Failure | None:
        parts = {"items": self.items, "keys": self.kiosk.vault, "memory": self.kiosk.store, "connect": self.quarantine}
        return Handover(HandoverTools(**{**parts, **replaced})).run()

    def nothing_is_left(self) -> bool:
        """Whether folder, key, and what the store knew of the pairing are gone."""
        data, keys = self.kiosk.folder / "data" / "kept", self.kiosk.folder / "keys" / "kept"
        rows = self.kiosk.store._database.rows("SELECT device FROM former_pairings")
        return rows == [] and not list(data.iterdir()) and not list(keys.iterdir())


@pytest.fixture
def leaver(kiosk: Kiosk, house: Tenant) -> Leaver:
    """Two items wait, and the pairing has not ended yet."""
    return Leaver(kiosk, house, 2)


@pytest.mark.parametrize("end", ["revoked", "unpaired"])
def test_everything_is_handed_over_by_the_former_key_and_then_nothing_is_left(leaver: Leaver, end: str) -> None:
    getattr(leaver, end)()
    assert leaver.items.unsent() == 2
    assert leaver.run() is None
    assert list(leaver.quarantine.held) == leaver.ids
    ((former, key),) = leaver.quarantine.opened
    assert (former.device, key, leaver.quarantine.closed) == (leaver.device, leaver.key, 1)
    assert leaver.nothing_is_left()
    assert leaver.run() is None
    assert len(leaver.quarantine.opened) == 1
    assert leaver.kiosk.store.was_revoked() == (end == "revoked")


def test_after_a_new_pairing_the_former_keys_items_go_the_same_way(leaver: Leaver, house: Tenant) -> None:
    """By their own key, while the new pairing's items wait for theirs; also across a restart."""
    leaver.revoked()
    leaver.kiosk.server.device = long_id()
    leaver.kiosk.pair()
    leaver.kiosk.restart()
    (own,) = admit(leaver.kiosk, house, 1)
    assert leaver.run() is None
    assert list(leaver.quarantine.held) == leaver.ids
    assert leaver.quarantine.opened[0][1] == leaver.key != leaver.kiosk.vault.load()
    assert [entry.check_in_id for entry in leaver.kiosk.store.waiting_items(9)] == [own]
    assert leaver.nothing_is_left()


def test_two_former_pairings_each_go_by_their_own_key(leaver: Leaver, house: Tenant) -> None:
    leaver.revoked()
    leaver.kiosk.server.device = long_id()
    leaver.kiosk.clock.pass_s(60)
    leaver.kiosk.pair()
    second = Leaver(leaver.kiosk, house, 1).unpaired()
    assert leaver.run() is None
    opened = {former.device: key for former, key in leaver.quarantine.opened}
    assert opened == {leaver.device: leaver.key, second.device: second.key}
    assert set(leaver.quarantine.held) == {*leaver.ids, *second.ids}
    assert leaver.nothing_is_left()


def test_a_lost_answer_costs_a_repetition(leaver: Leaver) -> None:
    leaver.revoked().quarantine.lose = 1
    assert leaver.run() == LOST
    assert leaver.items.unsent() == 2
    assert leaver.run() is None
    assert (leaver.quarantine.replays, list(leaver.quarantine.held)) == (2, leaver.ids)
    assert leaver.nothing_is_left()


class Killed(BaseException):
    """The process ends here."""


def end_here(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize("place", ["let_go", "drop"])
def test_a_kill_after_the_answer_is_made_good_by_the_next_run(leaver: Leaver, monkeypatch, place: str) -> None:
    leaver.revoked()
    with monkeypatch.context() as patched:
        patched.setattr(leaver.items, place, end_here)
        with pytest.raises(Killed):
            leaver.run()
    leaver.kiosk.restart()
    assert leaver.run() is None
    assert list(leaver.quarantine.held) == leaver.ids
    assert leaver.quarantine.replays == (2 if place == "let_go" else 0)
    assert leaver.nothing_is_left()


@pytest.mark.parametrize("failure", [Refused(401, "handover_refused"), Refused(429, "quarantine_full"), Refused(503)])
def test_a_server_that_does_not_take_them_now_is_asked_again_later(leaver: Leaver, failure: Failure) -> None:
    leaver.revoked().quarantine.faults = [failure]
    assert leaver.run() == failure
    assert (leaver.items.unsent(), leaver.quarantine.batches) == (2, [2])
    assert leaver.run() is None
    assert leaver.nothing_is_left()


def test_only_items_of_this_batch_are_acknowledged(leaver: Leaver) -> None:
    """One that got no answer stays, whatever else was said."""
    leaver.revoked().quarantine.deaf = {leaver.ids[0]}
    leaver.quarantine.also_say = (HandedOver(check_in_id="not-sent", outcome="accepted"),)
    assert leaver.run() is None
    (former,) = leaver.items.all()
    assert [entry.check_in_id for entry in leaver.items.waiting(former.name, 9)] == leaver.ids[:1]
    assert leaver.kiosk.vault.load_kept(former.name) == leaver.key


def test_an_item_the_server_chokes_on_stands_in_no_others_way(leaver: Leaver) -> None:
    leaver.revoked().quarantine.choke_on = {leaver.ids[0]}
    assert leaver.run() is None
    assert leaver.quarantine.batches == [2, 1, 1]
    assert list(leaver.quarantine.held) == leaver.ids[1:]
    assert leaver.items.unsent() == 1


def test_a_server_that_refuses_everything_is_left_alone_after_a_while(kiosk: Kiosk, house: Tenant) -> None:
    leaver = Leaver(kiosk, house, MAX_FAILURES_IN_A_ROW + 5).revoked()
    leaver.quarantine.choke_on = set(leaver.ids)
    assert leaver.run() == Refused(400, "handover")
    assert len(leaver.quarantine.batches) == MAX_FAILURES_IN_A_ROW
    assert leaver.items.unsent() == MAX_FAILURES_IN_A_ROW + 5


def test_more_than_a_batch_goes_in_several(kiosk: Kiosk, house: Tenant) -> None:
    leaver = Leaver(kiosk, house, 51).revoked()
    assert leaver.run() is None
    assert leaver.quarantine.batches == [50, 1]
    assert leaver.nothing_is_left()


def test_a_word_on_an_item_that_was_not_sent_yet_acknowledges_nothing(kiosk: Kiosk, house: Tenant) -> None:
    """It waits in the next batch, and goes with that one."""
    leaver = Leaver(kiosk, house, 51).revoked()
    leaver.quarantine.also_say = (HandedOver(check_in_id=leaver.ids[50], outcome="accepted"),)
    assert leaver.run() is None
    assert list(leaver.quarantine.held) == leaver.ids


def test_what_the_server_parked_is_handed_over_and_what_it_took_is_not(kiosk: Kiosk, house: Tenant) -> None:
    leaver = Leaver(kiosk, house, 2)
    kiosk.server.reject = {leaver.ids[0]}
    kiosk.synced()
    assert kiosk.store.queue_state().parked == 1
    leaver.unpaired()
    assert leaver.run() is None
    assert list(leaver.quarantine.held) == leaver.ids[:1]


def test_where_the_key_cannot_be_read_the_items_stay(leaver: Leaver, house: Tenant) -> None:
    """And a later pairing's are handed over all the same."""
    leaver.revoked()
    (key,) = (leaver.kiosk.folder / "keys" / "kept").glob("*/device.key")
    key.write_bytes(b"?")
    leaver.kiosk.server.device = long_id()
    leaver.kiosk.clock.pass_s(60)
    leaver.kiosk.pair()
    second = Leaver(leaver.kiosk, house, 1).unpaired()
    assert leaver.run() is None
    assert list(leaver.quarantine.held) == second.ids
    assert leaver.items.unsent() == 2


def test_what_is_no_whole_copy_is_passed_over_and_left(leaver: Leaver) -> None:
    """Half a copy of a power cut, damage, somebody else's file: neither asked about nor removed."""
    leaver.revoked()
    kept = leaver.kiosk.folder / "data" / "kept"
    for name, content in (
        ("half", b""),
        ("damaged", b"no database at all, but long enough to look at"),
        ("other", None),
    ):
        (kept / name).mkdir()
        if content is None:
            with sqlite3.connect(kept / name / "outbox.db") as other:
                other.execute("CREATE TABLE outbox (x)")
            other.close()
        else:
            (kept / name / "outbox.db").write_bytes(content)
    hollow = kept / "hollow" / "outbox.db"
    hollow.parent.mkdir()
    hollow.write_bytes(next(kept.glob("2*/outbox.db")).read_bytes())
    with sqlite3.connect(hollow) as emptied:
        emptied.execute("DELETE FROM identity")
    emptied.close()
    assert leaver.run() is None
    assert list(leaver.quarantine.held) == leaver.ids
    assert sorted(path.name for path in kept.iterdir()) == ["damaged", "half", "hollow", "other"]


def test_the_copy_of_an_unpairing_that_was_broken_off_is_not_handed_over(leaver: Leaver) -> None:
    """The pairing goes on, and its outbox has those items; once it ends, the copy goes with the rest."""
    leaver.kiosk.vault.keep("early")
    leaver.kiosk.store.keep_outbox(str(leaver.kiosk.folder / "data" / "kept" / "early"))
    assert leaver.run() is None
    assert leaver.quarantine.opened == []
    leaver.revoked()
    assert leaver.run() is None
    assert (list(leaver.quarantine.held), leaver.quarantine.replays) == (leaver.ids, 2)
    assert leaver.nothing_is_left()


def test_a_store_that_fails_keeps_everything(leaver: Leaver, monkeypatch) -> None:
    """Items that were acknowledged but could not be let go are offered again."""
    leaver.revoked()

    def full(_name: str, _ids: Sequence[str]) -> None:
        raise StoreError(StoreFault.FULL)

    with monkeypatch.context() as patched:
        patched.setattr(leaver.items, "let_go", full)
        assert leaver.run() is None
    assert leaver.items.unsent() == 2
    assert leaver.run() is None
    assert leaver.nothing_is_left()


def test_folders_that_cannot_be_removed_are_an_error_of_the_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        FormerRecords(tmp_path).drop("nowhere")
