"""What happened on this kiosk, for its staff: identifiers and machine words, no names, no tokens."""

import json

from kiosk_app.store.database import Database


def append(database: Database, at_ms: int, event: str, fields: dict[str, str | int | bool]) -> None:
    """Add one row, inside the caller's transaction where there is one."""
    database.execute(
        "INSERT INTO audit_log (at_ms, event, fields) VALUES (?, ?, ?)",
        (at_ms, event, json.dumps(fields, separators=(",", ":"), sort_keys=True)),
    )
