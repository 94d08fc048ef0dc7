"""A row of one tenant cannot point at another's: the database itself refuses, also for whoever sees every tenant."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine

from kiosk_server.store.database import Database
from tests.kiosk_server.tenants.conftest import Neighbours
from tests.kiosk_server.tenants.planted import Planted, plant

REFERENCES: Final = """
SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
       ARRAY(SELECT attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_attribute ON attrelid = c.conrelid AND attnum = k.number ORDER BY place),
       ARRAY(SELECT attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_attribute ON attrelid = c.confrelid AND attnum = k.number ORDER BY place)
FROM pg_constraint c WHERE c.contype = 'f' AND c.confrelid <> 'tenants'::regclass ORDER BY 2, 1
"""

NAMING: Final = """
SELECT a.attrelid::regclass::text, a.attname::text
FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = 'public' AND t.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attname ~ '(^|_)(id|kid|by|check_in)$' AND a.attname <> 'tenant_id'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c
                  WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND a.attnum = ANY (c.conkey))
"""
OWN: Final = {"tenants", "sites", "users", "visitors", "visits", "devices", "check_ins", "pairing_windows"} | {
    "pairing_runs", "audit_log", "events",
}  # fmt: skip
UNREFERENCED: Final = {(table, "id") for table in OWN} | {
    ("signing_keys", "kid"),
    # A history names what is of several kinds.
    ("audit_log", "actor_id"),
    ("audit_log", "subject_id"),
    # A user, or the word for the operator.
    ("pairing_windows", "opened_by"),
    # Names of a kiosk's own making; they are looked for beside the kiosk's own identifier.
    ("chain_heads", "chain_id"),
    ("chain_items", "chain_id"),
    ("quarantine", "chain_id"),
    # What an item says of itself: a check-in that may never arrive, a key that may be none.
    ("claims", "check_in_id"),
    ("quarantine", "check_in_id"),
    ("quarantine", "seal_kid"),
    ("check_ins", "seal_kid"),
    # Names of tokens, which are nowhere else.
    ("devices", "token_id"),
    ("devices", "previous_token_id"),
}


@pytest.fixture(scope="module")
def second(neighbours: Neighbours) -> Planted:
    """Another tenant with something in every table."""
    return plant(neighbours.asking)


@pytest.fixture
def everything(archive: Database) -> Iterator[psycopg.Connection]:
    """A connection of the superuser, whom row-level security does not bind; nothing is kept."""
    engine = create_engine(archive._admin_url)
    raw = engine.raw_connection()
    connection = raw.driver_connection
    assert isinstance(connection, psycopg.Connection)
    yield connection
    connection.rollback()
    raw.close()
    engine.dispose()


def test_no_reference_reaches_into_another_tenant(
    everything: psycopg.Connection, neighbours: Neighbours, second: Planted
) -> None:
    """One row of each table with a reference, turned to the other tenant's thing by the mightiest role there is."""
    values = {"tenant": neighbours.planted.world.tenant.id, "other": second.world.tenant.id}
    references = [Reference(*row) for row in everything.execute(REFERENCES).fetchall()]
    assert len(references) > 35
    assert {(reference.columns[0], reference.keys[0]) for reference in references} == {("tenant_id", "tenant_id")}
    assert [each for each in references if not is_refused(everything, each.turned(), values)] == []


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: whose columns refer to which of another table."""

    name: str
    source: str
    target: str
    columns: list[str]
    keys: list[str]

    def turned(self) -> sql.Composed:
        """Return what makes one row refer to a row of another tenant, its own tenant left as it is."""
        return sql.SQL(
            "UPDATE {source} SET ({columns}) = (SELECT {keys} FROM {target} WHERE tenant_id = %(other)s LIMIT 1)"
            " WHERE ctid = (SELECT ctid FROM {source} WHERE tenant_id = %(tenant)s LIMIT 1)"
        ).format(
            source=sql.Identifier(self.source),
            target=sql.Identifier(self.target),
            columns=sql.SQL(", ").join(map(sql.Identifier, self.columns[1:])),
            keys=sql.SQL(", ").join(map(sql.Identifier, self.keys[1:])),
        )


def is_refused(connection: psycopg.Connection, statement: sql.Composed, values: dict[str, str]) -> bool:
    """Whether a foreign key refuses; the statement is undone in any case."""
    try:
        with connection.transaction(force_rollback=True):
            assert connection.execute(statement, values).rowcount == 1
    except psycopg.errors.ForeignKeyViolation:
        return True
    return False


def test_what_names_something_refers_to_it(everything: psycopg.Connection) -> None:
    """A column that is called like an identifier has a reference, or stands in the list with its reason."""
    assert set(everything.execute(NAMING).fetchall()) == UNREFERENCED
