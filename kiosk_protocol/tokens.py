"""Strict verification of visit tokens: the one place that decides whether a code was signed by us.

Bytes and keys in, a value out; no clock (validity in time is the admission rule's matter), no exceptions. The order is
form, key, signature, claims, site; the section numbers are those of RFC 8725, JSON Web Token Best Current Practices.
"""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from functools import lru_cache
from typing import Final, final

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import SiteId, is_key_id
from kiosk_protocol.keys import SIGNATURE_BYTES, PublicKey
from kiosk_protocol.reasons import Reason
from kiosk_protocol.strict_json import read_object
from kiosk_protocol.transport import MAX_TOKEN_CHARACTERS, MIN_TOKEN_CHARACTERS, read_shown_code

TYP: Final = "visit+jwt"
ALG: Final = "EdDSA"
_HEADER_MEMBERS: Final = frozenset({"alg", "typ", "kid"})
_MAX_DEPTH: Final = 1
_HEADERS_REMEMBERED: Final = 32

_only_here: Final = object()


@final
@dataclass(frozen=True, slots=True, repr=False)
class VerifiedVisitToken:
    """A token whose signature, claims and site were checked. Only :func:`verify_visit_token` can build one.

    It has no representation of its own, so that no log line shows a code that opens a door.
    """

    seal: InitVar[object]
    text: str
    kid: str
    claims: VisitClaims
    signature: bytes

    def __post_init__(self, seal: object) -> None:
        if seal is not _only_here:
            raise TypeError("a verified token comes from verify_visit_token alone")


@dataclass(frozen=True, slots=True)
class TokenRefusal:
    """Why a text is no valid visit token of this site. ``claims`` are given once the signature was found good."""

    reason: Reason
    claims: VisitClaims | None = None


def verify_shown_code(text: str, keys: Mapping[str, PublicKey], site: SiteId) -> VerifiedVisitToken | TokenRefusal:
    """Verify the scanned ``text`` of a symbol in any of its transports, see :func:`verify_visit_token`."""
    token = read_shown_code(text)
    if isinstance(token, Reason):
        return TokenRefusal(token)
    return verify_visit_token(token, keys, site)


def verify_visit_token(token: str, keys: Mapping[str, PublicKey], site: SiteId) -> VerifiedVisitToken | TokenRefusal:
    """Verify a compact JWS as a visit token.

    Args:
        token: The JWS, as it came.
        keys: The keys of purpose *visit* that count now, by ``kid``; nothing else is ever asked for a key.
        site: The site whose door this is.

    Returns:
        The verified token, or the first reason that applies: ``malformed``, ``unknown_key``, ``bad_signature``,
        ``malformed`` (claims), ``wrong_site``.
    """
    segments = _split(token)
    if segments is None:
        return TokenRefusal(Reason.MALFORMED)
    header, payload, signature = segments
    kid = _read_key_id(header)
    if kid is None:
        return TokenRefusal(Reason.MALFORMED)
    # §3.8, §3.10: the key comes from our set and nowhere else, and whose it is says who issued the token; jku, jwk and
    # x5u have no place in the header.
    key = keys.get(kid)
    if key is None:
        return TokenRefusal(Reason.UNKNOWN_KEY)
    # §3.3: the signature is judged over the bytes as they came, before anything they say is looked at.
    if not key.verifies(token.rpartition(".")[0].encode("ascii"), signature):
        return TokenRefusal(Reason.BAD_SIGNATURE)
    claims = _read_claims(payload)
    if claims is None:
        return TokenRefusal(Reason.MALFORMED)
    # §3.9: a token for another door of the same tenant is signed by the same key.
    if claims.site != site:
        return TokenRefusal(Reason.WRONG_SITE, claims)
    return VerifiedVisitToken(_only_here, token, kid, claims, signature)


def _split(token: str) -> tuple[str, bytes, bytes] | None:
    """Return header text, payload and signature bytes, or None where form, size or spelling is not the allowed one."""
    if not MIN_TOKEN_CHARACTERS <= len(token) <= MAX_TOKEN_CHARACTERS or not token.isascii():
        return None
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        payload, signature = base64url_decode(parts[1]), base64url_decode(parts[2])
    except EncodingError:
        return None
    return (parts[0], payload, signature) if len(signature) == SIGNATURE_BYTES else None


# Remembered, because all codes of one key begin with the same text; it names the key and says nothing of anybody.
@lru_cache(maxsize=_HEADERS_REMEMBERED)
def _read_key_id(segment: str) -> str | None:
    """Return the ``kid`` in a header's text, or None where the header is not exactly ours."""
    try:
        data = base64url_decode(segment)
        # White space before the object would make a code that reads differently in each transport: a raw JWS is known
        # by its first characters, see read_shown_code.
        if not data.startswith(b"{"):
            return None
        header = read_object(data, max_bytes=MAX_TOKEN_CHARACTERS, max_depth=_MAX_DEPTH)
    except EncodingError:
        return None
    # Exactly three members: §3.1 and §3.11 fix alg and typ, §3.6 allows no zip; crit or b64 would change the meaning.
    if header.keys() != _HEADER_MEMBERS:
        return None
    if header["alg"] != ALG or header["typ"] != TYP:
        return None
    kid = header["kid"]
    return kid if isinstance(kid, str) and is_key_id(kid) else None


def _read_claims(segment: bytes) -> VisitClaims | None:
    try:
        members = read_object(segment, max_bytes=MAX_TOKEN_CHARACTERS, max_depth=_MAX_DEPTH)
    except EncodingError:
        return None
    return VisitClaims.from_members(members)
