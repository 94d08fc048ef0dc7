"""The rows that the server writes for a check-in, inserted barely: what PostgreSQL takes when nobody judges anything.

For each check-in the server writes six rows: it inserts one each into ``check_ins``, ``chain_items``, ``events`` and
``audit_log``, and writes a new version of the visit's row in ``visits`` and in ``feed_entries``. Here copies of those
rows, as the server left them, get identifiers of their own and are inserted into the same tables of the same database,
under the same role, row-level security, constraints and indexes: one ``INSERT … VALUES (…), (…), …`` a table and one
commit for each batch, as many check-ins in it as the server takes at once. The insertion of a new visit costs more than
the new version of an old one; :data:`INSERTED` leaves those two tables out, for the stricter comparison.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import VisitId, uuid7, visit_digest

WRITTEN: Final = ("visits", "feed_entries", "check_ins", "chain_items", "events", "audit_log")
INSERTED: Final = ("check_ins", "chain_items", "events", "audit_log")

_FOUND: Final = {
    "visits": "SELECT {} FROM visits t WHERE t.id = %s",
    "feed_entries": "SELECT {} FROM feed_entries t WHERE t.visit_id = %s",
    "check_ins": "SELECT {} FROM check_ins t WHERE t.visit_id = %s",
    "chain_items": "SELECT {} FROM chain_items t JOIN check_ins c USING (tenant_id, device_id, hash)"
    " WHERE c.visit_id = %s",
    "events": "SELECT {} FROM events t WHERE t.kind = 'visitor.checked_in' AND t.visit_id = %s",
    "audit_log": "SELECT {} FROM audit_log t JOIN check_ins c ON c.id = t.subject_id WHERE c.visit_id = %s",
}

Row = dict[str, Any]
Plan = list[tuple[bytes, list[Any]]]


class Witness:
    """The embedded PostgreSQL in ``folder``, read and written past the server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection of the superuser, to whom all rows are visible."""
        return psycopg.connect(
            host=str(self._folder / "cluster"),
            dbname="atrium",
            user="atrium_superuser",
            password=(self._folder / "superuser-password").read_text().strip(),
            connect_timeout=5,
        )

    def stored(self, device: str) -> list[tuple[str, str, str]]:
        """Return identifier, visit and first outcome of every check-in of ``device``."""
        with closing(self.connect()) as connection:
            rows = connection.execute(
                "SELECT id, coalesce(visit_id, ''), first_outcome FROM check_ins WHERE device_id = %s", (device,)
            )
            return [(str(name), str(visit), str(outcome)) for name, visit, outcome in rows]

    def flags(self) -> int:
        """Return how many check-ins are flagged, and devices show a gap or fork."""
        with closing(self.connect()) as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM conflicts)"
                " + (SELECT count(*) FROM chain_heads WHERE forked OR highest > acknowledged)"
            ).fetchone()
        return -1 if row is None else int(row[0])

    def rows_of(self, visits: Sequence[str]) -> list[dict[str, Row]]:
        """Return, for each visit with one check-in, the rows that were written for it, by table."""
        with closing(self.connect()) as connection:
            columns = {table: _columns(connection, table) for table in WRITTEN}
            return [{table: _row(connection, table, columns[table], visit) for table in WRITTEN} for visit in visits]


def _columns(connection: psycopg.Connection[tuple[Any, ...]], table: str) -> list[str]:
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO'"
        " ORDER BY ordinal_position",
        (table,),
    )
    return [str(name) for (name,) in rows]


def _row(connection: psycopg.Connection[tuple[Any, ...]], table: str, columns: Sequence[str], visit: str) -> Row:
    wanted = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in columns)
    row = connection.execute(sql.SQL(_FOUND[table]).format(wanted), (visit,)).fetchone()
    if row is None:
        raise SystemExit(f"the server wrote no row of {table} for visit {visit}")
    return {name: Jsonb(value) if isinstance(value, dict) else value for name, value in zip(columns, row, strict=True)}


def renamed(check_in: dict[str, Row], number: int) -> dict[str, Row]:
    """Return the rows of one check-in under identifiers of their own; ``number`` is its place, from 1."""
    visit = base64url_encode(os.urandom(16))
    name = uuid7(number, os.urandom(10))
    fingerprint = hashlib.sha256(name.encode()).digest()
    changes: dict[str, Row] = {
        # The check-in names the visit and the visit the check-in: the first to be inserted cannot name the other.
        "visits": {"id": visit, "arrival_check_in": None},
        "feed_entries": {"visit_id": visit, "digest": visit_digest(VisitId(visit)), "position": 2**40 + number},
        "check_ins": {"id": name, "visit_id": visit, "hash": fingerprint},
        "chain_items": {"chain_id": "bare" + "0" * 18, "sequence": number, "hash": fingerprint},
        "events": {"visit_id": visit},
        "audit_log": {"subject_id": name, "detail": Jsonb({"visit": visit})},
    }
    return {table: row | changes[table] for table, row in check_in.items()}


class BareInsert:
    """Inserts rows of check-ins as the server's own role, a batch a transaction."""

    def __init__(self, witness: Witness, tenant: str) -> None:
        self._connection = witness.connect()
        self._tenant = tenant
        # What row-level security and rights are judged by is the role in force, not who logged in.
        self._connection.execute("SET ROLE atrium_app")
        self._connection.commit()

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def plan(self, check_ins: Sequence[dict[str, Row]], tables: Sequence[str]) -> Plan:
        """Return the statements that insert the rows of ``tables``, built beforehand: building them is no insertion."""
        return [self._statement(table, [check_in[table] for check_in in check_ins]) for table in tables]

    def _statement(self, table: str, rows: Sequence[Row]) -> tuple[bytes, list[Any]]:
        one = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(rows[0])))
        statement = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, rows[0])),
            sql.SQL(", ").join([one] * len(rows)),
        )
        return statement.as_bytes(self._connection), [value for row in rows for value in row.values()]

    def run(self, plan: Plan) -> None:
        """Insert and commit."""
        self._connection.execute("SELECT set_config('app.tenant_id', %s, true)", (self._tenant,))
        for statement, values in plan:
            self._connection.execute(statement, values)
        self._connection.commit()
