"""The live demo as somebody at the panel has it: real server, real kiosk, real panel window; buttons are pressed."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from demo.live import live_session
from demo.panel.ledger import Row
from demo.panel.lines import Lines
from demo.panel.messages import Do, Situation, Wish
from demo.panel.window import PanelWindow
from demo.session import Session
from demo.waiting import wait_until
from tests.demo.panel.test_window import Panel as Shown

WAIT_S = 180.0
"""For hanging only: on a busy machine the start alone takes a minute."""
FOLLOW = b'{"do": "follow"}\n'


class PanelHere:
    """The panel as the demo sees it, while its window is one of this process, driven by the test's thread."""

    def __init__(self) -> None:
        self.paths: tuple[Path, Path] | None = None
        self.is_closed = threading.Event()

    def __call__(self, _folder: Path, link: Path, hand: Path) -> "PanelHere":
        self.paths = (link, hand)
        return self

    def is_running(self) -> bool:
        return not self.is_closed.is_set()

    def expect(self, what: str, condition: Callable[[], bool], seconds: float) -> None:
        assert wait_until(condition, seconds), what

    def stop(self) -> int:
        return 0


class Demo(threading.Thread):
    """The demo in a thread of its own, where its disk is mounted and unmounted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(name="demo")
        self.folder = folder
        self.panel = PanelHere()
        self.session: Session | None = None
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with live_session(self.folder, None, self.panel, offscreen=True) as (session, _):
                self.session = session
                digits = session.open_kiosk()
                hand = session.props.kiosk.hand
                hand.wait_for("Unpaired", seconds=WAIT_S)
                hand.type_digits(digits)
                hand.tap("pair-connect")
                session.run()
        except BaseException as error:  # noqa: BLE001 - whatever it was, the test's thread tells it
            self.failure = error


class Live:
    """What the person at the panel sees and presses."""

    def __init__(self, bot: QtBot, demo: Demo) -> None:
        self.bot, self.demo = bot, demo
        self.situations: list[Situation] = []
        self.panel = Shown(bot)
        assert demo.panel.paths is not None
        link, hand = demo.panel.paths
        self.link = Lines(link, Wish(Do.HELLO, "0,0,1366,768").line(), comes_back=False)
        self.hand = Lines(hand, FOLLOW, comes_back=True)
        self.window: PanelWindow = self.panel.window
        self.link.received.connect(self.window.take_situation)
        self.link.received.connect(lambda line: self.situations.append(Situation.read(line)))
        self.hand.received.connect(self.window.take_note)
        self.window.wished.connect(lambda wish: self.link.send(wish.line()))
        self.window.show()
        self.link.connect_now()
        self.hand.connect_now()

    def close(self) -> None:
        self.hand.close()
        self.link.close()
        self.window.close()

    @property
    def rows(self) -> list[Row]:
        """Newest first."""
        return self.window.table.ledger.rows

    def wait(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(lambda: self.demo.failure is not None or condition(), timeout=round(WAIT_S * 1000))
        assert self.demo.failure is None, self.demo.failure

    def press(self, name: str) -> None:
        """Press a button once it can be pressed."""
        self.wait(lambda: self.window.findChild(type(self.panel.button("network")), name) is not None)
        self.wait(self.panel.button(name).isEnabled)
        self.panel.press(name)

    def hold_up(self, key: str, *ends: str) -> Row:
        """Hold a code up, wait until its row has one of ``ends``, put it away, and return the row."""
        before = len(self.rows)
        self.press(f"code-{key}")
        self.wait(lambda: len(self.rows) > before and any(end in self.rows[0].at_ns for end in ends))
        self.press("put-away")
        self.wait(lambda: not self.situations[-1].held)
        return self.rows[0]

    def says(self, text: str) -> bool:
        return bool(self.situations) and text in self.situations[-1].remark


@pytest.fixture
def live(qtbot: QtBot) -> Iterator[Live]:
    # Not pytest's own folder: its long name would not leave room for a socket's, which ends at 107 characters.
    with tempfile.TemporaryDirectory(prefix="live-") as name:
        demo = Demo(Path(name))
        demo.start()
        try:
            assert wait_until(lambda: demo.panel.paths is not None or not demo.is_alive(), WAIT_S)
            assert demo.failure is None, demo.failure
            opened = Live(qtbot, demo)
            try:
                yield opened
            finally:
                opened.close()
        finally:
            demo.panel.is_closed.set()
            demo.join()
        assert demo.failure is None, demo.failure
        assert not any("disk.img" in line for line in Path("/proc/self/mountinfo").read_text().splitlines())


def test_the_network_is_cut_and_the_power_pulled(live: Live) -> None:
    """Admit; cut, admit, and see it wait at green; pull the power and see it wait still; mend: it is acknowledged."""
    first = live.hold_up("ada", "acknowledged")
    live.wait(lambda: "green" in first.at_ns)
    shown = [first.ms(step) for step in ("seen", "verified", "durable", "green")]
    assert None not in shown
    assert shown == sorted(shown, key=lambda ms: ms or 0)
    assert first.at_ns["durable"] < first.at_ns["sent"] < first.at_ns["acknowledged"] < time.monotonic_ns()

    live.press("network")
    live.wait(lambda: live.situations[-1].network_is_cut)
    second = live.hold_up("grete", "green")
    assert second.waits
    assert "sent" not in second.at_ns

    live.press("pull-power")
    live.wait(lambda: live.says("2 of 2 durable check-ins are there"))
    assert second.waits

    live.press("network")
    live.wait(lambda: "acknowledged" in second.at_ns)
    assert not second.waits
    assert len(live.rows) == 2


@pytest.mark.torture
def test_every_other_button(live: Live) -> None:
    """Refusals with their reasons; the kiosk killed, the server away and back, the clock in 1970 and right again."""
    live.hold_up("ada", "acknowledged")
    assert live.hold_up("tampered", "refused").reason == "bad_signature"
    assert live.hold_up("copy", "refused").reason == "already_used"
    assert live.hold_up("early", "refused").reason == "too_early"
    assert live.hold_up("other", "refused").reason == "wrong_site"
    assert live.hold_up("foreign", "refused").reason == "not_a_visit_code"
    assert live.hold_up("unknown", "refused").reason == "unknown_key"
    assert live.hold_up("cancelled", "refused").reason == "cancelled"

    live.press("kill-kiosk")
    live.wait(lambda: live.says("1 of 1 durable check-ins are there"))
    live.press("server")
    live.wait(lambda: not live.situations[-1].server_runs)
    row = live.hold_up("grete", "green")
    live.press("server")
    live.wait(lambda: live.situations[-1].server_runs)
    live.wait(lambda: "acknowledged" in row.at_ns)

    if not live.situations[-1].clock_note:
        live.press("clock-1970")
        live.wait(lambda: live.situations[-1].clock_off_s < -1_000_000_000)
        # By signed time they are let in, in doubt they are asked to see reception: nobody is refused for our clock.
        assert live.hold_up("new", "green", "reception").turned_away != "refused"
        live.press("clock-right")
        live.wait(lambda: live.situations[-1].clock_off_s == 0)
