"""What reception did by hand, how flags were settled, and the sessions of the dashboard."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Text, and_, any_, delete, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from kiosk_protocol.identifiers import CheckInId, SiteId, VisitId
from kiosk_server.domain.records import Conflict, DeskFact, Settlement, WebSession
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class DeskShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Desk`."""

    def add(self, fact: DeskFact) -> None:
        """Store what somebody did by hand; the primary key takes each kind once a visit."""
        self._insert(t.desk_facts, visit_id=fact.visit, kind=fact.kind, at=fact.at, user_id=fact.user_id)

    def facts(self, visits: Sequence[VisitId]) -> Sequence[DeskFact]:
        """Return what was done by hand for these visits."""
        table = t.desk_facts
        wanted = table.c.visit_id == any_(literal(visits, ARRAY(Text())))
        rows = self._all(select(table).where(self._mine(table, wanted)).order_by(table.c.at))
        return [DeskFact(VisitId(row.visit_id), row.kind, row.at, row.user_id) for row in rows]

    def settle(self, settlement: Settlement) -> None:
        """Store why a flag needs no attention any more; the first reason stays."""
        flag = settlement.conflict
        statement = insert(t.conflict_settlements).values(
            tenant_id=self._tenant,
            visit_id=flag.visit,
            check_in_id=flag.check_in,
            kind=flag.kind,
            reason=settlement.reason,
            settled_at=settlement.settled_at,
            user_id=settlement.user_id,
        )
        self._connection.execute(statement.on_conflict_do_nothing())

    def settlements(self, visit: VisitId) -> Sequence[Settlement]:
        """Return how the visit's flags were settled, oldest first."""
        table = t.conflict_settlements
        query = select(table).where(self._mine(table, table.c.visit_id == visit)).order_by(table.c.settled_at)
        return [
            Settlement(
                Conflict(VisitId(row.visit_id), CheckInId(row.check_in_id), row.kind),
                row.reason,
                row.settled_at,
                row.user_id,
            )
            for row in self._all(query)
        ]

    def open_conflicts(self, sites: Sequence[SiteId], most: int) -> Sequence[Conflict]:
        """Return flags on visits at these sites that nobody settled yet, oldest first."""
        c, s, v = t.conflicts, t.conflict_settlements, t.visits
        same_flag = and_(
            s.c.tenant_id == c.c.tenant_id,
            s.c.visit_id == c.c.visit_id,
            s.c.check_in_id == c.c.check_in_id,
            s.c.kind == c.c.kind,
        )
        flags = c.join(v, and_(v.c.tenant_id == c.c.tenant_id, v.c.id == c.c.visit_id)).outerjoin(s, same_flag)
        query = (
            select(c.c.visit_id, c.c.check_in_id, c.c.kind)
            .select_from(flags)
            .where(self._mine(c, v.c.site_id.in_(sites), s.c.visit_id.is_(None)))
            .order_by(c.c.found_at, c.c.visit_id, c.c.check_in_id, c.c.kind)
            .limit(most)
        )
        return [Conflict(VisitId(row.visit_id), CheckInId(row.check_in_id), row.kind) for row in self._all(query)]


class WebSessionShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.WebSessions`."""

    def add(self, session: WebSession) -> None:
        """Store a new session."""
        self._insert(t.web_sessions, **asdict(session))

    def get(self, session_hash: bytes) -> WebSession | None:
        """Return the session, or None."""
        table = t.web_sessions
        row = self._one(select(table).where(self._mine(table, table.c.hash == session_hash)))
        if row is None:
            return None
        return WebSession(bytes(row.hash), row.user_id, row.opened_at, row.seen_at, row.expires_at)

    def saw(self, session_hash: bytes, at: datetime) -> None:
        """Note that the session was used."""
        table = t.web_sessions
        self._connection.execute(self._update(table, table.c.hash == session_hash).values(seen_at=at))

    def end(self, session_hash: bytes) -> None:
        """Delete the session."""
        table = t.web_sessions
        self._connection.execute(delete(table).where(self._mine(table, table.c.hash == session_hash)))

    def forget(self, before: datetime) -> None:
        """Delete sessions whose time was over before then."""
        table = t.web_sessions
        self._connection.execute(delete(table).where(self._mine(table, table.c.expires_at < before)))
