"""What our certificates look like: issued from names and a time, with nothing read or written.

ECDSA on P-256, which every TLS stack accepts; browsers refuse Ed25519. No name constraints on the authority: it would
not outlive a change of the server's name, and a new authority means pairing every kiosk again.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk_protocol.encoding import base64url_encode

AUTHORITY_LIFE = timedelta(days=3652)
SERVER_LIFE = timedelta(days=397)  # Chromium and Apple refuse longer ones
RENEWED_AFTER = SERVER_LIFE * 2 / 3
CLOCK_ALLOWANCE = timedelta(days=1)  # validity begins in the past, for kiosks whose clock is behind
COMMON_NAME_LIMIT_CHARACTERS = 64  # X.520, ub-common-name
DNS_NAME_LIMIT_CHARACTERS = 253  # RFC 1035 §2.3.4, in text


class TlsError(Exception):
    """Base of what can go wrong here.

    Attributes:
        code: Stable short code for staff.
        subject: The host or file it is about.
        reason: More for the log.
    """

    code = "TLS"

    def __init__(self, subject: str, reason: str) -> None:
        super().__init__(subject, reason)
        self.subject = subject
        self.reason = reason


class HostUnusableError(TlsError):
    """A host is neither an IP address nor a DNS name."""

    code = "TLS-1"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its private key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        """Return key and certificate in one text, as ``ssl`` reads them from one file."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + self.certificate.public_bytes(Encoding.PEM)

    @classmethod
    def from_pem(cls, text: bytes) -> "Issued":
        """Read what ``pem`` wrote.

        Raises:
            ValueError: Anything else, and a key that is not the certificate's.
        """
        try:
            key, certificate = load_pem_private_key(text, None), x509.load_pem_x509_certificate(text)
        except (TypeError, UnsupportedAlgorithm) as error:  # encrypted, or of a kind that we never write
            raise ValueError(str(error)) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("the key is not the certificate's")
        return cls(key, certificate)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the base64url SHA-256 of the certificate's DER, without padding."""
    return base64url_encode(hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest())


def general_name(host: str) -> x509.GeneralName:
    """Return the host as a certificate names it; international names in their ASCII form.

    Raises:
        HostUnusableError: It is neither an address nor a name.
    """
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise HostUnusableError(host, str(error)) from error
    letters = name.replace("-", "").replace(".", "")
    if not letters.isalnum() or len(name) > DNS_NAME_LIMIT_CHARACTERS:
        raise HostUnusableError(host, "no DNS name")
    return x509.DNSName(name)


def issue_authority(now: datetime) -> Issued:
    """Make an authority that may sign servers and no further authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Atrium Kiosk private CA {now:%Y-%m-%d}")])
    starts = now - CLOCK_ALLOWANCE
    builder = _builder(name, name, key, starts, starts + AUTHORITY_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    return Issued(key, builder.sign(key, hashes.SHA256()))


def issue_server(authority: Issued, names: Sequence[x509.GeneralName], now: datetime) -> Issued:
    """Make a certificate for a TLS server, not longer than the authority lives."""
    key = ec.generate_private_key(ec.SECP256R1())
    common_name = str(names[0].value)[:COMMON_NAME_LIMIT_CHARACTERS]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    starts = now - CLOCK_ALLOWANCE
    # Both ends of a validity belong to it (RFC 5280 §4.1.2.5), hence the second less.
    ends = min(starts + SERVER_LIFE - timedelta(seconds=1), authority.certificate.not_valid_after_utc)
    issuer_key = authority.key.public_key()
    extensions = (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName(names), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), False),
    )
    builder = _builder(subject, authority.certificate.subject, key, starts, ends)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Issued(key, builder.sign(authority.key, hashes.SHA256()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, starts: datetime, ends: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), starts, ends)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def renew_at(server: x509.Certificate) -> datetime:
    """Return when the certificate should be replaced: after two thirds of a full life, or at its end if it is short."""
    life = server.not_valid_after_utc - server.not_valid_before_utc
    return server.not_valid_before_utc + min(RENEWED_AFTER, life)
