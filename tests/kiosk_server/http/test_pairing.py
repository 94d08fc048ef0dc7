"""Pairing over HTTP: one window, six digits, five tries, one kiosk."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec
import pytest

from kiosk_protocol.messages import PairingStarted, decode
from kiosk_server.domain.pairing import draw_digits
from kiosk_server.domain.problems import TooManyError
from kiosk_server.services.house import PublicAddress
from tests.kiosk_server.support import BASE_URL, HandKiosk, World


def test_right_digits_pair_a_kiosk_with_everything_it_needs(world: World) -> None:
    """The result holds device, token, trust documents, CA and settings; all verify."""
    kiosk = world.kiosk("Front desk")
    assert kiosk.result is not None
    assert kiosk.result.configuration.site_id == world.site.id
    assert kiosk.result.ca_certificate == world.house.address.ca_pem
    assert kiosk.ask("GET", "/kiosk/configuration").json()["siteName"] == "House"


def test_wrong_digits_and_no_window_give_the_same_answers(world: World) -> None:
    """A start is always answered; the confirmation is refused in the same words."""
    without_window = HandKiosk(world, world.site.id)
    assert without_window.start("000000").status_code == 200
    refused = without_window.confirm()
    code = world.window().code
    wrong = HandKiosk(world, world.site.id)
    assert wrong.start(f"{(int(code) + 1) % 10**6:06d}").status_code == 200
    assert (refused.status_code, refused.content) == (wrong.confirm().status_code, wrong.confirm().content)
    assert refused.status_code == 403
    assert refused.json()["error"] == "pairing_refused"


def test_sixth_try_fails_even_with_the_right_digits(world: World) -> None:
    """Five wrong starts use the window up."""
    code = world.window().code
    for _ in range(5):
        HandKiosk(world, world.site.id).start("x")
    late = HandKiosk(world, world.site.id)
    late.start(code)
    assert late.confirm().status_code == 403


def test_window_is_over_after_ten_minutes_and_after_one_use(world: World) -> None:
    """Neither a late nor a second kiosk gets in by the same digits."""
    code = world.window().code
    first = HandKiosk(world, world.site.id)
    first.pair(code)
    second = HandKiosk(world, world.site.id)
    second.start(code)
    assert second.confirm().status_code == 403
    code = world.window().code
    world.clock.advance(minutes=10)
    late = HandKiosk(world, world.site.id)
    late.start(code)
    assert late.confirm().status_code == 403


def test_run_begun_in_time_is_refused_once_the_window_is_over(world: World) -> None:
    """The window's time binds the confirmation, too."""
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start(world.window().code)
    world.clock.advance(minutes=10, seconds=1)
    assert kiosk.confirm().status_code == 403


def test_repeated_confirmation_gets_the_same_bytes(world: World) -> None:
    """A lost answer is no lost pairing, and no second device."""
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start(world.window().code)
    first, second = kiosk.confirm(), kiosk.confirm()
    assert first.status_code == 200
    assert first.content == second.content
    with world.house.archive.of(world.tenant.id) as records:
        assert len(records.devices.all()) == 1


def test_new_window_closes_the_former_one(world: World) -> None:
    """One open window a site."""
    former = world.window().code
    world.window()
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start(former)
    assert kiosk.confirm().status_code == 403


def test_at_most_ten_windows_a_day(world: World) -> None:
    """The eleventh is refused until a day has passed; the other site is not concerned."""
    for _ in range(10):
        world.window()
    with pytest.raises(TooManyError):
        world.window()
    world.window(world.other_site.id)
    world.clock.advance(hours=24, seconds=1)
    world.window()


def test_window_of_one_site_pairs_with_no_other(world: World) -> None:
    """The digits belong to the address they were opened for."""
    code = world.window().code
    kiosk = HandKiosk(world, world.other_site.id)
    kiosk.start(code)
    assert kiosk.confirm().status_code == 403


def test_run_cannot_be_confirmed_at_another_site(world: World) -> None:
    """A run belongs to its address."""
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start(world.window().code)
    kiosk.site = world.other_site.id
    assert kiosk.confirm().status_code == 403


