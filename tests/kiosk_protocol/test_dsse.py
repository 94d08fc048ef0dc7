"""Envelopes: exact bytes of one type, signed by somebody who counts."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kiosk_protocol.dsse import open_envelope, pre_authentication_encoding, read_unverified_payload, sign_envelope
from kiosk_protocol.errors import EnvelopeError
from kiosk_protocol.messages import Envelope, EnvelopeSignature, decode, encode
from tests.kiosk_protocol.samples import STRANGER_KEY, VISIT_KEY, VISIT_KEYS, VISIT_KID, kid_of

KIND = "application/vnd.atrium.test+json"
ENVELOPE = sign_envelope(KIND, b'{"a":1}', [(VISIT_KID, VISIT_KEY)])


def test_what_is_signed_is_the_encoding_of_the_dsse_specification() -> None:
    """The specification's own example, and lengths in bytes rather than characters."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pre_authentication_encoding("http://example.com/HelloWorld", b"hello world") == expected
    assert pre_authentication_encoding("é", b"") == "DSSEv1 2 é 0 ".encode()


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_a_payload_comes_back_bit_for_bit(payload: bytes) -> None:
    """Through the envelope's JSON, whatever the bytes."""
    envelope = decode(encode(sign_envelope(KIND, payload, [(VISIT_KID, VISIT_KEY)])), Envelope)
    assert open_envelope(envelope, KIND, VISIT_KEYS) == payload
    assert read_unverified_payload(envelope, KIND) == payload


def test_one_signature_that_counts_is_enough() -> None:
    """Signatures by keys of other generations are passed over."""
    signers = [(kid_of(STRANGER_KEY), STRANGER_KEY), (VISIT_KID, VISIT_KEY)]
    assert open_envelope(sign_envelope(KIND, b"x", signers), KIND, VISIT_KEYS) == b"x"


def _with(**changes: object) -> Envelope:
    return replace(ENVELOPE, **changes)


def _signature(keyid: str = VISIT_KID, sig: str = ENVELOPE.signatures[0].sig) -> tuple[EnvelopeSignature, ...]:
    return (EnvelopeSignature(keyid=keyid, sig=sig),)


SHORT = base64.b64encode(bytes(63)).decode()
REFUSED = {
    "another type": (_with(payload_type=KIND + "2"), "envelope_type"),
    "another payload": (_with(payload=base64.b64encode(b'{"a":2}').decode()), "envelope_signature"),
    "payload in the url-safe alphabet": (_with(payload="-_-_"), "envelope_encoding"),
    "payload without padding": (_with(payload="YQ"), "envelope_encoding"),
    "payload with stray bits": (_with(payload="YR=="), "envelope_encoding"),
    "payload with a line feed": (_with(payload=ENVELOPE.payload + "\n"), "envelope_encoding"),
    "payload not ASCII": (_with(payload="é"), "envelope_encoding"),
    "a stranger's signature": (sign_envelope(KIND, b"x", [(kid_of(STRANGER_KEY), STRANGER_KEY)]), "envelope_signature"),
    "a stranger's signature under our name": (
        sign_envelope(KIND, b"x", [(VISIT_KID, STRANGER_KEY)]),
        "envelope_signature",
    ),
    "a signature over another type": (
        replace(sign_envelope("other", b'{"a":1}', [(VISIT_KID, VISIT_KEY)]), payload_type=KIND),
        "envelope_signature",
    ),
    "a short signature": (_with(signatures=_signature(sig=SHORT)), "envelope_signature"),
    "a signature in another spelling": (
        _with(signatures=_signature(sig=ENVELOPE.signatures[0].sig.rstrip("="))),
        "envelope_encoding",
    ),
    "no signatures": (_with(signatures=()), "envelope_signature"),
}


@pytest.mark.parametrize(("envelope", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_an_envelope_that_does_not_count_is_refused(envelope: Envelope, code: str) -> None:
    """Type, spelling and signature each have a code."""
    with pytest.raises(EnvelopeError) as caught:
        open_envelope(envelope, KIND, VISIT_KEYS)
    assert caught.value.code == code


def test_an_unverified_payload_is_still_of_its_type() -> None:
    """Reading it without a signature forgives neither type nor spelling."""
    with pytest.raises(EnvelopeError, match="envelope_type"):
        read_unverified_payload(ENVELOPE, "other")
    with pytest.raises(EnvelopeError, match="envelope_encoding"):
        read_unverified_payload(replace(ENVELOPE, payload="*"), KIND)
