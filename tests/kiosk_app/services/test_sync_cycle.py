"""Rounds with the server: what each step renews, and that none stands in the way of the others."""

import msgspec
import pytest

from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.server_answers import BadAnswer, NoReply, Refused, Unreachable
from kiosk_app.core.verdict import Admit
from kiosk_app.services.drain import MAX_FAILURES_IN_A_ROW
from kiosk_app.services.housekeeping import tidy
from kiosk_protocol.messages import BatchAnswer, FeedPage
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.tenant import DAY_S, T0_S, Tenant, long_id, short_id


def admit(kiosk: Kiosk, house: Tenant, count: int) -> list[str]:
    """Check ``count`` visitors in offline; return the ids in order."""
    visits = [house.visit() for _ in range(count)]
    kiosk.server.feed += [visit.entry for visit in visits]
    kiosk.synced()
    kiosk.server.down = True
    verdicts = [kiosk.desk.judge(visit.token) for visit in visits]
    kiosk.server.down = False
    assert all(isinstance(verdict, Admit) for verdict in verdicts)
    return [verdict.check_in_id for verdict in verdicts if isinstance(verdict, Admit)]


def test_an_unpaired_kiosk_asks_nothing(unpaired: Kiosk) -> None:
    report = unpaired.sync.run(unpaired.server)
    assert not report.paired
    assert not report.connected
    assert unpaired.server.requests == []


def test_a_full_round_asks_for_everything_and_a_short_one_for_what_people_wait_for(kiosk: Kiosk) -> None:
    kiosk.server.requests.clear()
    kiosk.sync.run(kiosk.server)
    # The minute's heartbeat went out with the round that made this kiosk ready.
    assert kiosk.server.requests == ["time", "trust", "configuration", "visits"]
    kiosk.server.requests.clear()
    kiosk.sync.run(kiosk.server, full=False)
    assert kiosk.server.requests == ["visits"]


def test_what_waits_is_handed_over_and_keeps_its_times(kiosk: Kiosk, house: Tenant) -> None:
    ids = admit(kiosk, house, 3)
    assert kiosk.store.queue_state().waiting == 3
    kiosk.clock.pass_s(3600)
    report = kiosk.sync.run(kiosk.server)
    assert report.queue.waiting == 0
    assert list(kiosk.server.records) == ids
    assert {record.mode for record in kiosk.server.records.values()} == {"offline"}
    assert all(record.scanned_at_ms < (T0_S + 60) * 1000 for record in kiosk.server.records.values())


def test_a_lost_answer_makes_no_second_check_in(kiosk: Kiosk, house: Tenant) -> None:
    admit(kiosk, house, 2)
    kiosk.server.lose_answers["check_in"] = 1
    first = kiosk.sync.run(kiosk.server)
    assert first.queue.waiting == 2
    assert isinstance(first.failures["outbox"], Unreachable)
    second = kiosk.sync.run(kiosk.server)
    assert second.queue.waiting == 0
    assert len(kiosk.server.records) == 2


def test_a_rejected_item_is_parked_and_blocks_nothing(kiosk: Kiosk, house: Tenant) -> None:
    ids = admit(kiosk, house, 3)
    kiosk.server.reject.add(ids[0])
    queue = kiosk.sync.run(kiosk.server).queue
    assert (queue.waiting, queue.parked) == (0, 1)
    assert list(kiosk.server.records) == ids[1:]


@pytest.mark.parametrize("failure", [Refused(500), BadAnswer("not_json")])
@pytest.mark.parametrize("position", [0, 7, 19])
def test_an_item_that_the_server_chokes_on_blocks_nothing_and_is_tried_again(kiosk, house, failure, position) -> None:
    ids = admit(kiosk, house, 20)
    kiosk.server.choke_on[ids[position]] = failure
    assert kiosk.sync.run(kiosk.server).queue.waiting == 1
    assert len(kiosk.server.records) == 19
    more = admit(kiosk, house, 1)
    assert more[0] not in kiosk.server.records
    assert kiosk.sync.run(kiosk.server).queue.waiting == 1
    assert more[0] in kiosk.server.records
    del kiosk.server.choke_on[ids[position]]
    assert kiosk.sync.run(kiosk.server).queue.waiting == 0


