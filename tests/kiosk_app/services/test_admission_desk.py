"""From a shown text to a verdict, with the real store and a server that behaves or does not."""

import sqlite3
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from nacl.signing import SigningKey

from kiosk_app.core.admission import AskServer
from kiosk_app.core.checkin import CheckInDraft, VisitLookup
from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.server_answers import BadAnswer, NoReply, Refused, Unreachable
from kiosk_app.core.verdict import Admit, AskReception, Greeting, Refuse
from kiosk_app.services.admission_desk import _say_no
from kiosk_app.store.database import FILE_NAME
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.identifiers import SiteId, VisitDigest, uuid7
from kiosk_protocol.messages import ClaimAnswer
from kiosk_protocol.reasons import Reason
from kiosk_protocol.records import read_record
from kiosk_protocol.sealing import open_item
from kiosk_protocol.transport import to_compact
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.tenant import DAY_S, T0_S, Tenant, short_id


def test_a_known_visitor_is_admitted_by_name_and_the_server_was_asked(kiosk: Kiosk, house: Tenant) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    verdict = kiosk.desk.judge(visit.token)
    assert isinstance(verdict, Admit)
    assert verdict.greeting == Greeting("Ada Lovelace", "Grace Hopper", "2.04")
    assert not verdict.decided_offline
    assert "claim" in kiosk.server.requests


def test_what_is_stored_is_signed_sealed_and_complete(kiosk: Kiosk, house: Tenant) -> None:
    """The item opens with the server's key alone and states token, times, mode and clock."""
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    kiosk.clock.pass_s(2)
    verdict = kiosk.desk.judge(visit.token, seen_ms_ago=1500)
    assert isinstance(verdict, Admit)
    (entry,) = kiosk.store.waiting_items(10)
    record = read_record(open_item(base64url_decode(entry.sealed), house.seal_key), kiosk.server.device_key)
    assert record.check_in_id == entry.check_in_id == verdict.check_in_id
    assert record.token == visit.token
    assert (record.mode, record.clock, record.known) == ("online", "sure", True)
    assert record.decided_at_ms - record.scanned_at_ms == 1500


@pytest.mark.parametrize("show", [to_compact, lambda token: f"https://atrium.example/checkin?token={token}"])
def test_every_transport_of_a_code_is_one_code(kiosk: Kiosk, house: Tenant, show) -> None:
    """The visit shown as V1: or as a link was used when it is shown as a token later."""
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    assert isinstance(kiosk.desk.judge(show(visit.token)), Admit)
    assert kiosk.desk.judge(visit.token) == Refuse(Reason.ALREADY_USED)


def test_a_token_presented_a_second_time_is_refused_also_after_a_restart(kiosk: Kiosk, house: Tenant) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    kiosk.server.down = True
    assert isinstance(kiosk.desk.judge(visit.token), Admit)
    assert kiosk.desk.judge(visit.token) == Refuse(Reason.ALREADY_USED)
    kiosk.restart()
    assert kiosk.desk.judge(visit.token) == Refuse(Reason.ALREADY_USED)
    assert kiosk.store.queue_state().waiting == 1


def test_foreign_broken_and_misplaced_codes_each_have_their_reason(kiosk: Kiosk, house: Tenant) -> None:
    token = house.token(house.claims())
    tampered = token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]
    elsewhere = house.token(replace(house.claims(), site=SiteId(short_id())))
    assert kiosk.desk.judge("https://example.com/menu") == Refuse(Reason.NOT_A_VISIT_CODE)
    assert kiosk.desk.judge("eyJhIjox.") == Refuse(Reason.MALFORMED)
    assert kiosk.desk.judge(tampered) == Refuse(Reason.BAD_SIGNATURE)
    assert kiosk.desk.judge(elsewhere) == Refuse(Reason.WRONG_SITE)
    assert kiosk.desk.judge(house.token(house.claims(), SigningKey.generate())) == Refuse(Reason.UNKNOWN_KEY)
    assert kiosk.store.queue_state().waiting == 0


def test_an_early_visitor_reads_the_time_in_the_sites_zone(kiosk: Kiosk, house: Tenant) -> None:
    opens_at = T0_S + 3600
    verdict = kiosk.desk.judge(house.token(house.claims(opens_at, opens_at + 3600)))
    assert verdict == Refuse(Reason.TOO_EARLY, datetime.fromtimestamp(opens_at, ZoneInfo("Europe/Berlin")))
    assert isinstance(verdict, Refuse)
    assert verdict.opens_at is not None
    assert verdict.opens_at.utcoffset() is not None


