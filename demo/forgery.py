"""Codes that must not open the door: a tampered one, one by a key nobody knows, and somebody else's symbol.

Made from outside, with the protocol's own issuing code and a key of our own: this is what a forger has.
"""

import secrets
from pathlib import Path

import segno
from nacl.signing import SigningKey

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.identifiers import SiteId, VisitId, VisitorId, key_id_of
from kiosk_protocol.signing import issue_visit_token
from kiosk_protocol.transport import to_compact

FOREIGN_TEXT = "https://www.example.org/menu?table=7"


def tampered(token: str) -> str:
    """Return ``token`` with its visitor changed and the signature of the original."""
    header, payload, signature = token.split(".")
    members = base64url_decode(payload)
    place = members.index(b'"sub":"') + len(b'"sub":"')
    other = b"A" if members[place : place + 1] != b"A" else b"B"
    return ".".join((header, base64url_encode(members[:place] + other + members[place + 1 :]), signature))


def by_unknown_key(site: str, not_before: int, expires: int) -> str:
    """Return a well-formed token for ``site`` by a key that no trust bundle holds. Times in seconds since 1970."""
    key = SigningKey.generate()
    claims = VisitClaims(
        VisitId(base64url_encode(secrets.token_bytes(16))),
        VisitorId(base64url_encode(secrets.token_bytes(16))),
        SiteId(site),
        not_before,
        expires,
    )
    return issue_visit_token(claims, key_id_of(bytes(key.verify_key)), key)


def write_visit_code(token: str, path: Path) -> Path:
    """Write ``token`` as an invitation would show it: ``V1:``, level M, four modules of quiet zone."""
    return write_symbol(to_compact(token), path)


def write_symbol(text: str, path: Path) -> Path:
    """Write ``text`` as a QR symbol at level M."""
    segno.make_qr(text, error="m").save(str(path), scale=8, border=4)
    return path
