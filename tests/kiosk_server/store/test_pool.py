"""A connection that goes back to the pool forgets whose it was, however its transaction ended."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

import kiosk_server
from kiosk_protocol.identifiers import TenantId
from kiosk_server.postgres import ConnectionAddress
from kiosk_server.services.failures import DatabaseUnreachableError
from kiosk_server.services.ports import Records
from kiosk_server.store.database import Database
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.conftest import ScratchPostgres
from tests.kiosk_server.store import isolation
from tests.kiosk_server.support import World, execute, new_world


class HandlerError(Exception):
    """What a handler may raise."""


@pytest.fixture(scope="module")
def address(postgres: ScratchPostgres) -> Iterator[ConnectionAddress]:
    address = postgres.new_database()
    yield address
    postgres.drop_database(address.database)


@pytest.fixture(scope="module")
def narrow(address: ConnectionAddress) -> Iterator[Database]:
    """A pool of one connection, so that everybody gets the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiosk_server.store.database.POOL_CONNECTIONS", 1)
        archive = provision(read_url(address.url()), AesVault(b"m" * 32))
    yield archive
    archive.close()


@pytest.fixture(scope="module")
def worlds(narrow: Database) -> tuple[World, World]:
    """Two tenants, each with a visit."""
    worlds = new_world(narrow, 1), new_world(narrow, 2)
    for world in worlds:
        world.visit()
    return worlds


def return_normally(_records: Records, _address: ConnectionAddress) -> None:
    pass


def raise_midway(_records: Records, _address: ConnectionAddress) -> None:
    raise HandlerError


def be_wrong(records: Records, _address: ConnectionAddress) -> None:
    execute(records, "SELECT no_such_column FROM visits")


def take_too_long(records: Records, _address: ConnectionAddress) -> None:
    execute(records, "SET LOCAL statement_timeout = '20ms'")
    execute(records, "SELECT pg_sleep(60)")


def be_cancelled(records: Records, address: ConnectionAddress) -> None:
    """As by an operator, in the middle of a statement that waits for a lock."""
    pid = execute(records, "SELECT pg_backend_pid()")[0][0]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    with (
        psycopg.connect(address.url()) as rival,
        psycopg.connect(address.url(), autocommit=True) as watch,
        ThreadPoolExecutor(1) as thread,
    ):
        rival.execute("SELECT pg_advisory_xact_lock(1)")
        statement = thread.submit(execute, records, "SELECT pg_advisory_xact_lock(1)")
        while watch.execute(waiting, (pid,)).fetchone() == (0,):
            assert not statement.done()
        watch.execute("SELECT pg_cancel_backend(%s)", (pid,))
        statement.result()


def lose_the_connection(records: Records, address: ConnectionAddress) -> None:
    pid = execute(records, "SELECT pg_backend_pid()")[0][0]
    with psycopg.connect(address.url(), autocommit=True) as rival:
        rival.execute("SELECT pg_terminate_backend(%s, 30000)", (pid,))
    execute(records, "SELECT 1")


ENDS: tuple[tuple[Callable[[Records, ConnectionAddress], None], type[Exception] | None], ...] = (
    (return_normally, None),
    (raise_midway, HandlerError),
    (be_wrong, Exception),
    (take_too_long, DatabaseUnreachableError),
    (be_cancelled, DatabaseUnreachableError),
    (lose_the_connection, DatabaseUnreachableError),
)


@pytest.mark.parametrize(("end", "error"), ENDS, ids=[end.__name__ for end, _ in ENDS])
def test_a_connection_forgets_its_tenant(
    narrow: Database,
    worlds: tuple[World, World],
    address: ConnectionAddress,
    end: Callable[[Records, ConnectionAddress], None],
    error: type[Exception] | None,
) -> None:
    """Whoever gets it next has no tenant and sees no row; and the next tenant sees its own rows alone."""
    first, second = worlds
    before = backend_of(narrow)

    def use() -> None:
        with narrow.of(first.tenant.id) as records:
            assert execute(records, "SELECT count(*) FROM visits") == [(1,)]
            end(records, address)

    if error is None:
        use()
    else:
        with pytest.raises(error):
            use()
    assert (backend_of(narrow) == before) == (end is not lose_the_connection)
    with narrow._engine.connect() as connection:
        assert connection.execute(text("SELECT current_setting('app.tenant_id', true)")).scalar_one() in {None, ""}
        isolation.nobody_sees_nothing(connection)
    with narrow.of(second.tenant.id) as records:
        assert execute(records, "SELECT DISTINCT tenant_id FROM visits") == [(second.tenant.id,)]


def backend_of(archive: Database) -> int:
    with archive._engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_what_was_written_before_a_failure_is_not_there(narrow: Database, worlds: tuple[World, World]) -> None:
    """The transaction is the tenant's, all of it or nothing."""
    tenant = worlds[0].tenant.id

    def fail() -> None:
        with narrow.of(tenant) as records:
            execute(records, "UPDATE visits SET room = 'written'")
            raise HandlerError

    with pytest.raises(HandlerError):
        fail()
    with narrow.of(tenant) as records:
        assert execute(records, "SELECT count(*) FROM visits WHERE room = 'written'") == [(0,)]


def test_many_at_once_see_their_own_rows_alone(
    archive: Database, world: World, other_world: World, address: ConnectionAddress
) -> None:
    """Eight threads on ten connections, every third transaction broken off."""
    worlds = (world, other_world)
    for each in worlds:
        each.visit()

    def look(number: int) -> set[Any]:
        tenant: TenantId = worlds[number % 2].tenant.id
        with suppress(HandlerError), archive.of(tenant) as records:
            seen = {row[0] for row in execute(records, "SELECT tenant_id FROM visits")}
            if number % 3 == 0:
                raise_midway(records, address)
        return seen ^ {tenant}

    with ThreadPoolExecutor(8) as threads:
        assert set().union(*threads.map(look, range(200))) == set()


def test_the_tenant_is_set_in_one_place_and_for_one_transaction() -> None:
    """A statement that set it for the session would be remembered by the pool."""
    folder = Path(kiosk_server.__file__).parent
    found = {
        str(path.relative_to(folder)): calls
        for path in sorted(folder.rglob("*.py"))
        if (calls := re.findall(r"set_config\([^)]*\)|SET (?:SESSION |LOCAL )?app\.\w+", path.read_text()))
    }
    # To enter a tenant, and to make one as the owner.
    assert found == {"store/database.py": ["set_config('app.tenant_id', :tenant, true)"] * 2}
