"""Issuing: visit tokens and signed documents. The server's side only; the kiosk may not import this module."""

import json
from collections.abc import Sequence
from typing import Any

from nacl.signing import SigningKey

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.dsse import sign_envelope
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import DocumentError
from kiosk_protocol.identifiers import KeyId
from kiosk_protocol.messages import Envelope, encode
from kiosk_protocol.revocation import REVOCATION_TYPE, RevocationDocument
from kiosk_protocol.tokens import ALG, TYP
from kiosk_protocol.trust import BUNDLE_TYPE, ROOT_TYPE, TIME_TYPE, BundleDocument, RootDocument, TimeStatement

MAX_ISSUED_CHARACTERS = 331
"""What fits a QR symbol of version 13 at level M in byte mode (ISO/IEC 18004, table 7)."""


def compact_json(value: dict[str, Any]) -> bytes:
    """Return ``value`` as JSON without white space, members in the order given."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def issue_visit_token(claims: VisitClaims, kid: KeyId, key: SigningKey) -> str:
    """Return the visit token for ``claims``: at most 331 characters.

    Raises:
        DocumentError: ``claims`` that every kiosk would refuse; a code must not fail first at the door.
    """
    if VisitClaims.from_members(claims.to_members()) != claims:
        raise DocumentError("claims")
    header = compact_json({"alg": ALG, "typ": TYP, "kid": kid})
    signed = f"{base64url_encode(header)}.{base64url_encode(compact_json(claims.to_members()))}"
    return f"{signed}.{base64url_encode(key.sign(signed.encode()).signature)}"


def sign_root(root: RootDocument, signers: Sequence[tuple[KeyId, SigningKey]]) -> Envelope:
    """Return the signed root; ``signers`` are the new root key and, but for the first root, the old one."""
    return sign_envelope(ROOT_TYPE, encode(root), signers)


def sign_bundle(bundle: BundleDocument, kid: KeyId, key: SigningKey) -> Envelope:
    """Return the signed bundle."""
    return sign_envelope(BUNDLE_TYPE, encode(bundle), [(kid, key)])


def sign_time(nonce: str, time_ms: int, kid: KeyId, key: SigningKey, *older: tuple[KeyId, SigningKey]) -> Envelope:
    """Return the signed answer to a kiosk's question for the time; ``older`` keys sign for kiosks that were away."""
    statement = TimeStatement(type="time", nonce=nonce, time_ms=time_ms)
    return sign_envelope(TIME_TYPE, encode(statement), [(kid, key), *older])


def sign_revocation(
    revocation: RevocationDocument, kid: KeyId, key: SigningKey, *older: tuple[KeyId, SigningKey]
) -> Envelope:
    """Return the signed revocation; the keys sign bundles, or did under a root that the kiosk may still hold."""
    return sign_envelope(REVOCATION_TYPE, encode(revocation), [(kid, key), *older])
