"""The names of things on the wire, their sizes, and the digest by which a visit is known without naming it.

Identifiers are random bytes in base64url without padding: 128 bits in 22 characters, 64 bits in 11. They are opaque:
readers compare them as text and judge only length and alphabet.
"""

import hashlib
import re
from typing import NewType

from kiosk_protocol.encoding import base64url_encode

TenantId = NewType("TenantId", str)
"""22 characters."""
SiteId = NewType("SiteId", str)
"""11 characters."""
VisitId = NewType("VisitId", str)
"""22 characters; the ``jti`` of visit tokens and the replay key."""
VisitorId = NewType("VisitorId", str)
"""22 characters."""
DeviceId = NewType("DeviceId", str)
"""22 characters."""
CheckInId = NewType("CheckInId", str)
"""UUIDv7 in its usual 36 lower-case characters; the idempotency key of a check-in."""
KeyId = NewType("KeyId", str)
"""8 characters: the ``kid`` of a key."""
VisitDigest = NewType("VisitDigest", str)
"""43 characters: SHA-256 of a visit's ``jti`` in base64url."""

LONG_ID_BYTES = 16
SHORT_ID_BYTES = 8
KEY_ID_CHARACTERS = 8

LONG_ID = r"^[A-Za-z0-9_-]{22}$"
SHORT_ID = r"^[A-Za-z0-9_-]{11}$"
KEY_ID = r"^[A-Za-z0-9_-]{8}$"
KEY_32_BYTES = r"^[A-Za-z0-9_-]{43}$"
WINDOW_NAME = r"^[a-z2-7]{16}$"
UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

_LONG = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_SHORT = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_-]{8}", re.ASCII)


def is_long_id(text: str) -> bool:
    """Whether ``text`` can name a tenant, visit, visitor or device."""
    return _LONG.fullmatch(text) is not None


def is_site_id(text: str) -> bool:
    """Whether ``text`` can name a site."""
    return _SHORT.fullmatch(text) is not None


def is_key_id(text: str) -> bool:
    """Whether ``text`` can name a key."""
    return _KEY.fullmatch(text) is not None


def visit_digest(visit: VisitId) -> VisitDigest:
    """Return SHA-256(jti) and nothing else: feed and store know a visit by this, not by its name."""
    return VisitDigest(base64url_encode(hashlib.sha256(visit.encode("ascii")).digest()))


def key_id_of(public_key: bytes) -> KeyId:
    """Return the ``kid`` we give a new key: the first 8 base64url characters of its SHA-256 (48 bits).

    Readers never recompute it; a key set with two keys of one ``kid`` is refused instead.
    """
    return KeyId(base64url_encode(hashlib.sha256(public_key).digest())[:KEY_ID_CHARACTERS])


def uuid7(unix_ms: int, random_10: bytes) -> CheckInId:
    """Return a UUIDv7 (RFC 9562 §5.7) from milliseconds since 1970 and 10 random bytes, both handed in."""
    value = bytearray((unix_ms & (1 << 48) - 1).to_bytes(6, "big") + random_10)
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    text = value.hex()
    return CheckInId("-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])))
