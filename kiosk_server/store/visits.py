"""Visits, visitors, and the codes issued for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Text, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from kiosk_protocol.identifiers import CheckInId, KeyId, SiteId, VisitId, VisitorId
from kiosk_server.domain.records import Visit, Visitor, VisitState
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class VisitShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Visits`."""

    def add(self, visit: Visit, at: datetime) -> None:
        """Store a new visit and its visitor."""
        who = visit.visitor
        self._insert(t.visitors, id=who.id, name=who.name, email=who.email, company=who.company, created_at=at)
        self._insert(
            t.visits,
            id=visit.id,
            site_id=visit.site,
            visitor_id=who.id,
            host_id=visit.host_id,
            created_at=at,
            created_by=visit.created_by,
            **_changeable(visit),
        )

    def get(self, visit: VisitId) -> Visit | None:
        """Return the visit, or None."""
        row = self._one(self._query().where(t.visits.c.id == visit))
        return None if row is None else _visit(row)

    def lock(self, visit: VisitId) -> Visit | None:
        """Return the visit as it is once everybody before us is done; nobody else changes it until we are."""
        lock = select(t.visits.c.id).where(self._mine(t.visits, t.visits.c.id == visit)).with_for_update()
        return None if self._one(lock) is None else self.get(visit)

    def lock_all(self, visits: Sequence[VisitId]) -> Sequence[Visit]:
        """Return those of ``visits`` that exist, locked one after the other by identifier, as in :meth:`lock`.

        One statement: the lock reads the visit's own row again after a wait, and of the names beside it none decides.
        """
        if not visits:
            return ()
        v = t.visits
        query = self._query().where(v.c.id == any_(literal(visits, ARRAY(Text())))).order_by(v.c.id)
        return [_visit(row) for row in self._all(query.with_for_update(of=v))]

    def list(self, sites: Sequence[SiteId], since: datetime, involving: str | None, most: int) -> Sequence[Visit]:
        """Return visits at ``sites`` that end after ``since``, by arrival; of one user only where one is named."""
        query = self._query().where(t.visits.c.site_id.in_(sites), t.visits.c.departure > since)
        if involving is not None:
            query = query.where(or_(t.visits.c.host_id == involving, t.visits.c.created_by == involving))
        return [_visit(row) for row in self._all(query.order_by(t.visits.c.arrival, t.visits.c.id).limit(most))]

    def save(self, visit: Visit) -> None:
        """Write what may change of a visit."""
        self._connection.execute(self._update(t.visits, t.visits.c.id == visit.id).values(**_changeable(visit)))

    def overdue(self, now: datetime, most: int) -> Sequence[VisitId]:
        """Return visits that are checked in past their departure."""
        table = t.visits
        query = (
            select(table.c.id)
            .where(self._mine(table, table.c.state == VisitState.CHECKED_IN.value, table.c.departure <= now))
            .order_by(table.c.departure)
            .limit(most)
        )
        return [VisitId(row.id) for row in self._all(query)]

    def add_token(self, visit: Visit, kid: KeyId, sealed: bytes, at: datetime) -> None:
        """Store the code of the visit's live revision. The primary key lets no revision be signed twice."""
        self._insert(
            t.visit_tokens, visit_id=visit.id, rev=visit.rev, site_id=visit.site, kid=kid, sealed=sealed, issued_at=at
        )

    def token(self, visit: VisitId, rev: int) -> bytes | None:
        """Return the sealed code of one revision, or None."""
        table = t.visit_tokens
        row = self._one(select(table.c.sealed).where(self._mine(table, table.c.visit_id == visit, table.c.rev == rev)))
        return None if row is None else bytes(row.sealed)

    def _query(self) -> Select[Any]:
        v, w, u = t.visits, t.visitors, t.users
        people = v.join(w, (w.c.tenant_id == v.c.tenant_id) & (w.c.id == v.c.visitor_id)).outerjoin(
            u, (u.c.tenant_id == v.c.tenant_id) & (u.c.id == v.c.host_id)
        )
        who = (w.c.name.label("visitor_name"), w.c.email.label("visitor_email"), w.c.company.label("visitor_company"))
        return select(v, *who, u.c.name.label("host_name")).select_from(people).where(self._mine(v))


def _changeable(visit: Visit) -> dict[str, Any]:
    return {
        "room": visit.room,
        "purpose": visit.purpose,
        "arrival": visit.arrival,
        "departure": visit.departure,
        "state": visit.state.value,
        "rev": visit.rev,
        "edit": visit.edit,
        "arrived_at": visit.arrived_at,
        "arrival_check_in": visit.arrival_check_in,
        "cancelled_at": visit.cancelled_at,
    }


def _visit(row: Row[Any]) -> Visit:
    return Visit(
        id=VisitId(row.id),
        site=SiteId(row.site_id),
        visitor=Visitor(VisitorId(row.visitor_id), row.visitor_name, row.visitor_email, row.visitor_company),
        host_id=row.host_id,
        host_name=row.host_name,
        room=row.room,
        purpose=row.purpose,
        arrival=row.arrival,
        departure=row.departure,
        state=VisitState(row.state),
        rev=row.rev,
        edit=row.edit,
        arrived_at=row.arrived_at,
        arrival_check_in=None if row.arrival_check_in is None else CheckInId(row.arrival_check_in),
        cancelled_at=row.cancelled_at,
        created_by=row.created_by,
    )
