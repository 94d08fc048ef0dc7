"""One request and its answer: bounded, translated, never an exception."""

import gzip
import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from kiosk_app.core.server_answers import BadAnswer, NoReply, Refused, Unreachable
from kiosk_app.server_api.exchange import WHOLE_S, Exchange, get, post
from kiosk_app.server_api.failures import BORDER, to_failure
from kiosk_app.server_api.tls import trusting_context, unverifying_context
from kiosk_protocol.messages import (
    MAX_BODY_BYTES,
    Envelope,
    EnvelopeSignature,
    ErrorBody,
    RevokedBody,
    TimeQuestion,
    encode,
)

Handler = Callable[[httpx.Request], httpx.Response]


class Wire(httpx.BaseTransport):
    """Hands out answers as they come from a socket: unread."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._handler(request)
        stream = httpx.ByteStream(answer.content) if answer.is_stream_consumed else answer.stream
        return httpx.Response(answer.status_code, headers=answer.headers, stream=stream)


def exchange(handler: Handler, base_url: str = "https://atrium.example", now_s=lambda: 0.0) -> Exchange:
    return Exchange(base_url, unverifying_context(), "0.1.0", Wire(handler), now_s)


def answering(response: httpx.Response) -> Exchange:
    return exchange(lambda _request: response)


def all_of(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for child in kind.__subclasses__():
        yield from all_of(child)


HTTPX_TREE = sorted(
    {kind for root in BORDER if root.__module__.startswith("httpx") for kind in all_of(root)},
    key=lambda kind: kind.__name__,
)


def make(kind: type[BaseException]) -> BaseException:
    """Build an exception of httpx's, whatever its constructor asks for."""
    error = kind.__new__(kind)
    BaseException.__init__(error, "boom")
    error._request = None  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize("kind", HTTPX_TREE, ids=lambda kind: kind.__name__)
def test_each_of_httpxs_exceptions_becomes_a_value(kind: type[BaseException]) -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise make(kind)

    assert isinstance(exchange(handler).fetch(get("/x")), Unreachable | BadAnswer)


def test_every_public_exception_of_httpx_is_in_the_tree() -> None:
    """A new exception beside the known roots would pass the border unseen."""
    public = {value for value in vars(httpx).values() if isinstance(value, type) and issubclass(value, BaseException)}
    assert {kind for kind in public if not issubclass(kind, Warning)} <= set(HTTPX_TREE)


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (httpx.ConnectError("x"), Unreachable(NoReply.CONNECT)),
        (httpx.ReadTimeout("x"), Unreachable(NoReply.TIMEOUT)),
        (httpx.ReadError("x"), Unreachable(NoReply.BROKEN)),
        (httpx.RemoteProtocolError("x"), Unreachable(NoReply.BROKEN)),
        (httpx.UnsupportedProtocol("x"), Unreachable(NoReply.ADDRESS)),
        (httpx.InvalidURL("x"), Unreachable(NoReply.ADDRESS)),
        (httpx.DecodingError("x"), BadAnswer("encoding")),
        (httpx.TooManyRedirects("x"), BadAnswer("redirect")),
        (ConnectionResetError(), Unreachable(NoReply.BROKEN)),
        (UnicodeError(), Unreachable(NoReply.ADDRESS)),
        (httpx.StreamConsumed(), BadAnswer("client")),
    ],
)
def test_what_an_exception_means(error: BaseException, failure: object) -> None:
    assert to_failure(error) == failure


def test_a_certificate_that_is_not_believed_is_told_apart_however_deep() -> None:
    error = httpx.ConnectError("x")
    error.__cause__ = OSError()
    error.__cause__.__context__ = ssl.SSLCertVerificationError()
    assert to_failure(error) == Unreachable(NoReply.NOT_TRUSTED)


def test_a_good_answer_is_read_as_asked() -> None:
    body = b'{"error":"none","message":"fine"}'
    assert answering(httpx.Response(200, content=body)).ask(get("/x"), ErrorBody) == ErrorBody(
        error="none", message="fine"
    )


@pytest.mark.parametrize(("body", "why"), [(b"", "not_json"), (b"{}", "wrong_shape"), (b"\xff" * 10, "not_json")])
def test_an_answer_of_another_shape_is_a_bad_answer(body: bytes, why: str) -> None:
    assert answering(httpx.Response(200, content=body)).ask(get("/x"), ErrorBody) == BadAnswer(why)


def test_a_refusal_carries_the_servers_word_and_its_wish_to_wait() -> None:
    response = httpx.Response(429, json={"error": "slow_down", "message": "."}, headers={"Retry-After": "12"})
    answer = answering(response).fetch(get("/x"))
    assert isinstance(answer, Refused)
    assert (answer.status, answer.error) == (429, "slow_down")
    assert answer.retry_after is not None
    assert answer.retry_after.total_seconds() == 12


