"""Access tokens of users: a JWT for a quarter of an hour, signed with the tenant's key of purpose *user*.

Read and made by PyJWT with an algorithm of our choice; times are judged by the moment handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.signing import SigningKey

from kiosk_protocol.identifiers import KeyId, SiteId, TenantId, is_long_id
from kiosk_protocol.keys import PublicKey
from kiosk_server.domain.roles import TokenType

TYP: Final = "access+jwt"
MAX_TOKEN_CHARACTERS: Final = 8192
_REQUIRED: Final = ("sub", "tenant_id", "site_ids", "role", "token_type", "jti", "iat", "exp")


@dataclass(frozen=True, slots=True)
class UserClaims:
    """What an access token states; identifiers only. Times in seconds since 1970."""

    user: str
    tenant: TenantId
    site_ids: tuple[SiteId, ...]
    role: str
    token_id: str
    issued_at: int
    expires: int


@dataclass(frozen=True, slots=True)
class UnverifiedClaims:
    """What a token says of itself before anybody checked it: enough to choose whose keys to ask, and nothing else."""

    token_type: TokenType
    tenant: TenantId


def issue_user_token(claims: UserClaims, kid: KeyId, key: SigningKey) -> str:
    """Return the access token for ``claims``."""
    members = {
        "sub": claims.user,
        "tenant_id": claims.tenant,
        "site_ids": list(claims.site_ids),
        "role": claims.role,
        "token_type": TokenType.USER.value,
        "jti": claims.token_id,
        "iat": claims.issued_at,
        "exp": claims.expires,
    }
    private = Ed25519PrivateKey.from_private_bytes(bytes(key))
    return jwt.encode(members, private, algorithm="EdDSA", headers={"typ": TYP, "kid": kid})


def read_user_token(token: str, keys: Mapping[str, PublicKey], now_s: int) -> UserClaims | None:
    """Return the claims of an access token signed by one of ``keys`` and not over at ``now_s``, else None."""
    try:
        header = jwt.get_unverified_header(token)
        key = keys.get(str(header.get("kid")))
        if key is None or header.get("typ") != TYP:
            return None
        options: Any = {"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
        # RFC 8725 §3.1: the algorithm is ours to say, never the token's.
        members = jwt.decode(token, Ed25519PublicKey.from_public_bytes(key.raw), algorithms=["EdDSA"], options=options)
    except jwt.InvalidTokenError:
        return None
    # What our own key signed has our own shape; the type and the time are still ours to judge.
    if members["token_type"] != TokenType.USER.value or now_s >= members["exp"]:
        return None
    return UserClaims(
        members["sub"],
        TenantId(members["tenant_id"]),
        tuple(SiteId(site) for site in members["site_ids"]),
        members["role"],
        members["jti"],
        members["iat"],
        members["exp"],
    )


def read_unverified_claims(token: str) -> UnverifiedClaims | None:
    """Return what ``token`` says of its type and tenant, without believing it; None where it says nothing readable."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        return None
    try:
        members = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, RecursionError):
        # A header of thousands of nested brackets makes the JSON parser give up that way.
        return None
    kind, tenant = members.get("token_type"), members.get("tenant_id")
    known = {entry.value: entry for entry in TokenType}
    if not isinstance(kind, str) or kind not in known or not isinstance(tenant, str) or not is_long_id(tenant):
        return None
    return UnverifiedClaims(known[kind], TenantId(tenant))
