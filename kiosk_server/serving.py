"""Serving: one process that listens, keeps house in the background, and ends within five seconds when told to."""

import errno
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from kiosk_server.app import open_database, open_house, utc_now
from kiosk_server.certificates import TlsError
from kiosk_server.http.api import create_api
from kiosk_server.http.wire import WireProtocol
from kiosk_server.mail import SmtpMailer, parse_smtp_url
from kiosk_server.notes import AddressNote, announce, read_address, withdraw, write_address
from kiosk_server.postgres import EmbeddedPostgres, Tenure
from kiosk_server.services.alerts import Alarm, AlertPolicy
from kiosk_server.services.failures import (
    AddressUnusableError,
    DatabaseUnreachableError,
    DataFolderError,
    PortTakenError,
    SettingsError,
)
from kiosk_server.services.house import House, PublicAddress
from kiosk_server.services.housekeeping import keep_house
from kiosk_server.services.rotation import KeyPolicy, keep_keys
from kiosk_server.settings import Settings, check_public_url
from kiosk_server.tls import ServerCertificate, ensure_server_certificate
from kiosk_server.web.dashboard import add_dashboard

log = logging.getLogger(__name__)

BACKLOG: Final = 128
MOST_CONNECTIONS: Final = 200
IDLE_S: Final = 15
POLITE_S: Final = 1
"""How long open requests may take to end once we are told to stop."""
JOIN_S: Final = 2
START_POLL_S: Final = 0.02
WATCH_S: Final = 0.5
"""How often the serving process looks whether its database still lives."""
HOUSEKEEPING_S: Final = 30
ALERTS_S: Final = 15
KEYS_S: Final = 600
"""Keys change by the day; what a broken-off revocation left undone should not wait for long."""
_WILDCARDS: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to


class StopRequestedError(BaseException):
    """SIGTERM or SIGINT arrived. Not an Exception, so that nothing on the way mistakes it for a failure."""


def serve(settings: Settings) -> None:
    """Serve until told to stop.

    Raises:
        SurroundingsError, EmbeddedPostgresError, TlsError: the server cannot start, or its database is gone.
    """
    with suppress(StopRequestedError), _signals() as stopping, ExitStack() as opened:
        mailer = _mailer(settings)
        listener = opened.enter_context(_listen(settings))
        host, port = settings.host, listener.getsockname()[1]
        own_url = f"https://{f'[{host}]' if ':' in host else _own_name(host)}:{port}"
        base_url = check_public_url(settings.public_url or own_url)
        certificate = _certificate(settings, base_url)
        address = _public_address(settings, base_url, certificate)
        database = opened.enter_context(open_database(settings, Tenure.SERVER))
        house = opened.enter_context(open_house(settings, database, address))
        write_address(settings.data, AddressNote(port, base_url))
        application = create_api(house)
        add_dashboard(application, house)
        config = _configuration(application, certificate)
        renewal = _Renewal(settings, base_url, certificate, config)
        background = opened.enter_context(_background(house, renewal))
        policy_of_keys = KeyPolicy(settings.rotate_after)
        opened.enter_context(_repeating("keys", KEYS_S, partial(keep_keys, house, policy_of_keys)))
        if mailer is not None:
            policy = AlertPolicy(settings.alert_after, settings.alert_roles)
            opened.enter_context(_repeating("alerts", ALERTS_S, Alarm(house, policy, mailer).run_once))
        server = opened.enter_context(_uvicorn(config, listener))
        announce(settings.data, own_url, certificate.ca_file, certificate.ca_fingerprint)
        opened.callback(withdraw, settings.data)
        log.info("serving on %s", own_url)
        _watch(server, background, database.embedded, stopping)


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """Let the first SIGTERM or SIGINT end the server, and later ones not disturb its ending.

    The event says so too: an exception that happens to be raised in a finalizer or a callback from C is printed and
    dropped by the interpreter, and a server that lost it that way would never end.
    """
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        stopping.set()
        raise StopRequestedError

    former = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopping
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _listen(settings: Settings) -> Iterator[socket.socket]:
    """Take the port: the one named, else the one of last time, else any that is free."""
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderError(f"{settings.data}: {error.strerror}") from error
    remembered = read_address(settings.data) if settings.port == 0 else None
    port = settings.port if remembered is None else remembered.port
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        # A port whose last connections still linger is ours to take; one that somebody listens on is not.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it. Without, the second packet of an answer waits 40 ms for the kiosk's delayed
        # acknowledgement; asyncio sets it only for sockets made with an explicit protocol number.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind((settings.host, port))
            listener.listen(BACKLOG)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(f"{settings.host}:{port}") from error
            raise AddressUnusableError(f"{settings.host}:{port}: {error.strerror}") from error
        yield listener


