"""Renewed device tokens: when, how long the old one counts, and what a lost answer costs."""

from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from kiosk_protocol.device_tokens import VALIDITY_S, DeviceClaims, key_thumbprint, read_device_token
from kiosk_protocol.messages import RenewedToken, decode
from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import to_seconds
from tests.kiosk_server.support import HandKiosk, World

HALF_S = VALIDITY_S // 2


def claims_of(kiosk: HandKiosk, token: str) -> DeviceClaims:
    assert kiosk.trust is not None
    now_s = to_seconds(kiosk.world.clock.now)
    return read_device_token(token, kiosk.trust.keys("device", now_s), now_s)


def renewed(kiosk: HandKiosk) -> str:
    answer = kiosk.ask("POST", "/kiosk/token")
    assert answer.status_code == 200, answer.text
    return decode(answer.content, RenewedToken).device_token


def holding(kiosk: HandKiosk, token: str) -> HandKiosk:
    """Let the kiosk use ``token`` from now on."""
    assert kiosk.result is not None
    kiosk.result = replace(kiosk.result, device_token=token)
    return kiosk


def status(kiosk: HandKiosk, token: str) -> int:
    return holding(kiosk, token).ask("GET", "/kiosk/trust").status_code


def old_token(kiosk: HandKiosk) -> str:
    assert kiosk.result is not None
    return kiosk.result.device_token


def test_from_half_of_its_life_a_token_is_renewed_for_a_year(world: World) -> None:
    """Same device, site and key; another identifier, a later end."""
    kiosk = world.kiosk()
    first = claims_of(kiosk, old_token(kiosk))
    world.clock.advance(seconds=HALF_S - 1)
    early = kiosk.ask("POST", "/kiosk/token")
    assert (early.status_code, early.json()["error"]) == (409, "too_early")
    world.clock.advance(seconds=2)
    second = claims_of(kiosk, renewed(kiosk))
    now_s = to_seconds(world.clock.now)
    assert (second.device, second.tenant, second.site) == (first.device, first.tenant, first.site)
    assert second.key_thumbprint == key_thumbprint(bytes(kiosk.key.verify_key))
    assert (second.issued_at, second.expires) == (now_s, now_s + VALIDITY_S)
    assert second.token_id != first.token_id


def test_the_old_token_works_for_24_hours_beside_the_new_one(world: World) -> None:
    """And the new one of course beyond."""
    kiosk = world.kiosk()
    world.clock.advance(seconds=HALF_S)
    old, new = old_token(kiosk), renewed(kiosk)
    assert [status(kiosk, new), status(kiosk, old)] == [200, 200]
    world.clock.advance(hours=23, minutes=59)
    assert [status(kiosk, old), status(kiosk, new)] == [200, 200]
    world.clock.advance(minutes=1)
    assert [status(kiosk, old), status(kiosk, new)] == [401, 200]


def test_a_lost_answer_locks_nobody_out(world: World) -> None:
    """However long the kiosk is away then: it asks again with the old token and gets the same new one."""
    kiosk = world.kiosk()
    world.clock.advance(seconds=HALF_S)
    lost = renewed(kiosk)
    world.clock.advance(days=3)
    assert renewed(kiosk) == lost
    assert status(kiosk, lost) == 200


def test_two_requests_at_once_give_one_token(world: World) -> None:
    """Neither leaves the kiosk with a token that the other replaced."""
    kiosk = world.kiosk()
    world.clock.advance(seconds=HALF_S)
    with ThreadPoolExecutor(4) as pool:
        tokens = set(pool.map(lambda _: renewed(kiosk), range(8)))
    assert len(tokens) == 1
    assert status(kiosk, tokens.pop()) == 200


def test_a_token_is_renewed_again_and_only_the_last_two_count(world: World) -> None:
    kiosk = world.kiosk()
    tokens = [old_token(kiosk)]
    for _ in range(2):
        world.clock.advance(seconds=HALF_S)
        tokens.append(renewed(kiosk))
        assert status(kiosk, tokens[-1]) == 200
    assert [status(kiosk, token) for token in tokens] == [401, 200, 200]


def test_an_ended_token_is_not_renewed(world: World) -> None:
    """A kiosk that was away for a year is paired again."""
    kiosk = world.kiosk()
    world.clock.advance(seconds=VALIDITY_S)
    answer = kiosk.ask("POST", "/kiosk/token")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_the_list_shows_the_new_end(world: World) -> None:
    kiosk = world.kiosk()
    world.clock.advance(seconds=HALF_S)
    renewed(kiosk)
    path = f"/api/v1/sites/{world.site.id}/kiosks"
    shown = world.client.get(path, headers=world.headers(Role.INSTALLER)).json()["kiosks"]
    assert shown[0]["tokenExpiresAt"] == "2027-08-31T20:30:00Z"
