"""The staff's PIN as a hash, and the wrong tries, in the key folder: a restart brings no new tries.

A try is counted on the disk before the PIN is looked at, so that pulling the plug does not undo it.
"""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Final

from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.errors import KeysError, SettingsError
from kiosk_app.core.ports import Clock, RandomBytes
from kiosk_app.core.staff_pin import PIN_DIGITS, PinAnswer, PinLocked, PinMissing, PinRight, PinTrouble, PinWrong, Tries
from kiosk_app.store.private_files import read_private, write_private
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError

PIN_FILE: Final = "staff.pin"
TRIES_FILE: Final = "staff.tries"
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_MAX_FILE_BYTES: Final = 512

OWASP_SCRYPT_16_MIB: Final = {"n": 2**14, "r": 8, "p": 5}
"""The smallest memory among the equal settings of OWASP's Password Storage Cheat Sheet: a kiosk has little to spare."""


class StaffPin:
    """The PIN of one kiosk."""

    def __init__(self, folder: Path, clock: Clock, random: RandomBytes) -> None:
        self._folder, self._clock, self._random = folder, clock, random

    def set(self, pin: str) -> None:
        """Replace the PIN and forget wrong tries. Raises SettingsError for anything but six digits, and KeysError."""
        if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
            raise SettingsError(f"A PIN has exactly {PIN_DIGITS} digits.")
        salt = self._random(_SALT_BYTES)
        line = f"scrypt {base64url_encode(salt)} {base64url_encode(_hash(pin, salt))}\n"
        write_private(self._folder, PIN_FILE, line.encode("ascii"))
        self._save(Tries())

    def look(self) -> PinAnswer | None:
        """Return what stands in the way of a try, None where nothing does."""
        try:
            if self._load_hash() is None:
                return PinMissing()
            locked = self._load_tries().locked_for(self._clock.read())
        except KeysError as error:
            return PinTrouble(error.code)
        return PinLocked(locked) if locked else None

    def check(self, pin: str) -> PinAnswer:
        """Count a try and answer it."""
        before = self.look()
        if before is not None:
            return before
        try:
            return self._check(pin)
        except KeysError as error:
            return PinTrouble(error.code)

    def _check(self, pin: str) -> PinAnswer:
        saved = self._load_hash()
        if saved is None:
            return PinMissing()
        reading = self._clock.read()
        tries = self._load_tries().with_one_more(reading)
        self._save(tries)
        salt, digest = saved
        if hmac.compare_digest(_hash(pin, salt), digest):
            self._save(Tries())
            return PinRight()
        locked = tries.locked_for(reading)
        return PinLocked(locked) if locked else PinWrong(tries.left())

    def _load_hash(self) -> tuple[bytes, bytes] | None:
        if not (self._folder / PIN_FILE).exists():
            return None
        data = read_private(self._folder, PIN_FILE, _MAX_FILE_BYTES) or b""
        try:
            kind, salt, digest = data.decode("ascii").split()
            parts = base64url_decode(salt), base64url_decode(digest)
        except (ValueError, EncodingError):
            kind, parts = "", (b"", b"")
        if kind != "scrypt" or len(parts[1]) != _HASH_BYTES:
            raise KeysError(f"The file {self._folder / PIN_FILE} holds no PIN; set a new one with atrium-kiosk pin.")
        return parts

    def _load_tries(self) -> Tries:
        data = read_private(self._folder, TRIES_FILE, _MAX_FILE_BYTES)
        if data is None:
            return Tries()
        try:
            found = json.loads(data)
            last = ClockReading(int(found["wallMs"]), int(found["bootMs"]), str(found["bootId"]))
            return Tries(int(found["wrong"]), last)
        except (ValueError, KeyError, TypeError) as error:
            raise KeysError(f"The file {self._folder / TRIES_FILE} is damaged; set the PIN anew.") from error

    def _save(self, tries: Tries) -> None:
        last = tries.last or self._clock.read()
        found = {"wrong": tries.wrong, "wallMs": last.wall_ms, "bootMs": last.boot_ms, "bootId": last.boot_id}
        write_private(self._folder, TRIES_FILE, json.dumps(found).encode("ascii"))


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        pin.encode("utf-8"), salt=salt, dklen=_HASH_BYTES, maxmem=64 * 1024 * 1024, **OWASP_SCRYPT_16_MIB
    )
