"""Paired kiosks, and the links of their outboxes."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, func, select, text
from sqlalchemy.dialects.postgresql import insert

from kiosk_protocol.identifiers import DeviceId, SiteId
from kiosk_server.domain.chains import ChainHead
from kiosk_server.domain.records import Device, DeviceHealth
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf

# A chain's sequence numbers have no hole up to the last one whose rank equals its distance from the start.
_CONTIGUOUS = text(
    """
    SELECT max(sequence) FROM (
        SELECT sequence, dense_rank() OVER (ORDER BY sequence) AS rank FROM chain_items
        WHERE tenant_id = :tenant AND device_id = :device AND chain_id = :chain AND sequence > :start
    ) AS numbered WHERE sequence = :start + rank
    """
)


_HEALTH = tuple(field.name for field in fields(DeviceHealth))


class DeviceShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Devices`."""

    def add(self, device: Device) -> None:
        """Store a newly paired device."""
        values = asdict(device)
        for derived in ("gap", "fork", "health"):
            del values[derived]
        values["site_id"] = values.pop("site")
        self._insert(t.devices, **values)

    def get(self, device: DeviceId) -> Device | None:
        """Return the device, or None."""
        row = self._one(self._query().where(t.devices.c.id == device))
        return None if row is None else _device(row)

    def all(self, site: SiteId | None = None) -> Sequence[Device]:
        """Return devices, oldest first; of one site where one is named."""
        query = self._query().order_by(t.devices.c.paired_at, t.devices.c.id)
        if site is not None:
            query = query.where(t.devices.c.site_id == site)
        return [_device(row) for row in self._all(query)]

    def lock(self, device: DeviceId) -> Device | None:
        """Return the device once everybody before us is done with it, or None."""
        row = self._one(self._query().where(t.devices.c.id == device).with_for_update(of=t.devices))
        return None if row is None else _device(row)

    def revoke(self, device: DeviceId, at: datetime, revocation: bytes) -> None:
        """Let the device's token count no more, and keep the signed word on it; the first one stays."""
        is_unsigned = t.devices.c.revocation.is_(None)
        statement = self._update(t.devices, t.devices.c.id == device, is_unsigned)
        self._connection.execute(statement.values(revoked_at=at, revocation=revocation))

    def renew_token(self, device: DeviceId, token_id: str, expires: datetime) -> None:
        """Give the device another token; the one it had is the previous one until the new one is used and beyond."""
        d = t.devices
        self._connection.execute(
            self._update(d, d.c.id == device).values(
                previous_token_id=d.c.token_id, previous_token_until=None, token_id=token_id, token_expires_at=expires
            )
        )

    def end_previous_token(self, device: DeviceId, until: datetime) -> None:
        """Say until when the token before the present one counts; the first word stays."""
        is_open = t.devices.c.previous_token_until.is_(None)
        statement = self._update(t.devices, t.devices.c.id == device, is_open)
        self._connection.execute(statement.values(previous_token_until=until))

    def rename(self, device: DeviceId, name: str) -> None:
        """Give the device another name."""
        self._connection.execute(self._update(t.devices, t.devices.c.id == device).values(name=name))

    def saw(self, device: DeviceId, at: datetime) -> None:
        """Note that the device was heard of."""
        self._connection.execute(self._update(t.devices, t.devices.c.id == device).values(last_seen_at=at))

    def save_health(self, device: DeviceId, health: DeviceHealth) -> None:
        """Keep what the kiosk said last, in place of what it said before."""
        values = asdict(health)
        statement = insert(t.device_health).values(tenant_id=self._tenant, device_id=device, **values)
        keys = [t.device_health.c.tenant_id, t.device_health.c.device_id]
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))

    def head(self, device: DeviceId, chain_id: str) -> ChainHead:
        """Return what is known of the chain, and lock it."""
        table = t.chain_heads
        query = select(table).where(self._mine(table, *_of_chain(table, device, chain_id))).with_for_update()
        row = self._one(query)
        if row is None:
            new = insert(table).values(
                tenant_id=self._tenant, device_id=device, chain_id=chain_id, acknowledged=0, highest=0, forked=False
            )
            # Of two that find no chain one writes it, and the other waits here until that one is done.
            self._connection.execute(new.on_conflict_do_nothing())
            row = self._connection.execute(query).one()
        return ChainHead(row.acknowledged, row.highest, row.forked)

    def contiguous_after(self, device: DeviceId, chain_id: str, sequence: int) -> int:
        """Return the highest sequence reached from ``sequence`` without a missing one."""
        values = {"tenant": self._tenant, "device": device, "chain": chain_id, "start": sequence}
        reached = self._connection.execute(_CONTIGUOUS, values).scalar_one()
        return sequence if reached is None else int(reached)

    def _query(self) -> Select[Any]:
        d, h = t.devices, t.chain_heads
        chains = (
            select(
                h.c.device_id,
                func.bool_or(h.c.highest > h.c.acknowledged).label("gap"),
                func.bool_or(h.c.forked).label("fork"),
            )
            .where(self._mine(h))
            .group_by(h.c.device_id)
            .subquery()
        )
        flags = (func.coalesce(chains.c.gap, False).label("gap"), func.coalesce(chains.c.fork, False).label("fork"))
        health = t.device_health
        said = [health.c[name].label(f"health_{name}") for name in _HEALTH]
        joined = d.outerjoin(chains, chains.c.device_id == d.c.id).outerjoin(
            health, and_(health.c.tenant_id == d.c.tenant_id, health.c.device_id == d.c.id)
        )
        return select(d, *flags, *said).select_from(joined).where(self._mine(d))


def _of_chain(table: Table, device: DeviceId, chain_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.device_id == device, table.c.chain_id == chain_id


def _device(row: Row[Any]) -> Device:
    return Device(
        id=DeviceId(row.id),
        site=SiteId(row.site_id),
        name=row.name,
        public_key=row.public_key,
        thumbprint=row.thumbprint,
        token_id=row.token_id,
        token_expires_at=row.token_expires_at,
        paired_at=row.paired_at,
        last_seen_at=row.last_seen_at,
        revoked_at=row.revoked_at,
        previous_token_id=row.previous_token_id,
        previous_token_until=row.previous_token_until,
        revocation=row.revocation,
        gap=row.gap,
        fork=row.fork,
        health=_health(row),
    )


def _health(row: Row[Any]) -> DeviceHealth | None:
    if row.health_received_at is None:
        return None
    return DeviceHealth(**{name: getattr(row, f"health_{name}") for name in _HEALTH})
