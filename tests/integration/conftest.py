"""One real server for the run, and kiosks in folders of their own."""

import shutil
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest

from kiosk_app.bootstrap.household import Household
from kiosk_app.paths import Paths
from kiosk_app.services.admission_desk import AdmissionDesk
from kiosk_app.services.enrolment import Enrolled
from kiosk_app.services.sync_cycle import SyncReport
from tests.integration.real_server import RealServer


@pytest.fixture(scope="session")
def server() -> Iterator[RealServer]:
    """Run the server. Not in pytest's own folder: that keeps 40 MB of it for three runs."""
    folder = Path(mkdtemp(prefix="atrium-it-"))
    running = RealServer(folder)
    running.start()
    running.command("tenant", "create", "--slug", "example", "--name", "Example")
    yield running
    running.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def site(server: RealServer) -> str:
    """Return the one site; visits and kiosks are each test's own."""
    made = server.command("site", "create", "--name", "Main house", "--time-zone", "Europe/Vienna", "--language", "en")
    return str(made["siteId"])


class LossyTransport(httpx.HTTPTransport):
    """The real way to the server, on which answers can get lost after they were given, refusals apart if so wished."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context)
        self.lose: list[str] = []
        self.spare_refusals = False
        self.cut = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("cut", request=request)
        response = super().handle_request(request)
        is_spared = self.spare_refusals and response.is_error
        if self.lose and request.url.path.endswith(self.lose[0]) and not is_spared:
            self.lose.pop(0)
            response.read()
            response.close()
            raise httpx.ReadTimeout("lost", request=request)
        return response


class RealKiosk:
    """A kiosk's services over the real store and real TLS."""

    def __init__(self, folder: Path, transport: LossyTransport | None) -> None:
        self.transport = transport
        self.household = Household(Paths(folder / "data", folder / "keys"), 0, transport)
        (folder / "data").mkdir(parents=True)
        self.store = self.household.open_store()
        self.desk: AdmissionDesk = self.household.desk(self.store)
        self.cycle = self.household.sync_cycle(self.store)

    def pair(self, window: dict[str, Any]) -> "RealKiosk":
        outcome = self.household.enrolment(self.store).pair(window["setupCode"], window["code"])
        assert isinstance(outcome, Enrolled), outcome
        return self

    def sync(self) -> SyncReport:
        identity = self.store.load_identity()
        assert identity is not None
        return self.cycle.run(self.household.shared.live.of(identity))

    def close(self) -> None:
        self.household.shared.live.close()
        self.store.close()


@pytest.fixture
def new_kiosk(tmp_path: Path, server: RealServer) -> Iterator[Callable[..., RealKiosk]]:
    """Return a maker of unpaired kiosks; ``lossy`` ones believe the server's CA by another way."""
    made: list[RealKiosk] = []

    def make(*, lossy: bool = False) -> RealKiosk:
        context = ssl.create_default_context(cafile=str(server.data / "tls" / "ca.pem")) if lossy else None
        transport = None if context is None else LossyTransport(context)
        made.append(RealKiosk(tmp_path / f"kiosk-{len(made)}", transport))
        return made[-1]

    yield make
    for kiosk in made:
        kiosk.close()
