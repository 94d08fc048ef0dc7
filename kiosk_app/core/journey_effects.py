"""What a step asks for beside a new screen: a closed union of frozen values, named as imperatives, and the port.

The controller keeps the timers and speaks the announcements itself; everything that needs a camera, a disk or a
network goes through :class:`Errands`, which the workers implement with queued signals.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from kiosk_app.core.staff_desk import StaffRequest


@dataclass(frozen=True, slots=True)
class Pair:
    """Try to pair. Answered by PairingSucceeded, PairingRefused or PairingUnreachable."""

    setup_code: str
    digits: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Judge one shown code. Answered by VerdictReached with the same ``seen_at_ns``."""

    text: str
    seen_at_ns: int


@dataclass(frozen=True, slots=True)
class ServeStaff:
    """Do something for staff. Answered by PinAnswered, FindingsMade or StaffTaskEnded, as the request is."""

    request: StaffRequest


@dataclass(frozen=True, slots=True)
class ReadyForNextCode:
    """The scan gate may let the next sighting through. May come when it already could; then it says nothing new."""


@dataclass(frozen=True, slots=True)
class StartDwell:
    """Send ``DwellElapsed(ticket)`` after ``duration``. Replaces an earlier dwell."""

    ticket: int
    duration: timedelta


@dataclass(frozen=True, slots=True)
class StartPause:
    """Send ``PauseElapsed(ticket)`` after ``duration``. Replaces an earlier pause."""

    ticket: int
    duration: timedelta


@dataclass(frozen=True, slots=True)
class StopDwell:
    """Neither dwell nor pause runs any longer."""


@dataclass(frozen=True, slots=True)
class AnnounceScreen:
    """Let assistive technology speak what the screen says now."""


Effect = Pair | Decide | ServeStaff | ReadyForNextCode | StartDwell | StartPause | StopDwell | AnnounceScreen


class Errands(Protocol):
    """What the window asks the workers to do. Every call returns at once; answers come back as journey events."""

    def pair(self, setup_code: str, digits: str) -> None:
        """Try to pair with these."""

    def decide(self, text: str, seen_at_ns: int) -> None:
        """Judge one shown code (at most 4,096 bytes) seen at ``seen_at_ns`` (monotonic)."""

    def ready_for_next_code(self) -> None:
        """Let the scan gate take the next sighting."""

    def serve_staff(self, request: StaffRequest) -> None:
        """Do something for staff."""
