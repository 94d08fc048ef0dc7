"""Whether a device's outbox adds up: gaps and forks in a chain follow from the set of its items, not their order."""

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk_protocol.sealing import chain_next, chain_start


@dataclass(frozen=True, slots=True)
class Link:
    """One item's place in a chain: ``chain`` is SHA-256(previous chain ‖ hash), as the device states it."""

    sequence: int
    hash: bytes
    chain: bytes


@dataclass(frozen=True, slots=True)
class ChainHead:
    """What the server knows of a chain.

    Attributes:
        acknowledged: Highest sequence up to which nothing is missing.
        highest: Highest sequence seen; above ``acknowledged`` there is a gap.
        forked: Two items claim one place, or a link does not follow from the one before it.
    """

    acknowledged: int = 0
    highest: int = 0
    forked: bool = False

    @property
    def has_gap(self) -> bool:
        """Whether an item is missing below one that arrived."""
        return self.highest > self.acknowledged


def shows_fork(chain_id: str, link: Link, neighbours: Iterable[Link]) -> bool:
    """Whether ``link`` contradicts one of the ``neighbours``: links of the same chain at its place, before or after it.

    Each contradicting pair is found by whichever of the two comes later, so the order of arrival does not matter.
    """
    if link.sequence == 1 and link.chain != chain_next(chain_start(chain_id), link.hash):
        return True
    return any(_contradict(link, other) for other in neighbours)


def _contradict(link: Link, other: Link) -> bool:
    if other.sequence == link.sequence:
        return other != link
    if other.sequence == link.sequence - 1:
        return link.chain != chain_next(other.chain, link.hash)
    if other.sequence == link.sequence + 1:
        return other.chain != chain_next(link.chain, other.hash)
    return False
