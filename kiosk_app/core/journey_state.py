"""The journey's state, its policy, and the few moves that all steps share. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kiosk_app.core.journey_comfort import Comfort, SiteIdentity
from kiosk_app.core.journey_effects import AnnounceScreen, Effect, ReadyForNextCode, StartDwell, StopDwell
from kiosk_app.core.journey_screens import (
    Admitted,
    AskReception,
    Checking,
    Declined,
    Dwell,
    Maintenance,
    OutOfService,
    Pairing,
    PairingTrouble,
    Ready,
    Screen,
    StaffEntry,
    Starting,
    Unpaired,
)
from kiosk_app.core.staff_codes import StaffCode

SETUP_CODE_MAX_CHARACTERS = 512
"""An address of 253 characters for the host, slug, site and fingerprint fit twice."""
PAIRING_DIGITS = 6


@dataclass(frozen=True, slots=True)
class JourneyPolicy:
    """How long things stay. The defaults follow what a person needs to read the longest sentence twice."""

    admitted_for: timedelta = timedelta(seconds=8)
    declined_for: timedelta = timedelta(seconds=15)
    reception_for: timedelta = timedelta(seconds=20)
    more_time: timedelta = timedelta(seconds=30)
    next_code_after: timedelta = timedelta(seconds=2)
    """A result stays at least so long before the next visitor's code may replace it."""
    checking_at_most: timedelta = timedelta(seconds=5)
    """Claim deadline 0.7 s and a commit are far below; past this the desk is not answering."""
    pairing_at_most: timedelta = timedelta(seconds=60)
    """Connect 5 s and read 10 s for each of at most four requests."""
    hint_for: timedelta = timedelta(seconds=4)
    staff_entry_for: timedelta = timedelta(seconds=30)
    """The pad closes when nobody presses a key."""
    staff_idle_for: timedelta = timedelta(minutes=2)
    """The staff's page closes when nobody does anything on it."""
    comfort_for: timedelta = timedelta(seconds=60)
    """A visitor's language and text size go back to the house's own when nobody does anything."""


@dataclass(frozen=True, slots=True)
class Connectivity:
    """The link as last judged. ``since`` aware, None where not known."""

    online: bool
    since: datetime | None = None
    note: StaffCode | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits to reach the server. ``oldest_since`` aware, None where nothing waits or it is not known."""

    waiting: int = 0
    oldest_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """The screen, and beside it what outlasts a screen. No personal data outside ``screen``."""

    screen: Screen = field(default_factory=Starting)
    started: bool = False
    site: SiteIdentity | None = None
    lost: PairingTrouble | None = None
    """Why there is no site any more, told until staff act on it; None where that needs no words."""
    setup_code: str = ""
    connectivity: Connectivity | None = None
    queue: Queue = Queue()
    camera: StaffCode | None = None
    faults: tuple[StaffCode, ...] = ()
    """In the order in which they happened, each once."""
    comfort: Comfort = field(default_factory=Comfort)
    house: Comfort = field(default_factory=Comfort)
    """What ``comfort`` goes back to after a visitor."""
    ticket: int = 0
    """Last one given out; only grows."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where the journey is now, and what to do about it, in order."""

    journey: Journey
    effects: tuple[Effect, ...] = ()


def home_screen(journey: Journey) -> Screen:
    """Return the screen nobody has asked for: what the kiosk shows when it is left alone."""
    if journey.faults:
        return OutOfService(journey.faults[0])
    if not journey.started:
        return Starting()
    if journey.site is None:
        return Unpaired(journey.setup_code, trouble=journey.lost)
    if journey.camera is not None:
        return OutOfService(journey.camera)
    return Ready()


def go_home(journey: Journey) -> Step:
    """Leave whatever was shown, give the next visitor the house's comfort, and let the next code be taken."""
    comfort = journey.comfort if journey.site is None else journey.house
    home = replace(journey, screen=home_screen(journey), comfort=comfort)
    return Step(home, (StopDwell(), ReadyForNextCode(), AnnounceScreen()))


def settle_home(journey: Journey) -> Step:
    """Change between the screens that wait for nobody, where the state beside the screen asks for another one.

    Somebody's result, a code being judged, a pairing under way and the staff's pages are left alone, and so is a screen
    that stays the same kind, so that a digit typed or a hint is not lost.
    """
    home = home_screen(journey)
    match journey.screen:
        case Checking() | Admitted() | Declined() | AskReception() | StaffEntry() | Maintenance():
            return Step(journey)
        case Pairing() if isinstance(home, Unpaired):
            return Step(journey)
        case OutOfService() as screen if screen == home:
            return Step(journey)
        case Starting() | Unpaired() | Ready() as screen if type(screen) is type(home):
            return Step(journey)
        case _:
            return go_home(journey)


def with_site(journey: Journey, site: SiteIdentity | None, lost: PairingTrouble | None = None) -> Journey:
    """Return the journey at ``site``, whose language becomes the house's own where it names one.

    ``lost`` says why there is none any more.
    """
    if site is None or site.language is None:
        return replace(journey, site=site, lost=lost)
    return replace(journey, site=site, lost=lost, house=replace(journey.house, language=site.language))


def take_ticket(journey: Journey) -> tuple[Journey, int]:
    """Return a ticket never given out before, and the journey that knows it."""
    ticket = journey.ticket + 1
    return replace(journey, ticket=ticket), ticket


def start_dwell(journey: Journey, duration: timedelta) -> tuple[Journey, Dwell, StartDwell]:
    """Return a new dwell of ``duration``, the effect that times it, and the journey that knows its ticket."""
    journey, ticket = take_ticket(journey)
    return journey, Dwell(ticket, duration), StartDwell(ticket, duration)
