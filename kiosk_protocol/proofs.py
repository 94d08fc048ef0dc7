"""DPoP proofs (RFC 9449): each request shows that its sender holds the device key. Made and read by PyJWT."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.signing import SigningKey

from kiosk_protocol.device_tokens import key_thumbprint, public_jwk
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import CredentialError, EncodingError
from kiosk_protocol.keys import KEY_BYTES

PROOF_TYPE: Final = "dpop+jwt"
MAX_PROOF_CHARACTERS: Final = 2048
_CLAIMS: Final = ("jti", "htm", "htu", "iat", "ath")


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """A proof whose signature and aim are right. Whether its ``proof_id`` was seen before is the server's to say."""

    thumbprint: str
    proof_id: str


def access_token_hash(access_token: str) -> str:
    """Return ``ath``: base64url of SHA-256 of the token's ASCII (RFC 9449 §4.2)."""
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
    return jwt.encode(members, Ed25519PrivateKey.from_private_bytes(bytes(key)), algorithm="EdDSA", headers=headers)


def check_proof(proof: str, *, method: str, url: str, access_token: str, nonce: str | None = None) -> CheckedProof:
    """Check a proof as RFC 9449 §4.3 says, but for ``iat`` (not judged) and replay (the caller's).

    Args:
        proof: The ``DPoP`` header's one value.
        method: Of the request it came with.
        url: The request's address by the configured public URL, not by what the request claims.
        access_token: The device token it came with.
        nonce: What the server asked for, if it did.

    Raises:
        CredentialError: ``proof_form``, ``proof_key``, ``proof_signature``, ``proof_claims``, ``proof_aim`` or
            ``proof_nonce``.
    """
    public_key = _read_unverified_key(proof)
    options: Any = {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        members = jwt.decode(
            proof, Ed25519PublicKey.from_public_bytes(public_key), algorithms=["EdDSA"], options=options
        )
    except jwt.MissingRequiredClaimError:
        raise CredentialError("proof_claims") from None
    except jwt.InvalidTokenError:
        raise CredentialError("proof_signature") from None
    proof_id = members["jti"]
    if not isinstance(proof_id, str) or not 8 <= len(proof_id) <= 64:
        raise CredentialError("proof_claims")
    # §4.3 points 8 to 10 and 12: method, address, nonce, and the hash of the token it came with.
    if (members["htm"], members["htu"], members["ath"]) != (method, url, access_token_hash(access_token)):
        raise CredentialError("proof_aim")
    if nonce is not None and members.get("nonce") != nonce:
        raise CredentialError("proof_nonce")
    return CheckedProof(key_thumbprint(public_key), proof_id)


def _read_unverified_key(proof: str) -> bytes:
    """Return the key in the header. §4.3 points 3 to 6: one well-formed JWT of the right type with a public OKP key."""
    if len(proof) > MAX_PROOF_CHARACTERS:
        raise CredentialError("proof_form")
    try:
        header = jwt.get_unverified_header(proof)
    except jwt.InvalidTokenError:
        raise CredentialError("proof_form") from None
    jwk = header.get("jwk")
    # Point 7: exactly the public members; a private key in a proof is a leak, not a proof.
    if header.get("typ") != PROOF_TYPE or not isinstance(jwk, dict) or jwk.keys() != {"kty", "crv", "x"}:
        raise CredentialError("proof_form")
    if jwk["kty"] != "OKP" or jwk["crv"] != "Ed25519" or not isinstance(jwk["x"], str):
        raise CredentialError("proof_key")
    try:
        public_key = base64url_decode(jwk["x"])
    except EncodingError:
        raise CredentialError("proof_key") from None
    if len(public_key) != KEY_BYTES:
        raise CredentialError("proof_key")
    return public_key
