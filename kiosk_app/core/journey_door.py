"""Steps at the door: a code is seen, judged, answered; help is asked for; screens close by themselves. Pure."""

from dataclasses import replace
from typing import assert_never

from kiosk_app.core.journey_effects import AnnounceScreen, Decide, ReadyForNextCode, StartPause
from kiosk_app.core.journey_events import (
    CodeSeen,
    DismissPressed,
    DoorEvent,
    DwellElapsed,
    HelpPressed,
    MoreTimePressed,
    NoCodePressed,
    PauseElapsed,
    PressEvent,
    SeveralCodesSeen,
    TimeEvent,
    VerdictReached,
)
from kiosk_app.core.journey_pairing import pairing_took_too_long, setup_code_seen
from kiosk_app.core.journey_screens import (
    Admitted,
    AskReception,
    Checking,
    Declined,
    HelpCause,
    Hint,
    Maintenance,
    OutOfService,
    Pairing,
    Ready,
    Result,
    StaffEntry,
    Starting,
    Unpaired,
)
from kiosk_app.core.journey_staff import code_seen_by_staff
from kiosk_app.core.journey_state import Journey, JourneyPolicy, Step, go_home, home_screen, start_dwell, take_ticket
from kiosk_app.core.staff_codes import StaffCode, code_for_reason
from kiosk_app.core.verdict import Admit, Refuse, Verdict
from kiosk_app.core.verdict import AskReception as CannotDecide


def step_door(journey: Journey, event: DoorEvent, policy: JourneyPolicy) -> Step:
    """Return what the camera and the desk make of the journey."""
    match event:
        case CodeSeen():
            return _code_seen(journey, event, policy)
        case SeveralCodesSeen():
            return _several_codes(journey, policy)
        case VerdictReached(verdict, seen_at_ns):
            screen = journey.screen
            if not isinstance(screen, Checking) or screen.seen_at_ns != seen_at_ns:
                # Late: the screen has moved on, and an answer must only ever be shown to whom it belongs.
                return Step(journey)
            return _answer(journey, verdict, policy)
        case _ as unreachable:
            assert_never(unreachable)


def step_press(journey: Journey, event: PressEvent, policy: JourneyPolicy) -> Step:
    """Return what a finger makes of the journey."""
    screen = journey.screen
    match event:
        case NoCodePressed():
            return _ask_reception(journey, HelpCause.NO_CODE, policy) if isinstance(screen, Ready) else Step(journey)
        case HelpPressed():
            return _help(journey, policy)
        case MoreTimePressed():
            return _more_time(journey, screen, policy) if isinstance(screen, Result) else Step(journey)
        case DismissPressed():
            return go_home(journey) if isinstance(screen, Result | StaffEntry) else Step(journey)
        case _ as unreachable:
            assert_never(unreachable)


def step_time(journey: Journey, event: TimeEvent, policy: JourneyPolicy) -> Step:
    """Return what a timer makes of the journey; a ticket that is not the screen's own changes nothing."""
    match event:
        case DwellElapsed(ticket):
            return _dwell_elapsed(journey, ticket, policy)
        case PauseElapsed(ticket):
            screen = journey.screen
            if not isinstance(screen, Result) or screen.pause != ticket:
                return Step(journey)
            return Step(replace(journey, screen=replace(screen, pause=None)), (ReadyForNextCode(),))
        case _ as unreachable:
            assert_never(unreachable)


def watch_comfort(journey: Journey, policy: JourneyPolicy) -> Step:
    """On the Ready screen, time how long a visitor's own language or text size may stand there unused."""
    screen = journey.screen
    if not isinstance(screen, Ready) or journey.comfort == journey.house:
        return Step(journey)
    journey, dwell, start = start_dwell(journey, policy.comfort_for)
    return Step(replace(journey, screen=Ready(screen.hint, dwell)), (start,))


def _code_seen(journey: Journey, event: CodeSeen, policy: JourneyPolicy) -> Step:
    screen = journey.screen
    match screen:
        case Ready():
            return _check(journey, event, policy)
        case Admitted() | Declined() | AskReception() if screen.pause is None and isinstance(
            home_screen(journey), Ready
        ):
            # A queue of visitors: the next one need not wait for the ring of the one before.
            return _check(journey, event, policy)
        case Unpaired():
            return setup_code_seen(journey, screen, event)
        case Checking() | Admitted() | Declined():
            # One at a time; the gate is told when this one's turn is over.
            return Step(journey)
        case Maintenance():
            return code_seen_by_staff(journey, screen, event, policy)
        case Starting() | Pairing() | AskReception() | OutOfService() | StaffEntry():
            return Step(journey, (ReadyForNextCode(),))
        case _ as unreachable:
            assert_never(unreachable)


