"""The visitor's journey: the chart, the rules beside it, and what holds after any sequence of events."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_app.core import journey as chart_module
from kiosk_app.core.health import Finding, HealthCode
from kiosk_app.core.journey import (
    Admitted,
    Appearance,
    AppearanceChosen,
    AskReception,
    CameraBack,
    CameraTrouble,
    Checking,
    CodeSeen,
    Comfort,
    Connectivity,
    ConnectivityChanged,
    Decide,
    Declined,
    DigitErased,
    DigitPressed,
    DigitsCleared,
    DismissPressed,
    Dwell,
    DwellElapsed,
    Event,
    FaultCleared,
    FaultHappened,
    FindingsMade,
    HelpCause,
    HelpPressed,
    Hint,
    Journey,
    JourneyPolicy,
    Language,
    LanguageChosen,
    LookDue,
    Maintenance,
    MoreTimePressed,
    NoCodePressed,
    OutOfService,
    Pair,
    Pairing,
    PairingAsked,
    PairingRefused,
    PairingSucceeded,
    PairingTrouble,
    PairingTroubleKind,
    PairingUnreachable,
    PauseElapsed,
    PinAnswered,
    Queue,
    QueueChanged,
    Ready,
    ReadyForNextCode,
    Result,
    Screen,
    ServeStaff,
    SetupCodeChanged,
    SeveralCodesSeen,
    SiteChanged,
    SiteIdentity,
    StaffChosen,
    StaffEntry,
    StaffGestureMade,
    StaffTaskEnded,
    StartDwell,
    Started,
    Starting,
    StartPause,
    Step,
    StopDwell,
    TextSize,
    Unpaired,
    VerdictReached,
    step,
)
from kiosk_app.core.journey_strip import Strip, strip_of
from kiosk_app.core.staff_codes import StaffCode, code_for_reason
from kiosk_app.core.staff_desk import (
    CheckPin,
    CodeKind,
    Examine,
    LookAtPin,
    SaveDiagnostics,
    StaffChoice,
    StaffPanel,
    StillWaiting,
    Synced,
    SyncNow,
    Unpair,
)
from kiosk_app.core.staff_pin import PinLocked, PinMissing, PinRight, PinTrouble, PinWrong
from kiosk_app.core.verdict import Admit, Greeting, Refuse
from kiosk_app.core.verdict import AskReception as CannotDecide
from kiosk_protocol.reasons import Reason

POLICY = JourneyPolicy()
SITE = SiteIdentity("site-a", "Harbour House", "Europe/Berlin", language=Language.GERMAN)
PLAIN_SITE = SiteIdentity("site-b", "Mill", "Europe/London")
ADDRESS = "https://door.example/p/acme/site-a#ca=abc"
NOON = datetime(2030, 3, 4, 12, 0, tzinfo=UTC)
ADA = Admit("check-in-1", Greeting("Ada Lovelace", "Grace Hopper", "2.14"), decided_offline=False)
USED = Refuse(Reason.ALREADY_USED)
OLD_TRUST = CannotDecide(Reason.TRUST_EXPIRED)
DWELL = Dwell(1, timedelta(seconds=5))
PIN = tuple(DigitPressed(digit) for digit in "204060")

EVENTS: tuple[Event, ...] = (
    Started(SITE),
    Started(None),
    SetupCodeChanged(ADDRESS),
    DigitPressed("7"),
    DigitErased(),
    DigitsCleared(),
    PairingAsked(),
    PairingSucceeded(SITE),
    PairingRefused(PairingTroubleKind.WRONG_DIGITS, 3),
    PairingUnreachable(StaffCode.SERVER_UNREACHABLE),
    CodeSeen("a code", 7),
    CodeSeen(ADDRESS, 8),
    SeveralCodesSeen(),
    VerdictReached(ADA, 7),
    VerdictReached(USED, 7),
    VerdictReached(OLD_TRUST, 7),
    NoCodePressed(),
    HelpPressed(),
    *(DwellElapsed(ticket) for ticket in (1, 2, 3, 8)),
    *(PauseElapsed(ticket) for ticket in range(1, 4)),
    MoreTimePressed(),
    DismissPressed(),
    ConnectivityChanged(online=False, since=NOON),
    QueueChanged(2, NOON),
    CameraTrouble(StaffCode.CAMERA_STOPPED),
    CameraBack(),
    LanguageChosen(Language.ARABIC),
    AppearanceChosen(Appearance(text_size=TextSize.LARGEST)),
    FaultHappened(StaffCode.STORE_FULL),
    FaultHappened(StaffCode.UNEXPECTED_FAULT),
    FaultCleared(StaffCode.STORE_FULL),
    SiteChanged(SITE),
    SiteChanged(None),
    StaffGestureMade(),
    PinAnswered(PinRight()),
    PinAnswered(PinWrong(4)),
    PinAnswered(None),
    LookDue(),
    FindingsMade((Finding(HealthCode.PAIRED),)),
    StaffChosen(StaffChoice.TEST_CAMERA),
    StaffChosen(StaffChoice.LEAVE),
    StaffTaskEnded(Synced(0)),
)


def walk(journey: Journey, *events: Event) -> Journey:
    """Return the journey after all the events."""
    for event in events:
        journey = step(journey, event, POLICY).journey
    return journey


def last(journey: Journey, *events: Event) -> Step:
    """Return the step that the last event makes."""
    return step(walk(journey, *events[:-1]), events[-1], POLICY)


def ready() -> Journey:
    """Return a paired kiosk that waits for a visitor."""
    return walk(Journey(), Started(SITE))


def admitted() -> Journey:
    """Return a kiosk that has just admitted Ada."""
    return walk(ready(), CodeSeen("a code", 7), VerdictReached(ADA, 7))


def typed(digits: str = "123456") -> tuple[Event, ...]:
    """Return what staff press to type an address and digits."""
    return (SetupCodeChanged(ADDRESS), *(DigitPressed(digit) for digit in digits))


def on_page() -> Journey:
    """Return a paired kiosk whose staff's page is open."""
    return walk(ready(), StaffGestureMade(), *PIN, PinAnswered(PinRight()))


