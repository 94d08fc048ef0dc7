"""Pairing while somebody ends TLS on the way: a proxy of the house does no harm, a stranger gets nothing."""

import json
import shutil
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import msgspec
import pytest

from kiosk_app.core.journey_screens import PairingTroubleKind
from kiosk_app.core.server_answers import NoReply, Unreachable
from kiosk_app.services.enrolment import Enrolled, EnrolmentFailed
from kiosk_protocol.cpace import Secret
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.messages import (
    ConfirmPairing,
    PairingConfirmed,
    PairingStarted,
    StartPairing,
    decode,
    encode,
)
from kiosk_protocol.pairing import parse_setup_code
from kiosk_protocol.pairing_run import Offer, Reply, RunKeys, kiosk_keys, make_offer, make_reply, server_keys
from kiosk_server.tls import ensure_server_certificate
from tests.integration.conftest import RealKiosk
from tests.integration.real_server import RealServer
from tests.integration.tls_proxy import TlsProxy, passing

PassOn = Callable[[bytes], tuple[int, bytes]]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsProxy]:
    """Listen with a certificate that neither kiosk nor server ever heard of."""
    folder = tmp_path_factory.mktemp("proxy")
    running = TlsProxy(ensure_server_certificate(folder, ["localhost"], datetime.now(UTC)))
    yield running
    running.close()


@pytest.fixture(scope="module")
def hidden_server(proxy: TlsProxy) -> Iterator[RealServer]:
    """Run a server with a private authority behind the proxy, under the proxy's address."""
    folder = Path(mkdtemp(prefix="atrium-behind-"))
    running = RealServer(folder, "--public-url", proxy.url)
    running.start()
    port = urlsplit(json.loads((folder / "server.json").read_text())["url"]).port
    assert port is not None
    proxy.lead_to(port, folder / "tls" / "ca.pem")
    running.command("tenant", "create", "--slug", "example", "--name", "Example")
    yield running
    running.stop()
    shutil.rmtree(folder)


@pytest.fixture
def site(hidden_server: RealServer) -> str:
    """Return a site of this test's own: windows of the day are counted."""
    return str(hidden_server.command("site", "create", "--name", "House", "--time-zone", "Europe/Vienna")["siteId"])


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[RealKiosk]:
    """Return an unpaired kiosk with its own way of checking certificates, which is by the system's."""
    made = RealKiosk(tmp_path / "kiosk", None)
    yield made
    made.close()


def pair(kiosk: RealKiosk, window: dict[str, str], digits: str | None = None) -> Enrolled | EnrolmentFailed:
    return kiosk.household.enrolment(kiosk.store).pair(window["setupCode"], digits or window["code"])


def devices(server: RealServer, site: str) -> list[dict[str, str]]:
    return [entry for entry in server.command("kiosk", "list")["kiosks"] if entry["siteId"] == site]


def test_a_kiosk_pairs_through_a_proxy_and_is_strict_from_then_on(
    proxy: TlsProxy, hidden_server: RealServer, site: str, kiosk: RealKiosk
) -> None:
    """It learns the server's own authority inside the run; the proxy, which is somebody else, is not believed."""
    proxy.seen.clear()
    window = hidden_server.command("kiosk", "window", "--site", site)
    assert "#" not in window["setupCode"]
    outcome = pair(kiosk, window)
    assert isinstance(outcome, Enrolled)
    authority = (hidden_server.data / "tls" / "ca.pem").read_text()
    assert outcome.record.ca_certificate == authority
    ssl.create_default_context(cadata=outcome.record.ca_certificate)
    # What passed by: neither digits, nor token, nor authority, nor where the kiosk belongs.
    passed = b"".join(proxy.seen)
    assert len(proxy.seen) == 4
    secrets = [window["code"], outcome.record.device_token, "CERTIFICATE", "Vienna", outcome.record.device]
    assert [text for text in secrets if text.encode() in passed] == []
    failures = set(kiosk.sync().failures.values())
    assert failures == {Unreachable(NoReply.NOT_TRUSTED)}


def test_a_named_window_pairs_by_its_set_up_code(hidden_server: RealServer, site: str, kiosk: RealKiosk) -> None:
    """And not by its address alone, however right the digits are."""
    window = hidden_server.command("kiosk", "window", "--site", site, "--named")
    assert window["setupCode"].startswith(f"{window['pairingAddress']}#window=")
    refused = pair(kiosk, window | {"setupCode": window["pairingAddress"]})
    assert isinstance(refused, EnrolmentFailed)
    assert refused.kind is PairingTroubleKind.WRONG_DIGITS
    assert isinstance(pair(kiosk, window), Enrolled)


