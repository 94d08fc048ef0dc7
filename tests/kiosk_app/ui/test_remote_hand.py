"""The hand from outside: real presses in the real window, and an answer to every line, however odd."""

import json
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from kiosk_app.core.journey import ConnectivityChanged, Ready, SetupCodeChanged, SiteIdentity, Started, Unpaired
from kiosk_app.core.scan_steps import ScanNote, ScanStep
from kiosk_app.ui.remote_hand import CLIENTS_MAX, LINE_MAX_BYTES, HandSocketError, RemoteHand
from kiosk_app.ui.scan_ledger import ScanLedger
from tests.kiosk_app.ui.conftest import NOW, Kiosk

SITE = SiteIdentity("site-a", "Harbour House", "Europe/Berlin")
ADDRESS = "https://door.example/p/acme/site-a"


@pytest.fixture
def place() -> Iterator[Path]:
    """A socket path short enough for the system, which allows 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="hand") as folder:
        yield Path(folder) / "hand"


@pytest.fixture
def hand(kiosk: Kiosk, place: Path) -> Iterator[RemoteHand]:
    """A hand at the kiosk's window."""
    hand = RemoteHand(kiosk.window, place)
    yield hand
    hand.close()


def ask(hand: RemoteHand, **asked: object) -> dict[str, object]:
    """Return the answer to one request."""
    return hand.do(json.dumps(asked).encode())


