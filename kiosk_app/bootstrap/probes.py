"""The doctor's eyes: each probe looks at one thing, reads only, and never raises for what it may find."""

import shutil
import time
from pathlib import Path
from typing import Final

from kiosk_app.bootstrap.household import APP_VERSION, LiveServer
from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.sources import open_source, parse_camera_spec
from kiosk_app.camera.zbar import zbar_reader
from kiosk_app.core.checkin import Identity
from kiosk_app.core.errors import KeysError, KioskError
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.server_answers import BadAnswer, Refused, Unreachable, staff_code
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.trust_age import trust_standing
from kiosk_app.paths import ARABIC_FONT_FILES, FONT_FILES, FONT_FOLDER, Paths
from kiosk_app.services.doctor import CameraFact, Facts, LinkFacts, PairedFacts
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_app.store.key_store import KeyStore
from kiosk_app.store.kiosk_store import KioskStore

NO_CAMERA: Final = "none"
CAMERA_PATIENCE_S: Final = 3.0
"""A USB camera gives its first picture within one to two seconds of being opened."""


def gather(
    paths: Paths,
    store: KioskStore | StaffCode | None,
    keeper: TimeKeeper,
    link: LinkFacts,
    camera: CameraFact | StaffCode,
) -> Facts:
    """Return everything the doctor asks about. ``store`` is None before the first start, a code where it is broken."""
    estimate = keeper.now()
    identity, queue, trouble = _look_into(store)
    paired = None
    if identity is not None:
        vault = KeyStore(paths.keys)
        key, is_ours = _look_at_key(vault, identity)
        trust_age_s = identity.trust.age_s(estimate.now_s)
        standing = trust_standing(identity.trust, estimate.now_s)
        paired = PairedFacts(standing, trust_age_s, key, is_ours, vault.protection)
    return Facts(
        now_ms=estimate.now_ms,
        clock=estimate.standing,
        camera=camera,
        paired=paired,
        link=link,
        store=trouble,
        queue=queue,
        free_bytes=free_bytes(paths.data),
        missing_fonts=missing_fonts(),
        has_second_reader=zbar_reader() is not None,
        version=APP_VERSION,
    )


def look_at_camera(spec: str) -> CameraFact | StaffCode:
    """Take the camera for a moment and wait for one picture."""
    if spec == NO_CAMERA:
        return CameraFact.NONE
    latest_s = time.monotonic() + CAMERA_PATIENCE_S
    try:
        source = open_source(parse_camera_spec(spec))
        try:
            source.open()
            while time.monotonic() < latest_s:
                if source.read() is not None:
                    return CameraFact.GIVES_PICTURES
        finally:
            source.close()
    except CameraError as error:
        return error.code
    return StaffCode.CAMERA_STOPPED


def ask_server(live: LiveServer, identity: Identity) -> LinkFacts:
    """Ask the server for something that changes nothing."""
    try:
        answer = live.of(identity).configuration()
    except KeysError:
        # Without its key the kiosk has nothing to ask with; the finding about the key says so.
        return LinkFacts()
    if isinstance(answer, Unreachable | Refused | BadAnswer):
        return LinkFacts(reached=False, cause=staff_code(answer))
    return LinkFacts(reached=True)


def free_bytes(folder: Path) -> int | None:
    """Return the room left for this user where ``folder`` lies, None where there is no such folder."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def missing_fonts(folder: Path = FONT_FOLDER) -> int:
    """Return how many of the font files are not there."""
    return sum(not (folder / name).is_file() for name in (*FONT_FILES, *ARABIC_FONT_FILES))


def _look_into(store: KioskStore | StaffCode | None) -> tuple[Identity | None, QueueState, StaffCode | None]:
    if store is None:
        return None, QueueState(), None
    if isinstance(store, StaffCode):
        return None, QueueState(), store
    try:
        return store.load_identity(), store.queue_state(), None
    except KioskError as error:
        return None, QueueState(), error.code


def _look_at_key(vault: KeyStore, identity: Identity) -> tuple[StaffCode | None, bool]:
    try:
        return None, bytes(vault.load().verify_key) == identity.device_key
    except KeysError as error:
        return error.code, False
