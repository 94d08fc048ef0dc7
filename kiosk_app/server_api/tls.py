"""Which certificates are believed, and which addresses are spoken to at all."""

import ipaddress
import ssl
from urllib.parse import urlsplit


def trusting_context(ca_certificate: str | None) -> ssl.SSLContext:
    """Return a context of TLS 1.2 or later that checks chain and name.

    Args:
        ca_certificate: PEM of the only authority to believe; None: the system's certificate store.

    Raises:
        ValueError: ``ca_certificate`` is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_certificate is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cadata=ca_certificate)
    except ssl.SSLError as error:
        raise ValueError("no certificate") from error
    return context


def unverifying_context() -> ssl.SSLContext:
    """Return a context that believes anybody: for pairing alone, where nothing rests on TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def is_allowed_address(base_url: str) -> bool:
    """Whether the kiosk speaks to ``base_url``: https anywhere, plain http on this machine only."""
    try:
        link = urlsplit(base_url)
        host = link.hostname or ""
    except ValueError:
        return False
    if link.scheme == "https":
        return bool(host)
    return link.scheme == "http" and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
