"""Pairing: what must fit before anything is stored, and what a failed attempt leaves."""

import stat
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from kiosk_app.core.journey_screens import PairingTroubleKind
from kiosk_app.core.server_answers import BadAnswer, NoReply, Refused, Unreachable
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.services.enrolment import Enrolled, EnrolmentFailed
from kiosk_protocol.messages import PairingResult
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


def test_a_server_that_cannot_be_opened_costs_no_key(unpaired: Kiosk, tmp_path) -> None:
    enrolment = unpaired.enrolment()
    enrolment._tools = replace(enrolment._tools, door=lambda _setup: Unreachable(NoReply.CONNECT))
    outcome = enrolment.pair(unpaired.server.setup_code, unpaired.server.digits)
    assert isinstance(outcome, EnrolmentFailed)
    assert not (tmp_path / "keys").exists()


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


def _no_token(house: Tenant, result: PairingResult) -> PairingResult:
    return msgspec.structs.replace(result, device_token="x")


@pytest.mark.parametrize(
    "spoil", [_other_device, _other_key, _other_tenant, _other_site, _other_root, _expired_token, _no_token]
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
