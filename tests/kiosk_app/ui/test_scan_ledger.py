"""Which facts the ledger tells of which scan, and that green is told when it is on the screen and not before."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject

from kiosk_app.core.journey import (
    Appearance,
    AppearanceChosen,
    CodeSeen,
    ConnectivityChanged,
    SiteIdentity,
    Started,
    VerdictReached,
)
from kiosk_app.core.scan_steps import ScanNote, ScanStep
from kiosk_app.core.verdict import Admit, AskReception, Refuse, Verdict
from kiosk_app.ui.scan_ledger import KEPT, ScanLedger
from kiosk_app.workers.scan_relay import ScanRelay
from kiosk_protocol.reasons import Reason
from tests.kiosk_app.ui.conftest import Kiosk

SITE = SiteIdentity("site-a", "Harbour House", "Europe/Berlin")
ADMIT = Admit("0198c0de-0000-7000-8000-000000000001", None, decided_offline=False)


@pytest.fixture
def ledger(kiosk: Kiosk) -> Iterator[ScanLedger]:
    """A ledger that watches a paired kiosk's window."""
    ledger = ScanLedger()
    ledger.watch(kiosk.window)
    kiosk.happen(Started(SITE), ConnectivityChanged(online=True))
    yield ledger
    ledger.deleteLater()


def scan(kiosk: Kiosk, ledger: ScanLedger, seen_at_ns: int) -> None:
    """Hold up a code; the desk has not answered yet."""
    kiosk.controller.on_event(CodeSeen("code", seen_at_ns))
    ledger.begin(seen_at_ns)


def answer(kiosk: Kiosk, ledger: ScanLedger, verdict: Verdict, seen_at_ns: int) -> None:
    """Let the desk answer: the controller first, as the command line connects them."""
    event = VerdictReached(verdict, seen_at_ns)
    kiosk.controller.on_event(event)
    ledger.on_event(event)


def steps(ledger: ScanLedger) -> list[tuple[ScanStep, int | None]]:
    return [(note.step, note.scan) for note in ledger.kept]


def wait_for(kiosk: Kiosk, ledger: ScanLedger, step: ScanStep) -> ScanNote:
    """Wait until the newest note says ``step``."""
    kiosk.bot.waitUntil(lambda: ledger.kept[-1].step is step, timeout=30_000)
    return ledger.kept[-1]


def test_green_is_told_when_no_transition_lies_over_it(kiosk: Kiosk, ledger: ScanLedger) -> None:
    """Until the old picture has faded away nobody can read the welcome."""
    scan(kiosk, ledger, 7)
    answer(kiosk, ledger, ADMIT, 7)
    assert kiosk.window.is_moving
    moving: list[bool] = []
    ledger.noted.connect(lambda _note: moving.append(kiosk.window.is_moving))
    before_ns = time.monotonic_ns()
    green = wait_for(kiosk, ledger, ScanStep.GREEN)
    assert moving == [False]
    assert (green.scan, green.check_in_id, green.reason) == (7, ADMIT.check_in_id, None)
    assert green.at_ns > before_ns


class Paints(QObject):
    """Counts how often the window is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt finds it by this name
        self.count += event.type() is QEvent.Type.UpdateRequest
        return super().eventFilter(watched, event)


def test_green_is_told_after_a_paint(kiosk: Kiosk, ledger: ScanLedger) -> None:
    """Also where motion is reduced and the answer stands at once, it must have been painted."""
    kiosk.happen(AppearanceChosen(Appearance(reduced_motion=True)))
    scan(kiosk, ledger, 7)
    paints, at_green = Paints(), []
    kiosk.window.installEventFilter(paints)
    ledger.noted.connect(lambda _note: at_green.append(paints.count))
    answer(kiosk, ledger, ADMIT, 7)
    assert not kiosk.window.is_moving
    wait_for(kiosk, ledger, ScanStep.GREEN)
    kiosk.window.removeEventFilter(paints)
    assert at_green[0] >= 1


@pytest.mark.parametrize(
    ("verdict", "step"),
    [(Refuse(Reason.ALREADY_USED), ScanStep.REFUSED), (AskReception(Reason.CLOCK_SUSPECT), ScanStep.RECEPTION)],
)
def test_who_is_not_admitted_has_a_reason(kiosk: Kiosk, ledger: ScanLedger, verdict: Verdict, step: ScanStep) -> None:
    assert not isinstance(verdict, Admit)
    scan(kiosk, ledger, 7)
    answer(kiosk, ledger, verdict, 7)
    assert wait_for(kiosk, ledger, step).reason == verdict.reason.value


def test_what_the_desk_says_belongs_to_the_scan_it_judges(kiosk: Kiosk, ledger: ScanLedger) -> None:
    """The desk takes one code after the other; an impatient screen may have moved on to the next."""
    scan(kiosk, ledger, 7)
    ledger.begin(9)
    ledger.on_note(ScanNote(ScanStep.VERIFIED, 8))
    ledger.on_event(VerdictReached(ADMIT, 7))
    ledger.on_note(ScanNote(ScanStep.VERIFIED, 10))
    ledger.on_note(ScanNote(ScanStep.DURABLE, 11, check_in_id="b"))
    ledger.on_note(ScanNote(ScanStep.SENT, 12, check_in_id="a"))
    assert steps(ledger) == [
        (ScanStep.SEEN, 7),
        (ScanStep.SEEN, 9),
        (ScanStep.VERIFIED, 7),
        (ScanStep.VERIFIED, 9),
        (ScanStep.DURABLE, 9),
        (ScanStep.SENT, None),
    ]


def test_a_verdict_that_nobody_sees_is_not_green(kiosk: Kiosk, ledger: ScanLedger) -> None:
    """One that comes late changes nothing on the screen."""
    ledger.begin(7)
    answer(kiosk, ledger, ADMIT, 7)
    kiosk.happen()
    kiosk.bot.wait(1)
    assert steps(ledger) == [(ScanStep.SEEN, 7)]


def test_a_verdict_nobody_waited_for_takes_no_other_scan_away(kiosk: Kiosk, ledger: ScanLedger) -> None:
    ledger.begin(9)
    ledger.on_event(VerdictReached(ADMIT, 7))
    ledger.on_note(ScanNote(ScanStep.VERIFIED, 10))
    assert steps(ledger)[-1] == (ScanStep.VERIFIED, 9)


def test_other_events_and_a_ledger_without_a_window_change_nothing(kiosk: Kiosk) -> None:
    ledger = ScanLedger()
    ledger.on_event(Started(SITE))
    ledger.on_event(VerdictReached(ADMIT, 7))
    ledger.on_note(ScanNote(ScanStep.VERIFIED, 1))
    assert steps(ledger) == [(ScanStep.VERIFIED, None)]


def test_old_notes_are_forgotten(kiosk: Kiosk, ledger: ScanLedger) -> None:
    """A kiosk that is followed for months does not fill its memory."""
    for moment in range(KEPT + 5):
        ledger.begin(moment)
    assert len(ledger.kept) == KEPT
    assert ledger.kept[0].scan == 5


def test_a_relay_hands_on_in_order(qapp) -> None:
    relay, ledger = ScanRelay(), ScanLedger()
    relay.noted.connect(ledger.on_note)
    for moment in (1, 2):
        relay.note(ScanNote(ScanStep.SENT, moment, check_in_id="a"))
    assert [note.at_ns for note in ledger.kept] == [1, 2]
