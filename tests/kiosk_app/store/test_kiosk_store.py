"""The ledger: one transaction or nothing, answers only to their own item, and what comes back after damage."""

import secrets
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk_app.core.checkin import CheckInDraft, ClockMemory
from kiosk_app.core.clock_guard import Anchor
from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.outbox import ItemState, Settlement
from kiosk_app.store import replay_cache
from kiosk_app.store.database import FILE_NAME, open_database
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.identifiers import KeyId, VisitDigest, uuid7
from kiosk_protocol.messages import FeedEntry, FeedPage
from kiosk_protocol.reasons import Reason
from kiosk_protocol.sealing import chain_next, chain_start, item_hash
from tests.kiosk_app.tenant import T0_S, long_id

DAY_S = 24 * 3600


def digest() -> VisitDigest:
    return VisitDigest(base64url_encode(secrets.token_bytes(32)))


def draft(number: int = 0, memory: ClockMemory | None = None) -> CheckInDraft:
    return CheckInDraft(
        check_in_id=uuid7(T0_S * 1000 + number, secrets.token_bytes(10)),
        digest=digest(),
        expires_s=T0_S + 3600,
        decided_at_ms=T0_S * 1000 + number,
        sealed=secrets.token_bytes(200),
        seal_kid=KeyId("AAAAAAAA"),
        mode="offline",
        clock="sure",
        known=True,
        memory=memory or ClockMemory(T0_S * 1000, None),
    )


def entry(number: int, exp: int = T0_S + 3600) -> FeedEntry:
    return FeedEntry(digest=digest(), rev=0, edit=number, state="expected", exp=exp, sealed=None)


def count(store: KioskStore, table: str) -> int:
    return int(store._database.row(f"SELECT count(*) FROM {table}")[0])  # noqa: S608 - names of our own


@pytest.fixture
def store(tmp_path: Path):
    opened = KioskStore.open(tmp_path)
    yield opened
    opened.close()


def test_a_check_in_is_four_rows_and_the_floor(store: KioskStore) -> None:
    made = draft(memory=ClockMemory(7, Anchor(5, 3, "boot")))
    assert store.commit_check_in(made)
    assert store.look_up(made.digest).used
    assert [count(store, table) for table in ("used_visits", "outbox", "audit_log", "clock")] == [1, 1, 1, 1]
    assert store.load_clock() == ClockMemory(7, Anchor(5, 3, "boot"))


def test_a_visit_is_used_once_and_the_second_time_writes_nothing(store: KioskStore) -> None:
    made = draft()
    assert store.commit_check_in(made)
    again = replace(draft(1), digest=made.digest)
    assert not store.commit_check_in(again)
    assert [count(store, table) for table in ("used_visits", "outbox", "audit_log")] == [1, 1, 1]


@pytest.mark.parametrize("table", ["used_visits", "outbox", "audit_log", "clock"])
def test_where_one_row_fails_none_stays(store: KioskStore, table: str) -> None:
    """Whatever part of the transaction breaks, the kiosk is as it was and the visitor may try again."""
    store._database.execute(f"CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END")
    made = draft()
    with pytest.raises(sqlite3.IntegrityError):
        store.commit_check_in(made)
    assert not store.look_up(made.digest).used
    assert [count(store, name) for name in ("used_visits", "outbox", "audit_log")] == [0, 0, 0]
    store._database.execute("DROP TRIGGER broken")
    assert store.commit_check_in(made)


def test_at_the_cap_the_kiosk_refuses_to_forget(store: KioskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_cache, "MAX_USED_VISITS", 1)
    assert store.commit_check_in(draft())
    with pytest.raises(StoreError) as caught:
        store.commit_check_in(draft(1))
    assert caught.value.fault is StoreFault.AT_CAP
    assert count(store, "outbox") == 1