def test_an_item_that_the_server_will_never_take_is_parked_with_its_word(kiosk: Kiosk, house: Tenant) -> None:
    ids = admit(kiosk, house, 4)
    kiosk.server.choke_on[ids[1]] = Refused(413, "too_large")
    queue = kiosk.sync.run(kiosk.server).queue
    assert (queue.waiting, queue.parked) == (0, 1)


def test_a_server_that_is_ill_is_left_alone_after_a_few_failures(kiosk: Kiosk, house: Tenant) -> None:
    ids = admit(kiosk, house, 50)
    kiosk.server.choke_on = dict.fromkeys(ids, Refused(503))
    kiosk.server.requests.clear()
    report = kiosk.sync.run(kiosk.server, full=False)
    assert report.queue.waiting == 50
    assert report.failures["outbox"] == Refused(503)
    assert kiosk.server.requests.count("check_in") == MAX_FAILURES_IN_A_ROW


@pytest.mark.parametrize("failure", [Refused(401), Refused(403), Refused(429), Refused(404)])
def test_a_refusal_of_the_kiosk_parks_nothing(kiosk: Kiosk, house: Tenant, failure) -> None:
    """A proxy or a restored database answers so too; the records stay and wait."""
    admit(kiosk, house, 2)
    kiosk.server.faults["check_in"] = [failure]
    queue = kiosk.sync.run(kiosk.server).queue
    assert (queue.waiting, queue.parked) == (2, 0)


def test_an_answer_that_leaves_an_item_out_acknowledges_it_not(kiosk: Kiosk, house: Tenant) -> None:
    """Nor does an answer for an item that was not asked about, nor an empty one; and the round ends."""
    admit(kiosk, house, 2)
    kiosk.server.faults["check_in"] = [BatchAnswer(results=(), acknowledged_sequence=0)] * 3
    assert kiosk.sync.run(kiosk.server).queue.waiting == 2
    kiosk.server.faults.clear()
    assert kiosk.sync.run(kiosk.server).queue.waiting == 0


def test_a_restored_server_gets_back_what_it_had_accepted(kiosk: Kiosk, house: Tenant) -> None:
    ids = admit(kiosk, house, 3)
    kiosk.synced()
    for lost in ids[1:]:
        del kiosk.server.records[lost], kiosk.server.items[lost], kiosk.server.answers[lost]
    kiosk.server.sequences = {1}
    more = admit(kiosk, house, 1)
    kiosk.server.sequences = {1}
    kiosk.sync.run(kiosk.server)
    kiosk.sync.run(kiosk.server)
    assert set(kiosk.server.records) == {*ids, *more}
    assert kiosk.store.queue_state().waiting == 0


def test_both_offline_kiosks_admit_and_the_server_sees_both(tmp_path, kiosk: Kiosk, house: Tenant) -> None:
    """A conflict is acknowledged: it is kept as what happened, not sent again."""
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    first_key = kiosk.server.device_key
    (tmp_path / "second").mkdir()
    second = Kiosk(tmp_path / "second", kiosk.server).pair().synced()
    second_key = kiosk.server.device_key
    kiosk.server.down = True
    assert isinstance(kiosk.desk.judge(visit.token), Admit)
    assert isinstance(second.desk.judge(visit.token), Admit)
    kiosk.server.down = False
    kiosk.server.device_key = first_key
    kiosk.synced()
    kiosk.server.device_key = second_key
    second.synced()
    assert second.store.queue_state().waiting == 0
    second.store.close()
    assert [answer.outcome for answer in kiosk.server.answers.values()] == ["accepted", "conflict"]


