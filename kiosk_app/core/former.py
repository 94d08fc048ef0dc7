"""What this kiosk was before: whose items still wait in it, and where they are to go."""

from dataclasses import dataclass

from kiosk_protocol.identifiers import DeviceId, TenantId


@dataclass(frozen=True, slots=True)
class FormerPairing:
    """A pairing that ended while items waited. ``name`` is that of the folders with its items and its key."""

    name: str
    device: DeviceId
    tenant: TenantId
    base_url: str
    ca_certificate: str | None
    """PEM, as it was believed then; None: the system's certificate store."""
    chain_id: str
