"""Provisioning and broken databases: safe to repeat, refused when foreign, and 503 while away."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.exc import DBAPIError, OperationalError

from kiosk_protocol.identifiers import TenantId
from kiosk_server.postgres import ConnectionAddress
from kiosk_server.services.failures import (
    DatabaseForeignError,
    DatabaseFullError,
    DatabaseUnreachableError,
    MasterKeyError,
    SchemaNewerError,
)
from kiosk_server.services.housekeeping import keep_house
from kiosk_server.store.database import translate
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.support import new_world

VAULT = AesVault(b"v" * 32)


def execute(address: ConnectionAddress, statement: str, *names: str) -> None:
    with psycopg.connect(address.url(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def test_provisioning_is_repeatable_also_by_two_at_once(database: ConnectionAddress) -> None:
    """Whoever comes second waits, then finds everything there."""
    with ThreadPoolExecutor(3) as threads:
        archives = list(threads.map(lambda _: provision(read_url(database.url()), VAULT), range(3)))
    for archive in archives:
        assert archive.tenant_ids() == []
        archive.close()


def test_role_that_would_see_every_tenant_is_refused(database: ConnectionAddress) -> None:
    """Row-level security does not bind a superuser, whatever its name."""
    execute(database, "CREATE ROLE {} LOGIN BYPASSRLS", f"{database.database}_app")
    with pytest.raises(DatabaseForeignError):
        provision(read_url(database.url()), VAULT)


def test_login_that_may_not_create_roles_is_refused(database: ConnectionAddress) -> None:
    """The sentence says what the address's role must be allowed to do."""
    execute(database, "CREATE ROLE {} LOGIN PASSWORD 'x'", f"{database.database}_weak")
    weak = database.with_role(f"{database.database}_weak", "x")
    with pytest.raises(DatabaseForeignError):
        provision(read_url(weak.url()), VAULT)


def test_login_that_owns_the_database_and_may_create_roles_is_enough(database: ConnectionAddress) -> None:
    """No superuser is needed on a PostgreSQL of the operator's own."""
    name = f"{database.database}_admin"
    execute(database, "CREATE ROLE {} LOGIN CREATEROLE PASSWORD 'x'", name)
    execute(database, "ALTER DATABASE {} OWNER TO {}", database.database, name)
    archive = provision(read_url(database.with_role(name, "x").url()), VAULT)
    world = new_world(archive, 1)
    assert archive.tenant_of_slug(world.tenant.slug) == world.tenant.id
    archive.close()


def test_filled_database_is_not_taken_over_under_another_master_key(database: ConnectionAddress) -> None:
    """A running server would lose its login, and nothing sealed would open; an empty database has nothing to lose."""
    other = AesVault(b"o" * 32)
    provision(read_url(database.url()), other).close()
    archive = provision(read_url(database.url()), VAULT)
    new_world(archive, 1)
    with pytest.raises(MasterKeyError):
        provision(read_url(database.url()), other)
    assert archive.is_reachable()
    archive.close()
    provision(read_url(database.url()), VAULT).close()


def test_schema_of_a_newer_version_is_left_alone(database: ConnectionAddress) -> None:
    """An older program must not write into it."""
    provision(read_url(database.url()), VAULT).close()
    execute(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaNewerError):
        provision(read_url(database.url()), VAULT)


def test_server_without_its_database_answers_503_and_recovers(database: ConnectionAddress, postgres: object) -> None:
    """Nothing infrastructural looks like a refusal; with the database the answers come back."""
    archive = provision(read_url(database.url()), VAULT)
    world = new_world(archive, 1)
    kiosk = world.kiosk()
    execute(database.with_database("postgres"), "ALTER DATABASE {} ALLOW_CONNECTIONS false", database.database)
    _cut(database)
    response = kiosk.ask("GET", "/kiosk/trust")
    assert (response.status_code, response.json()["error"]) == (503, "database_unavailable")
    health = world.client.get("/health")
    assert (health.status_code, health.json()) == (503, {"status": "degraded", "database": "unreachable"})
    keep_house(world.house)
    execute(database.with_database("postgres"), "ALTER DATABASE {} ALLOW_CONNECTIONS true", database.database)
    assert kiosk.ask("GET", "/kiosk/trust").status_code == 200
    archive.close()


def _cut(database: ConnectionAddress) -> None:
    with psycopg.connect(database.with_database("postgres").url(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.database]
        )


def test_busy_pool_is_an_unreachable_database(database: ConnectionAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits too long for a connection hears so instead of waiting for ever."""
    monkeypatch.setattr("kiosk_server.store.database.POOL_CONNECTIONS", 1)
    monkeypatch.setattr("kiosk_server.store.database.POOL_WAIT_S", 0.05)
    archive = provision(read_url(database.url()), VAULT)
    tenant = TenantId("T" * 22)
    with archive.of(tenant), pytest.raises(DatabaseUnreachableError), archive.of(tenant):
        pass
    archive.close()


@pytest.mark.parametrize(
    ("original", "kind"),
    [
        (psycopg.errors.DiskFull(), DatabaseFullError),
        (psycopg.errors.AdminShutdown(), DatabaseUnreachableError),
        (psycopg.errors.QueryCanceled(), DatabaseUnreachableError),
        (psycopg.errors.DeadlockDetected(), DatabaseUnreachableError),
        (psycopg.OperationalError("broken"), DatabaseUnreachableError),
        (psycopg.errors.UndefinedTable(), type(None)),
        (psycopg.errors.UniqueViolation(), type(None)),
    ],
)
def test_driver_errors_are_surroundings_or_bugs(original: Exception, kind: type[object]) -> None:
    """Known kinds get a code; a wrong statement of ours stays a bug."""
    error: DBAPIError = OperationalError("statement", {}, original)
    assert isinstance(translate(error), kind)
