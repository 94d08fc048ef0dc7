"""The device token of a kiosk: a JWT for one year, bound to a key made on the device (RFC 7519, RFC 9449 §6).

Signed and verified by PyJWT; the members are read strictly (:mod:`kiosk_protocol.jwts`). The reference time is handed
in.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import SigningKey

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import CredentialError, EncodingError
from kiosk_protocol.identifiers import DeviceId, KeyId, SiteId, TenantId, is_long_id, is_site_id
from kiosk_protocol.jwts import ALG, is_signed_by, read_payload, read_unverified_header
from kiosk_protocol.keys import PublicKey

TYP: Final = "device+jwt"
MAX_TOKEN_CHARACTERS: Final = 4096
VALIDITY_S: Final = 365 * 24 * 3600
_HEADER_MEMBERS: Final = frozenset({"alg", "typ", "kid"})


@dataclass(frozen=True, slots=True)
class DeviceClaims:
    """What a device token states. Times in seconds since 1970."""

    device: DeviceId
    tenant: TenantId
    site: SiteId
    token_id: str
    issued_at: int
    expires: int
    key_thumbprint: str


def public_jwk(public_key: bytes) -> dict[str, str]:
    """Return the JWK of a raw Ed25519 key (RFC 8037 §2)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(public_key)}


def key_thumbprint(public_key: bytes) -> str:
    """Return the SHA-256 JWK thumbprint (RFC 7638 §3.2; members for OKP in RFC 8037 §2) in base64url."""
    jwk = public_jwk(public_key)
    canonical = f'{{"crv":"{jwk["crv"]}","kty":"{jwk["kty"]}","x":"{jwk["x"]}"}}'
    return base64url_encode(hashlib.sha256(canonical.encode("ascii")).digest())


def issue_device_token(claims: DeviceClaims, kid: KeyId, key: SigningKey) -> str:
    """Return the device token for ``claims``. The server's side: it needs the key of purpose *device*."""
    members = {
        "sub": claims.device,
        "tenant_id": claims.tenant,
        "site_id": claims.site,
        "token_type": "kiosk",
        "jti": claims.token_id,
        "iat": claims.issued_at,
        "exp": claims.expires,
        "cnf": {"jkt": claims.key_thumbprint},
    }
    private = Ed25519PrivateKey.from_private_bytes(bytes(key))
    return jwt.encode(members, private, algorithm=ALG, headers={"typ": TYP, "kid": kid})


def read_device_token(token: str, keys: Mapping[str, PublicKey], now_s: int) -> DeviceClaims:
    """Return the claims of a device token signed by one of the *device* ``keys`` and not expired at ``now_s``.

    Raises:
        CredentialError: ``token_form``, ``token_key``, ``token_signature``, ``token_claims`` or ``token_expired``.
    """
    key = keys.get(_read_unverified_key_id(token))
    if key is None:
        raise CredentialError("token_key")
    if not is_signed_by(token, key):
        raise CredentialError("token_signature")
    claims = _read_claims(token)
    if now_s >= claims.expires:
        raise CredentialError("token_expired")
    return claims


def _read_unverified_key_id(token: str) -> str:
    try:
        header = read_unverified_header(token, MAX_TOKEN_CHARACTERS)
    except EncodingError:
        raise CredentialError("token_form") from None
    if header.keys() != _HEADER_MEMBERS or header["typ"] != TYP or not isinstance(header["kid"], str):
        raise CredentialError("token_form")
    return header["kid"]


def _read_claims(token: str) -> DeviceClaims:
    try:
        return _device_claims(read_payload(token))
    except (EncodingError, KeyError):
        raise CredentialError("token_claims") from None


def _device_claims(members: dict[str, Any]) -> DeviceClaims:
    texts = [members[name] for name in ("sub", "tenant_id", "site_id", "jti", "token_type")]
    times = [members[name] for name in ("iat", "exp")]
    confirmation = members["cnf"]
    if not all(isinstance(text, str) for text in texts) or not all(type(time) is int for time in times):
        raise CredentialError("token_claims")
    # RFC 9449 §6.1: jkt binds the token to the key whose proofs must come with it.
    if not isinstance(confirmation, dict) or not isinstance(confirmation.get("jkt"), str):
        raise CredentialError("token_claims")
    device, tenant, site, token_id, kind = texts
    if kind != "kiosk" or not (is_long_id(device) and is_long_id(tenant) and is_site_id(site)):
        raise CredentialError("token_claims")
    return DeviceClaims(
        DeviceId(device), TenantId(tenant), SiteId(site), token_id, times[0], times[1], confirmation["jkt"]
    )
