"""The staff's PIN on the disk: hashed, closed to others, and its wrong tries counted across restarts."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk_app.core.errors import KeysError, SettingsError
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_pin import PinLocked, PinMissing, PinRight, PinTrouble, PinWrong
from kiosk_app.store.staff_pin import PIN_FILE, TRIES_FILE, StaffPin
from tests.kiosk_app.kiosk import HandClock

PIN, OTHER = "204060", "204061"
TROUBLE = PinTrouble(StaffCode.KEYS_UNREADABLE)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def pin(folder: Path, clock: HandClock) -> StaffPin:
    """A PIN that is set."""
    made = StaffPin(folder, clock, secrets.token_bytes)
    made.set(PIN)
    return made


def test_right_and_wrong(pin: StaffPin) -> None:
    """The right one opens, a wrong one says how many tries are left, and the right one gives them back."""
    assert pin.look() is None
    assert pin.check(OTHER) == PinWrong(4)
    assert pin.check(PIN) == PinRight()
    assert pin.check(OTHER) == PinWrong(4)


def test_without_a_pin_nothing_opens(folder: Path, clock: HandClock) -> None:
    """No PIN is no open door, and asking makes no file."""
    none = StaffPin(folder, clock, secrets.token_bytes)
    assert (none.look(), none.check(PIN)) == (PinMissing(), PinMissing())
    assert not folder.exists()


def test_five_wrong_tries_lock_and_a_restart_does_not_help(pin: StaffPin, folder: Path, clock: HandClock) -> None:
    """The lock holds for the right PIN too, in a new process, and ends after five minutes."""
    assert [pin.check(OTHER) for _ in range(4)] == [PinWrong(left) for left in (4, 3, 2, 1)]
    assert pin.check(OTHER) == PinLocked(timedelta(minutes=5))
    clock.reboot()
    clock.pass_s(60)
    again = StaffPin(folder, clock, secrets.token_bytes)
    assert again.check(PIN) == PinLocked(timedelta(minutes=4))
    clock.pass_s(240)
    assert again.check(PIN) == PinRight()


def test_a_try_is_counted_before_it_is_answered(
    pin: StaffPin, folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulling the plug while the PIN is looked at does not give the try back."""

    def plug_pulled(*_: object, **__: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr("hashlib.scrypt", plug_pulled)
        with pytest.raises(KeyboardInterrupt):
            pin.check(OTHER)
    assert StaffPin(folder, clock, secrets.token_bytes).check(OTHER) == PinWrong(3)


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345x", "١٢٣٤٥٦"])
def test_a_pin_is_six_digits(pin: StaffPin, text: str) -> None:
    """Nothing else can be typed on the pad; what was set stays."""
    with pytest.raises(SettingsError):
        pin.set(text)
    assert pin.check(PIN) == PinRight()


def test_the_pin_itself_is_nowhere(pin: StaffPin, folder: Path) -> None:
    """Files are closed to others and hold a salted hash."""
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0
        assert PIN not in file.read_text()
    first = (folder / PIN_FILE).read_bytes()
    pin.set(PIN)
    assert (folder / PIN_FILE).read_bytes() != first


@pytest.mark.parametrize("name", [PIN_FILE, TRIES_FILE])
def test_files_that_are_off_open_nothing(pin: StaffPin, folder: Path, name: str) -> None:
    """Damaged, or open to others: trouble with a code, never a way in; setting the PIN anew mends it."""
    (folder / name).write_text("?")
    assert (pin.look(), pin.check(PIN)) == (TROUBLE, TROUBLE)
    (folder / name).chmod(0o644)
    assert pin.check(PIN) == TROUBLE
    pin.set(PIN)
    assert pin.check(PIN) == PinRight()


def test_a_folder_that_cannot_be_written_opens_nothing(pin: StaffPin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that cannot be counted is none."""

    def full(*_: object) -> None:
        raise KeysError("full")

    monkeypatch.setattr("kiosk_app.store.staff_pin.write_private", full)
    assert pin.check(PIN) == TROUBLE
