"""The signed revocation of a kiosk: the only word on which a kiosk erases what it knows.

Signed by a bundle key, it names the device and its key. Any other refusal, from a proxy or a restored database, must
not wipe a fleet, so this module answers one question only: does this envelope revoke *me*?
"""

from typing import Final, Literal

from kiosk_protocol import dsse
from kiosk_protocol.errors import DocumentError
from kiosk_protocol.identifiers import DeviceId
from kiosk_protocol.messages import Envelope, Key32, LongId, NotNegative
from kiosk_protocol.trust import Document, TrustState, read_document

REVOCATION_TYPE: Final = "application/vnd.atrium.revocation+json"


class RevocationDocument(Document, frozen=True, kw_only=True):
    """This device with this key is no kiosk of the tenant any more, since ``issued_at`` (seconds since 1970)."""

    type: Literal["revocation"]
    tenant_id: LongId
    device_id: LongId
    device_key: Key32
    issued_at: NotNegative


def read_revocation(envelope: Envelope, trust: TrustState, device: DeviceId, device_key: str) -> RevocationDocument:
    """Return the revocation of exactly this device and key.

    Args:
        envelope: As it came with the refusal.
        trust: The kiosk's own; the revocation counts if one of the root's bundle keys signed it.
        device: Who this kiosk is.
        device_key: Its public key in base64url.

    Raises:
        EnvelopeError: not signed by a bundle key of this tenant's root.
        EncodingError: the signed bytes are no strict JSON.
        DocumentError: ``shape``, ``tenant``, or ``other_device`` where it names another device or key.
    """
    document = read_document(dsse.open_envelope(envelope, REVOCATION_TYPE, trust.bundle_signers()), RevocationDocument)
    if document.tenant_id != trust.root.tenant_id:
        raise DocumentError("tenant")
    if (document.device_id, document.device_key) != (device, device_key):
        raise DocumentError("other_device")
    return document