def close(journey: Journey) -> Journey:
    """Let the time of the screen shown run out."""
    dwell = getattr(journey.screen, "dwell", None)
    assert isinstance(dwell, Dwell)
    return walk(journey, DwellElapsed(dwell.ticket))


def reachable() -> set[Journey]:
    """Return journeys of every kind the events lead to, up to four steps from the start and from each screen."""
    starts = [
        Journey(),
        walk(Journey(), Started(None), *typed()),
        walk(Journey(), Started(None), *typed(), PairingAsked()),
        ready(),
        walk(ready(), CodeSeen("a code", 7)),
        admitted(),
        walk(admitted(), CameraTrouble(StaffCode.CAMERA_STOPPED)),
        walk(Journey(), FaultHappened(StaffCode.STORE_FULL), HelpPressed(), FaultCleared(StaffCode.STORE_FULL)),
        walk(ready(), StaffGestureMade(), *PIN),
        on_page(),
        walk(Journey(), FaultHappened(StaffCode.STORE_FULL), StaffGestureMade(), FaultCleared(StaffCode.STORE_FULL)),
        walk(on_page(), SiteChanged(None)),
        walk(Journey(), FaultHappened(StaffCode.STORE_FULL), StaffGestureMade(), *PIN, PinAnswered(PinRight())),
    ]
    known: set[Journey] = set(starts)
    edge = known
    for _ in range(2):
        edge = {step(journey, event, POLICY).journey for journey in edge for event in EVENTS} - known
        known |= edge
    return known


def real_chart() -> dict[tuple[str, str], set[str]]:
    """Return every change of screen kind that happens from the reachable journeys."""
    found: dict[tuple[str, str], set[str]] = {}
    for journey, event in itertools.product(reachable(), EVENTS):
        before, after = type(journey.screen).__name__, type(step(journey, event, POLICY).journey.screen).__name__
        if before != after:
            found.setdefault((before, type(event).__name__), set()).add(after)
    return found


def written_chart() -> dict[tuple[str, str], set[str]]:
    """Return the chart in the module's docstring."""
    lines = re.findall(r"^    (\w+) +(\w+) +(\w+(?: \w+)*)$", chart_module.__doc__ or "", re.MULTILINE)
    assert len({line[:2] for line in lines}) == len(lines)
    return {(before, event): set(after.split()) for before, event, after in lines}


def test_chart_in_docstring_is_what_happens() -> None:
    """Every change of screen that can happen is in the docstring's chart, and nothing else is."""
    assert real_chart() == written_chart()


def test_samples_cover_every_event_and_screen() -> None:
    """No event is left out of the samples, and every screen is reached by them."""
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    assert {type(journey.screen) for journey in reachable()} == set(get_args(Screen))


# --- Set-up ---------------------------------------------------------------------------------------------------------


def test_six_digits_and_an_address_pair() -> None:
    """Connect asks the workers once, with exactly what was typed."""
    result = last(Journey(), Started(None), *typed("012345"), PairingAsked())
    assert isinstance(result.journey.screen, Pairing)
    assert Pair(ADDRESS, "012345") in result.effects
    assert not any(isinstance(effect, Pair) for effect in step(result.journey, PairingAsked(), POLICY).effects)


@pytest.mark.parametrize("events", [typed("12345"), typed("")[:1], typed()[1:]])
def test_incomplete_input_asks_nobody(events: tuple[Event, ...]) -> None:
    """Fewer than six digits or no address: Connect does nothing."""
    result = last(Journey(), Started(None), *events, PairingAsked())
    assert isinstance(result.journey.screen, Unpaired)
    assert result.effects == ()


def test_keypad() -> None:
    """Digits fill up to six, are taken back one by one or all, and nothing but one ASCII digit counts."""
    journey = walk(Journey(), Started(None), *typed("1234567"))
    assert journey.screen == Unpaired(ADDRESS, "123456")
    assert walk(journey, DigitErased()).screen == Unpaired(ADDRESS, "12345")
    assert walk(journey, DigitsCleared()).screen == Unpaired(ADDRESS, "")
    for nonsense in ("", "12", "x", "\u0667", " "):
        assert walk(Journey(), Started(None), DigitPressed(nonsense)).screen == Unpaired()


