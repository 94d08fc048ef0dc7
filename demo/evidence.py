"""The server's database as a witness, read directly and past the server's own code."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg


@dataclass(frozen=True, slots=True)
class StoredCheckIn:
    """One check-in as the database holds it. ``conflicts`` are the kinds it is flagged with."""

    check_in_id: str
    device: str
    outcome: str
    offline: bool
    scanned_at: datetime
    decided_at: datetime
    received_at: datetime
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """One visit as the database holds it. ``by_hand``: what reception noted for it."""

    visit: str
    state: str
    arrival: datetime
    departure: datetime
    by_hand: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredDevice:
    """One kiosk as the database holds it. ``waiting``: what it said itself, None before it said anything."""

    device: str
    name: str
    last_seen_at: datetime
    revoked_at: datetime | None
    waiting: int | None


class Evidence:
    """Questions to the embedded PostgreSQL in ``folder``, asked past the server and past row-level security.

    Each opens a connection of its own over the cluster's socket, so a server that stopped in between does not matter.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def devices(self, site: str) -> int:
        """Return how many kiosks are paired with ``site``."""
        return int(self._rows("SELECT count(*) FROM devices WHERE site_id = %s", (site,))[0][0])

    def device(self, site: str, name: str) -> StoredDevice | None:
        """Return the kiosk of this name, None where none is called so."""
        found = self._rows(_DEVICE, (site, name))
        return StoredDevice(*found[0]) if found else None

    def visit_of(self, visitor: str) -> StoredVisit:
        """Return the newest visit of the visitor of this name."""
        visit, state, arrival, departure, by_hand = self._rows(_VISIT, (visitor,))[0]
        return StoredVisit(visit, state, arrival, departure, tuple(by_hand))

    def reasons(self, visit: str) -> list[str]:
        """Return why each settled conflict of a visit was settled."""
        statement = "SELECT reason FROM conflict_settlements WHERE visit_id = %s"
        return [str(reason) for (reason,) in self._rows(statement, (visit,))]

    def visit_state(self, visit: str) -> str:
        """Return a visit's state."""
        return str(self._rows("SELECT state FROM visits WHERE id = %s", (visit,))[0][0])

    def check_ins(self, visit: str) -> list[StoredCheckIn]:
        """Return every check-in of a visit, the earliest decision first."""
        return [
            StoredCheckIn(name, device, outcome, offline, scanned, decided, received, tuple(kinds))
            for name, device, outcome, offline, scanned, decided, received, kinds in self._rows(_CHECK_INS, (visit,))
        ]

    def _rows(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        connection = psycopg.connect(
            host=str(self._folder / "cluster"),
            dbname="atrium",
            user="atrium_superuser",
            password=(self._folder / "superuser-password").read_text().strip(),
            connect_timeout=5,
        )
        with closing(connection):
            return connection.execute(statement.encode(), values).fetchall()


def rfc3339(moment: datetime) -> str:
    """Return a time as pages and API hold it: UTC, milliseconds where there are some."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace(".000+", "+").replace("+00:00", "Z")


_DEVICE = """
SELECT devices.id, name, COALESCE(last_seen_at, paired_at), revoked_at, device_health.waiting
FROM devices LEFT JOIN device_health
     ON device_health.tenant_id = devices.tenant_id AND device_health.device_id = devices.id
WHERE site_id = %s AND name = %s
"""
_VISIT = """
SELECT visits.id, state, arrival, departure,
       ARRAY(SELECT kind FROM desk_facts
             WHERE desk_facts.tenant_id = visits.tenant_id AND desk_facts.visit_id = visits.id ORDER BY at)
FROM visits JOIN visitors ON visitors.tenant_id = visits.tenant_id AND visitors.id = visits.visitor_id
WHERE visitors.name = %s ORDER BY visits.created_at DESC
"""
_CHECK_INS = """
SELECT id, device_id, first_outcome, decided_offline, scanned_at, decided_at, received_at,
       ARRAY(SELECT kind FROM conflicts
             WHERE conflicts.tenant_id = check_ins.tenant_id AND conflicts.check_in_id = check_ins.id ORDER BY kind)
FROM check_ins WHERE visit_id = %s ORDER BY decided_at, id
"""
