"""The private authority and the server's certificate, in real handshakes."""

import base64
import hashlib
import socket
import ssl
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from kiosk_server.certificates import AUTHORITY_LIFE, SERVER_LIFE, HostUnusableError
from kiosk_server.tls import (
    AuthorityExpiredError,
    AuthorityUnusableError,
    ServerCertificate,
    TlsFolderUnusableError,
    ensure_server_certificate,
)

HOSTS = ("localhost", "127.0.0.1", "::1", "atrium.example")
TODAY = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tls"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def leaf(server: ServerCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(server.chain_file.read_bytes())


def authority(server: ServerCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(server.ca_file.read_bytes())


def handshake(server: ServerCertificate, trusted: Path, host: str) -> str | None:
    """Connect over loopback as a client that trusts that authority only; return the agreed version."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(server.chain_file, server.key_file)
    client_context = ssl.create_default_context(cafile=str(trusted))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    server_context.wrap_socket(connection, server_side=True).close()
                except (ssl.SSLError, ConnectionError):
                    return  # the client has hung up; what it thinks is what counts

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            with (
                socket.create_connection(listener.getsockname()) as plain,
                client_context.wrap_socket(plain, server_hostname=host) as secured,
            ):
                return secured.version()
        finally:
            thread.join()


@pytest.mark.parametrize("host", HOSTS)
def test_client_that_trusts_the_authority_connects(folder: Path, host: str) -> None:
    """Every named host is accepted under strict checks by a client that knows nothing but the authority."""
    server = ensure_server_certificate(folder, HOSTS, TODAY)
    assert handshake(server, server.ca_file, host) == "TLSv1.3"


def test_host_that_is_not_named_is_refused(folder: Path) -> None:
    """A name that was not asked for is not in the certificate."""
    server = ensure_server_certificate(folder, ["localhost"], TODAY)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(server, server.ca_file, "atrium.example")


def test_other_authority_is_refused(folder: Path, tmp_path: Path) -> None:
    """A client that trusts another installation's authority does not connect."""
    server = ensure_server_certificate(folder, HOSTS, TODAY)
    other = ensure_server_certificate(tmp_path / "other", HOSTS, TODAY)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, other.ca_file, "localhost")


def test_server_certificate_is_no_authority(folder: Path) -> None:
    """What the server holds cannot sign for others, and the authority can sign servers only."""
    server = ensure_server_certificate(folder, HOSTS, TODAY)
    constraints = leaf(server).extensions.get_extension_for_class(x509.BasicConstraints)
    usage = leaf(server).extensions.get_extension_for_class(x509.KeyUsage).value
    extended = leaf(server).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    of_authority = authority(server).extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert list(extended) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert of_authority.critical
    assert (of_authority.value.ca, of_authority.value.path_length) == (True, 0)


def test_lives_are_what_browsers_accept(folder: Path) -> None:
    """The certificate lives at most 397 days counting both ends, the authority ten years."""
    server = ensure_server_certificate(folder, HOSTS, TODAY)
    life = leaf(server).not_valid_after_utc - leaf(server).not_valid_before_utc + timedelta(seconds=1)
    assert life <= timedelta(days=397)
    assert authority(server).not_valid_after_utc - TODAY > timedelta(days=3650)
    assert leaf(server).not_valid_before_utc < TODAY - timedelta(hours=23)


def test_fingerprint_is_of_the_authority(folder: Path) -> None:
    """The fingerprint is the unpadded base64url SHA-256 of the DER in ca.pem."""
    server = ensure_server_certificate(folder, HOSTS, TODAY)
    der = ssl.PEM_cert_to_DER_cert(server.ca_file.read_text())
    expected = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
    assert server.ca_fingerprint == expected


def test_keys_are_closed_and_nothing_else_lies_about(folder: Path) -> None:
    """The folder becomes 0700, files with keys are 0600, the public certificate is readable, no drafts are left."""
    folder.mkdir(mode=0o755)
    ensure_server_certificate(folder, HOSTS, TODAY)
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "authority.pem": 0o600,
        "ca.pem": 0o644,
        "server.pem": 0o600,
    }
    assert b"PRIVATE" not in (folder / "ca.pem").read_bytes()


def test_second_call_changes_nothing(folder: Path) -> None:
    """As long as it will do, the same certificate is returned and no file is written."""
    first = ensure_server_certificate(folder, HOSTS, TODAY)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert ensure_server_certificate(folder, HOSTS, TODAY + timedelta(days=200)) == first
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_renewed_after_two_thirds_of_its_life(folder: Path) -> None:
    """A moment before two thirds it stays, at two thirds it is replaced; the authority stays."""
    first = ensure_server_certificate(folder, HOSTS, TODAY)
    serial = leaf(first).serial_number
    assert first.renew_at - leaf(first).not_valid_before_utc == SERVER_LIFE * 2 / 3
    ensure_server_certificate(folder, HOSTS, first.renew_at - timedelta(seconds=1))
    assert leaf(first).serial_number == serial
    second = ensure_server_certificate(folder, HOSTS, first.renew_at)
    assert leaf(second).serial_number != serial
    assert second.ca_fingerprint == first.ca_fingerprint
    assert second.renew_at > first.renew_at


def test_clock_that_was_set_back_gives_a_certificate_valid_now(folder: Path) -> None:
    """A certificate from the future, of a machine whose clock was wrong, is replaced."""
    ensure_server_certificate(folder, HOSTS, TODAY + timedelta(days=100))
    server = ensure_server_certificate(folder, HOSTS, TODAY)
    assert leaf(server).not_valid_before_utc < TODAY


