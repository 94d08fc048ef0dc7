"""The shell around the journey: events in, the screen shown, effects carried out. Lives in the GUI thread."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import assert_never

from PySide6.QtCore import QObject, QTimer, Slot

from kiosk_app.core.journey import (
    AnnounceScreen,
    Decide,
    DwellElapsed,
    Effect,
    Errands,
    Event,
    Journey,
    JourneyPolicy,
    LookDue,
    Maintenance,
    Pair,
    PauseElapsed,
    ReadyForNextCode,
    ServeStaff,
    StartDwell,
    StartPause,
    StopDwell,
    step,
)
from kiosk_app.ui.feedback import announce
from kiosk_app.ui.preview_picture import PreviewPicture
from kiosk_app.ui.view import make_view
from kiosk_app.ui.window import KioskWindow

Clock = Callable[[], datetime]
"""Returns the time now, aware. The one who builds the window knows where it comes from."""

_CLOCK_LOOK_MS = 1_000


class JourneyController(QObject):
    """Receives every event in the GUI thread and asks the pure step what comes of it."""

    def __init__(
        self,
        window: KioskWindow,
        errands: Errands,
        clock: Clock,
        journey: Journey,
        policy: JourneyPolicy,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._errands, self._clock, self._policy = window, errands, clock, policy
        self._journey = journey
        self._waiting: deque[Event] = deque()
        self._stepping = False
        self._dwell, self._pause = TicketTimer(self, DwellElapsed), TicketTimer(self, PauseElapsed)
        self._minute = QTimer(self)
        self._minute.setInterval(_CLOCK_LOOK_MS)
        self._minute.timeout.connect(self._look_at_clock)
        self._minute.start()
        window.event_happened.connect(self.on_event)
        window.show_view(make_view(journey, clock()))

    @property
    def journey(self) -> Journey:
        """Where the journey is."""
        return self._journey

    @Slot(object)
    def on_event(self, event: Event) -> None:
        """Take one event. An event caused by another one's effects waits for its turn."""
        self._waiting.append(event)
        if self._stepping:
            return
        self._stepping = True
        try:
            while self._waiting:
                self._take(self._waiting.popleft())
        finally:
            self._stepping = False

    @Slot(object)
    def on_preview(self, picture: PreviewPicture) -> None:
        """Show a camera picture."""
        self._window.show_picture(picture)

    def _take(self, event: Event) -> None:
        result = step(self._journey, event, self._policy)
        changed = result.journey != self._journey
        self._journey = result.journey
        if changed:
            self._window.show_view(make_view(self._journey, self._clock()))
        for effect in result.effects:
            self._carry_out(effect)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Pair(setup_code, digits):
                self._errands.pair(setup_code, digits)
            case Decide(text, seen_at_ns):
                self._errands.decide(text, seen_at_ns)
            case ServeStaff(request):
                self._errands.serve_staff(request)
            case ReadyForNextCode():
                self._errands.ready_for_next_code()
            case StartDwell(ticket, duration):
                self._dwell.start(ticket, duration)
            case StartPause(ticket, duration):
                self._pause.start(ticket, duration)
            case StopDwell():
                self._dwell.stop()
                self._pause.stop()
            case AnnounceScreen():
                view = self._window.view
                if view is not None:
                    announce(self._window, view.words.spoken)
            case _ as unreachable:
                assert_never(unreachable)

    def _look_at_clock(self) -> None:
        if isinstance(self._journey.screen, Maintenance):
            self.on_event(LookDue())
        view = make_view(self._journey, self._clock())
        shown = self._window.view
        if shown is not None and (view.time, view.strip) != (shown.time, shown.strip):
            self._window.show_view(view)


class TicketTimer(QObject):
    """A single timer whose event carries the ticket it was started with."""

    def __init__(self, controller: JourneyController, event: type[DwellElapsed | PauseElapsed]) -> None:
        super().__init__(controller)
        self._controller, self._event = controller, event
        self._ticket = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._elapse)

    def start(self, ticket: int, duration: timedelta) -> None:
        """Run for ``duration`` from now, instead of what ran before."""
        self._ticket = ticket
        self._timer.start(max(0, round(duration.total_seconds() * 1_000)))

    def stop(self) -> None:
        """Send nothing."""
        self._timer.stop()

    @Slot()
    def _elapse(self) -> None:
        self._controller.on_event(self._event(self._ticket))
