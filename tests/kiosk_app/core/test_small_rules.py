"""Replay, outbox, server answers, errors: the short rules."""

from datetime import timedelta

import pytest

from kiosk_app.core.errors import AlreadyRunningError, KeysError, SettingsError, StoreError, StoreFault
from kiosk_app.core.outbox import (
    ACKNOWLEDGED_KEPT_S,
    ItemState,
    Settlement,
    decided_at_ms,
    may_drop,
    server_was_restored,
    settle,
    take_batch,
)
from kiosk_app.core.replay import may_forget
from kiosk_app.core.server_answers import (
    BadAnswer,
    NoReply,
    Refused,
    Unreachable,
    is_final,
    reached_server,
    staff_code,
)
from kiosk_app.core.staff_codes import StaffCode
from kiosk_protocol.identifiers import uuid7
from kiosk_protocol.messages import MAX_BODY_BYTES, Batch, ItemAnswer, OutboxEntry, encode

CHECK_IN = uuid7(1_900_000_000_123, bytes(10))


def entry(size: int = 100) -> OutboxEntry:
    return OutboxEntry(
        check_in_id=CHECK_IN, sequence=2**53 - 1, hash="A" * 43, chain="A" * 43, seal_kid="A" * 8, sealed="A" * size
    )


def test_a_used_visit_is_remembered_until_25_hours_after_its_end() -> None:
    assert not may_forget(1000, 1000 + 25 * 3600)
    assert may_forget(1000, 1000 + 25 * 3600 + 1)


def test_a_batch_holds_at_most_fifty() -> None:
    assert len(take_batch([entry()] * 60)) == 50


@pytest.mark.parametrize("size", [1, 1000, 87_384])
def test_a_batch_fits_the_servers_bound_whatever_the_items(size: int) -> None:
    batch = take_batch([entry(size)] * 60)
    assert batch
    assert len(encode(Batch(chain_id="A" * 22, entries=batch))) <= MAX_BODY_BYTES


def test_an_item_of_any_size_is_sent_alone_rather_than_never() -> None:
    assert len(take_batch([entry(2 * MAX_BODY_BYTES), entry()])) == 1
    assert take_batch([]) == ()


@pytest.mark.parametrize(
    ("outcome", "code", "settlement"),
    [
        ("accepted", None, Settlement(CHECK_IN, ItemState.ACKNOWLEDGED, None)),
        ("conflict", "cancelled", Settlement(CHECK_IN, ItemState.ACKNOWLEDGED, "cancelled")),
        ("rejected", "bad_token", Settlement(CHECK_IN, ItemState.PARKED, "bad_token")),
        ("rejected", None, Settlement(CHECK_IN, ItemState.PARKED, "rejected")),
    ],
)
def test_what_an_answer_makes_of_an_item(outcome, code, settlement: Settlement) -> None:
    assert settle(ItemAnswer(check_in_id=CHECK_IN, outcome=outcome, code=code)) == settlement


def test_a_server_that_holds_less_than_it_said_was_restored() -> None:
    assert server_was_restored(3, 4)
    assert not server_was_restored(4, 4)


def test_acknowledged_items_stay_fourteen_days() -> None:
    assert not may_drop(0, ACKNOWLEDGED_KEPT_S)
    assert may_drop(0, ACKNOWLEDGED_KEPT_S + 1)


def test_an_id_tells_when_it_was_made() -> None:
    assert decided_at_ms(CHECK_IN) == 1_900_000_000_123


@pytest.mark.parametrize(
    ("failure", "reached", "final", "code"),
    [
        (Unreachable(NoReply.TIMEOUT), False, False, StaffCode.SERVER_UNREACHABLE),
        (Unreachable(NoReply.NOT_TRUSTED), False, False, StaffCode.SERVER_NOT_TRUSTED),
        (BadAnswer("redirect"), False, False, StaffCode.SERVER_ANSWER_UNUSABLE),
        (Refused(400), True, True, StaffCode.SERVER_ANSWER_UNUSABLE),
        (Refused(413), True, True, StaffCode.SERVER_ANSWER_UNUSABLE),
        (Refused(401), True, False, StaffCode.SERVER_REFUSES_KIOSK),
        (Refused(403), True, False, StaffCode.SERVER_REFUSES_KIOSK),
        (Refused(404), True, False, StaffCode.SERVER_ANSWER_UNUSABLE),
        (Refused(429, "x", timedelta(seconds=1)), True, False, StaffCode.SERVER_ANSWER_UNUSABLE),
        (Refused(500), False, False, StaffCode.SERVER_ANSWER_UNUSABLE),
    ],
)
def test_final_and_retryable_failures_are_told_apart(failure, reached: bool, final: bool, code: StaffCode) -> None:
    assert reached_server(failure) is reached
    assert is_final(failure) is final
    assert staff_code(failure) is code


@pytest.mark.parametrize("fault", StoreFault)
def test_every_store_fault_has_a_code_and_a_sentence(fault: StoreFault) -> None:
    error = StoreError(fault)
    assert error.code.value.startswith("STORE-")
    assert str(error) == fault.sentence
    assert str(error).endswith(".")


def test_every_error_carries_a_code() -> None:
    assert KeysError("x").code is StaffCode.KEYS_UNREADABLE
    assert SettingsError("x").code is StaffCode.SETTINGS_UNUSABLE
    assert AlreadyRunningError("/data").code is StaffCode.SETTINGS_UNUSABLE
    assert "/data" in str(AlreadyRunningError("/data"))
