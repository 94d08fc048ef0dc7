"""A window with a controller, a clock that stands still, and a record of what the journey asked for."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from kiosk_app.core.journey import Event, Journey, JourneyPolicy, Screen
from kiosk_app.core.staff_desk import StaffRequest
from kiosk_app.ui.journey_controller import JourneyController
from kiosk_app.ui.theme.fonts import load_fonts
from kiosk_app.ui.window import KioskWindow

NOW = datetime(2030, 3, 4, 10, 24, tzinfo=UTC)


@dataclass
class RecordedErrands:
    """Carries nothing out; remembers what was asked."""

    asked: list[tuple[object, ...]] = field(default_factory=list)

    def pair(self, setup_code: str, digits: str) -> None:
        self.asked.append(("pair", setup_code, digits))

    def decide(self, text: str, seen_at_ns: int) -> None:
        self.asked.append(("decide", text, seen_at_ns))

    def ready_for_next_code(self) -> None:
        self.asked.append(("ready",))

    def serve_staff(self, request: StaffRequest) -> None:
        self.asked.append(("staff", request))


@dataclass
class Kiosk:
    """The window as a visitor has it before them."""

    window: KioskWindow
    controller: JourneyController
    errands: RecordedErrands
    bot: QtBot
    now: datetime = NOW

    def happen(self, *events: Event) -> "Kiosk":
        """Let events happen, and transitions end."""
        for event in events:
            self.controller.on_event(event)
        self.window.finish_motion()
        QApplication.processEvents()
        return self

    def find(self, name: str) -> QWidget:
        """Return the visible widget of that name."""
        found = [widget for widget in self.window.findChildren(QWidget, name) if widget.isVisible()]
        assert len(found) == 1, (name, found)
        return found[0]

    def press(self, *names: str) -> "Kiosk":
        """Press widgets with the mouse."""
        for name in names:
            widget = self.find(name)
            self.bot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.rect().center())
        QApplication.processEvents()
        return self

    @property
    def texts(self) -> list[str]:
        """Everything to be read now, buttons included."""
        labels = [each.text() for each in self.window.findChildren(QLabel) if each.isVisible()]
        return labels + [each.text().strip() for each in self.window.findChildren(QPushButton) if each.isVisible()]

    @property
    def screen(self) -> Screen:
        return self.controller.journey.screen

    def left_edge(self, name: str) -> int:
        """Return how far from the window's left edge a widget stands."""
        return self.find(name).mapTo(self.window, QPoint(0, 0)).x()


@pytest.fixture
def fonts(qapp: QApplication) -> None:
    """The product's fonts."""
    load_fonts()


@pytest.fixture
def policy() -> JourneyPolicy:
    """Times short enough to wait for."""
    return JourneyPolicy(admitted_for=timedelta(milliseconds=80), next_code_after=timedelta(milliseconds=20))


@pytest.fixture
def kiosk(qtbot: QtBot, fonts: None, policy: JourneyPolicy) -> Iterator[Kiosk]:
    """A kiosk of 540 by 960 that has not started yet."""
    window, errands = KioskWindow(), RecordedErrands()
    qtbot.addWidget(window)
    window.resize(540, 960)
    box: list[Kiosk] = []
    controller = JourneyController(
        window, errands, lambda: box[0].now if box else NOW, Journey(), policy, parent=window
    )
    box.append(Kiosk(window, controller, errands, qtbot))
    window.show()
    yield box[0]
    window.close()
