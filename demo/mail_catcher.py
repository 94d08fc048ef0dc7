"""A small SMTP server on this machine that keeps what it is given, and misbehaves on request.

The tour shows what it caught; the tests of the server's mailer make it refuse, hang up and speak TLS.
"""

import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from typing import Any


@dataclass
class Catch:
    """What was handed over, and how to behave. ``replies`` replace the answer to a command, one at a time."""

    port: int = 0
    tls: ssl.SSLContext | None = None
    offers_starttls: bool = False
    replies: dict[str, list[str]] = field(default_factory=dict)
    hang_up_on: set[str] = field(default_factory=set)
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    @property
    def recipients(self) -> list[str]:
        """Who was written to, sorted."""
        return sorted(recipient for recipient, _ in self.mails)


class _Session(socketserver.StreamRequestHandler):
    catch: Catch

    def setup(self) -> None:
        """Begin with TLS where that is the port's way."""
        if self.catch.tls is not None and not self.catch.offers_starttls:
            self.request = self.catch.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        """Talk until the client ends it."""
        recipient, secured = "", False
        self._say("220 catcher")
        while line := self.rfile.readline():
            verb = line.split(None, 1)[0].upper().decode("ascii")
            self.catch.commands.append(verb)
            if verb in self.catch.hang_up_on:
                return
            if self.catch.replies.get(verb):
                self._say(self.catch.replies[verb].pop(0))
                continue
            if verb == "EHLO":
                offer = self.catch.offers_starttls and not secured
                self._say("250-catcher\r\n250 STARTTLS" if offer else "250 catcher")
            elif verb == "STARTTLS" and self.catch.tls is not None:
                self._say("220 go")
                self.rfile.close()
                self.request = self.catch.tls.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
                secured = True
            elif verb == "RCPT":
                recipient = line.decode("ascii").partition("<")[2].partition(">")[0]
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                body = body.replace(b"\r\n", b"\n")
                self.catch.mails.append((recipient, message_from_bytes(body, policy=policy.default)))
                self._say("250 kept")
            else:
                self._say("221 bye" if verb == "QUIT" else "250 ok")

    def finish(self) -> None:
        """Close the connection."""
        super().finish()
        # One wrapped for TLS is not the one that the server itself closes.
        self.request.close()

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode("ascii") + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    block_on_close = True

    def handle_error(self, _request: object, _address: object) -> None:
        """Say nothing: a client that hangs up is part of the tests."""


@contextmanager
def caught(**behaviour: Any) -> Iterator[Catch]:
    """Run a catcher on a free port until the block ends; ``behaviour`` as in :class:`Catch`."""
    catch = Catch(**behaviour)
    with _Server(("127.0.0.1", 0), type("Session", (_Session,), {"catch": catch})) as server:
        catch.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield catch
        finally:
            server.shutdown()
            thread.join()
