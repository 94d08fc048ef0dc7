"""Root and bundle of a tenant: signed once, kept as exact bytes, renewed before they grow old.

Whoever publishes holds the tenant's key lock, so that versions rise one by one and no older set of keys comes last.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from kiosk_protocol import trust as documents
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import KeyId
from kiosk_protocol.messages import MAX_EARLIER_ROOTS, Envelope, TrustAnswer, decode, encode
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
from kiosk_server.services.keys import Signer, check_is_ours, signing_key
from kiosk_server.services.ports import Records

ROOT_LIFE: Final = timedelta(days=10 * 365)
BUNDLE_LIFE: Final = timedelta(days=90)
BUNDLE_RENEWED_AFTER: Final = timedelta(hours=6)
"""A kiosk calls a bundle older than 24 h too old to refuse an unknown key by; a quarter of that leaves room."""
GREATEST_OFFLINE_AGE: Final = timedelta(seconds=DEFAULT_GREATEST_AGE_S)
"""So long a kiosk may decide on one bundle: a key that stood in it for that time is known to all that may decide."""

LOWEST_APP_VERSION: Final = "0.1.0"


def sign_first_documents(house: House, records: Records, now: datetime) -> None:
    """Sign a new tenant's root and first bundle."""
    publish_root(house, records, now, signing_key(house, records, "root", now))
    publish_bundle(house, records, now)


def current_trust(house: House, records: Records, now: datetime) -> TrustAnswer:
    """Return the newest root and bundle, and the roots before; a bundle that grows old is signed anew first."""
    if _grows_old(records, now):
        records.keys.lock()
        # Somebody else may have signed while we waited.
        if _grows_old(records, now):
            publish_bundle(house, records, now)
    *earlier, root = _newest(records, "root", 1 + MAX_EARLIER_ROOTS)
    return TrustAnswer(root=root, bundle=_newest(records, "bundle", 1)[0], earlier_roots=tuple(earlier))


def publish_root(
    house: House, records: Records, now: datetime, named: Signer, former: Signer | None = None
) -> RootDocument:
    """Sign and store a root that names one root key and the standing bundle keys.

    Args:
        house: What use cases work with.
        records: The transaction, which holds the key lock.
        now: When it is issued.
        named: The root key from now on: as it was opened or made, not as the database says.
        former: The root key until now, where it is another.
    """
    bundle_keys = [key for key in records.keys.all("bundle") if key.is_standing]
    for key in bundle_keys:
        check_is_ours(house, records.tenant_id, key)
    root = RootDocument(
        type="root",
        tenant_id=records.tenant_id,
        version=_next_version(records, "root", now),
        issued_at=to_seconds(now),
        expires_at=to_seconds(now + ROOT_LIFE),
        root_keys=(_document_key(named[0], bytes(named[1].verify_key)),),
        bundle_keys=tuple(_document_key(key.kid, key.public_key) for key in bundle_keys),
    )
    envelope = sign_root(root, [named] if former is None else [named, former])
    # What a kiosk would refuse is not published: a signer that the document does not name, or too much of it.
    documents.read_root(envelope)
    records.keys.add_document(StoredDocument("root", root.version, encode(envelope), now))
    return root


def publish_bundle(house: House, records: Records, now: datetime) -> None:
    """Sign and store a bundle of the tenant's standing keys, each of them proven to be ours first."""
    keys = [key for key in records.keys.all() if key.is_standing]
    for key in keys:
        if key.purpose != "root":
            check_is_ours(house, records.tenant_id, key)
    bundle = BundleDocument(
        type="bundle",
        tenant_id=records.tenant_id,
        version=_next_version(records, "bundle", now),
        issued_at=to_seconds(now),
        expires_at=to_seconds(now + BUNDLE_LIFE),
        keys=tuple(entry for key in keys if (entry := _bundle_key(key)) is not None),
        offline=OfflinePolicy(greatest_age_s=DEFAULT_GREATEST_AGE_S),
        lowest_app_version=LOWEST_APP_VERSION,
    )
    envelope = sign_bundle(bundle, *signing_key(house, records, "bundle", now))
    documents.pin(_newest(records, "root", 1)[0], envelope, records.tenant_id, to_seconds(now))
    records.keys.add_document(StoredDocument("bundle", bundle.version, encode(envelope), now))


def _grows_old(records: Records, now: datetime) -> bool:
    bundle = records.keys.newest_document("bundle")
    if bundle is None:
        raise _no_trust()
    return now - bundle.issued_at >= BUNDLE_RENEWED_AFTER


def _newest(records: Records, kind: DocumentKind, most: int) -> Sequence[Envelope]:
    found = records.keys.newest_documents(kind, most)
    if not found:
        raise _no_trust()
    return [decode(document.envelope, Envelope) for document in found]


def _next_version(records: Records, kind: DocumentKind, now: datetime) -> int:
    """Return the time as version, which survives a restored database, or the last + 1, if a clock was set back."""
    last = records.keys.newest_document(kind)
    return max(to_seconds(now), 0 if last is None else last.version + 1)


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


def _document_key(kid: KeyId, public_key: bytes) -> DocumentKey:
    return DocumentKey(kid=kid, public_key=base64url_encode(public_key))


def _no_trust() -> WrongStateError:
    return WrongStateError("no_trust", "This tenant has no trust documents.")
