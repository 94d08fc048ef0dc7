"""The network cable between kiosks and server: an HTTPS relay on loopback that can be cut and can lose an answer.

It ends TLS with the server's own certificate, whose files lie in the demo's folder, because an encrypted stream does
not say which answer is the one to lose. Where the server is away or the cable is cut, the caller's connection breaks
without an answer, as it would in the wall.
"""

import contextlib
import http.client
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_UPSTREAM_S = 15
_MAX_BODY_BYTES = 4 * 1024 * 1024
_NOT_RELAYED = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Cable:
    """A relay from a free loopback port to the server's port. Use as a context manager."""

    def __init__(self) -> None:
        self._upstream_port = 0
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._cut = threading.Event()
        self._lose = threading.Lock()
        self._path_to_lose: str | None = None
        self._lost: list[str] = []
        self._server = _Relay(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, name="cable", daemon=True)

    @property
    def port(self) -> int:
        """The port kiosks connect to."""
        return int(self._server.server_address[1])

    def plug_in(self, upstream_port: int, ca_file: Path, server_pem: Path) -> None:
        """Start relaying to ``upstream_port``, with the server's own key and certificate, signed by ``ca_file``."""
        self._upstream_port = upstream_port
        self._trust.load_verify_locations(ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(server_pem)
        self._server.tls = context
        self._thread.start()

    def cut(self) -> None:
        """Cut the cable: every request breaks from now on."""
        self._cut.set()

    def mend(self) -> None:
        """Mend the cable."""
        self._cut.clear()

    def lose_next_answer(self, path: str) -> None:
        """Let the next request to ``path`` reach the server, and lose what the server says to it."""
        with self._lose:
            self._path_to_lose = path

    @property
    def lost_answers(self) -> list[str]:
        """Paths whose answers were lost on purpose."""
        return list(self._lost)

    def close(self) -> None:
        """Stop relaying and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> "Cable":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def relay(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """Return the server's answer, or None where the caller is to hear nothing."""
        if self._cut.is_set():
            return None
        upstream = http.client.HTTPSConnection(
            "127.0.0.1", self._upstream_port, timeout=_UPSTREAM_S, context=self._trust
        )
        try:
            upstream.request(method, path, body, headers)
            answer = upstream.getresponse()
            relayed = Answer(answer.status, tuple(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            upstream.close()
        return None if self._cut.is_set() or self._loses(path) else relayed

    def _loses(self, path: str) -> bool:
        with self._lose:
            if self._path_to_lose is None or path.partition("?")[0] != self._path_to_lose:
                return False
            self._path_to_lose = None
            self._lost.append(path)
            return True


class _Relay(ThreadingHTTPServer):
    daemon_threads = True
    tls: ssl.SSLContext

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        # The handshake happens in the request's own thread, so that a silent caller blocks nobody else.
        return self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: broken connections are what this relay is for."""


def _handler_for(cable: Cable) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def _relay(self) -> None:
            size = min(int(self.headers.get("Content-Length") or 0), _MAX_BODY_BYTES)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_RELAYED}
            headers["Host"] = self.headers.get("Host", "")
            answer = cable.relay(self.command, self.path, headers, self.rfile.read(size))
            if answer is None:
                self.close_connection = True
                with contextlib.suppress(OSError):
                    self.connection.shutdown(2)
                return
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                if name.lower() not in _NOT_RELAYED:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = _relay  # noqa: N815 - the names http.server calls
        do_POST = _relay  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
            """Stay silent: paths may hold tokens."""

    return Handler
