"""Pairing: the set-up code, which says where to pair, and the limits of trying. The run: :mod:`.pairing_run`."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import SiteId, is_site_id

CODE_DIGITS: Final = 6
WINDOW_S: Final = 600
TRIES: Final = 5
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_VISIBLE: Final = re.compile(r"[!-~]+")
_FINGERPRINT: Final = "ca=[A-Za-z0-9_-]{43}"
_FRAGMENT: Final = re.compile(rf"(?:{_FINGERPRINT}&)?window=(?P<window>[a-z2-7]{{16}})|(?:{_FINGERPRINT})?", re.ASCII)
_MAX_SETUP_CODE_CHARACTERS: Final = 512


@dataclass(frozen=True, slots=True)
class SetupCode:
    """Where to pair: ``https://server/p/tenant/site``, and the name of the window where it has one."""

    base_url: str
    tenant_slug: str
    site: SiteId
    window: str | None = None
    """80 bits in base32: the only name that a window answers to which strangers shall not use up."""

    @property
    def address(self) -> str:
        """The pairing address, which a run is bound to."""
        return pairing_address(self.base_url, self.tenant_slug, self.site)

    def __str__(self) -> str:
        return self.address if self.window is None else f"{self.address}#window={self.window}"


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
    return SetupCode(base_url, parts[2], SiteId(parts[3]), _window(link.fragment))


def _window(fragment: str) -> str | None:
    # A fingerprint stands in set-up codes printed by older servers. It is read over: a pairing run authenticates what
    # the server hands over, its certificate authority included.
    found = _FRAGMENT.fullmatch(fragment)
    if found is None:
        raise EncodingError("setup_code")
    return found["window"]


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
