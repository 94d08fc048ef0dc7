"""Tenants are kept apart by the database itself; these tests read its catalogue and try to cross the line."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from kiosk_protocol.identifiers import TenantId
from kiosk_server.store import tables
from kiosk_server.store.database import Database
from tests.kiosk_server.support import World


@pytest.fixture
def connection(archive: Database) -> Iterator[Connection]:
    """A connection of the application role, outside any tenant."""
    with archive._engine.connect() as connection:
        yield connection


def enter(connection: Connection, tenant: TenantId) -> None:
    connection.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": tenant})


TENANT_TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*'
          AND pg_get_expr(p.polqual, c.oid) LIKE '%%app.tenant_id%%'
          AND pg_get_expr(p.polwithcheck, c.oid) LIKE '%%app.tenant_id%%')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
"""


def test_every_table_has_forced_row_level_security_and_its_policy(connection: Connection) -> None:
    """No exception but Alembic's own note: also the tenants themselves."""
    rows = connection.execute(text(TENANT_TABLES)).all()
    assert {row[0] for row in rows} == set(tables.metadata.tables)
    assert [row[0] for row in rows if not (row[1] and row[2] and row[3] == 1)] == []


def test_no_other_policy_opens_a_table_to_the_application(connection: Connection) -> None:
    """Policies add up, so one more could undo the rest; the only other one is the owner's on tenants."""
    rows = connection.execute(text("SELECT polname, polrelid::regclass::text FROM pg_policy")).all()
    others = [tuple(row) for row in rows if row[0] != "tenant_isolation"]
    assert others == [("owner_reads_tenants", "tenants")]


def test_application_role_owns_nothing_and_cannot_bypass(connection: Connection) -> None:
    """Neither superuser nor owner nor member of another role."""
    role = connection.execute(
        text(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, oid FROM pg_roles WHERE rolname = current_user"
        )
    ).one()
    assert not any(role[:4])
    owned = connection.execute(
        text("SELECT count(*) FROM pg_class WHERE relowner = :oid"), {"oid": role.oid}
    ).scalar_one()
    member_of = connection.execute(
        text("SELECT count(*) FROM pg_auth_members WHERE member = :oid"), {"oid": role.oid}
    ).scalar_one()
    assert (owned, member_of) == (0, 0)


def test_references_between_tenant_tables_carry_the_tenant(connection: Connection) -> None:
    """Every foreign key to a table other than tenants begins with tenant_id on both sides."""
    rows = connection.execute(
        text(
            """
            SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
                   (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1]),
                   (SELECT attname FROM pg_attribute WHERE attrelid = c.confrelid AND attnum = c.confkey[1])
            FROM pg_constraint c WHERE c.contype = 'f'
            """
        )
    ).all()
    assert len(rows) > 20
    loose = [row for row in rows if row[1] != "tenants" and (row[2], row[3]) != ("tenant_id", "tenant_id")]
    assert loose == []


def test_unset_tenant_sees_nothing(world: World, connection: Connection) -> None:
    """A forgotten tenant shows no rows rather than all."""
    world.visit()
    for table in tables.metadata.tables.values():
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0, table.name


def test_other_tenant_sees_and_changes_nothing(world: World, archive: Database, connection: Connection) -> None:
    """Reads and updates across tenants find no row; inserts for another tenant are refused."""
    visit = world.visit().visit
    enter(connection, TenantId("B" * 22))
    assert connection.execute(text("SELECT count(*) FROM visits")).scalar_one() == 0
    changed = connection.execute(text("UPDATE visits SET room = 'x' WHERE id = :id"), {"id": visit.id})
    assert changed.rowcount == 0
    assert connection.execute(text("DELETE FROM feed_entries")).rowcount == 0
    with pytest.raises(DBAPIError) as caught:
        connection.execute(
            text("INSERT INTO visitors (tenant_id, id, name, created_at) VALUES (:tenant, :id, 'x', now())"),
            {"tenant": world.tenant.id, "id": "C" * 22},
        )
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege)


def test_tenant_is_forgotten_with_the_transaction(world: World, archive: Database) -> None:
    """A pooled connection does not carry one tenant into the next request."""
    with archive.of(world.tenant.id) as records:
        assert records.sites.all()
    with archive._engine.connect() as connection:
        assert connection.execute(text("SELECT current_setting('app.tenant_id', true)")).scalar_one() in {None, ""}


def test_history_can_be_added_to_but_not_rewritten(world: World, connection: Connection) -> None:
    """Audit rows, documents, issued codes and chain links have no UPDATE or DELETE right."""
    enter(connection, world.tenant.id)
    with pytest.raises(DBAPIError) as caught:
        connection.execute(text("UPDATE audit_log SET action = 'x'"))
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege)


def test_lobby_gives_out_identifiers_only(world: World, archive: Database, connection: Connection) -> None:
    """From a slug to an identifier, without a tenant set; no name comes along, and no tenant can be made."""
    assert archive.tenant_of_slug(world.tenant.slug) == world.tenant.id
    assert world.tenant.id in archive.tenant_ids()
    with pytest.raises(DBAPIError):
        connection.execute(text("INSERT INTO tenants VALUES ('x', 'x', 'x', now())"))


def test_visit_state_cannot_move_backwards_even_by_statement(world: World, connection: Connection) -> None:
    """The state machine stands in the database too."""
    visit = world.visit().visit
    enter(connection, world.tenant.id)
    with pytest.raises(DBAPIError) as caught:
        connection.execute(text("UPDATE visits SET state = 'checked_out' WHERE id = :id"), {"id": visit.id})
    assert isinstance(caught.value.orig, psycopg.errors.CheckViolation)


def test_tables_are_described_as_they_are(connection: Connection) -> None:
    """Names, types and nullability in the code equal the migrated schema."""
    rows = connection.execute(
        text(
            "SELECT table_name, column_name, is_nullable, udt_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
        )
    ).all()
    names = {
        "TEXT": "text",
        "BIGINT": "int8",
        "INTEGER": "int4",
        "BOOLEAN": "bool",
        "BYTEA": "bytea",
        "TIMESTAMP WITH TIME ZONE": "timestamptz",
        "TEXT[]": "_text",
        "JSONB": "jsonb",
    }
    described = {
        (table.name, column.name, "YES" if column.nullable else "NO", names[column.type.compile(connection.dialect)])
        for table in tables.metadata.tables.values()
        for column in table.columns
    }
    assert {tuple(row) for row in rows} == described
