"""Byte spellings with exactly one form each: base64url (RFC 4648 §5, no padding) and base45 (RFC 9285).

A second spelling of the same bytes would be a second text for one code, so every decoder re-encodes and compares.
"""

import base64
import binascii

from kiosk_protocol.errors import EncodingError

_BASE45 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE45_VALUE = {byte: value for value, byte in enumerate(_BASE45)}


def base64url_encode(data: bytes) -> str:
    """Return ``data`` in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def base64url_decode(text: str) -> bytes:
    """Return the bytes behind ``text``, which must be their only spelling.

    Raises:
        EncodingError: ``not_base64url`` for padding, foreign characters or stray bits in the last character.
    """
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise EncodingError("not_base64url") from None
    # RFC 4648 §3.5: unused bits must be zero, else two texts stand for one value.
    if base64url_encode(data) != text:
        raise EncodingError("not_base64url")
    return data


def base45_encode(data: bytes) -> str:
    """Return ``data`` in base45: two bytes become three characters of the QR alphanumeric set."""
    out = bytearray()
    for start in range(0, len(data) - 1, 2):
        value = data[start] * 256 + data[start + 1]
        out += bytes((_BASE45[value % 45], _BASE45[value // 45 % 45], _BASE45[value // 2025]))
    if len(data) % 2:
        out += bytes((_BASE45[data[-1] % 45], _BASE45[data[-1] // 45]))
    return out.decode("ascii")


def base45_decode(text: str) -> bytes:
    """Return the bytes behind ``text``.

    Raises:
        EncodingError: ``not_base45`` for foreign characters, a lone last character, or a group over its range.
    """
    try:
        values = [_BASE45_VALUE[byte] for byte in text.encode("ascii")]
    except (UnicodeEncodeError, KeyError):
        raise EncodingError("not_base45") from None
    out = bytearray()
    for start in range(0, len(values), 3):
        group = values[start : start + 3]
        size = len(group) - 1
        number = sum(value * 45**place for place, value in enumerate(group))
        # RFC 9285 §6: a group over 65,535 (or a last one over 255, or one lone character) is no encoding of anything.
        if size == 0 or number >= 256**size:
            raise EncodingError("not_base45")
        out += number.to_bytes(size, "big")
    return bytes(out)
