"""The feed: the latest state of each visit, at a position of the site's own counter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from kiosk_protocol.identifiers import SiteId, VisitDigest, VisitId
from kiosk_protocol.messages import SealedDetails
from kiosk_server.domain.records import FeedItem
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class FeedShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Feed`."""

    def put(self, site: SiteId, item: FeedItem) -> None:
        """Write the item at the site's next position.

        The position comes from a row that stays locked until we commit. A sequence would give a number to a
        transaction that commits late, and a kiosk that has read past that number would never see it.
        """
        advance = (
            self._update(t.sites, t.sites.c.id == site)
            .values(feed_counter=t.sites.c.feed_counter + 1)
            .returning(t.sites.c.feed_counter)
        )
        values = {
            "visit_id": item.visit,
            "position": self._connection.execute(advance).scalar_one(),
            "rev": item.rev,
            "edit": item.edit,
            "state": item.state,
            "expires": item.expires,
            "wrapped_key": None if item.sealed is None else item.sealed.wrapped_key,
            "details": None if item.sealed is None else item.sealed.details,
        }
        table = t.feed_entries
        statement = insert(table).values(tenant_id=self._tenant, site_id=site, digest=item.digest, **values)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[table.c.tenant_id, table.c.site_id, table.c.digest], set_=values
            )
        )

    def get(self, site: SiteId, visit: VisitId) -> FeedItem | None:
        """Return what the site's feed says of a visit, or None."""
        table = t.feed_entries
        row = self._one(select(table).where(self._mine(table, table.c.site_id == site, table.c.visit_id == visit)))
        return None if row is None else _item(row)

    def after(self, site: SiteId, position: int, expires_after: datetime, most: int) -> Sequence[tuple[int, FeedItem]]:
        """Return the items after ``position`` in order, leaving out visits that ended by ``expires_after``."""
        table = t.feed_entries
        query = (
            select(table)
            .where(
                self._mine(table, table.c.site_id == site, table.c.position > position, table.c.expires > expires_after)
            )
            .order_by(table.c.position)
            .limit(most)
        )
        return [(row.position, _item(row)) for row in self._all(query)]


def _item(row: Row[Any]) -> FeedItem:
    sealed = None if row.details is None else SealedDetails(wrapped_key=row.wrapped_key, details=row.details)
    return FeedItem(VisitDigest(row.digest), VisitId(row.visit_id), row.rev, row.edit, row.state, row.expires, sealed)
