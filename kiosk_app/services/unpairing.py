"""Leaving a site without losing a record: what did not reach the server is kept sealed before anything is forgotten.

What stays besides: used codes and the floor of time, so that no code is admitted twice by pairing anew.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from kiosk_app.core.errors import KeysError
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.staff_desk import StillWaiting, Unpaired
from kiosk_app.services.timekeeping import TimeKeeper


class UnpairStore(Protocol):
    """What unpairing reads and writes. Every method raises StoreError."""

    def queue_state(self) -> QueueState:
        """Return what waits and what is parked."""

    def keep_outbox(self, folder: str) -> int:
        """Copy the outbox durably to a store of its own in ``folder`` and return the last sequence in it."""

    def forget_pairing(self, kept_sequence: int | None, now_ms: int) -> bool:
        """Forget the pairing in one transaction; False, and nothing forgotten, where an unsent item was not kept."""


class KeyCopies(Protocol):
    """Keeps the device key beside a new pairing's."""

    def keep(self, name: str) -> None:
        """Copy the device key under ``name``. Raises KeysError."""


@dataclass(frozen=True, slots=True)
class UnpairTools:
    """What unpairing works with. ``data_folder`` is absolute."""

    store: UnpairStore
    vault: KeyCopies
    keeper: TimeKeeper
    data_folder: str


def unpair(tools: UnpairTools, *, keep_aside: bool) -> StillWaiting | Unpaired:
    """Forget the pairing; with ``keep_aside`` also where check-ins wait unsent, which are then kept sealed.

    Raises:
        StoreError: something could not be written; the pairing is as it was.
    """
    unsent = tools.store.queue_state().unsent
    if unsent and not keep_aside:
        return StillWaiting(unsent)
    now_ms = tools.keeper.now().now_ms
    where, kept_sequence = "", None
    if unsent:
        name = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%S%fZ")
        # The records are signed and sealed already: a key that nobody can read is no reason to keep the pairing.
        with suppress(KeysError):
            tools.vault.keep(name)
        where = f"{tools.data_folder}/kept/{name}"
        kept_sequence = tools.store.keep_outbox(where)
    if not tools.store.forget_pairing(kept_sequence, now_ms):
        return StillWaiting(tools.store.queue_state().unsent)
    return Unpaired(where)