@pytest.mark.parametrize("name", ["Nowhere/Land", "../../etc/passwd", "\0"])
def test_an_unknown_zone_shows_utc_and_breaks_nothing(kiosk: Kiosk, house: Tenant, name: str) -> None:
    kiosk.server.settings = msgspec.structs.replace(house.configuration(), time_zone=name)
    kiosk.synced()
    verdict = kiosk.desk.judge(house.token(house.claims(T0_S + 3600, T0_S + 7200)))
    assert isinstance(verdict, Refuse)
    assert verdict.opens_at is not None
    assert verdict.opens_at.tzname() == "UTC"


def test_validity_is_judged_when_the_code_was_seen(kiosk: Kiosk, house: Tenant) -> None:
    """A code that ends while the decision is under way still counts, unless the floor has passed its end."""
    token = house.token(house.claims(T0_S - 600, T0_S + 60))
    kiosk.clock.pass_s(61)
    assert kiosk.desk.judge(token) == Refuse(Reason.EXPIRED)


def test_cancelled_and_superseded_visits_are_refused_from_the_feed(kiosk: Kiosk, house: Tenant) -> None:
    cancelled, moved = house.visit(state="cancelled"), house.visit(live_revision=2)
    kiosk.server.feed += [cancelled.entry, moved.entry]
    kiosk.synced()
    kiosk.server.down = True
    assert kiosk.desk.judge(cancelled.token) == Refuse(Reason.CANCELLED)
    assert kiosk.desk.judge(moved.token) == Refuse(Reason.SUPERSEDED)


def test_an_unheard_of_visit_offline_meets_the_sites_policy(kiosk: Kiosk, house: Tenant) -> None:
    first, second = house.visit(), house.visit()
    kiosk.server.down = True
    assert kiosk.desk.judge(first.token) == AskReception(Reason.UNKNOWN_VISIT)
    kiosk.server.down = False
    kiosk.server.settings = msgspec.structs.replace(house.configuration(), unknown_visit="admit")
    kiosk.synced()
    kiosk.server.down = True
    verdict = kiosk.desk.judge(second.token)
    assert isinstance(verdict, Admit)
    assert verdict.greeting is None
    assert verdict.decided_offline


def test_an_unheard_of_visit_online_is_greeted_from_the_claim(kiosk: Kiosk, house: Tenant) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    verdict = kiosk.desk.judge(visit.token)
    assert isinstance(verdict, Admit)
    assert verdict.greeting is not None


def test_a_claim_answered_with_another_visits_entry_greets_nobody(kiosk: Kiosk, house: Tenant) -> None:
    visit, other = house.visit(), house.visit()

    kiosk.server.faults["claim"] = [ClaimAnswer(outcome="granted", entry=other.entry)]
    verdict = kiosk.desk.judge(visit.token)
    assert isinstance(verdict, Admit)
    assert verdict.greeting is None


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("taken", Reason.CONFLICT),
        ("refused", Reason.CONFLICT),
        ("cancelled", Reason.CANCELLED),
        ("superseded", Reason.SUPERSEDED),
    ],
)
def test_a_claim_that_is_not_granted_consumes_nothing(kiosk: Kiosk, house: Tenant, outcome, reason) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()

    kiosk.server.faults["claim"] = [ClaimAnswer(outcome=outcome)]
    assert kiosk.desk.judge(visit.token) == AskReception(reason)
    assert kiosk.store.queue_state().waiting == 0
    assert isinstance(kiosk.desk.judge(visit.token), Admit)


@pytest.mark.parametrize(
    "failure", [Unreachable(NoReply.TIMEOUT), Refused(500), Refused(401, "revoked"), BadAnswer("not_json")]
)
def test_a_claim_without_a_usable_answer_is_silence_and_the_kiosk_decides(kiosk: Kiosk, house, failure) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    kiosk.server.faults["claim"] = [failure]
    verdict = kiosk.desk.judge(visit.token)
    assert isinstance(verdict, Admit)
    assert verdict.decided_offline


