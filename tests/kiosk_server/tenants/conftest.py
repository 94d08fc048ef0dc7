"""Two tenants of one house, made once for the run: asking changes nothing of the planted one."""

from dataclasses import dataclass

import pytest

from kiosk_server.domain.roles import Role
from kiosk_server.store.database import Database
from tests.kiosk_server.support import HandKiosk, World, new_world
from tests.kiosk_server.tenants.planted import Planted, Search, markers, plant

_NUMBER = 2_000_000
"""Beyond those of the worlds that tests get one by one."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who asks, whom it is about, and how answers are looked through."""

    asking: World
    kiosk: HandKiosk
    planted: Planted
    search: Search


@pytest.fixture(scope="session")
def neighbours(archive: Database) -> Neighbours:
    """Return a tenant with a user of every role and a kiosk, and the planted one beside it."""
    asking = new_world(archive, _NUMBER)
    kiosk, planted = asking.kiosk(), plant(asking)
    for role in Role:
        asking.user(role)
    return Neighbours(asking, kiosk, planted, Search(markers(planted, asking)))