def test_wrong_digits_tell_tries_left_and_start_again() -> None:
    """Refused digits are cleared, the address stays, and the tries left are what the kiosk counted."""
    journey = walk(Journey(), Started(None), *typed(), PairingAsked())
    journey = walk(journey, PairingRefused(PairingTroubleKind.WRONG_DIGITS, 4))
    assert journey.screen == Unpaired(ADDRESS, "", PairingTrouble(PairingTroubleKind.WRONG_DIGITS, 4))
    assert walk(journey, DigitPressed("1")).screen == Unpaired(ADDRESS, "1")


def test_unreachable_server_keeps_the_digits() -> None:
    """No answer costs no try: the digits stay for another press."""
    journey = walk(Journey(), Started(None), *typed(), PairingAsked())
    journey = walk(journey, PairingUnreachable(StaffCode.SERVER_UNREACHABLE))
    trouble = PairingTrouble(PairingTroubleKind.UNREACHABLE, None, StaffCode.SERVER_UNREACHABLE)
    assert journey.screen == Unpaired(ADDRESS, "123456", trouble)


def test_pairing_that_never_answers_gives_the_keypad_back() -> None:
    """A dead worker does not lock staff out, and a success that comes after all still counts."""
    journey = close(walk(Journey(), Started(None), *typed(), PairingAsked()))
    assert isinstance(journey.screen, Unpaired)
    assert journey.screen.trouble == PairingTrouble(PairingTroubleKind.NO_ANSWER, None, StaffCode.PAIRING_NO_ANSWER)
    assert walk(journey, PairingSucceeded(SITE)).screen == Ready()


def test_late_refusal_changes_nothing() -> None:
    """A refusal without a pairing under way is not shown."""
    journey = walk(Journey(), Started(None))
    assert last(journey, PairingRefused(PairingTroubleKind.WRONG_DIGITS, 1)) == Step(journey)


def test_setup_code_shown_to_camera_fills_the_address() -> None:
    """The set-up QR may be shown to the camera; any other code means nothing before pairing, and the gate goes on."""
    journey = walk(Journey(), Started(None), DigitPressed("1"))
    assert walk(journey, CodeSeen(ADDRESS, 1)).screen == Unpaired(ADDRESS, "1")
    for text in ("a visit code", "https://elsewhere.example/", "https://x/p/" + "a" * 512):
        assert last(journey, CodeSeen(text, 1)) == Step(journey, (ReadyForNextCode(),))


def test_address_is_bounded_and_outlives_help() -> None:
    """An endless address is cut, and asking for help does not lose the one typed; the digits go."""
    journey = walk(Journey(), Started(None), SetupCodeChanged("  " + "a" * 2_000))
    assert isinstance(journey.screen, Unpaired)
    assert len(journey.screen.setup_code) == 512
    journey = close(walk(Journey(), Started(None), *typed(), HelpPressed()))
    assert journey.screen == Unpaired(ADDRESS)


def test_address_handed_in_before_the_start() -> None:
    """A set-up code named on the command line stands in the field when the screen comes, and waits while pairing."""
    assert walk(Journey(), SetupCodeChanged(ADDRESS), Started(None)).screen == Unpaired(ADDRESS)
    journey = walk(Journey(), Started(None), *typed(), PairingAsked())
    assert last(journey, SetupCodeChanged("https://other/p/a/b")) == Step(journey)


def test_digits_are_ignored_away_from_the_keypad() -> None:
    """Typing on another screen changes nothing."""
    for event in (DigitPressed("1"), DigitErased(), DigitsCleared(), PairingAsked()):
        assert last(ready(), event) == Step(ready())


# --- At the door ----------------------------------------------------------------------------------------------------


def test_admitted_by_name_without_a_tap_and_closed_by_itself() -> None:
    """A code is judged, the visitor greeted, and the screen goes back to Ready when its time is up."""
    result = last(ready(), CodeSeen("a code", 7))
    assert Decide("a code", 7) in result.effects
    result = last(result.journey, VerdictReached(ADA, 7))
    assert isinstance(result.journey.screen, Admitted)
    assert result.journey.screen.greeting == ADA.greeting
    started = [effect for effect in result.effects if isinstance(effect, StartDwell)]
    assert started == [StartDwell(result.journey.screen.dwell.ticket, POLICY.admitted_for)]
    home = last(result.journey, DwellElapsed(started[0].ticket))
    assert home.journey.screen == Ready()
    assert StopDwell() in home.effects
    assert ReadyForNextCode() in home.effects


def test_refusal_and_cannot_decide_are_different_screens() -> None:
    """A refusal says why; what the kiosk cannot decide sends to reception with a code for staff."""
    opens = Refuse(Reason.TOO_EARLY, NOON)
    declined = walk(ready(), CodeSeen("a", 1), VerdictReached(opens, 1)).screen
    assert isinstance(declined, Declined)
    assert (declined.reason, declined.opens_at, declined.code) == (Reason.TOO_EARLY, NOON, StaffCode.DOOR_TOO_EARLY)
    asked = walk(ready(), CodeSeen("a", 1), VerdictReached(OLD_TRUST, 1)).screen
    assert isinstance(asked, AskReception)
    assert (asked.cause, asked.code) == (Reason.TRUST_EXPIRED, StaffCode.DOOR_TRUST_EXPIRED)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_own_staff_code(reason: Reason) -> None:
    """No two reasons share a code."""
    assert [other for other in Reason if code_for_reason(other) is code_for_reason(reason)] == [reason]


