"""The window: every screen fits in every shape, language and size, and every control can be touched and named."""

import itertools

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from kiosk_app.core.journey import Appearance, Checking, Comfort, Language, Ready, TextSize, Theme, Unpaired
from kiosk_app.ui.screens.page import Page, needed_height
from kiosk_app.ui.view import make_view
from kiosk_app.ui.window import KioskWindow
from tests.kiosk_app.ui.conftest import NOW
from tests.kiosk_app.ui.gallery import journey_at, lobby_picture, screens

SIZES = [(540, 960), (960, 540), (1080, 1920), (1920, 1080), (800, 1280), (1280, 800), (1024, 768)]
LARGEST = Appearance(Theme.LIGHT, TextSize.LARGEST, reduced_motion=True)


def current_page(window: KioskWindow) -> Page:
    """Return the page that is seen."""
    (page,) = [each for each in window.findChildren(Page) if each.isVisible()]
    return page


def controls(window: QWidget) -> list[QPushButton | QLineEdit]:
    """Return what can be touched now."""
    buttons = [each for each in window.findChildren(QPushButton) if each.isVisible()]
    return [*buttons, *(each for each in window.findChildren(QLineEdit) if each.isVisible())]


def check_fits(window: KioskWindow, where: str) -> None:
    """Assert that nothing is cut, off the window or too small to touch."""
    page = current_page(window)
    layout = page.layout()
    assert layout is not None
    assert needed_height(layout, page.width()) <= page.height(), where
    least = window.width() if window.width() < window.height() else window.height()
    for control in controls(window):
        corner = control.mapTo(window, QPoint(0, 0))
        assert window.rect().contains(corner), (where, control.objectName())
        assert window.rect().contains(corner + control.rect().bottomRight()), (where, control.objectName())
        assert min(control.width(), control.height()) >= int(48 * least / 540) - 1, (where, control.objectName())
        assert control.accessibleName(), (where, control.objectName())
    for label in page.findChildren(QLabel):
        if label.isVisible():
            assert label.heightForWidth(label.width()) <= label.height() + 1, (where, label.text())


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", Language)
def test_every_screen_fits(qtbot: QtBot, fonts: None, size: tuple[int, int], language: Language) -> None:
    """Portrait and landscape, small and large, normal and largest text: all is there, touchable and named."""
    window = KioskWindow()
    qtbot.addWidget(window)
    window.resize(*size)
    window.show()
    for appearance, (name, screen) in itertools.product((Appearance(reduced_motion=True), LARGEST), screens()):
        journey = journey_at(screen, Comfort(language, appearance), offline=isinstance(screen, Ready | Checking))
        window.show_view(make_view(journey, NOW))
        window.show_picture(lobby_picture(with_code=False))
        QTest.qWait(0)
        check_fits(window, f"{name} {appearance.text_size}")
    assert window.size() == QSize(*size)


@pytest.mark.parametrize("size", [(540, 960), (960, 540)], ids=str)
@pytest.mark.parametrize("opener", ["choose-language", "choose-display"])
def test_panels_fit_with_largest_text(qtbot: QtBot, fonts: None, size: tuple[int, int], opener: str) -> None:
    """The panel that makes text smaller again is never cut, and the footer stays free."""
    for language in Language:
        window = KioskWindow()
        qtbot.addWidget(window)
        window.resize(*size)
        window.show()
        window.show_view(make_view(journey_at(Ready(), Comfort(language, LARGEST)), NOW))
        button = window.findChild(QPushButton, opener)
        assert button is not None
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        (panel,) = [each for each in window.findChildren(QWidget, "sheet") if each.isVisible()]
        assert panel.height() >= panel.minimumSizeHint().height()
        assert panel.width() >= panel.minimumSizeHint().width(), language
        assert panel.geometry().bottom() < button.mapTo(window, QPoint(0, 0)).y()
        for option in panel.findChildren(QPushButton):
            assert option.width() >= option.sizeHint().width(), (language, option.text())
        window.close()


def test_corners_stay_and_the_rest_is_mirrored(qtbot: QtBot, fonts: None) -> None:
    """Arabic mirrors the header and the text; reception stays bottom left, language and display bottom right."""
    edges: dict[Language, dict[str, int]] = {}
    for language in (Language.ENGLISH, Language.ARABIC):
        window = KioskWindow()
        qtbot.addWidget(window)
        window.resize(540, 960)
        window.show()
        window.show_view(make_view(journey_at(Ready(), Comfort(language)), NOW))
        QTest.qWait(0)
        names = ("site-name", "site-time", "call-reception", "choose-language", "choose-display")
        edges[language] = {
            name: found.mapTo(window, QPoint(0, 0)).x() for name in names if (found := window.findChild(QWidget, name))
        }
        direction = Qt.LayoutDirection.RightToLeft if language is Language.ARABIC else Qt.LayoutDirection.LeftToRight
        assert window.layoutDirection() == direction
        window.close()
    english, arabic = edges[Language.ENGLISH], edges[Language.ARABIC]
    assert english["site-name"] < english["site-time"]
    assert arabic["site-time"] < arabic["site-name"]
    for edge in (english, arabic):
        assert edge["call-reception"] < edge["choose-language"] < edge["choose-display"]
    assert english["call-reception"] == arabic["call-reception"]


def test_tab_key_goes_around_in_reading_order(qtbot: QtBot, fonts: None) -> None:
    """Every visible control is reached by the tab key, the page before the footer."""
    window = KioskWindow()
    qtbot.addWidget(window)
    window.resize(540, 960)
    window.show()
    window.activateWindow()
    window.show_view(make_view(journey_at(Ready(), Comfort()), NOW))
    window.setFocus()
    reached = []
    for _ in range(4):
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        focused = window.focusWidget()
        assert focused is not None
        reached.append(focused.objectName())
    assert reached == ["no-code", "call-reception", "choose-language", "choose-display"]


def test_a_page_that_goes_takes_its_focus_along(qtbot: QtBot, fonts: None) -> None:
    """Nothing on the welcome screen looks chosen because somebody typed on the pairing screen before."""
    window = KioskWindow()
    qtbot.addWidget(window)
    window.resize(540, 960)
    window.show()
    window.activateWindow()
    window.show_view(make_view(journey_at(Unpaired(), Comfort()), NOW))
    address = window.findChild(QLineEdit, "pairing-address")
    assert address is not None
    address.setFocus()
    assert window.focusWidget() is address
    window.show_view(make_view(journey_at(Ready(), Comfort()), NOW))
    assert window.focusWidget() in {None, window}
