"""Each table's policy taken away, opened, halved, or not enforced: a named check of isolation notices.

Three tables in the suite, all of them under `torture`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection

from kiosk_protocol.identifiers import TenantId
from kiosk_server.postgres import ConnectionAddress
from kiosk_server.store import tables
from kiosk_server.store.database import Database
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.conftest import ScratchPostgres
from tests.kiosk_server.store import isolation
from tests.kiosk_server.support import new_world
from tests.kiosk_server.tenants.planted import plant

MINE: Final = "{column} = NULLIF(current_setting('app.tenant_id', true), '')"
WHOLE: Final = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    "DROP POLICY IF EXISTS tenant_isolation ON {table}",
    "DROP POLICY IF EXISTS another ON {table}",
    f"CREATE POLICY tenant_isolation ON {{table}} USING ({MINE}) WITH CHECK ({MINE})",
)
FAULTS: Final = {
    "dropped": ("DROP POLICY tenant_isolation ON {table}",),
    "disabled": ("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",),
    "not forced": ("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",),
    "opened": ("ALTER POLICY tenant_isolation ON {table} USING (true)",),
    "writes unchecked": ("ALTER POLICY tenant_isolation ON {table} WITH CHECK (true)",),
    "one more": ("CREATE POLICY another ON {table} USING (true)",),
}
SEEN: Final = {
    # Without a policy nothing is shown: the tenant misses its own rows, and nobody else's are given away.
    "dropped": "each_sees_its_own_rows_alone",
    "disabled": "nobody_sees_nothing each_sees_its_own_rows_alone",
    "opened": "nobody_sees_nothing each_sees_its_own_rows_alone",
    "one more": "nobody_sees_nothing each_sees_its_own_rows_alone",
}
"""What notices by its rows; the catalogue's check notices every one."""
SAMPLE: Final = ("visits", "audit_log", "tenants")


class Scratch:
    """A database of two tenants that may be broken."""

    def __init__(self, address: ConnectionAddress, archive: Database, tenants: list[TenantId]) -> None:
        self._address, self._archive, self._tenants = address, archive, tenants

    @contextmanager
    def broken(self, fault: str, table: str) -> Iterator[None]:
        self._run(FAULTS[fault], table)
        try:
            yield
        finally:
            self._run(WHOLE, table)

    def _run(self, statements: tuple[str, ...], table: str) -> None:
        names = {"table": sql.Identifier(table), "column": sql.Identifier("id" if table == "tenants" else "tenant_id")}
        with psycopg.connect(self._address.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(statement).format(**names))

    def notices(self) -> str:
        """Return the names of the checks that fail."""
        checks = {
            "every_table_is_under_its_policy": isolation.every_table_is_under_its_policy,
            "nobody_sees_nothing": isolation.nobody_sees_nothing,
            "each_sees_its_own_rows_alone": self._each_sees_its_own,
        }
        found = []
        for name, check in checks.items():
            with self._archive._engine.connect() as connection:
                try:
                    check(connection)
                except AssertionError:
                    found.append(name)
        return " ".join(found)

    def _each_sees_its_own(self, connection: Connection) -> None:
        isolation.each_sees_its_own_rows_alone(connection, self._tenants)


@pytest.fixture(scope="module")
def scratch(postgres: ScratchPostgres) -> Iterator[Scratch]:
    """Two tenants with something in every table, in a database of their own."""
    address = postgres.new_database()
    archive = provision(read_url(address.url()), AesVault(b"m" * 32))
    world = new_world(archive, 1)
    tenants = [plant(world).world.tenant.id for _ in range(2)]
    yield Scratch(address, archive, tenants)
    archive.close()
    postgres.drop_database(address.database)


def assert_noticed(scratch: Scratch, fault: str, table: str) -> None:
    with scratch.broken(fault, table):
        expected = f"every_table_is_under_its_policy {SEEN.get(fault, '')}".strip()
        assert scratch.notices() == expected, (fault, table)
    assert scratch.notices() == ""


def test_a_database_in_order_is_found_to_be_so(scratch: Scratch) -> None:
    """Two tenants, each with rows in every table."""
    assert scratch.notices() == ""


@pytest.mark.parametrize("table", SAMPLE)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_policy_is_noticed(scratch: Scratch, fault: str, table: str) -> None:
    """By the catalogue, and by the rows where rows can show it."""
    assert_noticed(scratch, fault, table)


@pytest.mark.torture
@pytest.mark.parametrize("table", sorted(tables.metadata.tables))
@pytest.mark.parametrize("fault", FAULTS)
def test_every_broken_policy_is_noticed(scratch: Scratch, fault: str, table: str) -> None:
    """Of every table, in every way."""
    assert_noticed(scratch, fault, table)
