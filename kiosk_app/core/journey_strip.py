"""The staff strip: one thin line, only when something is off. What it says in words is ``kiosk_app.ui``'s matter."""

from dataclasses import dataclass
from datetime import datetime

from kiosk_app.core.journey_screens import OutOfService
from kiosk_app.core.journey_state import Journey
from kiosk_app.core.staff_codes import StaffCode


@dataclass(frozen=True, slots=True)
class Strip:
    """What is off. Times are aware; ``waiting`` counts check-ins the server has not acknowledged."""

    offline: bool
    offline_since: datetime | None
    waiting: int
    waiting_since: datetime | None
    camera: StaffCode | None
    server: StaffCode | None = None


def strip_of(journey: Journey) -> Strip | None:
    """Return what staff should notice in passing, or None when all is well.

    A queue while online is told too: it normally drains within a second, so one that is seen is worth seeing.
    Before pairing there is nobody to be offline from.
    """
    if journey.site is None:
        return None
    link = journey.connectivity
    offline = link is not None and not link.online
    shown_already = isinstance(journey.screen, OutOfService) and journey.screen.code == journey.camera
    camera = None if shown_already else journey.camera
    note = None if link is None else link.note
    if not offline and journey.queue.waiting == 0 and camera is None and note is None:
        return None
    since = link.since if link is not None and offline else None
    return Strip(offline, since, journey.queue.waiting, journey.queue.oldest_since, camera, note)
