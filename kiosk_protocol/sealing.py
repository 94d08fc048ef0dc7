"""Sealing: visit details that only the shown code opens, and outbox items that only the server opens.

Details: a random content key encrypts them (AES-256-GCM, padded to a multiple of 512 bytes); the content key is wrapped
under HKDF-SHA256 of the token's 64 signature bytes. The signature is known to the server and to whoever holds the
code, so a kiosk that was carried away opens nothing. Items: libsodium's sealed box to the server's X25519 key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError, SealError
from kiosk_protocol.identifiers import SiteId, TenantId, VisitDigest
from kiosk_protocol.keys import SIGNATURE_BYTES
from kiosk_protocol.messages import Message, Name, NotNegative, SealedDetails, decode, encode

WRAP_INFO: Final = b"atrium/wrap/v1"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
PADDING_BYTES: Final = 512
"""Details differ in length by names; padded, their lengths say little."""
MAX_DETAILS_BYTES: Final = 8 * 1024


@dataclass(frozen=True, slots=True)
class SealContext:
    """What a sealed visit belongs to; opened in any other context it fails."""

    tenant: TenantId
    site: SiteId
    digest: VisitDigest
    revision: int
    edit: int

    def associated_data(self) -> bytes:
        """Return the context as bytes: five lines, none of whose parts can hold a line feed."""
        return f"{self.tenant}\n{self.site}\n{self.digest}\n{self.revision}\n{self.edit}".encode("ascii")


class VisitDetails(Message, frozen=True, kw_only=True):
    """What a kiosk greets by. ``arrival`` and ``departure`` in seconds since 1970."""

    visitor_name: Name
    host_name: Name | None = None
    room: Annotated[str, Meta(max_length=200)] | None = None
    purpose: Annotated[str, Meta(max_length=200)] | None = None
    arrival: NotNegative
    departure: NotNegative


def seal_details(
    details: VisitDetails, token_signature: bytes, context: SealContext, random: Callable[[int], bytes]
) -> SealedDetails:
    """Return ``details`` sealed to the code with ``token_signature`` (64 bytes).

    ``random`` returns that many fresh random bytes; content key and both nonces are new at each call, so that an edited
    visit never reuses a nonce under one key.

    Raises:
        SealError: ``signature_size``, or ``details_size`` for more than 8 KiB.
    """
    context_bytes = context.associated_data()
    content_key, key_nonce, details_nonce = random(KEY_BYTES), random(NONCE_BYTES), random(NONCE_BYTES)
    plain = encode(details)
    if len(plain) > MAX_DETAILS_BYTES:
        raise SealError("details_size")
    padded = plain.ljust(-(-len(plain) // PADDING_BYTES) * PADDING_BYTES)
    wrapped = key_nonce + AESGCM(_wrap_key(token_signature)).encrypt(key_nonce, content_key, context_bytes)
    sealed = details_nonce + AESGCM(content_key).encrypt(details_nonce, padded, context_bytes)
    return SealedDetails(wrapped_key=base64url_encode(wrapped), details=base64url_encode(sealed))


def open_details(sealed: SealedDetails, token_signature: bytes, context: SealContext) -> VisitDetails:
    """Return the details sealed to the code with ``token_signature``.

    Raises:
        SealError: ``signature_size``; ``details`` for another code, context or damaged bytes; ``details_shape`` for
            foreign content.
    """
    context_bytes = context.associated_data()
    content_key = _decrypt(_wrap_key(token_signature), sealed.wrapped_key, context_bytes)
    if len(content_key) != KEY_BYTES:
        raise SealError("details_shape")
    padded = _decrypt(content_key, sealed.details, context_bytes)
    try:
        return decode(padded, VisitDetails)
    except EncodingError:
        raise SealError("details_shape") from None


def seal_item(item: bytes, seal_key: bytes) -> bytes:
    """Return ``item`` sealed to the X25519 ``seal_key``; who seals cannot open."""
    return SealedBox(PublicKey(seal_key)).encrypt(item)


def open_item(sealed: bytes, seal_key: PrivateKey) -> bytes:
    """Return the sealed item.

    Raises:
        SealError: ``item`` for another key or damaged bytes.
    """
    try:
        return SealedBox(seal_key).decrypt(sealed)
    except CryptoError:
        raise SealError("item") from None


def item_hash(sealed: bytes) -> bytes:
    """Return SHA-256 of the sealed bytes."""
    return hashlib.sha256(sealed).digest()


def chain_start(chain_id: str) -> bytes:
    """Return the link before the first: SHA-256 of the chain's name."""
    return hashlib.sha256(chain_id.encode("ascii")).digest()


def chain_next(previous: bytes, hash_of_item: bytes) -> bytes:
    """Return SHA-256(previous ‖ hash of the next item): whoever drops or swaps one item breaks all later links."""
    return hashlib.sha256(previous + hash_of_item).digest()


def _wrap_key(token_signature: bytes) -> bytes:
    # Derived from less, the key would be open to whoever guesses it.
    if len(token_signature) != SIGNATURE_BYTES:
        raise SealError("signature_size")
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=WRAP_INFO).derive(token_signature)


def _decrypt(key: bytes, text: str, context: bytes) -> bytes:
    try:
        data = base64url_decode(text)
        return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context)
    except (EncodingError, InvalidTag, ValueError):
        raise SealError("details") from None
