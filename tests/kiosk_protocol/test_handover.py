"""The handover's envelope: signed by the device key over the items and whom they are for."""

import base64
import json

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from kiosk_protocol.dsse import sign_envelope
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import DocumentError, EncodingError, EnvelopeError
from kiosk_protocol.handover import (
    HANDOVER_TYPE,
    MAX_PAYLOAD_BYTES,
    HandoverDocument,
    check_handover,
    read_unverified_handover,
    sign_handover,
)
from kiosk_protocol.identifiers import key_id_of
from kiosk_protocol.messages import MAX_BATCH_ENTRIES, MAX_BODY_BYTES, OutboxEntry, encode

KEY = SigningKey(b"k" * 32)
PUBLIC = bytes(KEY.verify_key)
ENTRY = OutboxEntry(
    check_in_id="01890a5d-ac96-7000-8000-000000000001",
    sequence=1,
    hash=base64url_encode(b"h" * 32),
    chain=base64url_encode(b"c" * 32),
    seal_kid="SealKid1",
    sealed=base64url_encode(b"sealed"),
)
DOCUMENT = HandoverDocument(
    type="handover",
    server="https://door.example:8443",
    nonce="",
    tenant_id="T" * 22,
    device_id="D" * 22,
    chain_id="C" * 22,
    entries=(ENTRY,),
)


def signed(payload: bytes):
    return sign_envelope(HANDOVER_TYPE, payload, [(key_id_of(PUBLIC), KEY)])


def test_what_was_signed_is_read_and_checks_under_the_devices_key() -> None:
    envelope = sign_handover(DOCUMENT, KEY)
    assert read_unverified_handover(envelope) == DOCUMENT
    check_handover(envelope, PUBLIC)


def test_another_key_and_other_bytes_do_not_check() -> None:
    envelope = sign_handover(DOCUMENT, KEY)
    with pytest.raises(EnvelopeError):
        check_handover(envelope, bytes(SigningKey(b"x" * 32).verify_key))
    other = base64.b64encode(encode(replace(DOCUMENT, server="https://other.example"))).decode()
    with pytest.raises(EnvelopeError):
        check_handover(replace(envelope, payload=other), PUBLIC)


def test_an_unfit_device_key_checks_nothing() -> None:
    """Under a point of small order one signature would fit every message."""
    with pytest.raises(DocumentError):
        check_handover(sign_handover(DOCUMENT, KEY), bytes(32))


def test_another_type_is_no_handover() -> None:
    """What the key signed as something else, a check-in for instance, hands nothing over."""
    with pytest.raises(EnvelopeError):
        read_unverified_handover(sign_envelope("application/x", encode(DOCUMENT), [(key_id_of(PUBLIC), KEY)]))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "check-in"},
        {"entries": []},
        {"more": 1},
        {"tenantId": "short"},
        {"nonce": "n" * 129},
        {"server": "s" * 513},
        {"entries": [json.loads(encode(ENTRY))] * (MAX_BATCH_ENTRIES + 1)},
        {"entries": [{**json.loads(encode(ENTRY)), "sequence": True}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_shape_is_refused(change: dict[str, object]) -> None:
    payload = json.dumps({**json.loads(encode(DOCUMENT)), **change}).encode()
    with pytest.raises(DocumentError):
        read_unverified_handover(signed(payload))


def test_strictness_is_that_of_all_signed_bytes() -> None:
    for payload in (
        b"",
        b"[]",
        b'{"type":"a","type":"a"}',
        b'{"a":' * 5 + b"1" + b"}" * 5,
        b"{" + b" " * MAX_BODY_BYTES,
    ):
        with pytest.raises(EncodingError):
            read_unverified_handover(signed(payload))


def test_the_largest_payload_fits_a_body() -> None:
    envelope = signed(b"{" + b" " * (MAX_PAYLOAD_BYTES - 1))
    assert len(encode(envelope)) <= MAX_BODY_BYTES
