"""Encryption at rest, password hashes and small files."""

from pathlib import Path

import pytest
from argon2.profiles import CHEAPEST

from kiosk_server.certificates import TlsError
from kiosk_server.cli.failures import complaint_about
from kiosk_server.domain.problems import TooManyError
from kiosk_server.notes import AddressNote, read_address, write_address
from kiosk_server.postgres.errors import DiskFullError, StartFailedError
from kiosk_server.services.failures import MasterKeyError, PortTakenError
from kiosk_server.services.ports import VaultError
from kiosk_server.store.passwords import ArgonPasswords
from kiosk_server.store.vault import AesVault, load_master_key


def test_sealed_value_opens_under_its_own_key_and_context_only() -> None:
    """Copied to another row, or with a bit turned, it opens nowhere."""
    vault = AesVault(b"k" * 32)
    sealed = vault.seal(b"secret", "signing-key a")
    assert vault.open(sealed, "signing-key a") == b"secret"
    turned = bytes([sealed[0] ^ 1]) + sealed[1:]
    for other, value, context in (
        (vault, sealed, "signing-key b"),
        (vault, sealed, "visit-token a"),
        (AesVault(b"x" * 32), sealed, "signing-key a"),
        (vault, turned, "signing-key a"),
        (vault, b"", "signing-key a"),
    ):
        with pytest.raises(VaultError):
            other.open(value, context)


def test_same_value_is_sealed_differently_each_time() -> None:
    """A fresh nonce each."""
    vault = AesVault(b"k" * 32)
    assert vault.seal(b"x", "a") != vault.seal(b"x", "a")


def test_master_key_is_made_once_and_kept(tmp_path: Path) -> None:
    """The second start reads what the first wrote."""
    first = load_master_key(tmp_path / "keys")
    assert len(first) == 32
    assert load_master_key(tmp_path / "keys") == first


def test_damaged_master_key_is_never_replaced(tmp_path: Path) -> None:
    """A new one would make everything sealed so far unreadable."""
    load_master_key(tmp_path)
    file = tmp_path / "master.key"
    file.write_text("damaged")
    file.chmod(0o600)
    with pytest.raises(MasterKeyError):
        load_master_key(tmp_path)
    assert file.read_text() == "damaged"


def test_passwords_are_hashed_by_the_low_memory_profile() -> None:
    """argon2id, 64 MiB, three passes, four lanes (RFC 9106 §4); unknown users are compared with nobody's hash."""
    passwords = ArgonPasswords()
    stored = passwords.hash("correct horse")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.matches(stored, "correct horse")
    assert not passwords.matches(stored, "wrong")
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.is_outdated(stored)


def test_logins_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one is sent away instead of taking a thread that a kiosk needs."""
    monkeypatch.setattr("kiosk_server.store.passwords.MOST_WAITING", 1)
    passwords = ArgonPasswords(CHEAPEST)
    with passwords._turn(), pytest.raises(TooManyError):
        passwords.matches(None, "x")
    assert not passwords.matches(None, "x")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port":"x","public_url":"a","ca_fingerprint":null}', '{"port":0}'])
def test_damaged_address_note_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    """The server then looks for a port as at its first start."""
    (tmp_path / "address.json").write_text(text)
    assert read_address(tmp_path) is None
    write_address(tmp_path, AddressNote(1, "https://a"))
    assert read_address(tmp_path) == AddressNote(1, "https://a")


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (PortTakenError("127.0.0.1:1"), "SRV-6", 3),
        (DiskFullError(Path("/data")), "PG-5", 4),
        (StartFailedError(Path("/data"), 1, "much\nFATAL: why"), "PG-3", 4),
        (TlsError("host", "reason"), "TLS", None),
        (OSError(28, "No space left on device"), "PG-5", 4),
        (PermissionError(13, "Permission denied", "/data/x"), "SRV-10", 4),
        (RuntimeError("bug"), None, None),
    ],
)
def test_complaints_are_one_line_with_a_code(error: Exception, code: str | None, status: int | None) -> None:
    """Whatever failed; bugs are none of these."""
    if code == "TLS":
        error.code = "TLS-2"
        code, status = "TLS-2", 4
    complaint = complaint_about(error)
    if code is None:
        assert complaint is None
        return
    assert complaint is not None
    assert code in complaint.sentence
    assert "\n" not in complaint.sentence
    assert complaint.exit_status == status
