"""Steps that come from the machine or from a person's comfort: start, link, queue, camera, faults, site. Pure."""

from dataclasses import replace
from typing import assert_never

from kiosk_app.core.journey_comfort import SiteIdentity
from kiosk_app.core.journey_door import watch_comfort
from kiosk_app.core.journey_events import (
    AppearanceChosen,
    CameraBack,
    CameraTrouble,
    ComfortEvent,
    ConnectivityChanged,
    FaultCleared,
    FaultHappened,
    LanguageChosen,
    MachineEvent,
    QueueChanged,
    SiteChanged,
    Started,
)
from kiosk_app.core.journey_screens import (
    Checking,
    Maintenance,
    OutOfService,
    PairingTrouble,
    Result,
    StaffEntry,
)
from kiosk_app.core.journey_state import (
    Connectivity,
    Journey,
    JourneyPolicy,
    Queue,
    Step,
    go_home,
    settle_home,
    with_site,
)
from kiosk_app.core.staff_codes import StaffCode


def step_comfort(journey: Journey, event: ComfortEvent, policy: JourneyPolicy) -> Step:
    """Return the journey as a visitor likes it."""
    match event:
        case LanguageChosen(language):
            comfort = replace(journey.comfort, language=language)
        case AppearanceChosen(appearance):
            comfort = replace(journey.comfort, appearance=appearance)
        case _ as unreachable:
            assert_never(unreachable)
    return watch_comfort(replace(journey, comfort=comfort), policy)


def step_machine(journey: Journey, event: MachineEvent) -> Step:
    """Return what the machine's own news makes of the journey."""
    match event:
        case Started(site, house, lost):
            # Also after a restart of the workers: whatever was shown belongs to before.
            fresh = with_site(replace(journey, started=True, house=house or journey.house), site, lost)
            result = go_home(replace(fresh, comfort=fresh.house))
        case ConnectivityChanged(online, since, note):
            result = Step(replace(journey, connectivity=Connectivity(online, since, note)))
        case QueueChanged(waiting, oldest_since):
            result = Step(replace(journey, queue=Queue(max(waiting, 0), oldest_since)))
        case CameraTrouble(code):
            result = settle_home(replace(journey, camera=code))
        case CameraBack():
            result = settle_home(replace(journey, camera=None))
        case FaultHappened(code):
            result = _add_fault(journey, code)
        case FaultCleared(code):
            result = settle_home(replace(journey, faults=tuple(fault for fault in journey.faults if fault != code)))
        case SiteChanged(site, trouble):
            result = _change_site(journey, site, trouble)
        case _ as unreachable:
            assert_never(unreachable)
    return result


def _add_fault(journey: Journey, code: StaffCode) -> Step:
    if code in journey.faults:
        return Step(journey)
    faulty = replace(journey, faults=(*journey.faults, code))
    # Staff at the pad or the page are there because of it.
    stays = isinstance(journey.screen, OutOfService | StaffEntry | Maintenance)
    return settle_home(faulty) if stays else go_home(faulty)


def _change_site(journey: Journey, site: SiteIdentity | None, lost: PairingTrouble | None) -> Step:
    changed = with_site(journey, site, lost)
    if site is None and isinstance(journey.screen, Checking | Result):
        # Not this site's kiosk any more: no answer of that site stays on the screen.
        return go_home(changed)
    return settle_home(changed)
