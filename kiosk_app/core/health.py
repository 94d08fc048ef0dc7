"""How the kiosk is, as values: findings of the doctor, each with a stable code that ``docs/runbook.md`` explains.

A finding says how one thing is, well or not. It holds no personal data: a code, a count, a moment, a machine word. Its
sentence is ``health_words``' and ``kiosk_app.ui``'s matter. Codes are never renumbered and never change their meaning.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto

from kiosk_app.core.staff_codes import StaffCode


class HealthState(StrEnum):
    """What a finding asks of staff."""

    OK = auto()
    LOOK = auto()
    """The door works; somebody should look at it in time."""
    BAD = auto()
    """The door does not work, or will not for long."""


class Subject(StrEnum):
    """What a finding is about. One finding each, in this order."""

    PAIRING = auto()
    CAMERA = auto()
    NETWORK = auto()
    CLOCK = auto()
    KEYS = auto()
    TRUST = auto()
    QUEUE = auto()
    DISK = auto()
    FONTS = auto()
    READER = auto()
    VERSION = auto()


class HealthCode(Enum):
    """Every finding there is: its code, its subject, and what it asks of staff."""

    PAIRED = "DOC-1", Subject.PAIRING, HealthState.OK
    UNPAIRED = "DOC-2", Subject.PAIRING, HealthState.LOOK
    STORE_TROUBLE = "DOC-3", Subject.PAIRING, HealthState.BAD
    CAMERA_WELL = "DOC-10", Subject.CAMERA, HealthState.OK
    CAMERA_TROUBLE = "DOC-11", Subject.CAMERA, HealthState.BAD
    CAMERA_IN_USE = "DOC-12", Subject.CAMERA, HealthState.OK
    CAMERA_NONE = "DOC-13", Subject.CAMERA, HealthState.LOOK
    NETWORK_WELL = "DOC-20", Subject.NETWORK, HealthState.OK
    NETWORK_DOWN = "DOC-21", Subject.NETWORK, HealthState.LOOK
    NETWORK_UNKNOWN = "DOC-22", Subject.NETWORK, HealthState.OK
    CLOCK_SURE = "DOC-30", Subject.CLOCK, HealthState.OK
    CLOCK_PLAUSIBLE = "DOC-31", Subject.CLOCK, HealthState.OK
    CLOCK_SUSPECT = "DOC-32", Subject.CLOCK, HealthState.BAD
    CLOCK_UNPROVEN = "DOC-33", Subject.CLOCK, HealthState.OK
    KEYS_WELL = "DOC-40", Subject.KEYS, HealthState.OK
    KEYS_TROUBLE = "DOC-41", Subject.KEYS, HealthState.BAD
    KEYS_FOREIGN = "DOC-42", Subject.KEYS, HealthState.BAD
    KEYS_NONE_YET = "DOC-43", Subject.KEYS, HealthState.OK
    KEYS_BY_CREDENTIAL = "DOC-44", Subject.KEYS, HealthState.OK
    KEYS_IN_KEY_RING = "DOC-45", Subject.KEYS, HealthState.OK
    QUEUE_EMPTY = "DOC-50", Subject.QUEUE, HealthState.OK
    QUEUE_WAITING = "DOC-51", Subject.QUEUE, HealthState.LOOK
    QUEUE_PARKED = "DOC-52", Subject.QUEUE, HealthState.LOOK
    QUEUE_UNKNOWN = "DOC-53", Subject.QUEUE, HealthState.BAD
    DISK_ROOMY = "DOC-60", Subject.DISK, HealthState.OK
    DISK_LOW = "DOC-61", Subject.DISK, HealthState.LOOK
    DISK_FULL = "DOC-62", Subject.DISK, HealthState.BAD
    DISK_UNKNOWN = "DOC-63", Subject.DISK, HealthState.LOOK
    VERSION = "DOC-70", Subject.VERSION, HealthState.OK
    TRUST_FRESH = "DOC-80", Subject.TRUST, HealthState.OK
    TRUST_OLD = "DOC-81", Subject.TRUST, HealthState.LOOK
    TRUST_EXPIRED = "DOC-82", Subject.TRUST, HealthState.BAD
    TRUST_NONE_YET = "DOC-83", Subject.TRUST, HealthState.OK
    FONTS_THERE = "DOC-90", Subject.FONTS, HealthState.OK
    FONTS_MISSING = "DOC-91", Subject.FONTS, HealthState.LOOK
    READER_THERE = "DOC-95", Subject.READER, HealthState.OK
    READER_MISSING = "DOC-96", Subject.READER, HealthState.LOOK

    def __init__(self, code: str, subject: Subject, state: HealthState) -> None:
        self.code = code
        self.subject = subject
        self.state = state


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is."""

    code: HealthCode
    cause: StaffCode | None = None
    """The code that says more, where there is one."""
    count: int | None = None
    """Check-ins, megabytes, hours or files, as the code's sentence says."""
    since: datetime | None = None
    """Aware."""
    detail: str = ""
    """A machine word: a version."""

    @property
    def state(self) -> HealthState:
        """What it asks of staff."""
        return self.code.state

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.code.subject
