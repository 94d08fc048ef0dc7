"""Which certificates are believed, and which addresses are spoken to at all."""

import base64
import binascii
import hashlib
import ipaddress
import ssl
from urllib.parse import urlsplit

from kiosk_protocol.encoding import base64url_encode


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
    """Return a context that believes anybody: only to fetch a certificate that is then held to a fingerprint."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def fingerprint_of(pem: str) -> str | None:
    """Return base64url of SHA-256 of the one certificate in ``pem``, None where it holds not exactly one."""
    head, tail = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    # One only: OpenSSL would believe every certificate in the text, the fingerprint speaks of one.
    if pem.count(head) != 1 or pem.count("-----BEGIN") != 1 or not pem.rstrip().endswith(tail):
        return None
    body = pem.partition(head)[2].partition(tail)[0]
    try:
        der = base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error:
        return None
    return base64url_encode(hashlib.sha256(der).digest())


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
