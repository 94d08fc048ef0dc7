"""The desk's thread."""

import time

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.journey import (
    Decide,
    FaultCleared,
    FaultHappened,
    PairingTrouble,
    PairingTroubleKind,
    SiteIdentity,
    Started,
    VerdictReached,
)
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.verdict import Admit, AskReception, Refuse, Verdict
from kiosk_app.workers.desk import DeskWorker
from kiosk_protocol.identifiers import uuid7
from kiosk_protocol.reasons import Reason

SITE = SiteIdentity("AAAAAAAAAAA", "Main house", "UTC")
GONE = PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED, sealed=4)
ADMIT = Admit(uuid7(1, bytes(10)), None, decided_offline=True)


class PaperDesk:
    """Answers from a list."""

    def __init__(self, *verdicts: Verdict | Exception) -> None:
        self.verdicts = list(verdicts)
        self.asked: list[tuple[str, int]] = []
        self.closed = False

    def site(self) -> SiteIdentity | None:
        return SITE

    def lost(self) -> PairingTrouble | None:
        return None

    def judge(self, text: str, seen_ms_ago: int) -> Verdict:
        self.asked.append((text, seen_ms_ago))
        verdict = self.verdicts.pop(0)
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    def close(self) -> None:
        self.closed = True


def test_it_says_started_then_answers_each_sighting_by_its_moment(qtbot, started, asker, recorder) -> None:
    desk = PaperDesk(ADMIT, Refuse(Reason.EXPIRED), AskReception(Reason.CONFLICT))
    worker = started(DeskWorker(lambda: desk))
    asker.one.connect(worker.decide)
    moments = [time.monotonic_ns() - 50_000_000, time.monotonic_ns(), time.monotonic_ns() + 10**12]
    for number, moment in enumerate(moments):
        asker.one.emit(Decide(str(number), moment))
    qtbot.waitUntil(lambda: len(recorder.seen) == 4)
    assert recorder.seen[0] == Started(SITE)
    assert [event.seen_at_ns for event in recorder.of(VerdictReached)] == moments
    assert [text for text, _ in desk.asked] == ["0", "1", "2"]
    assert desk.asked[0][1] >= 50
    assert desk.asked[2][1] == 0
    asker.end.emit()
    qtbot.waitUntil(lambda: desk.closed)


class RevokedDesk(PaperDesk):
    """Belongs to no site any more."""

    def site(self) -> None:
        return None

    def lost(self) -> PairingTrouble:
        return GONE


def test_a_revoked_kiosk_starts_with_the_word_that_it_was_revoked(qtbot, started, recorder) -> None:
    started(DeskWorker(RevokedDesk))
    qtbot.waitUntil(lambda: recorder.seen != [])
    assert recorder.seen == [Started(None, lost=GONE)]


def test_a_decision_asked_before_the_store_is_open_is_not_answered(qtbot, started, asker, recorder) -> None:
    def never() -> PaperDesk:
        raise StoreError(StoreFault.FULL)

    worker = started(DeskWorker(never))
    asker.one.connect(worker.decide)
    asker.one.emit(Decide("x", 1))
    qtbot.waitUntil(lambda: recorder.seen != [])
    assert recorder.seen == [FaultHappened(StaffCode.STORE_FULL)]


def test_a_store_that_opens_later_ends_the_fault(qtbot, started, recorder, monkeypatch) -> None:
    monkeypatch.setattr("kiosk_app.workers.desk.OPEN_AGAIN_MS", 10)
    outcomes: list[PaperDesk | StoreError] = [StoreError(StoreFault.BUSY), StoreError(StoreFault.BUSY), PaperDesk()]

    def open_desk() -> PaperDesk:
        outcome = outcomes.pop(0)
        if isinstance(outcome, StoreError):
            raise outcome
        return outcome

    started(DeskWorker(open_desk))
    qtbot.waitUntil(lambda: recorder.of(Started) != [])
    fault = FaultHappened(StaffCode.STORE_NOT_WRITABLE)
    assert recorder.seen == [fault, fault, FaultCleared(StaffCode.STORE_NOT_WRITABLE), Started(SITE)]


def test_an_unexpected_error_closes_the_door_politely_and_the_next_is_answered(qtbot, started, asker, recorder) -> None:
    worker = started(DeskWorker(lambda: PaperDesk(RuntimeError("a secret text"), ADMIT)))
    asker.one.connect(worker.decide)
    asker.one.emit(Decide("x", 1))
    asker.one.emit(Decide("y", 2))
    qtbot.waitUntil(lambda: recorder.of(VerdictReached) != [])
    assert recorder.seen == [Started(SITE), FaultHappened(StaffCode.UNEXPECTED_FAULT), VerdictReached(ADMIT, 2)]


def test_thousands_of_signals_leave_the_interpreter_alive(qtbot, started, asker, recorder) -> None:
    """PySide6 6.12.0 drops a reference to True at each emit and kills CPython 3.11 after about 570."""
    worker = started(DeskWorker(lambda: PaperDesk(*[Refuse(Reason.EXPIRED)] * 3000)))
    asker.one.connect(worker.decide)
    for number in range(3000):
        asker.one.emit(Decide("x", number))
    qtbot.waitUntil(lambda: len(recorder.of(VerdictReached)) == 3000, timeout=30_000)
