"""Byte spellings with exactly one form each: base64url (RFC 4648 §5, no padding) and base45 (RFC 9285).

A second spelling of the same bytes would be a second text for one code, so every decoder re-encodes and compares.
"""

from binascii import a2b_base64, b2a_base64

from kiosk_protocol.errors import EncodingError

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_BASE45 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE45_VALUE = {byte: value for value, byte in enumerate(_BASE45)}


def base64url_encode(data: bytes) -> str:
    """Return ``data`` in base64url without padding."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=").decode("ascii")


def base64url_decode(text: str) -> bytes:
    """Return the bytes behind ``text``, which must be their only spelling.

    Raises:
        EncodingError: ``not_base64url`` for padding, foreign characters or stray bits in the last character.
    """
    try:
        data = a2b_base64(text.encode("ascii").translate(_STANDARD) + b"==")
    except ValueError:  # not ASCII, or a length that no bytes have
        raise EncodingError("not_base64url") from None
    # RFC 4648 §3.5: unused bits must be zero, else two texts stand for one value. Whatever the decoder passed over,
    # foreign characters and padding among it, is missing here too.
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
    whole = len(values) - len(values) % 3
    out = bytearray()
    for low, middle, high in zip(values[0:whole:3], values[1:whole:3], values[2:whole:3], strict=True):
        number = low + middle * 45 + high * 2025
        # RFC 9285 §6: a group over 65,535 (or a last one over 255, or one lone character) is no encoding of anything.
        if number > 0xFFFF:
            raise EncodingError("not_base45")
        out += number.to_bytes(2, "big")
    rest = values[whole:]
    if rest:
        if len(rest) == 1 or rest[0] + rest[1] * 45 > 0xFF:
            raise EncodingError("not_base45")
        out.append(rest[0] + rest[1] * 45)
    return bytes(out)
