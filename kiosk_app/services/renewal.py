"""The device token's life: from when to when, and a new one from half of it."""

from dataclasses import dataclass
from typing import Final

from kiosk_app.core.checkin import Identity
from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.ports import SyncServer, SyncStore
from kiosk_app.core.server_answers import BadAnswer, Failure, Refused
from kiosk_app.services.link import LinkMonitor
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_protocol.device_tokens import key_thumbprint, read_device_token
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.jwts import read_payload
from kiosk_protocol.messages import RenewedToken

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


class TokenRenewal:
    """Renews the device token, in one thread."""

    def __init__(self, store: SyncStore, keeper: TimeKeeper, link: LinkMonitor) -> None:
        self._store = store
        self._keeper = keeper
        self._link = link

    def renew(self, server: SyncServer, identity: Identity) -> Failure | None:
        """Ask for the next token if it is time, and use it if it is this kiosk's. Raises StoreError."""
        now = self._keeper.now()
        span = token_span(identity.device_token)
        if now.standing is ClockStanding.SUSPECT or now.now_s < span.renew_from_s:
            return None
        answer = server.renew_token()
        self._link.report(answer)
        if isinstance(answer, Refused) and answer.status == 409:
            # By the server's clock it is not time yet.
            return None
        if not isinstance(answer, RenewedToken):
            return answer
        refusal = _judge(answer.device_token, identity, span, now.now_s)
        if refusal is None:
            self._store.replace_token(identity.device_token, answer.device_token, now.now_ms)
        return refusal


def _judge(token: str, identity: Identity, span: TokenSpan, now_s: int) -> BadAnswer | None:
    """Return what is wrong with a new token; it is held to what the first one was held to at pairing."""
    try:
        claims = read_device_token(token, identity.trust.keys("device", now_s), now_s)
    except ProtocolError as error:
        return BadAnswer(error.code)
    # RFC 9449 §6.1: a token bound to another key would make every later request fail, or be somebody else's.
    expected = (identity.device, identity.tenant, identity.site, key_thumbprint(identity.device_key))
    if (claims.device, claims.tenant, claims.site, claims.key_thumbprint) != expected:
        return BadAnswer("device_token")
    return None if claims.expires > span.expires_s else BadAnswer("token_not_longer")
