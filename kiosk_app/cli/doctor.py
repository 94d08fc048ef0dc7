"""``atrium-kiosk doctor``: what is well with this kiosk and what is not, read also beside a running one."""

import argparse
import json

from kiosk_app.bootstrap.household import LiveServer
from kiosk_app.bootstrap.probes import ask_server, gather, look_at_camera
from kiosk_app.cli.exits import FAILED, OK, answer
from kiosk_app.cli.opening import paths_of
from kiosk_app.core.checkin import ClockMemory
from kiosk_app.core.errors import StoreError
from kiosk_app.core.health import Finding, HealthState
from kiosk_app.core.health_words import STATES, SUBJECTS
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.paths import Paths
from kiosk_app.services.diagnostics import finding_as_json, finding_in_words
from kiosk_app.services.doctor import CameraFact, Facts, LinkFacts, examine
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_app.settings import read_moment_ms
from kiosk_app.store.instance_lock import is_held
from kiosk_app.store.key_store import KeyStore
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_app.system_clock import SystemClock


def main(options: argparse.Namespace) -> int:
    """Say what is well and what is not; the status is 1 where there is something to look at."""
    findings = look(paths_of(options), read_moment_ms(options.build_time), options.camera)
    for finding in findings:
        answer(json.dumps(finding_as_json(finding)) if options.json else _as_line(finding))
    return OK if all(finding.state is HealthState.OK for finding in findings) else FAILED


def look(paths: Paths, built_at_ms: int, camera_spec: str) -> tuple[Finding, ...]:
    """Return the findings of the kiosk in these folders."""
    return examine(gather_facts(paths, built_at_ms, camera_spec))


def gather_facts(paths: Paths, built_at_ms: int, camera_spec: str) -> Facts:
    """Return what there is to know of the kiosk in these folders, whether it runs or not."""
    store: KioskStore | StaffCode | None
    memory = ClockMemory(0, None)
    try:
        store = KioskStore.open_read_only(paths.data)
        if store is not None:
            memory = store.load_clock()
    except StoreError as error:
        store = error.code
    keeper = TimeKeeper(SystemClock(), memory, built_at_ms)
    camera = CameraFact.IN_USE if is_held(paths.data) else look_at_camera(camera_spec)
    try:
        link = _ask(store, paths, keeper) if isinstance(store, KioskStore) else LinkFacts()
        return gather(paths, store, keeper, link, camera)
    finally:
        if isinstance(store, KioskStore):
            store.close()


def _ask(store: KioskStore, paths: Paths, keeper: TimeKeeper) -> LinkFacts:
    try:
        identity = store.load_identity()
    except StoreError:
        # The finding about the store says so.
        return LinkFacts()
    if identity is None:
        return LinkFacts()
    live = LiveServer(KeyStore(paths.keys), keeper, None)
    try:
        return ask_server(live, identity)
    finally:
        live.close()


def _as_line(finding: Finding) -> str:
    state, subject = STATES[finding.state], SUBJECTS[finding.subject]
    return f"{finding.code.code:<7} {state:<12} {subject:<15} {finding_in_words(finding)}"
