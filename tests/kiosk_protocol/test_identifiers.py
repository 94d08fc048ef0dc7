"""Names of things, and what is made from them."""

import hashlib
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.identifiers import (
    LONG_ID_BYTES,
    SHORT_ID_BYTES,
    VisitId,
    is_key_id,
    is_long_id,
    is_site_id,
    key_id_of,
    uuid7,
    visit_digest,
)


@pytest.mark.parametrize(("judge", "size"), [(is_long_id, 22), (is_site_id, 11), (is_key_id, 8)])
def test_an_identifier_is_judged_by_length_and_alphabet(judge: object, size: int) -> None:
    """Only the right number of url-safe characters is a name; a line feed behind it is not overlooked."""
    assert callable(judge)
    assert judge("-_Az09" + "x" * (size - 6))
    for text in ("", "A" * (size - 1), "A" * (size + 1), "A" * size + "\n", "A" * (size - 1) + "+", "Å" * size):
        assert not judge(text)


def test_a_digest_is_the_hash_of_the_visit_and_nothing_else() -> None:
    """SHA-256 of the 22 ASCII characters, in base64url."""
    assert base64url_decode(visit_digest(VisitId("A" * 22))) == hashlib.sha256(b"A" * 22).digest()


def test_a_key_is_named_by_its_hash() -> None:
    """The kid of a new key is the beginning of its SHA-256 and fits where a kid is read."""
    assert is_key_id(key_id_of(bytes(32)))
    assert base64url_decode(key_id_of(bytes(32))) == hashlib.sha256(bytes(32)).digest()[:6]


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
@settings(deadline=None)
def test_a_uuid7_keeps_its_time_and_is_one(unix_ms: int, random_10: bytes) -> None:
    """The standard library finds version, variant and time where RFC 9562 puts them."""
    text = uuid7(unix_ms, random_10)
    value = uuid.UUID(text)
    assert str(value) == text
    assert value.version == 7
    assert value.variant == uuid.RFC_4122
    assert value.int >> 80 == unix_ms
    assert value.int >> 64 & 0xFFF == int.from_bytes(random_10[:2], "big") & 0xFFF
    assert value.int & (1 << 56) - 1 == int.from_bytes(random_10[3:], "big")


def test_a_uuid7_of_a_time_beyond_its_48_bits_wraps() -> None:
    """In the year 10889; a wrong clock must not make an identifier of another form."""
    assert uuid7((1 << 48) + 5, bytes(10)) == uuid7(5, bytes(10)) == "00000000-0005-7000-8000-000000000000"
    assert uuid7((1 << 48) - 1, bytes(10)).startswith("ffffffff-ffff-7")


def test_random_bytes_of_the_named_sizes_make_identifiers() -> None:
    """16 and 8 bytes are spelled in the 22 and 11 characters that readers ask for."""
    assert is_long_id(base64url_encode(bytes(LONG_ID_BYTES)))
    assert is_site_id(base64url_encode(bytes(SHORT_ID_BYTES)))
