"""Two tenants of one house, made once for the run: asking changes nothing of the planted one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kiosk_server.domain.roles import Role
from kiosk_server.store.database import Database
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.conftest import ScratchPostgres
from tests.kiosk_server.support import HandKiosk, World, new_world
from tests.kiosk_server.tenants.planted import Planted, Search, markers, plant


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who asks, whom it is about, and how answers are looked through."""

    asking: World
    kiosk: HandKiosk
    planted: Planted
    search: Search


@pytest.fixture(scope="session")
def archive(postgres: ScratchPostgres) -> Iterator[Database]:
    """A database of their own: other tests keep house for every tenant of theirs, at times far ahead."""
    address = postgres.new_database()
    archive = provision(read_url(address.url()), AesVault(b"m" * 32))
    yield archive
    archive.close()
    postgres.drop_database(address.database)


@pytest.fixture(scope="session")
def neighbours(archive: Database) -> Neighbours:
    """Return a tenant with a user of every role and a kiosk, and the planted one beside it."""
    asking = new_world(archive, 1)
    kiosk, planted = asking.kiosk(), plant(asking)
    for role in Role:
        asking.user(role)
    return Neighbours(asking, kiosk, planted, Search(markers(planted, asking)))
