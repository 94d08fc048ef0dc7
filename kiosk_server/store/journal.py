"""The audit log and the outbox of events. Rows name people and things by identifier, never by value."""

from datetime import datetime

from sqlalchemy import func, select

from kiosk_server.domain.records import Visit
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class JournalShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Journal`."""

    def audit(
        self, at: datetime, actor_kind: str, actor_id: str | None, action: str, subject_id: str | None, **detail: str
    ) -> None:
        """Note what somebody did."""
        self._insert(
            t.audit_log,
            at=at,
            actor_kind=actor_kind,
            actor_id=actor_id,
            action=action,
            subject_id=subject_id,
            detail=detail,
        )

    def event(self, at: datetime, kind: str, visit: Visit) -> None:
        """Note what happened to a visit, for subscribers; it counts only if this transaction does."""
        self._insert(
            t.events, kind=kind, occurred_at=at, site_id=visit.site, visit_id=visit.id, visitor_id=visit.visitor.id
        )

    def newest(self) -> int:
        """Return the number of the newest entry of the audit log; 0 where there is none."""
        table = t.audit_log
        return int(self._connection.execute(select(func.max(table.c.id)).where(self._mine(table))).scalar() or 0)
