"""Follows every scan from the camera to the server's word, for whoever asked through the remote hand.

The desk judges one code after the other, so what it says without naming a scan concerns the first that waits. Green is
measured where it is true: after the window painted the answer and no transition lies over it.
"""

import time
from collections import deque
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from kiosk_app.core.journey import Admitted, AskReception, Declined, Event, VerdictReached
from kiosk_app.core.scan_steps import ScanNote, ScanStep
from kiosk_app.core.verdict import Admit, Refuse, Verdict
from kiosk_app.ui.window import KioskWindow

KEPT: Final = 400
"""Notes kept for who begins to follow later: about fifty scans."""


class ScanLedger(QObject):
    """Lives in the GUI thread. ``begin`` and the slots bring the facts, ``noted`` says them with their scan."""

    noted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._kept: deque[ScanNote] = deque(maxlen=KEPT)
        self._judged: deque[int] = deque()
        self._window: KioskWindow | None = None
        self._to_be_painted: ScanNote | None = None

    @property
    def kept(self) -> tuple[ScanNote, ...]:
        """The newest notes, oldest first."""
        return tuple(self._kept)

    def watch(self, window: KioskWindow) -> None:
        """Measure green at ``window``; once."""
        self._window = window

    def begin(self, seen_at_ns: int) -> None:
        """Note a scan that goes to the desk now."""
        self._judged.append(seen_at_ns)
        self._say(ScanNote(ScanStep.SEEN, seen_at_ns, seen_at_ns))

    @Slot(object)
    def on_note(self, note: ScanNote) -> None:
        """Take what a worker's witness saw."""
        if note.step in {ScanStep.VERIFIED, ScanStep.DURABLE}:
            scan = self._judged[0] if self._judged else None
            note = ScanNote(note.step, note.at_ns, scan, note.check_in_id)
        self._say(note)

    @Slot(object)
    def on_event(self, event: Event) -> None:
        """Take a journey's event after the journey did; only verdicts matter."""
        if not isinstance(event, VerdictReached):
            return
        if self._judged and self._judged[0] == event.seen_at_ns:
            self._judged.popleft()
        view = None if self._window is None else self._window.view
        # A verdict that came too late is not shown, and so is never green.
        if view is not None and isinstance(view.journey.screen, _screen_of(event.verdict)):
            self._await_paint(_answered(event.verdict, event.seen_at_ns))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See that the window is about to be painted; what is queued behind that runs after it."""
        if event.type() is QEvent.Type.UpdateRequest:
            QTimer.singleShot(0, self, self._painted)
        return super().eventFilter(watched, event)

    def _await_paint(self, note: ScanNote) -> None:
        window = self._window
        if window is None:
            return
        if self._to_be_painted is None:
            window.installEventFilter(self)
        self._to_be_painted = note
        # Were nothing to change on the screen, nothing would be painted, and this would wait for ever.
        QWidget.update(window)

    @Slot()
    def _painted(self) -> None:
        note, window = self._to_be_painted, self._window
        if note is None or window is None or window.is_moving:
            return
        self._to_be_painted = None
        window.removeEventFilter(self)
        self._say(ScanNote(note.step, time.monotonic_ns(), note.scan, note.check_in_id, note.reason))

    def _say(self, note: ScanNote) -> None:
        self._kept.append(note)
        self.noted.emit(note)


def _screen_of(verdict: Verdict) -> type[Admitted | Declined | AskReception]:
    if isinstance(verdict, Admit):
        return Admitted
    return Declined if isinstance(verdict, Refuse) else AskReception


def _answered(verdict: Verdict, seen_at_ns: int) -> ScanNote:
    if isinstance(verdict, Admit):
        return ScanNote(ScanStep.GREEN, 0, seen_at_ns, verdict.check_in_id)
    step = ScanStep.REFUSED if isinstance(verdict, Refuse) else ScanStep.RECEPTION
    return ScanNote(step, 0, seen_at_ns, reason=verdict.reason.value)
