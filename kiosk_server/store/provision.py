"""From an empty database to one that can be used: roles, rights, schema. Safe to repeat, also by two at once.

Two roles, named after the database: ``<database>_owner`` owns the schema and cannot log in; ``<database>_app`` logs in
and owns nothing, so that row-level security binds it and no statement of the application can change the rules. The
address handed in must be of a role that may create roles and owns the database (a superuser will do).
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from kiosk_server.services.failures import (
    DatabaseForeignError,
    DatabaseUnreachableError,
    MasterKeyError,
    SchemaNewerError,
)
from kiosk_server.store.database import CONNECT_TIMEOUT_S, Database, translate
from kiosk_server.store.vault import AesVault

MIGRATIONS: Final = Path(__file__).with_name("migrations")
_ADVISORY_LOCK: Final = 0x41_54_52_49_55_4D  # "ATRIUM"; who provisions waits for whoever does so already
_STATEMENT_TIMEOUT: Final = "15s"
_LOCK_TIMEOUT: Final = "8s"
_IDLE_TIMEOUT: Final = "30s"


@dataclass(frozen=True, slots=True)
class Roles:
    """The two roles of one database."""

    owner: str
    app: str


def read_url(text_url: str) -> URL:
    """Return a database address for psycopg 3.

    Raises:
        DatabaseForeignError: it is no PostgreSQL address, or names no database.
    """
    try:
        url = make_url(text_url)
    except ArgumentError:
        raise DatabaseForeignError("the database address cannot be read") from None
    if url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
        raise DatabaseForeignError("the database address must be postgresql://…/DATABASE")
    return url.set(drivername="postgresql+psycopg")


def provision(admin_url: URL, vault: AesVault) -> Database:
    """Bring the database's roles and schema up to date and return the way to its records.

    Raises:
        DatabaseUnreachableError: no connection.
        DatabaseForeignError: the roles are there but with rights they must not have, or ours are too small.
        MasterKeyError: the database's secrets were sealed under another key.
        SchemaNewerError: a newer version wrote the schema.
    """
    roles = Roles(f"{admin_url.database}_owner", f"{admin_url.database}_app")
    # A login needs a password on servers that ask for one. Derived, it is the same for all who share the master key.
    password = urlsafe_b64encode(vault.derive(f"database role {roles.app}")).decode("ascii")
    try:
        with psycopg.connect(_libpq(admin_url), autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
            _refuse_mighty_roles(connection, roles)
            _check_master_key(connection, roles, vault)
            _prepare_roles(connection, roles, password)
            migrate(admin_url, roles)
            _note_master_key(connection, roles, vault)
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseForeignError("the address's role may not create roles or does not own the database") from error
    except psycopg.OperationalError as error:
        raise DatabaseUnreachableError(type(error).__name__) from error
    app_url = admin_url.set(username=roles.app, password=password)
    return Database(app_url, admin_url, roles.owner)


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _refuse_mighty_roles(connection: psycopg.Connection, roles: Roles) -> None:
    rows = connection.execute(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = ANY(%s)",
        [[roles.owner, roles.app]],
    ).fetchall()
    too_mighty = [name for name, mighty in rows if mighty]
    if too_mighty:
        # Such a role would see every tenant: row-level security does not bind it.
        raise DatabaseForeignError(f"role {too_mighty[0]} must be neither superuser nor BYPASSRLS nor CREATEROLE")


def _check_master_key(connection: psycopg.Connection, roles: Roles, vault: AesVault) -> None:
    """Refuse a key other than the one this database was filled under.

    Going on with it would change the application role's password under a running server, and open nothing.
    """
    noted = connection.execute(
        "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s", [roles.app]
    ).fetchone()
    if noted is None or noted[0] in {None, _key_note(vault)}:
        return
    if connection.execute("SELECT to_regclass('public.tenants')").fetchone() == (None,):
        return
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(roles.owner)))
        is_filled = connection.execute("SELECT 1 FROM public.tenants LIMIT 1").fetchone() is not None
    if is_filled:
        raise MasterKeyError("the database belongs to another one; restore the key that was backed up with it")


def _note_master_key(connection: psycopg.Connection, roles: Roles, vault: AesVault) -> None:
    statement = sql.SQL("COMMENT ON ROLE {} IS {}")
    connection.execute(statement.format(sql.Identifier(roles.app), sql.Literal(_key_note(vault))))


def _key_note(vault: AesVault) -> str:
    """Return what tells two master keys apart and gives neither away."""
    return "master key " + urlsafe_b64encode(vault.derive("key check"))[:22].decode("ascii")


def _prepare_roles(connection: psycopg.Connection, roles: Roles, password: str) -> None:
    names = [roles.owner, roles.app]
    rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [names]).fetchall()
    known = {name for (name,) in rows}
    owner, app = sql.Identifier(roles.owner), sql.Identifier(roles.app)
    if roles.owner not in known:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(owner))
    if roles.app not in known:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(app))
    connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(app, sql.Literal(password)))
    for setting, value in (
        ("statement_timeout", _STATEMENT_TIMEOUT),
        ("lock_timeout", _LOCK_TIMEOUT),
        ("idle_in_transaction_session_timeout", _IDLE_TIMEOUT),
    ):
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(app, sql.Identifier(setting), sql.Literal(value))
        )
    # Who created a role may lend itself the right to act as it (PostgreSQL 16); a superuser may anyway.
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
    connection.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(owner))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app))


def migrate(admin_url: URL, roles: Roles) -> None:
    """Bring the schema to the newest version, acting as its owner.

    Raises:
        SchemaNewerError: it is beyond the newest version known here.
    """
    engine = create_engine(admin_url, hide_parameters=True, connect_args={"connect_timeout": CONNECT_TIMEOUT_S})
    try:
        with engine.connect() as connection:
            connection.execute(text(f'SET ROLE "{roles.owner}"'))
            _upgrade(connection, roles)
            connection.commit()
    except DBAPIError as error:
        raise translate(error) or error from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection, roles: Roles) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["app_role"] = roles.app
    current = schema_version(connection)
    scripts = ScriptDirectory.from_config(config)
    if current == scripts.get_current_head():
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaNewerError(f"schema {current}, newest known {scripts.get_current_head()}")
    command.upgrade(config, "head")


def schema_version(connection: Connection) -> str | None:
    """Return the schema's version, or None in an empty database."""
    if connection.execute(text("SELECT to_regclass('public.alembic_version')")).scalar_one() is None:
        return None
    return connection.execute(text("SELECT version_num FROM public.alembic_version")).scalar_one_or_none()
