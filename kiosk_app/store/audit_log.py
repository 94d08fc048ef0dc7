"""What happened on this kiosk, for its staff: identifiers and machine words, no names, no tokens."""

import json
from typing import Final

from kiosk_app.store.database import Database

KEPT_MS: Final = 90 * 24 * 3600 * 1000
"""A quarter: long enough for somebody to ask what happened at the door."""


def append(database: Database, at_ms: int, event: str, fields: dict[str, str | int | bool]) -> None:
    """Add one row, inside the caller's transaction where there is one."""
    database.execute(
        "INSERT INTO audit_log (at_ms, event, fields) VALUES (?, ?, ?)",
        (at_ms, event, json.dumps(fields, separators=(",", ":"), sort_keys=True)),
    )


def drop_old(database: Database, floor_ms: int) -> None:
    """Drop rows older than a quarter by the floor of time."""
    database.execute("DELETE FROM audit_log WHERE at_ms < ?", (floor_ms - KEPT_MS,))