def test_late_verdict_changes_nothing() -> None:
    """An answer to another sighting, or after unpairing, is shown to nobody."""
    checking = walk(ready(), CodeSeen("a", 2))
    assert last(checking, VerdictReached(ADA, 1)) == Step(checking)
    gone = walk(checking, SiteChanged(None))
    assert isinstance(gone.screen, Unpaired)
    assert last(gone, VerdictReached(ADA, 2)) == Step(gone)


def test_second_code_while_checking_is_ignored() -> None:
    """One at a time."""
    checking = walk(ready(), CodeSeen("a", 2))
    assert last(checking, CodeSeen("b", 3)) == Step(checking)


def test_no_verdict_in_time_is_our_trouble() -> None:
    """A desk that does not answer sends to reception with a code, and its late answer changes nothing."""
    journey = close(walk(ready(), CodeSeen("a", 2)))
    assert isinstance(journey.screen, AskReception)
    assert (journey.screen.cause, journey.screen.code) == (HelpCause.NO_ANSWER, StaffCode.DOOR_NO_ANSWER)
    assert last(journey, VerdictReached(ADA, 2)) == Step(journey)


def test_queue_of_visitors_moves_on_after_the_pause() -> None:
    """The next code waits two seconds for the one before, then goes to Checking without waiting for the ring."""
    journey = admitted()
    assert isinstance(journey.screen, Admitted)
    assert journey.screen.pause is not None
    assert last(journey, CodeSeen("next", 9)) == Step(journey)
    opened = last(journey, PauseElapsed(journey.screen.pause))
    assert opened.effects == (ReadyForNextCode(),)
    result = last(opened.journey, CodeSeen("next", 9))
    assert isinstance(result.journey.screen, Checking)
    assert Decide("next", 9) in result.effects


def test_pause_is_timed_for_each_answer() -> None:
    """Every answer starts its own pause, and a pause that fires late opens nothing."""
    result = last(ready(), CodeSeen("a", 1), VerdictReached(USED, 1))
    assert isinstance(result.journey.screen, Declined)
    assert result.journey.screen.pause is not None
    assert StartPause(result.journey.screen.pause, POLICY.next_code_after) in result.effects
    assert last(result.journey, PauseElapsed(result.journey.screen.pause - 1)) == Step(result.journey)


def test_more_time_extends_and_the_old_timer_is_ignored() -> None:
    """More time starts a longer dwell; the earlier timer, fired late, no longer closes the screen."""
    journey = admitted()
    assert isinstance(journey.screen, Admitted)
    old = journey.screen.dwell.ticket
    result = last(journey, MoreTimePressed())
    assert isinstance(result.journey.screen, Admitted)
    assert result.effects == (StartDwell(result.journey.screen.dwell.ticket, POLICY.more_time),)
    assert last(result.journey, DwellElapsed(old)) == Step(result.journey)
    assert close(result.journey).screen == Ready()
    assert last(ready(), MoreTimePressed()) == Step(ready())


def test_dismiss_closes_a_result_only() -> None:
    """Done goes back to Ready; on a screen that answers nobody it does nothing."""
    assert walk(admitted(), DismissPressed()).screen == Ready()
    assert last(ready(), DismissPressed()) == Step(ready())


def test_help_and_no_code() -> None:
    """Both lead to reception; help from a refusal carries its code, so that staff can help at once."""
    no_code = walk(ready(), NoCodePressed()).screen
    assert isinstance(no_code, AskReception)
    assert (no_code.cause, no_code.code, no_code.pause) == (HelpCause.NO_CODE, None, None)
    assert last(admitted(), NoCodePressed()) == Step(admitted())
    helped = walk(ready(), CodeSeen("a", 1), VerdictReached(USED, 1), HelpPressed()).screen
    assert isinstance(helped, AskReception)
    assert (helped.cause, helped.code) == (HelpCause.ASKED_FOR_HELP, StaffCode.DOOR_ALREADY_USED)
    checking = walk(ready(), CodeSeen("a", 1))
    assert last(checking, HelpPressed()) == Step(checking)
    again = last(walk(ready(), HelpPressed()), HelpPressed())
    assert isinstance(again.journey.screen, AskReception)
    assert again.effects == (StartDwell(again.journey.screen.dwell.ticket, POLICY.more_time),)


def test_code_shown_at_the_help_screen_is_checked() -> None:
    """A visitor who finds the code after all just shows it; an unpaired kiosk does not take it."""
    journey = walk(ready(), NoCodePressed(), CodeSeen("found it", 3))
    assert isinstance(journey.screen, Checking)
    unpaired = walk(Journey(), Started(None), HelpPressed())
    assert last(unpaired, CodeSeen("a", 3)) == Step(unpaired, (ReadyForNextCode(),))


