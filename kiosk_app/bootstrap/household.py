"""What the desk, the network and the command line share: folders, time, link, and the way to the server."""

import secrets
import socket
from dataclasses import dataclass
from importlib.metadata import version
from threading import Lock
from typing import Final

from kiosk_app.bootstrap.witnessed import WitnessedServer, WitnessedStore
from kiosk_app.core.checkin import Identity
from kiosk_app.core.journey import Language, SiteIdentity
from kiosk_app.core.scan_steps import Witness
from kiosk_app.core.server_answers import Failure, NoReply, Unreachable
from kiosk_app.paths import Paths
from kiosk_app.server_api.exchange import Exchange, Transport
from kiosk_app.server_api.former_server import FormerDoor
from kiosk_app.server_api.paired_server import Credentials, PairedServer
from kiosk_app.server_api.pairing_server import PairingGate
from kiosk_app.server_api.tls import trusting_context
from kiosk_app.services.admission_desk import AdmissionDesk, DeskTools
from kiosk_app.services.enrolment import Enrolment, EnrolmentTools
from kiosk_app.services.handover import Handover, HandoverTools
from kiosk_app.services.link import LinkMonitor
from kiosk_app.services.sync_cycle import SyncCycle, SyncTools
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_app.services.unpairing import UnpairTools
from kiosk_app.store.former_records import FormerRecords
from kiosk_app.store.key_store import KeyStore
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_app.system_clock import SystemClock
from kiosk_protocol.messages import ClaimAnswer, ClaimQuestion, SiteConfiguration

APP_VERSION: Final = version("atrium-kiosk")


@dataclass(frozen=True, slots=True)
class SharedParts:
    """What exists once, however many threads use it."""

    keeper: TimeKeeper
    link: LinkMonitor
    live: "LiveServer"


class LiveServer:
    """The server this kiosk is paired with, whoever asks first. Safe to use from several threads."""

    def __init__(
        self, vault: KeyStore, keeper: TimeKeeper, transport: Transport | None, witness: Witness | None = None
    ) -> None:
        self._vault = vault
        self._keeper = keeper
        self._transport = transport
        self._witness = witness
        self._lock = Lock()
        self._current: tuple[str, PairedServer] | None = None

    def of(self, identity: Identity) -> PairedServer:
        """Return the connection for ``identity``, made once per device token. Raises KeysError."""
        with self._lock:
            if self._current is None or self._current[0] != identity.device_token:
                self._close()
                self._current = (identity.device_token, self._connect(identity))
            return self._current[1]

    def claim(self, question: ClaimQuestion) -> ClaimAnswer | Failure:
        """Ask for one visit."""
        current = self._current
        return Unreachable(NoReply.CONNECT) if current is None else current[1].claim(question)

    def close(self) -> None:
        """Let connections go."""
        with self._lock:
            self._close()

    def _connect(self, identity: Identity) -> PairedServer:
        context = trusting_context(identity.ca_certificate)
        exchange = Exchange(identity.base_url, context, APP_VERSION, self._transport)
        credentials = Credentials(
            identity.device_token, self._vault.load(), secrets.token_bytes, lambda: self._keeper.now().now_s
        )
        if self._witness is not None:
            return WitnessedServer(exchange, credentials, self._witness)
        return PairedServer(exchange, credentials)

    def _close(self) -> None:
        if self._current is not None:
            self._current[1].close()
            self._current = None


class Household:
    """Builds services for one pair of folders.

    Args:
        paths: the folders.
        built_at_ms: when this program was built, ms since 1970.
        transport: another way to the server, in tests.
        witness: is told how far each scan has come; None: nobody follows them, and nothing is measured.
    """

    def __init__(
        self, paths: Paths, built_at_ms: int, transport: Transport | None = None, witness: Witness | None = None
    ) -> None:
        self._paths = paths
        self._built_at_ms = built_at_ms
        self._transport = transport
        self._witness = witness
        self._lock = Lock()
        self._shared: SharedParts | None = None
        self.vault = KeyStore(paths.keys)
        self.former = FormerRecords(paths.data)

    def open_store(self) -> KioskStore:
        """Open a connection for the calling thread; the first one looks for damage. Raises StoreError."""
        with self._lock:
            store = self._open_store(check=self._shared is None)
            if self._shared is None:
                keeper = TimeKeeper(SystemClock(), store.load_clock(), self._built_at_ms)
                live = LiveServer(self.vault, keeper, self._transport, self._witness)
                self._shared = SharedParts(keeper, LinkMonitor(keeper), live)
        return store

    def _open_store(self, *, check: bool) -> KioskStore:
        if self._witness is None:
            return KioskStore.open(self._paths.data, check=check)
        return WitnessedStore.open(self._paths.data, check=check).tell(self._witness)

    @property
    def is_open(self) -> bool:
        """Whether a store was opened, so that there is something to share."""
        return self._shared is not None

    @property
    def shared(self) -> SharedParts:
        """What all threads share; there once a store was opened."""
        if self._shared is None:
            raise AssertionError("open a store first")
        return self._shared

    @property
    def data_folder(self) -> str:
        """The data folder, absolute."""
        return str(self._paths.data)

    def desk(self, store: KioskStore) -> AdmissionDesk:
        """Return the desk over ``store``."""
        shared = self.shared
        tools = DeskTools(store, self.vault, shared.keeper, shared.link, shared.live, secrets.token_bytes, APP_VERSION)
        return AdmissionDesk(tools)

    def sync_cycle(self, store: KioskStore) -> SyncCycle:
        """Return the rounds with the server over ``store``."""
        shared = self.shared
        return SyncCycle(
            SyncTools(store, shared.keeper, shared.link, secrets.token_bytes, self.vault, APP_VERSION, self.data_folder)
        )

    def handover(self, store: KioskStore) -> Handover:
        """Return what hands over the items of former pairings."""
        door = FormerDoor(APP_VERSION, self._transport)
        return Handover(HandoverTools(self.former, self.vault, store, door))

    def enrolment(self, store: KioskStore) -> Enrolment:
        """Return pairing over ``store``."""
        gate = PairingGate(APP_VERSION, lambda _setup: self._transport)
        name = socket.gethostname()
        tools = EnrolmentTools(store, self.vault, self.shared.keeper, gate, secrets.token_bytes, name)
        return Enrolment(tools)

    def unpairing(self, store: KioskStore) -> UnpairTools:
        """Return what unpairing works with, over ``store``."""
        return UnpairTools(store, self.vault, self.shared.keeper, self.data_folder)


def site_of(settings: SiteConfiguration) -> SiteIdentity:
    """Return what the screen needs to know of a paired site."""
    known = {language.value: language for language in Language}
    first = next((known[tag] for tag in settings.languages if tag in known), None)
    return SiteIdentity(
        settings.site_id,
        settings.site_name,
        settings.time_zone,
        tenant_name=settings.tenant_name,
        brand_colour=settings.brand_colour,
        language=first,
    )
