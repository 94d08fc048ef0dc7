"""The composition root: from settings to a house that use cases can work in."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk_server.postgres import EmbeddedPostgres, Tenure
from kiosk_server.services.failures import DataFolderError
from kiosk_server.services.house import House, PublicAddress
from kiosk_server.settings import Settings
from kiosk_server.store.passwords import ArgonPasswords
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault, load_master_key


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """A database that is there to be used.

    Attributes:
        admin_url: Address for the role that owns the roles; holds a password.
        embedded: The PostgreSQL we run, or None where the operator runs one.
    """

    admin_url: str
    embedded: EmbeddedPostgres | None


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


@contextmanager
def open_database(settings: Settings, tenure: Tenure) -> Iterator[OpenedDatabase]:
    """Start or join the embedded PostgreSQL, or name the operator's own.

    Raises:
        EmbeddedPostgresError: it does not start.
    """
    if settings.database_url is not None:
        yield OpenedDatabase(settings.database_url, None)
        return
    embedded = EmbeddedPostgres(settings.postgres_folder, tenure=tenure)
    with embedded as address:
        yield OpenedDatabase(address.url(), embedded)


@contextmanager
def open_house(settings: Settings, database: OpenedDatabase, address: PublicAddress) -> Iterator[House]:
    """Bring the database up to date and yield the house. The same path for every database.

    Raises:
        SurroundingsError: database, data folder or master key are not usable.
    """
    try:
        master_key = load_master_key(settings.keys_folder, settings.master_key)
    except OSError as error:
        raise DataFolderError(f"{settings.keys_folder}: {error.strerror}") from error
    vault = AesVault(master_key)
    with ExitStack() as closing:
        archive = provision(read_url(database.admin_url), vault)
        closing.callback(archive.close)
        yield House(archive, vault, ArgonPasswords(), utc_now, os.urandom, address, settings.offline_after)
