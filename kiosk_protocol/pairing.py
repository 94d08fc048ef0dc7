"""Pairing: the set-up code, and the tags by which both sides show that they saw the same run (suite ``tls-1``).

In this suite the six digits travel over TLS to a server whose CA the set-up code names by fingerprint. Messages keep
their shape when a PAKE takes its place: share, share, tag, tag and result.
"""

import hmac
import ipaddress
import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import SiteId, is_site_id

SUITE: Final = "tls-1"
CODE_DIGITS: Final = 6
WINDOW_S: Final = 600
TRIES: Final = 5
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_VISIBLE: Final = re.compile(r"[!-~]+")
_MAX_SETUP_CODE_CHARACTERS: Final = 512
_FINGERPRINT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SetupCode:
    """Where to pair: ``https://server/p/tenant/site``, and the CA by whose fingerprint the server is known."""

    base_url: str
    tenant_slug: str
    site: SiteId
    ca_fingerprint: str | None
    """Base64url SHA-256 of the CA certificate's DER; None: the system's certificate store decides."""

    @property
    def address(self) -> str:
        """The pairing address, which both tags are bound to."""
        return pairing_address(self.base_url, self.tenant_slug, self.site)

    def __str__(self) -> str:
        return self.address if self.ca_fingerprint is None else f"{self.address}#ca={self.ca_fingerprint}"


def pairing_address(base_url: str, tenant_slug: str, site: SiteId) -> str:
    """Return the public pairing address of a site."""
    return f"{base_url.rstrip('/')}/p/{tenant_slug}/{site}"


def is_slug(text: str) -> bool:
    """Whether ``text`` can be a tenant's slug: a DNS label, so that it can become a host name later."""
    return _SLUG.fullmatch(text) is not None


def parse_setup_code(text: str) -> SetupCode:
    """Return the set-up code in ``text``, typed or scanned.

    Raises:
        EncodingError: ``setup_code`` for any other text; ``setup_code_scheme`` for plain http beyond this machine.
    """
    text = text.strip()
    # Visible ASCII only: urlsplit would drop tabs and line feeds, and so read a host that nobody saw.
    if len(text) > _MAX_SETUP_CODE_CHARACTERS or not _VISIBLE.fullmatch(text):
        raise EncodingError("setup_code")
    try:
        link = urlsplit(text)
        host, port = link.hostname or "", link.port
    except ValueError:
        raise EncodingError("setup_code") from None
    parts = link.path.split("/")
    if len(parts) != 4 or parts[:2] != ["", "p"] or not is_slug(parts[2]) or not is_site_id(parts[3]):
        raise EncodingError("setup_code")
    if "?" in text or "@" in link.netloc or not _is_host(host):
        raise EncodingError("setup_code")
    if link.scheme != "https" and not (link.scheme == "http" and _is_loopback(host)):
        raise EncodingError("setup_code_scheme")
    shown_host = f"[{host}]" if ":" in host else host
    base_url = f"{link.scheme}://{shown_host}" + ("" if port is None else f":{port}")
    return SetupCode(base_url, parts[2], SiteId(parts[3]), _fingerprint(link.fragment))


def _fingerprint(fragment: str) -> str | None:
    if not fragment:
        return None
    name, _, value = fragment.partition("=")
    if name != "ca" or len(_decode_or_empty(value)) != _FINGERPRINT_BYTES:
        raise EncodingError("setup_code")
    return value


def _decode_or_empty(text: str) -> bytes:
    """Return the bytes behind ``text``, or none where it is no base64url."""
    try:
        return base64url_decode(text)
    except EncodingError:
        return b""


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return True
    return _HOST.fullmatch(host) is not None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class PairingTranscript:
    """Everything both sides must agree on. Whoever swaps a key, a name or a share makes the tags differ."""

    address: str
    sid: str
    kiosk_key: str
    name: str
    run_id: str
    server_share: str
    code: str

    def kiosk_tag(self) -> str:
        """Return the kiosk's tag, base64url of 32 bytes."""
        return self._tag(b"kiosk")

    def server_tag(self) -> str:
        """Return the server's tag, base64url of 32 bytes."""
        return self._tag(b"server")

    def _tag(self, side: bytes) -> str:
        # A JSON list separates the parts unambiguously whatever a name contains.
        run = json.dumps(
            [SUITE, self.address, self.sid, self.kiosk_key, self.name, self.run_id, self.server_share],
            separators=(",", ":"),
            ensure_ascii=True,
        )
        key = HKDF(algorithm=SHA256(), length=32, salt=self.sid.encode("ascii"), info=b"atrium/pair/tls-1").derive(
            self.code.encode("ascii")
        )
        return base64url_encode(hmac.digest(key, side + b"\n" + run.encode("ascii"), "sha256"))


def tags_equal(left: str, right: str) -> bool:
    """Compare two tags in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