@pytest.mark.parametrize("wish", ["", "soon", "-1", "99999999999", "Wed, 21 Oct 2026 07:28:00 GMT", "²"])
def test_a_wish_to_wait_that_is_no_number_of_seconds_is_passed_over(wish: str) -> None:
    response = httpx.Response(503, content=b"<html>", headers={"Retry-After": wish.encode()})
    assert answering(response).fetch(get("/x")) == Refused(503, "", None)


@pytest.mark.parametrize("status", [301, 302, 304, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(status, headers={"Location": "https://elsewhere.example/"})

    assert exchange(handler).fetch(get("/x")) == BadAnswer("redirect")
    assert len(seen) == 1


class Endless(httpx.SyncByteStream):
    """Sends for ever; counts what was taken."""

    def __init__(self) -> None:
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.sent += 65_536
            yield b"x" * 65_536


def test_an_endless_answer_is_cut_off_at_its_bound() -> None:
    stream = Endless()
    assert answering(httpx.Response(200, stream=stream)).fetch(get("/x")) == BadAnswer("too_large")
    assert stream.sent <= MAX_BODY_BYTES + 2 * 65_536


def test_an_answer_that_trickles_is_given_up() -> None:
    times = iter([0.0, 1.0, WHOLE_S + 1.0])
    trickle = exchange(lambda _request: httpx.Response(200, stream=Endless()), now_s=lambda: next(times))
    assert trickle.fetch(get("/x")) == Unreachable(NoReply.TIMEOUT)


def test_a_packed_answer_is_not_unpacked() -> None:
    """Ten megabytes of zeros in ten kilobytes stay ten kilobytes."""
    bomb = gzip.compress(bytes(10_000_000))
    response = httpx.Response(200, stream=httpx.ByteStream(bomb), headers={"Content-Encoding": "gzip"})
    assert answering(response).fetch(get("/x")) == BadAnswer("encoding")


def test_a_request_says_who_asks_and_asks_for_no_packing() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    assert exchange(handler).fetch(post("/x", TimeQuestion(nonce="A" * 22))) == b""
    assert seen[0].headers["User-Agent"] == "atrium-kiosk/0.1.0"
    assert seen[0].headers["Accept-Encoding"] == "identity"
    assert seen[0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "base_url", ["http://atrium.example", "ftp://atrium.example", "", "https://", "http://10.0.0.1", "https://[::1"]
)
def test_addresses_in_the_clear_or_of_no_host_are_never_spoken_to(base_url: str) -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("spoken to")

    assert exchange(handler, base_url).fetch(get("/x")) == Unreachable(NoReply.ADDRESS)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8", "http://[::1]:8", "http://localhost:8"])
def test_this_machine_may_speak_in_the_clear(base_url: str) -> None:
    assert exchange(lambda _request: httpx.Response(200), base_url).fetch(get("/x")) == b""


def test_trusting_asks_for_chain_name_and_a_modern_protocol() -> None:
    context = trusting_context(None)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_text_that_is_no_certificate_is_not_trusted() -> None:
    with pytest.raises(ValueError, match="no certificate"):
        trusting_context("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


ENVELOPE = Envelope(payload_type="x", payload="e30=", signatures=(EnvelopeSignature(keyid="a", sig="b"),))
REVOKED = encode(RevokedBody(error="device_revoked", message="Gone.", revocation=ENVELOPE))


def test_a_revocation_comes_with_its_refusal_unjudged() -> None:
    """Whether it is genuine is for those to say who know this kiosk's keys."""
    assert answering(httpx.Response(401, content=REVOKED)).fetch(get("/x")) == Refused(
        401, "device_revoked", None, ENVELOPE
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, REVOKED),
        (404, REVOKED),
        (500, REVOKED),
        (401, b""),
        (401, b"<html><body>Log in to the proxy</body></html>"),
        (401, b'{"error":"device_revoked","message":"This kiosk was revoked."}'),
        (401, REVOKED.replace(b"device_revoked", b"revoked_device")),
        (401, REVOKED[:-9]),
        (401, b'{"error":"device_revoked","message":"","revocation":"eyJ9"}'),
    ],
)
def test_any_other_refusal_carries_no_revocation(status: int, body: bytes) -> None:
    """A login page, a bare word, another status, half a body."""
    answer = answering(httpx.Response(status, content=body)).fetch(get("/x"))
    assert isinstance(answer, Refused)
    assert answer.revocation is None


def test_a_revocation_in_a_success_is_no_revocation() -> None:
    assert answering(httpx.Response(200, content=REVOKED)).fetch(get("/x")) == REVOKED
