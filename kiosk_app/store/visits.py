"""The site's expected visits as the feed told them, details still sealed."""

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.replay import RETAINED_AFTER_EXPIRY_S
from kiosk_app.store.database import Database
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import VisitDigest
from kiosk_protocol.messages import FeedEntry, FeedPage, decode, encode


def entry_of(database: Database, digest: VisitDigest) -> FeedEntry | None:
    """Return the feed's newest word on a visit.

    Raises:
        StoreError: ``DAMAGED`` where the row no longer reads as one.
    """
    found = database.row("SELECT entry FROM visits WHERE digest = ?", (digest,))
    try:
        return None if found is None else decode(found[0], FeedEntry)
    except EncodingError:
        raise StoreError(StoreFault.DAMAGED) from None


def position(database: Database) -> tuple[str, int] | None:
    """Return epoch and cursor of the feed, None before the first page."""
    found = database.row("SELECT epoch, cursor FROM feed")
    return None if found is None else (str(found[0]), int(found[1]))


def complete_at_ms(database: Database) -> int | None:
    """Return when the feed was last read to its end, ms since 1970."""
    found = database.row("SELECT complete_at_ms FROM feed")
    return None if found is None or found[0] is None else int(found[0])


def store_page(database: Database, page: FeedPage, now_ms: int) -> None:
    """Store a page inside the caller's transaction."""
    known = position(database)
    # Another epoch: the server was restored, its counter began anew, and what we have may never have happened there.
    if known is None or known[0] != page.epoch:
        database.execute("DELETE FROM visits")
        database.execute("DELETE FROM feed")
        database.execute("INSERT INTO feed (one, epoch, cursor) VALUES (1, ?, ?)", (page.epoch, page.cursor))
    for entry in page.entries:
        database.execute(
            "INSERT INTO visits (digest, entry, expires_s) VALUES (?, ?, ?)"
            " ON CONFLICT (digest) DO UPDATE SET entry = excluded.entry, expires_s = excluded.expires_s",
            (entry.digest, encode(entry), entry.exp),
        )
    database.execute("UPDATE feed SET cursor = ?", (page.cursor,))
    if not page.more:
        database.execute("UPDATE feed SET complete_at_ms = ?", (now_ms,))


def forget_ended(database: Database, floor_s: int) -> None:
    """Forget visits that are over by any clock."""
    database.execute("DELETE FROM visits WHERE expires_s < ?", (floor_s - RETAINED_AFTER_EXPIRY_S,))
