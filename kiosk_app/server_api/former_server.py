"""The server of a former pairing: no token any more, so each request is signed by the key that the pairing had."""

from collections.abc import Sequence

from nacl.signing import SigningKey

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.former import FormerPairing
from kiosk_app.core.server_answers import Failure, Refused
from kiosk_app.server_api.exchange import Exchange, Transport, post
from kiosk_app.server_api.tls import trusting_context
from kiosk_protocol.handover import HandoverDocument, sign_handover
from kiosk_protocol.messages import API_ROOT, HandoverAnswer, OutboxEntry
from kiosk_protocol.proofs import NONCE_WANTED


class FormerServer:
    """Implements the port for handing over."""

    def __init__(self, exchange: Exchange, former: FormerPairing, key: SigningKey) -> None:
        self._exchange = exchange
        self._former = former
        self._key = key

    def hand_over(self, entries: Sequence[OutboxEntry]) -> HandoverAnswer | Failure:
        """Hand over items. A server that asks for a signature over its nonce gets one, once."""
        answer = self._ask(entries)
        if isinstance(answer, Refused) and answer.error == NONCE_WANTED:
            answer = self._ask(entries)
        return answer

    def close(self) -> None:
        """Let connections go."""
        self._exchange.close()

    def _ask(self, entries: Sequence[OutboxEntry]) -> HandoverAnswer | Failure:
        document = HandoverDocument(
            type="handover",
            # As at pairing: a server elsewhere does not take what was signed for this one.
            server=self._exchange.base_url,
            nonce=self._exchange.nonce or "",
            tenant_id=self._former.tenant,
            device_id=self._former.device,
            chain_id=self._former.chain_id,
            entries=tuple(entries),
        )
        envelope = sign_handover(document, self._key)
        return self._exchange.ask(post(f"{API_ROOT}/kiosk/handover", envelope), HandoverAnswer)


class FormerDoor:
    """Opens the way to the server of a former pairing, whose certificate is believed as it was then."""

    def __init__(self, app_version: str, transport: Transport | None) -> None:
        self._app_version = app_version
        self._transport = transport

    def __call__(self, former: FormerPairing, key: SigningKey) -> FormerServer:
        """Return the server.

        Raises:
            StoreError: ``DAMAGED``: the certificate was one when it was stored.
        """
        try:
            context = trusting_context(former.ca_certificate)
        except ValueError:
            raise StoreError(StoreFault.DAMAGED) from None
        return FormerServer(Exchange(former.base_url, context, self._app_version, self._transport), former, key)
