"""The server's database as a witness, read directly and past the server's own code."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
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
    received_at: datetime
    conflicts: tuple[str, ...]


class Evidence:
    """Questions to the embedded PostgreSQL in ``folder``, asked past the server and past row-level security.

    Each opens a connection of its own over the cluster's socket, so a server that stopped in between does not matter.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def devices(self, site: str) -> int:
        """Return how many kiosks are paired with ``site``."""
        return int(self._rows("SELECT count(*) FROM devices WHERE site_id = %s", (site,))[0][0])

    def visit_state(self, visit: str) -> str:
        """Return a visit's state."""
        return str(self._rows("SELECT state FROM visits WHERE id = %s", (visit,))[0][0])

    def check_ins(self, visit: str) -> list[StoredCheckIn]:
        """Return every check-in of a visit, the earliest decision first."""
        return [
            StoredCheckIn(name, device, outcome, offline, scanned, received, tuple(kinds))
            for name, device, outcome, offline, scanned, received, kinds in self._rows(_CHECK_INS, (visit,))
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


_CHECK_INS = """
SELECT id, device_id, first_outcome, decided_offline, scanned_at, received_at,
       ARRAY(SELECT kind FROM conflicts
             WHERE conflicts.tenant_id = check_ins.tenant_id AND conflicts.check_in_id = check_ins.id ORDER BY kind)
FROM check_ins WHERE visit_id = %s ORDER BY decided_at, id
"""
