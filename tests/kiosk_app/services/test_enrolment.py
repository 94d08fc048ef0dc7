"""Pairing: what must fit before anything is stored, and what a failed attempt leaves."""

import stat
from collections.abc import Callable

import msgspec
import pytest

from kiosk_app.core.journey_screens import PairingTroubleKind
from kiosk_app.core.server_answers import BadAnswer, NoReply, Refused, Unreachable
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.services.enrolment import Enrolled, EnrolmentFailed
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.messages import PairingConfirmed, PairingResult, StartPairing, encode
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.tenant import DAY_S, T0_S, Tenant, long_id, short_id


def test_right_digits_pair_the_kiosk_for_good(unpaired: Kiosk, house: Tenant, tmp_path) -> None:
    """Identity, trust, settings and floor are stored, the key file is closed to others, a restart changes nothing."""
    outcome = unpaired.enrolment().pair(f" {unpaired.server.setup_code}\n", unpaired.server.digits)
    assert isinstance(outcome, Enrolled)
    unpaired.restart()
    identity = unpaired.store.load_identity()
    assert identity is not None
    assert (identity.device, identity.device_token) == (outcome.record.device, outcome.record.device_token)
    assert (identity.tenant, identity.site, identity.base_url) == (house.tenant, house.site, "https://atrium.example")
    assert identity.device_key == bytes(unpaired.vault.load().verify_key)
    assert unpaired.store.load_clock().floor_ms >= T0_S * 1000
    assert stat.S_IMODE((tmp_path / "keys" / "device.key").stat().st_mode) == 0o600


def test_wrong_digits_are_counted_down_and_nothing_is_stored(unpaired: Kiosk) -> None:
    enrolment = unpaired.enrolment()
    left = []
    for _ in range(6):
        outcome = enrolment.pair(unpaired.server.setup_code, "999999")
        assert isinstance(outcome, EnrolmentFailed)
        left.append((outcome.kind, outcome.tries_left))
    wrong, none_left = PairingTroubleKind.WRONG_DIGITS, PairingTroubleKind.NO_TRIES_LEFT
    assert left == [(wrong, 4), (wrong, 3), (wrong, 2), (wrong, 1), (none_left, 0), (wrong, 4)]
    assert unpaired.store.load_identity() is None


def test_each_attempt_makes_a_key_of_its_own(unpaired: Kiosk) -> None:
    enrolment = unpaired.enrolment()
    enrolment.pair(unpaired.server.setup_code, "999999")
    first = unpaired.vault.load()
    enrolment.pair(unpaired.server.setup_code, unpaired.server.digits)
    assert unpaired.vault.load() != first


def test_a_lost_answer_to_confirm_is_asked_for_again(unpaired: Kiosk) -> None:
    unpaired.server.lose_answers["confirm"] = 2
    unpaired.pair()
    assert unpaired.server.requests == ["start", "confirm", "confirm", "confirm", "close"]


def test_an_answer_lost_for_good_ends_the_attempt_and_stores_nothing(unpaired: Kiosk) -> None:
    unpaired.server.lose_answers["confirm"] = 3
    outcome = unpaired.enrolment().pair(unpaired.server.setup_code, unpaired.server.digits)
    assert outcome == EnrolmentFailed(PairingTroubleKind.UNREACHABLE, StaffCode.SERVER_UNREACHABLE)
    assert unpaired.store.load_identity() is None


@pytest.mark.parametrize("text", ["", "atrium.example", "http://atrium.example/p/example/AAAAAAAAAAA", "x" * 10_000])
def test_a_text_that_is_no_setup_code_says_so(unpaired: Kiosk, text: str) -> None:
    outcome = unpaired.enrolment().pair(text, "000000")
    assert isinstance(outcome, EnrolmentFailed)
    assert outcome.kind is PairingTroubleKind.ADDRESS_UNUSABLE
    assert unpaired.server.requests == []


