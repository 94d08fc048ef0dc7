"""The outbox's rules: which items go next, what an answer makes of an item, when a settled one may go.

An item leaves *waiting* only on an answer of its own. Accepted and conflict mean that the server holds it; rejected
means that somebody must look at it, so it is parked and shown, and the rest of the queue goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from kiosk_protocol.messages import MAX_BATCH_ENTRIES, MAX_BODY_BYTES, ItemAnswer, OutboxEntry

ACKNOWLEDGED_KEPT_S: Final = 14 * 24 * 3600
"""So long a server restored from a backup can get back what it had accepted."""
_ENVELOPE_BYTES: Final = 1024
"""What a batch costs beside its items."""
_ENTRY_BYTES: Final = 512
"""What an entry costs beside its sealed bytes: id, sequence, hash, chain, names."""


class ItemState(StrEnum):
    """Where an item stands."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an answer makes of one item. ``code`` is the server's word for ``conflict`` and ``rejected``."""

    check_in_id: str
    state: ItemState
    code: str | None


@dataclass(frozen=True, slots=True)
class QueueState:
    """What staff see. ``oldest_ms`` is the decision of the oldest waiting item, ms since 1970."""

    waiting: int = 0
    parked: int = 0
    oldest_ms: int | None = None

    @property
    def unsent(self) -> int:
        """What the server has not taken over: what waits, and what it rejected."""
        return self.waiting + self.parked


def take_batch(entries: Iterable[OutboxEntry], most_bytes: int = MAX_BODY_BYTES) -> tuple[OutboxEntry, ...]:
    """Return as many of ``entries``, in their order, as fit one request; always at least the first."""
    batch: list[OutboxEntry] = []
    size = _ENVELOPE_BYTES
    for entry in entries:
        size += _ENTRY_BYTES + len(entry.sealed)
        if len(batch) == MAX_BATCH_ENTRIES or (batch and size > most_bytes):
            break
        batch.append(entry)
    return tuple(batch)


def settle(answer: ItemAnswer) -> Settlement:
    """Return what ``answer`` makes of its item."""
    match answer.outcome:
        case "accepted" | "conflict":
            return Settlement(answer.check_in_id, ItemState.ACKNOWLEDGED, answer.code)
        case "rejected":
            return Settlement(answer.check_in_id, ItemState.PARKED, answer.code or "rejected")
        case _ as unreachable:
            assert_never(unreachable)


def server_was_restored(reported_sequence: int, known_sequence: int) -> bool:
    """Whether the server holds less than it once said: what it had acknowledged since is sent again."""
    return reported_sequence < known_sequence


def may_drop(settled_at_s: int, now_s: int) -> bool:
    """Whether an acknowledged item has been kept long enough."""
    return now_s - settled_at_s > ACKNOWLEDGED_KEPT_S


def decided_at_ms(check_in_id: str) -> int:
    """Return the moment in a UUIDv7 (RFC 9562 §5.7), ms since 1970: the kiosk makes the id when it decides."""
    return int(check_in_id[:8] + check_in_id[9:13], 16)