def test_the_chain_links_every_item_over_its_sealed_bytes(store: KioskStore, tmp_path: Path) -> None:
    """The chain goes on over a restart, and a rebuilt store starts another."""
    for number in range(3):
        assert store.commit_check_in(draft(number))
    name = store.chain_id()
    store.close()
    again = KioskStore.open(tmp_path)
    assert again.commit_check_in(draft(3))
    assert again.chain_id() == name
    link = chain_start(name)
    for position, item in enumerate(again.waiting_items(10), start=1):
        link = chain_next(link, item_hash(base64url_decode(item.sealed)))
        assert (item.sequence, item.chain) == (position, base64url_encode(link))
        assert item.hash == base64url_encode(item_hash(base64url_decode(item.sealed)))
    again.close()
    (tmp_path / "other").mkdir()
    other = KioskStore.open(tmp_path / "other")
    assert other.chain_id() != name
    other.close()


def test_an_answer_changes_its_own_waiting_item_and_no_other(store: KioskStore) -> None:
    drafts = [draft(number) for number in range(4)]
    for made in drafts:
        store.commit_check_in(made)
    ids = [made.check_in_id for made in drafts]
    stranger = uuid7(1, bytes(10))
    settlements = [
        Settlement(ids[1], ItemState.ACKNOWLEDGED, None),
        Settlement(ids[2], ItemState.PARKED, "bad"),
        Settlement(stranger, ItemState.ACKNOWLEDGED, None),
    ]
    store.settle_items(settlements, 0, T0_S * 1000)
    assert [item.check_in_id for item in store.waiting_items(10)] == [ids[0], ids[3]]
    store.settle_items([Settlement(ids[2], ItemState.ACKNOWLEDGED, None)], 0, T0_S * 1000)
    queue = store.queue_state()
    assert (queue.waiting, queue.parked, queue.oldest_ms) == (2, 1, T0_S * 1000)


def test_a_fallen_sequence_brings_acknowledged_items_back_but_not_parked_ones(store: KioskStore) -> None:
    drafts = [draft(number) for number in range(4)]
    for made in drafts:
        store.commit_check_in(made)
    ids = [made.check_in_id for made in drafts]
    store.settle_items([Settlement(one, ItemState.ACKNOWLEDGED, None) for one in ids[:3]], 3, T0_S * 1000)
    store.park_item(Settlement(ids[3], ItemState.PARKED, "bad"), T0_S * 1000)
    store.settle_items([], 1, T0_S * 1000)
    assert [item.check_in_id for item in store.waiting_items(10)] == ids[1:3]
    store.settle_items([], 1, T0_S * 1000)
    assert store.queue_state().waiting == 2


def test_what_is_over_is_forgotten_and_nothing_else(store: KioskStore) -> None:
    old, new = draft(), replace(draft(1), expires_s=T0_S + 20 * DAY_S)
    for made in (old, new):
        store.commit_check_in(made)
    page = FeedPage(epoch=long_id(), cursor=2, more=False, entries=(entry(0, T0_S + 3600), entry(1, T0_S + 20 * DAY_S)))
    store.save_feed_page(page, T0_S * 1000)
    store.settle_items([Settlement(old.check_in_id, ItemState.ACKNOWLEDGED, None)], 1, T0_S * 1000)
    store.note_turned_away(Reason.EXPIRED, T0_S * 1000)
    store.clean(T0_S + 3600 + 25 * 3600)
    assert store.look_up(old.digest).used
    store.clean(T0_S + 15 * DAY_S)
    assert not store.look_up(old.digest).used
    assert store.look_up(new.digest).used
    assert store.look_up(page.entries[0].digest).entry is None
    assert store.look_up(page.entries[1].digest).entry == page.entries[1]
    assert [count(store, "outbox"), store.queue_state().waiting] == [1, 1]
    assert count(store, "audit_log") == 3
    store.clean(T0_S + 91 * DAY_S)
    assert count(store, "audit_log") == 0
    assert store.queue_state().waiting == 1


def test_the_saved_floor_never_falls(store: KioskStore) -> None:
    store.save_clock(ClockMemory(100, Anchor(1, 2, "boot")))
    store.save_clock(ClockMemory(50, None))
    assert store.load_clock() == ClockMemory(100, None)


