"""The two windows lie side by side on every screen that has room for them."""

import pytest

from demo.panel.placing import Area, place

SCREENS = [
    Area(0, 0, 1366, 768), Area(0, 27, 1366, 741), Area(0, 0, 1440, 900), Area(0, 0, 1280, 800),
    Area(64, 32, 1856, 1048), Area(0, 0, 3840, 2160), Area(1920, 0, 1920, 1080),
]  # fmt: skip


@pytest.mark.parametrize("screen", SCREENS)
def test_both_fit_and_neither_covers_the_other(screen: Area) -> None:
    kiosk, panel = place(screen)
    assert screen.x <= kiosk.x
    assert kiosk.x + kiosk.width <= panel.x
    assert panel.x + panel.width <= screen.x + screen.width
    for window in (kiosk, panel):
        assert screen.y <= window.y
        assert window.y + window.height <= screen.y + screen.height


def test_a_usual_laptop() -> None:
    kiosk, panel = place(Area(0, 0, 1366, 768))
    assert (kiosk.width, kiosk.height) == (540, 732)
    assert (panel.width, panel.height) == (808, 732)
    assert kiosk.text() == "540x732+6+0"


def test_a_screen_without_room_shows_all_of_the_panel() -> None:
    """The panel covers the kiosk then, and can be moved aside."""
    _, panel = place(Area(0, 0, 1024, 600))
    assert (panel.x + panel.width, panel.width) == (1024, 780)
