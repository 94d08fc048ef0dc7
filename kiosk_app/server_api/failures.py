"""httpx's exceptions as values of ours: the one translator at this border.

A test walks httpx's own tree and finds a place here for each of its exceptions. What can only be a mistake in our own
calls (a stream read twice) is a bad answer too: a kiosk goes on without a server rather than stop.
"""

import ssl
from typing import Final

import httpx

from kiosk_app.core.server_answers import BadAnswer, Failure, NoReply, Unreachable

BORDER: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
    # Beside httpx's own: sockets and TLS before httpcore wraps them, and host names that IDNA cannot spell.
    OSError,
    UnicodeError,
)
"""Everything that a request may raise."""


def to_failure(error: BaseException) -> Failure:
    """Return what ``error``, one of ``BORDER``, means."""
    if _has_cause(error, ssl.SSLCertVerificationError):
        return Unreachable(NoReply.NOT_TRUSTED)
    match error:
        case httpx.TimeoutException():
            return Unreachable(NoReply.TIMEOUT)
        case httpx.ConnectError() | httpx.ProxyError():
            return Unreachable(NoReply.CONNECT)
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | UnicodeError():
            return Unreachable(NoReply.ADDRESS)
        case httpx.TransportError() | OSError():
            return Unreachable(NoReply.BROKEN)
        case httpx.DecodingError():
            return BadAnswer("encoding")
        case httpx.TooManyRedirects():
            return BadAnswer("redirect")
        case _:
            return BadAnswer("client")


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
