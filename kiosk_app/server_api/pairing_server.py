"""Whoever answers at a pairing address. Nothing that is said here rests on TLS."""

from collections.abc import Callable

import httpx

from kiosk_app.core.server_answers import Failure
from kiosk_app.server_api.exchange import Exchange, post
from kiosk_app.server_api.tls import trusting_context, unverifying_context
from kiosk_protocol.messages import API_ROOT, ConfirmPairing, PairingConfirmed, PairingStarted, StartPairing
from kiosk_protocol.pairing import SetupCode

TransportFor = Callable[[SetupCode], httpx.BaseTransport | None]


class OpenPairingServer:
    """Implements the port for pairing."""

    def __init__(self, exchange: Exchange, setup: SetupCode) -> None:
        self._exchange = exchange
        self._path = f"{API_ROOT}/pairing/{setup.tenant_slug}/{setup.site}"

    def start(self, message: StartPairing) -> PairingStarted | Failure:
        """Begin a run."""
        return self._exchange.ask(post(f"{self._path}/start", message), PairingStarted)

    def confirm(self, message: ConfirmPairing) -> PairingConfirmed | Failure:
        """End a run; may be repeated and gives the same answer."""
        return self._exchange.ask(post(f"{self._path}/confirm", message), PairingConfirmed)

    def can_be_known_by(self, ca_certificate: str | None) -> bool:
        """Whether a later connection could be checked with this CA; None: the system's certificate store."""
        try:
            trusting_context(ca_certificate)
        except ValueError:
            return False
        return True

    def close(self) -> None:
        """Let connections go."""
        self._exchange.close()


class PairingGate:
    """Implements the port that opens the way to a set-up code's server."""

    def __init__(self, app_version: str, transport_for: TransportFor = lambda _setup: None) -> None:
        self._app_version = app_version
        self._transport_for = transport_for

    def __call__(self, setup: SetupCode) -> OpenPairingServer:
        """Return whoever answers."""
        # No certificate is checked for start and confirm, and for nothing else: which authority to believe is part of
        # what this kiosk is about to learn, and proxies may end the connection on the way. Digits are never sent, both
        # sides prove that they know them, and the result is encrypted under the key of that proof, so that whoever is
        # in between sees what a listener on a plain wire would, and can do no more than break the connection.
        exchange = Exchange(setup.base_url, unverifying_context(), self._app_version, self._transport_for(setup))
        return OpenPairingServer(exchange, setup)
