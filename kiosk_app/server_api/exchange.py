"""One request, one bounded answer, no exception.

Answers are read as a stream and counted, so that neither a huge nor an endless one is kept. Compression is not asked
for and not accepted: a small answer that unpacks to gigabytes has no place to come in.
"""

import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

import httpx

from kiosk_app.core.server_answers import BadAnswer, Failure, NoReply, Refused, Unreachable
from kiosk_app.server_api.failures import BORDER, to_failure
from kiosk_app.server_api.tls import is_allowed_address
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.messages import MAX_BODY_BYTES, Envelope, ErrorBody, Message, RevokedBody, decode, encode
from kiosk_protocol.proofs import NONCE_HEADER

CONNECT_S: Final = 5.0
READ_S: Final = 10.0
WHOLE_S: Final = 30.0
"""Longest a request may take altogether: a server that sends a byte every nine seconds is no server."""
_LONGEST_ERROR_WORD: Final = 64
_NONCE: Final = re.compile(r"[!#-\[\]-~]{1,128}")

_A = TypeVar("_A", bound=Message)

Transport = httpx.BaseTransport
"""A way to the server: whoever puts the kiosk together names it without knowing the library."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. ``path`` begins with a slash; ``query`` is never logged."""

    method: str
    path: str
    body: bytes | None = None
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None


class Exchange:
    """A connection pool to one server. Safe to use from several threads.

    Args:
        base_url: ``https://host[:port]``, or plain http on this machine.
        context: Which certificates are believed.
        app_version: For the server's operators.
        transport: Another way to the server, in tests.
        now_s: Monotonic clock in seconds.
    """

    def __init__(
        self,
        base_url: str,
        context: ssl.SSLContext,
        app_version: str,
        transport: Transport | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.nonce: str | None = None
        """What the server last asked proofs to be made for."""
        self._now_s = now_s
        self._client = httpx.Client(
            verify=context,
            transport=transport,
            follow_redirects=False,
            # Proxies and files named in the environment are the user's; a kiosk has no user.
            trust_env=False,
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            headers={"User-Agent": f"atrium-kiosk/{app_version}", "Accept-Encoding": "identity"},
        )

    def close(self) -> None:
        """Let connections go."""
        self._client.close()

    def ask(self, request: Request, kind: type[_A]) -> _A | Failure:
        """Send ``request`` and read the answer as ``kind``."""
        answer = self.fetch(request)
        if not isinstance(answer, bytes):
            return answer
        try:
            return decode(answer, kind)
        except EncodingError as error:
            return BadAnswer(error.code)

    def fetch(self, request: Request) -> bytes | Failure:
        """Send ``request`` and return the bytes of a successful answer, at most 1 MiB."""
        if not is_allowed_address(self.base_url):
            return Unreachable(NoReply.ADDRESS)
        headers = dict(request.headers or {})
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with self._client.stream(
                request.method,
                self.base_url + request.path,
                content=request.body,
                params=request.query,
                headers=headers,
            ) as response:
                return self._read(response)
        except BORDER as error:
            return to_failure(error)

    def _read(self, response: httpx.Response) -> bytes | Failure:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            return BadAnswer("encoding")
        self.nonce = _nonce(response) or self.nonce
        body = self._bounded(response)
        if isinstance(body, BadAnswer | Unreachable):
            return body
        if response.is_success:
            return body
        if response.status_code < 400:
            return BadAnswer("redirect")
        revocation = _revocation(body) if response.status_code == 401 else None
        return Refused(response.status_code, _error_word(body), _retry_after(response), revocation)

    def _bounded(self, response: httpx.Response) -> bytes | BadAnswer | Unreachable:
        latest_s = self._now_s() + WHOLE_S
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return BadAnswer("too_large")
            if self._now_s() > latest_s:
                return Unreachable(NoReply.TIMEOUT)
        return bytes(body)


def get(path: str, query: Mapping[str, str] | None = None) -> Request:
    """Return a request that reads."""
    return Request("GET", path, query=query)


def post(path: str, message: Message) -> Request:
    """Return a request that carries ``message``."""
    return Request("POST", path, body=encode(message))


def _error_word(body: bytes) -> str:
    """Return the server's machine word, empty where a stranger answered."""
    try:
        return decode(body, ErrorBody).error[:_LONGEST_ERROR_WORD]
    except EncodingError:
        return ""


def _revocation(body: bytes) -> Envelope | None:
    """Return the envelope of a body in the shape of a revocation; whose word it is, is judged elsewhere."""
    try:
        return decode(body, RevokedBody).revocation
    except EncodingError:
        return None


def _nonce(response: httpx.Response) -> str | None:
    # RFC 9449 §8.1 allows visible ASCII; what a stranger sends goes into a signed proof, so it is kept short.
    text = response.headers.get(NONCE_HEADER, "")
    return text if _NONCE.fullmatch(text) else None


def _retry_after(response: httpx.Response) -> timedelta | None:
    # RFC 9110 §10.2.3 allows a date too; a kiosk compares no foreign date with its own clock.
    text = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else None
