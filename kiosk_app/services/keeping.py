"""Putting aside what waits, before a pairing ends: the sealed items in a folder of their own, and the key to sign for.

One way for a revocation and for staff who unpair: afterwards :mod:`kiosk_app.services.handover` sees to it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from kiosk_app.core.errors import KeysError
from kiosk_app.core.outbox import QueueState

_CHAIN_CHARACTERS: Final = 8


class OutboxCopies(Protocol):
    """The outbox, and copies of it. Every method raises StoreError."""

    def queue_state(self) -> QueueState:
        """Return what waits and what is parked."""

    def chain_id(self) -> str:
        """Return the name of this store's chain."""

    def keep_outbox(self, folder: str) -> int:
        """Copy the outbox durably to a store of its own in ``folder`` and return the last sequence in it."""


class KeyCopies(Protocol):
    """The device key, and copies of it."""

    def keep(self, name: str) -> None:
        """Copy the device key under ``name``. Raises KeysError."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the copy lies, and the last sequence in it; both empty where nothing waited."""

    where: str = ""
    last_sequence: int | None = None


def keep_aside(
    store: OutboxCopies, vault: KeyCopies, data_folder: str, now_ms: int, *, also_without_key: bool = False
) -> Kept:
    """Copy what the server has not taken over, and the key that it will be handed over by.

    Args:
        store: Where the outbox is.
        vault: Where the key is.
        data_folder: Absolute; the copy goes to ``kept/<time>-<chain>`` in it.
        now_ms: Names the copy.
        also_without_key: Keep the items even if the key cannot be read: they are signed and sealed already.

    Raises:
        StoreError: the items could not be copied.
        KeysError: the key could not, and nothing was done.
    """
    if not store.queue_state().unsent:
        return Kept()
    # The chain is this pairing's own: no clock that was set back leads to a former one's folder or key.
    name = f"{datetime.fromtimestamp(now_ms / 1000, UTC):%Y%m%dT%H%M%S%fZ}-{store.chain_id()[:_CHAIN_CHARACTERS]}"
    try:
        vault.keep(name)
    except KeysError:
        if not also_without_key:
            raise
    where = f"{data_folder}/kept/{name}"
    return Kept(where, store.keep_outbox(where))
