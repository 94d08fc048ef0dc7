"""Broken machinery of the kiosk, each with the stable code that staff read.

    KioskError
    ├── StoreError             the store gave no answer: full, busy, read-only, damaged, newer, foreign
    ├── KeysError              the device key file is missing, readable by others, or no key
    ├── SettingsError          an argument or environment variable makes no sense
    └── AlreadyRunningError    another kiosk works in this data folder

What a visitor's code is refused for is a value (:mod:`kiosk_app.core.admission`), and so is what the network answers
(:mod:`kiosk_app.core.server_answers`); neither is an error.
"""

from enum import Enum

from kiosk_app.core.staff_codes import StaffCode


class KioskError(Exception):
    """Base of what this package raises on purpose.

    Attributes:
        code: What staff look up.
    """

    def __init__(self, code: StaffCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class StoreFault(Enum):
    """Why the store gives no answer, and the code for it."""

    FULL = StaffCode.STORE_FULL, "The disk is full."
    BUSY = StaffCode.STORE_NOT_WRITABLE, "The store is held by another program."
    READ_ONLY = StaffCode.STORE_NOT_WRITABLE, "The store cannot be written to."
    UNOPENABLE = StaffCode.STORE_NOT_WRITABLE, "The store cannot be opened."
    DAMAGED = StaffCode.STORE_DAMAGED, "The store is damaged."
    DISK = StaffCode.STORE_DAMAGED, "The disk under the store fails."
    NEWER = StaffCode.STORE_NEWER, "The store was written by a newer version of this program; update the program."
    FOREIGN = StaffCode.STORE_FOREIGN, "The file in the store's place belongs to another program."
    AT_CAP = StaffCode.STORE_FULL, "The store holds as many used visits as it may."

    def __init__(self, code: StaffCode, sentence: str) -> None:
        self.code = code
        self.sentence = sentence


class StoreError(KioskError):
    """The store gave no answer; nothing was written."""

    def __init__(self, fault: StoreFault) -> None:
        super().__init__(fault.code, fault.sentence)
        self.fault = fault


class KeysError(KioskError):
    """The device key cannot be used as it lies there."""

    def __init__(self, sentence: str) -> None:
        super().__init__(StaffCode.KEYS_UNREADABLE, sentence)


class SettingsError(KioskError):
    """What the kiosk was told makes no sense; the sentence says what to change."""

    def __init__(self, sentence: str) -> None:
        super().__init__(StaffCode.SETTINGS_UNUSABLE, sentence)


class AlreadyRunningError(KioskError):
    """Another kiosk works in this data folder."""

    def __init__(self, folder: str) -> None:
        super().__init__(StaffCode.SETTINGS_UNUSABLE, f"Another kiosk is running with the data folder {folder}.")
