"""Emails about silent kiosks: who is to be told what, and who was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.dialects.postgresql import insert

from kiosk_protocol.identifiers import DeviceId
from kiosk_server.domain.records import Alert, AlertOutcome
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class AlertShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Alerts`."""

    def add(self, alert: Alert, at: datetime) -> None:
        """Note that somebody is to be told; one that is noted already stays as it is."""
        statement = insert(t.alerts).values(
            tenant_id=self._tenant,
            device_id=alert.device,
            silent_since=alert.silent_since,
            kind=alert.kind,
            user_id=alert.user_id,
            noticed_at=at,
            attempts=0,
            next_try_at=at,
        )
        self._connection.execute(statement.on_conflict_do_nothing())

    def latest(self, device: DeviceId) -> Sequence[Alert]:
        """Return every alert about the device's latest silence."""
        a = t.alerts
        newest = select(func.max(a.c.silent_since)).where(self._mine(a, a.c.device_id == device)).scalar_subquery()
        query = select(a).where(self._mine(a, a.c.device_id == device, a.c.silent_since == newest))
        return [_alert(row) for row in self._all(query.order_by(a.c.user_id, a.c.kind))]

    def take_due(self, now: datetime) -> Alert | None:
        """Return an alert whose time has come, locked until the transaction ends; None where there is none."""
        a = t.alerts
        query = select(a).where(self._mine(a, a.c.settled_at.is_(None), a.c.next_try_at <= now))
        row = self._one(query.order_by(a.c.next_try_at, a.c.user_id).limit(1).with_for_update(skip_locked=True))
        return None if row is None else _alert(row)

    def count_attempt(self, alert: Alert, next_try_at: datetime) -> None:
        """Count one attempt before it is made, and say when the next one may be."""
        statement = self._update(t.alerts, *_names(alert))
        self._connection.execute(statement.values(attempts=alert.attempts + 1, next_try_at=next_try_at))

    def settle(self, alert: Alert, outcome: AlertOutcome, at: datetime) -> None:
        """Note that nothing more is to be done."""
        statement = self._update(t.alerts, *_names(alert), t.alerts.c.settled_at.is_(None))
        self._connection.execute(statement.values(outcome=outcome, settled_at=at))


def _names(alert: Alert) -> tuple[ColumnElement[bool], ...]:
    a = t.alerts
    return (
        a.c.device_id == alert.device,
        a.c.silent_since == alert.silent_since,
        a.c.kind == alert.kind,
        a.c.user_id == alert.user_id,
    )


def _alert(row: Row[Any]) -> Alert:
    return Alert(DeviceId(row.device_id), row.silent_since, row.kind, row.user_id, row.attempts, row.outcome)
