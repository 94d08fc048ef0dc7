"""Password hashing by argon2id with the low-memory profile of RFC 9106 §4 (64 MiB, three passes, four lanes)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from kiosk_server.domain.problems import TooManyError

MOST_AT_ONCE: Final = 2
"""Hashes computed side by side: each takes 64 MiB, and logins must not be a way to take all memory."""
MOST_WAITING: Final = 4
"""Requests that compute or wait, of the ten served at once: strangers who log in must not keep kiosks waiting."""


class ArgonPasswords:
    """Implements :class:`kiosk_server.services.ports.Passwords`. Any thread."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._turns = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Return the hash of a new password in PHC form.

        Raises:
            TooManyError: ``busy``.
        """
        with self._turn():
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Compare a password with a hash, or with one nobody has, so that unknown users take as long as known ones.

        Raises:
            TooManyError: ``busy``.
        """
        stored = password_hash or self._nobody_hash()
        with self._turn():
            try:
                self._hasher.verify(stored, password)
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise TooManyError("busy", "Too many people are logging in; try again in a moment.")
        try:
            with self._turns:
                yield
        finally:
            self._places.release()

    def _nobody_hash(self) -> str:
        if self._nobody is None:
            self._nobody = self.hash("nobody has this password")
        return self._nobody
