"""The outbox in a store of its own, for the time after its pairing: sealed items, their chain, and whose they are."""

from pathlib import Path
from typing import Final

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.store.database import Database

FOLDER: Final = "kept"
FILE_NAME: Final = "outbox.db"

_COPIES: Final = (
    "CREATE TABLE kept.outbox AS SELECT * FROM main.outbox",
    "CREATE TABLE kept.chain AS SELECT * FROM main.chain",
    "CREATE TABLE kept.identity AS SELECT device, tenant, site, base_url, ca_certificate, device_key, paired_at_ms"
    " FROM main.identity",
)
"""No token and no visit: with the device key in the key folder this is all that handing over needs."""

_FORGOTTEN: Final = (
    "DELETE FROM identity",
    "DELETE FROM trust",
    "DELETE FROM feed",
    "DELETE FROM visits",
    "DELETE FROM outbox",
    "DELETE FROM chain",
)


def keep(database: Database, folder: Path) -> int:
    """Copy the outbox durably to ``folder``, which must be new, and return the last sequence in the copy.

    Raises:
        StoreError: it could not be written; the outbox itself is untouched in any case.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreError(StoreFault.READ_ONLY) from error
    database.execute("ATTACH DATABASE ? AS kept", (str(path),))
    try:
        # Full, as the store itself: what is kept must survive the same power cut.
        database.execute("PRAGMA kept.synchronous = FULL")
        with database.transaction():
            for statement in _COPIES:
                database.execute(statement)
            (last_sequence,) = database.row("SELECT last_sequence FROM kept.chain")
    finally:
        database.execute("DETACH DATABASE kept")
    return int(last_sequence)


def holds_all(database: Database, kept_sequence: int | None) -> bool:
    """Whether every unsent item is among the kept ones, asked inside the caller's transaction."""
    (unsent,) = database.row(
        "SELECT count(*) FROM outbox WHERE state <> 'acknowledged' AND sequence > ?", (kept_sequence or 0,)
    )
    return not unsent


def forget_pairing(database: Database) -> None:
    """Forget the pairing inside the caller's transaction, its outbox included, which must be kept.

    Used visits stay, so that no code is admitted again after another pairing, and so does the floor of time.
    """
    for statement in _FORGOTTEN:
        database.execute(statement)