@pytest.mark.parametrize(
    ("failure", "kind", "code"),
    [
        (Unreachable(NoReply.NOT_TRUSTED), PairingTroubleKind.SERVER_NOT_TRUSTED, StaffCode.SERVER_NOT_TRUSTED),
        (Unreachable(NoReply.ADDRESS), PairingTroubleKind.ADDRESS_UNUSABLE, StaffCode.SERVER_UNREACHABLE),
        (Refused(404), PairingTroubleKind.ADDRESS_UNUSABLE, StaffCode.SERVER_ANSWER_UNUSABLE),
        (BadAnswer("not_json"), PairingTroubleKind.UNREACHABLE, StaffCode.SERVER_ANSWER_UNUSABLE),
        (Refused(500), PairingTroubleKind.UNREACHABLE, StaffCode.SERVER_ANSWER_UNUSABLE),
    ],
)
@pytest.mark.parametrize("message", ["start", "confirm"])
def test_each_failure_on_the_way_is_told_apart(unpaired: Kiosk, message, failure, kind, code) -> None:
    unpaired.server.faults[message] = [failure] * 3
    outcome = unpaired.enrolment().pair(unpaired.server.setup_code, unpaired.server.digits)
    assert outcome == EnrolmentFailed(kind, code)


def _other_device(house: Tenant, result: PairingResult) -> PairingResult:
    return msgspec.structs.replace(result, device_id=long_id())


def _other_key(house: Tenant, result: PairingResult) -> PairingResult:
    return msgspec.structs.replace(result, device_token=house.device_token(result.device_id, bytes(32)))


def _other_tenant(house: Tenant, result: PairingResult) -> PairingResult:
    settings = msgspec.structs.replace(result.configuration, tenant_id=long_id())
    return msgspec.structs.replace(result, configuration=settings)


def _other_site(house: Tenant, result: PairingResult) -> PairingResult:
    settings = msgspec.structs.replace(result.configuration, site_id=short_id())
    return msgspec.structs.replace(result, configuration=settings)


def _other_root(house: Tenant, result: PairingResult) -> PairingResult:
    return msgspec.structs.replace(result, root=Tenant(tenant=house.tenant).root())


def _expired_token(house: Tenant, result: PairingResult) -> PairingResult:
    return msgspec.structs.replace(result, server_time_ms=(T0_S + 366 * DAY_S) * 1000)


def _unusable_ca(house: Tenant, result: PairingResult) -> PairingResult:
    return msgspec.structs.replace(result, ca_certificate="unusable")


def _no_token(house: Tenant, result: PairingResult) -> PairingResult:
    return msgspec.structs.replace(result, device_token="x")


@pytest.mark.parametrize(
    "spoil",
    [_other_device, _other_key, _other_tenant, _other_site, _other_root, _expired_token, _no_token, _unusable_ca],
)
def test_a_result_whose_parts_do_not_fit_is_not_stored(
    unpaired: Kiosk, house: Tenant, spoil: Callable[[Tenant, PairingResult], PairingResult]
) -> None:
    unpaired.server.spoil_result = lambda result: spoil(house, result)
    outcome = unpaired.enrolment().pair(unpaired.server.setup_code, unpaired.server.digits)
    assert outcome == EnrolmentFailed(PairingTroubleKind.SERVER_NOT_TRUSTED, StaffCode.SERVER_NOT_TRUSTED)
    assert unpaired.store.load_identity() is None


def test_a_server_that_does_not_know_the_digits_itself_is_not_believed(unpaired: Kiosk) -> None:
    unpaired.server.spoil_tag = True
    outcome = unpaired.enrolment().pair(unpaired.server.setup_code, unpaired.server.digits)
    assert outcome == EnrolmentFailed(PairingTroubleKind.SERVER_NOT_TRUSTED, StaffCode.SERVER_NOT_TRUSTED)


def test_the_authority_to_believe_is_learnt_in_the_run(unpaired: Kiosk) -> None:
    """Nothing in the set-up code names it, and no certificate was checked before."""
    unpaired.server.ca = "PEM"
    unpaired.pair()
    identity = unpaired.store.load_identity()
    assert identity is not None
    assert identity.ca_certificate == "PEM"


def test_the_digits_are_in_no_message(unpaired: Kiosk) -> None:
    """Nor is anything that could be compared with them: two attempts with the same digits share nothing."""
    sent: list[StartPairing] = []
    start = unpaired.server.start
    unpaired.server.start = lambda message: sent.append(message) or start(message)
    for _ in range(2):
        unpaired.enrolment().pair(unpaired.server.setup_code, unpaired.server.digits)
    texts = [{getattr(message, name) for name in ("sid", "kiosk_key", "share")} for message in sent]
    assert texts[0].isdisjoint(texts[1])
    assert all(unpaired.server.digits not in encode(message).decode() for message in sent)
    assert [message.suite for message in sent] == ["cpace-x25519-sha512"] * 2


