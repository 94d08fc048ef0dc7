"""Visits consumed on this kiosk, by the digest of their ``jti``."""

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.replay import MAX_USED_VISITS, RETAINED_AFTER_EXPIRY_S
from kiosk_app.store.database import Database
from kiosk_protocol.identifiers import CheckInId, VisitDigest


def is_used(database: Database, digest: VisitDigest) -> bool:
    """Whether the visit was consumed."""
    return database.row("SELECT 1 FROM used_visits WHERE digest = ?", (digest,)) is not None


def consume(database: Database, digest: VisitDigest, expires_s: int, check_in: CheckInId) -> bool:
    """Remember the visit as used, inside the caller's transaction; False where it was used before.

    Raises:
        StoreError: ``AT_CAP``: forgetting one to make room would let somebody in twice.
    """
    (count,) = database.row("SELECT count(*) FROM used_visits")
    if count >= MAX_USED_VISITS:
        raise StoreError(StoreFault.AT_CAP)
    cursor = database.execute(
        "INSERT INTO used_visits (digest, expires_s, check_in_id) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
        (digest, expires_s, check_in),
    )
    return cursor.rowcount == 1


def forget_ended(database: Database, floor_s: int) -> None:
    """Forget what no clock can bring back, see :func:`kiosk_app.core.replay.may_forget`."""
    database.execute("DELETE FROM used_visits WHERE expires_s < ?", (floor_s - RETAINED_AFTER_EXPIRY_S,))
