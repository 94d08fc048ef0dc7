"""Pairing's and the paired server's requests, over real TLS on this machine and over a wire of the test's own."""

import secrets
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread

import httpx
import jwt
import pytest
from nacl.signing import SigningKey

from kiosk_app.core.server_answers import BadAnswer, NoReply, Refused, Unreachable
from kiosk_app.server_api.exchange import Exchange, get
from kiosk_app.server_api.paired_server import Credentials, PairedServer
from kiosk_app.server_api.pairing_server import PairingGate
from kiosk_app.server_api.tls import trusting_context, unverifying_context
from kiosk_protocol.messages import (
    API_ROOT,
    Batch,
    ClaimAnswer,
    ClaimQuestion,
    ConfirmPairing,
    FeedPage,
    OutboxEntry,
    StartPairing,
    TimeQuestion,
    encode,
)
from kiosk_protocol.pairing import parse_setup_code
from kiosk_protocol.pairing_run import SUITE
from kiosk_protocol.proofs import check_proof
from kiosk_server.tls import ServerCertificate, ensure_server_certificate
from tests.kiosk_app.server_api.test_exchange import Wire
from tests.kiosk_app.tenant import Tenant, long_id

SITE = "AAAAAAAAAAA"


class Hello(BaseHTTPRequestHandler):
    """Answers everything that is read with an empty object."""

    def do_GET(self) -> None:
        body = b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return ensure_server_certificate(tmp_path_factory.mktemp("tls"), ["127.0.0.1"], datetime.now(UTC))


