"""The handover: what waits in a kiosk that is one no more, or another one by now, signed by the key that it had.

There is no device token: a revocation erased it, or a later pairing replaced it. The signature stands for it, over the
items, over whom they are handed to, and over a nonce of that server, so that nothing of it counts anywhere else or
later. The items themselves are sealed and signed as ever.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta
from nacl.signing import SigningKey

from kiosk_protocol.dsse import open_envelope, read_unverified_payload, sign_envelope
from kiosk_protocol.errors import DocumentError
from kiosk_protocol.identifiers import key_id_of
from kiosk_protocol.keys import PublicKey
from kiosk_protocol.messages import MAX_BATCH_ENTRIES, MAX_BODY_BYTES, Envelope, LongId, OutboxEntry, encode
from kiosk_protocol.strict_json import read_object
from kiosk_protocol.trust import Document

HANDOVER_TYPE: Final = "application/vnd.atrium.handover+json"
MAX_PAYLOAD_BYTES: Final = (MAX_BODY_BYTES - 4096) * 3 // 4
"""What fits a body in base64, beside the envelope's own members."""
_MAX_DEPTH: Final = 3


class HandoverDocument(Document, frozen=True, kw_only=True):
    """Items of one chain of one device, for the server at the public address ``server``; ``nonce`` is its, or empty.

    The device is known by the public key it was paired with, and by nothing else.
    """

    type: Literal["handover"]
    server: Annotated[str, Meta(max_length=512)]
    nonce: Annotated[str, Meta(max_length=128)]
    tenant_id: LongId
    device_id: LongId
    chain_id: LongId
    entries: Annotated[tuple[OutboxEntry, ...], Meta(min_length=1, max_length=MAX_BATCH_ENTRIES)]


def sign_handover(document: HandoverDocument, device_key: SigningKey) -> Envelope:
    """Return ``document`` signed by the key that the device had."""
    kid = key_id_of(bytes(device_key.verify_key))
    return sign_envelope(HANDOVER_TYPE, encode(document), [(kid, device_key)])


def read_unverified_handover(envelope: Envelope) -> HandoverDocument:
    """Return what the envelope says, which anybody may have written: only to learn whose key must have signed it.

    Raises:
        EnvelopeError: ``envelope_type`` or ``envelope_encoding``.
        EncodingError: no strict JSON.
        DocumentError: ``shape``.
    """
    payload = read_unverified_payload(envelope, HANDOVER_TYPE)
    members = read_object(payload, max_bytes=MAX_PAYLOAD_BYTES, max_depth=_MAX_DEPTH)
    try:
        return msgspec.convert(members, HandoverDocument, strict=True)
    except msgspec.ValidationError:
        raise DocumentError("shape") from None


def check_handover(envelope: Envelope, device_key: bytes) -> None:
    """Make sure that the device with the raw public ``device_key`` signed what :func:`read_unverified_handover` read.

    Raises:
        EnvelopeError: it did not.
        DocumentError: ``key_encoding`` and ``key_point`` for no fit device key.
    """
    device = PublicKey(key_id_of(device_key), device_key)
    open_envelope(envelope, HANDOVER_TYPE, {device.kid: device})