def test_a_dead_link_costs_two_visitors_the_wait_and_no_third(kiosk: Kiosk, house: Tenant) -> None:
    visits = [house.visit() for _ in range(3)]
    kiosk.server.feed += [visit.entry for visit in visits]
    kiosk.synced()
    kiosk.server.down = True
    kiosk.server.requests.clear()
    assert all(isinstance(kiosk.desk.judge(visit.token), Admit) for visit in visits)
    assert kiosk.server.requests == ["claim", "claim"]


def test_of_two_online_kiosks_shown_one_code_one_admits(tmp_path, kiosk: Kiosk, house: Tenant) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    (tmp_path / "second").mkdir()
    second = Kiosk(tmp_path / "second", kiosk.server).pair().synced()
    kiosk.synced()
    verdicts = [kiosk.desk.judge(visit.token), second.desk.judge(visit.token)]
    second.store.close()
    assert isinstance(verdicts[0], Admit)
    assert verdicts[1] == AskReception(Reason.CONFLICT)


def test_sealed_details_that_do_not_open_cost_the_name_and_nothing_else(kiosk: Kiosk, house: Tenant) -> None:
    visit, other = house.visit(), house.visit()
    kiosk.server.feed.append(msgspec.structs.replace(visit.entry, sealed=other.entry.sealed))
    kiosk.synced()
    verdict = kiosk.desk.judge(visit.token)
    assert isinstance(verdict, Admit)
    assert verdict.greeting is None


def test_an_unpaired_kiosk_judges_nobody(unpaired: Kiosk, house: Tenant) -> None:
    assert unpaired.desk.judge(house.token(house.claims())) == AskReception(Reason.TRUST_EXPIRED)


def test_a_kiosk_alone_for_too_long_asks_reception(kiosk: Kiosk, house: Tenant) -> None:
    kiosk.server.down = True
    kiosk.clock.pass_s(31 * DAY_S)
    now = T0_S + 31 * DAY_S
    assert kiosk.desk.judge(house.token(house.claims(now - 60, now + 60))) == AskReception(Reason.TRUST_EXPIRED)


def test_an_unknown_key_under_a_day_old_bundle_is_no_refusal(kiosk: Kiosk, house: Tenant) -> None:
    kiosk.clock.pass_s(DAY_S)
    token = house.token(house.claims(), SigningKey.generate())
    assert kiosk.desk.judge(token) == AskReception(Reason.UNKNOWN_KEY)


def test_a_stale_feed_asks_reception_where_the_site_limits_it(kiosk: Kiosk, house: Tenant) -> None:
    visit = house.visit(house.claims(T0_S, T0_S + DAY_S))
    kiosk.server.feed.append(visit.entry)
    kiosk.server.settings = msgspec.structs.replace(house.configuration(), greatest_feed_age_s=3600)
    kiosk.synced()
    kiosk.clock.pass_s(3601)
    kiosk.server.down = True
    assert kiosk.desk.judge(visit.token) == AskReception(Reason.TRUST_EXPIRED)
    kiosk.server.down = False
    assert isinstance(kiosk.desk.judge(visit.token), Admit)


def test_a_clock_that_jumped_admits_nobody_until_the_server_told_the_time(kiosk: Kiosk, house: Tenant) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    kiosk.clock.set_wall_s(T0_S + 600)
    assert kiosk.desk.judge(visit.token) == AskReception(Reason.CLOCK_SUSPECT)
    kiosk.synced()
    assert isinstance(kiosk.desk.judge(visit.token), Admit)


def test_after_a_reboot_offline_the_clock_is_plausible_and_the_item_says_so(kiosk: Kiosk, house: Tenant) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    kiosk.server.down = True
    kiosk.clock.reboot()
    kiosk.restart()
    assert isinstance(kiosk.desk.judge(visit.token), Admit)
    (entry,) = kiosk.store.waiting_items(1)
    record = read_record(open_item(base64url_decode(entry.sealed), house.seal_key), kiosk.server.device_key)
    assert record.clock == "plausible"


