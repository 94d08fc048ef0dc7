"""Handing the outbox over: in batches, one answer per item, and one bad item never in the way of the others.

A batch that the server cannot take as a whole is halved until the item it chokes on stands alone. That one is parked
where the refusal is final, and otherwise tried last in each later round. Stored bytes are sent again as they are, so a
lost answer costs a repetition and nothing else.
"""

from collections.abc import Sequence
from typing import Final

from kiosk_app.core.outbox import ItemState, Settlement, settle, take_batch
from kiosk_app.core.ports import SyncServer, SyncStore
from kiosk_app.core.server_answers import Failure, Refused, Unreachable, is_final, reached_server
from kiosk_app.services.link import LinkMonitor
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_protocol.messages import MAX_BATCH_ENTRIES, Batch, BatchAnswer, OutboxEntry

MAX_FAILURES_IN_A_ROW: Final = 10
"""Halving 50 items down to one takes seven; more failures in a row mean that the server, not an item, is ill."""


class Drain:
    """Empties the outbox as far as the server takes it. Remembers which items it choked on."""

    def __init__(self, store: SyncStore, keeper: TimeKeeper, link: LinkMonitor) -> None:
        self._store = store
        self._keeper = keeper
        self._link = link
        self._troubled: set[str] = set()
        self._failures = 0

    def run(self, server: SyncServer) -> Failure | None:
        """Send what waits; return the failure that ended it early, None when every item had its turn."""
        self._failures = 0
        put_off = frozenset(self._troubled)
        tried: set[str] = set()
        while True:
            entries = self._store.waiting_items(MAX_BATCH_ENTRIES + len(self._troubled))
            untried = [entry for entry in entries if entry.check_in_id not in tried]
            batch = take_batch(entry for entry in untried if entry.check_in_id not in put_off) or tuple(untried[:1])
            if not batch:
                return None
            tried.update(entry.check_in_id for entry in batch)
            failure = self._send(server, batch)
            if failure is not None:
                return failure

    def _send(self, server: SyncServer, batch: Sequence[OutboxEntry]) -> Failure | None:
        """Send ``batch``, halved where it must be; return a failure that concerns more than its items."""
        answer = server.check_in(Batch(chain_id=self._store.chain_id(), entries=tuple(batch)))
        self._link.report(answer)
        if isinstance(answer, BatchAnswer):
            self._failures = 0
            self._apply(batch, answer)
            return None
        self._failures += 1
        if _concerns_kiosk(answer) or self._failures >= MAX_FAILURES_IN_A_ROW:
            return answer
        if len(batch) > 1:
            half = len(batch) // 2
            return self._send(server, batch[:half]) or self._send(server, batch[half:])
        self._set_aside(batch[0], answer)
        return None

    def _apply(self, batch: Sequence[OutboxEntry], answer: BatchAnswer) -> None:
        sent = {entry.check_in_id for entry in batch}
        # An answer to an item that was not in this batch is nobody's acknowledgement.
        settlements = [settle(result) for result in answer.results if result.check_in_id in sent]
        self._store.settle_items(settlements, answer.acknowledged_sequence, self._keeper.now().now_ms)
        settled = {settlement.check_in_id for settlement in settlements}
        self._troubled = (self._troubled - settled) | (sent - settled)

    def _set_aside(self, entry: OutboxEntry, failure: Failure) -> None:
        if isinstance(failure, Refused) and is_final(failure):
            code = failure.error or f"http_{failure.status}"
            parked = Settlement(entry.check_in_id, ItemState.PARKED, code)
            self._store.park_item(parked, self._keeper.now().now_ms)
            self._troubled.discard(entry.check_in_id)
        else:
            self._troubled.add(entry.check_in_id)


def _concerns_kiosk(failure: Failure) -> bool:
    """Whether the failure speaks of link or kiosk, so that every other item would meet it too."""
    match failure:
        case Unreachable():
            return True
        case Refused():
            return reached_server(failure) and not is_final(failure)
        case _:
            return False
