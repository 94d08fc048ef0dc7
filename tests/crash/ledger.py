"""A kiosk prepared for being killed, and the checks of what must hold after each death."""

from dataclasses import dataclass
from pathlib import Path

from kiosk_app.bootstrap.household import Household
from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.paths import Paths
from kiosk_app.store.database import open_database
from kiosk_app.system_clock import SystemClock
from kiosk_protocol.sealing import chain_next, chain_start, item_hash
from tests.kiosk_app.kiosk import HandClock, Kiosk
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import Tenant

NOBODY_THERE = "https://127.0.0.1:9"
"""The discard port: refused at once, so the kiosk is offline."""


@dataclass(frozen=True)
class Prepared:
    """A paired kiosk's folders and the codes it knows."""

    paths: Paths
    tokens: tuple[str, ...]


def prepare(folder: Path, visits: int) -> Prepared:
    """Pair a kiosk and let it fetch so many visits, all valid now."""
    return prepare_for(Tenant(), folder, visits)


def prepare_for(house: Tenant, folder: Path, visits: int) -> Prepared:
    """Pair a kiosk with this tenant."""
    now: ClockReading = SystemClock().read()
    now_s = now.wall_ms // 1000
    server = SimulatedServer(house, now_ms=now.wall_ms, base_url=NOBODY_THERE, page_size=200)
    server.bundle = house.bundle(issued_at=now_s - 60)
    shown = [house.visit(house.claims(now_s - 600, now_s + 7200), name=f"Visitor {n}") for n in range(visits)]
    server.feed = [visit.entry for visit in shown]
    kiosk = Kiosk(folder, server, HandClock(now), built_at_ms=0).pair().synced()
    kiosk.store.close()
    return Prepared(Paths(folder / "data", folder / "keys"), tuple(visit.token for visit in shown))


def check(paths: Paths, greens: set[str]) -> int:
    """Check what must hold after a death; return how many visits are used.

    Every green that anybody saw has its rows; used visits, items and audit rows come in threes or not at all; no visit
    was used twice; the chain is whole.
    """
    household = Household(paths, 0)
    household.open_store().close()
    database = open_database(paths.data)
    try:
        used = {row[0] for row in database.rows("SELECT check_in_id FROM used_visits")}
        items = database.rows("SELECT check_in_id, sequence, link, sealed FROM outbox ORDER BY sequence")
        audit = database.rows("SELECT fields ->> 'checkIn' FROM audit_log WHERE event = 'checked_in'")
        (name,) = database.row("SELECT chain_id FROM chain")
    finally:
        database.close()
    assert greens <= used, "a green without a stored row"
    assert used == {item[0] for item in items} == {row[0] for row in audit}
    assert len(used) == len(items) == len(audit)
    link = chain_start(name)
    for position, (_, sequence, stored, sealed) in enumerate(items, start=1):
        link = chain_next(link, item_hash(sealed))
        assert (sequence, stored) == (position, link)
    return len(used)
