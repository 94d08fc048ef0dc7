"""Everything that can happen to the journey, as a closed union of frozen values, named in the past tense.

Workers emit these through one signal; the screens emit the ones a finger causes. Nothing here carries a device, a
socket or a clock: times are values that somebody else read.
"""

from dataclasses import dataclass
from datetime import datetime

from kiosk_app.core.health import Finding
from kiosk_app.core.journey_comfort import Appearance, Comfort, Language, SiteIdentity
from kiosk_app.core.journey_screens import PairingTrouble, PairingTroubleKind
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import StaffChoice, StaffOutcome
from kiosk_app.core.staff_pin import PinAnswer
from kiosk_app.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Started:
    """Store and settings are read. ``site`` is None where the kiosk is not paired."""

    site: SiteIdentity | None
    house: Comfort | None = None
    """This kiosk's own defaults, where its settings name some."""
    lost: PairingTrouble | None = None
    """Why it is paired no more, where it once was and people should know."""


@dataclass(frozen=True, slots=True)
class SetupCodeChanged:
    """The pairing address was typed, handed in at the start, or read by the camera."""

    setup_code: str


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """One key of the keypad, ``0`` to ``9``; anything else is ignored."""

    digit: str


@dataclass(frozen=True, slots=True)
class DigitErased:
    """The last digit is taken back."""


@dataclass(frozen=True, slots=True)
class DigitsCleared:
    """All digits are taken back."""


@dataclass(frozen=True, slots=True)
class PairingAsked:
    """Staff pressed Connect."""


@dataclass(frozen=True, slots=True)
class PairingSucceeded:
    """Device key, token, trust root and settings are stored."""

    site: SiteIdentity


@dataclass(frozen=True, slots=True)
class PairingRefused:
    """The server, or the kiosk's own check of its answer, said no. ``tries_left`` as the kiosk counted."""

    kind: PairingTroubleKind
    tries_left: int | None = None
    code: StaffCode | None = None


@dataclass(frozen=True, slots=True)
class PairingUnreachable:
    """No answer from the server; no try was counted."""

    code: StaffCode


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """The scan gate lets one sighting through. ``seen_at_ns`` (monotonic) names it."""

    text: str
    seen_at_ns: int


@dataclass(frozen=True, slots=True)
class SeveralCodesSeen:
    """Two codes are in the picture; the gate takes neither."""


@dataclass(frozen=True, slots=True)
class VerdictReached:
    """The desk's answer to the sighting of ``seen_at_ns``."""

    verdict: Verdict
    seen_at_ns: int


@dataclass(frozen=True, slots=True)
class NoCodePressed:
    """A visitor has no code to show."""


@dataclass(frozen=True, slots=True)
class HelpPressed:
    """A visitor wants a person."""


@dataclass(frozen=True, slots=True)
class DwellElapsed:
    """A screen's time is up. A ticket that is not the current screen's is a late timer and changes nothing."""

    ticket: int


@dataclass(frozen=True, slots=True)
class PauseElapsed:
    """The least time a result stays is over: the next visitor's code may be taken."""

    ticket: int


@dataclass(frozen=True, slots=True)
class MoreTimePressed:
    """The screen shall stay longer."""


@dataclass(frozen=True, slots=True)
class DismissPressed:
    """The visitor is done with this screen."""


@dataclass(frozen=True, slots=True)
class ConnectivityChanged:
    """The link as judged with hysteresis. ``since`` is aware, the last change; None where not known."""

    online: bool
    since: datetime | None = None
    note: StaffCode | None = None
    """What staff should look up about the server although the door works."""


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """Check-ins not yet acknowledged by the server; ``oldest_since`` (aware) is the oldest one's decision."""

    waiting: int
    oldest_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class CameraTrouble:
    """The camera gives no pictures."""

    code: StaffCode


@dataclass(frozen=True, slots=True)
class CameraBack:
    """The camera gives pictures again."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """A visitor's language; the site's own comes back after them."""

    language: Language


@dataclass(frozen=True, slots=True)
class AppearanceChosen:
    """A visitor's theme, text size and motion; the kiosk's own come back after them."""

    appearance: Appearance


@dataclass(frozen=True, slots=True)
class FaultHappened:
    """Something the kiosk cannot work without broke. The same code twice is one fault."""

    code: StaffCode


@dataclass(frozen=True, slots=True)
class FaultCleared:
    """The fault of that code is gone, a full disk has room again."""

    code: StaffCode


@dataclass(frozen=True, slots=True)
class SiteChanged:
    """New site settings, or None: this kiosk is paired no more."""

    site: SiteIdentity | None
    trouble: PairingTrouble | None = None
    """Why it is paired no more, for staff."""


@dataclass(frozen=True, slots=True)
class StaffGestureMade:
    """Somebody made the hidden gesture."""


@dataclass(frozen=True, slots=True)
class PinAnswered:
    """What the PIN's keeper says: to a try, or to whether one can be made (None: it can)."""

    answer: PinAnswer | None


@dataclass(frozen=True, slots=True)
class LookDue:
    """The staff's page has stood for a second: its findings may be made anew."""


@dataclass(frozen=True, slots=True)
class FindingsMade:
    """The doctor's findings, one for each subject."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class StaffChosen:
    """Something was pressed on the staff's page."""

    choice: StaffChoice


@dataclass(frozen=True, slots=True)
class StaffTaskEnded:
    """An action of the staff's page ended."""

    outcome: StaffOutcome


PairingEvent = (
    SetupCodeChanged
    | DigitPressed
    | DigitErased
    | DigitsCleared
    | PairingAsked
    | PairingSucceeded
    | PairingRefused
    | PairingUnreachable
)
DoorEvent = CodeSeen | SeveralCodesSeen | VerdictReached
PressEvent = NoCodePressed | HelpPressed | MoreTimePressed | DismissPressed
TimeEvent = DwellElapsed | PauseElapsed
ComfortEvent = LanguageChosen | AppearanceChosen
MachineEvent = (
    Started
    | ConnectivityChanged
    | QueueChanged
    | CameraTrouble
    | CameraBack
    | FaultHappened
    | FaultCleared
    | SiteChanged
)
StaffEvent = StaffGestureMade | PinAnswered | LookDue | FindingsMade | StaffChosen | StaffTaskEnded
Event = PairingEvent | DoorEvent | PressEvent | TimeEvent | ComfortEvent | MachineEvent | StaffEvent
