"""The server as a paired kiosk sees it: each request carries the device token and a proof of the device key."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from nacl.signing import SigningKey

from kiosk_app.core.server_answers import Failure, NoReply, Refused, Unreachable
from kiosk_app.server_api.deadline import Deadline
from kiosk_app.server_api.exchange import Exchange, Request, get, post
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.messages import (
    API_ROOT,
    CLAIM_DEADLINE_MS,
    Batch,
    BatchAnswer,
    ClaimAnswer,
    ClaimQuestion,
    Envelope,
    FeedPage,
    Heartbeat,
    HeartbeatTaken,
    Message,
    RenewedToken,
    SiteConfiguration,
    TimeQuestion,
    TrustAnswer,
)
from kiosk_protocol.proofs import NONCE_WANTED, make_proof

_A = TypeVar("_A", bound=Message)
_PROOF_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request is authenticated by."""

    device_token: str
    device_key: SigningKey
    random: Callable[[int], bytes]
    now_s: Callable[[], int]
    """Seconds since 1970 for the proof's ``iat``, which the server does not judge."""


class PairedServer:
    """Implements the ports for syncing and for claims. Safe to use from several threads."""

    def __init__(self, exchange: Exchange, credentials: Credentials) -> None:
        self._exchange = exchange
        self._credentials = credentials
        self._deadline = Deadline()

    def close(self) -> None:
        """Let connections go."""
        self._exchange.close()

    def configuration(self) -> SiteConfiguration | Failure:
        """Ask for the site's settings."""
        return self._ask(get("/kiosk/configuration"), SiteConfiguration)

    def trust(self) -> TrustAnswer | Failure:
        """Ask for the newest root and bundle."""
        return self._ask(get("/kiosk/trust"), TrustAnswer)

    def visits(self, epoch: str | None, cursor: int) -> FeedPage | Failure:
        """Ask for the feed's changes after a position; without an epoch, from the beginning."""
        query = {"cursor": str(cursor)} if epoch is None else {"epoch": epoch, "cursor": str(cursor)}
        return self._ask(get("/kiosk/visits", query), FeedPage)

    def time(self, question: TimeQuestion) -> Envelope | Failure:
        """Ask for the signed time."""
        return self._ask(post("/kiosk/time", question), Envelope)

    def check_in(self, batch: Batch) -> BatchAnswer | Failure:
        """Hand over a batch."""
        return self._ask(post("/kiosk/check-ins", batch), BatchAnswer)

    def heartbeat(self, heartbeat: Heartbeat) -> HeartbeatTaken | Failure:
        """Say how this kiosk is."""
        return self._ask(post("/kiosk/heartbeat", heartbeat), HeartbeatTaken)

    def renew_token(self) -> RenewedToken | Failure:
        """Ask for the next device token."""
        return self._ask(Request("POST", "/kiosk/token"), RenewedToken)

    def claim(self, question: ClaimQuestion) -> ClaimAnswer | Failure:
        """Ask for one visit, waiting 700 ms and no longer."""
        request = post("/kiosk/claims", question)
        answer = self._deadline.within(CLAIM_DEADLINE_MS / 1000, lambda: self._ask(request, ClaimAnswer))
        return Unreachable(NoReply.TIMEOUT) if answer is None else answer

    def _ask(self, request: Request, kind: type[_A]) -> _A | Failure:
        answer = self._send(request, kind)
        if isinstance(answer, Refused) and answer.error == NONCE_WANTED:
            # RFC 9449 §8: nothing was done yet, and the nonce came with the answer. Once: a server that only ever asks
            # is none.
            answer = self._send(request, kind)
        return answer

    def _send(self, request: Request, kind: type[_A]) -> _A | Failure:
        path = API_ROOT + request.path
        token = self._credentials.device_token
        proof = make_proof(
            self._credentials.device_key,
            method=request.method,
            # RFC 9449 §4.2: the address without query and fragment.
            url=self._exchange.base_url + path,
            access_token=token,
            proof_id=base64url_encode(self._credentials.random(_PROOF_ID_BYTES)),
            issued_at_s=self._credentials.now_s(),
            nonce=self._exchange.nonce,
        )
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        return self._exchange.ask(replace(request, path=path, headers=headers), kind)