def test_two_codes_ask_for_one_and_the_hint_goes() -> None:
    """Two codes at once show a passing hint, once; elsewhere nothing."""
    result = last(ready(), SeveralCodesSeen())
    assert isinstance(result.journey.screen, Ready)
    assert result.journey.screen.hint is Hint.ONE_CODE_PLEASE
    assert last(result.journey, SeveralCodesSeen()) == Step(result.journey)
    assert close(result.journey).screen == Ready()
    assert last(admitted(), SeveralCodesSeen()) == Step(admitted())


# --- Beside the screen ----------------------------------------------------------------------------------------------


def test_camera_trouble_waits_until_nobody_is_answered() -> None:
    """A result stays; afterwards the kiosk rests, and comes back with the camera."""
    journey = walk(admitted(), CameraTrouble(StaffCode.CAMERA_STOPPED))
    assert isinstance(journey.screen, Admitted)
    journey = walk(journey, DismissPressed())
    assert journey.screen == OutOfService(StaffCode.CAMERA_STOPPED)
    assert walk(journey, CameraBack()).screen == Ready()


def test_pairing_needs_no_camera() -> None:
    """Set-up goes on without a camera, also while the attempt is under way."""
    for events in (typed("12"), (*typed(), PairingAsked())):
        journey = walk(Journey(), Started(None), *events)
        assert walk(journey, CameraTrouble(StaffCode.CAMERA_NOT_FOUND)).screen == journey.screen


def test_faults_close_the_door_until_the_last_is_gone() -> None:
    """The first fault's code is shown; the same fault twice is one; the door opens when none is left."""
    journey = walk(admitted(), FaultHappened(StaffCode.STORE_FULL))
    assert journey.screen == OutOfService(StaffCode.STORE_FULL)
    journey = walk(journey, FaultHappened(StaffCode.STORE_FULL), FaultHappened(StaffCode.WORKER_STOPPED))
    assert journey.faults == (StaffCode.STORE_FULL, StaffCode.WORKER_STOPPED)
    assert journey.screen == OutOfService(StaffCode.STORE_FULL)
    journey = walk(journey, FaultCleared(StaffCode.STORE_FULL))
    assert journey.screen == OutOfService(StaffCode.WORKER_STOPPED)
    assert walk(journey, FaultCleared(StaffCode.WORKER_STOPPED)).screen == Ready()


def test_help_from_a_resting_kiosk_carries_the_code() -> None:
    """Reception learns the code, and the kiosk rests again afterwards."""
    journey = walk(ready(), FaultHappened(StaffCode.STORE_FULL), HelpPressed())
    assert isinstance(journey.screen, AskReception)
    assert journey.screen.code is StaffCode.STORE_FULL
    assert close(journey).screen == OutOfService(StaffCode.STORE_FULL)


def test_comfort_is_the_visitors_and_goes_with_them() -> None:
    """A visitor's language lasts through their answer and not to the next visitor."""
    assert ready().comfort.language is Language.GERMAN
    large = Appearance(text_size=TextSize.LARGEST)
    journey = walk(ready(), LanguageChosen(Language.ARABIC), AppearanceChosen(large), CodeSeen("a", 1))
    journey = walk(journey, VerdictReached(ADA, 1))
    assert journey.comfort == Comfort(Language.ARABIC, large)
    assert close(journey).comfort == Comfort(Language.GERMAN)


def test_unused_comfort_goes_after_a_minute() -> None:
    """A language chosen and left alone goes back; a hint in between only delays it."""
    result = last(ready(), LanguageChosen(Language.ARABIC))
    assert isinstance(result.effects[0], StartDwell)
    assert result.effects[0].duration == POLICY.comfort_for
    journey = walk(result.journey, SeveralCodesSeen())
    journey = close(journey)
    assert journey.comfort.language is Language.ARABIC
    assert close(journey).comfort == Comfort(Language.GERMAN)


def test_comfort_of_staff_stays_during_setup() -> None:
    """Before pairing there is no visitor to reset for."""
    journey = walk(Journey(), Started(None), LanguageChosen(Language.ARABIC), HelpPressed(), DismissPressed())
    assert journey.comfort.language is Language.ARABIC


def test_house_comfort_comes_from_settings_and_site() -> None:
    """The kiosk's settings set the house's own; a site that names a language sets that, one that does not leaves it."""
    house = Comfort(Language.ARABIC, Appearance(reduced_motion=True))
    assert walk(Journey(), Started(PLAIN_SITE, house)).comfort == house
    assert walk(Journey(), Started(SITE, house)).comfort == replace(house, language=Language.GERMAN)


def test_site_changes() -> None:
    """New settings do not disturb a visitor; the loss of the pairing ends whatever is shown."""
    journey = walk(admitted(), SiteChanged(PLAIN_SITE))
    assert journey.site == PLAIN_SITE
    assert isinstance(journey.screen, Admitted)
    assert walk(journey, SiteChanged(None)).screen == Unpaired()


