"""Tenants are kept apart by the database itself; these tests read its catalogue and try to cross the line."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from kiosk_protocol.identifiers import TenantId
from kiosk_server.store import tables
from kiosk_server.store.database import Database
from tests.kiosk_server.store import isolation
from tests.kiosk_server.support import World


@pytest.fixture
def connection(archive: Database) -> Iterator[Connection]:
    """A connection of the application role, outside any tenant."""
    with archive._engine.connect() as connection:
        yield connection


def test_every_table_has_forced_row_level_security_and_its_policy(connection: Connection) -> None:
    """No exception but Alembic's own note: also the tenants themselves. For reading and for writing; nothing adds."""
    isolation.every_table_is_under_its_policy(connection)


def test_application_may_do_no_more_than_it_needs(connection: Connection) -> None:
    """Table by table; Alembic's note is not even readable."""
    isolation.application_has_no_more_rights_than_it_needs(connection)


def test_only_the_lobby_acts_with_the_owners_rights(connection: Connection) -> None:
    """Two functions that give out identifiers; nobody else may call them."""
    rows = connection.execute(
        text(
            "SELECT p.oid::regprocedure::text, p.proconfig, has_function_privilege('public', p.oid, 'EXECUTE')"
            " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        )
    ).all()
    path = ["search_path=public, pg_temp"]
    assert {(row[0], row[2]) for row in rows} == {("tenant_of_slug(text)", False), ("tenant_ids()", False)}
    assert all(row[1] == path for row in rows)


def test_owner_is_bound_as_well_and_nobody_logs_in_as_it(connection: Connection) -> None:
    """All tables belong to one role, which is no superuser, bypasses nothing and has no login."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcanlogin, r.rolcreaterole FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner"
            " WHERE n.nspname = 'public'"
        )
    ).all()
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    assert [tuple(row) for row in rows] == [(f"{database}_owner", False, False, False, False)]


def test_application_role_owns_nothing_and_cannot_bypass(connection: Connection) -> None:
    """Neither superuser nor owner nor member of another role."""
    role = connection.execute(
        text(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit, oid"
            " FROM pg_roles WHERE rolname = current_user"
        )
    ).one()
    assert not any(role[:6])
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
    isolation.nobody_sees_nothing(connection)


def test_other_tenant_sees_and_changes_nothing(world: World, archive: Database, connection: Connection) -> None:
    """Reads and updates across tenants find no row; inserts for another tenant are refused."""
    visit = world.visit().visit
    isolation.enter(connection, TenantId("B" * 22))
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
    isolation.enter(connection, world.tenant.id)
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
    isolation.enter(connection, world.tenant.id)
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
