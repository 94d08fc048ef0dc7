"""Leaving a site without losing a record: what did not reach the server is kept sealed before anything is forgotten.

What stays besides: used codes and the floor of time, so that no code is admitted twice by pairing anew.
"""

from dataclasses import dataclass
from typing import Protocol

from kiosk_app.core.staff_desk import StillWaiting, Unpaired
from kiosk_app.services.keeping import Kept, KeyCopies, OutboxCopies, keep_aside
from kiosk_app.services.timekeeping import TimeKeeper


class UnpairStore(OutboxCopies, Protocol):
    """What unpairing reads and writes. Every method raises StoreError."""

    def forget_pairing(self, kept_sequence: int | None, now_ms: int) -> bool:
        """Forget the pairing in one transaction; False, and nothing forgotten, where an unsent item was not kept."""


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
    now_ms = tools.keeper.now().now_ms
    kept = _keep(tools, now_ms) if keep_aside else Kept()
    if not tools.store.forget_pairing(kept.last_sequence, now_ms):
        return StillWaiting(tools.store.queue_state().unsent)
    return Unpaired(kept.where)


def _keep(tools: UnpairTools, now_ms: int) -> Kept:
    # The records are signed and sealed already: a key that nobody can read is no reason to keep the pairing.
    return keep_aside(tools.store, tools.vault, tools.data_folder, now_ms, also_without_key=True)
