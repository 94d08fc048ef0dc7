"""Handing over what waited when a pairing ended, signed by the key it had, to the server it had.

With each full round, paired or not: every item goes when the server said that it holds it, and with the last one the
folder, the key, and what was known of the pairing. A lost answer costs a repetition and nothing else.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from nacl.signing import SigningKey

from kiosk_app.core.checkin import Identity
from kiosk_app.core.errors import KioskError
from kiosk_app.core.former import FormerPairing
from kiosk_app.core.outbox import take_batch
from kiosk_app.core.server_answers import Failure, is_final
from kiosk_protocol.handover import MAX_PAYLOAD_BYTES
from kiosk_protocol.messages import MAX_BATCH_ENTRIES, HandoverAnswer, OutboxEntry

MAX_FAILURES_IN_A_ROW: Final = 10
"""More refused items one after the other mean that the server, not an item, is ill."""


class FormerItems(Protocol):
    """What was put aside. Every method raises StoreError, but :meth:`all`, which passes over what it cannot read."""

    def all(self) -> Sequence[FormerPairing]:
        """Return the former pairings, oldest first."""

    def waiting(self, name: str, limit: int) -> Sequence[OutboxEntry]:
        """Return the first items that the server has not taken over, in order of their sequence."""

    def let_go(self, name: str, check_in_ids: Sequence[str]) -> None:
        """Remove items in one transaction: the server holds them."""

    def drop(self, name: str) -> None:
        """Remove the folder. Nothing waits in it."""


class FormerKeys(Protocol):
    """The keys of former pairings. Every method raises KeysError."""

    def load_kept(self, name: str) -> SigningKey:
        """Return the key kept under ``name``."""

    def drop_kept(self, name: str) -> None:
        """Remove the key kept under ``name``, if it is there."""


class PairingMemory(Protocol):
    """What the store knows of pairings. Every method raises StoreError."""

    def load_identity(self) -> Identity | None:
        """Return who this kiosk is, None while unpaired."""

    def forget_former(self, device: str) -> None:
        """Forget that this kiosk once was ``device``."""


class FormerServer(Protocol):
    """The server of a former pairing."""

    def hand_over(self, entries: Sequence[OutboxEntry]) -> HandoverAnswer | Failure:
        """Hand over items, signed by the former key."""

    def close(self) -> None:
        """Let connections go."""


@dataclass(frozen=True, slots=True)
class HandoverTools:
    """What handing over works with. ``connect`` may raise KioskError."""

    items: FormerItems
    keys: FormerKeys
    memory: PairingMemory
    connect: Callable[[FormerPairing, SigningKey], FormerServer]


class Handover:
    """Hands over what was put aside, in one thread."""

    def __init__(self, tools: HandoverTools) -> None:
        self._tools = tools

    def run(self) -> Failure | None:
        """Hand over as much as the servers take; return the first failure.

        What cannot be read, items or key, stays where it is, and in nobody's way.

        Raises:
            StoreError: the kiosk's own store cannot be read.
        """
        identity = self._tools.memory.load_identity()
        failures = []
        for former in self._tools.items.all():
            if identity is not None and former.device == identity.device:
                # A copy that was made for an end that did not come: the outbox itself has it all.
                continue
            with suppress(KioskError):
                failures.append(self._settle(former))
        return next((failure for failure in failures if failure is not None), None)

    def _settle(self, former: FormerPairing) -> Failure | None:
        tools = self._tools
        if tools.items.waiting(former.name, 1):
            server = tools.connect(former, tools.keys.load_kept(former.name))
            try:
                failure = self._send(former.name, server)
            finally:
                server.close()
            if failure is not None or tools.items.waiting(former.name, 1):
                return failure
        tools.memory.forget_former(former.device)
        tools.keys.drop_kept(former.name)
        # Last: while the folder is there, a run that was broken off is made good by the next one.
        tools.items.drop(former.name)
        return None

    def _send(self, name: str, server: FormerServer) -> Failure | None:
        """Send what waits, singly once the server refused a batch for good; pass over items that it refuses alone."""
        passed: set[str] = set()
        most, failures = MAX_BATCH_ENTRIES, 0
        while True:
            found = self._tools.items.waiting(name, MAX_BATCH_ENTRIES + len(passed))
            batch = take_batch((entry for entry in found if entry.check_in_id not in passed), MAX_PAYLOAD_BYTES)[:most]
            if not batch:
                return None
            sent = {entry.check_in_id for entry in batch}
            answer = server.hand_over(batch)
            if isinstance(answer, HandoverAnswer):
                # An answer to an item that was not in this batch is nobody's acknowledgement.
                held = sent & {result.check_in_id for result in answer.results}
                self._tools.items.let_go(name, sorted(held))
                passed |= sent - held
                failures = 0
                continue
            failures += 1
            if not is_final(answer) or failures >= MAX_FAILURES_IN_A_ROW:
                return answer
            if len(batch) == 1:
                passed |= sent
            most = 1
