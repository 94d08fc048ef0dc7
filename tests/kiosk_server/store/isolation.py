"""What must hold of a database so that tenants are kept apart. Each check raises AssertionError where it does not.

They stand apart from the tests so that others can break a database on purpose and see them notice.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, func, select, text

from kiosk_protocol.identifiers import TenantId
from kiosk_server.store import tables

MINE: Final = "({column} = NULLIF(current_setting('app.tenant_id'::text, true), ''::text))"
"""The one condition, as PostgreSQL prints it back."""
WITHOUT_TENANT: Final = {"tenants", "alembic_version"}
"""Tables without ``tenant_id``: a tenant is known by its ``id``, and the schema's version is nobody's."""
HISTORY: Final = {
    "audit_log", "trust_documents", "visit_tokens", "chain_items", "desk_facts", "conflict_settlements",
}  # fmt: skip

_TABLES: Final = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, EXISTS (
           SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_' AND c.relkind IN ('r', 'p', 'f')
"""
_POLICIES: Final = """
SELECT p.polrelid::regclass::text, p.polname, p.polpermissive, p.polcmd::text, p.polroles = '{0}',
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p
"""
_RIGHTS: Final = """
SELECT c.relname, array_agg(may.what)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
     unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS may(what)
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege(c.oid, may.what)
GROUP BY 1
"""


def enter(connection: Connection, tenant: TenantId) -> None:
    """Act as ``tenant`` until the transaction ends."""
    connection.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": tenant})


def every_table_is_under_its_policy(connection: Connection) -> None:
    """Row-level security enabled and forced, one policy for reading and writing, and no other that adds to it."""
    rows = connection.execute(text(_TABLES)).all()
    assert {row[0] for row in rows} == {*tables.metadata.tables, "alembic_version"}
    assert {row[0] for row in rows if not row[3]} == WITHOUT_TENANT
    assert {row[0] for row in rows if not (row[1] and row[2])} == {"alembic_version"}
    policies = {tuple(row) for row in connection.execute(text(_POLICIES))}
    expected = {(name, "tenant_isolation", True, "*", True, *(_mine(name),) * 2) for name in tables.metadata.tables}
    # Policies add up, so one more could undo the rest; the only other one is the owner's on tenants.
    assert policies - expected == {("tenants", "owner_reads_tenants", True, "r", False, "true", None)}
    assert expected - policies == set()


def _mine(table: str) -> str:
    return MINE.format(column="id" if table == "tenants" else "tenant_id")


def application_has_no_more_rights_than_it_needs(connection: Connection) -> None:
    """It reads and adds everywhere, changes where nothing is history, and cannot empty, trigger or refer."""
    found = {name: set(rights) for name, rights in connection.execute(text(_RIGHTS))}
    ordinary = tables.metadata.tables.keys() - HISTORY - {"tenants"}
    assert found == {
        "tenants": {"SELECT"},
        **{name: {"SELECT", "INSERT"} for name in HISTORY},
        **{name: {"SELECT", "INSERT", "UPDATE", "DELETE"} for name in ordinary},
    }


def nobody_sees_nothing(connection: Connection) -> None:
    """A forgotten tenant shows no rows rather than all."""
    for table in tables.metadata.tables.values():
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0, table.name


def each_sees_its_own_rows_alone(connection: Connection, tenants: Iterable[TenantId]) -> None:
    """Asked without a condition, every table shows each of these tenants something, and of nobody else."""
    for tenant in tenants:
        enter(connection, tenant)
        for table in tables.metadata.tables.values():
            whose = table.c.id if table.name == "tenants" else table.c.tenant_id
            assert set(connection.execute(select(whose).distinct()).scalars()) == {tenant}, table.name
