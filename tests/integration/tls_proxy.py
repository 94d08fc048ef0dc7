"""Somebody in between who ends TLS: reads every request and every answer, and may change them."""

import http.client
import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from kiosk_server.tls import ServerCertificate

WAIT_S = 60.0
"""For hanging only."""

Exchange = Callable[[str, str, bytes], tuple[int, bytes]]
"""Takes method, path and body of a request; returns status and body of an answer."""


class TlsProxy:
    """A proxy on a free port of this machine with a certificate of its own.

    ``between`` is called with each request and with the way on to the server; what it returns, the kiosk gets. By
    default that is the server's answer. ``seen`` keeps all bodies, both directions.
    """

    def __init__(self, certificate: ServerCertificate) -> None:
        self.seen: list[bytes] = []
        self.between: Callable[[str, bytes, Callable[[bytes], tuple[int, bytes]]], tuple[int, bytes]] = passing
        self._server_port = 0
        self._server_context = ssl.create_default_context()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._pass()

            def do_POST(self) -> None:
                self._pass()

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                status, answer = proxy._judge(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain_file, certificate.key_file)
        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._listener.socket = context.wrap_socket(
            self._listener.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = Thread(target=self._listener.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the kiosk speaks to."""
        return f"https://localhost:{self._listener.server_address[1]}"

    def lead_to(self, port: int, ca_file: Path) -> None:
        """Pass requests on to the server at ``port`` of this machine, known by its authority."""
        self._server_port = port
        self._server_context = ssl.create_default_context(cafile=str(ca_file))

    def close(self) -> None:
        """Stop listening and wait for the last answer."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()

    def _judge(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        def pass_on(sent: bytes) -> tuple[int, bytes]:
            connection = http.client.HTTPSConnection(
                "localhost", self._server_port, timeout=WAIT_S, context=self._server_context
            )
            try:
                connection.request(method, path, body=sent, headers={"Content-Type": "application/json"})
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()

        status, answer = self.between(path, body, pass_on)
        self.seen += [body, answer]
        return status, answer


def passing(_path: str, body: bytes, pass_on: Callable[[bytes], tuple[int, bytes]]) -> tuple[int, bytes]:
    return pass_on(body)
