"""The way to the records: connections, transactions bound to one tenant, and what broken connections mean."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from kiosk_protocol.identifiers import TenantId
from kiosk_server.domain.records import Tenant
from kiosk_server.services.failures import DatabaseFullError, DatabaseUnreachableError
from kiosk_server.store.alerts import AlertShelf
from kiosk_server.store.check_ins import CheckInShelf
from kiosk_server.store.desk import DeskShelf, WebSessionShelf
from kiosk_server.store.devices import DeviceShelf
from kiosk_server.store.feed import FeedShelf
from kiosk_server.store.intake import IntakeShelf
from kiosk_server.store.journal import JournalShelf
from kiosk_server.store.keys import KeyShelf
from kiosk_server.store.pairings import PairingShelf
from kiosk_server.store.quarantine import QuarantineShelf
from kiosk_server.store.sites import SiteShelf
from kiosk_server.store.users import UserShelf
from kiosk_server.store.visits import VisitShelf

POOL_CONNECTIONS: Final = 10
POOL_WAIT_S: Final = 5
CONNECT_TIMEOUT_S: Final = 5


class TenantRecords:
    """Implements :class:`kiosk_server.services.ports.Records`: one transaction of one tenant."""

    def __init__(self, connection: Connection, tenant: TenantId) -> None:
        self.tenant_id = tenant
        self.sites = SiteShelf(connection, tenant)
        self.users = UserShelf(connection, tenant)
        self.visits = VisitShelf(connection, tenant)
        self.keys = KeyShelf(connection, tenant)
        self.feed = FeedShelf(connection, tenant)
        self.pairings = PairingShelf(connection, tenant)
        self.devices = DeviceShelf(connection, tenant)
        self.check_ins = CheckInShelf(connection, tenant)
        self.intake = IntakeShelf(connection, tenant)
        self.quarantine = QuarantineShelf(connection, tenant)
        self.journal = JournalShelf(connection, tenant)
        self.alerts = AlertShelf(connection, tenant)
        self.desk = DeskShelf(connection, tenant)
        self.web_sessions = WebSessionShelf(connection, tenant)


class Database:
    """Implements :class:`kiosk_server.services.ports.Archive`. Any thread.

    Args:
        app_url: Address of the database for the application role, which owns nothing.
        admin_url: Address for the role that made the schema's owner; used to create tenants only.
        owner_role: The schema's owner.
    """

    def __init__(self, app_url: URL, admin_url: URL, owner_role: str) -> None:
        self._engine = _engine(app_url)
        self._admin_url = admin_url
        self._owner_role = owner_role

    @contextmanager
    def of(self, tenant: TenantId) -> Iterator[TenantRecords]:
        """Open a transaction of ``tenant``: committed at the end, rolled back by an exception.

        Raises:
            DatabaseUnreachableError, DatabaseFullError: the surroundings failed; nothing was written.
        """
        with _translated(), self._engine.begin() as connection:
            # LOCAL to the transaction: a connection that goes back to the pool forgets whose it was.
            connection.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": tenant})
            yield TenantRecords(connection, tenant)

    def tenant_of_slug(self, slug: str) -> TenantId | None:
        """Return the tenant called ``slug``, by a function that gives out identifiers only."""
        with _translated(), self._engine.begin() as connection:
            found = connection.execute(text("SELECT tenant_of_slug(:slug)"), {"slug": slug}).scalar_one()
        return None if found is None else TenantId(found)

    def tenant_ids(self) -> Sequence[TenantId]:
        """Return every tenant, oldest first."""
        with _translated(), self._engine.begin() as connection:
            return [TenantId(row[0]) for row in connection.execute(text("SELECT tenant_ids()"))]

    def add_tenant(self, tenant: Tenant, at: datetime) -> bool:
        """Store a tenant as the schema's owner: the application itself cannot make one."""
        engine = create_engine(self._admin_url, pool_size=1, connect_args={"connect_timeout": CONNECT_TIMEOUT_S})
        statement = text(
            "INSERT INTO tenants (id, slug, name, created_at) VALUES (:id, :slug, :name, :at)"
            " ON CONFLICT (slug) DO NOTHING"
        )
        values = {"id": tenant.id, "slug": tenant.slug, "name": tenant.name, "at": at}
        try:
            with _translated(), engine.begin() as connection:
                connection.execute(text(f'SET LOCAL ROLE "{self._owner_role}"'))
                connection.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": tenant.id})
                return connection.execute(statement, values).rowcount == 1
        finally:
            engine.dispose()

    def is_reachable(self) -> bool:
        """Whether PostgreSQL answers now."""
        try:
            with _translated(), self._engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (DatabaseUnreachableError, DatabaseFullError):
            return False
        return True

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _engine(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=POOL_CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_WAIT_S,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        # Statement values are people: an exception's text must not carry them into a log.
        hide_parameters=True,
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Turn failures of the surroundings into our errors; a wrong statement of ours stays what it is, a bug."""
    try:
        yield
    except PoolTimeoutError:
        raise DatabaseUnreachableError("every connection is busy") from None
    except DBAPIError as error:
        translated = translate(error)
        if translated is None:
            raise
        raise translated from error


def translate(error: DBAPIError) -> DatabaseUnreachableError | DatabaseFullError | None:
    """Return what ``error`` means for people, or None where it is a bug of ours."""
    original = error.orig
    if isinstance(original, psycopg.errors.DiskFull):
        return DatabaseFullError()
    is_down = isinstance(
        original,
        psycopg.errors.AdminShutdown
        | psycopg.errors.CrashShutdown
        | psycopg.errors.CannotConnectNow
        | psycopg.errors.TooManyConnections
        | psycopg.errors.QueryCanceled
        | psycopg.errors.LockNotAvailable
        | psycopg.errors.DeadlockDetected,
    )
    # Without an SQLSTATE no server answered: refused, timed out, or the connection broke.
    is_broken = isinstance(error, OperationalError | InterfaceError) and getattr(original, "sqlstate", None) is None
    return DatabaseUnreachableError(type(original).__name__) if is_down or is_broken else None
