"""The floor of time and the last signed time, beside what they protect."""

from kiosk_app.core.checkin import ClockMemory
from kiosk_app.core.clock_guard import Anchor
from kiosk_app.store.database import Database


def load(database: Database) -> ClockMemory:
    """Return floor and anchor, floor 0 before the first."""
    found = database.row("SELECT floor_ms, anchor_server_ms, anchor_boot_ms, anchor_boot_id FROM clock")
    if found is None:
        return ClockMemory(0, None)
    floor_ms, server_ms, boot_ms, boot_id = found
    return ClockMemory(floor_ms, None if boot_id is None else Anchor(server_ms, boot_ms, boot_id))


def store(database: Database, memory: ClockMemory) -> None:
    """Store floor and anchor; whatever is handed in, the stored floor never falls."""
    anchor = memory.anchor
    parts = (None, None, None) if anchor is None else (anchor.server_ms, anchor.boot_ms, anchor.boot_id)
    database.execute(
        "INSERT INTO clock (one, floor_ms, anchor_server_ms, anchor_boot_ms, anchor_boot_id) VALUES (1, ?, ?, ?, ?)"
        " ON CONFLICT (one) DO UPDATE SET floor_ms = max(floor_ms, excluded.floor_ms),"
        " anchor_server_ms = excluded.anchor_server_ms, anchor_boot_ms = excluded.anchor_boot_ms,"
        " anchor_boot_id = excluded.anchor_boot_id",
        (memory.floor_ms, *parts),
    )
