"""What the services need from outside: clocks, randomness, the store, the key folder, the server.

Every port is small and named after its user. Implementations live in ``store``, ``server_api`` and ``system_clock``;
tests bring others.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from nacl.signing import SigningKey

from kiosk_app.core.checkin import CheckInDraft, ClockMemory, Identity, PairingRecord, VisitLookup
from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.outbox import QueueState, Settlement
from kiosk_app.core.server_answers import Failure
from kiosk_protocol.identifiers import VisitDigest
from kiosk_protocol.messages import (
    Batch,
    BatchAnswer,
    ClaimAnswer,
    ClaimQuestion,
    ConfirmPairing,
    Envelope,
    FeedPage,
    Heartbeat,
    HeartbeatTaken,
    OutboxEntry,
    PairingConfirmed,
    PairingStarted,
    RenewedToken,
    SiteConfiguration,
    StartPairing,
    TimeQuestion,
    TrustAnswer,
)
from kiosk_protocol.pairing import SetupCode
from kiosk_protocol.reasons import Reason

RandomBytes = Callable[[int], bytes]
"""Returns that many bytes from the system's generator."""


class Clock(Protocol):
    """This machine's clocks."""

    def read(self) -> ClockReading:
        """Return wall and boot clock at this moment."""


class ClockStore(Protocol):
    """Where the floor survives."""

    def load_clock(self) -> ClockMemory:
        """Return the saved floor and anchor. Raises StoreError."""

    def save_clock(self, memory: ClockMemory) -> None:
        """Save floor and anchor; a saved floor never falls. Raises StoreError."""


class AdmissionStore(Protocol):
    """What deciding reads and writes."""

    def load_identity(self) -> Identity | None:
        """Return who this kiosk is, None while unpaired. Raises StoreError."""

    def look_up(self, digest: VisitDigest) -> VisitLookup:
        """Return what is known of a visit. Raises StoreError."""

    def commit_check_in(self, draft: CheckInDraft) -> bool:
        """Make the check-in durable in one transaction; False where the visit was used before. Raises StoreError."""

    def note_turned_away(self, reason: Reason, at_ms: int) -> None:
        """Note in the audit log that somebody was not simply let in. Raises StoreError."""


class SyncStore(ClockStore, Protocol):
    """What talking to the server reads and writes. Every method raises StoreError."""

    def load_identity(self) -> Identity | None:
        """Return who this kiosk is, None while unpaired."""

    def save_trust(self, root: Envelope, bundle: Envelope, memory: ClockMemory) -> None:
        """Replace the trust documents and save the floor in one transaction."""

    def save_configuration(self, configuration: SiteConfiguration) -> None:
        """Replace the site's settings."""

    def replace_token(self, old: str, new: str, at_ms: int) -> None:
        """Use another device token from now on, in place of ``old`` and of no other."""

    def keep_outbox(self, folder: str) -> int:
        """Copy the outbox durably to a store of its own in ``folder`` and return the last sequence in it."""

    def erase_pairing(self, revocation: Envelope, kept_sequence: int | None, at_ms: int) -> bool:
        """Forget everything readable in one transaction; False, and nothing forgotten, where an item was not kept."""

    def feed_complete_at_ms(self) -> int | None:
        """Return when the feed was last read to its end, ms since 1970."""

    def feed_position(self) -> tuple[str, int] | None:
        """Return epoch and cursor of the feed, None before the first page."""

    def save_feed_page(self, page: FeedPage, now_ms: int) -> None:
        """Store a page and its cursor in one transaction; a page of another epoch first empties the feed.

        ``now_ms`` becomes the feed's age mark once a page says there is no more.
        """

    def chain_id(self) -> str:
        """Return the name of this store's chain."""

    def waiting_items(self, limit: int) -> Sequence[OutboxEntry]:
        """Return the first waiting items in order of their sequence."""

    def settle_items(self, settlements: Sequence[Settlement], acknowledged_sequence: int, now_ms: int) -> None:
        """Apply answers in one transaction; a fallen ``acknowledged_sequence`` brings acknowledged items back."""

    def park_item(self, settlement: Settlement, now_ms: int) -> None:
        """Park one item that the server refuses to look at."""

    def queue_state(self) -> QueueState:
        """Return what waits and what is parked."""

    def clean(self, floor_s: int) -> None:
        """Forget used visits and acknowledged items whose time is over."""


class PairingStore(Protocol):
    """What pairing writes."""

    def save_pairing(self, record: PairingRecord) -> None:
        """Store the whole result in one transaction. Raises StoreError."""


class KeyVault(Protocol):
    """The device key's file. Every method raises KeysError."""

    def make(self) -> SigningKey:
        """Make a device key and save it durably, in place of one that never came to be paired."""

    def load(self) -> SigningKey:
        """Return the saved device key."""

    def keep(self, name: str) -> None:
        """Copy the device key under ``name``, before its pairing ends: what waits was signed by it."""


class ClaimServer(Protocol):
    """The server while somebody waits at the door."""

    def claim(self, question: ClaimQuestion) -> ClaimAnswer | Failure:
        """Ask for one visit; answers within the claim deadline, or Unreachable."""


class SyncServer(Protocol):
    """The server in the background."""

    def time(self, question: TimeQuestion) -> Envelope | Failure:
        """Ask for the signed time."""

    def trust(self) -> TrustAnswer | Failure:
        """Ask for the newest root and bundle."""

    def configuration(self) -> SiteConfiguration | Failure:
        """Ask for the site's settings."""

    def visits(self, epoch: str | None, cursor: int) -> FeedPage | Failure:
        """Ask for the feed's changes after a position."""

    def check_in(self, batch: Batch) -> BatchAnswer | Failure:
        """Hand over a batch."""

    def heartbeat(self, heartbeat: Heartbeat) -> HeartbeatTaken | Failure:
        """Say how this kiosk is."""

    def renew_token(self) -> RenewedToken | Failure:
        """Ask for the next device token."""


class PairingServer(Protocol):
    """The server before it knows this kiosk, and before the kiosk knows it: whoever answers at that address."""

    def can_be_known_by(self, ca_certificate: str | None) -> bool:
        """Whether the kiosk could believe this CA (PEM) later on; None: the system's certificate store."""

    def start(self, message: StartPairing) -> PairingStarted | Failure:
        """Begin a run."""

    def confirm(self, message: ConfirmPairing) -> PairingConfirmed | Failure:
        """End a run; may be repeated and gives the same answer."""

    def close(self) -> None:
        """Let connections go."""


class PairingDoor(Protocol):
    """Opens the way to the server that a set-up code names."""

    def __call__(self, setup: SetupCode) -> PairingServer:
        """Return whoever answers at the address."""
