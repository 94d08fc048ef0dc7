"""Requests of a former pairing: signed for the one server and its nonce, over the trust of then."""

from collections.abc import Callable

import httpx
import pytest
from nacl.signing import SigningKey

from kiosk_app.core.errors import StoreError
from kiosk_app.core.former import FormerPairing
from kiosk_app.core.server_answers import NoReply, Refused, Unreachable
from kiosk_app.server_api.former_server import FormerDoor
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.handover import HandoverDocument, check_handover, read_unverified_handover
from kiosk_protocol.identifiers import DeviceId, TenantId
from kiosk_protocol.messages import API_ROOT, Envelope, HandedOver, HandoverAnswer, OutboxEntry, decode, encode
from kiosk_protocol.proofs import NONCE_HEADER
from tests.kiosk_app.server_api.test_exchange import Wire

KEY = SigningKey(b"k" * 32)
FORMER = FormerPairing("name", DeviceId("D" * 22), TenantId("T" * 22), "https://atrium.example", None, "C" * 22)
ENTRY = OutboxEntry(
    check_in_id="01890a5d-ac96-7000-8000-000000000001",
    sequence=7,
    hash=base64url_encode(b"h" * 32),
    chain=base64url_encode(b"c" * 32),
    seal_kid="SealKid1",
    sealed=base64url_encode(b"sealed"),
)
ANSWER = HandoverAnswer(results=(HandedOver(check_in_id=ENTRY.check_in_id, outcome="accepted"),))


class Asking:
    """A server that takes nothing that was not signed for its nonce."""

    def __init__(self, *nonces: str) -> None:
        self.nonces = list(nonces)
        self.documents: list[HandoverDocument] = []
        self.headers: list[httpx.Headers] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", f"{API_ROOT}/kiosk/handover")
        envelope = decode(request.content, Envelope)
        check_handover(envelope, bytes(KEY.verify_key))
        self.documents.append(read_unverified_handover(envelope))
        self.headers.append(request.headers)
        if self.nonces:
            body = {"error": "use_dpop_nonce", "message": "."}
            return httpx.Response(401, json=body, headers={NONCE_HEADER: self.nonces.pop(0)})
        return httpx.Response(200, content=encode(ANSWER))


def opened(handler: Callable[[httpx.Request], httpx.Response]):
    return FormerDoor("0.1.0", Wire(handler))(FORMER, KEY)


def test_what_is_signed_names_server_device_chain_and_the_nonce_that_was_asked_for() -> None:
    """And no token goes with it: there is none."""
    server = Asking("first")
    former = opened(server)
    assert former.hand_over([ENTRY]) == ANSWER
    assert former.hand_over([ENTRY]) == ANSWER
    assert [document.nonce for document in server.documents] == ["", "first", "first"]
    (document, *_) = server.documents
    assert (document.server, document.tenant_id, document.device_id) == (
        FORMER.base_url,
        FORMER.tenant,
        FORMER.device,
    )
    assert (document.chain_id, document.entries) == (FORMER.chain_id, (ENTRY,))
    assert not [headers for headers in server.headers if "authorization" in headers or "dpop" in headers]


def test_a_server_that_only_asks_is_a_refusal_after_one_more_try() -> None:
    server = Asking("a", "b", "c")
    assert opened(server).hand_over([ENTRY]) == Refused(401, "use_dpop_nonce")
    assert len(server.documents) == 2


def test_plain_http_is_not_spoken_to_another_machine() -> None:
    former = FormerPairing("name", FORMER.device, FORMER.tenant, "http://atrium.example", None, FORMER.chain_id)
    assert FormerDoor("0.1.0", None)(former, KEY).hand_over([ENTRY]) == Unreachable(NoReply.ADDRESS)


def test_a_certificate_that_rotted_on_the_disk_is_told_apart_from_none() -> None:
    """Believing the system's authorities instead would be another trust than the pairing's."""
    rotten = FormerPairing("name", FORMER.device, FORMER.tenant, FORMER.base_url, "rotten", FORMER.chain_id)
    with pytest.raises(StoreError):
        FormerDoor("0.1.0", None)(rotten, KEY)
