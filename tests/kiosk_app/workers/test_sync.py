"""The network's thread: its rhythm, and what it tells the journey."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from kiosk_app.core.connectivity import LinkState
from kiosk_app.core.errors import KeysError, StoreError, StoreFault
from kiosk_app.core.journey import (
    ConnectivityChanged,
    FaultCleared,
    FaultHappened,
    Pair,
    PairingRefused,
    PairingSucceeded,
    PairingTrouble,
    PairingTroubleKind,
    QueueChanged,
    SiteChanged,
    SiteIdentity,
)
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.server_answers import NoReply, Refused, Unreachable
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import StillWaiting, Unpaired
from kiosk_app.core.verdict import Admit, AskReception
from kiosk_app.workers.sync import RoundReport, SyncWorker
from kiosk_protocol.reasons import Reason

SITE = SiteIdentity("AAAAAAAAAAA", "Main house", "UTC")
ANNEXE = SiteIdentity("AAAAAAAAAAA", "Annexe", "UTC")
UP, DOWN = LinkState(True, 1_900_000_000_000), LinkState(False, 1_900_000_060_000)
MOMENT = datetime.fromtimestamp(1_900_000_000, UTC)
ADMIT = Admit("x", None, decided_offline=True)


WELL = RoundReport(SITE, QueueState(), UP, None)


@dataclass
class PaperNetwork:
    """Reports what the test says."""

    report: RoundReport = WELL
    rounds: list[bool] = field(default_factory=list)
    tidied: int = 0
    trouble: Exception | None = None
    outcome: object = None
    pairings: list[tuple[str, str]] = field(default_factory=list)
    closed: bool = False
    cameras: list[str] = field(default_factory=list)
    waiting_before_round: QueueState | None = None

    def run_round(self, *, full: bool, camera: str) -> RoundReport:
        self.rounds.append(full)
        self.cameras.append(camera)
        if self.trouble is not None:
            raise self.trouble
        return self.report

    def pair(self, setup_code: str, digits: str):
        self.pairings.append((setup_code, digits))
        return self.outcome

    def unpair(self, *, keep_aside: bool) -> StillWaiting | Unpaired:
        return Unpaired("/data/kept") if keep_aside else StillWaiting(self.report.queue.waiting)

    def look(self) -> tuple[QueueState, LinkState]:
        return self.waiting_before_round or self.report.queue, self.report.link

    def tidy(self) -> None:
        self.tidied += 1

    def random_unit(self) -> float:
        return 0.0

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rounds follow each other at once."""
    monkeypatch.setattr("kiosk_app.workers.sync.ROUND_EVERY_MS", 5)
    monkeypatch.setattr("kiosk_app.workers.sync.TROUBLE_EVERY_MS", 5)


Start = Callable[[SyncWorker], SyncWorker]


def test_the_first_round_is_full_and_tidies_the_next_are_short(qtbot, fast, started: Start, recorder) -> None:
    network = PaperNetwork()
    started(SyncWorker(lambda: network))
    qtbot.waitUntil(lambda: len(network.rounds) >= 3)
    assert network.rounds[:3] == [True, False, False]
    assert network.tidied == 1
    assert recorder.seen == [QueueChanged(0, None), ConnectivityChanged(True, MOMENT)]


def test_only_what_changed_is_told(qtbot, fast, started: Start, recorder) -> None:
    network = PaperNetwork()
    started(SyncWorker(lambda: network))
    qtbot.waitUntil(lambda: len(network.rounds) >= 2)
    queue = QueueState(1, 0, 1_900_000_000_000)
    network.report = RoundReport(ANNEXE, queue, DOWN, ("feed", Unreachable(NoReply.CONNECT)))
    qtbot.waitUntil(lambda: recorder.of(SiteChanged) != [])
    rounds = len(network.rounds)
    qtbot.waitUntil(lambda: len(network.rounds) > rounds + 2)
    assert recorder.seen[2:] == [
        QueueChanged(1, MOMENT),
        ConnectivityChanged(False, MOMENT + timedelta(seconds=60)),
        SiteChanged(ANNEXE),
    ]


def test_a_full_round_that_failed_is_tried_again_in_full(qtbot, fast, started: Start) -> None:
    network = PaperNetwork(RoundReport(SITE, QueueState(), DOWN, ("time", Refused(500))))
    started(SyncWorker(lambda: network))
    qtbot.waitUntil(lambda: len(network.rounds) >= 3)
    assert network.rounds[:3] == [True, True, True]


def test_a_server_that_asks_for_time_gets_it(qtbot, started: Start) -> None:
    network = PaperNetwork(RoundReport(SITE, QueueState(), UP, ("time", Refused(429, "", timedelta(seconds=600)))))
    worker = started(SyncWorker(lambda: network))
    qtbot.waitUntil(lambda: network.rounds != [] and worker._timer is not None and worker._timer.interval() > 0)
    assert worker._timer.interval() == 600_000


