"""A delivery's records in few statements: its items travel as one JSON text, which PostgreSQL unfolds into rows.

One text of all rows costs the interpreter a twentieth of what an array or a placeholder for each value does. All
statements are sent before the first answer is waited for (PostgreSQL's pipeline mode): one way there and back for the
whole delivery, which on a busy machine, or with a database elsewhere, is what takes the time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError, OperationalError

from kiosk_protocol.identifiers import DeviceId, SiteId, TenantId, VisitId
from kiosk_server.domain.chains import ChainHead, Link
from kiosk_server.domain.records import CheckIn, Conflict, FeedItem, Visit
from kiosk_server.services.intake import NotStorableError, OvertakenError
from kiosk_server.store.base import Shelf

_REFUSALS: Final = (
    psycopg.IntegrityError,
    psycopg.DataError,
    psycopg.InternalError,
    psycopg.ProgrammingError,
    psycopg.NotSupportedError,
)
"""What PostgreSQL says of a statement or a row of ours, as opposed to its own troubles (OperationalError)."""


def _rows(columns: Mapping[str, str]) -> str:
    # JSON has no bytes: they come as base64 text.
    kinds = ", ".join(f"{name} {'text' if kind == 'bytea' else kind}" for name, kind in columns.items())
    names = ", ".join(columns)
    return f"ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS ({kinds})) WITH ORDINALITY AS item({names}, rank)"


def _value(name: str, kind: str) -> str:
    return f"decode(item.{name}, 'base64')" if kind == "bytea" else f"item.{name}"


def _insert(table: str, columns: Mapping[str, str], fixed: Mapping[str, str], then: str = "") -> TextClause:
    """Return an insertion of one row an item: ``columns`` by their types from the rows, ``fixed`` the same in each."""
    names = ", ".join(["tenant_id", *fixed, *columns])
    values = ", ".join([":tenant", *fixed.values(), *(_value(*column) for column in columns.items())])
    parts = ("INSERT INTO", table, f"({names})", "SELECT", values, "FROM", _rows(columns), "ORDER BY item.rank", then)
    return text(" ".join(parts))


_LINK: Final = {"sequence": "bigint", "hash": "bytea", "chain": "bytea"}
_CHECK_IN: Final = {
    "id": "text",
    "visit_id": "text",
    "rev": "integer",
    "hash": "bytea",
    "sealed": "bytea",
    "seal_kid": "text",
    "first_outcome": "text",
    "first_code": "text",
    "scanned_at": "timestamptz",
    "decided_at": "timestamptz",
    "decided_offline": "boolean",
    "clock": "text",
    "known": "boolean",
    "app_version": "text",
}
_CONFLICT: Final = {"visit_id": "text", "check_in_id": "text", "kind": "text"}
_ARRIVAL: Final = {"id": "text", "state": "text", "arrived_at": "timestamptz", "arrival_check_in": "text"}
_FEED: Final = {
    "digest": "text",
    "visit_id": "text",
    "rev": "integer",
    "edit": "bigint",
    "state": "text",
    "expires": "timestamptz",
}
_EVENT: Final = {"site_id": "text", "visit_id": "text", "visitor_id": "text"}
_AUDIT: Final = {"action": "text", "subject_id": "text", "detail": "jsonb"}

_ADD_LINKS: Final = _insert(
    "chain_items", _LINK, {"device_id": ":device", "chain_id": ":name"}, "ON CONFLICT DO NOTHING"
)
_ADD_CHECK_INS: Final = _insert(
    "check_ins", _CHECK_IN, {"device_id": ":device", "site_id": ":site", "received_at": ":at"}
)
_ADD_CONFLICTS: Final = _insert("conflicts", _CONFLICT, {"found_at": ":at"}, "ON CONFLICT DO NOTHING")
_NOTE_EVENTS: Final = _insert("events", _EVENT, {"kind": ":kind", "occurred_at": ":at"})
_AUDIT_ITEMS: Final = _insert("audit_log", _AUDIT, {"at": ":at", "actor_kind": "'kiosk'", "actor_id": ":device"})
_ADVANCE: Final = text("UPDATE sites SET feed_counter = feed_counter + :count WHERE tenant_id = :tenant AND id = :site")
_PUBLISH: Final = _insert(
    "feed_entries",
    _FEED,
    {
        "site_id": ":site",
        # The counter as we have just advanced it; its row is ours until the commit.
        "position": "(SELECT feed_counter FROM sites WHERE tenant_id = :tenant AND id = :site) - :count + item.rank",
    },
    "ON CONFLICT (tenant_id, site_id, digest) DO UPDATE SET visit_id = EXCLUDED.visit_id, position = EXCLUDED.position,"
    " rev = EXCLUDED.rev, edit = EXCLUDED.edit, state = EXCLUDED.state, expires = EXCLUDED.expires,"
    " wrapped_key = NULL, details = NULL",
)
_SAVE_HEAD: Final = text(
    "UPDATE chain_heads SET acknowledged = :acknowledged, highest = :highest, forked = :forked"
    " WHERE tenant_id = :tenant AND device_id = :device AND chain_id = :name"
)
_SAVE_ARRIVALS: Final = text(
    " ".join(
        (
            "UPDATE visits SET state = item.state, arrived_at = item.arrived_at,",
            "arrival_check_in = item.arrival_check_in FROM",
            _rows(_ARRIVAL),
            "WHERE visits.tenant_id = :tenant AND visits.id = item.id",
        )
    )
)
_END_CLAIMS: Final = text("DELETE FROM claims WHERE tenant_id = :tenant AND visit_id = ANY(:visits)")
_LINKS: Final = text(
    "SELECT sequence, hash, chain FROM chain_items WHERE tenant_id = :tenant AND device_id = :device"
    " AND chain_id = :name AND sequence = ANY(:places)"
)


class IntakeShelf(Shelf):
    """Implements :class:`kiosk_server.services.intake.Intake`."""

    def __init__(self, connection: Connection, tenant: TenantId) -> None:
        super().__init__(connection, tenant)
        self._waiting: list[tuple[TextClause, dict[str, Any]]] = []

    def links(self, device: DeviceId, chain_id: str, places: Sequence[int]) -> Sequence[Link]:
        """Return the chain's links at these places."""
        if not places:
            return ()
        values = {"tenant": self._tenant, "device": device, "name": chain_id, "places": list(places)}
        return [Link(row.sequence, row.hash, row.chain) for row in self._connection.execute(_LINKS, values)]

    def add_links(self, device: DeviceId, chain_id: str, links: Sequence[Link]) -> None:
        """Store links; one that is there already stays as it is."""
        rows = [(link.sequence, link.hash, link.chain) for link in links]
        self._write(_ADD_LINKS, _LINK, rows, device=device, name=chain_id)

    def save_head(self, device: DeviceId, chain_id: str, head: ChainHead) -> None:
        """Write what is known of the chain."""
        self._later(
            _SAVE_HEAD,
            device=device,
            name=chain_id,
            acknowledged=head.acknowledged,
            highest=head.highest,
            forked=head.forked,
        )

    def add_check_ins(self, device: DeviceId, site: SiteId, items: Sequence[CheckIn], at: datetime) -> None:
        """Store the items of a device."""
        rows = [
            (
                item.id,
                item.visit,
                item.rev,
                item.hash,
                item.sealed,
                item.seal_kid,
                item.first_outcome,
                item.first_code,
                item.scanned_at,
                item.decided_at,
                item.decided_offline,
                item.clock,
                item.known,
                item.app_version,
            )
            # Sorted: of two deliveries with the same identifiers one waits for the other, and never each for each.
            for item in sorted(items, key=lambda item: item.id)
        ]
        self._write(_ADD_CHECK_INS, _CHECK_IN, rows, device=device, site=site, at=at)

    def add_conflicts(self, flags: Sequence[Conflict], at: datetime) -> None:
        """Flag check-ins; one that is flagged already stays as it is."""
        self._write(_ADD_CONFLICTS, _CONFLICT, [(flag.visit, flag.check_in, flag.kind) for flag in flags], at=at)

    def save_arrivals(self, visits: Sequence[Visit]) -> None:
        """Write state and arrival of visits that were locked."""
        rows = [(visit.id, visit.state.value, visit.arrived_at, visit.arrival_check_in) for visit in visits]
        self._write(_SAVE_ARRIVALS, _ARRIVAL, rows)

    def end_claims(self, visits: Sequence[VisitId]) -> None:
        """End every lease on these visits."""
        if visits:
            self._later(_END_CLAIMS, visits=list(visits))

    def publish(self, site: SiteId, items: Sequence[FeedItem]) -> None:
        """Write items without details at the site's next positions; see :class:`kiosk_server.store.feed.FeedShelf`."""
        if not items:
            return
        self._later(_ADVANCE, site=site, count=len(items))
        rows = [(item.digest, item.visit, item.rev, item.edit, item.state, item.expires) for item in items]
        self._write(_PUBLISH, _FEED, rows, site=site, count=len(items))

    def note_events(self, at: datetime, kind: str, visits: Sequence[Visit]) -> None:
        """Note what happened to visits, for subscribers."""
        rows = [(visit.site, visit.id, visit.visitor.id) for visit in visits]
        self._write(_NOTE_EVENTS, _EVENT, rows, at=at, kind=kind)

    def audit(self, device: DeviceId, items: Sequence[CheckIn], at: datetime) -> None:
        """Note for auditors what became of each item."""
        rows = [(f"check_in.{item.first_outcome}", item.id, _detail(item)) for item in items]
        self._write(_AUDIT_ITEMS, _AUDIT, rows, device=device, at=at)

    def write_down(self) -> None:
        """Write everything, in the order of the calls.

        Raises:
            OvertakenError, NotStorableError: as the port says.
            OperationalError: PostgreSQL's own trouble.
        """
        waiting, self._waiting = self._waiting, []
        driver: Any = self._connection.connection.driver_connection
        try:
            with driver.pipeline():
                for statement, values in waiting:
                    self._connection.execute(statement, values)
        except (psycopg.Error, DBAPIError) as error:
            # In a pipeline an error comes with a later statement, or at the end and then from the driver itself.
            cause = error.orig if isinstance(error, DBAPIError) else error
            if isinstance(cause, psycopg.errors.UniqueViolation):
                raise OvertakenError from error
            if isinstance(cause, _REFUSALS):
                raise NotStorableError from error
            if isinstance(error, DBAPIError):
                raise
            raise OperationalError(None, None, error) from error

    def _write(
        self, statement: TextClause, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]], **fixed: Any
    ) -> None:
        if rows:
            table = [dict(zip(columns, row, strict=True)) for row in rows]
            self._later(statement, rows=msgspec.json.encode(table).decode("utf-8"), **fixed)

    def _later(self, statement: TextClause, **values: Any) -> None:
        self._waiting.append((statement, {"tenant": self._tenant, **values}))


def _detail(item: CheckIn) -> dict[str, str | None]:
    return {"code": item.first_code} if item.visit is None else {"visit": item.visit}
