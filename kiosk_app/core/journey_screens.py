"""Every screen of the kiosk, as a closed union of frozen values. What is drawn for each is ``kiosk_app.ui``'s matter.

Only :class:`Admitted` holds a name, so leaving it drops the name; no other screen has a field for one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk_app.core.health import Finding
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import CodeKind, StaffOutcome, StaffPanel
from kiosk_app.core.staff_pin import PinAnswer
from kiosk_app.core.verdict import Greeting
from kiosk_protocol.reasons import Reason


class PairingTroubleKind(StrEnum):
    """Why connecting did not work, told apart as far as staff can act differently."""

    WRONG_DIGITS = "wrong_digits"
    NO_TRIES_LEFT = "no_tries_left"
    WINDOW_CLOSED = "window_closed"
    """No window is open for this site, or it ran out, or it was used."""
    ADDRESS_UNUSABLE = "address_unusable"
    """What was typed or scanned is not a pairing address."""
    SERVER_NOT_TRUSTED = "server_not_trusted"
    """The server's certificate is not the one the set-up code names."""
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    REVOKED = "revoked"
    """Nothing was tried: this kiosk was paired and is no more, by the server's signed word."""


class Hint(StrEnum):
    """A passing remark on the Ready screen."""

    ONE_CODE_PLEASE = "one_code_please"


class HelpCause(StrEnum):
    """Why a visitor is sent to reception without any code having been judged."""

    NO_CODE = "no_code"
    ASKED_FOR_HELP = "asked_for_help"
    NO_ANSWER = "no_answer"
    """The decision did not come in time: our trouble, not the visitor's."""


@dataclass(frozen=True, slots=True)
class Dwell:
    """How long a screen stays by itself. ``ticket`` tells its own timer from an earlier one that fires late."""

    ticket: int
    duration: timedelta


@dataclass(frozen=True, slots=True)
class PairingTrouble:
    """What the pairing screen says after an attempt, or why this kiosk must be paired anew.

    Attributes:
        tries_left: As the kiosk counted; None where not known.
        sealed: Check-ins of a revoked kiosk that the server has not taken over yet; they wait here, sealed.
    """

    kind: PairingTroubleKind
    tries_left: int | None = None
    code: StaffCode | None = None
    sealed: int = 0


@dataclass(frozen=True, slots=True)
class Starting:
    """The first picture, until the store and the settings are read."""


@dataclass(frozen=True, slots=True)
class Unpaired:
    """Waits for the pairing address (at most 512 characters) and six digits."""

    setup_code: str = ""
    digits: str = ""
    trouble: PairingTrouble | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """The attempt is under way; keys are ignored until it ends or ``dwell`` elapses."""

    setup_code: str
    digits: str
    dwell: Dwell


@dataclass(frozen=True, slots=True)
class Ready:
    """Waits for a visitor. ``dwell`` runs while there is a hint to take back or a visitor's comfort to reset."""

    hint: Hint | None = None
    dwell: Dwell | None = None


@dataclass(frozen=True, slots=True)
class Checking:
    """One code is being judged, named by the moment it was seen (monotonic, ns). The code itself is not kept."""

    seen_at_ns: int
    dwell: Dwell


@dataclass(frozen=True, slots=True)
class Admitted:
    """The check-in is durable. ``pause`` is the ticket until which no next code is taken; None means taken."""

    greeting: Greeting | None
    dwell: Dwell
    pause: int | None


@dataclass(frozen=True, slots=True)
class Declined:
    """The code itself is the reason. ``opens_at`` (aware) for ``too_early`` only."""

    reason: Reason
    opens_at: datetime | None
    code: StaffCode
    dwell: Dwell
    pause: int | None


@dataclass(frozen=True, slots=True)
class AskReception:
    """Reception helps: the kiosk cannot decide, or the visitor asked. ``code`` is None where nothing is wrong."""

    cause: Reason | HelpCause
    code: StaffCode | None
    dwell: Dwell
    pause: int | None


@dataclass(frozen=True, slots=True)
class OutOfService:
    """Resting until the cause is gone. Says nothing technical beside the code."""

    code: StaffCode


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """Waits for the staff's PIN. ``obstacle`` is what the last answer said; None where nothing is in the way."""

    dwell: Dwell
    digits: str = ""
    obstacle: PinAnswer | None = None
    checking: bool = False


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The staff's page. ``asked`` while findings are on their way, ``busy`` while an action is."""

    dwell: Dwell
    findings: tuple[Finding, ...] = ()
    asked: bool = False
    panel: StaffPanel = StaffPanel.TABLE
    code_kind: CodeKind | None = None
    busy: bool = False
    outcome: StaffOutcome | None = None


Result = Admitted | Declined | AskReception
"""Screens that answer somebody and close by themselves."""

VisitorScreen = Starting | Unpaired | Pairing | Ready | Checking | Admitted | Declined | AskReception | OutOfService
"""What anybody in the lobby may see."""

Screen = VisitorScreen | StaffEntry | Maintenance
