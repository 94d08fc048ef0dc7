"""Public keys: judged when they are built, and never surprised by a signature."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import DocumentError
from kiosk_protocol.identifiers import KeyId
from kiosk_protocol.keys import PublicKey, Purpose, key_set, load_public_key
from tests.kiosk_protocol.samples import BASE_POINT_ORDER, VISIT_KEY, VISIT_KID, public

FIELD_PRIME = 2**255 - 19

# The eight points of small order, and spellings of theirs that are not canonical (libsodium's own list).
WEAK_POINTS = {
    "order 1": (1).to_bytes(32, "little"),
    "order 2": (FIELD_PRIME - 1).to_bytes(32, "little"),
    "order 4": bytes(32),
    "order 4, negative": bytes(31) + b"\x80",
    "order 8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    "order 8, other": bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    "order 1, not canonical": (FIELD_PRIME + 1).to_bytes(32, "little"),
    "order 4, not canonical": FIELD_PRIME.to_bytes(32, "little"),
    "order 1, wrong sign": (1 | 1 << 255).to_bytes(32, "little"),
    "all ones": b"\xff" * 32,
    "on no curve": (2).to_bytes(32, "little"),
}


@pytest.mark.parametrize("raw", WEAK_POINTS.values(), ids=WEAK_POINTS.keys())
def test_a_weak_key_is_refused_when_it_is_loaded(raw: bytes) -> None:
    """Keys of small order, not canonical, or on no curve never enter a key set."""
    with pytest.raises(DocumentError, match="key_point"):
        load_public_key(VISIT_KID, base64url_encode(raw))


def test_no_encoding_that_is_not_canonical_is_a_key() -> None:
    """All 19 numbers between the field's prime and 2^255, with either sign: lenient readers take them for points."""
    for number in range(FIELD_PRIME, 1 << 255):
        for sign in (0, 1 << 255):
            with pytest.raises(DocumentError, match="key_point"):
                PublicKey(VISIT_KID, (number | sign).to_bytes(32, "little"))


def test_a_key_with_a_small_order_part_is_refused() -> None:
    """A point outside the prime-order subgroup is on the curve and still no key: it has eight valid relatives."""
    # Adding the point of order 2 to (x, y) gives (-x, -y): the sign bit and y change.
    raw = bytes(VISIT_KEY.verify_key)
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    mixed = (FIELD_PRIME - y | (1 - sign) << 255).to_bytes(32, "little")
    with pytest.raises(DocumentError, match="key_point"):
        PublicKey(VISIT_KID, mixed)


@pytest.mark.parametrize(
    ("kid", "text", "code"),
    [
        ("short", base64url_encode(bytes(VISIT_KEY.verify_key)), "key_id"),
        (VISIT_KID, "not base64url", "key_encoding"),
        (VISIT_KID, base64url_encode(bytes(VISIT_KEY.verify_key)) + "=", "key_encoding"),
        (VISIT_KID, base64url_encode(bytes(31)), "key_encoding"),
        (VISIT_KID, base64url_encode(bytes(33)), "key_encoding"),
        (VISIT_KID, "", "key_encoding"),
    ],
)
def test_a_key_that_is_none_is_refused(kid: str, text: str, code: str) -> None:
    """Name, spelling and size are judged before the point."""
    with pytest.raises(DocumentError) as caught:
        load_public_key(kid, text)
    assert caught.value.code == code


def test_a_loaded_key_verifies_what_its_private_half_signed() -> None:
    """And only that."""
    key = load_public_key(VISIT_KID, base64url_encode(bytes(VISIT_KEY.verify_key)))
    signature = VISIT_KEY.sign(b"message").signature
    assert key.verifies(b"message", signature)
    assert not key.verifies(b"massage", signature)
    assert not key.verifies(b"message", signature[:63])
    assert not key.verifies(b"message", signature + b"\0")


def test_a_second_signature_cannot_be_derived_from_the_first() -> None:
    """S + L satisfies the equation too; RFC 8032 §5.1.7 refuses it."""
    signature = VISIT_KEY.sign(b"message").signature
    raised = int.from_bytes(signature[32:], "little") + BASE_POINT_ORDER
    assert not public(VISIT_KEY).verifies(b"message", signature[:32] + raised.to_bytes(32, "little"))


@given(st.binary(max_size=80), st.binary(max_size=100))
@settings(deadline=None)
def test_verification_never_raises(message: bytes, signature: bytes) -> None:
    """Bytes at random are a wrong signature, of whatever size."""
    assert public(VISIT_KEY).verifies(message, signature) is False


def test_a_key_counts_from_its_first_second_to_before_its_last() -> None:
    """``not_after`` is excluded."""
    key = public(VISIT_KEY, 10, 20)
    assert [key.is_valid_at(now) for now in (9, 10, 19, 20)] == [False, True, True, False]


def test_two_keys_of_one_name_are_refused() -> None:
    """Which of the two would count is anybody's guess."""
    key = public(VISIT_KEY)
    assert key_set([key]) == {VISIT_KID: key}
    with pytest.raises(DocumentError, match="duplicate_kid"):
        key_set([key, PublicKey(KeyId(VISIT_KID), key.raw)])


def test_a_key_without_a_span_counts_at_any_time_there_is() -> None:
    """From 1970 to the last second that every reader of JSON reads exactly (RFC 7493 §2.2)."""
    for key in (
        PublicKey(VISIT_KID, bytes(VISIT_KEY.verify_key)),
        load_public_key(VISIT_KID, base64url_encode(bytes(VISIT_KEY.verify_key))),
    ):
        assert (key.not_before, key.not_after) == (0, 9_007_199_254_740_991)


def test_the_purposes_are_a_closed_list() -> None:
    """Each is a word of the wire format."""
    assert get_args(Purpose) == ("visit", "device", "time", "seal", "licence")