def test_the_feed_is_read_to_its_end_and_then_only_its_changes(kiosk: Kiosk, house: Tenant) -> None:
    kiosk.server.feed += [house.visit().entry for _ in range(5)]
    kiosk.server.requests.clear()
    kiosk.sync.run(kiosk.server, full=False)
    assert kiosk.server.requests == ["visits"] * 3
    assert kiosk.store.feed_position() == (kiosk.server.epoch, 5)


def test_another_epoch_empties_the_feed_and_fetches_it_again(kiosk: Kiosk, house: Tenant) -> None:
    gone, new = house.visit(), house.visit()
    kiosk.server.feed.append(gone.entry)
    kiosk.synced()
    kiosk.server.epoch, kiosk.server.feed = long_id(), [new.entry]
    kiosk.synced()
    assert kiosk.store.look_up(gone.entry.digest).entry is None
    assert kiosk.store.look_up(new.entry.digest).entry == new.entry


def test_a_feed_that_stands_still_or_never_ends_is_left(kiosk: Kiosk, house: Tenant, monkeypatch) -> None:
    page = FeedPage(epoch=kiosk.server.epoch, cursor=0, more=True, entries=())
    kiosk.server.faults["visits"] = [page]
    assert kiosk.sync.run(kiosk.server).failures == {"feed": BadAnswer("feed_stands_still")}
    monkeypatch.setattr("kiosk_app.services.sync_cycle.MAX_FEED_PAGES", 3)
    kiosk.server.page_size = 1
    kiosk.server.feed += [house.visit().entry for _ in range(5)]
    assert kiosk.sync.run(kiosk.server, full=False).failures == {"feed": BadAnswer("feed_without_end")}
    assert kiosk.sync.run(kiosk.server, full=False).failures == {}


def test_a_step_that_fails_leaves_the_others_their_turn(kiosk: Kiosk, house: Tenant) -> None:
    ids = admit(kiosk, house, 1)
    for step in ("time", "trust", "configuration"):
        kiosk.server.faults[step] = [Refused(500)]
    kiosk.server.faults["visits"] = [Unreachable(NoReply.TIMEOUT)]
    report = kiosk.sync.run(kiosk.server)
    assert set(report.failures) == {"time", "trust", "configuration", "feed"}
    assert report.connected
    assert list(kiosk.server.records) == ids


def test_a_server_that_is_down_ends_the_round_at_once(kiosk: Kiosk) -> None:
    kiosk.server.down = True
    kiosk.server.requests.clear()
    report = kiosk.sync.run(kiosk.server)
    assert not report.connected
    assert kiosk.server.requests == ["time"]


def test_roots_between_lead_a_kiosk_that_was_away(kiosk: Kiosk, house: Tenant) -> None:
    """The root key changed twice meanwhile; without the root between, nothing leads to the newest."""
    between, newest = house.changed_root(2), house.changed_root(3)
    kiosk.server.root = newest
    assert kiosk.sync.run(kiosk.server).failures == {"trust": BadAnswer("envelope_signature")}
    kiosk.server.earlier_roots = (between,)
    assert not kiosk.sync.run(kiosk.server).failures
    kiosk.restart()
    identity = kiosk.store.load_identity()
    assert identity is not None
    assert identity.trust.root_envelope == newest


def test_a_bundle_dated_ahead_moves_no_clock_that_is_sure(kiosk: Kiosk, house: Tenant) -> None:
    """Whoever stole a bundle key could else push the floor on, month by month, until every visit is over."""
    for step in range(1, 4):
        kiosk.server.bundle = house.bundle(version=1 + step, issued_at=T0_S + step * 29 * DAY_S)
        assert not kiosk.sync.run(kiosk.server).failures
    assert kiosk.keeper.now().floor_ms <= T0_S * 1000


