"""Token renewal: from half of its life, and only by a token that is this kiosk's own."""

from collections.abc import Callable

import pytest
from nacl.signing import SigningKey

from kiosk_app.core.server_answers import BadAnswer, Failure, NoReply, Refused, Unreachable
from kiosk_app.services.renewal import token_span
from kiosk_protocol.identifiers import SiteId, TenantId
from kiosk_protocol.messages import RenewedToken
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.tenant import DAY_S, T0_S, Tenant, long_id, short_id

HALF_S = 365 * DAY_S // 2


def at_half_life(kiosk: Kiosk) -> Kiosk:
    """Let half a year and a day pass, with the server's signed time now and then: it lifts the floor bit by bit."""
    for _ in range(8):
        kiosk.clock.pass_s((HALF_S - DAY_S) // 8)
        kiosk.server.now_ms = kiosk.clock.reading.wall_ms
        kiosk.server.bundle = kiosk.server.house.bundle(kiosk.server.now_ms, kiosk.server.now_ms // 1000)
        kiosk.sync.run(kiosk.server)
    kiosk.clock.pass_s(2 * DAY_S)
    kiosk.server.now_ms = kiosk.clock.reading.wall_ms
    return kiosk


def token_of(kiosk: Kiosk) -> str:
    identity = kiosk.store.load_identity()
    assert identity is not None
    return identity.device_token


def test_a_young_token_is_left_alone(kiosk: Kiosk) -> None:
    kiosk.server.requests.clear()
    kiosk.synced()
    assert "token" not in kiosk.server.requests


def test_from_half_of_its_life_it_is_replaced_and_survives_a_restart(kiosk: Kiosk) -> None:
    first = token_of(kiosk)
    at_half_life(kiosk)
    assert token_of(kiosk) == first
    kiosk.synced()
    kiosk.restart()
    second = token_of(kiosk)
    assert second != first
    assert token_span(second).expires_s == kiosk.server.now_ms // 1000 + 365 * DAY_S
    kiosk.server.requests.clear()
    kiosk.synced()
    assert "token" not in kiosk.server.requests


def test_with_a_suspect_clock_nothing_is_renewed(kiosk: Kiosk) -> None:
    """Its idea of half a life is worth nothing."""
    at_half_life(kiosk)
    kiosk.clock.reboot()
    kiosk.clock.set_wall_s(T0_S)
    kiosk.server.faults["time"] = [Refused(503)]
    kiosk.sync.run(kiosk.server)
    assert "token" not in kiosk.server.requests


def issued(house: Tenant, kiosk: Kiosk, key: bytes | None = None, device: str | None = None) -> RenewedToken:
    now_s = kiosk.server.now_ms // 1000
    token = house.device_token(device or kiosk.server.device, key or kiosk.server.device_key, now_s)
    return RenewedToken(device_token=token)


def like(house: Tenant, **changes: object) -> Tenant:
    facts = {"tenant": house.tenant, "site": house.site, "device_key": house.device_key} | changes
    return Tenant(**facts)


Answer = Callable[[Tenant, Kiosk], RenewedToken | Failure]
WRONG: dict[str, Answer] = {
    "another key": lambda house, kiosk: issued(house, kiosk, key=bytes(SigningKey.generate().verify_key)),
    "another device": lambda house, kiosk: issued(house, kiosk, device=long_id()),
    "another site": lambda house, kiosk: issued(like(house, site=SiteId(short_id())), kiosk),
    "another tenant": lambda house, kiosk: issued(like(house, tenant=TenantId(long_id())), kiosk),
    "forged": lambda house, kiosk: issued(like(house, device_key=SigningKey.generate()), kiosk),
    "the time key's": lambda house, kiosk: issued(like(house, device_key=house.time_key), kiosk),
    "no longer": lambda _house, kiosk: RenewedToken(device_token=token_of(kiosk)),
    "no token": lambda _house, _kiosk: RenewedToken(device_token="x.y.z"),
    "refused": lambda _house, _kiosk: Refused(403),
    "no JSON": lambda _house, _kiosk: BadAnswer("not_json"),
    "lost": lambda _house, _kiosk: Unreachable(NoReply.TIMEOUT),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_any_other_answer_leaves_the_old_token_and_is_asked_again(kiosk: Kiosk, house: Tenant, wrong: str) -> None:
    first = token_of(at_half_life(kiosk))
    kiosk.server.faults["token"] = [WRONG[wrong](house, kiosk)]
    assert list(kiosk.sync.run(kiosk.server).failures) == ["token"]
    assert token_of(kiosk) == first
    kiosk.synced()
    assert token_of(kiosk) != first


def test_a_server_for_which_it_is_not_time_yet_is_no_trouble(kiosk: Kiosk) -> None:
    """Its clock is not ours to the second."""
    at_half_life(kiosk)
    kiosk.server.faults["token"] = [Refused(409, "too_early")]
    assert kiosk.sync.run(kiosk.server).failures == {}


def test_staff_are_warned_from_thirty_days_before_the_end(kiosk: Kiosk) -> None:
    span = token_span(token_of(kiosk))
    assert not span.ends_soon(span.expires_s - 30 * DAY_S - 1)
    assert span.ends_soon(span.expires_s - 30 * DAY_S)
    report = kiosk.sync.run(kiosk.server)
    assert (report.token_ends_in_s, report.token_ends_soon) == (365 * DAY_S, False)
