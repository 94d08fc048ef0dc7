"""Whom a kiosk believes: the tenant's root and trust bundle, and the rules by which newer ones replace them.

The rules are those of The Update Framework (theupdateframework.github.io/specification, §5): the root is pinned at
pairing, a new root is signed by the old and the new root key, versions only rise, an equal version means equal bytes,
every document expires, and a root that replaces a stolen bundle key takes back what that key signed. One reference
time is handed in for a whole refresh. Nothing is stored here: a refused update raises, and the caller keeps the state
it had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta
from nacl.bindings import crypto_scalarmult
from nacl.exceptions import CryptoError

from kiosk_protocol import dsse
from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import DocumentError, EncodingError, EnvelopeError
from kiosk_protocol.identifiers import KeyId, TenantId
from kiosk_protocol.keys import KEY_BYTES, PublicKey, Purpose, key_set, load_public_key
from kiosk_protocol.messages import Envelope, Key32, KeyIdText, LongId, Message, NotNegative
from kiosk_protocol.strict_json import read_object

ROOT_TYPE: Final = "application/vnd.atrium.root+json"
BUNDLE_TYPE: Final = "application/vnd.atrium.bundle+json"
TIME_TYPE: Final = "application/vnd.atrium.time+json"
MAX_DOCUMENT_BYTES: Final = 64 * 1024
_MAX_DEPTH: Final = 4
DEFAULT_GREATEST_AGE_S: Final = 30 * 24 * 3600


class Document(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what is signed: strict, an unknown member is a refusal."""


class DocumentKey(Document, frozen=True, kw_only=True):
    """A key that signs documents."""

    kid: KeyIdText
    public_key: Key32


class RootDocument(Document, frozen=True, kw_only=True):
    """Which keys may sign the next root, and which may sign bundles."""

    type: Literal["root"]
    tenant_id: LongId
    version: NotNegative
    issued_at: NotNegative
    expires_at: NotNegative
    root_keys: Annotated[tuple[DocumentKey, ...], Meta(min_length=1, max_length=8)]
    bundle_keys: Annotated[tuple[DocumentKey, ...], Meta(min_length=1, max_length=8)]


class BundleKey(Document, frozen=True, kw_only=True):
    """A key with its one purpose and the seconds between which it counts (``not_after`` excluded)."""

    kid: KeyIdText
    algorithm: Literal["Ed25519", "X25519"]
    public_key: Key32
    purpose: Purpose
    not_before: NotNegative
    not_after: NotNegative


class OfflinePolicy(Document, frozen=True, kw_only=True):
    """How long a kiosk may decide alone on one bundle."""

    greatest_age_s: NotNegative


class BundleDocument(Document, frozen=True, kw_only=True):
    """The keys of a tenant and its offline policy."""

    type: Literal["bundle"]
    tenant_id: LongId
    version: NotNegative
    issued_at: NotNegative
    expires_at: NotNegative
    keys: Annotated[tuple[BundleKey, ...], Meta(max_length=256)]
    offline: OfflinePolicy
    lowest_app_version: Annotated[str, Meta(max_length=32)]


class TimeStatement(Document, frozen=True, kw_only=True):
    """The server's clock at the moment it saw ``nonce``."""

    type: Literal["time"]
    nonce: LongId
    time_ms: NotNegative


@dataclass(frozen=True, slots=True)
class SealKey:
    """The X25519 public key that outbox items are sealed to."""

    kid: KeyId
    raw: bytes


@dataclass(frozen=True, slots=True)
class TrustState:
    """A root and a bundle that belong together, verified, with every key loaded."""

    root: RootDocument
    bundle: BundleDocument
    root_envelope: Envelope
    bundle_envelope: Envelope
    _by_purpose: Mapping[Purpose, tuple[PublicKey, ...]]
    _seal_keys: tuple[tuple[BundleKey, SealKey], ...]

    def keys(self, purpose: Purpose, now_s: int) -> Mapping[str, PublicKey]:
        """Return the Ed25519 keys that count for ``purpose`` at ``now_s``; a purpose never stands in for another."""
        return key_set(key for key in self._by_purpose.get(purpose, ()) if key.is_valid_at(now_s))

    def seal_key(self, now_s: int) -> SealKey | None:
        """Return the newest seal key that counts at ``now_s``."""
        live = [(entry.not_before, key) for entry, key in self._seal_keys if _counts(entry, now_s)]
        return max(live, key=lambda pair: pair[0])[1] if live else None

    def bundle_signers(self) -> Mapping[str, PublicKey]:
        """Return the keys that sign bundles and, with them, revocations."""
        return _document_keys(self.root.bundle_keys)

    def age_s(self, now_s: int) -> int:
        """Return how long ago the bundle was issued, in seconds; never negative."""
        return max(0, now_s - self.bundle.issued_at)

    def has_expired(self, now_s: int) -> bool:
        """Whether root or bundle are over, or the bundle is older than the offline policy allows."""
        return (
            now_s >= self.root.expires_at
            or now_s >= self.bundle.expires_at
            or self.age_s(now_s) > self.bundle.offline.greatest_age_s
        )


