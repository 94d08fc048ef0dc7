"""Pairing over HTTP: one window, six digits, five tries, one kiosk."""

from dataclasses import replace

import msgspec
import pytest

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.messages import encode
from kiosk_server.domain.pairing import draw_digits
from kiosk_server.domain.problems import TooManyError
from kiosk_server.services import pairing
from kiosk_server.services.house import PublicAddress
from tests.kiosk_server.support import BASE_URL, HandKiosk, World


def test_right_digits_pair_a_kiosk_with_everything_it_needs(world: World) -> None:
    """The result holds device, token, trust documents, CA and settings; all verify."""
    kiosk = world.kiosk("Front desk")
    assert kiosk.result is not None
    assert kiosk.result.configuration.site_id == world.site.id
    assert kiosk.result.ca_certificate == world.house.address.ca_pem
    assert kiosk.ask("GET", "/kiosk/configuration").json()["siteName"] == "House"


def test_sixth_try_fails_even_with_the_right_digits(world: World) -> None:
    """Five wrong starts use the window up."""
    code = world.window().code
    for _ in range(5):
        HandKiosk(world, world.site.id).start("000000" if code != "000000" else "000001")
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


def test_wrong_tag_ends_its_run(world: World) -> None:
    """Right digits, but another run's tag: refused, and so is the right tag after it."""
    kiosk, other = HandKiosk(world, world.site.id), HandKiosk(world, world.site.id, "Other")
    kiosk.start(world.window().code)
    other.start("123456")
    right, kiosk.keys = kiosk.keys, other.keys
    assert kiosk.confirm().status_code == 403
    kiosk.keys = right
    assert kiosk.confirm().status_code == 403


def test_a_wrong_tag_after_the_answer_does_not_take_it_away(world: World) -> None:
    """The kiosk whose answer was lost may still ask for it."""
    kiosk, other = HandKiosk(world, world.site.id), HandKiosk(world, world.site.id, "Other")
    kiosk.start(world.window().code)
    other.start("123456")
    answer = kiosk.confirm()
    right, kiosk.keys = kiosk.keys, other.keys
    assert kiosk.confirm().status_code == 403
    kiosk.keys = right
    assert kiosk.confirm().content == answer.content


def test_the_root_handed_over_is_the_one_that_was_announced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It changed between start and confirmation: refused, the window stays open, and the next run gets the new one."""
    code = world.window().code
    early, late = HandKiosk(world, world.site.id), HandKiosk(world, world.site.id)
    with monkeypatch.context() as patched:
        patched.setattr("kiosk_server.services.pairing.root_hash", lambda _root: base64url_encode(bytes(32)))
        early.start(code)
    assert early.confirm().status_code == 403
    late.pair(code)


# ── windows with a name ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_named_window_counts_no_try_that_does_not_name_it(world: World) -> None:
    """Strangers without the set-up code use up nothing, and get in by the right digits no more than by wrong ones."""
    opened = world.window(named=True)
    assert opened.setup_code.window is not None
    for name in (None, "a" * 16):
        for _ in range(4):
            stranger = HandKiosk(world, world.site.id)
            assert stranger.start(opened.code, name).status_code == 200
            assert stranger.confirm().status_code == 403
    window = pairing.latest_window(world.house, world.tenant.id, world.site.id)
    assert window is not None
    assert (window.tries, window.is_named) == (0, True)
    HandKiosk(world, world.site.id).pair(opened.code, opened.setup_code.window)


def test_a_named_window_has_five_tries_like_any_other(world: World) -> None:
    opened = world.window(named=True)
    for _ in range(5):
        HandKiosk(world, world.site.id).start("000000", opened.setup_code.window)
    late = HandKiosk(world, world.site.id)
    late.start(opened.code, opened.setup_code.window)
    assert late.confirm().status_code == 403


def test_a_window_without_a_name_answers_to_none(world: World) -> None:
    """A set-up code of an earlier window does not fit the next one."""
    code = world.window().code
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start(code, "a" * 16)
    assert kiosk.confirm().status_code == 403


def test_unknown_address_and_unusable_key_are_said_to_be_so(world: World) -> None:
    """A typed address that leads nowhere is no wrong code; a key of small order is no key."""
    kiosk = HandKiosk(world, "A" * 11)
    assert kiosk.start("1").json()["error"] == "unknown_site"
    lost = HandKiosk(world, world.site.id)
    lost.start("000000")
    body = msgspec.structs.replace(lost.message, kiosk_key="A" * 43)
    assert world.client.post(f"{lost.root}/start", content=encode(body)).json()["error"] == "kiosk_key"
    path = lost.root.replace(world.tenant.slug, "nobody")
    assert world.client.post(f"{path}/start", content=encode(lost.message)).status_code == 404


def test_digits_keep_leading_zeros() -> None:
    """Always six."""
    assert draw_digits(lambda size: bytes(size - 1) + b"\x07") == "000007"


def test_server_with_a_public_certificate_has_no_ca_to_give(world: World) -> None:
    """The result holds no certificate: the kiosk goes by the system's."""
    house = replace(world.house, address=PublicAddress(BASE_URL))
    public = replace(world, house=house)
    kiosk = public.kiosk()
    assert kiosk.result is not None
    assert kiosk.result.ca_certificate is None
