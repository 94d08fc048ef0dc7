"""What a screen says: title, body, facts, staff code, mood and mark, from the journey alone. Pure, so tested bare.

The widgets draw these words and the announcements speak them: nobody hears something else than others read.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import assert_never

from kiosk_app.core.journey import (
    Admitted,
    AskReception,
    Checking,
    Declined,
    HelpCause,
    Hint,
    Journey,
    Maintenance,
    OutOfService,
    Pairing,
    PairingTrouble,
    PairingTroubleKind,
    Ready,
    StaffEntry,
    Starting,
    Unpaired,
)
from kiosk_app.core.journey_screens import VisitorScreen
from kiosk_app.core.journey_strip import Strip
from kiosk_app.ui.texts.catalogue import Catalogue
from kiosk_app.ui.texts.keys import Count, Say
from kiosk_app.ui.texts.times import come_back, since_when
from kiosk_app.ui.theme.palettes import Mood
from kiosk_protocol.reasons import CANNOT_DECIDE, Reason


class Mark(StrEnum):
    """The shape of an answer, so that it never rests on colour alone."""

    NONE = "none"
    TICK = "tick"
    CLOCK = "clock"
    CROSS = "cross"
    PERSON = "person"
    MOON = "moon"


@dataclass(frozen=True, slots=True)
class Words:
    """One screen in words. ``facts`` are label and value; ``way_out`` is the text of the button that leaves."""

    title: str
    body: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    staff_code: str = ""
    mood: Mood = Mood.CALM
    mark: Mark = Mark.NONE
    way_out: str = ""

    @property
    def spoken(self) -> str:
        """What assistive technology says when the screen comes."""
        facts = (f"{label}: {value}" for label, value in self.facts)
        return ". ".join(part.rstrip(".") for part in (self.title, self.body, *facts) if part)


@dataclass(frozen=True, slots=True)
class Setting:
    """Language, zone and the time now, in which words are put."""

    catalogue: Catalogue
    zone: tzinfo
    now: datetime


_TROUBLE = {
    PairingTroubleKind.WRONG_DIGITS: Say.WRONG_DIGITS,
    PairingTroubleKind.NO_TRIES_LEFT: Say.NO_TRIES_LEFT,
    PairingTroubleKind.WINDOW_CLOSED: Say.WINDOW_CLOSED,
    PairingTroubleKind.ADDRESS_UNUSABLE: Say.ADDRESS_UNUSABLE,
    PairingTroubleKind.SERVER_NOT_TRUSTED: Say.SERVER_NOT_TRUSTED,
    PairingTroubleKind.UNREACHABLE: Say.UNREACHABLE,
    PairingTroubleKind.NO_ANSWER: Say.NO_ANSWER,
    PairingTroubleKind.REVOKED: Say.REVOKED,
}

_FOR_STAFF = frozenset(
    {
        PairingTroubleKind.SERVER_NOT_TRUSTED,
        PairingTroubleKind.UNREACHABLE,
        PairingTroubleKind.NO_ANSWER,
        PairingTroubleKind.REVOKED,
    }
)
"""Troubles that typing again does not mend, so the code stands beside the sentence."""

_COMES_AGAIN = frozenset({Reason.TOO_EARLY, Reason.EXPIRED})
"""Reasons of time, shown as a clock."""


def words_of(journey: Journey, setting: Setting) -> Words:
    """Return what the journey's screen says."""
    screen = journey.screen
    if isinstance(screen, StaffEntry | Maintenance):
        # Imported here: visitors never read it, and the first window must not wait for it.
        from kiosk_app.ui.texts.staff import staff_words  # noqa: PLC0415

        return staff_words(screen, setting)
    return _visitor_words(screen, setting)


def _visitor_words(screen: VisitorScreen, setting: Setting) -> Words:
    say = setting.catalogue.say
    match screen:
        case Starting():
            words = Words(say(Say.STARTING))
        case Unpaired(_, _, trouble):
            body = say(Say.CONNECT_BODY) if trouble is None else trouble_words(trouble, setting)
            words = Words(say(Say.CONNECT_TITLE), body)
        case Pairing():
            words = Words(say(Say.CONNECT_TITLE), say(Say.CONNECTING))
        case Ready(hint, _):
            words = Words(say(Say.WELCOME), say(_ready_hint(hint)))
        case Checking():
            words = Words(say(Say.WELCOME), say(Say.CODE_SEEN))
        case Admitted():
            words = _admitted(screen, setting)
        case Declined():
            words = _declined(screen, setting)
        case AskReception():
            words = _ask_reception(screen, setting)
        case OutOfService(code):
            words = Words(
                say(Say.OUT_TITLE), say(Say.OUT_BODY), staff_code=say(Say.STAFF_CODE, code=code), mark=Mark.MOON
            )
        case _ as unreachable:
            assert_never(unreachable)
    return words


