"""The strict frame around PyJWT that device tokens and DPoP proofs share.

PyJWT judges the signature and nothing else: header and payload are read by our own strict reader, because PyJWT takes
the last of duplicate members, decodes base64 leniently and knows no bound on nesting, and a proof is signed by whoever
sends it.
"""

from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.keys import PublicKey
from kiosk_protocol.strict_json import read_object

ALG: Final = "EdDSA"
_MAX_DEPTH: Final = 2
"""``cnf`` and ``jwk`` are objects of their own."""


def read_unverified_header(token: str, max_characters: int) -> dict[str, Any]:
    """Return the header of a compact JWS, whose signature is still to be judged.

    Raises:
        EncodingError: too long, no three canonical segments, or the header no strict JSON with ``alg`` = ``EdDSA``.
    """
    segments = token.split(".") if len(token) <= max_characters else []
    if len(segments) != 3:
        raise EncodingError("not_a_jws")
    header, _, _ = (base64url_decode(segment) for segment in segments)
    members = read_object(header, max_bytes=max_characters, max_depth=_MAX_DEPTH)
    # RFC 8725 §3.1: the algorithm is ours to say, never the token's.
    if members.get("alg") != ALG:
        raise EncodingError("algorithm")
    return members


def is_signed_by(token: str, key: PublicKey) -> bool:
    """Whether ``token``, whose header was read before, carries ``key``'s signature."""
    try:
        jwt.PyJWS(algorithms=[ALG]).decode(token, Ed25519PublicKey.from_public_bytes(key.raw), algorithms=[ALG])
    except jwt.InvalidTokenError:
        return False
    return True


def read_payload(token: str) -> dict[str, Any]:
    """Return the payload's members of a token whose signature was found good.

    Raises:
        EncodingError: no strict JSON.
    """
    payload = base64url_decode(token.split(".")[1])
    return read_object(payload, max_bytes=len(payload), max_depth=_MAX_DEPTH)