def connect(place: Path) -> socket.socket:
    """Return a connection to the hand."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(5)
    client.connect(str(place))
    return client


def receive(kiosk: Kiosk, client: socket.socket) -> dict[str, object]:
    """Return the next answer, letting the window work meanwhile."""
    client.setblocking(False)
    pending = bytearray()

    def complete() -> bool:
        try:
            pending.extend(client.recv(65_536))
        except BlockingIOError:
            return False
        return pending.endswith(b"\n")

    kiosk.bot.waitUntil(complete, timeout=5_000)
    answer = json.loads(pending)
    assert isinstance(answer, dict)
    return answer


def test_only_this_user_may_open_the_socket(hand: RemoteHand, place: Path) -> None:
    """The socket has mode 0600 and is gone when the hand is."""
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    hand.close()
    assert not place.exists()


def test_tour_by_hand(kiosk: Kiosk, hand: RemoteHand, place: Path, tmp_path: Path) -> None:
    """Type the address, press the digits, look, and take a picture: over the socket, in the real window."""
    kiosk.happen(Started(None))
    client = connect(place)
    lines: list[dict[str, object]] = [{"do": "type", "name": "pairing-address", "text": ADDRESS}]
    lines += [{"do": "tap", "name": f"keypad-{digit}"} for digit in "012345"]
    lines += [{"do": "tap", "name": "pair-connect"}]
    for line in lines:
        client.sendall(json.dumps(line).encode() + b"\n")
        assert receive(kiosk, client) == {"ok": True}
    assert ("pair", ADDRESS, "012345") in kiosk.errands.asked
    client.sendall(b'{"do":"look"}\n')
    seen = receive(kiosk, client)
    assert (seen["screen"], seen["strip"], seen["language"], seen["theme"]) == ("Pairing", None, "en", "light")
    picture = tmp_path / "pairing.png"
    client.sendall(json.dumps({"do": "screenshot", "path": str(picture)}).encode() + b"\n")
    assert receive(kiosk, client) == {"ok": True, "width": 540, "height": 960}
    assert QImage(str(picture)).width() == 540
    client.close()


def test_look_tells_what_a_visitor_sees(kiosk: Kiosk, hand: RemoteHand) -> None:
    """Texts, controls with their names and labels, and the strip; nothing of hidden pages."""
    kiosk.happen(Started(SITE), ConnectivityChanged(online=False, since=NOW))
    seen = ask(hand, do="look")
    assert seen["screen"] == "Ready"
    assert seen["strip"] == "Offline since 11:24"
    assert isinstance(seen["texts"], list)
    assert "Hold your code in front of the camera" in seen["texts"]
    assert "Connect this kiosk" not in seen["texts"]
    assert isinstance(seen["controls"], list)
    assert {"name": "call-reception", "label": "Call reception", "enabled": True} in seen["controls"]
    assert not any(control["name"].startswith("keypad") for control in seen["controls"])


def test_two_lines_at_once_are_two_answers(kiosk: Kiosk, hand: RemoteHand, place: Path) -> None:
    """Lines may come in one piece or in many."""
    client = connect(place)
    client.sendall(b'{"do":"look"}\n{"do":')
    assert receive(kiosk, client)["ok"] is True
    client.sendall(b'"nothing"}\n')
    assert receive(kiosk, client)["error"] == "unknown_do"
    client.close()


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 50_000, "not_json"),
        (b"[]", "not_an_object"),
        (b"{}", "unknown_do"),
        (b'{"do":["tap"]}', "unknown_do"),
        (b'{"do":"tap"}', "bad_request"),
        (b'{"do":"tap","name":7}', "bad_request"),
        (b'{"do":"tap","name":"no-such-thing"}', "not_found"),
        (b'{"do":"tap","name":"more-time"}', "not_visible"),
        (b'{"do":"type","name":"no-code"}', "bad_request"),
        (b'{"do":"screenshot","path":"/tmp/x.txt"}', "bad_path"),
        (b'{"do":"screenshot","path":"/tmp/\\u0000.png"}', "bad_path"),
        (b'{"do":"screenshot","path":"/no/such/folder/x.png"}', "not_saved"),
    ],
)
def test_odd_lines_get_an_error(kiosk: Kiosk, hand: RemoteHand, line: bytes, error: str) -> None:
    """Every odd line has its own short code and a sentence, and the window goes on."""
    kiosk.happen(Started(SITE))
    answer = hand.do(line)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert answer["message"]
    assert isinstance(kiosk.screen, Ready)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=20), st.lists, max_leaves=5).map(
            lambda value: json.dumps(value).encode()
        ),
        st.dictionaries(
            st.sampled_from(["do", "name", "text"]),
            st.sampled_from(["tap", "type", "look", "keypad-1", "root", "preview", ""]) | st.text(max_size=10),
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_no_line_raises(kiosk: Kiosk, hand: RemoteHand, line: bytes) -> None:
    """Whatever a line holds, there is one answer."""
    assert isinstance(hand.do(line)["ok"], bool)


def test_covered_and_disabled_controls_cannot_be_pressed(kiosk: Kiosk, hand: RemoteHand) -> None:
    """The hand can do what a finger can, and no more."""
    kiosk.happen(SetupCodeChanged(ADDRESS), Started(None))
    assert ask(hand, do="tap", name="pair-connect")["error"] == "not_enabled"
    assert ask(hand, do="tap", name="choose-display")["ok"] is True
    QApplication.processEvents()
    assert ask(hand, do="tap", name="keypad-0")["error"] == "covered"
    assert isinstance(kiosk.screen, Unpaired)
    assert kiosk.screen.digits == ""


def test_endless_line_is_refused_and_hung_up(kiosk: Kiosk, hand: RemoteHand, place: Path) -> None:
    """A line without an end costs a bounded amount of memory."""
    client = connect(place)
    client.sendall(b"x" * (LINE_MAX_BYTES + 1))
    assert receive(kiosk, client)["error"] == "line_too_long"
    client.close()
    client = connect(place)
    client.sendall(b"x" * (LINE_MAX_BYTES + 1) + b"\n")
    assert receive(kiosk, client)["error"] == "line_too_long"
    client.close()


def test_too_many_hands_are_sent_away(kiosk: Kiosk, hand: RemoteHand, place: Path) -> None:
    """A fifth connection is closed; when one goes, another may come."""
    clients = [connect(place) for _ in range(CLIENTS_MAX)]
    for client in clients:
        client.sendall(b'{"do":"look"}\n')
        assert receive(kiosk, client)["ok"] is True
    extra = connect(place)
    extra.setblocking(False)

    def hung_up() -> bool:
        try:
            return extra.recv(1) == b""
        except BlockingIOError:
            return False

    kiosk.bot.waitUntil(hung_up, timeout=5_000)
    extra.close()
    clients.pop().close()
    QApplication.processEvents()
    again = connect(place)
    again.sendall(b'{"do":"look"}\n')
    assert receive(kiosk, again)["ok"] is True
    for client in (*clients, again):
        client.close()


def test_socket_of_a_dead_kiosk_is_replaced(kiosk: Kiosk, place: Path) -> None:
    """What a killed kiosk left behind does not keep the next one from starting."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(place))
    hand = RemoteHand(kiosk.window, place)
    assert ask(hand, do="look")["ok"] is True
    hand.close()


