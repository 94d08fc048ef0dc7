"""Where the machine key comes from, what it opens, and what a copied folder is worth without it."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.core.errors import KeysError
from kiosk_app.core.key_protection import KeyProtection
from kiosk_app.store.key_ring import ENTRY, SERVICE, OsKeyRing
from kiosk_app.store.key_store import KeyStore
from kiosk_app.store.machine_key import CREDENTIAL, FILE_NAME, MachineKey, MachineKeys

NOTHING: dict[str, str] = {}
KEY = MachineKey(bytes(range(32)), KeyProtection.FILE)


class Backend:
    """A key ring as the package ``keyring`` shows one; ``locked`` as a person may leave it."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, entry: str) -> str | None:
        self._ask()
        return self.texts.get((service, entry))

    def set_password(self, service: str, entry: str, text: str) -> None:
        self._ask()
        self.texts[service, entry] = text

    def _ask(self) -> None:
        if self.locked:
            raise RuntimeError("locked")


def credentials(folder: Path, content: bytes) -> dict[str, str]:
    """Return the environment in which a service manager hands over ``content``."""
    folder.mkdir(exist_ok=True)
    place = folder / CREDENTIAL
    place.unlink(missing_ok=True)
    place.write_bytes(content)
    place.chmod(0o400)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


@given(st.binary(max_size=100), st.sampled_from(["device-key", "rows"]))
def test_what_is_sealed_opens_for_its_use_and_key_only(plain: bytes, use: str) -> None:
    """Not for another use, nor under another key, nor with any byte changed; and no two sealings are alike."""
    sealed = KEY.seal(plain, use)
    assert KEY.open(sealed, use) == plain
    assert KEY.open(sealed, use + "s") is None
    assert MachineKey(bytes(32), KeyProtection.FILE).open(sealed, use) is None
    assert KEY.seal(plain, use) != sealed
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        assert KEY.open(bytes(changed), use) is None
    for length in range(len(sealed)):
        assert KEY.open(sealed[:length], use) is None


def test_without_anything_better_it_is_a_file_closed_to_others(tmp_path: Path) -> None:
    """Made once, 32 random bytes, and the same at the next start."""
    machine = MachineKeys(tmp_path / "keys", NOTHING)
    assert machine.protection is KeyProtection.FILE
    assert list(machine.all()) == []
    key = machine.current()
    file = tmp_path / "keys" / FILE_NAME
    assert (stat.S_IMODE(file.stat().st_mode), file.read_bytes()) == (0o600, key.secret)
    assert MachineKeys(tmp_path / "keys", NOTHING).current() == key
    assert MachineKeys(tmp_path / "others", NOTHING).current() != key


def test_a_file_of_another_size_or_open_to_others_is_not_used(tmp_path: Path) -> None:
    """Nor is a new one made in its place: what lies sealed under it would be lost for good."""
    machine = MachineKeys(tmp_path / "keys", NOTHING)
    machine.current()
    file = tmp_path / "keys" / FILE_NAME
    file.chmod(0o644)
    with pytest.raises(KeysError, match="chmod"):
        machine.current()
    file.chmod(0o600)
    for content in (b"", bytes(31), bytes(33)):
        file.write_bytes(content)
        with pytest.raises(KeysError, match="no machine key"):
            machine.current()


def test_a_credential_goes_first_and_leaves_no_key_on_the_disk(tmp_path: Path) -> None:
    """A copied key folder opens nothing."""
    environment = credentials(tmp_path / "credentials", b"from the service manager, 32 bytes or more")
    keys = KeyStore(tmp_path / "keys", MachineKeys(tmp_path / "keys", environment))
    assert keys.protection is KeyProtection.CREDENTIAL
    key = keys.make()
    assert keys.load() == key
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["device.key"]
    assert bytes(key) not in (tmp_path / "keys" / "device.key").read_bytes()
    with pytest.raises(KeysError, match="of this machine"):
        KeyStore(tmp_path / "keys", MachineKeys(tmp_path / "keys", NOTHING)).load()
    other = credentials(tmp_path / "credentials", b"another machine's, also 32 bytes or more")
    with pytest.raises(KeysError, match="of this machine"):
        KeyStore(tmp_path / "keys", MachineKeys(tmp_path / "keys", other)).load()


def test_a_key_sealed_by_the_file_is_sealed_anew_once_there_is_a_credential(tmp_path: Path) -> None:
    """A kiosk that is given better protection stays paired, and the file opens its key no more."""
    plain = KeyStore(tmp_path / "keys", MachineKeys(tmp_path / "keys", NOTHING))
    key = plain.make()
    environment = credentials(tmp_path / "credentials", bytes(range(64)))
    assert KeyStore(tmp_path / "keys", MachineKeys(tmp_path / "keys", environment)).load() == key
    (tmp_path / "keys" / FILE_NAME).unlink()
    assert KeyStore(tmp_path / "keys", MachineKeys(tmp_path / "keys", environment)).load() == key
    with pytest.raises(KeysError):
        plain.load()


def test_a_credential_that_is_none_is_refused(tmp_path: Path) -> None:
    """Too short, open to everybody, or no file: said, not passed over for a worse place."""
    machine = MachineKeys(tmp_path / "keys", credentials(tmp_path / "credentials", bytes(31)))
    with pytest.raises(KeysError, match="at least 32 bytes"):
        machine.current()
    machine = MachineKeys(tmp_path / "keys", credentials(tmp_path / "credentials", bytes(32)))
    (tmp_path / "credentials" / CREDENTIAL).chmod(0o444)
    with pytest.raises(KeysError, match="open to others"):
        machine.current()
    (tmp_path / "credentials" / CREDENTIAL).unlink()
    (tmp_path / "credentials" / CREDENTIAL).mkdir()
    with pytest.raises(KeysError, match="cannot be read"):
        machine.current()


def test_a_service_without_this_credential_uses_the_file(tmp_path: Path) -> None:
    """Other credentials of the unit are not ours."""
    machine = MachineKeys(tmp_path / "keys", {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert machine.current().protection is KeyProtection.FILE


def test_a_key_ring_keeps_the_key_where_there_is_one(tmp_path: Path) -> None:
    """Made once, nothing on the disk, and the same for the next start."""
    backend = Backend()
    keys = KeyStore(tmp_path / "keys", MachineKeys(tmp_path / "keys", NOTHING, OsKeyRing(backend)))
    assert keys.protection is KeyProtection.KEY_RING
    key = keys.make()
    again = KeyStore(tmp_path / "keys", MachineKeys(tmp_path / "keys", NOTHING, OsKeyRing(backend)))
    assert again.load() == key
    assert list(backend.texts) == [(SERVICE, ENTRY)]
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["device.key"]


def test_a_key_ring_that_is_locked_or_holds_something_else_says_so(tmp_path: Path) -> None:
    """No second key is made beside the one that cannot be read."""
    backend = Backend()
    machine = MachineKeys(tmp_path / "keys", NOTHING, OsKeyRing(backend))
    backend.locked = True
    with pytest.raises(KeysError, match="no answer"):
        machine.current()
    backend.locked = False
    backend.texts[SERVICE, ENTRY] = "not base64url!"
    with pytest.raises(KeysError, match="something else"):
        machine.current()
    ring = OsKeyRing(backend)
    backend.locked = True
    with pytest.raises(KeysError, match="no answer"):
        ring.save(bytes(32))


def test_linux_has_no_key_ring_to_rely_on() -> None:
    """A person's session has one, a kiosk has no person."""
    assert OsKeyRing.of("linux") is None
