"""The keys of all texts that are not the answer to a reason (those are in ``answers``)."""

from enum import StrEnum, auto


class Say(StrEnum):
    """One thing to say. Placeholders are named in braces in the texts and are the same in every language."""

    WELCOME = auto()
    HOLD_CODE = auto()
    WHERE_CODE_IS = auto()
    NO_CODE = auto()
    CODE_SEEN = auto()
    CHECKING = auto()
    ONE_CODE_PLEASE = auto()
    PREVIEW = auto()

    ADMITTED = auto()
    ADMITTED_NAMED = auto()
    ADMITTED_BODY = auto()
    HOST = auto()
    ROOM = auto()

    SEE_RECEPTION = auto()
    NOT_ABOUT_YOU = auto()
    HELP_TITLE = auto()
    HELP_BODY = auto()
    NO_CODE_TITLE = auto()
    NO_CODE_BODY = auto()
    COME_BACK_AT = auto()
    COME_BACK_ON = auto()
    STAFF_CODE = auto()
    OUT_TITLE = auto()
    OUT_BODY = auto()
    STARTING = auto()

    CALL_RECEPTION = auto()
    DONE = auto()
    TRY_ANOTHER = auto()
    BACK = auto()
    MORE_TIME = auto()
    SECONDS_LEFT = auto()

    CONNECT_TITLE = auto()
    CONNECT_BODY = auto()
    ADDRESS = auto()
    ADDRESS_EXAMPLE = auto()
    DIGITS = auto()
    DIGITS_TYPED = auto()
    KEY_DIGIT = auto()
    KEY_ERASE = auto()
    KEY_CLEAR = auto()
    CONNECT = auto()
    CONNECTING = auto()
    WRONG_DIGITS = auto()
    NO_TRIES_LEFT = auto()
    WINDOW_CLOSED = auto()
    ADDRESS_UNUSABLE = auto()
    SERVER_NOT_TRUSTED = auto()
    UNREACHABLE = auto()
    NO_ANSWER = auto()
    REVOKED = auto()

    KEYBOARD = auto()
    KEY_SHIFT = auto()
    KEY_BACKSPACE = auto()

    LANGUAGE = auto()
    DISPLAY = auto()
    THEME = auto()
    THEME_LIGHT = auto()
    THEME_DARK = auto()
    THEME_HIGH_CONTRAST = auto()
    TEXT_SIZE = auto()
    TEXT_NORMAL = auto()
    TEXT_LARGE = auto()
    TEXT_LARGEST = auto()
    MOTION = auto()
    MOTION_CALM = auto()
    MOTION_FULL = auto()

    OFFLINE = auto()
    OFFLINE_SINCE = auto()
    SINCE = auto()
    CAMERA_CODE = auto()
    SERVER_CODE = auto()


class Count(StrEnum):
    """Texts that change with a number; each language gives the plural forms it has."""

    TRIES_LEFT = auto()
    WAITING = auto()
    SEALED = auto()
