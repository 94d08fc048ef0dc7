"""The desk's thread: one shown code at a time, from its text to a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from PySide6.QtCore import QTimer, Signal, Slot

from kiosk_app.core.errors import KioskError
from kiosk_app.core.journey import Decide, FaultCleared, PairingTrouble, SiteIdentity, Started, VerdictReached
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.verdict import Admit, Verdict
from kiosk_app.logs import Decided, KioskStarted, write
from kiosk_app.workers.worker import Worker, guarded

OPEN_AGAIN_MS: Final = 5000
"""A full disk or a held store may be free again; the kiosk looks every five seconds."""


class Desk(Protocol):
    """What the worker opens in its own thread."""

    def site(self) -> SiteIdentity | None:
        """Return the paired site, None while unpaired."""

    def lost(self) -> PairingTrouble | None:
        """Return why there is no site any more, None where there is one or that needs no words."""

    def judge(self, text: str, seen_ms_ago: int) -> Verdict:
        """Return the verdict on a shown text."""

    def close(self) -> None:
        """Let the store go."""


class DeskWorker(Worker):
    """Judges codes. Says *Started* once the store is open, and again after trouble with opening it."""

    decided = Signal(object)
    """One :class:`Verdict`, after the journey was told."""

    def __init__(self, open_desk: Callable[[], Desk]) -> None:
        super().__init__("desk")
        self._open_desk = open_desk
        self._desk: Desk | None = None
        self._timer: QTimer | None = None
        self._fault: StaffCode | None = None

    def open(self) -> None:
        """Open the store."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.try_to_open)
        self.try_to_open()

    def close(self) -> None:
        """Let the store go."""
        if self._timer is not None:
            self._timer.stop()
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    @Slot()
    @guarded
    def try_to_open(self) -> None:
        """Open the store; where it does not open yet, say so and try again later."""
        try:
            self._desk = self._open_desk()
            site, lost = self._desk.site(), self._desk.lost()
        except KioskError as error:
            self._fault = self.report(error)
            if self._timer is not None:
                self._timer.start(OPEN_AGAIN_MS)
            return
        if self._fault is not None:
            self.happened.emit(FaultCleared(self._fault))
            self._fault = None
        write(KioskStarted(site is not None))
        self.happened.emit(Started(site, lost=lost))

    @Slot(object)
    @guarded
    def decide(self, asked: Decide) -> None:
        """Judge one code and tell the journey."""
        if self._desk is None:
            return
        began_ns = time.monotonic_ns()
        verdict = self._desk.judge(asked.text, max(0, began_ns - asked.seen_at_ns) // 1_000_000)
        self.happened.emit(VerdictReached(verdict, asked.seen_at_ns))
        took_ms = (time.monotonic_ns() - began_ns) // 1_000_000
        reason, check_in = (
            ("none", verdict.check_in_id) if isinstance(verdict, Admit) else (verdict.reason.value, "none")
        )
        write(Decided(type(verdict).__name__, reason, check_in, took_ms))
        self.decided.emit(verdict)
