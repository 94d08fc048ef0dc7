"""What demo and panel tell each other arrives as it was said, over a socket that nobody else can open."""

import socket
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from demo.panel.link import PanelLink
from demo.panel.messages import Access, Do, Offer, Situation, Wish

SITUATION = Situation(
    offers=(Offer("ada", "Ada", "valid", is_ready=True), Offer("other", "Other site", "not here", is_ready=False)),
    access=Access("https://127.0.0.1:1", "tessa@lindenhof.example", "a password"),
    digits="042137",
    clock_off_s=-3600,
)


@pytest.fixture
def link() -> Iterator[PanelLink]:
    """A link with a path short enough for a socket's."""
    with tempfile.TemporaryDirectory(prefix="panel") as folder, PanelLink(Path(folder) / "panel") as opened:
        yield opened


def connect(link: PanelLink) -> socket.socket:
    panel = socket.socket(socket.AF_UNIX)
    panel.settimeout(30)
    panel.connect(str(link.path))
    assert link.hear(30) is None
    return panel


def test_messages_survive_the_line() -> None:
    assert Situation.read(SITUATION.line()) == SITUATION
    wish = Wish(Do.HOLD_UP, "ada", "paper")
    assert Wish.read(wish.line()) == wish


def test_only_this_user_may_open_the_socket(link: PanelLink) -> None:
    assert stat.S_IMODE(link.path.stat().st_mode) == 0o600


def test_wishes_arrive_one_by_one_and_situations_come_back(link: PanelLink) -> None:
    with connect(link) as panel:
        panel.sendall(Wish(Do.CUT_NETWORK).line() + Wish(Do.MEND_NETWORK).line())
        assert link.hear(30) == Wish(Do.CUT_NETWORK)
        assert link.hear(30) == Wish(Do.MEND_NETWORK)
        assert link.hear(0) is None
        link.tell(SITUATION)
        link.tell(replace(SITUATION, busy="Working."))
        with panel.makefile("rb") as lines:
            assert Situation.read(lines.readline()) == SITUATION
            assert Situation.read(lines.readline()).busy == "Working."


def test_what_was_asked_meanwhile_is_forgotten(link: PanelLink) -> None:
    """A second press on *Kill* while the kiosk starts does not kill it again."""
    with connect(link) as panel:
        panel.sendall(Wish(Do.KILL_KIOSK).line() * 3)
        assert link.hear(30) == Wish(Do.KILL_KIOSK)
        link.forget()
        panel.sendall(Wish(Do.PUT_AWAY).line())
        assert link.hear(30) == Wish(Do.PUT_AWAY)


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"[]\n", b'{"do": "x", "what": "", "prop": ""}\n', b"\xff\n", b"1\n"])
def test_what_is_no_wish_is_dropped(link: PanelLink, line: bytes) -> None:
    with connect(link) as panel:
        panel.sendall(line + Wish(Do.PUT_AWAY).line())
        assert link.hear(30) == Wish(Do.PUT_AWAY)


def test_a_panel_may_go_and_another_come(link: PanelLink) -> None:
    connect(link).close()
    assert link.hear(30) is None
    link.tell(SITUATION)
    with connect(link) as panel:
        panel.sendall(Wish(Do.PUT_AWAY).line())
        assert link.hear(30) == Wish(Do.PUT_AWAY)


def test_an_endless_line_is_hung_up_on(link: PanelLink) -> None:
    with connect(link) as panel:
        panel.settimeout(0)
        for _ in range(8):
            try:
                panel.send(b"x" * 40_000)
            except BlockingIOError:
                pass
            except BrokenPipeError:
                break
            link.hear(0)
        else:
            pytest.fail("still listening")
