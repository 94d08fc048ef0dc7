"""Steps of the set-up: the pairing address, six digits, one attempt at a time. Pure."""

from dataclasses import replace
from typing import assert_never

from kiosk_app.core.journey_effects import AnnounceScreen, Pair, ReadyForNextCode, StopDwell
from kiosk_app.core.journey_events import (
    CodeSeen,
    DigitErased,
    DigitPressed,
    DigitsCleared,
    PairingAsked,
    PairingEvent,
    PairingRefused,
    PairingSucceeded,
    PairingUnreachable,
    SetupCodeChanged,
)
from kiosk_app.core.journey_screens import Pairing, PairingTrouble, PairingTroubleKind, Unpaired
from kiosk_app.core.journey_state import (
    PAIRING_DIGITS,
    SETUP_CODE_MAX_CHARACTERS,
    Journey,
    JourneyPolicy,
    Step,
    settle_home,
    start_dwell,
    with_site,
)
from kiosk_app.core.staff_codes import StaffCode

_DIGITS = frozenset("0123456789")


def step_pairing(journey: Journey, event: PairingEvent, policy: JourneyPolicy) -> Step:
    """Return what a pairing event makes of the journey; away from its screens only success counts."""
    match event:
        case SetupCodeChanged(setup_code):
            result = _with_setup_code(journey, setup_code)
        case DigitPressed(digit):
            result = _with_digit(journey, digit)
        case DigitErased():
            result = _with_digits(journey, drop=1)
        case DigitsCleared():
            result = _with_digits(journey, drop=PAIRING_DIGITS)
        case PairingAsked():
            result = _ask(journey, policy)
        case PairingSucceeded(site):
            # Counts on any screen: what is stored is stored, also when the answer came after we had given up waiting.
            result = settle_home(with_site(journey, site))
        case PairingRefused(kind, tries_left, code):
            result = _end(journey, PairingTrouble(kind, tries_left, code), keep_digits=False)
        case PairingUnreachable(code):
            # No try was counted, so the digits stay for another press.
            result = _end(journey, PairingTrouble(PairingTroubleKind.UNREACHABLE, None, code), keep_digits=True)
        case _ as unreachable:
            assert_never(unreachable)
    return result


def pairing_took_too_long(journey: Journey, screen: Pairing) -> Step:
    """Give the keypad back. A success that still comes counts, a refusal no longer has a screen."""
    trouble = PairingTrouble(PairingTroubleKind.NO_ANSWER, None, StaffCode.PAIRING_NO_ANSWER)
    return _show(journey, Unpaired(screen.setup_code, screen.digits, trouble))


def setup_code_seen(journey: Journey, screen: Unpaired, event: CodeSeen) -> Step:
    """Take the set-up QR shown to the camera as the pairing address; other codes mean nothing before pairing."""
    text = event.text.strip()
    if not text.startswith("https://") or "/p/" not in text or len(text) > SETUP_CODE_MAX_CHARACTERS:
        return Step(journey, (ReadyForNextCode(),))
    seen = replace(screen, setup_code=text, trouble=None)
    return Step(replace(journey, screen=seen, setup_code=text), (ReadyForNextCode(), AnnounceScreen()))


def _with_setup_code(journey: Journey, setup_code: str) -> Step:
    text = setup_code.strip()[:SETUP_CODE_MAX_CHARACTERS]
    match journey.screen:
        case Pairing():
            return Step(journey)
        case Unpaired() as screen:
            return Step(replace(journey, setup_code=text, screen=replace(screen, setup_code=text, trouble=None)))
        case _:
            return Step(replace(journey, setup_code=text))


def _with_digit(journey: Journey, digit: str) -> Step:
    screen = journey.screen
    if not isinstance(screen, Unpaired) or digit not in _DIGITS or len(screen.digits) >= PAIRING_DIGITS:
        return Step(journey)
    return Step(replace(journey, screen=replace(screen, digits=screen.digits + digit, trouble=None)))


def _with_digits(journey: Journey, *, drop: int) -> Step:
    screen = journey.screen
    if not isinstance(screen, Unpaired):
        return Step(journey)
    return Step(replace(journey, screen=replace(screen, digits=screen.digits[:-drop], trouble=None)))


def _ask(journey: Journey, policy: JourneyPolicy) -> Step:
    screen = journey.screen
    if not isinstance(screen, Unpaired) or len(screen.digits) != PAIRING_DIGITS or not screen.setup_code:
        return Step(journey)
    journey, dwell, start = start_dwell(journey, policy.pairing_at_most)
    pairing = Pairing(screen.setup_code, screen.digits, dwell)
    return Step(replace(journey, screen=pairing), (Pair(screen.setup_code, screen.digits), start, AnnounceScreen()))


def _end(journey: Journey, trouble: PairingTrouble, *, keep_digits: bool) -> Step:
    screen = journey.screen
    if not isinstance(screen, Pairing):
        return Step(journey)
    digits = screen.digits if keep_digits else ""
    return _show(journey, Unpaired(screen.setup_code, digits, trouble))


def _show(journey: Journey, screen: Unpaired) -> Step:
    return Step(replace(journey, screen=screen), (StopDwell(), AnnounceScreen()))
