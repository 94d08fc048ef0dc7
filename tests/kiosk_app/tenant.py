"""A tenant that tests are the server of: every key, every document and every code that a kiosk can meet."""

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk_protocol import dsse
from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.device_tokens import DeviceClaims, issue_device_token, key_thumbprint
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.identifiers import DeviceId, KeyId, SiteId, TenantId, VisitId, VisitorId, key_id_of, visit_digest
from kiosk_protocol.messages import Envelope, FeedEntry, FeedState, SiteConfiguration
from kiosk_protocol.revocation import RevocationDocument
from kiosk_protocol.sealing import SealContext, VisitDetails, seal_details
from kiosk_protocol.signing import issue_visit_token, sign_bundle, sign_revocation, sign_root, sign_time
from kiosk_protocol.trust import ROOT_TYPE, BundleDocument, BundleKey, DocumentKey, OfflinePolicy, RootDocument

T0_S = 1_900_000_000
"""Monday, 2030-03-17 17:46:40 UTC: when the tests' day begins."""
DAY_S = 24 * 3600
END_S = 2**53 - 1


def long_id() -> str:
    return base64url_encode(secrets.token_bytes(16))


def short_id() -> str:
    return base64url_encode(secrets.token_bytes(8))


def kid_of(key: SigningKey) -> KeyId:
    return key_id_of(bytes(key.verify_key))


@dataclass(frozen=True)
class ShownVisit:
    """A registered visit: its token and what the feed says of it."""

    claims: VisitClaims
    token: str
    entry: FeedEntry


@dataclass
class Tenant:
    """Keys by purpose, and the documents and codes made with them."""

    tenant: TenantId = field(default_factory=lambda: TenantId(long_id()))
    site: SiteId = field(default_factory=lambda: SiteId(short_id()))
    root_key: SigningKey = field(default_factory=SigningKey.generate)
    bundle_key: SigningKey = field(default_factory=SigningKey.generate)
    visit_key: SigningKey = field(default_factory=SigningKey.generate)
    device_key: SigningKey = field(default_factory=SigningKey.generate)
    time_key: SigningKey = field(default_factory=SigningKey.generate)
    seal_key: PrivateKey = field(default_factory=PrivateKey.generate)

    def root(self, version: int = 1, expires_at: int = T0_S + 3650 * DAY_S) -> Envelope:
        document = RootDocument(
            type="root",
            tenant_id=self.tenant,
            version=version,
            issued_at=T0_S - DAY_S,
            expires_at=expires_at,
            root_keys=(_document_key(self.root_key),),
            bundle_keys=(_document_key(self.bundle_key),),
        )
        return sign_root(document, [(kid_of(self.root_key), self.root_key)])

    def changed_root(self, version: int) -> Envelope:
        """Change the root key, and return the root that says so, signed by the old key and the new."""
        former, self.root_key = self.root_key, SigningKey.generate()
        own = self.root(version)
        payload = dsse.read_unverified_payload(own, ROOT_TYPE)
        return dsse.sign_envelope(ROOT_TYPE, payload, [(kid_of(key), key) for key in (former, self.root_key)])

    def bundle_document(self, version: int = 1, issued_at: int = T0_S - 3600) -> BundleDocument:
        return BundleDocument(
            type="bundle",
            tenant_id=self.tenant,
            version=version,
            issued_at=issued_at,
            expires_at=issued_at + 90 * DAY_S,
            keys=(
                _bundle_key(self.visit_key, "visit"),
                _bundle_key(self.device_key, "device"),
                _bundle_key(self.time_key, "time"),
                BundleKey(
                    kid=key_id_of(bytes(self.seal_key.public_key)),
                    algorithm="X25519",
                    public_key=base64url_encode(bytes(self.seal_key.public_key)),
                    purpose="seal",
                    not_before=0,
                    not_after=END_S,
                ),
            ),
            offline=OfflinePolicy(greatest_age_s=30 * DAY_S),
            lowest_app_version="0",
        )

    def bundle(self, version: int = 1, issued_at: int = T0_S - 3600) -> Envelope:
        return self.sign(self.bundle_document(version, issued_at))

    def sign(self, document: BundleDocument) -> Envelope:
        return sign_bundle(document, kid_of(self.bundle_key), self.bundle_key)

    def revocation(self, device: str, public_key: bytes, **changes: Any) -> Envelope:
        facts = {"tenant_id": self.tenant, "device_id": device, "device_key": base64url_encode(public_key)}
        document = RevocationDocument(**({"type": "revocation", "issued_at": T0_S} | facts | changes))
        return sign_revocation(document, kid_of(self.bundle_key), self.bundle_key)

    def time(self, nonce: str, time_ms: int) -> Envelope:
        return sign_time(nonce, time_ms, kid_of(self.time_key), self.time_key)

    def configuration(self) -> SiteConfiguration:
        return SiteConfiguration(
            tenant_id=self.tenant,
            tenant_name="Example",
            site_id=self.site,
            site_name="Main house",
            time_zone="Europe/Berlin",
            languages=("en", "de"),
            brand_colour="#204a87",
            unknown_visit="ask",
            greatest_feed_age_s=None,
        )

    def device_token(self, device: str, public_key: bytes, issued_at: int = T0_S) -> str:
        claims = DeviceClaims(
            DeviceId(device),
            self.tenant,
            self.site,
            long_id(),
            issued_at,
            issued_at + 365 * DAY_S,
            key_thumbprint(public_key),
        )
        return issue_device_token(claims, kid_of(self.device_key), self.device_key)

    def claims(self, not_before: int = T0_S - 600, expires: int = T0_S + 7200) -> VisitClaims:
        return VisitClaims(VisitId(long_id()), VisitorId(long_id()), self.site, not_before, expires)

    def token(self, claims: VisitClaims, key: SigningKey | None = None) -> str:
        signer = key or self.visit_key
        return issue_visit_token(claims, kid_of(signer), signer)

    def visit(
        self,
        claims: VisitClaims | None = None,
        state: FeedState = "expected",
        name: str = "Ada Lovelace",
        live_revision: int | None = None,
    ) -> ShownVisit:
        """Register a visit; ``live_revision`` other than the token's makes the token an older or unheard-of one."""
        claims = claims or self.claims()
        token = self.token(claims)
        live = claims.revision if live_revision is None else live_revision
        digest = visit_digest(claims.visit)
        details = VisitDetails(
            visitor_name=name,
            host_name="Grace Hopper",
            room="2.04",
            arrival=claims.not_before,
            departure=claims.expires,
        )
        context = SealContext(self.tenant, self.site, digest, live, 0)
        signature = base64url_decode(token.rpartition(".")[2])
        entry = FeedEntry(
            digest=digest,
            rev=live,
            edit=0,
            state=state,
            exp=claims.expires,
            sealed=seal_details(details, signature, context, secrets.token_bytes),
        )
        return ShownVisit(claims, token, entry)

    def reissued(self, visit: ShownVisit, revision: int) -> ShownVisit:
        return self.visit(replace(visit.claims, revision=revision))


def _document_key(key: SigningKey) -> DocumentKey:
    return DocumentKey(kid=kid_of(key), public_key=base64url_encode(bytes(key.verify_key)))


def _bundle_key(key: SigningKey, purpose: str) -> BundleKey:
    return BundleKey(
        kid=kid_of(key),
        algorithm="Ed25519",
        public_key=base64url_encode(bytes(key.verify_key)),
        purpose=purpose,  # type: ignore[arg-type]
        not_before=0,
        not_after=END_S,
    )