def _check(journey: Journey, event: CodeSeen, policy: JourneyPolicy) -> Step:
    journey, dwell, start = start_dwell(journey, policy.checking_at_most)
    checking = replace(journey, screen=Checking(event.seen_at_ns, dwell))
    return Step(checking, (Decide(event.text, event.seen_at_ns), start, AnnounceScreen()))


def _several_codes(journey: Journey, policy: JourneyPolicy) -> Step:
    if not isinstance(journey.screen, Ready) or journey.screen.hint is Hint.ONE_CODE_PLEASE:
        return Step(journey)
    journey, dwell, start = start_dwell(journey, policy.hint_for)
    return Step(replace(journey, screen=Ready(Hint.ONE_CODE_PLEASE, dwell)), (start, AnnounceScreen()))


def _answer(journey: Journey, verdict: Verdict, policy: JourneyPolicy) -> Step:
    journey, pause = take_ticket(journey)
    pausing = StartPause(pause, policy.next_code_after)
    match verdict:
        case Admit(_, greeting, _):
            journey, dwell, start = start_dwell(journey, policy.admitted_for)
            screen: Result = Admitted(greeting, dwell, pause)
        case Refuse(reason, opens_at):
            journey, dwell, start = start_dwell(journey, policy.declined_for)
            screen = Declined(reason, opens_at, code_for_reason(reason), dwell, pause)
        case CannotDecide(reason):
            journey, dwell, start = start_dwell(journey, policy.reception_for)
            screen = AskReception(reason, code_for_reason(reason), dwell, pause)
        case _ as unreachable:
            assert_never(unreachable)
    return Step(replace(journey, screen=screen), (start, pausing, AnnounceScreen()))


def _ask_reception(journey: Journey, cause: HelpCause, policy: JourneyPolicy) -> Step:
    """Send a visitor to reception, with the code of what they were told, so that staff can help at once."""
    code = _code_shown(journey)
    journey, dwell, start = start_dwell(journey, policy.reception_for)
    screen = AskReception(cause, code, dwell, pause=None)
    return Step(replace(journey, screen=screen), (start, ReadyForNextCode(), AnnounceScreen()))


def _code_shown(journey: Journey) -> StaffCode | None:
    match journey.screen:
        case Checking():
            return StaffCode.DOOR_NO_ANSWER
        case Declined() | OutOfService() as screen:
            return screen.code
        case _:
            return None


def _help(journey: Journey, policy: JourneyPolicy) -> Step:
    match journey.screen:
        case Checking() | Pairing() | Maintenance():
            # The answer comes at once, or its own dwell ends it; leaving now would lose it. Staff need no help.
            return Step(journey)
        case AskReception() as screen:
            return _more_time(journey, screen, policy)
        case _:
            return _ask_reception(journey, HelpCause.ASKED_FOR_HELP, policy)


def _more_time(journey: Journey, screen: Result, policy: JourneyPolicy) -> Step:
    journey, dwell, start = start_dwell(journey, policy.more_time)
    return Step(replace(journey, screen=replace(screen, dwell=dwell)), (start,))


def _dwell_elapsed(journey: Journey, ticket: int, policy: JourneyPolicy) -> Step:
    screen = journey.screen
    match screen:
        case Ready(hint, dwell) if dwell is not None and dwell.ticket == ticket:
            if hint is None:
                return Step(replace(journey, screen=Ready(), comfort=journey.house), (AnnounceScreen(),))
            return watch_comfort(replace(journey, screen=Ready()), policy)
        case Pairing() if screen.dwell.ticket == ticket:
            return pairing_took_too_long(journey, screen)
        case Checking() if screen.dwell.ticket == ticket:
            return _ask_reception(journey, HelpCause.NO_ANSWER, policy)
        case Admitted() | Declined() | AskReception() | StaffEntry() | Maintenance() if screen.dwell.ticket == ticket:
            return go_home(journey)
        case _:
            return Step(journey)