def pin(root: Envelope, bundle: Envelope, tenant: TenantId, now_s: int) -> TrustState:
    """Return the first trust of a kiosk, from documents that came over the authenticated pairing channel.

    Raises:
        DocumentError, EnvelopeError, EncodingError: as :func:`update`.
    """
    document = read_root(root)
    _check_tenant(document, tenant)
    _check_expiry(document, now_s)
    return _with_bundle(document, root, bundle, now_s)


def restore(root: Envelope, bundle: Envelope, tenant: TenantId) -> TrustState:
    """Return the trust that was stored earlier, verified again but whatever its age: expiry is judged when deciding.

    Raises:
        DocumentError, EnvelopeError, EncodingError: as :func:`update`.
    """
    document = read_root(root)
    _check_tenant(document, tenant)
    return _with_bundle(document, root, bundle, None)


def update(
    state: TrustState, root: Envelope, bundle: Envelope, now_s: int, earlier_roots: Sequence[Envelope] = ()
) -> TrustState:
    """Return the newer trust, or ``state`` itself where nothing changed.

    Args:
        state: What is believed so far.
        root: The newest root.
        bundle: The newest bundle.
        now_s: The one reference time of the whole refresh (TUF §5.1).
        earlier_roots: Roots before the newest, oldest first; those not newer than ours are passed over. They lead a
            kiosk that was away for several changes from one root key to the next.

    Raises:
        DocumentError: ``shape``, ``tenant``, ``expired``, ``rollback``, ``equal_version_other_bytes``,
            ``duplicate_kid``, ``key_encoding``, ``key_point``, ``key_purpose``.
        EnvelopeError: not signed by who must sign it.
        EncodingError: the signed bytes are no strict JSON.
    """
    newest = _Root(state.root, state.root_envelope)
    for earlier in earlier_roots:
        if read_root(earlier).version > state.root.version:
            newest = _next_root(newest, earlier)
    newest = _next_root(newest, root)
    payload = dsse.open_envelope(bundle, BUNDLE_TYPE, _document_keys(newest.document.bundle_keys))
    is_new_bundle = payload != dsse.read_unverified_payload(state.bundle_envelope, BUNDLE_TYPE)
    if not is_new_bundle and newest.document is state.root:
        return state
    # TUF §5.3.10: after the last root of the chain and of no other; one in the middle may be over by now.
    _check_expiry(newest.document, now_s)
    if is_new_bundle and _is_vouched_for(state.bundle_envelope, newest.document):
        # TUF §5.4.3 and §5.5.5.
        _check_version(read_document(payload, BundleDocument).version, state.bundle.version)
    return _with_bundle(newest.document, newest.envelope, bundle, now_s)


@dataclass(frozen=True, slots=True)
class _Root:
    document: RootDocument
    envelope: Envelope


def _next_root(known: _Root, offered: Envelope) -> _Root:
    """Return the root that follows ``known``, or ``known`` itself where the offer has the same bytes."""
    payload = dsse.read_unverified_payload(offered, ROOT_TYPE)
    if payload == dsse.read_unverified_payload(known.envelope, ROOT_TYPE):
        return known
    # TUF §5.3.4: signed by a key we trusted until now, and (in read_root) by one that it names itself.
    dsse.open_envelope(offered, ROOT_TYPE, _document_keys(known.document.root_keys))
    document = read_root(offered)
    _check_tenant(document, TenantId(known.document.tenant_id))
    # TUF §5.3.5. Versions are times, so the next one is any higher one, not the one after.
    _check_version(document.version, known.document.version)
    return _Root(document, offered)


def _is_vouched_for(bundle: Envelope, root: RootDocument) -> bool:
    """Whether the bundle we hold still counts under ``root``, and its version with it.

    TUF §5.3.11: whoever stole a bundle key may have pushed the version so far ahead that no honest bundle can follow.
    A root that no longer names that key takes the key's bundles back, and their versions.
    """
    try:
        dsse.open_envelope(bundle, BUNDLE_TYPE, _document_keys(root.bundle_keys))
    except EnvelopeError:
        return False
    return True


