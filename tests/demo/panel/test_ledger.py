"""The ledger's rows: whatever comes first, a scan is one row, and its times count from when it was seen."""

import itertools
from typing import Any

import pytest

from demo.panel.ledger import Ledger, spell_ms, spell_reason, spell_wait
from demo.panel.table import NOTHING, cell_text
from kiosk_app.core.scan_steps import ScanStep
from kiosk_protocol.reasons import Reason

MS = 1_000_000
SEEN = {"step": "seen", "scan": 5 * MS, "check_in": None, "at_ns": 5 * MS, "reason": None}
VERIFIED = {"step": "verified", "scan": 5 * MS, "check_in": None, "at_ns": 15 * MS, "reason": None}
DURABLE = {"step": "durable", "scan": 5 * MS, "check_in": "a", "at_ns": 40 * MS, "reason": None}
GREEN = {"step": "green", "scan": 5 * MS, "check_in": "a", "at_ns": 300 * MS, "reason": None}
SENT = {"step": "sent", "scan": None, "check_in": "a", "at_ns": 45 * MS, "reason": None}
ACKNOWLEDGED = {"step": "acknowledged", "scan": None, "check_in": "a", "at_ns": 105 * MS, "reason": None}
WHOLE = (SEEN, VERIFIED, DURABLE, GREEN, SENT, ACKNOWLEDGED)


def ledger_of(*notes: dict[str, Any]) -> Ledger:
    ledger = Ledger()
    for note in notes:
        ledger.take(note)
    return ledger


def cells(ledger: Ledger, row: int = -1, now_ms: int = 1005) -> list[str]:
    return [cell_text(ledger.rows[row], column, now_ms * MS) for column in range(7)]


def test_an_admission_from_seen_to_acknowledged() -> None:
    assert cells(ledger_of(*WHOLE))[2:] == ["10 ms", "35 ms", "295 ms", "40 ms", "100 ms"]


@pytest.mark.parametrize("order", list(itertools.permutations((DURABLE, SENT, ACKNOWLEDGED))))
def test_the_order_of_notes_does_not_matter(order: tuple[dict[str, Any], ...]) -> None:
    """Threads tell what they know; the network's may be faster than the desk's."""
    ledger = ledger_of(SEEN, *order, VERIFIED, GREEN)
    assert len(ledger.rows) == 1
    assert cells(ledger) == cells(ledger_of(*WHOLE))


def test_told_twice_is_one_row() -> None:
    """Whoever follows again, after the kiosk was killed, is told what was before."""
    ledger = ledger_of(*WHOLE, *WHOLE)
    assert len(ledger.rows) == 1
    assert cells(ledger) == cells(ledger_of(*WHOLE))


def test_a_row_goes_on_after_a_restart() -> None:
    """The new process knows the check-in's id alone, and the clock is the same."""
    ledger = ledger_of(SEEN, VERIFIED, DURABLE, GREEN)
    assert ledger.rows[0].waits
    assert cells(ledger)[5:] == ["waits 1.0 s", NOTHING]
    ledger.take(SENT)
    ledger.take(ACKNOWLEDGED)
    assert not ledger.rows[0].waits
    assert cells(ledger)[5:] == ["40 ms", "100 ms"]


def test_a_check_in_from_before_has_no_times() -> None:
    """Nobody knows when it was seen, so nothing is counted from there."""
    assert cells(ledger_of(SENT, ACKNOWLEDGED)) == ["1", "before", NOTHING, NOTHING, NOTHING, "done", "done"]


@pytest.mark.parametrize(
    ("step", "said"), [("refused", "refused: used before"), ("reception", "to reception: used before")]
)
def test_who_is_turned_away_has_a_reason(step: str, said: str) -> None:
    away = {"step": step, "scan": 5 * MS, "check_in": None, "at_ns": 255 * MS, "reason": "already_used"}
    ledger = ledger_of(SEEN, VERIFIED, away)
    assert not ledger.rows[0].waits
    assert cells(ledger)[2:] == ["10 ms", NOTHING, "250 ms", said, said]


def test_a_parked_check_in_waits_no_more() -> None:
    parked = {"step": "parked", "scan": None, "check_in": "a", "at_ns": 99 * MS, "reason": "bad_seal"}
    ledger = ledger_of(SEEN, DURABLE, parked)
    assert not ledger.rows[0].waits
    assert cells(ledger)[6] == "parked: bad seal"
    assert cells(ledger_of(SEEN, SENT, parked, DURABLE))[6] == "parked: bad seal"


def test_each_scan_has_a_number_of_its_own() -> None:
    other = SEEN | {"scan": 7 * MS, "at_ns": 7 * MS}
    assert [row.number for row in ledger_of(SEEN, other).rows] == [1, 2]


@pytest.mark.parametrize(
    "note",
    [
        {"ok": True, "following": True},
        {"ok": False, "error": "unknown_do"},
        SEEN | {"step": "new_step"},
        SEEN | {"at_ns": "5"},
        SEEN | {"scan": None},
        SEEN | {"step": ["seen"]},
    ],
)
def test_what_is_no_step_changes_nothing(note: dict[str, Any]) -> None:
    assert ledger_of(note).rows == []


def test_the_ledger_knows_every_step_and_every_reason() -> None:
    """A step the kiosk tells and the panel does not show would be a lie by omission."""
    for step in ScanStep:
        assert ledger_of(SEEN | {"step": step.value}).rows, step
    for reason in Reason:
        assert "_" not in spell_reason(reason.value)
        assert spell_reason(reason.value) != reason.value or "_" not in reason.value


def test_durations_are_read_at_a_glance() -> None:
    assert [spell_ms(ms) for ms in (0, 9_999, 10_000, 99_999, 125_000)] == [
        "0 ms", "9999 ms", "10.0 s", "100.0 s", "2 min 05 s",
    ]  # fmt: skip
    assert [spell_wait(ms) for ms in (40, 61_240, 100_000)] == ["0.0 s", "61.2 s", "1 min 40 s"]
