"""Heartbeats: the newest word of each kiosk, who is offline, and what is refused."""

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from kiosk_protocol.messages import API_ROOT, Heartbeat, encode
from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import to_milliseconds, to_seconds
from tests.kiosk_server.support import START, World

WELL = Heartbeat(
    app_version="0.1.0",
    waiting=3,
    parked=1,
    oldest_waiting_ms=to_milliseconds(START),
    clock="sure",
    trust_version=7,
    trust_issued_at=to_seconds(START),
    feed_at_ms=None,
    camera="ok",
    token_expires=to_seconds(START),
)


def listed(world: World) -> list[dict[str, Any]]:
    path = f"{API_ROOT}/sites/{world.site.id}/kiosks"
    return list(world.client.get(path, headers=world.headers(Role.INSTALLER)).json()["kiosks"])


def test_the_newest_word_is_kept_and_shown(world: World) -> None:
    """The answer is an empty object; a later heartbeat takes the earlier one's place."""
    kiosk = world.kiosk()
    assert listed(world)[0]["health"] is None
    answer = kiosk.ask("POST", "/kiosk/heartbeat", WELL)
    assert (answer.status_code, answer.content) == (200, b"{}")
    world.clock.advance(seconds=61)
    kiosk.ask("POST", "/kiosk/heartbeat", replace(WELL, waiting=0, oldest_waiting_ms=None, camera="CAM-2"))
    assert listed(world)[0]["health"] == {
        "receivedAt": "2026-03-02T08:31:01Z",
        "appVersion": "0.1.0",
        "waiting": 0,
        "parked": 1,
        "oldestWaitingAt": None,
        "clock": "sure",
        "trustVersion": 7,
        "trustIssuedAt": "2026-03-02T08:30:00Z",
        "feedAt": None,
        "camera": "CAM-2",
    }


def test_a_kiosk_is_offline_after_more_than_three_minutes_of_silence(world: World) -> None:
    """Since its last word; a revoked one is not offline, it is gone."""
    kiosk = world.kiosk()
    kiosk.ask("POST", "/kiosk/heartbeat", WELL)
    world.clock.advance(minutes=3)
    assert listed(world)[0]["offlineSince"] is None
    world.clock.advance(seconds=1)
    assert listed(world)[0]["offlineSince"] == "2026-03-02T08:30:00Z"
    kiosk.ask("POST", "/kiosk/heartbeat", WELL)
    assert listed(world)[0]["offlineSince"] is None
    world.clock.advance(minutes=9)
    path = f"{API_ROOT}/kiosks/{kiosk.device_id}/revoke"
    assert world.client.post(path, headers=world.headers(Role.INSTALLER)).json()["offlineSince"] is None


def test_an_operator_says_which_silence_counts(world: World) -> None:
    """A kiosk that calls all the time never looks silent: contacts are noted three times as finely."""
    watchful = World(
        dataclasses.replace(world.house, offline_after=timedelta(seconds=30)),
        world.clock,
        world.tenant,
        world.site,
        world.other_site,
    )
    kiosk = watchful.kiosk()
    for _ in range(12):
        watchful.clock.advance(seconds=9)
        assert listed(watchful)[0]["offlineSince"] is None
        assert kiosk.ask("POST", "/kiosk/heartbeat", WELL).status_code == 200
    watchful.clock.advance(seconds=31)
    assert listed(watchful)[0]["offlineSince"] is not None


def test_a_kiosk_that_never_called_is_offline_since_it_was_paired(world: World) -> None:
    world.kiosk()
    world.clock.advance(minutes=4)
    assert listed(world)[0]["offlineSince"] == "2026-03-02T08:30:00Z"


@pytest.mark.parametrize(
    "change",
    [
        {"oldestWaitingMs": 2**53 - 1},
        {"feedAtMs": 2**53 - 1},
        {"trustIssuedAt": 2**53 - 1},
        {"tokenExpires": 2**53 - 1},
        {"waiting": -1},
        {"clock": "fast"},
        {"camera": "Ada Lovelace"},
        {"appVersion": "9" * 33},
    ],
)
def test_what_no_kiosk_says_is_refused_and_changes_nothing(world: World, change: dict[str, Any]) -> None:
    kiosk = world.kiosk()
    kiosk.ask("POST", "/kiosk/heartbeat", WELL)
    path = f"{API_ROOT}/kiosk/heartbeat"
    body = json.dumps(json.loads(encode(WELL)) | change)
    assert world.client.post(path, content=body, headers=kiosk.headers("POST", path)).status_code == 400
    assert listed(world)[0]["health"]["waiting"] == 3
