"""DPoP proofs (RFC 9449): each request shows that its sender holds the device key.

Signed and verified by PyJWT; the members are read strictly (:mod:`kiosk_protocol.jwts`).
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import SigningKey

from kiosk_protocol.device_tokens import key_thumbprint, public_jwk
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import CredentialError, DocumentError, EncodingError
from kiosk_protocol.identifiers import key_id_of
from kiosk_protocol.jwts import ALG, is_signed_by, read_payload, read_unverified_header
from kiosk_protocol.keys import PublicKey

PROOF_TYPE: Final = "dpop+jwt"
NONCE_HEADER: Final = "DPoP-Nonce"
NONCE_WANTED: Final = "use_dpop_nonce"
"""Header and error word with which a server asks for a proof made for its nonce (§8)."""
MAX_PROOF_CHARACTERS: Final = 2048
_HEADER_MEMBERS: Final = frozenset({"alg", "typ", "jwk"})
_JWK_MEMBERS: Final = frozenset({"kty", "crv", "x"})
_LONGEST_NONCE: Final = 128
_CLAIMS: Final = frozenset({"jti", "htm", "htu", "iat", "ath"})


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """A proof whose signature and aim are right. Whether its ``proof_id`` was seen before is the server's to say."""

    thumbprint: str
    proof_id: str
    nonce: str | None = None
    """The server's nonce that it was made for; whether it is one is the server's to say too."""


def access_token_hash(access_token: str) -> str:
    """Return ``ath``: base64url of SHA-256 of the token's ASCII (RFC 9449 §4.2).

    Raises:
        CredentialError: ``token_form`` where the token is not ASCII.
    """
    if not access_token.isascii():
        raise CredentialError("token_form")
    return base64url_encode(hashlib.sha256(access_token.encode("ascii")).digest())


def make_proof(
    key: SigningKey,
    *,
    method: str,
    url: str,
    access_token: str,
    proof_id: str,
    issued_at_s: int,
    nonce: str | None = None,
) -> str:
    """Return a proof for one request.

    Args:
        key: The device key.
        method: ``GET``, ``POST``.
        url: The request's address without query and fragment, as the server's public URL spells it.
        access_token: The device token that goes with it.
        proof_id: Fresh for each request, also for a retry.
        issued_at_s: Seconds since 1970; not judged, a kiosk's clock may be wrong.
        nonce: The server's, once it asked for one.
    """
    members: dict[str, Any] = {
        "jti": proof_id,
        "htm": method,
        "htu": url,
        "iat": issued_at_s,
        "ath": access_token_hash(access_token),
    }
    if nonce is not None:
        members["nonce"] = nonce
    headers = {"typ": PROOF_TYPE, "jwk": public_jwk(bytes(key.verify_key))}
    return jwt.encode(members, Ed25519PrivateKey.from_private_bytes(bytes(key)), algorithm=ALG, headers=headers)


def check_proof(proof: str, *, method: str, url: str, access_token: str, nonce: str | None = None) -> CheckedProof:
    """Check a proof as RFC 9449 §4.3 says, but for ``iat`` (not judged) and replay (the caller's).

    Args:
        proof: The ``DPoP`` header's one value.
        method: Of the request it came with.
        url: The request's address by the configured public URL, not by what the request claims.
        access_token: The device token it came with.
        nonce: The one nonce that counts, where there is but one; a server with several judges the result's.

    Raises:
        CredentialError: ``proof_form``, ``proof_key``, ``proof_signature``, ``proof_claims``, ``proof_aim``,
            ``proof_nonce``, or ``token_form`` for an access token that is none.
    """
    key = _read_unverified_key(proof)
    if not is_signed_by(proof, key):
        raise CredentialError("proof_signature")
    members = _read_members(proof)
    proof_id = members["jti"]
    if not isinstance(proof_id, str) or not 8 <= len(proof_id) <= 64:
        raise CredentialError("proof_claims")
    # §4.3 points 8 to 10 and 12: method, address, nonce, and the hash of the token it came with.
    if (members["htm"], members["htu"], members["ath"]) != (method, url, access_token_hash(access_token)):
        raise CredentialError("proof_aim")
    shown = members.get("nonce")
    if shown is not None and not (isinstance(shown, str) and len(shown) <= _LONGEST_NONCE):
        raise CredentialError("proof_claims")
    if nonce is not None and shown != nonce:
        raise CredentialError("proof_nonce")
    return CheckedProof(key_thumbprint(key.raw), proof_id, shown)


def _read_unverified_key(proof: str) -> PublicKey:
    """Return the key in the header. §4.3 points 3 to 6: one well-formed JWT of the right type with a public OKP key."""
    try:
        header = read_unverified_header(proof, MAX_PROOF_CHARACTERS)
    except EncodingError:
        raise CredentialError("proof_form") from None
    # Point 7: exactly the public members; a private key in a proof is a leak, not a proof.
    jwk = header.get("jwk")
    if header.keys() != _HEADER_MEMBERS or header["typ"] != PROOF_TYPE or not isinstance(jwk, dict):
        raise CredentialError("proof_form")
    if jwk.keys() != _JWK_MEMBERS:
        raise CredentialError("proof_form")
    if jwk["kty"] != "OKP" or jwk["crv"] != "Ed25519" or not isinstance(jwk["x"], str):
        raise CredentialError("proof_key")
    try:
        # A point of small order would let one proof fit every request; such a key is nobody's.
        raw = base64url_decode(jwk["x"])
        return PublicKey(key_id_of(raw), raw)
    except (EncodingError, DocumentError):
        raise CredentialError("proof_key") from None


def _read_members(proof: str) -> dict[str, Any]:
    try:
        members = read_payload(proof)
    except EncodingError:
        raise CredentialError("proof_claims") from None
    if not members.keys() >= _CLAIMS:
        raise CredentialError("proof_claims")
    return members
