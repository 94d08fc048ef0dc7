"""The panel's window: every button asks for what it says, by mouse and by key, and nothing is cut off."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from demo import forgery
from demo.offers import Offers
from demo.panel.looks import STYLE
from demo.panel.messages import Access, Do, Offer, Situation, Wish
from demo.panel.placing import Area, place
from demo.panel.window import PanelWindow

NOTE = {"check_in": None, "reason": None}
READY = Situation(
    offers=tuple(replace(offer, is_ready=True) for offer in Offers.planned()),
    access=Access("https://127.0.0.1:60000", "tessa@lindenhof.example", "MdX0c6bqGkqZ1w2v"),
    remark="Connected. Now hold up a code, and watch its row below.",
)


class Panel:
    """The window, dressed as the program dresses it, on a usual laptop."""

    def __init__(self, bot: QtBot) -> None:
        self.bot = bot
        self.window = PanelWindow()
        self.window.setStyleSheet(STYLE)
        bot.addWidget(self.window)
        _, area = place(Area(0, 0, 1366, 768))
        self.window.resize(area.width, area.height)
        self.wishes: list[Wish] = []
        self.window.wished.connect(self.wishes.append)

    def show(self, **changes: Any) -> "Panel":
        self.window.take_situation(replace(READY, **changes).line())
        self.window.show()
        QApplication.processEvents()
        return self

    def take(self, **note: Any) -> None:
        self.window.take_note(json.dumps(NOTE | note).encode())
        QApplication.processEvents()

    def button(self, name: str) -> QPushButton:
        found = self.window.findChild(QPushButton, name)
        assert found is not None, name
        return found

    def press(self, name: str) -> list[Wish]:
        self.wishes.clear()
        self.bot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)
        return list(self.wishes)

    @property
    def texts(self) -> list[str]:
        return [label.text() for label in self.window.findChildren(QLabel) if label.isVisible()]


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[Panel]:
    made = Panel(qtbot)
    yield made
    made.window.close()


@pytest.mark.parametrize(
    ("situation", "name", "wish"),
    [
        ({}, "code-ada", Wish(Do.HOLD_UP, "ada", "phone")),
        ({}, "code-foreign", Wish(Do.HOLD_UP, "foreign", "phone")),
        ({"held": "ada"}, "put-away", Wish(Do.PUT_AWAY)),
        ({}, "network", Wish(Do.CUT_NETWORK)),
        ({"network_is_cut": True}, "network", Wish(Do.MEND_NETWORK)),
        ({}, "server", Wish(Do.STOP_SERVER)),
        ({"server_runs": False}, "server", Wish(Do.START_SERVER)),
        ({}, "kill-kiosk", Wish(Do.KILL_KIOSK)),
        ({}, "pull-power", Wish(Do.PULL_POWER)),
        ({}, "clock-back", Wish(Do.MOVE_CLOCK, "back")),
        ({}, "clock-forward", Wish(Do.MOVE_CLOCK, "forward")),
        ({}, "clock-1970", Wish(Do.MOVE_CLOCK, "1970")),
        ({"clock_off_s": 3600}, "clock-right", Wish(Do.MOVE_CLOCK, "right")),
        ({"digits": "042137"}, "new-digits", Wish(Do.NEW_DIGITS)),
    ],
)
def test_each_button_asks_for_what_it_says(panel: Panel, situation: dict[str, Any], name: str, wish: Wish) -> None:
    """With the mouse, and with the space bar once the tab key has come to it."""
    panel.show(**situation)
    assert panel.press(name) == [wish]
    panel.wishes.clear()
    panel.bot.keyClick(panel.button(name), Qt.Key.Key_Space)
    assert panel.wishes == [wish]


def test_paper_instead_of_a_phone(panel: Panel) -> None:
    panel.show()
    assert panel.press("paper") == []
    assert panel.press("code-ada") == [Wish(Do.HOLD_UP, "ada", "paper")]


def test_nothing_can_be_asked_for_while_the_demo_is_busy(panel: Panel) -> None:
    """The focus waits where it was, so that a keyboard goes on from there."""
    panel.show()
    panel.window.activateWindow()
    panel.button("kill-kiosk").setFocus()
    panel.show(busy="Killed. Starting the kiosk again.")
    assert panel.press("kill-kiosk") == []
    assert panel.press("code-ada") == []
    assert "Killed. Starting the kiosk again." in panel.texts
    panel.show()
    assert panel.window.focusWidget() is panel.button("kill-kiosk")


def test_the_focus_is_taken_from_nobody(panel: Panel) -> None:
    """What could not be pressed for a while, because there was nothing to put away, does not call the focus back."""
    panel.show(held="ada")
    panel.window.activateWindow()
    panel.button("put-away").setFocus()
    panel.show()
    panel.button("code-grete").setFocus()
    panel.show(held="grete")
    assert panel.window.focusWidget() is panel.button("code-grete")


def test_an_unpaired_kiosk_is_connected_first(panel: Panel) -> None:
    panel.show(digits="042137")
    assert "042 137" in panel.texts
    assert panel.press("code-ada") == []
    panel.show()
    assert "042 137" not in panel.texts
    assert not panel.button("new-digits").isVisible()


def test_what_this_machine_does_not_allow_is_said(panel: Panel) -> None:
    """A button that shows less than its name says so, and one that cannot work cannot be pressed."""
    panel.show(power_note="Here it only kills.", clock_note="The clock cannot be moved here.")
    assert "Here it only kills. The clock cannot be moved here." in panel.texts
    assert panel.press("clock-1970") == []
    assert panel.press("pull-power") == [Wish(Do.PULL_POWER)]


def test_a_code_that_is_not_made_yet_cannot_be_held_up(panel: Panel) -> None:
    panel.show(offers=(Offer("ada", "Ada", "valid", is_ready=False),))
    assert panel.press("code-ada") == []


def test_the_tab_key_reaches_every_button(panel: Panel) -> None:
    panel.show(held="ada", clock_off_s=1)
    panel.window.activateWindow()
    reached: set[QWidget | None] = set()
    panel.window.setFocus()
    for _ in range(60):
        panel.bot.keyClick(panel.window.focusWidget() or panel.window, Qt.Key.Key_Tab)
        reached.add(panel.window.focusWidget())
    # Of the two props the arrows choose one, as everywhere; the tab key stops at the chosen one.
    expected = {each for each in panel.window.findChildren(QPushButton) if each.isVisible() and each.isEnabled()}
    missed = {each.objectName() for each in expected - reached}
    assert missed <= {"paper"}
    assert panel.window.table in reached


@pytest.mark.parametrize(
    "situation",
    [
        {},
        {"digits": "042137"},
        {
            "network_is_cut": True,
            "server_runs": False,
            "kiosk_runs": False,
            "clock_off_s": -1_800_000_000,
            "held": "ada",
        },
        {
            "power_note": "Here it only kills: dropping unsynced pages needs root and a loop device.",
            "clock_note": "The clock cannot be moved here: that needs a C compiler (tcc or gcc).",
        },
    ],
)
def test_no_text_is_cut_off(panel: Panel, situation: dict[str, Any]) -> None:
    """On a laptop of 1366 by 768, beside the kiosk."""
    panel.show(**situation)
    cut = [
        (label.text(), label.width(), label.sizeHint().width())
        for label in panel.window.findChildren(QLabel)
        if label.isVisible() and not label.wordWrap() and label.width() < label.sizeHint().width()
    ]
    narrow = [
        (each.text(), each.width(), each.minimumSizeHint().width())
        for each in panel.window.findChildren(QPushButton)
        if each.isVisible() and each.width() < each.minimumSizeHint().width()
    ]
    assert cut == []
    assert narrow == []


def test_a_scan_becomes_a_row_with_the_newest_on_top(panel: Panel) -> None:
    panel.show()
    assert any(text.startswith("No scan yet") for text in panel.texts)
    for scan, step, at_ns in ((1, "seen", 1), (2_000_000, "seen", 2_000_000), (2_000_000, "verified", 9_000_000)):
        panel.take(scan=scan, step=step, at_ns=at_ns)
    model = panel.window.table.ledger
    assert model.rowCount() == 2
    assert [model.index(0, column).data() for column in (0, 2)] == ["2", "7 ms"]
    assert not any(text.startswith("No scan yet") for text in panel.texts)


def test_a_refusal_has_room_for_its_reason(panel: Panel) -> None:
    panel.show()
    panel.take(scan=1, step="seen", at_ns=1)
    panel.take(scan=1, step="refused", at_ns=2, reason="bad_signature")
    table = panel.window.table
    assert table.ledger.index(0, 5).data() == "refused: signature does not fit"
    assert table.columnSpan(0, 5) == 2


def test_lines_that_are_no_objects_are_ignored(panel: Panel) -> None:
    panel.show()
    panel.window.take_note(b"[]")
    assert panel.window.table.ledger.rowCount() == 0


def test_what_is_needed_to_sign_in_can_be_copied(panel: Panel) -> None:
    panel.show()
    for name, text in (("address", READY.access.address), ("email", READY.access.email)):
        panel.press(f"copy-{name}")
        assert QGuiApplication.clipboard().text() == text


def test_with_a_real_camera_the_code_is_shown_to_be_photographed(panel: Panel, tmp_path) -> None:
    """And goes away when it is put away."""
    picture = forgery.write_symbol("hello", tmp_path / "code.png")
    panel.show(held="ada", picture=str(picture), camera_note="Show it to the camera.")
    assert "Show it to the camera." in panel.texts
    panel.show(camera_note="Show it to the camera.")
    assert "Show it to the camera." not in panel.texts
