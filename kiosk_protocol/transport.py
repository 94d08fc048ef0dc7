"""From the text of a scanned symbol to a compact JWS, and back to the compact transport ``V1:``.

Three forms carry a visit token: the JWS itself, the deep link ``…/checkin?token=JWS``, and ``V1:`` followed by base45
of header length (u8), payload length (u16, big endian), header, payload and signature as bytes: 22 % fewer modules.
"""

import re
from urllib.parse import parse_qsl

from kiosk_protocol.encoding import base45_decode, base45_encode, base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.keys import SIGNATURE_BYTES
from kiosk_protocol.reasons import Reason

COMPACT_PREFIX = "V1:"
MIN_TOKEN_CHARACTERS = 40
MAX_TOKEN_CHARACTERS = 1024
MAX_COMPACT_CHARACTERS = 1200
"""1,024 characters of JWS are at most 766 bytes; with the three length bytes 1,154 base45 characters."""
MAX_LINK_CHARACTERS = 2048

_LINK = re.compile(r"https?://[^/?#]+/(?:[^?#]*/)?checkin\?([^#]*)")

# A JOSE header is a JSON object, so its base64 starts with that of '{"' or of '{' and white space. Whatever starts so
# and has a dot claims to be a token, however broken the rest.
_LOOKS_LIKE_JWS = re.compile(r"e[wy][A-Za-z0-9+/=_-]+\.", re.ASCII)


def read_shown_code(text: str) -> str | Reason:
    """Return the JWS that a scanned ``text`` carries, without judging it, or why it carries none.

    ``NOT_A_VISIT_CODE`` is the answer to somebody else's symbol; ``MALFORMED`` to one that claims to be ours.
    """
    if text.startswith(COMPACT_PREFIX):
        return _from_compact(text)
    if text.startswith(("https://", "http://")):
        return _from_link(text)
    if not _LOOKS_LIKE_JWS.match(text):
        return Reason.NOT_A_VISIT_CODE
    return text if MIN_TOKEN_CHARACTERS <= len(text) <= MAX_TOKEN_CHARACTERS else Reason.MALFORMED


def _from_link(text: str) -> str | Reason:
    # Not urlsplit: it drops tabs and line feeds, and keeps the last hundred links, codes and all, in a cache.
    link = _LINK.match(text) if len(text) <= MAX_LINK_CHARACTERS else None
    if link is None:
        return Reason.NOT_A_VISIT_CODE
    try:
        members = parse_qsl(link[1], keep_blank_values=True, max_num_fields=8)
    except ValueError:
        return Reason.NOT_A_VISIT_CODE
    tokens = [value for name, value in members if name == "token"]
    if not tokens:
        return Reason.NOT_A_VISIT_CODE
    token: str = tokens[0]
    if len(tokens) > 1 or not MIN_TOKEN_CHARACTERS <= len(token) <= MAX_TOKEN_CHARACTERS:
        return Reason.MALFORMED
    return token


def _from_compact(text: str) -> str | Reason:
    if len(text) > MAX_COMPACT_CHARACTERS:
        return Reason.MALFORMED
    try:
        data = base45_decode(text.removeprefix(COMPACT_PREFIX))
    except EncodingError:
        return Reason.MALFORMED
    header_size, payload_size = int.from_bytes(data[:1], "big"), int.from_bytes(data[1:3], "big")
    # One spelling only: nothing missing, nothing behind the signature.
    if len(data) != 3 + header_size + payload_size + SIGNATURE_BYTES or not header_size or not payload_size:
        return Reason.MALFORMED
    header, rest = data[3 : 3 + header_size], data[3 + header_size :]
    segments = (header, rest[:payload_size], rest[payload_size:])
    token = ".".join(base64url_encode(segment) for segment in segments)
    return token if MIN_TOKEN_CHARACTERS <= len(token) <= MAX_TOKEN_CHARACTERS else Reason.MALFORMED


def to_compact(token: str) -> str:
    """Return the ``V1:`` form of a compact JWS.

    Raises:
        EncodingError: ``not_a_jws`` where ``token`` is no three canonical segments with a 64-byte signature, or too
            long to be read again.
    """
    try:
        header, payload, signature = (base64url_decode(segment) for segment in token.split("."))
    except (EncodingError, ValueError):
        raise EncodingError("not_a_jws") from None
    if not 1 <= len(header) <= 255 or not payload or len(signature) != SIGNATURE_BYTES:
        raise EncodingError("not_a_jws")
    if not MIN_TOKEN_CHARACTERS <= len(token) <= MAX_TOKEN_CHARACTERS:
        raise EncodingError("not_a_jws")
    sizes = bytes((len(header),)) + len(payload).to_bytes(2, "big")
    return COMPACT_PREFIX + base45_encode(sizes + header + payload + signature)
