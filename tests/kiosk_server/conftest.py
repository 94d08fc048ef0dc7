"""One embedded PostgreSQL for the whole run, and new databases from it in about 30 ms each."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from psycopg import sql

from kiosk_server.postgres import ConnectionAddress, Durability, EmbeddedPostgres
from kiosk_server.store.database import Database
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.support import World, new_world

EMPTY = "template0"


class ScratchPostgres:
    """A running cluster that makes databases for tests.

    Attributes:
        address: The cluster's superuser and its own database.
    """

    def __init__(self, address: ConnectionAddress) -> None:
        self.address = address
        self._numbers = itertools.count(1)

    def new_database(self, template: str = EMPTY) -> ConnectionAddress:
        """Make a database: empty, or a copy of another one, to which nobody may be connected meanwhile."""
        name = f"scratch_{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.address.with_database(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, cutting whoever is connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        connection = psycopg.connect(self.address.with_database("postgres").url(), autocommit=True)
        with closing(connection):
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[ScratchPostgres]:
    """Run the cluster for the session. Not in pytest's own folder: that keeps 40 MB of it for three runs."""
    folder = Path(mkdtemp(prefix="atrium-tests-"))
    embedded = EmbeddedPostgres(folder / "postgres", durability=Durability.UNSAFE_FOR_TESTS)
    try:
        yield ScratchPostgres(embedded.start())
    finally:
        embedded.stop()
        shutil.rmtree(folder)


@pytest.fixture
def database(postgres: ScratchPostgres) -> Iterator[ConnectionAddress]:
    """An empty database for one test, dropped after it."""
    address = postgres.new_database()
    yield address
    postgres.drop_database(address.database)


@pytest.fixture(scope="session")
def archive(postgres: ScratchPostgres) -> Iterator[Database]:
    """A provisioned database for the whole run: tests share it and keep apart as tenants do."""
    archive = provision(read_url(postgres.new_database().url()), AesVault(b"m" * 32))
    yield archive
    archive.close()


_numbers = itertools.count(1)


@pytest.fixture
def world(archive: Database) -> World:
    """A tenant of this test's own, with two sites, a clock and an HTTP client."""
    return new_world(archive, next(_numbers))


@pytest.fixture
def other_world(archive: Database) -> World:
    """Another tenant in the same database."""
    return new_world(archive, next(_numbers))
