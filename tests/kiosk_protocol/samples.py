"""Keys, claims and tokens for the tests: made from names, so that every run and every failure is the same."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jwt.types import Options
from nacl.signing import SigningKey

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import DeviceId, KeyId, SiteId, TenantId, VisitId, VisitorId, key_id_of
from kiosk_protocol.keys import PublicKey, key_set

SHARED_VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
"""Published vectors (Wycheproof, RFC 8037) lie beside the project, not in it."""

BASE_POINT_ORDER = 2**252 + 27742317777372353535851937790883648493


def published(name: str) -> Any:
    """Return a published vector file, or skip the test where it is absent."""
    path = SHARED_VECTORS / name
    if not path.is_file():
        pytest.skip(f"published vectors are absent: shared/vectors/{name}")
    return json.loads(path.read_text())


def random_bytes(name: str, size: int) -> bytes:
    """Return ``size`` bytes that depend on ``name`` alone."""
    return hashlib.shake_256(name.encode()).digest(size)


def signing_key(name: str) -> SigningKey:
    """Return the signing key called ``name``."""
    return SigningKey(random_bytes(f"key {name}", 32))


def kid_of(key: SigningKey) -> KeyId:
    """Return the ``kid`` of ``key``."""
    return key_id_of(bytes(key.verify_key))


def public(key: SigningKey, not_before: int = 0, not_after: int = 2**53 - 1) -> PublicKey:
    """Return the public half as the verifier loads it."""
    return PublicKey(kid_of(key), bytes(key.verify_key), not_before, not_after)


def long_id(name: str) -> str:
    """Return the 22-character identifier called ``name``."""
    return base64url_encode(random_bytes(f"id {name}", 16))


def short_id(name: str) -> str:
    """Return the 11-character identifier called ``name``."""
    return base64url_encode(random_bytes(f"id {name}", 8))


TENANT = TenantId(long_id("tenant"))
SITE = SiteId(short_id("site"))
OTHER_SITE = SiteId(short_id("other site"))
DEVICE = DeviceId(long_id("device"))
NOON = 1_790_000_000
"""A time in September 2026, seconds since 1970."""

VISIT_KEY = signing_key("visit")
SECOND_VISIT_KEY = signing_key("second visit")
DEVICE_KEY = signing_key("device of the kiosk")
STRANGER_KEY = signing_key("stranger")
VISIT_KID = kid_of(VISIT_KEY)
VISIT_KEYS: Mapping[str, PublicKey] = key_set([public(VISIT_KEY), public(SECOND_VISIT_KEY)])

WITHOUT_CLOCK: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
"""For PyJWT as oracle: it has a clock of its own, our readers have none."""

CLAIMS = VisitClaims(VisitId(long_id("visit")), VisitorId(long_id("visitor")), SITE, NOON - 1800, NOON + 7200)
HEADER: Mapping[str, Any] = {"alg": "EdDSA", "typ": "visit+jwt", "kid": VISIT_KID}

Part = Mapping[str, Any] | str | bytes


def as_bytes(part: Part) -> bytes:
    """Return a header or payload as bytes; members become compact JSON, texts UTF-8."""
    if isinstance(part, bytes):
        return part
    text = part if isinstance(part, str) else json.dumps(part, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def sign_text(signed: str, key: SigningKey = VISIT_KEY) -> str:
    """Return ``signed``, which may be any text, with a dot and its signature in base64url."""
    return f"{signed}.{base64url_encode(key.sign(signed.encode()).signature)}"


def sign_token(header: Part, payload: Part, key: SigningKey = VISIT_KEY) -> str:
    """Return a compact JWS over exactly these bytes, however hostile."""
    return sign_text(f"{base64url_encode(as_bytes(header))}.{base64url_encode(as_bytes(payload))}", key)
