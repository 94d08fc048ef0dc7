"""What the workers open, on the real store, with a server that answers over a wire of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk_app.bootstrap.adapters import StoreDesk, StoreNetwork, open_camera
from kiosk_app.bootstrap.household import Household, site_of
from kiosk_app.bootstrap.workers import Backstage
from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.lookout import Lookout
from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.journey import (
    Language,
    PairingRefused,
    PairingSucceeded,
    PairingTroubleKind,
    PairingUnreachable,
)
from kiosk_app.core.server_answers import BadAnswer, Refused, Unreachable
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.verdict import Admit
from kiosk_app.paths import Paths
from kiosk_app.settings import RunSettings
from kiosk_app.system_clock import SystemClock
from kiosk_protocol.messages import (
    API_ROOT,
    Batch,
    ClaimQuestion,
    ConfirmPairing,
    Envelope,
    ErrorBody,
    Heartbeat,
    Message,
    RevokedBody,
    StartPairing,
    TimeQuestion,
    decode,
    encode,
)
from tests.kiosk_app.server_api.test_exchange import Wire
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import Tenant, long_id


class Answering:
    """Speaks HTTP for a simulated server."""

    def __init__(self, server: SimulatedServer) -> None:
        self.server = server

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self._route(request)
        if isinstance(answer, Unreachable):
            raise httpx.ConnectError("down", request=request)
        if isinstance(answer, Refused):
            body: Message = ErrorBody(error=answer.error, message=".")
            if answer.revocation is not None:
                body = RevokedBody(error="device_revoked", message=".", revocation=answer.revocation)
            return httpx.Response(answer.status, content=encode(body))
        if isinstance(answer, BadAnswer):
            return httpx.Response(200, content=b"?")
        return httpx.Response(200, content=encode(answer))

    def _route(self, request: httpx.Request) -> Message | Unreachable | Refused | BadAnswer:
        server, body, query = self.server, request.content, request.url.params
        pairing = f"{API_ROOT}/pairing/example/{server.house.site}"
        routes: dict[str, Callable[[], Message | Unreachable | Refused | BadAnswer]] = {
            f"{pairing}/start": lambda: server.start(decode(body, StartPairing)),
            f"{pairing}/confirm": lambda: server.confirm(decode(body, ConfirmPairing)),
            f"{API_ROOT}/kiosk/time": lambda: server.time(decode(body, TimeQuestion)),
            f"{API_ROOT}/kiosk/trust": server.trust,
            f"{API_ROOT}/kiosk/configuration": server.configuration,
            f"{API_ROOT}/kiosk/visits": lambda: server.visits(query.get("epoch"), int(query["cursor"])),
            f"{API_ROOT}/kiosk/check-ins": lambda: server.check_in(decode(body, Batch)),
            f"{API_ROOT}/kiosk/handover": lambda: server.hand_over(decode(body, Envelope)),
            f"{API_ROOT}/kiosk/heartbeat": lambda: server.heartbeat(decode(body, Heartbeat)),
            f"{API_ROOT}/kiosk/claims": lambda: server.claim(decode(body, ClaimQuestion)),
        }
        return routes[request.url.path]()


@pytest.fixture
def near(house: Tenant) -> SimulatedServer:
    """A server of today."""
    reading: ClockReading = SystemClock().read()
    return SimulatedServer(
        house, now_ms=reading.wall_ms, bundle=house.bundle(issued_at=reading.wall_ms // 1000 - 60), page_size=50
    )


@pytest.fixture
def household(tmp_path: Path, near: SimulatedServer) -> Household:
    (tmp_path / "data").mkdir()
    return Household(Paths(tmp_path / "data", tmp_path / "keys"), 0, Wire(Answering(near)))


@pytest.fixture
def network(household: Household) -> Iterator[StoreNetwork]:
    opened = StoreNetwork(household)
    yield opened
    opened.close()


@pytest.fixture
def desk(household: Household, network: StoreNetwork) -> Iterator[StoreDesk]:
    opened = StoreDesk(household)
    yield opened
    opened.close()


def test_an_unpaired_kiosk_has_no_site_and_its_rounds_ask_nothing(network, desk: StoreDesk, near) -> None:
    report = network.run_round(full=True, camera="ok")
    assert (report.site, report.failure, desk.site()) == (None, None, None)
    assert near.requests == []


def test_pair_sync_admit_over_the_wire(network: StoreNetwork, desk: StoreDesk, near, house: Tenant) -> None:
    succeeded = network.pair(near.setup_code, near.digits)
    assert isinstance(succeeded, PairingSucceeded)
    assert succeeded.site.site_name == "Main house"
    now_s = near.now_ms // 1000
    visit = house.visit(house.claims(now_s - 600, now_s + 7200))
    near.feed.append(visit.entry)
    report = network.run_round(full=True, camera="ok")
    assert (report.site, report.failure) == (succeeded.site, None)
    verdict = desk.judge(visit.token, 0)
    assert isinstance(verdict, Admit)
    assert not verdict.decided_offline
    queue, link = network.look()
    assert (queue.waiting, link.online) == (1, True)
    assert network.run_round(full=False, camera="ok").queue.waiting == 0
    network.tidy()
    assert desk.site() == succeeded.site
    assert 0 <= network.random_unit() < 1


def test_a_restarted_desk_can_claim_before_the_first_round(network, household, near, house: Tenant) -> None:
    network.pair(near.setup_code, near.digits)
    household.shared.live.close()
    now_s = near.now_ms // 1000
    visit = house.visit(house.claims(now_s - 600, now_s + 7200))
    near.feed.append(visit.entry)
    desk = StoreDesk(household)
    verdict = desk.judge(visit.token, 0)
    desk.close()
    assert isinstance(verdict, Admit)
    assert not verdict.decided_offline


def test_without_a_connection_a_claim_is_silence(household: Household, network: StoreNetwork) -> None:
    assert isinstance(household.shared.live.claim(ClaimQuestion(check_in_id="x", token="x" * 40)), Unreachable)


def test_a_refused_and_an_unreachable_pairing_are_told_apart(network: StoreNetwork, near) -> None:
    wrong = network.pair(near.setup_code, "999999")
    assert wrong == PairingRefused(PairingTroubleKind.WRONG_DIGITS, 4, StaffCode.SERVER_REFUSES_KIOSK)
    near.down = True
    assert network.pair(near.setup_code, "999999") == PairingUnreachable(StaffCode.SERVER_UNREACHABLE)


def test_a_failed_round_tells_its_first_failure(network: StoreNetwork, near) -> None:
    network.pair(near.setup_code, near.digits)
    near.faults["trust"] = [Refused(500, "x")]
    near.faults["visits"] = [BadAnswer("x")]
    failure = network.run_round(full=True, camera="ok").failure
    assert failure is not None
    assert failure[0] == "trust"


def test_rounds_hand_over_what_a_former_pairing_left_also_while_unpaired(
    network: StoreNetwork, desk: StoreDesk, household: Household, near, house: Tenant
) -> None:
    """Revoked while nobody takes it: said with how many wait, and handed over by a later full round."""
    network.pair(near.setup_code, near.digits)
    now_s = near.now_ms // 1000
    visit = house.visit(house.claims(now_s - 600, now_s + 7200))
    near.feed.append(visit.entry)
    network.run_round(full=True, camera="ok")
    near.down = True
    assert isinstance(desk.judge(visit.token, 0), Admit)
    near.down = False
    near.faults["handover"] = [Refused(429, "quarantine_full")]
    near.faults["check_in"] = [Refused(401, "device_revoked", None, house.revocation(near.device, near.device_key))]
    report = network.run_round(full=True, camera="ok")
    assert (report.revoked, report.sealed, report.queue.unsent) == (True, 1, 0)
    lost = desk.lost()
    assert lost is not None
    assert lost.sealed == 1
    network.run_round(full=False, camera="ok")
    assert near.handed_over == []
    network.run_round(full=True, camera="ok")
    assert len(near.handed_over) == 1
    assert household.former.all() == []
    again = desk.lost()
    assert again is not None
    assert again.sealed == 0


def test_rounds_of_a_new_pairing_hand_over_what_the_former_one_left(
    network: StoreNetwork, household: Household, desk: StoreDesk, near, house: Tenant
) -> None:
    network.pair(near.setup_code, near.digits)
    now_s = near.now_ms // 1000
    visit = house.visit(house.claims(now_s - 600, now_s + 7200))
    near.feed.append(visit.entry)
    network.run_round(full=True, camera="ok")
    near.down = True
    desk.judge(visit.token, 0)
    network.unpair(keep_aside=True)
    near.down = False
    near.device = long_id()
    network.pair(near.setup_code, near.digits)
    assert network.run_round(full=True, camera="ok").failure is None
    assert (len(near.handed_over), household.former.all()) == (1, [])


def test_the_sites_first_language_that_the_kiosk_speaks_leads(house: Tenant) -> None:
    for tags, language in ((("xx", "de", "en"), Language.GERMAN), (("xx",), None), ((), None)):
        settings = msgspec.structs.replace(house.configuration(), languages=tags)
        assert site_of(settings).language is language


def test_a_camera_is_named_by_its_line_and_its_trouble_has_a_code(tmp_path: Path) -> None:
    parts = open_camera("none")
    assert parts.lookout.read() is None
    assert parts.trouble(CameraError(StaffCode.CAMERA_BUSY, "x")) is StaffCode.CAMERA_BUSY
    assert parts.trouble(ValueError()) is None
    with pytest.raises(CameraError):
        open_camera("nonsense")


def test_without_a_preview_no_picture_is_asked_for(qapp, tmp_path: Path) -> None:
    """What staff told the kiosk reaches the camera's process."""
    for preview in (True, False):
        settings = RunSettings(Paths(tmp_path, tmp_path), 0, f"folder:{tmp_path}", "", None, None, preview)
        lookout = Backstage(settings)._open_camera().lookout
        assert isinstance(lookout, Lookout)
        assert lookout.shows_pictures is preview


def test_backstage_builds_each_part_once_and_knows_the_time(qapp, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    paths = Paths(tmp_path / "data", tmp_path / "keys")
    backstage = Backstage(RunSettings(paths, 0, "none", "", None, None))
    before = backstage.now()
    desk, network = backstage._open_desk(), backstage._open_network()
    assert backstage._house() is backstage._house()
    assert (backstage.now() - before).total_seconds() < 60
    assert backstage._open_camera().lookout.read() is None
    desk.close()
    network.close()


def test_sharing_needs_an_open_store(tmp_path: Path) -> None:
    household = Household(Paths(tmp_path / "d", tmp_path / "k"), 0)
    assert not household.is_open
    with pytest.raises(AssertionError):
        _ = household.shared
