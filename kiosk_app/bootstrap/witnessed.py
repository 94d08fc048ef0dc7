"""Store and server that tell a witness what just became of a check-in, at the very places where it did.

Built only where somebody follows the scans (see :mod:`kiosk_app.ui.scan_ledger`); every other kiosk works without.
"""

import time
from collections.abc import Sequence
from typing import Self

from kiosk_app.core.checkin import CheckInDraft, VisitLookup
from kiosk_app.core.outbox import ItemState, Settlement
from kiosk_app.core.scan_steps import ScanNote, ScanStep, Witness
from kiosk_app.core.server_answers import Failure
from kiosk_app.server_api.exchange import Exchange
from kiosk_app.server_api.paired_server import Credentials, PairedServer
from kiosk_app.store.database import Database
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_protocol.identifiers import VisitDigest
from kiosk_protocol.messages import Batch, BatchAnswer


class WitnessedStore(KioskStore):
    """The store with a witness told of each check-in that was verified, durable, settled."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._witness: Witness | None = None

    def tell(self, witness: Witness) -> Self:
        """Tell ``witness`` from now on."""
        self._witness = witness
        return self

    def look_up(self, digest: VisitDigest) -> VisitLookup:
        """Return what is known of a visit: the desk asks as soon as its code was verified, and for no other."""
        self._note(ScanStep.VERIFIED)
        return super().look_up(digest)

    def commit_check_in(self, draft: CheckInDraft) -> bool:
        """Make the check-in durable."""
        is_new = super().commit_check_in(draft)
        if is_new:
            self._note(ScanStep.DURABLE, draft.check_in_id)
        return is_new

    def settle_items(self, settlements: Sequence[Settlement], acknowledged_sequence: int, now_ms: int) -> None:
        """Apply answers in one transaction."""
        super().settle_items(settlements, acknowledged_sequence, now_ms)
        for settlement in settlements:
            self._note_settled(settlement)

    def park_item(self, settlement: Settlement, now_ms: int) -> None:
        """Park one item that the server refuses to look at."""
        super().park_item(settlement, now_ms)
        self._note_settled(settlement)

    def _note_settled(self, settlement: Settlement) -> None:
        if settlement.state is ItemState.PARKED:
            self._note(ScanStep.PARKED, settlement.check_in_id, settlement.code)
        else:
            self._note(ScanStep.ACKNOWLEDGED, settlement.check_in_id)

    def _note(self, step: ScanStep, check_in_id: str | None = None, reason: str | None = None) -> None:
        if self._witness is not None:
            self._witness(ScanNote(step, time.monotonic_ns(), None, check_in_id, reason))


class WitnessedServer(PairedServer):
    """The paired server with a witness told of each batch that was answered."""

    def __init__(self, exchange: Exchange, credentials: Credentials, witness: Witness) -> None:
        super().__init__(exchange, credentials)
        self._witness = witness

    def check_in(self, batch: Batch) -> BatchAnswer | Failure:
        """Hand over a batch; one that gets no answer may never have left, so it does not count as sent."""
        began_ns = time.monotonic_ns()
        answer = super().check_in(batch)
        if isinstance(answer, BatchAnswer):
            for entry in batch.entries:
                self._witness(ScanNote(ScanStep.SENT, began_ns, check_in_id=entry.check_in_id))
        return answer
