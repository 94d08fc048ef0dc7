"""The findings in English, for the terminal and the staff's page. The other languages are ``kiosk_app.ui``'s.

Placeholders: ``{cause}`` a staff code, ``{count}`` a number, ``{time}`` a moment in words, ``{detail}`` a word.
"""

from collections.abc import Mapping
from typing import Final

from kiosk_app.core.health import HealthCode, HealthState, Subject

SUBJECTS: Final[Mapping[Subject, str]] = {
    Subject.PAIRING: "Pairing",
    Subject.CAMERA: "Camera",
    Subject.NETWORK: "Server",
    Subject.CLOCK: "Clock",
    Subject.KEYS: "Device key",
    Subject.TRUST: "Keys of visits",
    Subject.QUEUE: "Check-ins",
    Subject.DISK: "Disk",
    Subject.FONTS: "Fonts",
    Subject.READER: "Second reader",
    Subject.VERSION: "Version",
}

STATES: Final[Mapping[HealthState, str]] = {
    HealthState.OK: "Well",
    HealthState.LOOK: "Look here",
    HealthState.BAD: "Not working",
}

FINDINGS: Final[Mapping[HealthCode, str]] = {
    HealthCode.PAIRED: "This kiosk belongs to its site.",
    HealthCode.UNPAIRED: "Not paired yet. Open a pairing window in the dashboard.",
    HealthCode.STORE_TROUBLE: "The store cannot be read ({cause}).",
    HealthCode.CAMERA_WELL: "It gives pictures.",
    HealthCode.CAMERA_TROUBLE: "It gives no pictures ({cause}).",
    HealthCode.CAMERA_IN_USE: "In use by the running kiosk, so not looked at here.",
    HealthCode.CAMERA_NONE: "This kiosk is set up without a camera.",
    HealthCode.NETWORK_WELL: "The server answers.",
    HealthCode.NETWORK_DOWN: "No answer since {time} ({cause}). The door works on; check-ins are sent later.",
    HealthCode.NETWORK_UNKNOWN: "Nobody was asked yet.",
    HealthCode.CLOCK_SURE: "Confirmed by the server.",
    HealthCode.CLOCK_PLAUSIBLE: "Plausible; the server has not confirmed it since the start.",
    HealthCode.CLOCK_SUSPECT: "It jumped or cannot be right. Nobody is admitted until the server is reached.",
    HealthCode.CLOCK_UNPROVEN: "Confirmed with the pairing.",
    HealthCode.KEYS_WELL: "In its place, protected by file permissions.",
    HealthCode.KEYS_BY_CREDENTIAL: "In its place, sealed by the service's credential.",
    HealthCode.KEYS_IN_KEY_RING: "In its place, sealed by the system's key ring.",
    HealthCode.KEYS_TROUBLE: "It cannot be read ({cause}).",
    HealthCode.KEYS_FOREIGN: "It belongs to another pairing ({cause}).",
    HealthCode.KEYS_NONE_YET: "Made when the kiosk is paired.",
    HealthCode.QUEUE_EMPTY: "All sent.",
    HealthCode.QUEUE_WAITING: "{count} not sent yet, the oldest from {time}.",
    HealthCode.QUEUE_PARKED: "{count} refused by the server and kept here. Tell IT.",
    HealthCode.QUEUE_UNKNOWN: "Cannot be counted ({cause}).",
    HealthCode.DISK_ROOMY: "{count} MB free.",
    HealthCode.DISK_LOW: "Only {count} MB free. Make room soon.",
    HealthCode.DISK_FULL: "Only {count} MB free. Check-ins will soon not be stored.",
    HealthCode.DISK_UNKNOWN: "The data folder is not there yet.",
    HealthCode.VERSION: "{detail}",
    HealthCode.TRUST_FRESH: "Renewed {count} hours ago.",
    HealthCode.TRUST_OLD: "Renewed {count} hours ago. Bring the kiosk online.",
    HealthCode.TRUST_EXPIRED: "Too old to decide by. Bring the kiosk online.",
    HealthCode.TRUST_NONE_YET: "They come with the pairing.",
    HealthCode.FONTS_THERE: "Installed.",
    HealthCode.FONTS_MISSING: "{count} files are missing. Install the package fonts-noto-core.",
    HealthCode.READER_THERE: "Installed.",
    HealthCode.READER_MISSING: "Not installed; hard codes are read less often. Install the package libzbar0.",
}
