"""What was put aside when a pairing ended: ``kept/<time>/outbox.db`` in the data folder, see :mod:`.kept_records`.

A folder whose store cannot be read, is no store of ours, or is half a copy, is passed over and left as it is.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.former import FormerPairing
from kiosk_app.store.database import BUSY_TIMEOUT_MS, Database, known_faults
from kiosk_app.store.kept_records import FILE_NAME, FOLDER
from kiosk_app.store.outbox import as_entry
from kiosk_protocol.identifiers import DeviceId, TenantId
from kiosk_protocol.messages import OutboxEntry

_TABLES: Final = ("chain", "identity", "outbox")


class FormerRecords:
    """The folders under ``data_folder``. Each method opens what it needs: any thread, one at a time."""

    def __init__(self, data_folder: Path) -> None:
        self._kept = data_folder / FOLDER

    def all(self) -> Sequence[FormerPairing]:
        """Return the former pairings that can be read, oldest first."""
        return [former for former, _ in self._readable()]

    def unsent(self) -> int:
        """Return how many items wait, of those that can be read. Nothing is written."""
        return sum(count for _, count in self._readable())

    def waiting(self, name: str, limit: int) -> Sequence[OutboxEntry]:
        """Return the first items that the server has not taken over. Raises StoreError."""
        with self._open(name, "ro") as database:
            rows = database.rows(
                "SELECT check_in_id, sequence, hash, link, seal_kid, sealed FROM outbox"
                " WHERE state <> 'acknowledged' ORDER BY sequence LIMIT ?",
                (limit,),
            )
        return [as_entry(row) for row in rows]

    def let_go(self, name: str, check_in_ids: Sequence[str]) -> None:
        """Remove items durably, in one transaction. Raises StoreError."""
        with self._open(name, "rw") as database, database.transaction():
            for check_in_id in check_in_ids:
                database.execute("DELETE FROM outbox WHERE check_in_id = ?", (check_in_id,))

    def drop(self, name: str) -> None:
        """Remove the folder. Raises StoreError."""
        try:
            shutil.rmtree(self._kept / name)
        except OSError as error:
            raise StoreError(StoreFault.READ_ONLY) from error

    def _readable(self) -> Iterator[tuple[FormerPairing, int]]:
        for path in sorted(self._kept.glob(f"*/{FILE_NAME}")):
            with suppress(StoreError), self._open(path.parent.name, "ro") as database:
                yield _pairing(path.parent.name, database), _unsent(database)

    @contextmanager
    def _open(self, name: str, mode: str) -> Iterator[Database]:
        path = self._kept / name / FILE_NAME
        with known_faults():
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=BUSY_TIMEOUT_MS / 1000,
            )
        database = Database(connection)
        try:
            _check_whole(database)
            database.execute("PRAGMA synchronous = FULL")
            yield database
        finally:
            database.close()


def _check_whole(database: Database) -> None:
    # The copy is one transaction: after a power cut in the middle there is a file without tables.
    tables = [name for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    if tuple(tables) != _TABLES:
        raise StoreError(StoreFault.DAMAGED)


def _pairing(name: str, database: Database) -> FormerPairing:
    found = database.row("SELECT device, tenant, base_url, ca_certificate, chain_id FROM identity, chain")
    if found is None:
        raise StoreError(StoreFault.DAMAGED)
    device, tenant, base_url, ca_certificate, chain_id = found
    return FormerPairing(name, DeviceId(device), TenantId(tenant), base_url, ca_certificate, chain_id)


def _unsent(database: Database) -> int:
    return int(database.row("SELECT count(*) FROM outbox WHERE state <> 'acknowledged'")[0])
