"""Steps of the staff: the hidden gesture, the PIN, the page with the findings and its actions. Pure."""

from dataclasses import replace
from typing import assert_never

from kiosk_app.core.journey_effects import AnnounceScreen, Effect, ReadyForNextCode, ServeStaff
from kiosk_app.core.journey_events import (
    CodeSeen,
    DigitErased,
    DigitPressed,
    DigitsCleared,
    FindingsMade,
    LookDue,
    PinAnswered,
    StaffChosen,
    StaffEvent,
    StaffGestureMade,
    StaffTaskEnded,
)
from kiosk_app.core.journey_screens import Maintenance, OutOfService, Ready, StaffEntry, Unpaired
from kiosk_app.core.journey_state import Journey, JourneyPolicy, Step, go_home, start_dwell
from kiosk_app.core.staff_desk import (
    CheckPin,
    Examine,
    LookAtPin,
    SaveDiagnostics,
    StaffChoice,
    StaffPanel,
    StaffRequest,
    StillWaiting,
    SyncNow,
    Unpair,
    kind_of_code,
)
from kiosk_app.core.staff_pin import PIN_DIGITS, PinAnswer, PinRight, PinWrong

_DIGITS = frozenset("0123456789")


def step_staff(journey: Journey, event: StaffEvent, policy: JourneyPolicy) -> Step:
    """Return what staff, or an answer to them, make of the journey."""
    screen = journey.screen
    match event:
        case StaffGestureMade():
            return _gesture(journey, policy)
        case PinAnswered(answer):
            return _pin_answered(journey, screen, answer, policy) if isinstance(screen, StaffEntry) else Step(journey)
        case LookDue():
            return _look(journey, screen) if isinstance(screen, Maintenance) and not screen.asked else Step(journey)
        case FindingsMade(findings):
            if not isinstance(screen, Maintenance):
                return Step(journey)
            return Step(replace(journey, screen=replace(screen, findings=findings, asked=False)))
        case StaffChosen(choice):
            return _chosen(journey, screen, choice, policy) if isinstance(screen, Maintenance) else Step(journey)
        case StaffTaskEnded(outcome):
            if not isinstance(screen, Maintenance):
                return Step(journey)
            # What waits is told beside the choice to keep it aside; everything else beside the table.
            panel = StaffPanel.UNPAIR if isinstance(outcome, StillWaiting) else StaffPanel.TABLE
            ended = replace(screen, busy=False, outcome=outcome, panel=panel)
            return Step(replace(journey, screen=ended), (AnnounceScreen(),))
        case _ as unreachable:
            assert_never(unreachable)


def step_pin_key(
    journey: Journey, screen: StaffEntry, event: DigitPressed | DigitErased | DigitsCleared, policy: JourneyPolicy
) -> Step:
    """Return what a key of the pad makes of the PIN typed so far; the sixth digit asks."""
    if screen.checking or not isinstance(screen.obstacle, PinWrong | None):
        return Step(journey)
    match event:
        case DigitPressed(digit) if digit in _DIGITS:
            digits = screen.digits + digit
        case DigitPressed():
            return Step(journey)
        case DigitErased():
            digits = screen.digits[:-1]
        case DigitsCleared():
            digits = ""
        case _ as unreachable:
            assert_never(unreachable)
    journey, dwell, start = start_dwell(journey, policy.staff_entry_for)
    asks = len(digits) == PIN_DIGITS
    typed = StaffEntry(dwell, "" if asks else digits, None if digits else screen.obstacle, checking=asks)
    effects: tuple[Effect, ...] = (start, ServeStaff(CheckPin(digits))) if asks else (start,)
    return Step(replace(journey, screen=typed), effects)


def code_seen_by_staff(journey: Journey, screen: Maintenance, event: CodeSeen, policy: JourneyPolicy) -> Step:
    """Tell the kind of a code held up to test the camera; anywhere else on the page it means nothing."""
    if screen.panel is not StaffPanel.CAMERA:
        return Step(journey, (ReadyForNextCode(),))
    journey, dwell, start = start_dwell(journey, policy.staff_idle_for)
    seen = replace(screen, code_kind=kind_of_code(event.text), dwell=dwell)
    return Step(replace(journey, screen=seen), (start, ReadyForNextCode(), AnnounceScreen()))


def _gesture(journey: Journey, policy: JourneyPolicy) -> Step:
    if not isinstance(journey.screen, Unpaired | Ready | OutOfService):
        # Somebody is being answered; staff can wait these seconds.
        return Step(journey)
    journey, dwell, start = start_dwell(journey, policy.staff_entry_for)
    return Step(replace(journey, screen=StaffEntry(dwell)), (start, ServeStaff(LookAtPin()), AnnounceScreen()))


def _pin_answered(journey: Journey, screen: StaffEntry, answer: PinAnswer | None, policy: JourneyPolicy) -> Step:
    if answer is None:
        return Step(journey)
    if not isinstance(answer, PinRight):
        refused = replace(screen, digits="", obstacle=answer, checking=False)
        return Step(replace(journey, screen=refused), (AnnounceScreen(),))
    if not screen.checking:
        # The answer to a pad that was left; whoever stands there now has typed nothing.
        return Step(journey)
    journey, dwell, start = start_dwell(journey, policy.staff_idle_for)
    opened = replace(journey, screen=Maintenance(dwell, asked=True))
    return Step(opened, (start, ServeStaff(Examine(journey.camera)), AnnounceScreen()))


def _look(journey: Journey, screen: Maintenance) -> Step:
    asking = replace(screen, asked=True)
    return Step(replace(journey, screen=asking), (ServeStaff(Examine(journey.camera)),))


def _chosen(journey: Journey, screen: Maintenance, choice: StaffChoice, policy: JourneyPolicy) -> Step:
    if choice is StaffChoice.LEAVE:
        return go_home(journey)
    if screen.busy:
        return Step(journey)
    journey, dwell, start = start_dwell(journey, policy.staff_idle_for)
    here = replace(screen, dwell=dwell, outcome=None, code_kind=None)
    request = _request(choice, journey)
    if request is not None:
        return Step(replace(journey, screen=replace(here, busy=True)), (start, ServeStaff(request)))
    panels = {StaffChoice.TEST_CAMERA: StaffPanel.CAMERA, StaffChoice.UNPAIR: StaffPanel.UNPAIR}
    shown = replace(here, panel=panels.get(choice, StaffPanel.TABLE))
    return Step(replace(journey, screen=shown), (start, AnnounceScreen()))


def _request(choice: StaffChoice, journey: Journey) -> StaffRequest | None:
    match choice:
        case StaffChoice.SYNC:
            return SyncNow()
        case StaffChoice.SAVE:
            return SaveDiagnostics(journey.camera)
        case StaffChoice.UNPAIR_SURE:
            return Unpair(keep_aside=False)
        case StaffChoice.KEEP_AND_UNPAIR:
            return Unpair(keep_aside=True)
        case StaffChoice.TEST_CAMERA | StaffChoice.UNPAIR | StaffChoice.BACK | StaffChoice.LEAVE:
            return None
        case _ as unreachable:
            assert_never(unreachable)
