"""The check-in record: what a kiosk states about one admission, signed by its device key."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta
from nacl.signing import SigningKey

from kiosk_protocol.dsse import open_envelope, sign_envelope
from kiosk_protocol.errors import DocumentError
from kiosk_protocol.identifiers import key_id_of
from kiosk_protocol.keys import PublicKey
from kiosk_protocol.messages import (
    CheckInIdText,
    Envelope,
    LongId,
    NotNegative,
    ShortId,
    TokenText,
    decode,
    encode,
)
from kiosk_protocol.strict_json import read_object
from kiosk_protocol.trust import Document

RECORD_TYPE: Final = "application/vnd.atrium.check-in+json"
MAX_RECORD_BYTES: Final = 16 * 1024


class CheckInRecord(Document, frozen=True, kw_only=True):
    """One admission as it happened. The token is the evidence; the server verifies it again.

    ``known`` says whether the kiosk had heard of the visit; ``clock`` how sure it was of the time. Times in
    milliseconds since 1970 by the kiosk's estimate.
    """

    type: Literal["check-in"]
    check_in_id: CheckInIdText
    tenant_id: LongId
    site_id: ShortId
    device_id: LongId
    token: TokenText
    scanned_at_ms: NotNegative
    decided_at_ms: NotNegative
    mode: Literal["online", "offline"]
    clock: Literal["sure", "plausible"]
    known: bool
    app_version: Annotated[str, Meta(max_length=32)]


def sign_record(record: CheckInRecord, device_key: SigningKey) -> bytes:
    """Return the bytes of a DSSE envelope with ``record``, signed by ``device_key``."""
    kid = key_id_of(bytes(device_key.verify_key))
    return encode(sign_envelope(RECORD_TYPE, encode(record), [(kid, device_key)]))


def read_record(data: bytes, device_key: bytes) -> CheckInRecord:
    """Return the record in an envelope's bytes, signed by the device with the raw public ``device_key``.

    Raises:
        EncodingError: no envelope, or its payload no strict JSON.
        EnvelopeError: not signed by this device.
        DocumentError: ``shape``, or ``key_encoding`` and ``key_point`` for no fit device key.
    """
    return read_record_of(data, PublicKey(key_id_of(device_key), device_key))


def read_record_of(data: bytes, device: PublicKey) -> CheckInRecord:
    """Return the record as :func:`read_record` does, for readers of many: a key is judged once, when it is loaded.

    Raises:
        EncodingError: no envelope, or its payload no strict JSON.
        EnvelopeError: not signed by this device.
        DocumentError: ``shape``.
    """
    payload = open_envelope(decode(data, Envelope), RECORD_TYPE, {device.kid: device})
    members = read_object(payload, max_bytes=MAX_RECORD_BYTES, max_depth=1)
    try:
        return msgspec.convert(members, CheckInRecord, strict=True)
    except msgspec.ValidationError:
        raise DocumentError("shape") from None