def trouble_words(trouble: PairingTrouble, setting: Setting) -> str:
    """Return what staff read after an attempt to pair or a revocation, with counts and the code where there are."""
    parts = [setting.catalogue.say(_TROUBLE[trouble.kind])]
    if trouble.tries_left is not None and trouble.kind is PairingTroubleKind.WRONG_DIGITS:
        parts.append(setting.catalogue.count(Count.TRIES_LEFT, max(0, trouble.tries_left)))
    if trouble.sealed:
        parts.append(setting.catalogue.count(Count.SEALED, trouble.sealed))
    if trouble.code is not None and trouble.kind in _FOR_STAFF:
        parts.append(f"({setting.catalogue.isolate(trouble.code)})")
    return " ".join(parts)


def strip_words(strip: Strip, setting: Setting) -> str:
    """Return the staff strip's one line, such as ``Offline since 14:02 · 1 check-in waiting since 14:05``."""
    catalogue, parts = setting.catalogue, []
    if strip.offline and strip.offline_since is not None:
        parts.append(catalogue.say(Say.OFFLINE_SINCE, time=_since(strip.offline_since, setting)))
    elif strip.offline:
        parts.append(catalogue.say(Say.OFFLINE))
    if strip.waiting:
        waiting = catalogue.count(Count.WAITING, strip.waiting)
        if strip.waiting_since is not None:
            waiting = catalogue.say(Say.SINCE, what=waiting, time=_since(strip.waiting_since, setting))
        parts.append(waiting)
    if strip.camera is not None:
        parts.append(catalogue.say(Say.CAMERA_CODE, code=strip.camera))
    if strip.server is not None:
        parts.append(catalogue.say(Say.SERVER_CODE, code=strip.server))
    return " · ".join(parts)


def _since(moment: datetime, setting: Setting) -> str:
    return since_when(moment, setting.now, setting.zone, setting.catalogue)


def _ready_hint(hint: Hint | None) -> Say:
    return Say.HOLD_CODE if hint is None else Say.ONE_CODE_PLEASE


def _admitted(screen: Admitted, setting: Setting) -> Words:
    say, greeting = setting.catalogue.say, screen.greeting
    title, facts = say(Say.ADMITTED), []
    if greeting is not None:
        title = say(Say.ADMITTED_NAMED, name=greeting.visitor_name)
        if greeting.host_name:
            facts.append((say(Say.HOST), greeting.host_name))
        if greeting.room:
            facts.append((say(Say.ROOM), greeting.room))
    return Words(title, say(Say.ADMITTED_BODY), tuple(facts), mood=Mood.WELCOME, mark=Mark.TICK, way_out=say(Say.DONE))


def _declined(screen: Declined, setting: Setting) -> Words:
    answer = setting.catalogue.answers[screen.reason]
    body = answer.do
    if screen.opens_at is not None:
        body = come_back(screen.opens_at, setting.now, setting.zone, setting.catalogue)
    return Words(
        answer.title,
        body,
        staff_code=setting.catalogue.say(Say.STAFF_CODE, code=screen.code),
        mood=Mood.LOOK if screen.reason is Reason.TOO_EARLY else Mood.NOT_NOW,
        mark=Mark.CLOCK if screen.reason in _COMES_AGAIN else Mark.CROSS,
        way_out=setting.catalogue.say(Say.TRY_ANOTHER),
    )


def _ask_reception(screen: AskReception, setting: Setting) -> Words:
    say = setting.catalogue.say
    title, body, way_out = say(Say.SEE_RECEPTION), say(Say.NOT_ABOUT_YOU), say(Say.DONE)
    match screen.cause:
        case HelpCause.NO_CODE:
            title, body, way_out = say(Say.NO_CODE_TITLE), say(Say.NO_CODE_BODY), say(Say.BACK)
        case HelpCause.ASKED_FOR_HELP:
            title, body, way_out = say(Say.HELP_TITLE), say(Say.HELP_BODY), say(Say.BACK)
        case HelpCause.NO_ANSWER | Reason.UNKNOWN_KEY:
            # An unknown key that cannot be decided is our old key set: nothing is wrong with the visitor's code.
            pass
        case Reason() as reason if reason in CANNOT_DECIDE:
            body = setting.catalogue.answers[reason].do
        case Reason() as reason:
            # Another kiosk or the server knows better than this one, for instance that the code was used there.
            body = setting.catalogue.answers[reason].title + "."
        case _ as unreachable:
            assert_never(unreachable)
    staff_code = "" if screen.code is None else say(Say.STAFF_CODE, code=screen.code)
    return Words(title, body, staff_code=staff_code, mood=Mood.LOOK, mark=Mark.PERSON, way_out=way_out)
