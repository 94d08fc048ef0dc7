"""What the staff's pages say: keys, the shape of a language, the words of both screens. Loaded with their first use."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from importlib import import_module
from typing import assert_never

from kiosk_app.core.health import Finding, HealthCode, HealthState, Subject
from kiosk_app.core.journey import Language, Maintenance, StaffEntry
from kiosk_app.core.staff_desk import (
    CodeKind,
    Saved,
    StaffOutcome,
    StaffPanel,
    StillWaiting,
    Synced,
    TaskFailed,
    Unpaired,
)
from kiosk_app.core.staff_pin import PinAnswer, PinLocked, PinMissing, PinRight, PinTrouble, PinWrong
from kiosk_app.ui.texts.times import since_when
from kiosk_app.ui.texts.words import Setting, Words

_MODULES = {
    Language.ENGLISH: "kiosk_app.ui.texts.staff_english",
    Language.GERMAN: "kiosk_app.ui.texts.staff_german",
    Language.ARABIC: "kiosk_app.ui.texts.staff_arabic",
}


class StaffSay(StrEnum):
    """One thing to say to staff. Placeholders are the same in every language."""

    PIN_TITLE = auto()
    PIN_BODY = auto()
    PIN_TYPED = auto()
    PIN_CHECKING = auto()
    PIN_WRONG = auto()
    PIN_LOCKED = auto()
    PIN_MISSING = auto()
    PIN_TROUBLE = auto()
    TITLE = auto()
    LOOKING = auto()
    WORKING = auto()
    CAMERA = auto()
    CAMERA_EFFECT = auto()
    SYNC = auto()
    SYNC_EFFECT = auto()
    SAVE = auto()
    SAVE_EFFECT = auto()
    UNPAIR = auto()
    UNPAIR_EFFECT = auto()
    LEAVE = auto()
    LEAVE_EFFECT = auto()
    CAMERA_TITLE = auto()
    CAMERA_BODY = auto()
    KIND_VISIT = auto()
    KIND_SETUP = auto()
    KIND_OTHER = auto()
    UNPAIR_TITLE = auto()
    UNPAIR_BODY = auto()
    UNPAIR_SURE = auto()
    KEEP_BODY = auto()
    KEEP = auto()
    SYNCED = auto()
    SYNCED_WAITING = auto()
    SYNC_FAILED = auto()
    SAVED = auto()
    UNPAIRED = auto()
    UNPAIRED_KEPT = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class StaffTexts:
    """One complete language of the staff's pages."""

    texts: Mapping[StaffSay, str]
    subjects: Mapping[Subject, str]
    states: Mapping[HealthState, str]
    findings: Mapping[HealthCode, str]


def staff_texts(language: Language) -> StaffTexts:
    """Return the texts in ``language``, loaded when they are first asked for."""
    texts: StaffTexts = import_module(_MODULES[language]).TEXTS
    return texts


def say_to_staff(setting: Setting, key: StaffSay, **values: str) -> str:
    """Return the text with its placeholders filled."""
    catalogue = setting.catalogue
    isolated = {name: catalogue.isolate(value) for name, value in values.items()}
    return staff_texts(catalogue.language).texts[key].format(**isolated)


def finding_words(finding: Finding, setting: Setting) -> str:
    """Return the finding's sentence."""
    catalogue = setting.catalogue
    since = finding.since
    values = {
        "cause": "" if finding.cause is None else finding.cause.value,
        "count": str(finding.count),
        "time": "" if since is None else since_when(since, setting.now, setting.zone, catalogue),
        "detail": finding.detail,
    }
    isolated = {name: catalogue.isolate(value) for name, value in values.items()}
    return staff_texts(catalogue.language).findings[finding.code].format(**isolated)


