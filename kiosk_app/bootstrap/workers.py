"""The workers, built light: what they work with is loaded when their threads begin, after the first window stands."""

from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from kiosk_app.settings import RunSettings
from kiosk_app.system_clock import SystemClock
from kiosk_app.workers.camera import CameraParts, CameraWorker
from kiosk_app.workers.desk import Desk, DeskWorker
from kiosk_app.workers.scan_relay import ScanRelay
from kiosk_app.workers.staff import StaffRoom, StaffWorker
from kiosk_app.workers.supervisor import Supervisor
from kiosk_app.workers.sync import Network, SyncWorker

if TYPE_CHECKING:
    from kiosk_app.bootstrap.household import Household


class Backstage:
    """Everything behind the window for one kiosk."""

    def __init__(self, settings: RunSettings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._household: Household | None = None
        self._wall = SystemClock()
        self.scans = ScanRelay()
        self.supervisor = Supervisor(
            CameraWorker(self._open_camera),
            DeskWorker(self._open_desk),
            SyncWorker(self._open_network),
            StaffWorker(self._open_staff_room),
        )

    def now(self) -> datetime:
        """Return the time to show, aware: the kiosk's own idea of it as soon as there is one."""
        household = self._household
        if household is None or not household.is_open:
            return self._wall.wall()
        return datetime.fromtimestamp(household.shared.keeper.now().now_ms / 1000, UTC)

    def _house(self) -> "Household":
        # Imported here, in a worker's thread: store, cryptography and network take longer to load than the window.
        from kiosk_app.bootstrap.household import Household  # noqa: PLC0415

        with self._lock:
            if self._household is None:
                # Whoever has a hand at the window may follow its scans; nobody else pays for it.
                witness = None if self._settings.hand is None else self.scans.note
                self._household = Household(self._settings.paths, self._settings.built_at_ms, witness=witness)
            return self._household

    def _open_desk(self) -> Desk:
        from kiosk_app.bootstrap.adapters import StoreDesk  # noqa: PLC0415 - as above

        return StoreDesk(self._house())

    def _open_network(self) -> Network:
        from kiosk_app.bootstrap.adapters import StoreNetwork  # noqa: PLC0415 - as above

        return StoreNetwork(self._house())

    def _open_staff_room(self) -> StaffRoom:
        from kiosk_app.bootstrap.staff_room import KioskStaffRoom  # noqa: PLC0415 - as above

        return KioskStaffRoom(self._house(), self._settings)

    def _open_camera(self) -> CameraParts:
        from kiosk_app.bootstrap.adapters import open_camera  # noqa: PLC0415 - as above

        return open_camera(self._settings.camera, preview=self._settings.preview)