def spoil_hosts(folder: Path) -> None:
    ensure_server_certificate(folder, ["elsewhere.example"], TODAY)


def spoil_content(folder: Path) -> None:
    (folder / "server.pem").write_text("garbage")


def spoil_mode(folder: Path) -> None:
    (folder / "server.pem").chmod(0o644)


def spoil_by_deletion(folder: Path) -> None:
    (folder / "server.pem").unlink()


def spoil_issuer(folder: Path) -> None:
    (folder / "authority.pem").unlink()


def spoil_with_the_authority_itself(folder: Path) -> None:
    (folder / "server.pem").write_bytes((folder / "authority.pem").read_bytes())


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_hosts,
        spoil_content,
        spoil_mode,
        spoil_by_deletion,
        spoil_issuer,
        spoil_with_the_authority_itself,
    ],
)
def test_certificate_that_will_not_do_is_replaced(folder: Path, spoil: Callable[[Path], None]) -> None:
    """Other hosts, damage, an open key, a missing file, another authority: a new one that works."""
    serial = leaf(ensure_server_certificate(folder, HOSTS, TODAY)).serial_number
    spoil(folder)
    server = ensure_server_certificate(folder, HOSTS, TODAY)
    assert leaf(server).serial_number != serial
    assert handshake(server, server.ca_file, "localhost") == "TLSv1.3"
    assert mode(server.key_file) == 0o600


def test_public_copy_is_restored(folder: Path) -> None:
    """A ca.pem that was changed or removed is written again from the authority."""
    first = ensure_server_certificate(folder, HOSTS, TODAY)
    content = first.ca_file.read_bytes()
    first.ca_file.write_text("garbage")
    assert ensure_server_certificate(folder, HOSTS, TODAY).ca_file.read_bytes() == content


def test_authority_that_others_can_read_is_refused(folder: Path) -> None:
    """TLS-2: an open key may be known to others, so it is neither used nor quietly closed."""
    ensure_server_certificate(folder, HOSTS, TODAY)
    (folder / "authority.pem").chmod(0o640)
    with pytest.raises(AuthorityUnusableError) as caught:
        ensure_server_certificate(folder, HOSTS, TODAY)
    assert caught.value.code == "TLS-2"
    assert mode(folder / "authority.pem") == 0o640


def test_authority_that_is_damaged_is_not_replaced(folder: Path) -> None:
    """TLS-2: a new authority would lock every kiosk out, so a damaged one stays for somebody to look at."""
    server = ensure_server_certificate(folder, HOSTS, TODAY)
    file = folder / "authority.pem"
    encrypted = load_pem_private_key(file.read_bytes(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    for damage in (
        encrypted + server.ca_file.read_bytes(),
        b"garbage",
        server.key_file.read_bytes().partition(b"-----BEGIN CERT")[0] + server.ca_file.read_bytes(),
    ):
        file.write_bytes(damage)
        with pytest.raises(AuthorityUnusableError):
            ensure_server_certificate(folder, HOSTS, TODAY)
        assert file.read_bytes() == damage


def test_certificate_does_not_outlive_its_authority(folder: Path) -> None:
    """Near the authority's end certificates are shorter; after it, TLS-3 says that pairing must be done again."""
    first = ensure_server_certificate(folder, HOSTS, TODAY)
    end = authority(first).not_valid_after_utc
    late = ensure_server_certificate(folder, HOSTS, TODAY + AUTHORITY_LIFE - timedelta(days=30))
    assert leaf(late).not_valid_after_utc == end
    assert late.renew_at <= end
    with pytest.raises(AuthorityExpiredError) as caught:
        ensure_server_certificate(folder, HOSTS, end + timedelta(seconds=1))
    assert caught.value.code == "TLS-3"


@pytest.mark.parametrize(
    "host", ["", "two words", "a..b", "under_score", "x" * 64, ".".join(["x" * 60] * 5), "1.2.3.4/8"]
)
def test_host_that_is_no_host_is_refused(folder: Path, host: str) -> None:
    """TLS-1 names the host; nothing is made for it."""
    with pytest.raises(HostUnusableError) as caught:
        ensure_server_certificate(folder, [host], TODAY)
    assert caught.value.code == "TLS-1"
    assert caught.value.subject == host
    assert not folder.exists()


def test_no_host_at_all_is_refused(folder: Path) -> None:
    """A certificate for nobody is no certificate."""
    with pytest.raises(HostUnusableError):
        ensure_server_certificate(folder, [], TODAY)


def test_international_name_stands_in_its_ascii_form(folder: Path) -> None:
    """A name with an umlaut is named as the DNS knows it."""
    server = ensure_server_certificate(folder, ["Empfang.Müller.example"], TODAY)
    names = leaf(server).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["empfang.xn--mller-kva.example"]


def test_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    """TLS-4 for a folder whose place is taken by a file."""
    (tmp_path / "tls").write_text("in the way")
    with pytest.raises(TlsFolderUnusableError) as caught:
        ensure_server_certificate(tmp_path / "tls", HOSTS, TODAY)
    assert caught.value.code == "TLS-4"


def test_calls_at_the_same_time_agree_on_one_authority(folder: Path) -> None:
    """Several starts at once in an empty folder make one authority and one certificate."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: ensure_server_certificate(folder, HOSTS, TODAY), range(8)))
    assert len(set(found)) == 1
    assert handshake(found[0], found[0].ca_file, "localhost") == "TLSv1.3"
