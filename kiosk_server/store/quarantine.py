"""Items that former keys handed over."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from kiosk_protocol.identifiers import CheckInId, DeviceId
from kiosk_server.domain.records import Decision, QuarantinedItem
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class QuarantineShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Quarantine`."""

    def held(self, device: DeviceId) -> tuple[int, int]:
        """Return how many items of the device lie here and how many bytes they take, once others are done adding."""
        # The device's row is the lock: of two handovers at once the second counts what the first one added.
        devices, table = t.devices, t.quarantine
        self._connection.execute(
            select(devices.c.id).where(self._mine(devices, devices.c.id == device)).with_for_update()
        )
        size = func.coalesce(func.sum(func.octet_length(table.c.sealed)), 0)
        row = self._connection.execute(
            select(func.count(), size).where(self._mine(table, table.c.device_id == device))
        ).one()
        return int(row[0]), int(row[1])

    def undecided(self, device: DeviceId) -> tuple[int, datetime | None]:
        """Return how many items of the device nobody decided on, and when the first of them came."""
        table = t.quarantine
        is_open = self._mine(table, table.c.device_id == device, table.c.settlement.is_(None))
        row = self._connection.execute(select(func.count(), func.min(table.c.received_at)).where(is_open)).one()
        return int(row[0]), row[1]

    def known(self, device: DeviceId, digests: Sequence[bytes]) -> frozenset[bytes]:
        """Return which of the items lie here, decided or not."""
        table = t.quarantine
        query = select(table.c.digest).where(
            self._mine(table, table.c.device_id == device, table.c.digest.in_(digests))
        )
        return frozenset(row.digest for row in self._all(query))

    def add(self, items: Sequence[QuarantinedItem]) -> None:
        """Store items; one that lies here already stays as it is."""
        if items:
            rows = [_values(item) for item in items]
            self._connection.execute(
                insert(t.quarantine).on_conflict_do_nothing(), [{"tenant_id": self._tenant, **row} for row in rows]
            )

    def all(self, device: DeviceId | None = None) -> Sequence[QuarantinedItem]:
        """Return items by device and place in their chain; of one device where one is named."""
        table = t.quarantine
        query = select(table).where(self._mine(table))
        if device is not None:
            query = query.where(table.c.device_id == device)
        order = (table.c.device_id, table.c.chain_id, table.c.sequence, table.c.digest)
        return [_item(row) for row in self._all(query.order_by(*order))]

    def settle(self, device: DeviceId, digests: Sequence[bytes], decision: Decision, at: datetime) -> None:
        """Note what was decided; the first word stays."""
        table = t.quarantine
        is_open = table.c.settlement.is_(None)
        statement = self._update(table, table.c.device_id == device, table.c.digest.in_(digests), is_open)
        self._connection.execute(statement.values(settlement=decision, settled_at=at))

    def forget(self, before: datetime) -> int:
        """Delete what came before then, and return how much."""
        table = t.quarantine
        return self._connection.execute(delete(table).where(self._mine(table, table.c.received_at < before))).rowcount


def _values(item: QuarantinedItem) -> dict[str, Any]:
    values = asdict(item)
    values["device_id"] = values.pop("device")
    return values


def _item(row: Row[Any]) -> QuarantinedItem:
    return QuarantinedItem(
        device=DeviceId(row.device_id),
        digest=row.digest,
        check_in_id=CheckInId(row.check_in_id),
        chain_id=row.chain_id,
        sequence=row.sequence,
        hash=row.hash,
        chain=row.chain,
        seal_kid=row.seal_kid,
        sealed=row.sealed,
        received_at=row.received_at,
        settlement=row.settlement,
        settled_at=row.settled_at,
    )