def test_a_code_that_ended_before_the_floor_is_over_whatever_the_clock_says(kiosk: Kiosk, house: Tenant) -> None:
    """The wall clock is set back after a reboot to bring an old code to life: reception, and never a green."""
    visit = house.visit(house.claims(T0_S, T0_S + 60))
    kiosk.server.feed.append(visit.entry)
    kiosk.server.now_ms += 600_000
    kiosk.clock.pass_s(600)
    kiosk.synced()
    kiosk.clock.reboot()
    kiosk.clock.set_wall_s(T0_S + 30)
    kiosk.restart()
    kiosk.server.down = True
    assert kiosk.desk.judge(visit.token) == AskReception(Reason.CLOCK_SUSPECT)


def test_a_store_that_cannot_be_written_sends_to_reception_and_nothing_is_lost(kiosk: Kiosk, house, tmp_path) -> None:
    """Held by another writer for longer than we wait: no green, no row, and a green once it is free again."""
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    kiosk.store._database._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert kiosk.desk.judge(visit.token) == AskReception(Reason.STORE_UNAVAILABLE)
    other.execute("ROLLBACK")
    other.close()
    assert isinstance(kiosk.desk.judge(visit.token), Admit)


def test_a_store_that_cannot_be_read_sends_to_reception(kiosk: Kiosk, house: Tenant, tmp_path) -> None:
    visit = house.visit()
    kiosk.store._database._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    kiosk.store._database._connection.close()
    other.close()
    (tmp_path / "data" / FILE_NAME).write_bytes(b"no database" * 1000)
    kiosk.store._database._connection = sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)
    assert kiosk.desk.judge(visit.token) == AskReception(Reason.STORE_UNAVAILABLE)


def test_a_bundle_without_a_seal_key_admits_nobody(kiosk: Kiosk, house: Tenant) -> None:
    """What could not be handed over must not be promised."""
    document = house.bundle_document(2)
    without = msgspec.structs.replace(document, keys=tuple(key for key in document.keys if key.purpose != "seal"))
    kiosk.server.bundle = house.sign(without)
    kiosk.synced()
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    assert kiosk.desk.judge(visit.token) == AskReception(Reason.TRUST_EXPIRED)


def test_a_device_key_that_is_gone_or_another_admits_nobody(kiosk: Kiosk, house: Tenant, tmp_path) -> None:
    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.synced()
    (tmp_path / "keys" / "device.key").unlink()
    assert kiosk.desk.judge(visit.token) == AskReception(Reason.STORE_UNAVAILABLE)
    kiosk.vault.make()
    assert kiosk.desk.judge(visit.token) == AskReception(Reason.STORE_UNAVAILABLE)
    assert kiosk.store.queue_state().waiting == 0


def test_a_store_that_fails_between_two_looks_sends_to_reception(kiosk: Kiosk, house: Tenant) -> None:
    class Stumbling(KioskStore):
        def look_up(self, _digest: VisitDigest) -> VisitLookup:
            raise StoreError(StoreFault.DISK)

    visit = house.visit()
    kiosk.store = Stumbling(kiosk.store._database)
    assert kiosk.new_desk(kiosk.server).judge(visit.token) == AskReception(Reason.STORE_UNAVAILABLE)


def test_a_visit_without_details_is_welcome_without_a_name(kiosk: Kiosk, house: Tenant) -> None:
    visit = house.visit()
    kiosk.server.feed.append(msgspec.structs.replace(visit.entry, sealed=None))
    verdict = kiosk.desk.judge(visit.token)
    assert isinstance(verdict, Admit)
    assert verdict.greeting is None


def test_a_decision_that_decides_nothing_lets_nobody_in(kiosk: Kiosk) -> None:
    identity = kiosk.store.load_identity()
    assert identity is not None
    assert _say_no(AskServer(), identity) == AskReception(Reason.CONFLICT)


def test_a_visit_consumed_while_it_was_being_judged_is_refused(kiosk: Kiosk, house: Tenant) -> None:
    """Two desks over one store: whoever commits second finds the visit used, whatever it decided before."""

    class Late(KioskStore):
        def commit_check_in(self, draft: CheckInDraft) -> bool:
            assert super().commit_check_in(replace(draft, check_in_id=uuid7(1, bytes(10))))
            return super().commit_check_in(draft)

    visit = house.visit()
    kiosk.server.feed.append(visit.entry)
    kiosk.store = Late(kiosk.store._database)
    assert kiosk.new_desk(kiosk.server).judge(visit.token) == Refuse(Reason.ALREADY_USED)
    assert kiosk.store.queue_state().waiting == 1
