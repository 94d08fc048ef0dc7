"""The operating system's key ring, on systems where one is always there: Windows and macOS.

On Linux a key ring belongs to a person's session, and a kiosk has none. The package ``keyring`` is installed on those
two systems only. Untested on either: what is tested is that the kiosk uses a key ring that behaves as documented.
"""

from importlib import import_module
from typing import Final, Protocol, Self

from kiosk_app.core.errors import KeysError
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError

SYSTEMS: Final = frozenset({"win32", "darwin"})
SERVICE: Final = "atrium-kiosk"
ENTRY: Final = "machine-key"


class KeyRing(Protocol):
    """Keeps one secret for this user of this machine. Both raise KeysError."""

    def load(self) -> bytes | None:
        """Return the secret, None where none was saved."""

    def save(self, secret: bytes) -> None:
        """Save the secret in place of another."""


class Backend(Protocol):
    """What is used of the package ``keyring``."""

    def get_password(self, service: str, entry: str) -> str | None:
        """Return a saved text."""

    def set_password(self, service: str, entry: str, text: str) -> None:
        """Save a text."""


class OsKeyRing:
    """The key ring behind ``backend``."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @classmethod
    def of(cls, system: str) -> Self | None:
        """Return the key ring of ``system`` (as ``sys.platform`` names it), None where none can be relied on."""
        return cls(import_module("keyring")) if system in SYSTEMS else None

    def load(self) -> bytes | None:
        """Return the secret, None where none was saved."""
        try:
            text = self._backend.get_password(SERVICE, ENTRY)
            return None if text is None else base64url_decode(text)
        except EncodingError:
            raise KeysError("The key ring holds something else in the kiosk's place.") from None
        except Exception as error:
            # The package's backends raise their systems' own errors; all say that the ring is locked or away.
            raise KeysError("The system's key ring gives no answer.") from error

    def save(self, secret: bytes) -> None:
        """Save the secret in place of another."""
        try:
            self._backend.set_password(SERVICE, ENTRY, base64url_encode(secret))
        except Exception as error:
            raise KeysError("The system's key ring gives no answer.") from error
