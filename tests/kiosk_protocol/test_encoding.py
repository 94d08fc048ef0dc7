"""base64url and base45: one spelling for each value."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk_protocol.encoding import base45_decode, base45_encode, base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError


def decoded(decode: Callable[[str], bytes], text: str) -> bytes | None:
    """Return the bytes behind ``text``, or None where it is refused; any other exception fails the test."""
    try:
        return decode(text)
    except EncodingError:
        return None


QR_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_base64url_brings_back_what_went_in(data: bytes) -> None:
    """Encoding and decoding are inverse, and the text is that of the standard library without padding."""
    text = base64url_encode(data)
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert base64url_decode(text) == data


@given(st.text(max_size=40) | st.text("ABab01-_+/=", max_size=12))
@settings(deadline=None)
@example("\ud800")
def test_a_text_read_as_base64url_is_the_only_spelling(text: str) -> None:
    """Whatever decodes at all encodes to the very same text."""
    data = decoded(base64url_decode, text)
    assert data is None or base64url_encode(data) == text


@pytest.mark.parametrize("text", ["A", "AA=", "AA==", "AB", "AAAA=", "++++", "////", "AA AA", "AAAA\n", "Ä", "A" * 5])
def test_base64url_refuses_second_spellings(text: str) -> None:
    """Padding, stray bits, the other alphabet, white space and impossible lengths are refused."""
    with pytest.raises(EncodingError, match="not_base64url"):
        base64url_decode(text)


@pytest.mark.parametrize(
    ("data", "text"), [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")]
)
def test_base45_follows_the_examples_of_its_rfc(data: bytes, text: str) -> None:
    """RFC 9285 §4.3 and §4.4, in both directions."""
    assert base45_encode(data) == text
    assert base45_decode(text) == data


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_base45_brings_back_what_went_in(data: bytes) -> None:
    """Encoding and decoding are inverse, within the QR alphanumeric set."""
    text = base45_encode(data)
    assert set(text) <= set(QR_ALPHABET)
    assert base45_decode(text) == data


@given(st.text(QR_ALPHABET, max_size=12) | st.text(max_size=12))
@settings(deadline=None)
@example("\ud800")
def test_a_text_read_as_base45_is_the_only_spelling(text: str) -> None:
    """Whatever decodes at all encodes to the very same text."""
    data = decoded(base45_decode, text)
    assert data is None or base45_encode(data) == text


@pytest.mark.parametrize("text", ["A", "GGW", ":::", "::", "V5", "AAAA", "aaa", "ÄÄÄ", "AB\n"])
def test_base45_refuses_what_encodes_nothing(text: str) -> None:
    """A lone character, a group over its range, and foreign characters are refused."""
    with pytest.raises(EncodingError, match="not_base45"):
        base45_decode(text)


def test_base45_takes_the_greatest_groups() -> None:
    """65,535 and 255 are the last values of a group of three and of two."""
    assert base45_decode("FGW") == b"\xff\xff"
    assert base45_decode("U5") == b"\xff"
