"""HTTP on the wire: uvicorn's protocol, but for what it says to a request that is no HTTP."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk_protocol.messages import ErrorBody, encode

_BAD_REQUEST = encode(ErrorBody(error="bad_request", message="This is no HTTP request that we can read."))


class WireProtocol(H11Protocol):
    """Answers bytes that cannot be parsed with the error body every other refusal has, then hangs up."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's sentence; ours says the same to everybody
        """Answer 400, where the request's state still lets us answer, and close."""
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
            pass
        finally:
            self.transport.close()
