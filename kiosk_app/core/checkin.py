"""Values of one admission on its way to the store, and of a kiosk's own identity. Frozen, without behaviour."""

from dataclasses import dataclass

from kiosk_app.core.clock_guard import Anchor
from kiosk_protocol.identifiers import CheckInId, DeviceId, KeyId, SiteId, TenantId, VisitDigest
from kiosk_protocol.messages import Envelope, FeedEntry, SiteConfiguration
from kiosk_protocol.trust import TrustState


@dataclass(frozen=True, slots=True)
class ClockMemory:
    """What of the clock guard outlives the process."""

    floor_ms: int
    anchor: Anchor | None


@dataclass(frozen=True, slots=True)
class CheckInDraft:
    """Everything that one transaction makes durable: used visit, outbox item, audit row, floor."""

    check_in_id: CheckInId
    digest: VisitDigest
    expires_s: int
    decided_at_ms: int
    sealed: bytes
    seal_kid: KeyId
    mode: str
    clock: str
    known: bool
    memory: ClockMemory


@dataclass(frozen=True, slots=True)
class VisitLookup:
    """What the store holds about one visit. ``feed_age_from_ms`` is when the feed was last complete."""

    used: bool
    entry: FeedEntry | None
    feed_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """A paired kiosk: who it is, where it talks to, whom it believes, and its site's settings."""

    device: DeviceId
    tenant: TenantId
    site: SiteId
    base_url: str
    ca_certificate: str | None
    """PEM; None: the system's certificate store."""
    device_token: str
    device_key: bytes
    """Raw public key; the private one is in the key folder."""
    configuration: SiteConfiguration
    trust: TrustState


@dataclass(frozen=True, slots=True)
class PairingRecord:
    """What a successful pairing makes durable in one transaction."""

    device: DeviceId
    tenant: TenantId
    site: SiteId
    base_url: str
    ca_certificate: str | None
    device_token: str
    device_key: bytes
    configuration: SiteConfiguration
    root: Envelope
    bundle: Envelope
    paired_at_ms: int
    memory: ClockMemory
