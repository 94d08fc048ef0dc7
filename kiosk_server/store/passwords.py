"""Password hashing by argon2id with the low-memory profile of RFC 9106 §4 (64 MiB, three passes, four lanes)."""

import threading
from typing import Final

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

MOST_AT_ONCE: Final = 2
"""Hashes computed side by side: each takes 64 MiB, and logins must not be a way to take all memory."""


class ArgonPasswords:
    """Implements :class:`kiosk_server.services.ports.Passwords`. Any thread."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._turns = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Return the hash of a new password in PHC form."""
        with self._turns:
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Compare a password with a hash, or with one nobody has, so that unknown users take as long as known ones."""
        stored = password_hash or self._nobody_hash()
        with self._turns:
            try:
                self._hasher.verify(stored, password)
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _nobody_hash(self) -> str:
        if self._nobody is None:
            self._nobody = self.hash("nobody has this password")
        return self._nobody