def test_a_revoked_kiosk_says_why_it_waits_to_be_paired() -> None:
    """Nobody keeps an answer of that site before them; the next digit takes the sentence away."""
    trouble = PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED)
    for journey in (ready(), admitted()):
        revoked = walk(journey, SiteChanged(None, trouble))
        assert revoked.screen == Unpaired(trouble=trouble)
        assert revoked.site is None
    assert walk(revoked, DigitPressed("4")).screen == Unpaired(digits="4")
    broken = walk(ready(), FaultHappened(StaffCode.STORE_FULL), SiteChanged(None, trouble))
    assert broken.screen == OutOfService(StaffCode.STORE_FULL)
    assert walk(broken, FaultCleared(StaffCode.STORE_FULL)).screen == Unpaired(trouble=trouble)


def test_a_kiosk_that_was_revoked_says_so_after_a_restart_until_it_is_paired() -> None:
    """Also where something else was shown in between."""
    trouble = PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED, sealed=3)
    started = walk(Journey(), Started(None, lost=trouble))
    assert started.screen == Unpaired(trouble=trouble)
    rested = walk(started, FaultHappened(StaffCode.STORE_FULL), FaultCleared(StaffCode.STORE_FULL))
    assert rested.screen == Unpaired(trouble=trouble)
    paired = walk(rested, PairingSucceeded(SITE))
    assert walk(paired, SiteChanged(None)).screen == Unpaired()
    assert walk(rested, Started(None)).screen == Unpaired()


def test_a_note_about_the_server_stands_in_the_strip_and_changes_no_screen() -> None:
    """The server refuses this kiosk: visitors are admitted on, staff see the code."""
    noted = walk(ready(), ConnectivityChanged(True, NOON, StaffCode.SERVER_REFUSES_KIOSK))
    assert noted.screen == ready().screen
    assert strip_of(noted) == Strip(False, None, 0, None, None, StaffCode.SERVER_REFUSES_KIOSK)
    assert strip_of(walk(noted, ConnectivityChanged(online=True))) is None


def test_strip_only_when_something_is_off() -> None:
    """The strip tells of an outage, a queue and a camera; nothing when all is well, and nothing before pairing."""
    assert strip_of(ready()) is None
    online = walk(ready(), ConnectivityChanged(online=True, since=NOON), QueueChanged(-1))
    assert strip_of(online) is None
    assert online.queue == Queue(0)
    offline = walk(online, ConnectivityChanged(online=False, since=NOON), QueueChanged(3, NOON))
    assert strip_of(offline) == Strip(True, NOON, 3, NOON, None)
    assert offline.connectivity == Connectivity(online=False, since=NOON)
    assert strip_of(walk(offline, ConnectivityChanged(online=True))) == Strip(False, None, 3, NOON, None)
    busy = walk(admitted(), CameraTrouble(StaffCode.CAMERA_STOPPED))
    assert strip_of(busy) == Strip(False, None, 0, None, StaffCode.CAMERA_STOPPED)
    # The resting screen shows the code already.
    assert strip_of(walk(busy, DismissPressed())) is None
    assert strip_of(walk(Journey(), Started(None), ConnectivityChanged(online=False))) is None


# --- Staff ----------------------------------------------------------------------------------------------------------


def entry() -> Journey:
    """Return a kiosk that waits for the PIN."""
    return walk(ready(), StaffGestureMade())


def page_of(journey: Journey) -> Maintenance:
    """Return the staff's page that is shown."""
    assert isinstance(journey.screen, Maintenance)
    return journey.screen


def test_gesture_opens_the_pad_where_nobody_is_answered() -> None:
    """From Ready, resting and unpaired; a visitor's answer is not taken away by it."""
    result = last(ready(), StaffGestureMade())
    assert isinstance(result.journey.screen, StaffEntry)
    assert ServeStaff(LookAtPin()) in result.effects
    assert isinstance(walk(Journey(), Started(None), StaffGestureMade()).screen, StaffEntry)
    assert isinstance(walk(ready(), FaultHappened(StaffCode.STORE_FULL), StaffGestureMade()).screen, StaffEntry)
    for journey in (Journey(), admitted(), walk(ready(), CodeSeen("a", 1)), entry(), on_page()):
        assert last(journey, StaffGestureMade()) == Step(journey)


def test_sixth_digit_asks_and_the_right_pin_opens() -> None:
    """The digits go to their keeper once and stay on no screen; findings are asked for at once."""
    result = last(entry(), *PIN)
    assert ServeStaff(CheckPin("204060")) in result.effects
    assert isinstance(result.journey.screen, StaffEntry)
    assert (result.journey.screen.digits, result.journey.screen.checking) == ("", True)
    assert last(result.journey, DigitPressed("1")) == Step(result.journey)
    opened = last(result.journey, PinAnswered(PinRight()))
    assert page_of(opened.journey).asked
    assert ServeStaff(Examine(None)) in opened.effects


def test_pad_keys() -> None:
    """Digits are taken back one by one or all; anything but a digit is no digit."""
    journey = walk(entry(), *PIN[:3], DigitErased())
    assert isinstance(journey.screen, StaffEntry)
    assert journey.screen.digits == "20"
    assert last(journey, DigitPressed("x")) == Step(journey)
    cleared = walk(journey, DigitsCleared()).screen
    assert isinstance(cleared, StaffEntry)
    assert cleared.digits == ""