def test_wrong_tag_is_refused(world: World) -> None:
    """Right digits, but another run's facts: somebody swapped a name on the way."""
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start(world.window().code)
    other = HandKiosk(world, world.site.id, "Other")
    other.start("123456")
    kiosk.transcript = other.transcript
    assert kiosk.confirm().status_code == 403


def test_racing_tries_evaluate_at_most_five_and_pair_at_most_one(world: World) -> None:
    """Two hundred kiosks with the right digits at once: five are counted, one gets a token."""
    code = world.window().code
    kiosks = [HandKiosk(world, world.site.id, f"k{number}") for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        starts = list(threads.map(lambda kiosk: kiosk.start(code).status_code, kiosks))
        confirmed = list(threads.map(lambda kiosk: kiosk.confirm().status_code, kiosks))
    assert set(starts) == {200}
    assert sorted(set(confirmed)) == [200, 403]
    assert confirmed.count(200) == 1
    with world.house.archive.of(world.tenant.id) as records:
        evaluated = [records.pairings.lock_run(kiosk.run.run_id) for kiosk in kiosks]
        assert sum(run is not None and run.window_id is not None for run in evaluated) == 5
        assert len(records.devices.all()) == 1


def test_strangers_cannot_fill_the_disk_with_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unconfirmed runs are bounded, and forgotten after an hour."""
    monkeypatch.setattr("kiosk_server.services.pairing.MOST_RUNS_KEPT", 2)
    answers = [HandKiosk(world, world.site.id).start("1").status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    world.clock.advance(hours=1, seconds=1)
    assert HandKiosk(world, world.site.id).start("1").status_code == 200


def test_unknown_address_and_unusable_key_are_said_to_be_so(world: World) -> None:
    """A typed address that leads nowhere is no wrong code; a key of small order is no key."""
    kiosk = HandKiosk(world, "A" * 11)
    assert kiosk.start("1").json()["error"] == "unknown_site"
    lost = HandKiosk(world, world.site.id)
    body = {"suite": "tls-1", "sid": "A" * 22, "kioskKey": "A" * 43, "name": "k", "share": "MTIz"}
    assert world.client.post(f"{lost.root}/start", json=body).json()["error"] == "kiosk_key"
    path = lost.root.replace(world.tenant.slug, "nobody")
    assert world.client.post(f"{path}/start", json=body | {"kioskKey": "B" * 43}).status_code in {400, 404}


def test_digits_keep_leading_zeros() -> None:
    """Always six."""
    assert draw_digits(lambda size: bytes(size - 1) + b"\x07") == "000007"


def test_ca_certificate_is_given_to_whoever_has_the_address(world: World) -> None:
    """The kiosk compares it with its set-up code."""
    answer = world.client.get(f"/p/{world.tenant.slug}/{world.site.id}/ca.pem")
    assert answer.text == world.house.address.ca_pem
    assert world.client.get(f"/p/{world.tenant.slug}/{'A' * 11}/ca.pem").status_code == 404


def test_server_with_a_public_certificate_has_no_ca_to_give(world: World) -> None:
    """Set-up codes then name no fingerprint, and the result holds no certificate."""
    house = replace(world.house, address=PublicAddress(BASE_URL))
    public = replace(world, house=house)
    answer = public.client.get(f"/p/{world.tenant.slug}/{world.site.id}/ca.pem")
    assert (answer.status_code, answer.json()["error"]) == (404, "no_private_ca")
    assert str(public.window().setup_code).endswith(f"/p/{world.tenant.slug}/{world.site.id}")
    kiosk = public.kiosk()
    assert kiosk.result is not None
    assert kiosk.result.ca_certificate is None


def test_share_that_is_no_base64url_is_simply_wrong(world: World) -> None:
    """No other answer than for wrong digits."""
    code = world.window().code
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start(code)
    body = msgspec.to_builtins(kiosk.message) | {"share": "\x00!"}
    started = decode(world.client.post(f"{kiosk.root}/start", json=body).content, PairingStarted)
    kiosk.run, kiosk.transcript = started, replace(kiosk.transcript, run_id=started.run_id, server_share=started.share)
    assert kiosk.confirm().json()["error"] == "pairing_refused"