def staff_words(screen: StaffEntry | Maintenance, setting: Setting) -> Words:
    """Return what the staff's screen says, also to assistive technology."""
    match screen:
        case StaffEntry():
            return Words(say_to_staff(setting, StaffSay.PIN_TITLE), entry_words(screen, setting))
        case Maintenance(panel=StaffPanel.CAMERA, code_kind=kind):
            return Words(say_to_staff(setting, StaffSay.CAMERA_TITLE), kind_words(kind, setting))
        case Maintenance(panel=StaffPanel.UNPAIR, outcome=outcome):
            waiting = isinstance(outcome, StillWaiting)
            body = outcome_words(outcome, setting) if waiting else say_to_staff(setting, StaffSay.UNPAIR_BODY)
            return Words(say_to_staff(setting, StaffSay.UNPAIR_TITLE), body)
        case Maintenance():
            return Words(say_to_staff(setting, StaffSay.TITLE), page_words(screen, setting))


def entry_words(screen: StaffEntry, setting: Setting) -> str:
    """Return what stands above the pad: what to do, or what is in the way."""
    if screen.checking:
        return say_to_staff(setting, StaffSay.PIN_CHECKING)
    return say_to_staff(setting, StaffSay.PIN_BODY) if screen.obstacle is None else _obstacle(screen.obstacle, setting)


def kind_words(kind: CodeKind | None, setting: Setting) -> str:
    """Return what is said of the code held up, or what to do."""
    keys = {
        None: StaffSay.CAMERA_BODY,
        CodeKind.VISIT: StaffSay.KIND_VISIT,
        CodeKind.SETUP: StaffSay.KIND_SETUP,
        CodeKind.OTHER: StaffSay.KIND_OTHER,
    }
    return say_to_staff(setting, keys[kind])


def page_words(screen: Maintenance, setting: Setting) -> str:
    """Return the line above the table: what is under way, how the last action ended, or nothing."""
    if screen.busy:
        return say_to_staff(setting, StaffSay.WORKING)
    if screen.outcome is not None:
        return outcome_words(screen.outcome, setting)
    return "" if screen.findings else say_to_staff(setting, StaffSay.LOOKING)


def outcome_words(outcome: StaffOutcome | None, setting: Setting) -> str:
    """Return how an action ended."""
    match outcome:
        case None:
            return ""
        case Synced(waiting, None):
            key = StaffSay.SYNCED_WAITING if waiting else StaffSay.SYNCED
            return say_to_staff(setting, key, count=str(waiting))
        case Synced(waiting, code):
            return say_to_staff(setting, StaffSay.SYNC_FAILED, count=str(waiting), code=str(code))
        case Saved(where):
            return say_to_staff(setting, StaffSay.SAVED, where=where)
        case StillWaiting(count):
            return say_to_staff(setting, StaffSay.KEEP_BODY, count=str(count))
        case Unpaired(""):
            return say_to_staff(setting, StaffSay.UNPAIRED)
        case Unpaired(where):
            return say_to_staff(setting, StaffSay.UNPAIRED_KEPT, where=where)
        case TaskFailed(code):
            return say_to_staff(setting, StaffSay.FAILED, code=code)
        case _ as unreachable:
            assert_never(unreachable)


def _obstacle(answer: PinAnswer, setting: Setting) -> str:
    match answer:
        case PinRight():
            return say_to_staff(setting, StaffSay.PIN_BODY)
        case PinWrong(tries_left):
            return say_to_staff(setting, StaffSay.PIN_WRONG, count=str(tries_left))
        case PinLocked(duration):
            minutes = -(-int(duration.total_seconds()) // 60)
            return say_to_staff(setting, StaffSay.PIN_LOCKED, count=str(max(1, minutes)))
        case PinMissing():
            return say_to_staff(setting, StaffSay.PIN_MISSING, command="atrium-kiosk pin")
        case PinTrouble(code):
            return say_to_staff(setting, StaffSay.PIN_TROUBLE, code=code)
        case _ as unreachable:
            assert_never(unreachable)
