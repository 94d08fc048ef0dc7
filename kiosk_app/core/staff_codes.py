"""The short stable codes that staff read: one per cause, each with a line in ``docs/runbook.md``.

A visitor sees a kind sentence, staff see ``DOOR-11``, the log has the rest. A code is never given a second meaning and
never renumbered; a cause that goes away leaves a gap. What a code means and what to do about it is written once, in the
runbook; a test keeps the two in step.
"""

from enum import StrEnum

from kiosk_protocol.reasons import Reason


class StaffCode(StrEnum):
    """One cause of trouble, or one reason at the door, in the form shown on the screen."""

    DOOR_NOT_A_VISIT_CODE = "DOOR-1"
    DOOR_MALFORMED = "DOOR-2"
    DOOR_UNKNOWN_KEY = "DOOR-3"
    DOOR_BAD_SIGNATURE = "DOOR-4"
    DOOR_WRONG_SITE = "DOOR-5"
    DOOR_TRUST_EXPIRED = "DOOR-6"
    DOOR_CLOCK_SUSPECT = "DOOR-7"
    DOOR_STORE_UNAVAILABLE = "DOOR-8"
    DOOR_CANCELLED = "DOOR-9"
    DOOR_SUPERSEDED = "DOOR-10"
    DOOR_ALREADY_USED = "DOOR-11"
    DOOR_EXPIRED = "DOOR-12"
    DOOR_TOO_EARLY = "DOOR-13"
    DOOR_UNKNOWN_VISIT = "DOOR-14"
    DOOR_CONFLICT = "DOOR-15"
    DOOR_NO_ANSWER = "DOOR-20"

    CAMERA_NOT_FOUND = "CAM-1"
    CAMERA_STOPPED = "CAM-2"
    CAMERA_BUSY = "CAM-3"
    CAMERA_BAD_ADDRESS = "CAM-4"
    CAMERA_UNREADABLE = "CAM-5"
    CAMERA_LOST_READER = "CAM-6"

    SERVER_UNREACHABLE = "NET-1"
    SERVER_NOT_TRUSTED = "NET-2"
    SERVER_ANSWER_UNUSABLE = "NET-3"
    SERVER_REFUSES_KIOSK = "NET-4"
    PAIRING_NO_ANSWER = "NET-5"
    KIOSK_REVOKED = "NET-6"
    TOKEN_ENDS_SOON = "NET-7"  # noqa: S105 - a code, not a token

    STORE_FULL = "STORE-1"
    STORE_DAMAGED = "STORE-2"
    STORE_NEWER = "STORE-3"
    STORE_NOT_WRITABLE = "STORE-4"
    STORE_FOREIGN = "STORE-5"
    KEYS_UNREADABLE = "KEY-1"

    SETTINGS_UNUSABLE = "APP-1"
    UNEXPECTED_FAULT = "APP-2"
    WORKER_STOPPED = "APP-3"


def code_for_reason(reason: Reason) -> StaffCode:
    """Return the code staff read under the visitor's sentence for ``reason``."""
    return StaffCode[f"DOOR_{reason.name}"]
