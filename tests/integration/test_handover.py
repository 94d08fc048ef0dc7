"""What waits in a kiosk that is one no more reaches the real server's quarantine, over real TLS, and leaves nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from kiosk_app.core.server_answers import NoReply, Refused, Unreachable
from kiosk_app.core.verdict import Admit
from kiosk_app.server_api.former_server import FormerDoor
from kiosk_app.services.handover import Handover, HandoverTools
from kiosk_app.services.unpairing import unpair
from tests.integration.conftest import RealKiosk
from tests.integration.real_server import RealServer

NewKiosk = Callable[..., RealKiosk]


@pytest.fixture(scope="module")
def yard(server: RealServer) -> str:
    """Return a site of this file's own: a site's pairing windows of the day are counted."""
    return str(server.command("site", "create", "--name", "Yard", "--time-zone", "Europe/Vienna")["siteId"])


def paired(server: RealServer, site: str, kiosk: RealKiosk) -> str:
    """Pair and return the device."""
    kiosk.pair(server.command("kiosk", "window", "--site", site))
    identity = kiosk.store.load_identity()
    assert identity is not None
    return str(identity.device)


def admitted(server: RealServer, site: str, kiosk: RealKiosk, *names: str) -> list[dict[str, Any]]:
    """Admit visitors while the network is away; return their visits."""
    assert kiosk.transport is not None
    visits = [server.register(site, name) for name in names]
    assert not kiosk.sync().failures
    kiosk.transport.cut = True
    assert all(isinstance(kiosk.desk.judge(visit["code"]), Admit) for visit in visits)
    kiosk.transport.cut = False
    return visits


def revoked(server: RealServer, kiosk: RealKiosk, device: str) -> None:
    server.command("kiosk", "revoke", device)
    assert kiosk.sync().revoked


def hand_over(kiosk: RealKiosk) -> object:
    return kiosk.household.handover(kiosk.store).run()


def quarantine(server: RealServer, device: str) -> list[dict[str, Any]]:
    return list(server.command("kiosk", "handover", "list", "--kiosk", device)["items"])


def files_of(kiosk: RealKiosk) -> dict[Path, bytes]:
    folder = Path(kiosk.household.data_folder).parent
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_revoked_kiosks_items_come_into_quarantine_and_nothing_stays(server, yard: str, new_kiosk: NewKiosk) -> None:
    """Lost answers on the way; the visits change when an operator accepts them, and not before."""
    kiosk = new_kiosk(lossy=True)
    device = paired(server, yard, kiosk)
    visits = admitted(server, yard, kiosk, "Ada Lovelace", "Grace Hopper")
    token = kiosk.store.load_identity().device_token.encode()
    revoked(server, kiosk, device)
    assert kiosk.household.former.unsent() == 2
    kiosk.transport.lose, kiosk.transport.spare_refusals = ["/kiosk/handover"] * 2, True
    for _ in range(2):
        assert hand_over(kiosk) == Unreachable(NoReply.TIMEOUT)
        assert kiosk.household.former.unsent() == 2
    assert hand_over(kiosk) is None
    assert kiosk.household.former.all() == []
    left = files_of(kiosk)
    assert not [path for path in left if "kept" in path.parts]
    readable = [token, b"Yard", b"Ada Lovelace", *(visit["token"].encode() for visit in visits)]
    assert not [(path, trace) for path, content in left.items() for trace in readable if trace in content]
    assert hand_over(kiosk) is None
    held = quarantine(server, device)
    assert [item["state"] for item in held] == ["waiting", "waiting"]
    shown = server.command("kiosk", "handover", "show", "--kiosk", device)["items"]
    assert {item["visitId"]: item["finding"] for item in shown} == {visit["visitId"]: "genuine" for visit in visits}
    taken, left_out = (item["checkInId"] for item in held)
    accepted = server.command("kiosk", "handover", "accept", "--kiosk", device, "--check-in", taken)["items"]
    assert [(item["checkInId"], item["outcome"]) for item in accepted] == [(taken, "accepted")]
    server.command("kiosk", "handover", "discard", "--kiosk", device)
    assert {item["checkInId"]: item["state"] for item in quarantine(server, device)} == {
        taken: "accepted",
        left_out: "discarded",
    }
    states = [server.command("visit", "show", visit["visitId"])["visit"]["state"] for visit in visits]
    assert sorted(states) == ["checked_in", "pre_registered"]


def test_kept_items_of_an_unpaired_kiosk_go_by_the_former_key_after_a_new_pairing(
    server: RealServer, yard: str, new_kiosk: NewKiosk
) -> None:
    """The new pairing's own item waits and is delivered as ever."""
    kiosk = new_kiosk(lossy=True)
    former = paired(server, yard, kiosk)
    admitted(server, yard, kiosk, "Ada Lovelace")
    unpair(kiosk.household.unpairing(kiosk.store), keep_aside=True)
    kiosk.household.shared.live.close()
    paired(server, yard, kiosk)
    (visit,) = admitted(server, yard, kiosk, "Grace Hopper")
    assert hand_over(kiosk) is None
    assert kiosk.household.former.all() == []
    assert not kiosk.sync().failures
    assert len(quarantine(server, former)) == 1
    assert server.command("visit", "show", visit["visitId"])["visit"]["state"] == "checked_in"


def test_a_check_in_whose_answer_was_lost_is_no_second_one(server: RealServer, yard: str, new_kiosk: NewKiosk) -> None:
    """It arrived before the revocation: acknowledged, and not put into quarantine."""
    kiosk = new_kiosk(lossy=True)
    device = paired(server, yard, kiosk)
    (visit,) = admitted(server, yard, kiosk, "Ada Lovelace")
    kiosk.transport.lose = ["/kiosk/check-ins"]
    kiosk.sync()
    assert kiosk.store.queue_state().waiting == 1
    revoked(server, kiosk, device)
    assert hand_over(kiosk) is None
    assert kiosk.household.former.all() == []
    assert quarantine(server, device) == []
    assert len(server.command("visit", "show", visit["visitId"])["checkIns"]) == 1


def test_neither_another_key_nor_another_certificate_moves_anything(server, yard: str, new_kiosk: NewKiosk) -> None:
    """A thief with the items and a key of their own; and trust is that of the former pairing, whatever came later."""
    kiosk = new_kiosk(lossy=True)
    device = paired(server, yard, kiosk)
    admitted(server, yard, kiosk, "Ada Lovelace")
    revoked(server, kiosk, device)
    (former,) = kiosk.household.former.all()
    assert former.ca_certificate is not None
    door = FormerDoor("0.1.0", None)
    forged = door(former, SigningKey.generate())
    assert forged.hand_over(kiosk.household.former.waiting(former.name, 9)) == Refused(401, "handover_refused")
    forged.close()
    stores = (kiosk.household.former, kiosk.household.vault, kiosk.store)
    stranger = HandoverTools(*stores, lambda found, key: door(replace(found, ca_certificate=None), key))
    assert Handover(stranger).run() == Unreachable(NoReply.NOT_TRUSTED)
    assert kiosk.household.former.unsent() == 1
    assert quarantine(server, device) == []
    assert Handover(HandoverTools(*stores, door)).run() is None
    assert kiosk.household.former.all() == []
