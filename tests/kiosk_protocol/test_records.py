"""Check-in records: what the device signed, and nothing that only looks like it."""

import json
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from kiosk_protocol.dsse import sign_envelope
from kiosk_protocol.errors import DocumentError, EncodingError, EnvelopeError
from kiosk_protocol.identifiers import uuid7
from kiosk_protocol.messages import MAX_SEALED_BYTES, encode
from kiosk_protocol.records import MAX_RECORD_BYTES, RECORD_TYPE, CheckInRecord, read_record, sign_record
from kiosk_protocol.sealing import seal_item
from tests.kiosk_protocol.hostile_tokens import TOKEN
from tests.kiosk_protocol.samples import DEVICE, DEVICE_KEY, NOON, SITE, STRANGER_KEY, TENANT, kid_of, random_bytes
from tests.kiosk_protocol.test_sealing import SEAL_KEY

DEVICE_PUBLIC = bytes(DEVICE_KEY.verify_key)
RECORD = CheckInRecord(
    type="check-in",
    check_in_id=uuid7(NOON * 1000, random_bytes("check-in", 10)),
    tenant_id=TENANT,
    site_id=SITE,
    device_id=DEVICE,
    token=TOKEN,
    scanned_at_ms=NOON * 1000,
    decided_at_ms=NOON * 1000 + 80,
    mode="offline",
    clock="sure",
    known=True,
    app_version="0.1.0",
)


def signed(payload: bytes) -> bytes:
    """Return any bytes as an item that the device signed."""
    return encode(sign_envelope(RECORD_TYPE, payload, [(kid_of(DEVICE_KEY), DEVICE_KEY)]))


def test_a_record_comes_back_as_it_was_signed() -> None:
    """Through the envelope, by the device's public key."""
    assert read_record(sign_record(RECORD, DEVICE_KEY), DEVICE_PUBLIC) == RECORD


def test_the_largest_record_fits_a_sealed_item() -> None:
    """With a token as long as may be read, envelope and seal stay far below 64 KiB."""
    longest = replace(RECORD, token="x" * 1024, app_version="9" * 32)
    assert len(seal_item(sign_record(longest, DEVICE_KEY), bytes(SEAL_KEY.public_key))) < MAX_SEALED_BYTES // 8


def test_a_record_of_16_kib_is_read_and_no_larger_one() -> None:
    """White space counts."""
    payload = encode(RECORD).ljust(16_384)
    assert read_record(signed(payload), DEVICE_PUBLIC) == RECORD
    with pytest.raises(EncodingError, match="json_size"):
        read_record(signed(payload + b" "), DEVICE_PUBLIC)


def test_another_devices_record_is_refused() -> None:
    """By name, and under a forged name."""
    with pytest.raises(EnvelopeError, match="envelope_signature"):
        read_record(sign_record(RECORD, STRANGER_KEY), DEVICE_PUBLIC)
    forged = sign_envelope(RECORD_TYPE, encode(RECORD), [(kid_of(DEVICE_KEY), STRANGER_KEY)])
    with pytest.raises(EnvelopeError, match="envelope_signature"):
        read_record(encode(forged), DEVICE_PUBLIC)


def test_a_document_of_another_type_is_no_record() -> None:
    """Even signed by the device."""
    envelope = sign_envelope("application/vnd.atrium.time+json", encode(RECORD), [(kid_of(DEVICE_KEY), DEVICE_KEY)])
    with pytest.raises(EnvelopeError, match="envelope_type"):
        read_record(encode(envelope), DEVICE_PUBLIC)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"null", b"[" * 5000])
def test_bytes_that_are_no_envelope_are_refused(data: bytes) -> None:
    """Without a traceback."""
    with pytest.raises(EncodingError):
        read_record(data, DEVICE_PUBLIC)


@pytest.mark.parametrize(
    ("raw", "code"), [(bytes(32), "key_point"), (b"", "key_encoding"), (bytes(33), "key_encoding")]
)
def test_a_device_key_that_is_none_reads_nothing(raw: bytes, code: str) -> None:
    """Under a key of small order every record would be signed."""
    with pytest.raises(DocumentError, match=code):
        read_record(sign_record(RECORD, DEVICE_KEY), raw)


MEMBERS: dict[str, Any] = json.loads(encode(RECORD))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "check-out"},
        {"extra": 1},
        {"checkInId": MEMBERS["checkInId"].upper()},
        {"checkInId": MEMBERS["checkInId"] + "\n"},
        {"checkInId": "00000000-0000-4000-8000-000000000000"},
        {"tenantId": "short"},
        {"deviceId": MEMBERS["deviceId"] + "\n"},
        {"token": "short"},
        {"scannedAtMs": True},
        {"scannedAtMs": -1},
        {"decidedAtMs": str(NOON)},
        {"mode": "late"},
        {"clock": "suspect"},
        {"known": 1},
        {"known": None},
        {"appVersion": "x" * 33},
        {"token": UNSET},
    ],
)
def test_a_signed_record_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    """Missing, foreign or mistyped members, though the device signed them."""
    members = {name: value for name, value in {**MEMBERS, **change}.items() if value is not UNSET}
    with pytest.raises(DocumentError, match="shape"):
        read_record(signed(json.dumps(members).encode()), DEVICE_PUBLIC)


def test_a_record_may_be_as_large_as_16_kib() -> None:
    """White space is no content, but counts."""
    assert read_record(signed(encode(RECORD).ljust(16 * 1024)), DEVICE_PUBLIC) == RECORD


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (encode(RECORD)[:-1] + b',"known":false}', "json_duplicate_member"),
        (encode(RECORD).replace(b'"known":true', b'"known":[]'), "json_depth"),
        (encode(RECORD).ljust(MAX_RECORD_BYTES + 1), "json_size"),
    ],
)
def test_a_signed_record_in_loose_json_is_refused(payload: bytes, code: str) -> None:
    """Two readers must not see two records."""
    with pytest.raises(EncodingError, match=code):
        read_record(signed(payload), DEVICE_PUBLIC)
