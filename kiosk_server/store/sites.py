"""Sites of the tenant, and the tenant itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from kiosk_protocol.identifiers import SiteId, TenantId
from kiosk_server.domain.records import Site, Tenant
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class SiteShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Sites`."""

    def tenant(self) -> Tenant:
        """Return the tenant of this transaction."""
        row = self._connection.execute(select(t.tenants).where(t.tenants.c.id == self._tenant)).one()
        return Tenant(TenantId(row.id), row.slug, row.name)

    def add(self, site: Site, at: datetime) -> None:
        """Store a new site."""
        age = site.greatest_feed_age
        self._insert(
            t.sites,
            id=site.id,
            name=site.name,
            time_zone=site.time_zone,
            languages=list(site.languages),
            brand_colour=site.brand_colour,
            unknown_visit=site.unknown_visit,
            early_allowance_min=site.early_allowance // timedelta(minutes=1),
            greatest_feed_age_s=None if age is None else age // timedelta(seconds=1),
            feed_epoch=site.feed_epoch,
            feed_counter=0,
            created_at=at,
        )

    def get(self, site: SiteId) -> Site | None:
        """Return the site, or None."""
        row = self._one(select(t.sites).where(self._mine(t.sites, t.sites.c.id == site)))
        return None if row is None else _site(row)

    def all(self) -> Sequence[Site]:
        """Return every site, oldest first."""
        query = select(t.sites).where(self._mine(t.sites)).order_by(t.sites.c.created_at, t.sites.c.id)
        return [_site(row) for row in self._all(query)]

    def renew_epoch(self, site: SiteId, epoch: str) -> None:
        """Make every kiosk of the site fetch its feed anew."""
        self._connection.execute(self._update(t.sites, t.sites.c.id == site).values(feed_epoch=epoch))


def _site(row: Row[Any]) -> Site:
    age = row.greatest_feed_age_s
    return Site(
        id=SiteId(row.id),
        name=row.name,
        time_zone=row.time_zone,
        languages=tuple(row.languages),
        brand_colour=row.brand_colour,
        unknown_visit=row.unknown_visit,
        early_allowance=timedelta(minutes=row.early_allowance_min),
        greatest_feed_age=None if age is None else timedelta(seconds=age),
        feed_epoch=row.feed_epoch,
    )
