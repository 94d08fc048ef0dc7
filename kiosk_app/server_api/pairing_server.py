"""The server before it knows this kiosk, known to the kiosk by the fingerprint in the set-up code.

Where the set-up code names no fingerprint, the system's certificate store decides. Where it does, the certificate is
fetched from whoever answers, held to the fingerprint, and then the only one believed.
"""

from collections.abc import Callable
from typing import Final

import httpx

from kiosk_app.core.server_answers import BadAnswer, Failure, NoReply, Unreachable
from kiosk_app.server_api.exchange import Exchange, get, post
from kiosk_app.server_api.tls import fingerprint_of, trusting_context, unverifying_context
from kiosk_protocol.messages import API_ROOT, ConfirmPairing, PairingConfirmed, PairingStarted, StartPairing
from kiosk_protocol.pairing import SetupCode, tags_equal

MAX_CERTIFICATE_BYTES: Final = 16 * 1024

TransportFor = Callable[[SetupCode], httpx.BaseTransport | None]


class OpenPairingServer:
    """Implements the port for pairing."""

    def __init__(self, exchange: Exchange, setup: SetupCode, ca_certificate: str | None) -> None:
        self._exchange = exchange
        self._path = f"{API_ROOT}/pairing/{setup.tenant_slug}/{setup.site}"
        self._ca_certificate = ca_certificate

    @property
    def ca_certificate(self) -> str | None:
        """The site's own CA in PEM, None where the system's store decides."""
        return self._ca_certificate

    def start(self, message: StartPairing) -> PairingStarted | Failure:
        """Begin a run."""
        return self._exchange.ask(post(f"{self._path}/start", message), PairingStarted)

    def confirm(self, message: ConfirmPairing) -> PairingConfirmed | Failure:
        """End a run; may be repeated and gives the same answer."""
        return self._exchange.ask(post(f"{self._path}/confirm", message), PairingConfirmed)

    def close(self) -> None:
        """Let connections go."""
        self._exchange.close()


class PairingGate:
    """Implements the port that opens the way to a set-up code's server."""

    def __init__(self, app_version: str, transport_for: TransportFor = lambda _setup: None) -> None:
        self._app_version = app_version
        self._transport_for = transport_for

    def __call__(self, setup: SetupCode) -> OpenPairingServer | Failure:
        """Return the server, or why it cannot be trusted or reached."""
        certificate = None if setup.ca_fingerprint is None else self._certificate(setup, setup.ca_fingerprint)
        if isinstance(certificate, str | None):
            try:
                context = trusting_context(certificate)
            except ValueError:
                return BadAnswer("ca_certificate")
            exchange = Exchange(setup.base_url, context, self._app_version, self._transport_for(setup))
            return OpenPairingServer(exchange, setup, certificate)
        return certificate

    def _certificate(self, setup: SetupCode, fingerprint: str) -> str | Failure:
        exchange = Exchange(setup.base_url, unverifying_context(), self._app_version, self._transport_for(setup))
        try:
            answer = exchange.fetch(get(f"/p/{setup.tenant_slug}/{setup.site}/ca.pem"))
        finally:
            exchange.close()
        if not isinstance(answer, bytes):
            return answer
        if len(answer) > MAX_CERTIFICATE_BYTES or not answer.isascii():
            return BadAnswer("ca_certificate")
        pem = answer.decode("ascii")
        found = fingerprint_of(pem)
        # The set-up code came to the kiosk on paper or by hand: who cannot show its certificate is somebody else.
        if found is None or not tags_equal(found, fingerprint):
            return Unreachable(NoReply.NOT_TRUSTED)
        return pem
