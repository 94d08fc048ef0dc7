"""The network's thread: rounds with the server, pairing, and what must happen now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from PySide6.QtCore import QTimer, Slot

from kiosk_app.core.backoff import SYNC_BACKOFF, wait_before
from kiosk_app.core.connectivity import LinkState
from kiosk_app.core.errors import KioskError
from kiosk_app.core.journey import (
    ConnectivityChanged,
    FaultCleared,
    Pair,
    PairingRefused,
    PairingSucceeded,
    PairingTrouble,
    PairingTroubleKind,
    PairingUnreachable,
    QueueChanged,
    SiteChanged,
    SiteIdentity,
    StaffTaskEnded,
)
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.server_answers import Failure, Refused, staff_code
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import StaffOutcome, StillWaiting, SyncNow, TaskFailed, Unpair, Unpaired
from kiosk_app.core.staff_desk import Synced as StaffSynced
from kiosk_app.core.verdict import Admit, AskReception, Verdict
from kiosk_app.logs import Synced, write
from kiosk_app.workers.worker import Worker, guarded
from kiosk_protocol.reasons import Reason

ROUND_EVERY_MS: Final = 5_000
"""With the link up; a cancellation reaches the door within this."""
FULL_EVERY_S: Final = 60
TIDY_EVERY_S: Final = 300
TROUBLE_EVERY_MS: Final = 5_000
_NOTED: Final = frozenset({StaffCode.SERVER_REFUSES_KIOSK, StaffCode.SERVER_NOT_TRUSTED})
"""What does not go away by itself. A server that is merely away is told as offline."""


@dataclass(frozen=True, slots=True)
class RoundReport:
    """How a round with the server went."""

    site: SiteIdentity | None
    queue: QueueState
    link: LinkState
    failure: tuple[str, Failure] | None
    """The first step that failed, and how."""
    revoked: bool = False
    """This kiosk was revoked in this round."""
    sealed: int = 0
    """Check-ins of the revoked kiosk that the server has not taken over."""
    token_ends_soon: bool = False

    @property
    def note(self) -> StaffCode | None:
        """What staff should look up although the door works, None where there is nothing."""
        code = None if self.failure is None else staff_code(self.failure[1])
        if code in _NOTED:
            return code
        return StaffCode.TOKEN_ENDS_SOON if self.token_ends_soon else None


class Network(Protocol):
    """What the worker opens in its own thread."""

    def run_round(self, *, full: bool, camera: str) -> RoundReport:
        """Talk to the server once and tell how the camera is; unpaired, only look at the queue. Raises StoreError."""

    def pair(self, setup_code: str, digits: str) -> PairingSucceeded | PairingRefused | PairingUnreachable:
        """Make one attempt to pair. Raises KioskError."""

    def unpair(self, *, keep_aside: bool) -> StillWaiting | Unpaired:
        """Forget the pairing, with ``keep_aside`` also where records wait. Raises StoreError."""

    def look(self) -> tuple[QueueState, LinkState]:
        """Return queue and link without asking anybody. Raises StoreError."""

    def tidy(self) -> None:
        """Save the floor of time and forget what is over. Raises StoreError."""

    def random_unit(self) -> float:
        """Return a random number in [0, 1)."""

    def close(self) -> None:
        """Let store and connections go."""


class SyncWorker(Worker):
    """Talks to the server by a timer of its own, sooner when there is something to hand over."""

    def __init__(self, open_network: Callable[[], Network]) -> None:
        super().__init__("sync")
        self._open_network = open_network
        self._network: Network | None = None
        self._timer: QTimer | None = None
        self._failures = 0
        self._full_at_s = self._tidy_at_s = float("-inf")
        self._site: SiteIdentity | None = None
        self._told: tuple[QueueState | None, bool | None, StaffCode | None] = (None, None, None)
        self._note: StaffCode | None = None
        self._faults: set[StaffCode] = set()
        self._logged: Synced | None = None
        self._camera = "off"

    def open(self) -> None:
        """Begin with a round at once."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.tick)
        self.tick()

    def close(self) -> None:
        """Let store and connections go."""
        if self._timer is not None:
            self._timer.stop()
        if self._network is not None:
            self._network.close()
            self._network = None

    @Slot()
    @guarded
    def tick(self) -> None:
        """Do what is due, then arrange for the next time."""
        wait_ms = TROUBLE_EVERY_MS
        try:
            if self._network is None:
                self._network = self._open_network()
            wait_ms = self._round(self._network)
        except KioskError as error:
            # Said again each time: another thread may have found the store well in between and said that.
            self._faults.add(self.report(error))
        finally:
            if self._timer is not None:
                self._timer.start(wait_ms)

    @Slot(object)
    @guarded
    def pair(self, asked: Pair) -> None:
        """Make one attempt to pair and tell the journey."""
        if self._network is None:
            return
        try:
            outcome = self._network.pair(asked.setup_code, asked.digits)
        except KioskError as error:
            # Staff read the code for a moment; the next round in which all is well brings the keypad back.
            self._faults.add(self.report(error))
            return
        self.happened.emit(outcome)
        if isinstance(outcome, PairingSucceeded):
            self._site, self._failures = outcome.site, 0
            self._full_at_s = float("-inf")
            self.tick()

    @Slot(object)
    @guarded
    def serve_staff(self, request: SyncNow | Unpair) -> None:
        """Do what staff ask of the network's thread: here no round is under way meanwhile."""
        outcome: StaffOutcome
        try:
            outcome = self._serve_staff(request)
        except KioskError as error:
            outcome = TaskFailed(error.code)
        self.happened.emit(StaffTaskEnded(outcome))

    def _serve_staff(self, request: SyncNow | Unpair) -> StaffOutcome:
        network = self._network
        if network is None:
            return TaskFailed(StaffCode.STORE_NOT_WRITABLE)
        if isinstance(request, SyncNow):
            report = network.run_round(full=True, camera=self._camera)
            self._tell_of(report)
            code = None if report.failure is None else staff_code(report.failure[1])
            return StaffSynced(report.queue.waiting, code)
        outcome = network.unpair(keep_aside=request.keep_aside)
        if isinstance(outcome, Unpaired):
            self._site = None
            self.happened.emit(SiteChanged(None))
            self._tell(*network.look())
        return outcome

    @Slot(object)
    @guarded
    def on_decided(self, verdict: Verdict) -> None:
        """With the link up hand over at once, and let the round tell what remained; else show the queue as it is."""
        if self._network is None or self._timer is None:
            return
        if isinstance(verdict, AskReception) and verdict.reason is Reason.STORE_UNAVAILABLE:
            self._tidy_at_s = float("-inf")
            self._timer.start(0)
            return
        # A check-in on its way is nothing staff should notice. While the server is away its own pace of retries
        # holds: a busy door must not hammer it.
        if isinstance(verdict, Admit) and self._failures == 0:
            self._timer.start(0)
        else:
            self._tell(*self._network.look())

    @Slot(str)
    @guarded
    def on_camera(self, standing: str) -> None:
        """Let the server hear soon how the camera is now; while the server is away, its own pace of retries holds."""
        self._camera = standing
        if self._timer is not None and self._failures == 0:
            self._timer.start(0)

    def _round(self, network: Network) -> int:
        """Return how long to wait for the next round, in ms."""
        now_s = time.monotonic()
        full = now_s - self._full_at_s >= FULL_EVERY_S
        report = network.run_round(full=full, camera=self._camera)
        failed = report.failure is not None
        if full and not failed:
            self._full_at_s = now_s
        if now_s - self._tidy_at_s >= TIDY_EVERY_S or self._faults:
            network.tidy()
            self._tidy_at_s = now_s
        self._be_well()
        self._tell_of(report)
        if report.site != self._site and report.site is not None:
            if self._site is not None:
                self.happened.emit(SiteChanged(report.site))
            self._site = report.site
        self._log(report)
        self._failures = self._failures + 1 if failed else 0
        return self._wait_ms(network, report)

    def _wait_ms(self, network: Network, report: RoundReport) -> int:
        if report.failure is None:
            return ROUND_EVERY_MS
        failure = report.failure[1]
        asked = failure.retry_after if isinstance(failure, Refused) else None
        wait = wait_before(self._failures, network.random_unit(), SYNC_BACKOFF, asked)
        return wait // timedelta(milliseconds=1)

    def _be_well(self) -> None:
        for code in sorted(self._faults):
            self.happened.emit(FaultCleared(code))
        self._faults.clear()

    def _tell_of(self, report: RoundReport) -> None:
        """Tell the journey what a round brought."""
        self._note = report.note
        self._tell(report.queue, report.link)
        if report.revoked:
            self._site = None
            trouble = PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED, sealed=report.sealed)
            self.happened.emit(SiteChanged(None, trouble))

    def _tell(self, queue: QueueState, link: LinkState) -> None:
        """Tell the journey what changed."""
        told_queue, told_online, told_note = self._told
        if queue != told_queue:
            self.happened.emit(QueueChanged(queue.waiting, _moment(queue.oldest_ms)))
        if link.online is not None and (link.online is not told_online or self._note is not told_note):
            self.happened.emit(ConnectivityChanged(link.online, _moment(link.since_ms), self._note))
        self._told = (queue, link.online, self._note)

    def _log(self, report: RoundReport) -> None:
        failed, code = "none", "none"
        if report.failure is not None:
            failed, code = report.failure[0], staff_code(report.failure[1]).value
        event = Synced(failed, code, report.queue.waiting, report.queue.parked)
        # Every five seconds the same line would bury the one that matters.
        if event != self._logged:
            write(event)
            self._logged = event


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
