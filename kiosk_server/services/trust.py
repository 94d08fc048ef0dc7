"""Root and bundle of a tenant: signed once, kept as exact bytes, renewed before they grow old."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.messages import Envelope, TrustAnswer, decode, encode
from kiosk_protocol.signing import sign_bundle, sign_root
from kiosk_protocol.trust import (
    DEFAULT_GREATEST_AGE_S,
    BundleDocument,
    BundleKey,
    DocumentKey,
    OfflinePolicy,
    RootDocument,
)
from kiosk_server.domain.problems import WrongStateError
from kiosk_server.domain.records import DocumentKind, StoredDocument, StoredKey
from kiosk_server.domain.times import to_seconds
from kiosk_server.services.house import House
from kiosk_server.services.keys import signing_key
from kiosk_server.services.ports import Records

ROOT_LIFE: Final = timedelta(days=10 * 365)
BUNDLE_LIFE: Final = timedelta(days=90)
BUNDLE_RENEWED_AFTER: Final = timedelta(hours=6)
"""A kiosk calls a bundle older than 24 h too old to refuse an unknown key by; a quarter of that leaves room."""

LOWEST_APP_VERSION: Final = "0.1.0"


def sign_first_documents(house: House, records: Records, now: datetime) -> None:
    """Sign a new tenant's root and first bundle."""
    kid, key = signing_key(house, records, "root", now)
    root = RootDocument(
        type="root",
        tenant_id=records.tenant_id,
        version=to_seconds(now),
        issued_at=to_seconds(now),
        expires_at=to_seconds(now + ROOT_LIFE),
        root_keys=_document_keys(records.keys.all("root")),
        bundle_keys=_document_keys(records.keys.all("bundle")),
    )
    envelope = encode(sign_root(root, [(kid, key)]))
    records.keys.add_document(StoredDocument("root", root.version, envelope, now))
    _sign_bundle(house, records, now, last_version=0)


def current_trust(house: House, records: Records, now: datetime) -> TrustAnswer:
    """Return the newest root and bundle; a bundle that grows old is signed anew first."""
    bundle = records.keys.newest_document("bundle")
    if bundle is None:
        raise WrongStateError("no_trust", "This tenant has no trust documents.")
    if now - bundle.issued_at >= BUNDLE_RENEWED_AFTER:
        _sign_bundle(house, records, now, last_version=bundle.version)
    return TrustAnswer(root=_newest(records, "root"), bundle=_newest(records, "bundle"))


def _newest(records: Records, kind: DocumentKind) -> Envelope:
    document = records.keys.newest_document(kind)
    if document is None:
        raise WrongStateError("no_trust", "This tenant has no trust documents.")
    return decode(document.envelope, Envelope)


def _sign_bundle(house: House, records: Records, now: datetime, last_version: int) -> None:
    issued_at = to_seconds(now)
    # Time as version survives a restored database; last + 1 survives a clock that was set back.
    version = max(issued_at, last_version + 1)
    bundle = BundleDocument(
        type="bundle",
        tenant_id=records.tenant_id,
        version=version,
        issued_at=issued_at,
        expires_at=to_seconds(now + BUNDLE_LIFE),
        keys=tuple(entry for key in records.keys.all() if (entry := _bundle_key(key)) is not None),
        offline=OfflinePolicy(greatest_age_s=DEFAULT_GREATEST_AGE_S),
        lowest_app_version=LOWEST_APP_VERSION,
    )
    kid, key = signing_key(house, records, "bundle", now)
    # Where another request signed this version meanwhile, its bytes stand and ours are forgotten.
    records.keys.add_document(StoredDocument("bundle", version, encode(sign_bundle(bundle, kid, key)), now))


def _bundle_key(key: StoredKey) -> BundleKey | None:
    if key.purpose == "root" or key.purpose == "bundle" or key.purpose == "user":  # noqa: PLR1714 - mypy narrows no `in`
        return None
    return BundleKey(
        kid=key.kid,
        algorithm="X25519" if key.purpose == "seal" else "Ed25519",
        public_key=base64url_encode(key.public_key),
        purpose=key.purpose,
        not_before=to_seconds(key.not_before),
        not_after=to_seconds(key.not_after),
    )


def _document_keys(keys: Sequence[StoredKey]) -> tuple[DocumentKey, ...]:
    return tuple(DocumentKey(kid=key.kid, public_key=base64url_encode(key.public_key)) for key in keys)