def test_an_admission_with_the_link_up_is_handed_over_at_once(qtbot, started: Start, asker, recorder) -> None:
    network = PaperNetwork()
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.on_decided)
    qtbot.waitUntil(lambda: len(network.rounds) == 1)
    network.report = RoundReport(SITE, QueueState(1, 0, 1_900_000_000_000), UP, None)
    asker.one.emit(ADMIT)
    qtbot.waitUntil(lambda: QueueChanged(1, MOMENT) in recorder.seen)
    assert len(network.rounds) == 2


def test_a_check_in_on_its_way_is_nothing_staff_should_notice(qtbot, started: Start, asker, recorder) -> None:
    """With the link up the queue is told after the round, not before: a good day shows no strip."""
    network = PaperNetwork(waiting_before_round=QueueState(1, 0, 1_900_000_000_000))
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.on_decided)
    qtbot.waitUntil(lambda: len(network.rounds) == 1)
    asker.one.emit(ADMIT)
    qtbot.waitUntil(lambda: len(network.rounds) == 2)
    assert QueueChanged(1, MOMENT) not in recorder.seen


def test_an_admission_while_the_server_is_away_only_shows_the_queue(qtbot, started: Start, asker, recorder) -> None:
    network = PaperNetwork(RoundReport(SITE, QueueState(), DOWN, ("time", Refused(503, "", timedelta(seconds=600)))))
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.on_decided)
    qtbot.waitUntil(lambda: len(network.rounds) == 1)
    network.report = RoundReport(SITE, QueueState(1, 0, 1_900_000_000_000), DOWN, None)
    asker.one.emit(ADMIT)
    qtbot.waitUntil(lambda: QueueChanged(1, MOMENT) in recorder.seen)
    assert len(network.rounds) == 1


def test_a_store_that_failed_the_desk_is_looked_at_at_once(qtbot, started: Start, asker) -> None:
    network = PaperNetwork()
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.on_decided)
    qtbot.waitUntil(lambda: network.tidied == 1)
    asker.one.emit(AskReception(Reason.STORE_UNAVAILABLE))
    qtbot.waitUntil(lambda: network.tidied == 2)


@pytest.mark.parametrize(
    ("error", "code"),
    [(StoreError(StoreFault.FULL), StaffCode.STORE_FULL), (KeysError("x"), StaffCode.KEYS_UNREADABLE)],
)
def test_trouble_of_the_kiosk_is_told_until_it_ends(qtbot, fast, started: Start, recorder, error, code) -> None:
    network = PaperNetwork(trouble=error)
    started(SyncWorker(lambda: network))
    qtbot.waitUntil(lambda: len(recorder.of(FaultHappened)) >= 2)
    assert set(recorder.seen) == {FaultHappened(code)}
    network.trouble = None
    qtbot.waitUntil(lambda: recorder.of(FaultCleared) != [])
    assert recorder.of(FaultCleared) == [FaultCleared(code)]
    assert network.tidied >= 1


def test_a_store_that_opens_later_is_used(qtbot, fast, started: Start) -> None:
    network = PaperNetwork()
    outcomes: list[Exception | None] = [StoreError(StoreFault.BUSY), None]

    def open_network() -> PaperNetwork:
        error = outcomes.pop(0)
        if error is not None:
            raise error
        return network

    started(SyncWorker(open_network))
    qtbot.waitUntil(lambda: network.rounds != [])


def test_pairing_is_answered_and_success_is_followed_by_a_full_round(qtbot, started: Start, asker, recorder) -> None:
    network = PaperNetwork(RoundReport(None, QueueState(), LinkState(), None))
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.pair)
    qtbot.waitUntil(lambda: network.rounds == [True])
    network.outcome = PairingRefused(PairingTroubleKind.WRONG_DIGITS, 4, StaffCode.SERVER_REFUSES_KIOSK)
    asker.one.emit(Pair("https://x", "000000"))
    qtbot.waitUntil(lambda: network.outcome in recorder.seen)
    assert network.rounds == [True]
    network.outcome = PairingSucceeded(SITE)
    asker.one.emit(Pair("https://x", "042137"))
    qtbot.waitUntil(lambda: network.rounds == [True, True])
    assert network.pairings == [("https://x", "000000"), ("https://x", "042137")]
    assert recorder.of(SiteChanged) == []


