"""DSSE envelopes: exact bytes with signatures over their type and content (secure-systems-lab/dsse, protocol.md).

What is signed is PAE(type, payload), never the JSON around it, so no canonical JSON is needed and bytes of one type
never pass for another.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence

from nacl.signing import SigningKey

from kiosk_protocol.errors import EnvelopeError
from kiosk_protocol.identifiers import KeyId
from kiosk_protocol.keys import PublicKey
from kiosk_protocol.messages import Envelope, EnvelopeSignature


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: ``DSSEv1 LEN type LEN payload``, lengths in bytes as ASCII decimals."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign_envelope(payload_type: str, payload: bytes, signers: Sequence[tuple[KeyId, SigningKey]]) -> Envelope:
    """Return ``payload`` in an envelope signed by each of ``signers``."""
    message = pre_authentication_encoding(payload_type, payload)
    signatures = tuple(EnvelopeSignature(keyid=kid, sig=_encode(key.sign(message).signature)) for kid, key in signers)
    return Envelope(payload_type=payload_type, payload=_encode(payload), signatures=signatures)


def open_envelope(envelope: Envelope, payload_type: str, keys: Mapping[str, PublicKey]) -> bytes:
    """Return the payload, once a signature by one of ``keys`` is found good.

    Signatures by other keys are passed over: a document may be signed for readers of several generations.

    Raises:
        EnvelopeError: ``envelope_type``, ``envelope_encoding``, or ``envelope_signature`` where none of ``keys``
            signed these bytes.
    """
    if envelope.payload_type != payload_type:
        raise EnvelopeError("envelope_type")
    payload = _decode(envelope.payload)
    message = pre_authentication_encoding(payload_type, payload)
    for signature in envelope.signatures:
        key = keys.get(signature.keyid)
        if key is not None and key.verifies(message, _decode(signature.sig)):
            return payload
    raise EnvelopeError("envelope_signature")


def read_unverified_payload(envelope: Envelope, payload_type: str) -> bytes:
    """Return the payload without judging a signature: for a document that itself names the keys that must sign it.

    Raises:
        EnvelopeError: ``envelope_type`` or ``envelope_encoding``.
    """
    if envelope.payload_type != payload_type:
        raise EnvelopeError("envelope_type")
    return _decode(envelope.payload)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise EnvelopeError("envelope_encoding") from None
    if _encode(data) != text:
        raise EnvelopeError("envelope_encoding")
    return data