def test_a_feed_page_replaces_entries_and_another_epoch_replaces_the_feed(store: KioskStore) -> None:
    first = FeedPage(epoch=long_id(), cursor=1, more=True, entries=(entry(0),))
    store.save_feed_page(first, 5)
    assert store.feed_complete_at_ms() is None
    changed = FeedEntry(digest=first.entries[0].digest, rev=1, edit=2, state="cancelled", exp=T0_S, sealed=None)
    store.save_feed_page(FeedPage(epoch=first.epoch, cursor=2, more=False, entries=(changed,)), 9)
    assert store.look_up(changed.digest).entry == changed
    assert (store.feed_position(), store.feed_complete_at_ms()) == ((first.epoch, 2), 9)
    second = FeedPage(epoch=long_id(), cursor=0, more=True, entries=())
    store.save_feed_page(second, 12)
    assert store.look_up(changed.digest).entry is None
    assert (store.feed_position(), store.feed_complete_at_ms()) == ((second.epoch, 0), None)


def test_an_unpaired_store_has_no_identity(store: KioskStore) -> None:
    assert store.load_identity() is None


def test_two_connections_see_each_others_commits(store: KioskStore, tmp_path: Path) -> None:
    other = KioskStore.open(tmp_path)
    made = draft()
    assert other.commit_check_in(made)
    assert store.look_up(made.digest).used
    assert not store.commit_check_in(replace(draft(1), digest=made.digest))
    other.close()


def test_reading_beside_a_kiosk_writes_nothing(store: KioskStore, tmp_path: Path) -> None:
    made = draft()
    store.commit_check_in(made)
    reader = KioskStore.open_read_only(tmp_path)
    assert reader is not None
    assert reader.look_up(made.digest).used
    with pytest.raises(StoreError) as caught:
        reader.note_turned_away(Reason.EXPIRED, 1)
    assert caught.value.fault is StoreFault.READ_ONLY
    reader.close()


def test_where_there_is_no_store_reading_makes_none(tmp_path: Path) -> None:
    assert KioskStore.open_read_only(tmp_path) is None
    assert not (tmp_path / FILE_NAME).exists()


def test_stored_documents_that_no_longer_verify_are_damage(tmp_path: Path, kiosk) -> None:
    kiosk.store._database.execute("UPDATE trust SET bundle = CAST(replace(bundle, 'a', 'b') AS BLOB)")
    with pytest.raises(StoreError) as caught:
        kiosk.store.load_identity()
    assert caught.value.fault is StoreFault.DAMAGED


def test_a_row_of_the_feed_that_no_longer_reads_is_damage(store: KioskStore) -> None:
    page = FeedPage(epoch=long_id(), cursor=1, more=False, entries=(entry(0),))
    store.save_feed_page(page, 1)
    store._database.execute("UPDATE visits SET entry = x'7b7d'")
    with pytest.raises(StoreError) as caught:
        store.look_up(page.entries[0].digest)
    assert caught.value.fault is StoreFault.DAMAGED


def test_the_identity_is_verified_again_only_when_it_changed(kiosk) -> None:
    first = kiosk.store.load_identity()
    assert kiosk.store.load_identity() is first
    other = KioskStore.open(kiosk.folder / "data")
    other._database.execute(
        "UPDATE identity SET configuration = CAST(replace(configuration, 'Main house', 'Annexe') AS BLOB)"
    )
    other.close()
    changed = kiosk.store.load_identity()
    assert changed is not None
    assert changed.configuration.site_name == "Annexe"


def test_the_file_is_closed_to_others(store: KioskStore, tmp_path: Path) -> None:
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_damage_found_at_the_start_is_told(tmp_path: Path) -> None:
    store = KioskStore.open(tmp_path)
    for number in range(200):
        store.commit_check_in(draft(number))
    store._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    content[8192 : 8192 + 4096 * 4] = bytes(4096 * 4)
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        KioskStore.open(tmp_path, check=True)
    assert caught.value.fault is StoreFault.DAMAGED


def test_opening_leaves_no_connection_behind_when_it_fails(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all, but a text of some length" * 100)
    with pytest.raises(StoreError) as caught:
        open_database(tmp_path)
    assert caught.value.fault is StoreFault.DAMAGED
