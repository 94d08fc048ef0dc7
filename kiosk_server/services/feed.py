"""The feed: what changed at a site since a kiosk last asked."""

from datetime import timedelta
from typing import Final

from kiosk_protocol.identifiers import SiteId, TenantId
from kiosk_protocol.messages import MAX_FEED_ENTRIES, FeedPage
from kiosk_server.services.house import House
from kiosk_server.services.tenancy import require_site
from kiosk_server.services.visits import feed_entry

FORGOTTEN_AFTER: Final = timedelta(hours=25)
"""A kiosk keeps what it was told for as long after a visit's end; whoever asks later need not hear of it."""


def changes_after(house: House, tenant: TenantId, site: SiteId, epoch: str | None, cursor: int) -> FeedPage:
    """Return the changes after ``cursor``, from the beginning where the kiosk's epoch is not the site's.

    Raises:
        NotFoundError: ``unknown_site``.
    """
    with house.archive.of(tenant) as records:
        current = require_site(records, site).feed_epoch
        start = cursor if epoch == current else 0
        found = records.feed.after(site, start, house.now() - FORGOTTEN_AFTER, MAX_FEED_ENTRIES + 1)
    page = found[:MAX_FEED_ENTRIES]
    return FeedPage(
        epoch=current,
        cursor=page[-1][0] if page else start,
        more=len(found) > len(page),
        entries=tuple(feed_entry(item) for _, item in page),
    )