def _own_name(host: str) -> str:
    return socket.gethostname() if host in _WILDCARDS else host


def _certificate(settings: Settings, base_url: str) -> ServerCertificate:
    public_host = urlsplit(base_url).hostname or ""
    hosts = [public_host, "localhost", "127.0.0.1", "::1"]
    if settings.host not in _WILDCARDS:
        hosts.insert(1, settings.host)
    return ensure_server_certificate(settings.tls_folder, list(dict.fromkeys(hosts)), utc_now())


def _public_address(settings: Settings, base_url: str, certificate: ServerCertificate) -> PublicAddress:
    if not settings.private_ca:
        return PublicAddress(base_url)
    return PublicAddress(base_url, certificate.ca_file.read_text("ascii"))


@contextmanager
def _background(house: House, upkeep: Callable[[], None]) -> Iterator["_Worker"]:
    """Keep house every half minute in a thread of its own, and do the ``upkeep``."""

    def keep() -> None:
        keep_house(house)
        upkeep()

    with _repeating("housekeeping", HOUSEKEEPING_S, keep) as worker:
        yield worker


def _mailer(settings: Settings) -> SmtpMailer | None:
    if settings.smtp_url is None:
        return None
    if settings.alert_after < settings.offline_after:
        raise SettingsError("an alert before a kiosk counts as offline would be about a kiosk that lists call well")
    return SmtpMailer(parse_smtp_url(settings.smtp_url), settings.smtp_sender)


class _Worker(threading.Thread):
    """A thread that says by an event that it has ended.

    The main thread waits for that event and asks neither ``join`` nor ``is_alive``: where a signal's exception comes
    out of those, CPython 3.11 takes the running thread for ended (``Thread._wait_for_tstate_lock`` releases the lock
    that the thread itself holds). The next ``join`` would then return at once, and what the thread still uses be
    closed.
    """

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self.ended = threading.Event()
        self._work = work

    def run(self) -> None:
        try:
            self._work()
        finally:
            self.ended.set()


@contextmanager
def _repeating(name: str, seconds: float, task: Callable[[], None]) -> Iterator[_Worker]:
    """Do ``task`` again and again in a thread of its own, with ``seconds`` in between."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(seconds):
            task()

    worker = _Worker(name, run)
    worker.start()
    try:
        yield worker
    finally:
        stop.set()
        worker.ended.wait(JOIN_S)


class _Server(_Worker):
    """uvicorn in a thread: the main thread keeps the signals and decides when it ends."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        self.uvicorn = uvicorn.Server(config)
        super().__init__("http", lambda: self.uvicorn.run([listener]))


def _configuration(app: FastAPI, certificate: ServerCertificate) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        ssl_certfile=certificate.chain_file,
        ssl_keyfile=certificate.key_file,
        log_config=None,
        access_log=False,  # it would log query strings
        server_header=False,
        proxy_headers=False,
        http=WireProtocol,
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=POLITE_S,
        h11_max_incomplete_event_size=16 * 1024,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


class _Renewal:
    """Replaces the server's certificate before it ends; connections made from then on are given the new one."""

    def __init__(
        self, settings: Settings, base_url: str, certificate: ServerCertificate, config: uvicorn.Config
    ) -> None:
        self._settings = settings
        self._base_url = base_url
        self._renew_at = certificate.renew_at
        self._config = config

    def __call__(self) -> None:
        if utc_now() < self._renew_at or self._config.ssl is None:
            return
        try:
            certificate = _certificate(self._settings, self._base_url)
        except TlsError as error:
            # The old one is good for months yet; the log says so every half minute until somebody looks.
            log.warning("%s certificate not renewed: %s", error.code, error.reason)
            return
        self._config.ssl.load_cert_chain(certificate.chain_file, certificate.key_file)
        self._renew_at = certificate.renew_at
        log.info("certificate renewed")


@contextmanager
def _uvicorn(config: uvicorn.Config, listener: socket.socket) -> Iterator[_Server]:
    server = _Server(config, listener)
    server.start()
    try:
        while not server.uvicorn.started and not server.ended.wait(START_POLL_S):
            pass
        yield server
    finally:
        server.uvicorn.should_exit = True
        if not server.ended.wait(POLITE_S + JOIN_S):
            server.uvicorn.force_exit = True
            server.ended.wait(JOIN_S)


def _watch(server: _Worker, background: _Worker, embedded: EmbeddedPostgres | None, stopping: threading.Event) -> None:
    """Wait until a signal comes; notice if a part of us dies."""
    while not (server.ended.is_set() or background.ended.is_set()):
        server.ended.wait(WATCH_S)
        if stopping.is_set():
            return
        if embedded is not None and not embedded.is_alive:
            raise DatabaseUnreachableError("the embedded PostgreSQL ended")
    raise RuntimeError("a thread of the server ended")
