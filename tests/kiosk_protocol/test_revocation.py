"""A kiosk erases nothing but on a revocation that a bundle key signed and that names exactly this device and key."""

from typing import Any

import pytest

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import DocumentError, EncodingError, EnvelopeError, ProtocolError
from kiosk_protocol.messages import Envelope, RevokedBody, decode, encode
from kiosk_protocol.revocation import REVOCATION_TYPE, RevocationDocument, read_revocation
from kiosk_protocol.signing import sign_envelope, sign_revocation
from tests.kiosk_protocol.samples import DEVICE, DEVICE_KEY, NOON, STRANGER_KEY, TENANT, kid_of, long_id
from tests.kiosk_protocol.test_trust import BUNDLE_KEY, ROOT_KEY, STATE

KEY_TEXT = base64url_encode(bytes(DEVICE_KEY.verify_key))


def revocation(**changes: Any) -> RevocationDocument:
    members = {
        "type": "revocation",
        "tenant_id": TENANT,
        "device_id": DEVICE,
        "device_key": KEY_TEXT,
        "issued_at": NOON,
    }
    return RevocationDocument(**(members | changes))


def signed(document: RevocationDocument) -> Envelope:
    return sign_revocation(document, kid_of(BUNDLE_KEY), BUNDLE_KEY)


def test_a_revocation_of_this_device_is_read() -> None:
    """Also as it travels: in the body of a refusal."""
    body = RevokedBody(error="device_revoked", message="This kiosk was revoked.", revocation=signed(revocation()))
    envelope = decode(encode(body), RevokedBody).revocation
    assert read_revocation(envelope, STATE, DEVICE, KEY_TEXT) == revocation()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tenant_id": long_id("other tenant")}, "tenant"),
        ({"device_id": long_id("other device")}, "other_device"),
        ({"device_key": base64url_encode(bytes(STRANGER_KEY.verify_key))}, "other_device"),
    ],
)
def test_a_revocation_of_somebody_else_is_refused(changes: dict[str, str], code: str) -> None:
    """A tenant, device or key that is not ours: nothing happens here."""
    with pytest.raises(DocumentError) as refused:
        read_revocation(signed(revocation(**changes)), STATE, DEVICE, KEY_TEXT)
    assert refused.value.code == code


@pytest.mark.parametrize("key", [STRANGER_KEY, ROOT_KEY, DEVICE_KEY], ids=["stranger", "root", "device"])
def test_only_a_bundle_key_revokes(key: Any) -> None:
    """Not the root key, not the device itself: each key has its purpose."""
    with pytest.raises(EnvelopeError):
        read_revocation(sign_revocation(revocation(), kid_of(key), key), STATE, DEVICE, KEY_TEXT)


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"type":"bundle"}', b"\xff", b"[]"])
def test_signed_bytes_that_are_no_revocation_are_refused(payload: bytes) -> None:
    """Whatever a bundle key signed under this type."""
    envelope = sign_envelope(REVOCATION_TYPE, payload, [(kid_of(BUNDLE_KEY), BUNDLE_KEY)])
    with pytest.raises(ProtocolError) as refused:
        read_revocation(envelope, STATE, DEVICE, KEY_TEXT)
    assert isinstance(refused.value, DocumentError | EncodingError)


def test_a_signature_over_another_type_is_no_revocation() -> None:
    """A bundle's envelope cannot be passed off as one."""
    with pytest.raises(EnvelopeError) as refused:
        read_revocation(STATE.bundle_envelope, STATE, DEVICE, KEY_TEXT)
    assert refused.value.code == "envelope_type"
