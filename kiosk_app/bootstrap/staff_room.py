"""What the staff's thread opens: the PIN's keeper, the doctor beside the running kiosk, and the report for IT."""

import secrets
from datetime import UTC, datetime
from typing import Final

from kiosk_app.bootstrap.household import Household
from kiosk_app.bootstrap.probes import NO_CAMERA, gather
from kiosk_app.bootstrap.report import report_on
from kiosk_app.core.checkin import ClockMemory
from kiosk_app.core.errors import KeysError, StoreError, StoreFault
from kiosk_app.core.health import Finding
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_pin import PinAnswer
from kiosk_app.services.doctor import CameraFact, Facts, LinkFacts, examine
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_app.settings import RunSettings
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_app.store.private_files import write_private
from kiosk_app.store.staff_pin import StaffPin
from kiosk_app.system_clock import SystemClock

FOLDER: Final = "diagnostics"


class KioskStaffRoom:
    """Reads beside the other threads; a store that does not open is a finding, not the end."""

    def __init__(self, household: Household, settings: RunSettings) -> None:
        self._household, self._settings = household, settings
        self._pin = StaffPin(settings.paths.keys, SystemClock(), secrets.token_bytes)

    def look_at_pin(self) -> PinAnswer | None:
        """Return what stands in the way of a try, None where nothing does."""
        return self._pin.look()

    def check_pin(self, digits: str) -> PinAnswer:
        """Count a try and answer it."""
        return self._pin.check(digits)

    def examine(self, camera: StaffCode | None) -> tuple[Finding, ...]:
        """Return the doctor's findings."""
        return examine(self._facts(camera))

    def save_diagnostics(self, camera: StaffCode | None) -> str:
        """Write the report and return where it lies. Raises StoreError."""
        facts = self._facts(camera)
        folder = self._settings.paths.data / FOLDER
        name = datetime.fromtimestamp(facts.now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ.json")
        try:
            write_private(folder, name, report_on(facts))
        except KeysError as error:
            raise StoreError(StoreFault.READ_ONLY) from error
        return str(folder / name)

    def _facts(self, camera: StaffCode | None) -> Facts:
        fact: CameraFact | StaffCode = CameraFact.GIVES_PICTURES if camera is None else camera
        if self._settings.camera == NO_CAMERA:
            fact = CameraFact.NONE
        keeper, link = self._time_and_link()
        store: KioskStore | StaffCode | None
        try:
            store = KioskStore.open_read_only(self._settings.paths.data)
        except StoreError as error:
            store = error.code
        try:
            return gather(self._settings.paths, store, keeper, link, fact)
        finally:
            if isinstance(store, KioskStore):
                store.close()

    def _time_and_link(self) -> tuple[TimeKeeper, LinkFacts]:
        if not self._household.is_open:
            return TimeKeeper(SystemClock(), ClockMemory(0, None), self._settings.built_at_ms), LinkFacts()
        shared = self._household.shared
        return shared.keeper, LinkFacts(shared.link.state.online, shared.link.state.since_ms)