def read_root(envelope: Envelope) -> RootDocument:
    """Return the root in ``envelope``, signed by one of the root keys it names itself.

    Raises:
        DocumentError, EnvelopeError, EncodingError: as :func:`update`.
    """
    document = read_document(dsse.read_unverified_payload(envelope, ROOT_TYPE), RootDocument)
    dsse.open_envelope(envelope, ROOT_TYPE, _document_keys(document.root_keys))
    _document_keys(document.bundle_keys)
    return document


def read_bundle(payload: bytes) -> BundleDocument:
    """Return the bundle in ``payload``, whose signature is the caller's matter.

    Raises:
        DocumentError, EncodingError: as :func:`update`.
    """
    return read_document(payload, BundleDocument)


def read_time(envelope: Envelope, nonce: str, keys: Mapping[str, PublicKey]) -> int:
    """Return the signed server time in milliseconds since 1970.

    Raises:
        DocumentError: ``shape``, or ``nonce`` where the answer belongs to another question.
        EnvelopeError: not signed by one of the time ``keys``.
    """
    statement = read_document(dsse.open_envelope(envelope, TIME_TYPE, keys), TimeStatement)
    if statement.nonce != nonce:
        raise DocumentError("nonce")
    return statement.time_ms


def load_bundle_keys(document: BundleDocument) -> Mapping[Purpose, tuple[PublicKey, ...]]:
    """Return the Ed25519 keys of a bundle by purpose.

    Raises:
        DocumentError: ``duplicate_kid``, ``key_encoding``, ``key_point``, ``key_purpose``.
    """
    kids = [entry.kid for entry in document.keys]
    # One kid for two keys, even of two purposes, is a bundle somebody got wrong.
    if len(set(kids)) != len(kids):
        raise DocumentError("duplicate_kid")
    by_purpose: dict[Purpose, tuple[PublicKey, ...]] = {}
    for entry in document.keys:
        if (entry.algorithm == "X25519") != (entry.purpose == "seal"):
            raise DocumentError("key_purpose")
        if entry.algorithm == "Ed25519":
            key = load_public_key(entry.kid, entry.public_key, entry.not_before, entry.not_after)
            by_purpose[entry.purpose] = (*by_purpose.get(entry.purpose, ()), key)
    return by_purpose


def _with_bundle(document: RootDocument, root: Envelope, bundle: Envelope, now_s: int | None) -> TrustState:
    payload = dsse.open_envelope(bundle, BUNDLE_TYPE, _document_keys(document.bundle_keys))
    newest = read_document(payload, BundleDocument)
    _check_tenant(newest, TenantId(document.tenant_id))
    if now_s is not None:
        _check_expiry(newest, now_s)
    return TrustState(document, newest, root, bundle, load_bundle_keys(newest), _seal_keys(newest))


def _seal_keys(document: BundleDocument) -> tuple[tuple[BundleKey, SealKey], ...]:
    return tuple(
        (entry, SealKey(KeyId(entry.kid), _load_x25519(entry.public_key)))
        for entry in document.keys
        if entry.purpose == "seal"
    )


def _load_x25519(text: str) -> bytes:
    try:
        raw = base64url_decode(text)
    except EncodingError:
        raise DocumentError("key_encoding") from None
    try:
        # RFC 7748 §6.1: with a point of small order the shared secret is zero, and everybody could open the outbox.
        crypto_scalarmult(b"\x40" * KEY_BYTES, raw)
    except CryptoError:
        raise DocumentError("key_point") from None
    return raw


_D = TypeVar("_D", bound=Document)


def read_document(payload: bytes, kind: type[_D]) -> _D:
    """Return signed bytes, whose signature is the caller's matter, as a document.

    Raises:
        EncodingError: no strict JSON.
        DocumentError: ``shape``.
    """
    members = read_object(payload, max_bytes=MAX_DOCUMENT_BYTES, max_depth=_MAX_DEPTH)
    try:
        return msgspec.convert(members, kind, strict=True)
    except msgspec.ValidationError:
        raise DocumentError("shape") from None


def _document_keys(keys: tuple[DocumentKey, ...]) -> Mapping[str, PublicKey]:
    return key_set(load_public_key(key.kid, key.public_key) for key in keys)


def _check_version(offered: int, known: int) -> None:
    if offered < known:
        raise DocumentError("rollback")
    if offered == known:
        raise DocumentError("equal_version_other_bytes")


def _check_tenant(document: RootDocument | BundleDocument, tenant: TenantId) -> None:
    if document.tenant_id != tenant:
        raise DocumentError("tenant")


def _check_expiry(document: RootDocument | BundleDocument, now_s: int) -> None:
    # TUF §5.3.10, §5.5.6: a frozen mirror must not keep us on documents that are over.
    if now_s >= document.expires_at:
        raise DocumentError("expired")


def _counts(entry: BundleKey, now_s: int) -> bool:
    return entry.not_before <= now_s < entry.not_after
