"""Fixtures of the kiosk's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import Tenant


@pytest.fixture
def house() -> Tenant:
    """Return a tenant with one site."""
    return Tenant()


@pytest.fixture
def server(house: Tenant) -> SimulatedServer:
    """Return the tenant's server."""
    return SimulatedServer(house)


@pytest.fixture
def unpaired(tmp_path: Path, server: SimulatedServer) -> Iterator[Kiosk]:
    """Return a kiosk fresh from its box."""
    kiosk = Kiosk(tmp_path, server)
    yield kiosk
    kiosk.store.close()


@pytest.fixture
def kiosk(unpaired: Kiosk) -> Kiosk:
    """Return a paired kiosk that knows its feed and the time."""
    return unpaired.pair().synced()