def test_wrong_pin_may_be_tried_again_and_a_lock_not() -> None:
    """The tries left stay in sight until the next digit; locked, without PIN or in trouble there is nothing to type."""
    wrong = walk(entry(), *PIN, PinAnswered(PinWrong(4)))
    assert isinstance(wrong.screen, StaffEntry)
    assert wrong.screen.obstacle == PinWrong(4)
    again = walk(wrong, DigitPressed("1")).screen
    assert isinstance(again, StaffEntry)
    assert (again.digits, again.obstacle) == ("1", None)
    for answer in (PinLocked(timedelta(minutes=5)), PinMissing(), PinTrouble(StaffCode.KEYS_UNREADABLE)):
        shut = walk(entry(), PinAnswered(answer))
        assert last(shut, DigitPressed("1")) == Step(shut)
    assert last(entry(), PinAnswered(None)) == Step(entry())


def test_late_answer_opens_nothing() -> None:
    """Whoever stands at the pad now has typed nothing; on other screens no answer counts at all."""
    for journey in (entry(), ready(), walk(entry(), *PIN, DismissPressed())):
        assert last(journey, PinAnswered(PinRight())) == Step(journey)
    for event in (LookDue(), FindingsMade(()), StaffChosen(StaffChoice.SYNC), StaffTaskEnded(Synced(0))):
        assert last(ready(), event) == Step(ready())


def test_pad_and_page_close_by_themselves() -> None:
    """The pad after half a minute, the page after two; every press begins the time anew."""
    assert close(entry()).screen == Ready()
    assert page_of(on_page()).dwell.duration == timedelta(minutes=2)
    assert close(on_page()).screen == Ready()
    pressed = last(on_page(), StaffChosen(StaffChoice.TEST_CAMERA))
    assert StartDwell(page_of(pressed.journey).dwell.ticket, POLICY.staff_idle_for) in pressed.effects
    assert last(pressed.journey, DwellElapsed(page_of(on_page()).dwell.ticket)) == Step(pressed.journey)


def test_visitor_at_the_pad_finds_the_way_back() -> None:
    """Back, or help; staff on their page need none."""
    assert walk(entry(), DismissPressed()).screen == Ready()
    assert isinstance(walk(entry(), HelpPressed()).screen, AskReception)
    assert last(on_page(), HelpPressed()) == Step(on_page())
    assert last(on_page(), DismissPressed()) == Step(on_page())


def test_findings_are_made_anew_one_at_a_time() -> None:
    """Once a second, with the camera's trouble as the journey knows it, and never two at once."""
    assert last(on_page(), LookDue()) == Step(on_page())
    finding = Finding(HealthCode.PAIRED)
    journey = walk(on_page(), FindingsMade((finding,)), CameraTrouble(StaffCode.CAMERA_STOPPED))
    assert page_of(journey).findings == (finding,)
    looked = last(journey, LookDue())
    assert looked.effects == (ServeStaff(Examine(StaffCode.CAMERA_STOPPED)),)
    assert page_of(looked.journey).asked


@pytest.mark.parametrize(
    ("choice", "request_"),
    [
        (StaffChoice.SYNC, SyncNow()),
        (StaffChoice.SAVE, SaveDiagnostics(None)),
        (StaffChoice.UNPAIR_SURE, Unpair(keep_aside=False)),
        (StaffChoice.KEEP_AND_UNPAIR, Unpair(keep_aside=True)),
    ],
)
def test_actions_run_one_at_a_time(choice: StaffChoice, request_: object) -> None:
    """Each asks once; while it runs only leaving is possible; its end is told on the page."""
    result = last(on_page(), StaffChosen(choice))
    assert request_ in [effect.request for effect in result.effects if isinstance(effect, ServeStaff)]
    assert last(result.journey, StaffChosen(StaffChoice.SYNC)) == Step(result.journey)
    assert walk(result.journey, StaffChosen(StaffChoice.LEAVE)).screen == Ready()
    ended = page_of(walk(result.journey, StaffTaskEnded(Synced(2))))
    assert (ended.busy, ended.outcome, ended.panel) == (False, Synced(2), StaffPanel.TABLE)


def test_unpairing_asks_first() -> None:
    """Pressing Unpair only asks; what waits unsent is told where it can be kept; Back returns to the table."""
    result = last(on_page(), StaffChosen(StaffChoice.UNPAIR))
    assert page_of(result.journey).panel is StaffPanel.UNPAIR
    assert not any(isinstance(effect, ServeStaff) for effect in result.effects)
    waits = walk(result.journey, StaffChosen(StaffChoice.UNPAIR_SURE), StaffTaskEnded(StillWaiting(3)))
    assert (page_of(waits).panel, page_of(waits).outcome) == (StaffPanel.UNPAIR, StillWaiting(3))
    back = page_of(walk(waits, StaffChosen(StaffChoice.BACK)))
    assert (back.panel, back.outcome) == (StaffPanel.TABLE, None)


def test_unpaired_from_the_page_stays_on_it() -> None:
    """Staff read where the records lie; leaving leads to pairing."""
    journey = walk(on_page(), SiteChanged(None))
    assert isinstance(journey.screen, Maintenance)
    assert walk(journey, StaffChosen(StaffChoice.LEAVE)).screen == Unpaired()


