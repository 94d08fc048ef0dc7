"""The records of a whole delivery at once: what its items are judged by, and what follows from them.

Beside the other shelves, which handle one thing a statement: fifty items through those are nine hundred statements.
Every method here is one statement, whatever the number of items. Locks are taken in one order, so that two deliveries
wait for each other and never both: the chain, visits by identifier, check-ins by identifier, then sites.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kiosk_protocol.identifiers import DeviceId, SiteId, VisitId
from kiosk_server.domain.chains import ChainHead, Link
from kiosk_server.domain.records import CheckIn, Conflict, FeedItem, Visit


class NotStorableError(Exception):
    """The database refuses a row; nothing of the transaction counts. A mistake of ours, found before it did harm."""


class OvertakenError(Exception):
    """Somebody else stored one of the items after we looked for it; nothing of the transaction counts."""


class Intake(Protocol):
    """What a delivery needs beside the other shelves.

    Nothing is written before :meth:`write_down`. Empty sequences are allowed and change nothing.
    """

    def links(self, device: DeviceId, chain_id: str, places: Sequence[int]) -> Sequence[Link]:
        """Return the chain's links at these places."""

    def add_links(self, device: DeviceId, chain_id: str, links: Sequence[Link]) -> None:
        """Store links; one that is there already stays as it is."""

    def save_head(self, device: DeviceId, chain_id: str, head: ChainHead) -> None:
        """Write what is known of the chain."""

    def add_check_ins(self, device: DeviceId, site: SiteId, items: Sequence[CheckIn], at: datetime) -> None:
        """Store the items of a device."""

    def add_conflicts(self, flags: Sequence[Conflict], at: datetime) -> None:
        """Flag check-ins; one that is flagged already stays as it is."""

    def save_arrivals(self, visits: Sequence[Visit]) -> None:
        """Write state and arrival of visits that were locked."""

    def end_claims(self, visits: Sequence[VisitId]) -> None:
        """End every lease on these visits."""

    def publish(self, site: SiteId, items: Sequence[FeedItem]) -> None:
        """Write items without details at the site's next positions, taken under its row lock until the commit."""

    def note_events(self, at: datetime, kind: str, visits: Sequence[Visit]) -> None:
        """Note what happened to visits, for subscribers."""

    def audit(self, device: DeviceId, items: Sequence[CheckIn], at: datetime) -> None:
        """Note for auditors what became of each item."""

    def write_down(self) -> None:
        """Write everything, in the order of the calls.

        Raises:
            NotStorableError: the database refuses a row.
            OvertakenError: an identifier was taken after we looked.
        """