@pytest.mark.usefixtures("hand")
def test_socket_of_a_living_kiosk_is_left_alone(kiosk: Kiosk, place: Path) -> None:
    """A second kiosk says so and takes nothing over; so for a path that cannot be."""
    with pytest.raises(HandSocketError) as caught:
        RemoteHand(kiosk.window, place)
    assert str(place) in str(caught.value)
    assert place.exists()
    with pytest.raises(HandSocketError):
        RemoteHand(kiosk.window, place.parent / ("x" * 200))
    with pytest.raises(HandSocketError):
        RemoteHand(kiosk.window, place.parent / "no" / "folder")


def test_file_in_the_sockets_place_is_not_touched(kiosk: Kiosk, place: Path) -> None:
    """A file that is no socket is nobody's to remove."""
    place.write_text("precious")
    with pytest.raises(HandSocketError):
        RemoteHand(kiosk.window, place)
    assert place.read_text() == "precious"
    assert os.umask(os.umask(0o022)) >= 0


@pytest.fixture
def followed(kiosk: Kiosk, place: Path) -> Iterator[tuple[RemoteHand, ScanLedger]]:
    """A hand with a ledger that can be followed."""
    ledger = ScanLedger()
    hand = RemoteHand(kiosk.window, place, ledger)
    yield hand, ledger
    hand.close()


def lines(kiosk: Kiosk, client: socket.socket, count: int) -> list[dict[str, object]]:
    """Return the next ``count`` lines, letting the window work meanwhile."""
    client.setblocking(False)
    pending = bytearray()

    def complete() -> bool:
        try:
            pending.extend(client.recv(65_536))
        except BlockingIOError:
            return False
        return pending.count(b"\n") >= count

    kiosk.bot.waitUntil(complete, timeout=30_000)
    return [json.loads(line) for line in pending.splitlines()]


def test_a_follower_is_told_what_was_and_what_comes(kiosk: Kiosk, followed, place: Path) -> None:
    """Whoever begins to follow late, after a restart, has missed nothing."""
    _hand, ledger = followed
    ledger.begin(7)
    client = connect(place)
    client.sendall(b'{"do": "follow"}\n')
    assert lines(kiosk, client, 2) == [
        {"ok": True, "following": True},
        {"scan": 7, "check_in": None, "step": "seen", "at_ns": 7, "reason": None},
    ]
    ledger.on_note(ScanNote(ScanStep.DURABLE, 9, check_in_id="a"))
    assert lines(kiosk, client, 1) == [{"scan": 7, "check_in": "a", "step": "durable", "at_ns": 9, "reason": None}]
    client.close()


def test_who_does_not_follow_is_told_nothing(kiosk: Kiosk, followed, place: Path) -> None:
    _hand, ledger = followed
    client = connect(place)
    client.sendall(b'{"do": "look"}\n')
    assert receive(kiosk, client)["ok"] is True
    ledger.begin(7)
    client.sendall(b'{"do": "look"}\n')
    assert receive(kiosk, client)["ok"] is True
    client.close()


def test_a_follower_who_does_not_listen_is_hung_up_on(kiosk: Kiosk, followed, place: Path) -> None:
    """Visitors never wait for a follower: what does not fit into its socket ends the connection."""
    _hand, ledger = followed
    client = connect(place)
    client.sendall(b'{"do": "follow"}\n')
    assert lines(kiosk, client, 1) == [{"ok": True, "following": True}]
    for moment in range(20_000):
        ledger.begin(moment)
    client.settimeout(30)
    while client.recv(65_536):
        pass
    client.close()


def test_without_a_ledger_there_is_nothing_to_follow(hand: RemoteHand) -> None:
    assert ask(hand, do="follow")["error"] == "unknown_do"