def test_camera_test_tells_the_kind_and_judges_nothing() -> None:
    """No decision is asked for, the gate goes on, and the text is on no screen; elsewhere on the page it is nothing."""
    assert last(on_page(), CodeSeen("a code", 1)) == Step(on_page(), (ReadyForNextCode(),))
    journey = walk(on_page(), StaffChosen(StaffChoice.TEST_CAMERA))
    for text, kind in (
        (f"eyJhbGciOiJFZERTQSJ9.{'a' * 60}", CodeKind.VISIT),
        (ADDRESS, CodeKind.SETUP),
        ("WIFI:S:guest;;", CodeKind.OTHER),
    ):
        result = last(journey, CodeSeen(text, 1))
        assert page_of(result.journey).code_kind is kind
        assert ReadyForNextCode() in result.effects
        assert not any(isinstance(effect, Decide) for effect in result.effects)
        assert text not in repr(result.journey.screen)
    assert last(entry(), CodeSeen("a code", 1)) == Step(entry(), (ReadyForNextCode(),))


def test_faults_do_not_close_the_staffs_page() -> None:
    """Staff are there because of them; afterwards the kiosk rests."""
    for journey in (entry(), on_page()):
        faulty = walk(journey, FaultHappened(StaffCode.STORE_FULL))
        assert faulty.screen == journey.screen
        assert close(faulty).screen == OutOfService(StaffCode.STORE_FULL)


# --- Whatever happens -----------------------------------------------------------------------------------------------


def greetings_in(value: object) -> Iterable[Greeting]:
    """Return every greeting anywhere in a value."""
    if isinstance(value, Greeting):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from greetings_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from greetings_in(item)


tickets = st.integers(0, 40)
any_event = st.one_of(
    st.sampled_from(EVENTS),
    st.builds(DwellElapsed, tickets),
    st.builds(PauseElapsed, tickets),
    st.builds(CodeSeen, st.text(max_size=20), st.integers(0, 3)),
    st.builds(VerdictReached, st.sampled_from((ADA, USED, OLD_TRUST)), st.integers(0, 3)),
    st.builds(DigitPressed, st.text(max_size=2)),
    st.builds(SetupCodeChanged, st.text(max_size=600)),
    st.builds(StaffChosen, st.sampled_from(StaffChoice)),
)


def check_invariants(before: Journey, event: Event, after: Step) -> None:
    """Assert what holds after every single event."""
    journey, screen = after.journey, after.journey.screen
    # A name lives on Admitted only, and only after an Admit for exactly this sighting.
    assert bool(list(greetings_in(journey))) == (isinstance(screen, Admitted) and screen.greeting is not None)
    if isinstance(screen, Admitted) and not isinstance(before.screen, Admitted):
        assert isinstance(before.screen, Checking)
        assert isinstance(event, VerdictReached)
        assert event.seen_at_ns == before.screen.seen_at_ns
    # Nobody is judged by a kiosk without a site, and Ready means that it works.
    if isinstance(screen, Checking | Admitted | Declined | Ready):
        assert journey.site is not None
    if isinstance(screen, Ready):
        assert journey.camera is None
        assert not journey.faults
    if isinstance(screen, Unpaired | Pairing):
        assert journey.site is None
        assert len(screen.digits) <= 6
    # The way to the staff's page leads through the pad and the right PIN.
    if isinstance(screen, Maintenance) and not isinstance(before.screen, Maintenance):
        assert isinstance(before.screen, StaffEntry)
        assert event == PinAnswered(PinRight())
    # One decision per way into Checking, one attempt per way into Pairing.
    assert any(isinstance(effect, Decide) for effect in after.effects) == (
        isinstance(screen, Checking) and screen != before.screen
    )
    assert any(isinstance(effect, Pair) for effect in after.effects) == (
        isinstance(screen, Pairing) and screen != before.screen
    )
    # Tickets only grow, and what is timed is what the screen knows.
    assert journey.ticket >= before.ticket
    for effect in after.effects:
        if isinstance(effect, StartDwell):
            assert before.ticket < effect.ticket <= journey.ticket
            assert getattr(screen, "dwell", None) == Dwell(effect.ticket, effect.duration)
        if isinstance(effect, StartPause):
            assert isinstance(screen, Result)
            assert screen.pause == effect.ticket


@settings(max_examples=300, deadline=None)
@given(st.lists(any_event, max_size=40))
def test_any_sequence_of_events_keeps_the_promises(events: list[Event]) -> None:
    """No sequence of events raises, leaks a name, judges without a site, or loses track of a timer."""
    journey = Journey()
    for event in events:
        result = step(journey, event, POLICY)
        check_invariants(journey, event, result)
        journey = result.journey


@settings(max_examples=100, deadline=None)
@given(st.lists(any_event, max_size=30))
def test_left_alone_the_kiosk_comes_home(events: list[Event]) -> None:
    """Whatever happened, at most a few elapsed timers later nobody's answer stands on the screen."""
    journey = walk(Journey(), *events)
    for _ in range(4):
        dwell = getattr(journey.screen, "dwell", None)
        if isinstance(dwell, Dwell):
            journey = walk(journey, DwellElapsed(dwell.ticket))
    assert isinstance(journey.screen, Starting | Unpaired | Ready | OutOfService)
