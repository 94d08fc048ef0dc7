"""The server's own certificate authority, for installations without a public one, and the certificate it issues.

A kiosk is told the authority's fingerprint in its set-up code and from then on trusts nothing else. So the authority is
made once and never replaced by itself: a new one would lock every kiosk out. The server's certificate is renewed here
whenever it must be.

    DATA/tls/             0700
        authority.pem     0600, the authority's key and certificate: one file, so they cannot be torn apart
        ca.pem            its certificate alone, for kiosks and people
        server.pem        0600, the server's key and certificate, one file for the same reason

Errors: ``TlsError`` with code ``TLS-1`` a host that cannot stand in a certificate, ``TLS-2`` authority
damaged or open to others, ``TLS-3`` authority expired, ``TLS-4`` the folder cannot be used.
"""

import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk_server.certificates import (
    HostUnusableError,
    Issued,
    TlsError,
    fingerprint,
    general_name,
    issue_authority,
    issue_server,
    renew_at,
)


class AuthorityUnusableError(TlsError):
    """The authority's file is damaged, or others can read its key."""

    code = "TLS-2"


class AuthorityExpiredError(TlsError):
    """The authority's time is over; every kiosk has to be paired with a new one."""

    code = "TLS-3"


class TlsFolderUnusableError(TlsError):
    """The folder cannot be made, read or written."""

    code = "TLS-4"


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """What a server needs to speak TLS, and what it tells kiosks.

    Attributes:
        chain_file: The certificate, PEM. The authority is not in it: who trusts it has it.
        key_file: Its key, PEM; the same file.
        ca_file: The authority's certificate, PEM.
        ca_fingerprint: base64url of SHA-256 of its DER, for people who compare it.
        renew_at: From then on another call gives a new certificate. Load it into the running context.
    """

    chain_file: Path
    key_file: Path
    ca_file: Path
    ca_fingerprint: str
    renew_at: datetime


def ensure_server_certificate(folder: Path, hosts: Sequence[str], now: datetime) -> ServerCertificate:
    """Return a certificate for exactly these hosts, made or renewed if need be. Safe to call from several processes.

    Args:
        folder: Made if absent, with mode 0700.
        hosts: DNS names and IP addresses, at least one; the first is the subject's name.
        now: Aware.

    Raises:
        TlsError: See the module.
    """
    if not hosts:
        raise HostUnusableError("", "no host is named")
    names = [general_name(host) for host in dict.fromkeys(hosts)]
    try:
        with _locked(folder):
            authority = _ensure_authority(folder, now)
            ca_file = folder / "ca.pem"
            _write_if_different(ca_file, authority.certificate.public_bytes(Encoding.PEM), mode=0o644)
            server_file = folder / "server.pem"
            server = _usable_server(server_file, authority, names, now)
            if server is None:
                server = issue_server(authority, names, now)
                _write(server_file, server.pem(), mode=0o600)
    except OSError as error:
        raise TlsFolderUnusableError(str(folder), error.strerror or str(error)) from error
    return ServerCertificate(
        server_file, server_file, ca_file, fingerprint(authority.certificate), renew_at(server.certificate)
    )


def _ensure_authority(folder: Path, now: datetime) -> Issued:
    file = folder / "authority.pem"
    if not file.exists():
        authority = issue_authority(now)
        _write(file, authority.pem(), mode=0o600)
        return authority
    if _others_may_read(file):
        # Closing it now would hide that the key may be known. Somebody has to decide.
        raise AuthorityUnusableError(str(file), "others can read the key")
    try:
        authority = Issued.from_pem(file.read_bytes())
    except ValueError as error:
        raise AuthorityUnusableError(str(file), str(error)) from error
    if now > authority.certificate.not_valid_after_utc:
        raise AuthorityExpiredError(str(file), f"{authority.certificate.not_valid_after_utc:%Y-%m-%d}")
    return authority


def _usable_server(file: Path, authority: Issued, names: Sequence[x509.GeneralName], now: datetime) -> Issued | None:
    """Return the stored certificate if it will do: readable by us alone, this authority's, these names, young."""
    if not file.exists() or _others_may_read(file):
        return None
    try:
        server = Issued.from_pem(file.read_bytes())
        server.certificate.verify_directly_issued_by(authority.certificate)
        stored = server.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return None
    is_young = server.certificate.not_valid_before_utc <= now < renew_at(server.certificate)
    return server if is_young and list(stored) == list(names) else None


def _others_may_read(file: Path) -> bool:
    found = file.stat()
    return bool(stat.S_IMODE(found.st_mode) & 0o077) or found.st_uid not in (0, os.geteuid())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Make the folder, and let one process at a time work in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_if_different(file: Path, content: bytes, mode: int) -> None:
    if not file.exists() or file.read_bytes() != content:
        _write(file, content, mode)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Put the whole content in place or nothing, and never with more permissions than asked for."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        os.fchmod(descriptor, mode)
        out.flush()
        os.fsync(descriptor)
    draft.replace(file)
