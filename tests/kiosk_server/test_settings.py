"""What the operator hands over from outside."""

from pathlib import Path

import pytest

from kiosk_server.settings import MASTER_KEY_CREDENTIAL, handed_master_key


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """The folder that systemd makes for ``LoadCredential=``, with the master key in it."""
    (tmp_path / MASTER_KEY_CREDENTIAL).write_text("out-of-the-credential\n")
    return tmp_path


def test_the_master_key_is_taken_from_the_service_managers_credential(credentials: Path) -> None:
    """Its line end, which editors leave, is not part of it."""
    assert handed_master_key({"CREDENTIALS_DIRECTORY": str(credentials)}) == "out-of-the-credential"


def test_the_environment_goes_before_the_credential(credentials: Path) -> None:
    """Who names the key for one command means that one."""
    named = {"CREDENTIALS_DIRECTORY": str(credentials), "ATRIUM_MASTER_KEY": "named"}
    assert handed_master_key(named) == "named"


def test_without_either_the_key_lies_in_the_data_folder(tmp_path: Path) -> None:
    """No variable, no credential of that name: the server makes and keeps its own."""
    assert handed_master_key({}) is None
    assert handed_master_key({"CREDENTIALS_DIRECTORY": str(tmp_path), "ATRIUM_MASTER_KEY": ""}) is None


def test_an_empty_or_damaged_credential_is_not_passed_over(credentials: Path) -> None:
    """It is returned, for the vault to refuse: another key made in its place would open nothing."""
    for content, text in ((b"", ""), (b"\xff\n", "\ufffd")):
        (credentials / MASTER_KEY_CREDENTIAL).write_bytes(content)
        assert handed_master_key({"CREDENTIALS_DIRECTORY": str(credentials)}) == text
