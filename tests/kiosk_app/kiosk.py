"""A kiosk put together from the real services and the real store, with clocks and server of the test's own."""

import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.ports import ClaimServer
from kiosk_app.services.admission_desk import AdmissionDesk, DeskTools
from kiosk_app.services.enrolment import Enrolled, Enrolment, EnrolmentTools
from kiosk_app.services.link import LinkMonitor
from kiosk_app.services.sync_cycle import SyncCycle, SyncTools
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_app.store.key_store import KeyStore
from kiosk_app.store.kiosk_store import KioskStore
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import T0_S

BUILT_AT_MS = (T0_S - 365 * 24 * 3600) * 1000


@dataclass
class HandClock:
    """Clocks that move when told to."""

    reading: ClockReading = field(default_factory=lambda: ClockReading(T0_S * 1000, 50_000, "boot-1"))

    def read(self) -> ClockReading:
        return self.reading

    def pass_s(self, seconds: float) -> None:
        """Let real time pass."""
        ms = int(seconds * 1000)
        self.reading = replace(self.reading, wall_ms=self.reading.wall_ms + ms, boot_ms=self.reading.boot_ms + ms)

    def set_wall_s(self, seconds: int) -> None:
        """Let somebody set the wall clock."""
        self.reading = replace(self.reading, wall_ms=seconds * 1000)

    def reboot(self, boot_id: str = "boot-2") -> None:
        """Let the machine start anew."""
        self.reading = ClockReading(self.reading.wall_ms, 1000, boot_id)


class Kiosk:
    """Everything below the screens. ``restart`` is what a SIGKILL and a new start leave."""

    def __init__(
        self, folder: Path, server: SimulatedServer, clock: HandClock | None = None, built_at_ms: int = BUILT_AT_MS
    ) -> None:
        self.folder = folder
        self.server = server
        self.clock = clock or HandClock()
        self.built_at_ms = built_at_ms
        self.vault = KeyStore(folder / "keys")
        (folder / "data").mkdir(exist_ok=True)
        self._start()

    def _start(self) -> None:
        self.store = KioskStore.open(self.folder / "data", check=True)
        self.keeper = TimeKeeper(self.clock, self.store.load_clock(), self.built_at_ms)
        self.link = LinkMonitor(self.keeper)
        data = str(self.folder / "data")
        tools = SyncTools(self.store, self.keeper, self.link, secrets.token_bytes, self.vault, "0.1.0", data)
        self.sync = SyncCycle(tools)
        self.desk = self.new_desk(self.server)

    def new_desk(self, server: ClaimServer) -> AdmissionDesk:
        tools = DeskTools(self.store, self.vault, self.keeper, self.link, server, secrets.token_bytes, "0.1.0")
        return AdmissionDesk(tools)

    def restart(self) -> None:
        self.store.close()
        self._start()

    def enrolment(self) -> Enrolment:
        return Enrolment(
            EnrolmentTools(
                self.store, self.vault, self.keeper, lambda _setup: self.server, secrets.token_bytes, "Front door"
            )
        )

    def pair(self) -> "Kiosk":
        outcome = self.enrolment().pair(self.server.setup_code, self.server.digits)
        assert isinstance(outcome, Enrolled)
        return self

    def synced(self) -> "Kiosk":
        report = self.sync.run(self.server)
        assert not report.failures
        return self
