"""The device token's life: from when to when, and a new one from half of it."""

from dataclasses import dataclass
from typing import Final

from kiosk_protocol.jwts import read_payload

WARN_BEFORE_S: Final = 30 * 24 * 3600
"""So long before its end staff are warned: renewal has failed for half a year by then."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """When a device token was issued and when it ends, seconds since 1970."""

    issued_s: int
    expires_s: int

    @property
    def renew_from_s(self) -> int:
        """Half of its life."""
        return (self.issued_s + self.expires_s) // 2

    def ends_soon(self, now_s: int) -> bool:
        """Whether staff should be warned."""
        return self.expires_s - now_s <= WARN_BEFORE_S


def token_span(device_token: str) -> TokenSpan:
    """Return the span of the kiosk's own token, which was verified before it was stored."""
    members = read_payload(device_token)
    return TokenSpan(members["iat"], members["exp"])
