"""Sealed items on their way to the server, and the chain that links them. The kiosk cannot read them back."""

from collections.abc import Sequence

from kiosk_app.core.outbox import (
    ACKNOWLEDGED_KEPT_S,
    ItemState,
    QueueState,
    Settlement,
    decided_at_ms,
    server_was_restored,
)
from kiosk_app.core.ports import RandomBytes
from kiosk_app.store.database import Database
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import LONG_ID_BYTES, CheckInId, KeyId
from kiosk_protocol.messages import OutboxEntry
from kiosk_protocol.sealing import chain_next, chain_start, item_hash


def start_chain(database: Database, random: RandomBytes) -> None:
    """Give a new store its chain; a store that has one keeps it."""
    chain_id = base64url_encode(random(LONG_ID_BYTES))
    database.execute(
        "INSERT INTO chain (one, chain_id, last_sequence, last_link, acknowledged_sequence) VALUES (1, ?, 0, ?, 0)"
        " ON CONFLICT (one) DO NOTHING",
        (chain_id, chain_start(chain_id)),
    )


def chain_id(database: Database) -> str:
    """Return the chain's name."""
    return str(database.row("SELECT chain_id FROM chain")[0])


def append(database: Database, check_in: CheckInId, sealed: bytes, seal_kid: KeyId) -> None:
    """Add an item as the chain's next link, inside the caller's transaction."""
    last_sequence, last_link = database.row("SELECT last_sequence, last_link FROM chain")
    digest = item_hash(sealed)
    link = chain_next(last_link, digest)
    database.execute(
        "INSERT INTO outbox (sequence, check_in_id, hash, link, seal_kid, sealed, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (last_sequence + 1, check_in, digest, link, seal_kid, sealed, ItemState.WAITING.value),
    )
    database.execute("UPDATE chain SET last_sequence = ?, last_link = ?", (last_sequence + 1, link))


def waiting(database: Database, limit: int) -> list[OutboxEntry]:
    """Return the first ``limit`` waiting items in order of their sequence."""
    found = database.rows(
        "SELECT check_in_id, sequence, hash, link, seal_kid, sealed FROM outbox"
        " WHERE state = 'waiting' ORDER BY sequence LIMIT ?",
        (limit,),
    )
    return [as_entry(row) for row in found]


def as_entry(row: tuple[str, int, bytes, bytes, str, bytes]) -> OutboxEntry:
    """Return what is sent of a row: check-in, sequence, hash, link, seal key, sealed bytes."""
    check_in, sequence, digest, link, seal_kid, sealed = row
    return OutboxEntry(
        check_in_id=check_in,
        sequence=sequence,
        hash=base64url_encode(digest),
        chain=base64url_encode(link),
        seal_kid=seal_kid,
        sealed=base64url_encode(sealed),
    )


def settle(database: Database, settlements: Sequence[Settlement], acknowledged_sequence: int, now_s: int) -> None:
    """Apply answers inside the caller's transaction; only waiting items change, each by its own answer."""
    (known,) = database.row("SELECT acknowledged_sequence FROM chain")
    if server_was_restored(acknowledged_sequence, known):
        database.execute(
            "UPDATE outbox SET state = 'waiting', settled_at_s = NULL WHERE state = 'acknowledged' AND sequence > ?",
            (acknowledged_sequence,),
        )
    for settlement in settlements:
        apply(database, settlement, now_s)
    database.execute("UPDATE chain SET acknowledged_sequence = ?", (acknowledged_sequence,))


def apply(database: Database, settlement: Settlement, now_s: int) -> None:
    """Apply one answer to its own item, inside the caller's transaction; a settled item stays as it is."""
    database.execute(
        "UPDATE outbox SET state = ?, code = ?, settled_at_s = ? WHERE check_in_id = ? AND state = 'waiting'",
        (settlement.state.value, settlement.code, now_s, settlement.check_in_id),
    )


def queue_state(database: Database) -> QueueState:
    """Return what waits and what is parked."""
    counts = dict(database.rows("SELECT state, count(*) FROM outbox WHERE state <> 'acknowledged' GROUP BY state"))
    oldest = database.row("SELECT check_in_id FROM outbox WHERE state = 'waiting' ORDER BY sequence LIMIT 1")
    return QueueState(
        counts.get("waiting", 0), counts.get("parked", 0), None if oldest is None else decided_at_ms(oldest[0])
    )


def drop_acknowledged(database: Database, now_s: int) -> None:
    """Drop what was acknowledged 14 days ago."""
    database.execute(
        "DELETE FROM outbox WHERE state = 'acknowledged' AND settled_at_s < ?", (now_s - ACKNOWLEDGED_KEPT_S,)
    )
