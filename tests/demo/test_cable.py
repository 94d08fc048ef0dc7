"""The cable between kiosks and server: relays, can be cut, and loses exactly the answer it is told to lose."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from demo.cable import Cable
from kiosk_server.tls import ServerCertificate, ensure_server_certificate


class Upstream:
    """A real HTTPS server that counts what reaches it."""

    def __init__(self, certificate: ServerCertificate) -> None:
        self.requests: list[tuple[str, bytes]] = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                upstream.requests.append((self.path, body))
                self.send_response(201)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Seen", self.headers.get("DPoP", ""))
                self.end_headers()
                self.wfile.write(body[::-1])

            def log_message(self, *_: object) -> None:
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain_file, certificate.key_file)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def certificate(tmp_path: Path) -> ServerCertificate:
    return ensure_server_certificate(tmp_path / "tls", ["127.0.0.1"], datetime.now(UTC))


@pytest.fixture
def upstream(certificate: ServerCertificate) -> Iterator[Upstream]:
    server = Upstream(certificate)
    yield server
    server.stop()


@pytest.fixture
def cable(certificate: ServerCertificate, upstream: Upstream) -> Iterator[Cable]:
    with Cable() as cable:
        cable.plug_in(upstream.port, certificate.ca_file, certificate.chain_file)
        yield cable


def ask(cable: Cable, certificate: ServerCertificate, path: str, body: bytes = b"abc") -> tuple[int, bytes, str | None]:
    """Send one request through the cable, trusting only the server's own authority."""
    trust = ssl.create_default_context(cafile=str(certificate.ca_file))
    connection = http.client.HTTPSConnection("127.0.0.1", cable.port, timeout=10, context=trust)
    try:
        connection.request("POST", path, body, {"DPoP": "proof"})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("X-Seen")
    finally:
        connection.close()


def test_a_request_and_its_answer_pass_unchanged(
    cable: Cable, certificate: ServerCertificate, upstream: Upstream
) -> None:
    """Path, body, headers and status are the same on both ends."""
    assert ask(cable, certificate, "/a?b=c") == (201, b"cba", "proof")
    assert upstream.requests == [("/a?b=c", b"abc")]


def test_a_cut_cable_answers_nothing_and_reaches_nobody(
    cable: Cable, certificate: ServerCertificate, upstream: Upstream
) -> None:
    """The connection breaks as it would in the wall; mended, the next request passes."""
    cable.cut()
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(cable, certificate, "/a")
    assert upstream.requests == []
    cable.mend()
    assert ask(cable, certificate, "/a")[0] == 201


def test_a_lost_answer_is_lost_after_the_server_acted(
    cable: Cable, certificate: ServerCertificate, upstream: Upstream
) -> None:
    """Only the named path, only once: the server has seen the request, its caller hears nothing."""
    cable.lose_next_answer("/batch")
    assert ask(cable, certificate, "/other")[0] == 201
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(cable, certificate, "/batch")
    assert [path for path, _ in upstream.requests] == ["/other", "/batch"]
    assert cable.lost_answers == ["/batch"]
    assert ask(cable, certificate, "/batch")[0] == 201


def test_a_server_that_is_away_looks_like_a_broken_line(
    certificate: ServerCertificate, upstream: Upstream, cable: Cable
) -> None:
    """No answer is invented for a server that does not answer."""
    upstream.stop()
    upstream.stop = lambda: None  # type: ignore[method-assign]  # the fixture stops it a second time
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(cable, certificate, "/a")
