"""The visitor's journey as a pure state machine: ``step(journey, event, policy) -> Step(journey, effects)``.

Total: every event is allowed on every screen, most change nothing. Beside the screen stand the site, connectivity,
the queue, causes of trouble, language and appearance. No clock, no thread, no toolkit: timers are effects that come
back as events with a ticket, and a ticket that is not the current screen's changes nothing.

Rules that the chart cannot show:

* A verdict is shown only to the sighting it answers. One that comes late, or after unpairing, changes nothing.
* While one code is judged others are ignored. A result stays for ``policy.next_code_after`` (two seconds) whatever
  is held up; then the gate opens and the next visitor's code goes straight to Checking, without waiting for the
  ring. So a queue moves on, and nobody's answer is snatched away by the phone behind them.
* No verdict within ``policy.checking_at_most`` is our trouble: reception, with a code, never a refusal.
* A fault closes the door at once on any screen; camera trouble waits until nobody is being answered, and does not
  stop pairing, which needs no camera.
* A visitor's language and text size go when their result closes, or after a minute of nobody using them.
* The staff's pad opens only where nobody is being answered; pad and page stay whatever breaks meanwhile, hold no
  name, and close by themselves. A code held up to test the camera is told by its kind and not judged.
* Only Admitted holds a name; the pairing digits live on Unpaired and Pairing only.

Every change of screen there is, "home" written out; the same screen again is not a change::

    Starting      Started             Unpaired Ready OutOfService
    Starting      HelpPressed         AskReception
    Starting      FaultHappened       OutOfService
    Unpaired      PairingAsked        Pairing
    Unpaired      PairingSucceeded    Ready OutOfService
    Unpaired      HelpPressed         AskReception
    Unpaired      SiteChanged         Ready OutOfService
    Unpaired      Started             Ready OutOfService
    Unpaired      FaultHappened       OutOfService
    Unpaired      StaffGestureMade    StaffEntry
    Pairing       PairingSucceeded    Ready OutOfService
    Pairing       PairingRefused      Unpaired
    Pairing       PairingUnreachable  Unpaired
    Pairing       DwellElapsed        Unpaired
    Pairing       SiteChanged         Ready OutOfService
    Pairing       Started             Unpaired Ready OutOfService
    Pairing       FaultHappened       OutOfService
    Ready         CodeSeen            Checking
    Ready         NoCodePressed       AskReception
    Ready         HelpPressed         AskReception
    Ready         CameraTrouble       OutOfService
    Ready         SiteChanged         Unpaired
    Ready         Started             Unpaired
    Ready         FaultHappened       OutOfService
    Ready         StaffGestureMade    StaffEntry
    Checking      VerdictReached      Admitted Declined AskReception
    Checking      DwellElapsed        AskReception
    Checking      SiteChanged         Unpaired
    Checking      Started             Unpaired Ready OutOfService
    Checking      FaultHappened       OutOfService
    Admitted      CodeSeen            Checking
    Admitted      HelpPressed         AskReception
    Admitted      DwellElapsed        Ready OutOfService
    Admitted      DismissPressed      Ready OutOfService
    Admitted      SiteChanged         Unpaired
    Admitted      Started             Unpaired Ready OutOfService
    Admitted      FaultHappened       OutOfService
    Declined      CodeSeen            Checking
    Declined      HelpPressed         AskReception
    Declined      DwellElapsed        Ready OutOfService
    Declined      DismissPressed      Ready OutOfService
    Declined      SiteChanged         Unpaired
    Declined      Started             Unpaired Ready OutOfService
    Declined      FaultHappened       OutOfService
    AskReception  CodeSeen            Checking
    AskReception  DwellElapsed        Starting Unpaired Ready OutOfService
    AskReception  DismissPressed      Starting Unpaired Ready OutOfService
    AskReception  SiteChanged         Starting Unpaired OutOfService
    AskReception  Started             Unpaired Ready OutOfService
    AskReception  FaultHappened       OutOfService
    OutOfService  CameraBack          Ready
    OutOfService  FaultCleared        Starting Unpaired Ready
    OutOfService  HelpPressed         AskReception
    OutOfService  SiteChanged         Unpaired
    OutOfService  Started             Unpaired
    OutOfService  StaffGestureMade    StaffEntry
    StaffEntry    PinAnswered         Maintenance
    StaffEntry    DismissPressed      Starting Unpaired Ready OutOfService
    StaffEntry    DwellElapsed        Starting Unpaired Ready OutOfService
    StaffEntry    HelpPressed         AskReception
    StaffEntry    Started             Unpaired Ready OutOfService
    Maintenance   StaffChosen         Starting Unpaired Ready OutOfService
    Maintenance   DwellElapsed        Starting Unpaired Ready OutOfService
    Maintenance   Started             Unpaired Ready OutOfService
"""

from typing import assert_never

