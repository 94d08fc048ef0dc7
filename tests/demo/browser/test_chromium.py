"""The browser really checks certificates, reaches nothing but this machine, and leaves nothing behind."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from demo.browser.chromium import BrowserError, chromium, missing_programs
from demo.browser.desk import Desk
from kiosk_server.tls import ServerCertificate, ensure_server_certificate

pytestmark = pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {', '.join(missing_programs())}")


class Page(BaseHTTPRequestHandler):
    """Says one word."""

    timeout = 5

    def do_GET(self) -> None:
        body = b"<!doctype html><title>page</title><p>Hello</p>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = False
    tls: ssl.SSLContext

    def get_request(self) -> tuple[ssl.SSLSocket, object]:
        connection, address = super().get_request()
        return self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_: object) -> None:
        """A browser that does not trust us hangs up."""


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's own, whose long name leaves no room for the browser's socket.
    with TemporaryDirectory(prefix="br-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def certificate(folder: Path) -> ServerCertificate:
    return ensure_server_certificate(folder, ["127.0.0.1"], datetime.now(UTC))


@contextmanager
def serving(shown: ServerCertificate) -> Iterator[str]:
    """Serve the page on loopback, with this certificate; yield its address."""
    with Server(("127.0.0.1", 0), Page) as server:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(shown.chain_file, shown.key_file)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def commands_with(word: str) -> list[str]:
    """Return the command lines of all processes that name ``word``."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in command:
            found.append(command)
    return found


def test_only_the_named_authority_is_trusted_and_only_this_machine_reached(folder: Path) -> None:
    """A page under another authority is not shown, though it is on this machine; a name elsewhere has no address."""
    ours, others = certificate(folder / "ours"), certificate(folder / "others")
    with serving(ours) as trusted, serving(others) as foreign:
        with chromium(folder / "browser", ours.ca_file) as driver:
            Desk(driver, trusted).open("/")
            assert Desk(driver, trusted).wait_for("Hello")
            Desk(driver, foreign).open("/")
            assert Desk(driver, foreign).wait_for("ERR_CERT_AUTHORITY_INVALID")
            with pytest.raises(BrowserError, match="NAME_NOT_RESOLVED"):
                Desk(driver, "https://www.example.org").open("/")
            assert commands_with(str(folder))
        assert commands_with(str(folder)) == []
