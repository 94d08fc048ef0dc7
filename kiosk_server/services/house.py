"""What every use case is handed: the way to the records, the vault, the passwords, clock, chance, and our address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import LONG_ID_BYTES, SHORT_ID_BYTES
from kiosk_server.domain.health import OFFLINE_AFTER
from kiosk_server.services.freshness import Freshness
from kiosk_server.services.ports import Archive, Passwords, Vault


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """How the outside reaches this server.

    Attributes:
        base_url: ``https://host[:port]``; proofs and pairing addresses are judged by it, never by what a request says.
        ca_pem: The private CA's certificate, or None where a public one vouches for us.
    """

    base_url: str
    ca_pem: str | None = None


@dataclass(frozen=True, slots=True)
class House:
    """Everything a use case works with.

    Attributes:
        offline_after: The silence after which a kiosk counts as offline.
        freshness: Which proofs of kiosks were not seen yet.
    """

    archive: Archive
    vault: Vault
    passwords: Passwords
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    address: PublicAddress
    offline_after: timedelta = OFFLINE_AFTER
    freshness: Freshness = field(default_factory=Freshness)

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return self.clock()

    def long_id(self) -> str:
        """Return a new 22-character identifier."""
        return self._identifier(LONG_ID_BYTES)

    def short_id(self) -> str:
        """Return a new 11-character identifier."""
        return self._identifier(SHORT_ID_BYTES)

    def _identifier(self, size: int) -> str:
        # One in 64 would begin with a hyphen, and a command line takes that for an option.
        while (text := base64url_encode(self.random(size))).startswith("-"):
            pass
        return text


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, for the audit log: a user, a kiosk, the operator at the command line, or the server."""

    kind: str
    id: str | None = None


OPERATOR = Actor("operator")
SERVER = Actor("server")