def test_pairing_that_the_kiosk_itself_is_in_the_way_of_is_told_and_may_be_tried_again(
    qtbot, fast, started: Start, asker, recorder, monkeypatch
) -> None:
    network = PaperNetwork(RoundReport(None, QueueState(), LinkState(), None))

    def fail(_setup_code: str, _digits: str) -> None:
        raise KeysError("The key folder cannot be written to.")

    monkeypatch.setattr(network, "pair", fail)
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.pair)
    qtbot.waitUntil(lambda: network.rounds != [])
    asker.one.emit(Pair("https://x", "000000"))
    qtbot.waitUntil(lambda: recorder.of(FaultCleared) != [])
    assert recorder.seen[-2:] == [FaultHappened(StaffCode.KEYS_UNREADABLE), FaultCleared(StaffCode.KEYS_UNREADABLE)]


def test_everything_is_let_go_at_the_end(qtbot, started: Start, asker) -> None:
    network = PaperNetwork()
    started(SyncWorker(lambda: network))
    qtbot.waitUntil(lambda: network.rounds != [])
    asker.end.emit()
    qtbot.waitUntil(lambda: network.closed)


def test_before_the_store_is_open_nothing_is_asked(qtbot, started: Start, asker, recorder) -> None:
    def never() -> PaperNetwork:
        raise StoreError(StoreFault.BUSY)

    worker = started(SyncWorker(never))
    asker.one.connect(worker.pair)
    asker.one.connect(worker.on_decided)
    asker.one.emit(Pair("https://x", "000000"))
    qtbot.waitUntil(lambda: recorder.seen != [])
    assert recorder.of(PairingSucceeded) == []


def test_how_the_camera_is_goes_out_with_the_next_round_at_once(qtbot, started: Start, asker) -> None:
    network = PaperNetwork()
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.on_camera)
    qtbot.waitUntil(lambda: network.cameras == ["off"])
    asker.one.emit("CAM-2")
    qtbot.waitUntil(lambda: network.cameras == ["off", "CAM-2"])


def test_news_of_the_camera_does_not_hurry_a_server_that_is_away(qtbot, started: Start, asker) -> None:
    network = PaperNetwork(RoundReport(SITE, QueueState(), DOWN, ("time", Refused(503, "", timedelta(seconds=600)))))
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.on_camera)
    qtbot.waitUntil(lambda: worker._timer is not None and worker._timer.interval() == 600_000)
    asker.one.emit("ok")
    qtbot.waitUntil(lambda: worker._camera == "ok")
    assert (worker._timer.interval(), network.cameras) == (600_000, ["off"])


def test_a_revoked_kiosk_says_so_once_and_can_be_paired_again(qtbot, fast, started: Start, asker, recorder) -> None:
    network = PaperNetwork()
    worker = started(SyncWorker(lambda: network))
    asker.one.connect(worker.pair)
    qtbot.waitUntil(lambda: network.rounds != [])
    network.report = RoundReport(None, QueueState(), UP, None, revoked=True, sealed=3)
    trouble = PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED, sealed=3)
    qtbot.waitUntil(lambda: SiteChanged(None, trouble) in recorder.seen)
    network.report, network.outcome = WELL, PairingSucceeded(SITE)
    asker.one.emit(Pair("https://x", "042137"))
    qtbot.waitUntil(lambda: recorder.of(PairingSucceeded) != [])
    network.report = RoundReport(ANNEXE, QueueState(), UP, None)
    qtbot.waitUntil(lambda: SiteChanged(ANNEXE) in recorder.seen)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_a_note_for_staff_and_goes_away_with_it(qtbot, fast, started: Start, recorder, status) -> None:
    """Nothing else changes: the site stays, and there is no fault."""
    network = PaperNetwork(RoundReport(SITE, QueueState(), UP, ("time", Refused(status))))
    started(SyncWorker(lambda: network))
    noted = ConnectivityChanged(True, MOMENT, StaffCode.SERVER_REFUSES_KIOSK)
    qtbot.waitUntil(lambda: recorder.of(ConnectivityChanged) == [noted])
    network.report = WELL
    qtbot.waitUntil(lambda: recorder.of(ConnectivityChanged) == [noted, ConnectivityChanged(True, MOMENT)])
    assert recorder.of(SiteChanged) == recorder.of(FaultHappened) == []


def test_a_token_that_ends_soon_is_a_note_for_staff() -> None:
    """A refusal, which may be the reason for it, goes before."""
    assert RoundReport(SITE, QueueState(), UP, None, token_ends_soon=True).note is StaffCode.TOKEN_ENDS_SOON
    refused = RoundReport(SITE, QueueState(), UP, ("token", Refused(403)), token_ends_soon=True)
    assert refused.note is StaffCode.SERVER_REFUSES_KIOSK
    assert RoundReport(SITE, QueueState(), DOWN, ("time", Unreachable(NoReply.CONNECT))).note is None
