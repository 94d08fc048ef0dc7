"""The key file and the lock on the folder."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk_app.core.errors import AlreadyRunningError, KeysError, SettingsError
from kiosk_app.store.instance_lock import InstanceLock
from kiosk_app.store.key_store import FILE_NAME, KeyStore


def test_a_made_key_is_the_one_that_is_loaded_and_closed_to_others(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "a" / "keys")
    made = keys.make()
    assert keys.load() == made
    assert stat.S_IMODE((tmp_path / "a" / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "keys" / FILE_NAME).stat().st_mode) == 0o600
    assert {path.name for path in (tmp_path / "a" / "keys").iterdir()} == {FILE_NAME, "machine.key"}


def test_making_again_replaces_the_key_also_after_an_interrupted_attempt(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "keys")
    first = keys.make()
    (tmp_path / "keys" / "device.key.new").write_bytes(b"half a k")
    second = keys.make()
    assert first != second
    assert keys.load() == second


def test_a_link_in_the_new_files_place_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"theirs")
    keys = KeyStore(tmp_path / "keys")
    keys.make()
    (tmp_path / "keys" / "device.key.new").symlink_to(target)
    keys.make()
    assert target.read_bytes() == b"theirs"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_open_to_others_is_not_used(tmp_path: Path, mode: int) -> None:
    keys = KeyStore(tmp_path / "keys")
    keys.make()
    (tmp_path / "keys" / FILE_NAME).chmod(mode)
    with pytest.raises(KeysError, match="chmod"):
        keys.load()


def test_a_folder_open_to_others_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(KeysError, match="chmod"):
        KeyStore(tmp_path / "keys").make()


@pytest.mark.parametrize("content", [b"", b"A" * 42, b"A" * 44, b"\xff" * 43, b"A" * 10_000, b"not base64url at all!"])
def test_a_file_that_holds_no_key_says_so(tmp_path: Path, content: bytes) -> None:
    keys = KeyStore(tmp_path / "keys")
    keys.make()
    (tmp_path / "keys" / FILE_NAME).write_bytes(content)
    with pytest.raises(KeysError, match="no device key"):
        keys.load()


def test_a_missing_key_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="cannot be read"):
        KeyStore(tmp_path / "keys").load()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KeysError, match="cannot be read"):
        KeyStore(tmp_path / "file" / "keys").make()


HOLD = """
import sys
from pathlib import Path
from kiosk_app.store.instance_lock import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_kiosk_is_told_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    with pytest.raises(AlreadyRunningError, match=str(folder)):
        InstanceLock(folder)
    first.kill()
    first.communicate()
    lock = InstanceLock(folder)
    lock.release()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match="--data"):
        InstanceLock(tmp_path / "file" / "data")


def test_the_lock_is_not_handed_to_children(tmp_path: Path) -> None:
    """A child that outlives a killed kiosk must not keep the next one from starting."""
    lock = InstanceLock(tmp_path)
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    lock.release()
    InstanceLock(tmp_path).release()
    child.communicate()
    assert (tmp_path / "kiosk.lock").exists()
