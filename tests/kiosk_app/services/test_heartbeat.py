"""Heartbeats: when they go out and what they say."""

import pytest

from kiosk_app.core.server_answers import NoReply, Refused, Unreachable
from kiosk_protocol.messages import Heartbeat
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.services.test_sync_cycle import admit
from tests.kiosk_app.tenant import DAY_S, T0_S, Tenant


def beats(kiosk: Kiosk, camera: str = "off") -> int:
    """Do a short round and return how many heartbeats it sent."""
    before = kiosk.server.requests.count("heartbeat")
    kiosk.sync.run(kiosk.server, full=False, camera=camera)
    return kiosk.server.requests.count("heartbeat") - before


def test_a_heartbeat_goes_out_once_a_minute(kiosk: Kiosk) -> None:
    """With the first round after the start, and then a minute after the last one."""
    assert len(kiosk.server.heartbeats) == 1
    assert beats(kiosk) == 0
    kiosk.clock.pass_s(59)
    assert beats(kiosk) == 0
    kiosk.clock.pass_s(1)
    assert [beats(kiosk), beats(kiosk)] == [1, 0]


def test_setting_the_wall_clock_neither_hurries_nor_stops_it(kiosk: Kiosk) -> None:
    kiosk.clock.set_wall_s(T0_S + 60)
    assert beats(kiosk) == 0
    kiosk.clock.set_wall_s(T0_S)
    kiosk.clock.pass_s(60)
    assert beats(kiosk) == 1


def test_a_change_of_the_camera_is_told_at_once(kiosk: Kiosk) -> None:
    assert [beats(kiosk, "ok"), beats(kiosk, "ok"), beats(kiosk, "CAM-2")] == [1, 0, 1]
    assert [heartbeat.camera for heartbeat in kiosk.server.heartbeats] == ["off", "ok", "CAM-2"]


def test_a_change_of_the_clock_is_told_at_once(kiosk: Kiosk) -> None:
    """After a restart of the machine the time is no longer sure until it was asked for."""
    kiosk.clock.reboot()
    kiosk.server.faults["time"] = [Refused(503)]
    assert beats(kiosk) == 1
    assert beats(kiosk) == 1
    assert [heartbeat.clock for heartbeat in kiosk.server.heartbeats] == ["sure", "plausible", "sure"]


def test_an_emptied_queue_is_told_at_once(kiosk: Kiosk, house: Tenant) -> None:
    """Nobody shall worry for a minute about records that have long arrived."""
    ids = admit(kiosk, house, 1)
    kiosk.server.choke_on[ids[0]] = Refused(503)
    assert [beats(kiosk), beats(kiosk)] == [1, 0]
    del kiosk.server.choke_on[ids[0]]
    kiosk.clock.pass_s(30)
    assert [beats(kiosk), beats(kiosk)] == [1, 0]
    assert [heartbeat.waiting for heartbeat in kiosk.server.heartbeats] == [0, 1, 0]


def test_it_says_how_the_kiosk_is_after_the_round(kiosk: Kiosk, house: Tenant) -> None:
    """What was handed over in this round waits no more; what cannot be handed over does."""
    ids = admit(kiosk, house, 2)
    kiosk.server.choke_on[ids[1]] = Refused(503)
    kiosk.clock.pass_s(60)
    kiosk.sync.run(kiosk.server, camera="ok")
    assert kiosk.server.heartbeats[-1] == Heartbeat(
        app_version="0.1.0",
        waiting=1,
        parked=0,
        oldest_waiting_ms=T0_S * 1000,
        clock="sure",
        trust_version=1,
        trust_issued_at=T0_S - 3600,
        feed_at_ms=(T0_S + 60) * 1000,
        camera="ok",
        token_expires=T0_S + 365 * DAY_S,
    )


def test_without_an_answer_it_is_tried_again(kiosk: Kiosk) -> None:
    kiosk.clock.pass_s(60)
    kiosk.server.faults["heartbeat"] = [Unreachable(NoReply.TIMEOUT)]
    assert [beats(kiosk), beats(kiosk), beats(kiosk)] == [1, 1, 0]


@pytest.mark.parametrize("refusal", [Refused(404), Refused(403), Refused(500)])
def test_a_server_that_refuses_heartbeats_is_asked_once_a_minute(kiosk: Kiosk, refusal: Refused) -> None:
    """An older server knows none; check-ins and feed do not suffer for it."""
    kiosk.clock.pass_s(60)
    kiosk.server.faults["heartbeat"] = [refusal]
    report = kiosk.sync.run(kiosk.server)
    assert report.failures == {"heartbeat": refusal}
    assert beats(kiosk) == 0