def serving(context: ssl.SSLContext) -> tuple[HTTPServer, Thread]:
    server = HTTPServer(("127.0.0.1", 0), Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    return server, thread


@pytest.fixture
def serve(certificate: ServerCertificate) -> Iterator[Callable[..., str]]:
    """Return a way to serve over TLS; gives back the address."""
    running: list[tuple[HTTPServer, Thread]] = []

    def start(version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = min(version, ssl.TLSVersion.TLSv1_2)
        context.maximum_version = version
        if version < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(certificate.chain_file, certificate.key_file)
        running.append(serving(context))
        return f"https://127.0.0.1:{running[-1][0].server_address[1]}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


START = StartPairing(suite=SUITE, sid=long_id(), kiosk_key="A" * 43, name="x", share="A" * 43)
CONFIRM = ConfirmPairing(run_id=long_id(), kiosk_tag="A" * 43)


def test_pairing_asks_no_certificate_and_nothing_after_it_does_without(serve, certificate) -> None:
    """Start and confirm reach a server whose authority nobody named, under another name; all else is strict."""
    address = serve().replace("127.0.0.1", "localhost")
    opened = PairingGate("0.1.0")(parse_setup_code(f"{address}/p/example/{SITE}"))
    answers = [opened.start(START), opened.confirm(CONFIRM)]
    opened.close()
    assert answers == [Refused(501), Refused(501)]
    assert fetched(address, None) == Unreachable(NoReply.NOT_TRUSTED)


def test_a_set_up_code_with_a_fingerprint_still_leads_there(serve, certificate) -> None:
    """Printed by an older server; the run itself vouches for what it hands over."""
    opened = PairingGate("0.1.0")(parse_setup_code(f"{serve()}/p/example/{SITE}#ca={'A' * 43}"))
    answer = opened.start(START)
    opened.close()
    assert answer == Refused(501)


def test_an_authority_can_be_believed_or_it_is_none(certificate) -> None:
    """Judged before it is stored: a kiosk that cannot load it could never speak to its server again."""
    opened = PairingGate("0.1.0")(parse_setup_code(f"https://atrium.example/p/example/{SITE}"))
    pem = certificate.ca_file.read_text()
    judged = [opened.can_be_known_by(text) for text in (None, pem, "", "AAAA", pem[:-40])]
    opened.close()
    assert judged == [True, True, False, False, False]


def fetched(address: str, ca: str | None) -> object:
    exchange = Exchange(address, trusting_context(ca), "0.1.0")
    try:
        return exchange.fetch(get("/x"))
    finally:
        exchange.close()


def test_only_the_sites_own_authority_is_believed_once_it_is_known(serve, certificate, tmp_path: Path) -> None:
    address = serve()
    stranger = ensure_server_certificate(tmp_path / "other", ["127.0.0.1"], datetime.now(UTC))
    assert fetched(address, certificate.ca_file.read_text()) == b"{}"
    assert fetched(address, stranger.ca_file.read_text()) == Unreachable(NoReply.NOT_TRUSTED)
    assert fetched(address, None) == Unreachable(NoReply.NOT_TRUSTED)


def test_a_certificate_for_another_name_is_not_trusted(serve, certificate) -> None:
    address = serve().replace("127.0.0.1", "localhost")
    assert fetched(address, certificate.ca_file.read_text()) == Unreachable(NoReply.NOT_TRUSTED)


def test_a_server_that_is_not_there_is_unreachable(certificate) -> None:
    assert fetched("https://127.0.0.1:9", certificate.ca_file.read_text()) == Unreachable(NoReply.CONNECT)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_an_old_protocol_is_not_spoken(serve, certificate) -> None:
    answer = fetched(serve(ssl.TLSVersion.TLSv1_1), certificate.ca_file.read_text())
    assert isinstance(answer, Unreachable)


# ── over a wire of the test's own ────────────────────────────────────────────────────────────────────────────────────


class Recording:
    """A server that keeps requests and answers as it is told."""

    def __init__(self, answer: bytes = b"{}") -> None:
        self.requests: list[httpx.Request] = []
        self.answer = answer
        self.hold: Event | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.hold is not None:
            self.hold.wait(10)
        return httpx.Response(200, content=self.answer)


KEY = SigningKey.generate()


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def paired(recording: Recording) -> Iterator[PairedServer]:
    exchange = Exchange("https://atrium.example", unverifying_context(), "0.1.0", Wire(recording))
    server = PairedServer(exchange, Credentials("device-token", KEY, secrets.token_bytes, lambda: 7))
    yield server
    server.close()


def check_proof_of(request: httpx.Request) -> str:
    checked = check_proof(
        request.headers["DPoP"],
        method=request.method,
        url=str(request.url.copy_with(query=None)),
        access_token="device-token",
    )
    assert request.headers["Authorization"] == "DPoP device-token"
    return checked.proof_id


def test_every_request_carries_token_and_a_fresh_proof_for_its_own_address(paired, recording: Recording) -> None:
    entry = OutboxEntry(check_in_id="x", sequence=1, hash="x", chain="x", seal_kid="x", sealed="x")
    question = ClaimQuestion(check_in_id="x", token="x" * 40)
    paired.configuration()
    paired.trust()
    paired.visits(None, 0)
    paired.visits("epoch", 5)
    paired.time(TimeQuestion(nonce=long_id()))
    paired.check_in(Batch(chain_id=long_id(), entries=(entry,)))
    paired.claim(question)
    seen = [f"{request.method} {request.url.raw_path.decode()}" for request in recording.requests]
    assert seen == [
        f"GET {API_ROOT}/kiosk/configuration",
        f"GET {API_ROOT}/kiosk/trust",
        f"GET {API_ROOT}/kiosk/visits?cursor=0",
        f"GET {API_ROOT}/kiosk/visits?epoch=epoch&cursor=5",
        f"POST {API_ROOT}/kiosk/time",
        f"POST {API_ROOT}/kiosk/check-ins",
        f"POST {API_ROOT}/kiosk/claims",
    ]
    assert len({check_proof_of(request) for request in recording.requests}) == len(seen)


def test_answers_are_read_as_their_kind(paired: PairedServer, recording: Recording, house: Tenant) -> None:
    recording.answer = encode(house.configuration())
    assert paired.configuration() == house.configuration()
    page = FeedPage(epoch=long_id(), cursor=1, more=False, entries=())
    recording.answer = encode(page)
    assert paired.visits(None, 0) == page
    assert paired.trust() == BadAnswer("wrong_shape")


def test_a_claim_is_answered_within_its_deadline_or_not_at_all(paired, recording: Recording, monkeypatch) -> None:
    monkeypatch.setattr("kiosk_app.server_api.paired_server.CLAIM_DEADLINE_MS", 20)
    question = ClaimQuestion(check_in_id="x", token="x" * 40)
    recording.answer = encode(ClaimAnswer(outcome="granted"))
    recording.hold = Event()
    assert paired.claim(question) == Unreachable(NoReply.TIMEOUT)
    recording.hold.set()
    recording.hold = None
    monkeypatch.setattr("kiosk_app.server_api.paired_server.CLAIM_DEADLINE_MS", 10_000)
    assert paired.claim(question) == ClaimAnswer(outcome="granted")


# ── a server that asks for its nonce ─────────────────────────────────────────────────────────────────────────────────


class Asking:
    """Takes only proofs made for the nonce of the moment, as RFC 9449 §8 says."""

    def __init__(self, *nonces: str, told: bool = True) -> None:
        self.nonces = list(nonces)
        self.told = told
        self.proofs: list[dict[str, object]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        proof = jwt.decode(request.headers["DPoP"], options={"verify_signature": False})
        self.proofs.append(proof)
        headers = {"DPoP-Nonce": self.nonces[0]} if self.told else {}
        if proof.get("nonce") != self.nonces[0]:
            return httpx.Response(401, headers=headers, json={"error": "use_dpop_nonce", "message": "."})
        if len(self.nonces) > 1:
            self.nonces.pop(0)
        # §8.2: the next one comes with the answer.
        return httpx.Response(200, headers={"DPoP-Nonce": self.nonces[0]}, content=b"{}")


def paired_with(server: Asking) -> PairedServer:
    exchange = Exchange("https://atrium.example", unverifying_context(), "0.1.0", Wire(server))
    return PairedServer(exchange, Credentials("device-token", KEY, secrets.token_bytes, lambda: 7))


def test_a_nonce_that_is_asked_for_is_used_at_once_and_from_then_on() -> None:
    """One refusal at first contact, with a proof of another name, and none after that."""
    asking = Asking("n-1", "n-2", "n-3")
    paired = paired_with(asking)
    for _ in range(3):
        assert paired.configuration() == BadAnswer("wrong_shape")
    paired.close()
    assert [proof.get("nonce") for proof in asking.proofs] == [None, "n-1", "n-2", "n-3"]
    assert len({proof["jti"] for proof in asking.proofs}) == 4


@pytest.mark.parametrize("nonce", ["n" * 129, 'quo"te', "back\\slash", "spa ce"])
def test_a_server_that_only_asks_is_refused_after_one_more_try(nonce: str) -> None:
    """Nor does a nonce that is none get into a signed proof."""
    asking = Asking(nonce)
    paired = paired_with(asking)
    assert paired.trust() == Refused(401, "use_dpop_nonce")
    paired.close()
    assert [proof.get("nonce") for proof in asking.proofs] == [None, None]


def test_a_server_that_asks_and_tells_no_nonce_is_refused() -> None:
    """Without an endless loop."""
    asking = Asking("n-1", told=False)
    paired = paired_with(asking)
    assert paired.trust() == Refused(401, "use_dpop_nonce")
    paired.close()
    assert len(asking.proofs) == 2