class Intruder:
    """Ends both conversations, and talks to each side with a share of their own, made from a guess."""

    def __init__(self, setup_code: str, guess: str, *, give_up: bool) -> None:
        self.address = parse_setup_code(setup_code).address
        self.guess = guess
        self.give_up = give_up
        self.secret = Secret(b"\x42" * 32)
        self.with_kiosk: RunKeys | None = None
        self.with_server: RunKeys | None = None
        self.refused_by_server = False
        self.kiosk_knew_the_guess = False

    def __call__(self, path: str, body: bytes, pass_on: PassOn) -> tuple[int, bytes]:
        return self.start(body, pass_on) if path.endswith("/start") else self.confirm(body, pass_on)

    def start(self, body: bytes, pass_on: PassOn) -> tuple[int, bytes]:
        said = decode(body, StartPairing)
        facts = {"address": self.address, "sid": said.sid, "kiosk_key": said.kiosk_key, "name": said.name}
        to_server = make_offer(self.guess, self.secret, **facts)
        status, answer = pass_on(encode(msgspec.structs.replace(said, share=to_server.share)))
        started = decode(answer, PairingStarted)
        theirs = Reply(started.run_id, started.root_hash, started.share)
        self.with_server = kiosk_keys(self.secret, to_server, theirs)
        offer = Offer(**facts, share=said.share)
        to_kiosk = make_reply(self.guess, self.secret, offer, run_id=started.run_id, root_hash=started.root_hash)
        self.with_kiosk = server_keys(self.secret, offer, to_kiosk)
        return status, encode(msgspec.structs.replace(started, share=to_kiosk.share))

    def confirm(self, body: bytes, pass_on: PassOn) -> tuple[int, bytes]:
        said = decode(body, ConfirmPairing)
        assert self.with_server is not None
        assert self.with_kiosk is not None
        self.kiosk_knew_the_guess = self.with_kiosk.accepts_kiosk(said.kiosk_tag)
        tag = base64url_encode(self.with_server.kiosk_tag)
        status, answer = pass_on(encode(msgspec.structs.replace(said, kiosk_tag=tag)))
        self.refused_by_server = status == 403
        if self.give_up:
            return status, answer
        invented = PairingConfirmed(server_tag=base64url_encode(self.with_kiosk.server_tag), result="A" * 400)
        return 200, encode(invented)


@pytest.mark.parametrize("give_up", [True, False], ids=["hands the refusal on", "invents an answer"])
def test_whoever_swaps_the_shares_is_refused_by_both_sides(
    proxy: TlsProxy, hidden_server: RealServer, site: str, kiosk: RealKiosk, give_up: bool
) -> None:
    """Without the digits: no tag of theirs is right, none they hear tells more than that one guess was wrong."""
    window = hidden_server.command("kiosk", "window", "--site", site)
    guess = f"{(int(window['code']) + 1) % 1_000_000:06d}"
    intruder = Intruder(window["setupCode"], guess, give_up=give_up)
    proxy.between = intruder
    try:
        outcome = pair(kiosk, window)
    finally:
        proxy.between = passing
    expected = PairingTroubleKind.WRONG_DIGITS if give_up else PairingTroubleKind.SERVER_NOT_TRUSTED
    assert isinstance(outcome, EnrolmentFailed)
    assert outcome.kind is expected
    assert intruder.refused_by_server
    assert not intruder.kiosk_knew_the_guess
    assert kiosk.store.load_identity() is None
    assert devices(hidden_server, site) == []
    # The window has tries left: the same digits pair as soon as nobody is in between.
    assert isinstance(pair(kiosk, window), Enrolled)
    assert len(devices(hidden_server, site)) == 1


def test_whoever_knows_the_digits_can_be_in_between(
    proxy: TlsProxy, hidden_server: RealServer, site: str, kiosk: RealKiosk
) -> None:
    """That the intruder above fails for want of the digits and nothing else: with them both sides take their tags."""
    window = hidden_server.command("kiosk", "window", "--site", site)
    intruder = Intruder(window["setupCode"], window["code"], give_up=True)
    proxy.between = intruder
    try:
        pair(kiosk, window)
    finally:
        proxy.between = passing
    assert intruder.kiosk_knew_the_guess
    assert not intruder.refused_by_server
