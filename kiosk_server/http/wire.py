"""HTTP on the wire: uvicorn's protocol, but for what it says to a request that is no HTTP."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk_protocol.messages import ErrorBody, encode

QUIET_S = 0.5
"""Seconds without another byte after which a refused caller is hung up on."""

LINGER_S = 5.0
"""Seconds after which a refused caller is hung up on though it still sends."""

_BAD_REQUEST = encode(ErrorBody(error="bad_request", message="This is no HTTP request that we can read."))


class WireProtocol(H11Protocol):
    """Answers bytes that cannot be parsed with the error body every other refusal has, then hangs up.

    It does not hang up at once: closing while the caller still sends makes TLS and TCP tear the line down, and the
    caller loses the answer with it (RFC 9112, section 9.6). What arrives after the refusal is read and dropped until
    the line is quiet.
    """

    _quiet: asyncio.TimerHandle | None = None
    _hang_up_at: float

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's sentence; ours says the same to everybody
        """Answer 400, where the request's state still lets us answer, and close once the caller is quiet."""
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(_BAD_REQUEST)).encode("ascii")),
            (b"connection", b"close"),
        ]
        answer = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        try:
            for event in (answer, h11.Data(data=_BAD_REQUEST), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        except h11.LocalProtocolError:
            # An answer was under way already; there is no place for another.
            self.transport.close()
            return
        self._hang_up_at = self.loop.time() + LINGER_S
        self._linger()

    def data_received(self, data: bytes) -> None:
        """Parse, or after a refusal drop, what the caller sent."""
        if self._quiet is None:
            super().data_received(data)
        else:
            self._linger()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timer with the connection."""
        if self._quiet is not None:
            self._quiet.cancel()
        super().connection_lost(exc)

    def _linger(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        due = min(self.loop.time() + QUIET_S, self._hang_up_at)
        self._quiet = self.loop.call_at(due, self.transport.close)
