"""The main job between the real kiosk services and the real server: pair, scan, admit, lose the network, sync."""

from collections.abc import Callable

from kiosk_app.core.journey_screens import PairingTroubleKind
from kiosk_app.core.server_answers import Unreachable
from kiosk_app.core.verdict import Admit, AskReception, Refuse
from kiosk_app.services.enrolment import EnrolmentFailed
from kiosk_protocol.reasons import Reason
from tests.integration.conftest import RealKiosk
from tests.integration.real_server import RealServer

NewKiosk = Callable[..., RealKiosk]


def window(server: RealServer, site: str) -> dict:
    return server.command("kiosk", "window", "--site", site)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_wrong_digits_are_refused_and_right_ones_pair(server: RealServer, site: str, new_kiosk: NewKiosk) -> None:
    kiosk, opened = new_kiosk(), window(server, site)
    refused = kiosk.household.enrolment(kiosk.store).pair(opened["setupCode"], wrong(opened["code"]))
    assert isinstance(refused, EnrolmentFailed)
    assert refused.kind is PairingTroubleKind.WRONG_DIGITS
    kiosk.pair(opened)
    identity = kiosk.store.load_identity()
    assert identity is not None
    assert identity.site == site
    assert identity.ca_certificate is not None
    assert not kiosk.sync().failures


def test_a_lost_answer_to_confirm_pairs_all_the_same(server: RealServer, site: str, new_kiosk: NewKiosk) -> None:
    kiosk = new_kiosk(lossy=True)
    assert kiosk.transport is not None
    kiosk.transport.lose = ["/confirm"]
    kiosk.pair(window(server, site))
    assert not kiosk.sync().failures


def test_a_visitor_is_admitted_by_name_and_only_once(server: RealServer, site: str, new_kiosk: NewKiosk) -> None:
    kiosk = new_kiosk().pair(window(server, site))
    visit = server.register(site)
    assert not kiosk.sync().failures
    verdict = kiosk.desk.judge(visit["code"])
    assert isinstance(verdict, Admit)
    assert verdict.greeting is not None
    assert verdict.greeting.visitor_name == "Ada Lovelace"
    assert not verdict.decided_offline
    assert kiosk.desk.judge(visit["token"]) == Refuse(Reason.ALREADY_USED)
    assert kiosk.sync().queue.waiting == 0
    assert server.command("visit", "show", visit["visitId"])["visit"]["state"] == "checked_in"


def test_an_outage_changes_nothing_at_the_door_and_the_queue_drains_after_it(server, site, new_kiosk: NewKiosk) -> None:
    kiosk = new_kiosk(lossy=True).pair(window(server, site))
    assert kiosk.transport is not None
    known = server.register(site)
    assert not kiosk.sync().failures
    unheard_of = server.register(site, "Grace Hopper")
    kiosk.transport.cut = True
    verdict = kiosk.desk.judge(known["token"])
    assert isinstance(verdict, Admit)
    assert verdict.decided_offline
    assert kiosk.desk.judge(unheard_of["token"]) == AskReception(Reason.UNKNOWN_VISIT)
    assert kiosk.sync().queue.waiting == 1
    kiosk.transport.cut = False
    kiosk.transport.lose = ["/check-ins"]
    lost = kiosk.sync()
    assert isinstance(lost.failures["outbox"], Unreachable)
    assert lost.queue.waiting == 1
    assert kiosk.sync().queue.waiting == 0
    shown = server.command("visit", "show", known["visitId"])
    assert len(shown["checkIns"]) == 1
    assert shown["checkIns"][0]["decidedOffline"]


def test_of_two_online_kiosks_one_admits(server: RealServer, site: str, new_kiosk: NewKiosk) -> None:
    kiosks = [new_kiosk().pair(window(server, site)) for _ in range(2)]
    visit = server.register(site)
    for kiosk in kiosks:
        kiosk.sync()
    verdicts = [kiosk.desk.judge(visit["token"]) for kiosk in kiosks]
    assert isinstance(verdicts[0], Admit)
    assert verdicts[1] == AskReception(Reason.CONFLICT)


def test_two_offline_kiosks_both_admit_and_the_server_flags_both(server, site, new_kiosk: NewKiosk) -> None:
    kiosks = [new_kiosk(lossy=True).pair(window(server, site)) for _ in range(2)]
    visit = server.register(site)
    for kiosk in kiosks:
        kiosk.sync()
        assert kiosk.transport is not None
        kiosk.transport.cut = True
    assert all(isinstance(kiosk.desk.judge(visit["token"]), Admit) for kiosk in kiosks)
    for kiosk in kiosks:
        assert kiosk.transport is not None
        kiosk.transport.cut = False
        kiosk.sync()
        assert kiosk.sync().queue.waiting == 0
    check_ins = server.command("visit", "show", visit["visitId"])["checkIns"]
    assert len(check_ins) == 2
    assert all(check_in["flags"] for check_in in check_ins)


def test_a_cancelled_visit_is_refused_from_the_feed(server: RealServer, site: str, new_kiosk: NewKiosk) -> None:
    kiosk = new_kiosk(lossy=True).pair(window(server, site))
    assert kiosk.transport is not None
    visit = server.register(site)
    kiosk.sync()
    server.command("visit", "cancel", visit["visitId"])
    assert kiosk.desk.judge(visit["token"]) == AskReception(Reason.CANCELLED)
    kiosk.sync()
    kiosk.transport.cut = True
    assert kiosk.desk.judge(visit["token"]) == Refuse(Reason.CANCELLED)


def test_a_revoked_kiosk_erases_what_can_be_read_and_another_goes_on(server: RealServer, new_kiosk: NewKiosk) -> None:
    """By the server's own signed word; staff see how the other one is."""
    # A site of its own: the other one's windows of the day are counted.
    site = str(server.command("site", "create", "--name", "Annexe", "--time-zone", "Europe/Vienna")["siteId"])
    kiosk, other = new_kiosk().pair(window(server, site)), new_kiosk().pair(window(server, site))
    identity, staying = kiosk.store.load_identity(), other.store.load_identity()
    assert identity is not None
    assert staying is not None
    assert not kiosk.sync().failures
    server.command("kiosk", "revoke", identity.device)
    assert kiosk.sync().revoked
    assert kiosk.store.load_identity() is None
    assert kiosk.store.feed_complete_at_ms() is None
    assert not other.sync().failures
    listed = {entry["id"]: entry for entry in server.command("kiosk", "list")["kiosks"]}
    assert listed[staying.device]["health"]["clock"] == "sure"
    assert listed[staying.device]["offlineSince"] is None
    assert listed[identity.device]["revokedAt"] is not None