def test_the_name_of_a_window_goes_with_the_offer(unpaired: Kiosk) -> None:
    """From the set-up code, and bound to nothing: it only tells which window is meant."""
    outcome = unpaired.enrolment().pair(f"{unpaired.server.setup_code}#window={'a2' * 8}", unpaired.server.digits)
    assert isinstance(outcome, Enrolled)
    assert unpaired.server.run is not None
    assert unpaired.server.run[0].window == "a2" * 8


@pytest.mark.parametrize("share", [base64url_encode(bytes(32)), "A" * 42 + "B"])
def test_a_server_with_an_unusable_share_gets_no_tag(unpaired: Kiosk, share: str) -> None:
    """A point of small order would make the kiosk's tag the same for all digits; the other has two spellings."""
    unpaired.server.spoil_started = lambda started: msgspec.structs.replace(started, share=share)
    outcome = unpaired.enrolment().pair(unpaired.server.setup_code, unpaired.server.digits)
    assert outcome == EnrolmentFailed(PairingTroubleKind.SERVER_NOT_TRUSTED, StaffCode.SERVER_NOT_TRUSTED)
    assert "confirm" not in unpaired.server.requests


def test_a_root_that_was_not_announced_is_not_pinned(unpaired: Kiosk, house: Tenant) -> None:
    """Even from a server that knows the digits: what both sides named is what is believed for years."""
    unpaired.server.announced_root = Tenant(tenant=house.tenant).root()
    outcome = unpaired.enrolment().pair(unpaired.server.setup_code, unpaired.server.digits)
    assert outcome == EnrolmentFailed(PairingTroubleKind.SERVER_NOT_TRUSTED, StaffCode.SERVER_NOT_TRUSTED)
    assert unpaired.store.load_identity() is None


def _with_bit_changed(text: str, at: int) -> str:
    data = bytearray(base64url_decode(text))
    data[at] ^= 0x10
    return base64url_encode(bytes(data))


@pytest.mark.parametrize("member", ["run_id", "root_hash", "share"])
def test_each_byte_of_the_servers_first_answer_changed_on_the_way_is_noticed(unpaired: Kiosk, member: str) -> None:
    """The server refuses the tag that follows from it; nothing is stored."""
    enrolment = unpaired.enrolment()
    for at in range(16 if member == "run_id" else 32):
        unpaired.server.spoil_started = lambda started, at=at: msgspec.structs.replace(
            started, **{member: _with_bit_changed(getattr(started, member), at)}
        )
        outcome = enrolment.pair(unpaired.server.setup_code, unpaired.server.digits)
        assert isinstance(outcome, EnrolmentFailed), at
        assert outcome.kind in {PairingTroubleKind.WRONG_DIGITS, PairingTroubleKind.NO_TRIES_LEFT}
    assert unpaired.store.load_identity() is None


def test_each_byte_of_the_servers_last_answer_changed_on_the_way_is_noticed(unpaired: Kiosk) -> None:
    """Tag and result, every 16th byte of the long one: the kiosk does not store what it could not verify."""
    enrolment = unpaired.enrolment()
    length = 0

    def measure(confirmed: PairingConfirmed) -> PairingConfirmed:
        nonlocal length
        length = len(base64url_decode(confirmed.result))
        return msgspec.structs.replace(confirmed, server_tag="A" * 43)

    unpaired.server.spoil_confirmed = measure
    enrolment.pair(unpaired.server.setup_code, unpaired.server.digits)
    places = [("server_tag", at) for at in range(32)] + [("result", at) for at in range(0, length, 16)]
    assert len(places) > 100
    for member, at in places:
        unpaired.server.spoil_confirmed = lambda confirmed, member=member, at=at: msgspec.structs.replace(
            confirmed, **{member: _with_bit_changed(getattr(confirmed, member), at)}
        )
        outcome = enrolment.pair(unpaired.server.setup_code, unpaired.server.digits)
        assert isinstance(outcome, EnrolmentFailed), (member, at)
        assert outcome.kind is PairingTroubleKind.SERVER_NOT_TRUSTED
    assert unpaired.store.load_identity() is None
