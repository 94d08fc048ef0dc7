"""Claims, delivered items, and the flags that follow from them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, any_, delete, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from kiosk_protocol.identifiers import CheckInId, DeviceId, SiteId, VisitId
from kiosk_server.domain.records import CheckIn, Conflict
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class CheckInShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.CheckIns`."""

    def claim(
        self, visit: VisitId, device: DeviceId, check_in: CheckInId, now: datetime, until: datetime
    ) -> datetime | None:
        """Lease the visit to the device; None while another device's lease runs.

        One statement against the primary key: of two kiosks at the same moment the second waits for the first, then
        finds its lease.
        """
        table = t.claims
        values = {"device_id": device, "check_in_id": check_in, "lease_until": until}
        statement = insert(table).values(tenant_id=self._tenant, visit_id=visit, **values)
        statement = statement.on_conflict_do_update(
            index_elements=[table.c.tenant_id, table.c.visit_id],
            set_=values,
            where=or_(table.c.device_id == device, table.c.lease_until <= now),
        )
        row = self._connection.execute(statement.returning(table.c.lease_until)).one_or_none()
        return None if row is None else row.lease_until

    def end_claim(self, visit: VisitId) -> None:
        """End any lease on the visit: it was consumed or cancelled."""
        self._connection.execute(delete(t.claims).where(self._mine(t.claims, t.claims.c.visit_id == visit)))

    def find(self, ids: Sequence[CheckInId], visits: Sequence[VisitId]) -> Sequence[CheckIn]:
        """Return the items with these identifiers, and all that count for these visits, by identifier."""
        table = t.check_ins
        # Each with an index of its own; one condition with an OR might be answered by reading everything.
        by_id, by_visit = (
            select(table).where(self._mine(table, column == any_(literal(wanted, ARRAY(Text())))))
            for column, wanted in ((table.c.id, ids), (table.c.visit_id, visits))
        )
        found = {row.id: _check_in(row) for row in self._all(by_id.union_all(by_visit))}
        return [found[name] for name in sorted(found)]

    def of_visit(self, visit: VisitId) -> Sequence[CheckIn]:
        """Return every check-in that counts for the visit, by identifier."""
        table = t.check_ins
        query = select(table).where(self._mine(table, table.c.visit_id == visit)).order_by(table.c.id)
        return [_check_in(row) for row in self._all(query)]

    def conflicts(self, visit: VisitId) -> frozenset[Conflict]:
        """Return the flags of a visit's check-ins."""
        rows = self._all(select(t.conflicts).where(self._mine(t.conflicts, t.conflicts.c.visit_id == visit)))
        return frozenset(Conflict(VisitId(row.visit_id), CheckInId(row.check_in_id), row.kind) for row in rows)


def _check_in(row: Row[Any]) -> CheckIn:
    return CheckIn(
        id=CheckInId(row.id),
        device=DeviceId(row.device_id),
        site=SiteId(row.site_id),
        hash=row.hash,
        sealed=row.sealed,
        seal_kid=row.seal_kid,
        first_outcome=row.first_outcome,
        first_code=row.first_code,
        received_at=row.received_at,
        visit=None if row.visit_id is None else VisitId(row.visit_id),
        rev=row.rev,
        scanned_at=row.scanned_at,
        decided_at=row.decided_at,
        decided_offline=row.decided_offline,
        clock=row.clock,
        known=row.known,
        app_version=row.app_version,
    )