from kiosk_app.core.journey_comfort import Appearance, Comfort, Language, SiteIdentity, TextSize, Theme
from kiosk_app.core.journey_door import step_door, step_press, step_time
from kiosk_app.core.journey_effects import (
    AnnounceScreen,
    Decide,
    Effect,
    Errands,
    Pair,
    ReadyForNextCode,
    ServeStaff,
    StartDwell,
    StartPause,
    StopDwell,
)
from kiosk_app.core.journey_events import (
    AppearanceChosen,
    CameraBack,
    CameraTrouble,
    CodeSeen,
    ConnectivityChanged,
    DigitErased,
    DigitPressed,
    DigitsCleared,
    DismissPressed,
    DwellElapsed,
    Event,
    FaultCleared,
    FaultHappened,
    FindingsMade,
    HelpPressed,
    LanguageChosen,
    LookDue,
    MoreTimePressed,
    NoCodePressed,
    PairingAsked,
    PairingRefused,
    PairingSucceeded,
    PairingUnreachable,
    PauseElapsed,
    PinAnswered,
    QueueChanged,
    SetupCodeChanged,
    SeveralCodesSeen,
    SiteChanged,
    StaffChosen,
    StaffGestureMade,
    StaffTaskEnded,
    Started,
    VerdictReached,
)
from kiosk_app.core.journey_machine import step_comfort, step_machine
from kiosk_app.core.journey_pairing import step_pairing
from kiosk_app.core.journey_screens import (
    Admitted,
    AskReception,
    Checking,
    Declined,
    Dwell,
    HelpCause,
    Hint,
    Maintenance,
    OutOfService,
    Pairing,
    PairingTrouble,
    PairingTroubleKind,
    Ready,
    Result,
    Screen,
    StaffEntry,
    Starting,
    Unpaired,
)
from kiosk_app.core.journey_staff import step_pin_key, step_staff
from kiosk_app.core.journey_state import (
    Connectivity,
    Journey,
    JourneyPolicy,
    Queue,
    Step,
)

__all__ = [
    "Admitted",
    "AnnounceScreen",
    "Appearance",
    "AppearanceChosen",
    "AskReception",
    "CameraBack",
    "CameraTrouble",
    "Checking",
    "CodeSeen",
    "Comfort",
    "Connectivity",
    "ConnectivityChanged",
    "Decide",
    "Declined",
    "DigitErased",
    "DigitPressed",
    "DigitsCleared",
    "DismissPressed",
    "Dwell",
    "DwellElapsed",
    "Effect",
    "Errands",
    "Event",
    "FaultCleared",
    "FaultHappened",
    "FindingsMade",
    "HelpCause",
    "HelpPressed",
    "Hint",
    "Journey",
    "JourneyPolicy",
    "Language",
    "LanguageChosen",
    "LookDue",
    "Maintenance",
    "MoreTimePressed",
    "NoCodePressed",
    "OutOfService",
    "Pair",
    "Pairing",
    "PairingAsked",
    "PairingRefused",
    "PairingSucceeded",
    "PairingTrouble",
    "PairingTroubleKind",
    "PairingUnreachable",
    "PauseElapsed",
    "PinAnswered",
    "Queue",
    "QueueChanged",
    "Ready",
    "ReadyForNextCode",
    "Result",
    "Screen",
    "ServeStaff",
    "SetupCodeChanged",
    "SeveralCodesSeen",
    "SiteChanged",
    "SiteIdentity",
    "StaffChosen",
    "StaffEntry",
    "StaffGestureMade",
    "StaffTaskEnded",
    "StartDwell",
    "StartPause",
    "Started",
    "Starting",
    "Step",
    "StopDwell",
    "TextSize",
    "Theme",
    "Unpaired",
    "VerdictReached",
    "step",
]


def step(journey: Journey, event: Event, policy: JourneyPolicy) -> Step:
    """Return the journey after ``event``, and what has to be done about it, in order. Total, no side effects."""
    match event:
        case DigitPressed() | DigitErased() | DigitsCleared() if isinstance(journey.screen, StaffEntry):
            result = step_pin_key(journey, journey.screen, event, policy)
        case (
            SetupCodeChanged()
            | DigitPressed()
            | DigitErased()
            | DigitsCleared()
            | PairingAsked()
            | PairingSucceeded()
            | PairingRefused()
            | PairingUnreachable()
        ):
            result = step_pairing(journey, event, policy)
        case CodeSeen() | SeveralCodesSeen() | VerdictReached():
            result = step_door(journey, event, policy)
        case NoCodePressed() | HelpPressed() | MoreTimePressed() | DismissPressed():
            result = step_press(journey, event, policy)
        case DwellElapsed() | PauseElapsed():
            result = step_time(journey, event, policy)
        case LanguageChosen() | AppearanceChosen():
            result = step_comfort(journey, event, policy)
        case (
            Started()
            | ConnectivityChanged()
            | QueueChanged()
            | CameraTrouble()
            | CameraBack()
            | FaultHappened()
            | FaultCleared()
            | SiteChanged()
        ):
            result = step_machine(journey, event)
        case StaffGestureMade() | PinAnswered() | LookDue() | FindingsMade() | StaffChosen() | StaffTaskEnded():
            result = step_staff(journey, event, policy)
        case _ as unreachable:
            assert_never(unreachable)
    return result
