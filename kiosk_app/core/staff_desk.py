"""What staff can do at the kiosk, as values: what they choose, what is asked for it, and how it ended.

Nothing here has a field for a visitor's name, nor for the text of a code that was held up to test the camera.
"""

from dataclasses import dataclass
from enum import StrEnum, auto

from kiosk_app.core.staff_codes import StaffCode
from kiosk_protocol.reasons import Reason

PAIRING_PATH = "/p/"


class StaffChoice(StrEnum):
    """What can be pressed on the staff's page."""

    TEST_CAMERA = auto()
    SYNC = auto()
    SAVE = auto()
    UNPAIR = auto()
    """Asks first; nothing happens yet."""
    UNPAIR_SURE = auto()
    KEEP_AND_UNPAIR = auto()
    """What waits unsent is kept sealed in a file of its own."""
    BACK = auto()
    LEAVE = auto()


class StaffPanel(StrEnum):
    """What the staff's page shows."""

    TABLE = auto()
    CAMERA = auto()
    UNPAIR = auto()


class CodeKind(StrEnum):
    """What a code held up to test the camera is, from its form alone: nothing is verified and nothing consumed."""

    VISIT = auto()
    SETUP = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class LookAtPin:
    """Say what stands in the way of a try."""


@dataclass(frozen=True, slots=True)
class CheckPin:
    """Count a try and answer it."""

    digits: str


@dataclass(frozen=True, slots=True)
class Examine:
    """Make findings. ``camera`` is the journey's own knowledge: its trouble, None where it gives pictures."""

    camera: StaffCode | None


@dataclass(frozen=True, slots=True)
class SaveDiagnostics:
    """Write findings, versions, counters and the log's tail to a file, without personal data."""

    camera: StaffCode | None


@dataclass(frozen=True, slots=True)
class SyncNow:
    """Do one full round with the server."""


@dataclass(frozen=True, slots=True)
class Unpair:
    """Forget the pairing. Refused while anything waits unsent, unless it is kept aside."""

    keep_aside: bool


StaffRequest = LookAtPin | CheckPin | Examine | SaveDiagnostics | SyncNow | Unpair


@dataclass(frozen=True, slots=True)
class Synced:
    """A round ended. ``code`` is what failed first, None where all went well."""

    waiting: int
    code: StaffCode | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """The diagnostics lie at ``where``."""

    where: str


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """Not unpaired: so many check-ins did not reach the server."""

    count: int


@dataclass(frozen=True, slots=True)
class Unpaired:
    """The pairing is gone. ``where`` its records lie sealed, empty where none were left."""

    where: str = ""


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """It did not come about."""

    code: StaffCode


StaffOutcome = Synced | Saved | StillWaiting | Unpaired | TaskFailed


def kind_of_code(text: str) -> CodeKind:
    """Return what a shown text is, without judging it."""
    # Imported here: it brings cryptography along, and the first window must not wait for that.
    from kiosk_protocol.transport import read_shown_code  # noqa: PLC0415

    if text.startswith("https://") and PAIRING_PATH in text:
        return CodeKind.SETUP
    return CodeKind.OTHER if read_shown_code(text) is Reason.NOT_A_VISIT_CODE else CodeKind.VISIT
