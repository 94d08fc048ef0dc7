"""The store as the services see it: one object per thread, each method one transaction."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from kiosk_app.core.checkin import CheckInDraft, ClockMemory, Identity, PairingRecord, VisitLookup
from kiosk_app.core.outbox import QueueState, Settlement
from kiosk_app.core.ports import RandomBytes
from kiosk_app.store import audit_log, clock_memory, identity, kept_records, outbox, replay_cache, visits
from kiosk_app.store.database import Database, check_integrity, open_database, open_read_only
from kiosk_protocol.identifiers import VisitDigest
from kiosk_protocol.messages import Envelope, FeedPage, OutboxEntry, SiteConfiguration
from kiosk_protocol.reasons import Reason


class KioskStore:
    """Implements the store's ports. Every method raises StoreError and then has changed nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stamp: tuple[bytes, ...] | None = None
        self._identity: Identity | None = None

    @classmethod
    def open(cls, folder: Path, random: RandomBytes = secrets.token_bytes, *, check: bool = False) -> Self:
        """Open the store in ``folder``, or make it. ``check``: look for damage first (once per start is enough)."""
        database = open_database(folder)
        try:
            if check:
                check_integrity(database)
            with database.transaction():
                outbox.start_chain(database, random)
        except BaseException:
            database.close()
            raise
        return cls(database)

    @classmethod
    def open_read_only(cls, folder: Path) -> Self | None:
        """Open the store beside a running kiosk, None where there is none yet."""
        database = open_read_only(folder)
        return None if database is None else cls(database)

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    # ── who this kiosk is ────────────────────────────────────────────────────────────────────────────────────────────

    def load_identity(self) -> Identity | None:
        """Return who this kiosk is. Verified anew only when another connection or this one changed it."""
        stamp = identity.stamp(self._database)
        if stamp != self._stamp or stamp is None:
            self._identity = identity.load(self._database)
            self._stamp = stamp
        return self._identity

    def save_pairing(self, record: PairingRecord) -> None:
        """Store the whole result of a pairing."""
        with self._database.transaction():
            identity.store(self._database, record)
            clock_memory.store(self._database, record.memory)
            audit_log.append(self._database, record.paired_at_ms, "paired", {"device": record.device})

    def save_trust(self, root: Envelope, bundle: Envelope, memory: ClockMemory) -> None:
        """Replace the trust documents and save the floor."""
        with self._database.transaction():
            identity.store_trust(self._database, root, bundle)
            clock_memory.store(self._database, memory)

    def save_configuration(self, configuration: SiteConfiguration) -> None:
        """Replace the site's settings."""
        with self._database.transaction():
            identity.store_configuration(self._database, configuration)

    def keep_outbox(self, folder: str) -> int:
        """Copy the outbox durably to a store of its own in ``folder`` and return the last sequence in it."""
        return kept_records.keep(self._database, Path(folder))

    def forget_pairing(self, kept_sequence: int | None, now_ms: int, random: RandomBytes = secrets.token_bytes) -> bool:
        """Forget the pairing; False, and nothing forgotten, where an unsent item was not kept."""
        with self._database.transaction():
            if not kept_records.holds_all(self._database, kept_sequence):
                return False
            self._begin_anew("unpaired", kept_sequence, now_ms, random)
        return True

    def replace_token(self, old: str, new: str, at_ms: int) -> None:
        """Use another device token from now on, in place of ``old`` and of no other."""
        with self._database.transaction():
            identity.replace_token(self._database, old, new)
            audit_log.append(self._database, at_ms, "token_renewed", {})

    def erase_pairing(
        self, revocation: Envelope, kept_sequence: int | None, at_ms: int, random: RandomBytes = secrets.token_bytes
    ) -> bool:
        """Forget the pairing and leave no byte of it readable; False, and nothing done, where an item was not kept."""
        with self._database.erasing():
            if not kept_records.holds_all(self._database, kept_sequence):
                return False
            if kept_sequence is not None:
                identity.note_former(self._database, revocation, at_ms)
            self._begin_anew("revoked", kept_sequence, at_ms, random)
        return True

    def _begin_anew(self, event: str, kept_sequence: int | None, at_ms: int, random: RandomBytes) -> None:
        kept_records.forget_pairing(self._database)
        outbox.start_chain(self._database, random)
        audit_log.append(self._database, at_ms, event, {"kept": kept_sequence is not None})

    def forget_former(self, device: str) -> None:
        """Forget that this kiosk once was ``device``."""
        with self._database.transaction():
            identity.forget_former(self._database, device)

    def was_revoked(self) -> bool:
        """Whether this kiosk is unpaired because it was revoked."""
        return identity.was_revoked(self._database)

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def load_clock(self) -> ClockMemory:
        """Return the saved floor and anchor."""
        return clock_memory.load(self._database)

    def save_clock(self, memory: ClockMemory) -> None:
        """Save floor and anchor."""
        with self._database.transaction():
            clock_memory.store(self._database, memory)

    # ── the door ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def look_up(self, digest: VisitDigest) -> VisitLookup:
        """Return what is known of a visit."""
        return VisitLookup(
            replay_cache.is_used(self._database, digest),
            visits.entry_of(self._database, digest),
            visits.complete_at_ms(self._database),
        )

    def commit_check_in(self, draft: CheckInDraft) -> bool:
        """Make the check-in durable; False, and nothing written, where the visit was used before."""
        with self._database.transaction():
            if not replay_cache.consume(self._database, draft.digest, draft.expires_s, draft.check_in_id):
                return False
            outbox.append(self._database, draft.check_in_id, draft.sealed, draft.seal_kid)
            fields: dict[str, str | int | bool] = {
                "checkIn": draft.check_in_id,
                "mode": draft.mode,
                "clock": draft.clock,
                "known": draft.known,
            }
            audit_log.append(self._database, draft.decided_at_ms, "checked_in", fields)
            clock_memory.store(self._database, draft.memory)
        return True

    def note_turned_away(self, reason: Reason, at_ms: int) -> None:
        """Note that somebody was not simply let in."""
        with self._database.transaction():
            audit_log.append(self._database, at_ms, "turned_away", {"reason": reason.value})

    # ── the feed ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def feed_position(self) -> tuple[str, int] | None:
        """Return epoch and cursor of the feed."""
        return visits.position(self._database)

    def feed_complete_at_ms(self) -> int | None:
        """Return when the feed was last read to its end."""
        return visits.complete_at_ms(self._database)

    def save_feed_page(self, page: FeedPage, now_ms: int) -> None:
        """Store a page and its cursor."""
        with self._database.transaction():
            visits.store_page(self._database, page, now_ms)

    # ── the outbox ───────────────────────────────────────────────────────────────────────────────────────────────────

    def chain_id(self) -> str:
        """Return the name of this store's chain."""
        return outbox.chain_id(self._database)

    def waiting_items(self, limit: int) -> Sequence[OutboxEntry]:
        """Return the first waiting items."""
        return outbox.waiting(self._database, limit)

    def settle_items(self, settlements: Sequence[Settlement], acknowledged_sequence: int, now_ms: int) -> None:
        """Apply answers; a fallen ``acknowledged_sequence`` brings acknowledged items back."""
        with self._database.transaction():
            outbox.settle(self._database, settlements, acknowledged_sequence, now_ms // 1000)

    def park_item(self, settlement: Settlement, now_ms: int) -> None:
        """Park one item that the server refuses to look at, without learning anything about the rest."""
        with self._database.transaction():
            outbox.apply(self._database, settlement, now_ms // 1000)

    def queue_state(self) -> QueueState:
        """Return what waits and what is parked."""
        return outbox.queue_state(self._database)

    def clean(self, floor_s: int) -> None:
        """Forget what no clock can bring back."""
        with self._database.transaction():
            replay_cache.forget_ended(self._database, floor_s)
            visits.forget_ended(self._database, floor_s)
            outbox.drop_acknowledged(self._database, floor_s)
            audit_log.drop_old(self._database, floor_s * 1000)