def test_a_bundle_is_a_word_on_the_time_while_nothing_better_is_known(kiosk: Kiosk, house: Tenant) -> None:
    """After a restart, before the server told the time: what was issued then cannot lie ahead of now."""
    kiosk.clock.reboot()
    kiosk.restart()
    kiosk.server.faults["time"] = [Unreachable(NoReply.TIMEOUT)]
    kiosk.server.bundle = house.bundle(version=2, issued_at=T0_S + DAY_S)
    assert set(kiosk.sync.run(kiosk.server).failures) == {"time"}
    assert kiosk.keeper.now().floor_ms == (T0_S + DAY_S) * 1000


def test_newer_trust_is_kept_and_older_is_not(kiosk: Kiosk, house: Tenant) -> None:
    kiosk.server.bundle = house.bundle(version=3, issued_at=T0_S - 60)
    kiosk.synced()
    kiosk.server.bundle = house.bundle(version=2, issued_at=T0_S - 120)
    assert kiosk.sync.run(kiosk.server).failures == {"trust": BadAnswer("rollback")}
    kiosk.restart()
    identity = kiosk.store.load_identity()
    assert identity is not None
    assert identity.trust.bundle.version == 3


def test_changed_settings_are_kept_but_never_another_sites(kiosk: Kiosk, house: Tenant) -> None:
    settings = msgspec.structs.replace(house.configuration(), site_name="Annexe")
    kiosk.server.settings = settings
    identity = kiosk.sync.run(kiosk.server).identity
    assert identity is not None
    assert identity.configuration.site_name == "Annexe"
    kiosk.server.settings = msgspec.structs.replace(settings, site_id=short_id())
    assert kiosk.sync.run(kiosk.server).failures == {"configuration": BadAnswer("other_site")}


def test_a_time_signed_by_a_stranger_or_for_another_question_teaches_nothing(kiosk: Kiosk, house: Tenant) -> None:
    kiosk.clock.set_wall_s(T0_S + 600)
    stranger = Tenant(tenant=house.tenant)
    kiosk.server.faults["time"] = [stranger.time(long_id(), T0_S * 1000), house.time(long_id(), T0_S * 1000)]
    assert kiosk.sync.run(kiosk.server).failures == {"time": BadAnswer("envelope_signature")}
    assert kiosk.sync.run(kiosk.server).failures == {"time": BadAnswer("nonce")}
    assert kiosk.keeper.now().standing is ClockStanding.SUSPECT


def test_a_kiosk_with_a_wrong_clock_heals_by_the_servers_word(kiosk: Kiosk) -> None:
    kiosk.clock.reboot()
    kiosk.clock.set_wall_s(0)
    kiosk.restart()
    assert kiosk.keeper.now().standing is ClockStanding.SUSPECT
    kiosk.synced()
    assert kiosk.keeper.now().standing is ClockStanding.SURE
    assert abs(kiosk.keeper.now().now_s - T0_S) <= 1


def test_tidying_saves_the_floor_and_forgets_what_is_over(kiosk: Kiosk, house: Tenant) -> None:
    ids = admit(kiosk, house, 1)
    kiosk.synced()
    visit = kiosk.server.feed[-1]
    kiosk.clock.pass_s(2 * DAY_S)
    tidy(kiosk.store, kiosk.keeper)
    assert not kiosk.store.look_up(visit.digest).used
    assert kiosk.store.load_clock().floor_ms == (T0_S + 2 * DAY_S) * 1000
    assert ids


def test_last_contact_and_link_follow_every_answer(kiosk: Kiosk) -> None:
    assert kiosk.link.state.online
    contact = kiosk.link.last_contact_ms
    kiosk.clock.pass_s(60)
    kiosk.server.down = True
    kiosk.sync.run(kiosk.server)
    kiosk.sync.run(kiosk.server)
    assert kiosk.link.state.online is False
    assert kiosk.link.last_contact_ms == contact
