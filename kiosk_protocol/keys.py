"""Ed25519 public keys that may be trusted, and the key sets that hold them.

A key is judged once, when it is loaded: it must be the canonical encoding of a point of the prime-order subgroup.
Under a key of small order one signature fits every message, so such a key in a bundle would be a door without a lock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import DocumentError, EncodingError
from kiosk_protocol.identifiers import KeyId, is_key_id

Purpose = Literal["visit", "device", "time", "seal", "licence"]

KEY_BYTES = 32
SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A checked Ed25519 key, and the seconds since 1970 between which it counts (``not_after`` excluded).

    Raises:
        DocumentError: ``key_encoding`` for other than 32 bytes, or ``key_point`` for a non-canonical, small-order or
            mixed point.
    """

    kid: KeyId
    raw: bytes
    not_before: int = 0
    not_after: int = 2**53 - 1

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_BYTES:
            raise DocumentError("key_encoding")
        # RFC 8725 §3.4. libsodium: canonical, on the curve, in the main subgroup, not of small order.
        if not crypto_core_ed25519_is_valid_point(self.raw):
            raise DocumentError("key_point")

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``message``. Never raises, whatever the bytes."""
        # RFC 8032 §5.1.7: libsodium itself refuses S ≥ L and small-order R. The length is ours to check.
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            crypto_sign_open(signature + message, self.raw)
        except BadSignatureError:
            return False
        return True

    def is_valid_at(self, now_s: int) -> bool:
        """Whether the key counts at ``now_s``."""
        return self.not_before <= now_s < self.not_after


def load_public_key(kid: str, text: str, not_before: int = 0, not_after: int = 2**53 - 1) -> PublicKey:
    """Return the key whose base64url bytes are ``text``.

    Raises:
        DocumentError: ``key_id``, or as :class:`PublicKey`.
    """
    if not is_key_id(kid):
        raise DocumentError("key_id")
    try:
        raw = base64url_decode(text)
    except EncodingError:
        raise DocumentError("key_encoding") from None
    return PublicKey(KeyId(kid), raw, not_before, not_after)


def key_set(keys: Iterable[PublicKey]) -> Mapping[str, PublicKey]:
    """Return ``keys`` by ``kid``.

    Raises:
        DocumentError: ``duplicate_kid``: which of the two would count is anybody's guess.
    """
    by_kid: dict[str, PublicKey] = {}
    for key in keys:
        if key.kid in by_kid:
            raise DocumentError("duplicate_kid")
        by_kid[key.kid] = key
    return MappingProxyType(by_kid)
