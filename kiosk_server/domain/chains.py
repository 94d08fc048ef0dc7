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


class ChainWalk:
    """A chain while items are added to it, in any order.

    Args:
        chain_id: The chain's name.
        head: What was known of it.
        links: Every stored link at the new items' places and next to them.
    """

    def __init__(self, chain_id: str, head: ChainHead, links: Iterable[Link]) -> None:
        self._chain_id = chain_id
        self._before = head
        self._highest = head.highest
        self._forked = head.forked
        self._stored: dict[int, set[Link]] = {}
        self._new: dict[Link, None] = {}
        for link in links:
            self._stored.setdefault(link.sequence, set()).add(link)

    def add(self, link: Link) -> None:
        """Note the item's place; one that stands there already changes nothing."""
        near = [other for place in range(link.sequence - 1, link.sequence + 2) for other in self._stored.get(place, ())]
        if link in near:
            return
        self._forked = self._forked or shows_fork(self._chain_id, link, near)
        self._highest = max(self._highest, link.sequence)
        self._stored.setdefault(link.sequence, set()).add(link)
        self._new[link] = None

    @property
    def new(self) -> tuple[Link, ...]:
        """The links that were not stored yet."""
        return tuple(self._new)

    @property
    def complete_to(self) -> int | None:
        """Last sequence before the first gap; None where only the stored links know, since a gap may be closed now."""
        if self._before.has_gap:
            return None
        # Without a gap nothing is stored beyond what is acknowledged.
        reached, places = self._before.acknowledged, {link.sequence for link in self._new}
        while reached + 1 in places:
            reached += 1
        return reached

    def head(self, acknowledged: int) -> ChainHead:
        """Return what is known now, ``acknowledged`` being the last sequence before the first gap."""
        return ChainHead(acknowledged, self._highest, self._forked)
