"""The journey in the real window: what a visitor and the installer see and press."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLineEdit, QWidget

from kiosk_app.core.journey import (
    Admitted,
    Appearance,
    AppearanceChosen,
    AskReception,
    CameraBack,
    CameraTrouble,
    Checking,
    CodeSeen,
    ConnectivityChanged,
    Declined,
    FaultHappened,
    Language,
    Pairing,
    PairingRefused,
    PairingSucceeded,
    PairingTroubleKind,
    PairingUnreachable,
    QueueChanged,
    Ready,
    SetupCodeChanged,
    SeveralCodesSeen,
    SiteChanged,
    SiteIdentity,
    Started,
    TextSize,
    Theme,
    Unpaired,
    VerdictReached,
)
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.verdict import Admit, Greeting, Refuse
from kiosk_app.core.verdict import AskReception as CannotDecide
from kiosk_app.ui import feedback
from kiosk_app.ui.texts.words import Mark
from kiosk_app.ui.widgets.countdown_ring import CountdownRing
from kiosk_app.ui.widgets.digit_boxes import DigitBoxes
from kiosk_app.ui.widgets.preview import Preview
from kiosk_app.ui.widgets.verdict_mark import VerdictMark
from kiosk_protocol.reasons import Reason
from tests.kiosk_app.ui.conftest import NOW, Kiosk
from tests.kiosk_app.ui.gallery import lobby_picture

SITE = SiteIdentity("site-a", "Harbour House", "Europe/Berlin", brand_colour="#8a1c5b")
ADDRESS = "https://door.example/p/acme/site-a"
ADA = Admit("c1", Greeting("Ada Lovelace", "Grace Hopper", "2.14"), decided_offline=False)


def mark_of(kiosk: Kiosk) -> Mark:
    """Return the mark that is seen."""
    mark = kiosk.find("verdict-mark")
    assert isinstance(mark, VerdictMark)
    return mark.mark


# --- Set-up ---------------------------------------------------------------------------------------------------------


def test_pairing_by_finger(kiosk: Kiosk) -> None:
    """Six keys and Connect ask for a pairing; the right digits lead to Ready."""
    kiosk.happen(SetupCodeChanged(ADDRESS), Started(None))
    assert not kiosk.find("pair-connect").isEnabled()
    kiosk.press(*(f"keypad-{digit}" for digit in "0918273"), "keypad-erase", "keypad-4")
    boxes = kiosk.find("digit-boxes")
    assert isinstance(boxes, DigitBoxes)
    assert boxes.digits == "091824"
    assert boxes.accessibleName() == "6 of 6 digits typed"
    kiosk.press("pair-connect")
    assert ("pair", ADDRESS, "091824") in kiosk.errands.asked
    assert isinstance(kiosk.screen, Pairing)
    assert not kiosk.find("keypad").isEnabled()
    assert "Connecting, one moment" in kiosk.texts
    kiosk.happen(PairingSucceeded(SITE))
    assert "Hold your code in front of the camera" in kiosk.texts
    assert "Harbour House" in kiosk.texts


def test_wrong_digits_and_trouble_are_told(kiosk: Kiosk) -> None:
    """Tries left as counted; a server that cannot be reached is its own kind sentence with a code."""
    kiosk.happen(SetupCodeChanged(ADDRESS), Started(None)).press(
        *(f"keypad-{digit}" for digit in "111111"), "pair-connect"
    )
    kiosk.happen(PairingRefused(PairingTroubleKind.WRONG_DIGITS, 4))
    assert "These digits do not match. 4 tries left." in kiosk.texts
    kiosk.press(*(f"keypad-{digit}" for digit in "222222"))
    assert "These digits do not match. 4 tries left." not in kiosk.texts
    kiosk.press("pair-connect").happen(PairingUnreachable(StaffCode.SERVER_UNREACHABLE))
    assert any("cannot reach the server" in text and "NET-1" in text for text in kiosk.texts)
    kiosk.press("keypad-clear")
    assert kiosk.screen == Unpaired(ADDRESS)


def test_pairing_by_physical_keyboard(kiosk: Kiosk) -> None:
    """Digits, backspace and return work without touching anything; other keys do nothing."""
    kiosk.happen(SetupCodeChanged(ADDRESS), Started(None))
    page = kiosk.find("pair-page")
    page.setFocus()
    kiosk.bot.keyClicks(page, "12x34567")
    kiosk.bot.keyClick(page, Qt.Key.Key_Backspace)
    kiosk.bot.keyClicks(page, "9")
    kiosk.bot.keyClick(page, Qt.Key.Key_Return)
    assert ("pair", ADDRESS, "123459") in kiosk.errands.asked


def test_address_by_physical_and_on_screen_keyboard(kiosk: Kiosk) -> None:
    """The field takes a keyboard; touching it opens ours, which covers no corner and types the same text."""
    kiosk.happen(Started(None))
    field = kiosk.find("pairing-address")
    assert isinstance(field, QLineEdit)
    kiosk.bot.keyClicks(field, "https://a")
    assert kiosk.screen == Unpaired("https://a")
    kiosk.press("pairing-address")
    keyboard = kiosk.find("keyboard")
    assert keyboard.geometry().bottom() < kiosk.find("call-reception").mapTo(kiosk.window, QPoint(0, 0)).y()
    kiosk.press(
        "keyboard-shift", "keyboard-b", "keyboard-c", "keyboard-erase", "keyboard-dot", "keyboard-p", "keyboard-7"
    )
    assert kiosk.screen == Unpaired("https://aB.p7")
    kiosk.press("keyboard-done")
    assert keyboard.isHidden()
    assert field.text() == "https://aB.p7"


def test_setup_code_seen_by_the_camera_stands_in_the_field(kiosk: Kiosk) -> None:
    """The mirror shows on the pairing page, and a set-up code held up fills the address."""
    kiosk.happen(Started(None))
    kiosk.controller.on_preview(lobby_picture(with_code=True))
    assert kiosk.find("pairing-preview").height() >= 100
    kiosk.happen(CodeSeen(ADDRESS, 1))
    field = kiosk.find("pairing-address")
    assert isinstance(field, QLineEdit)
    assert field.text() == ADDRESS


# --- At the door ----------------------------------------------------------------------------------------------------


def test_admitted_by_name_and_closed_by_itself(kiosk: Kiosk) -> None:
    """Zero taps: code, greeting, and Ready again when the ring has run out."""
    kiosk.happen(Started(SITE), CodeSeen("token", 5))
    assert ("decide", "token", 5) in kiosk.errands.asked
    kiosk.happen(VerdictReached(ADA, 5))
    assert isinstance(kiosk.screen, Admitted)
    for text in ("Welcome, Ada Lovelace", "Your host", "Grace Hopper", "Room", "2.14"):
        assert text in kiosk.texts
    assert mark_of(kiosk) is Mark.TICK
    kiosk.bot.waitUntil(lambda: isinstance(kiosk.screen, Ready), timeout=3_000)
    assert not any("Ada" in label.text() for label in kiosk.window.findChildren(type(kiosk.find("site-name"))))


def test_gate_opens_after_the_pause(kiosk: Kiosk) -> None:
    """The next visitor's code is let through while the greeting still stands."""
    kiosk.happen(Started(SITE), CodeSeen("token", 5), VerdictReached(ADA, 5))
    asked = len(kiosk.errands.asked)
    kiosk.bot.waitUntil(lambda: len(kiosk.errands.asked) > asked, timeout=3_000)
    assert kiosk.errands.asked[-1] == ("ready",)
    assert isinstance(kiosk.screen, Admitted)


def test_more_time_starts_the_ring_again(kiosk: Kiosk) -> None:
    """More time fills the ring; Done leaves at once."""
    kiosk.happen(Started(SITE), CodeSeen("token", 5), VerdictReached(ADA, 5))
    ring = kiosk.find("countdown-ring")
    assert isinstance(ring, CountdownRing)
    kiosk.bot.waitUntil(lambda: ring.left < 0.9, timeout=3_000)
    kiosk.press("more-time")
    assert ring.left > 0.95
    assert isinstance(kiosk.screen, Admitted)
    assert kiosk.screen.dwell.duration == timedelta(seconds=30)
    kiosk.press("done")
    assert isinstance(kiosk.screen, Ready)


@pytest.mark.parametrize("reason", Reason)
def test_each_verdict_is_seen(kiosk: Kiosk, reason: Reason) -> None:
    """A refusal shows why and what to do, with a code; what cannot be decided shows reception, never a cross."""
    kiosk.happen(Started(SITE), CodeSeen("token", 5), VerdictReached(Refuse(reason), 5))
    assert isinstance(kiosk.screen, Declined)
    view = kiosk.window.view
    assert view is not None
    for text in (view.words.title, view.words.body, f"For staff: {kiosk.screen.code}"):
        assert text in kiosk.texts
    assert mark_of(kiosk) in (Mark.CROSS, Mark.CLOCK)
    kiosk.press("done").happen(CodeSeen("token", 6), VerdictReached(CannotDecide(reason), 6))
    assert isinstance(kiosk.screen, AskReception)
    assert "Please see reception, they will help you" in kiosk.texts
    assert mark_of(kiosk) is Mark.PERSON


def test_checking_is_quiet_first_and_then_says_so(kiosk: Kiosk) -> None:
    """Nothing but thanks at once; after a moment the visitor is told what takes time."""
    kiosk.happen(Started(SITE), CodeSeen("token", 5))
    assert "Thank you" in kiosk.texts
    kiosk.bot.waitUntil(lambda: "One moment, we are checking your code" in kiosk.texts, timeout=3_000)
    assert isinstance(kiosk.screen, Checking)


def test_help_and_no_code(kiosk: Kiosk) -> None:
    """Both corners and the button lead to kind words; Back leads back."""
    kiosk.happen(Started(SITE)).press("no-code")
    assert "No code? No problem" in kiosk.texts
    kiosk.press("done", "call-reception")
    assert "Reception will help you" in kiosk.texts
    kiosk.happen(SeveralCodesSeen()).press("done").happen(SeveralCodesSeen())
    assert "One code at a time, please" in kiosk.texts


def test_resting(kiosk: Kiosk) -> None:
    """A camera that is away: resting, with a code, until it is back."""
    kiosk.happen(Started(SITE), CameraTrouble(StaffCode.CAMERA_STOPPED))
    assert "This kiosk is resting" in kiosk.texts
    assert "For staff: CAM-2" in kiosk.texts
    assert not kiosk.find("call-reception").isHidden()
    kiosk.happen(CameraBack())
    assert isinstance(kiosk.screen, Ready)


# --- Beside the screen ----------------------------------------------------------------------------------------------


def test_strip_shows_and_goes(kiosk: Kiosk) -> None:
    """One thin line while something is off, in the site's time, and nothing at all otherwise."""
    kiosk.happen(Started(SITE))
    assert kiosk.window.strip_text == ""
    kiosk.happen(ConnectivityChanged(online=False, since=NOW), QueueChanged(1, NOW + timedelta(minutes=2)))
    assert kiosk.window.strip_text == "Offline since 11:24 · 1 check-in waiting since 11:26"
    assert kiosk.find("staff-strip").height() <= 34
    kiosk.happen(ConnectivityChanged(online=True, since=NOW), QueueChanged(0))
    assert kiosk.window.strip_text == ""


def test_language_from_the_corner(kiosk: Kiosk) -> None:
    """The panel changes every word at once, mirrors Arabic, and closes."""
    kiosk.happen(Started(SITE)).press("choose-language", "language-de", "language-done")
    assert "Halten Sie Ihren Code vor die Kamera" in kiosk.texts
    kiosk.press("choose-language", "language-ar", "choose-language")
    assert kiosk.window.layoutDirection() == Qt.LayoutDirection.RightToLeft
    assert kiosk.left_edge("site-time") < kiosk.left_edge("site-name")
    assert not [each for each in kiosk.window.findChildren(QWidget, "sheet") if each.isVisible()]


def test_display_from_the_corner(kiosk: Kiosk) -> None:
    """Colours, text size and motion change what is there now."""
    kiosk.happen(Started(SITE)).press("choose-display", "theme-high-contrast", "text-largest", "motion-reduced")
    appearance = kiosk.controller.journey.comfort.appearance
    assert appearance == Appearance(Theme.HIGH_CONTRAST, TextSize.LARGEST, reduced_motion=True)
    assert kiosk.window.grab().toImage().pixelColor(2, 500).name() == "#000000"
    kiosk.press("theme-light", "text-normal", "motion-full", "display-done")
    assert kiosk.controller.journey.comfort.appearance == Appearance()


def test_brand_of_the_site_colours_the_button(kiosk: Kiosk) -> None:
    """The way out stands in the site's colour."""
    kiosk.happen(Started(SITE), CodeSeen("token", 5), VerdictReached(ADA, 5))
    image = kiosk.find("done").grab().toImage()
    assert image.pixelColor(image.width() // 6, image.height() // 2).name() == "#8a1c5b"


def test_site_change_is_seen(kiosk: Kiosk) -> None:
    """A renamed site shows its new name; a lost pairing shows the set-up."""
    kiosk.happen(Started(SITE), SiteChanged(replace(SITE, site_name="Mill")))
    assert "Mill" in kiosk.texts
    kiosk.happen(SiteChanged(None))
    assert "Connect this kiosk" in kiosk.texts


def test_clock_ticks_in_the_sites_zone(kiosk: Kiosk) -> None:
    """The header shows the site's time, and follows the clock."""
    kiosk.happen(Started(SITE))
    assert "11:24" in kiosk.texts
    kiosk.now = NOW + timedelta(minutes=1)
    kiosk.bot.waitUntil(lambda: "11:25" in kiosk.texts, timeout=4_000)


# --- Mirror and voice -----------------------------------------------------------------------------------------------


def test_mirror_is_a_mirror(kiosk: Kiosk) -> None:
    """What is at the left of the camera's picture is at the right of the screen."""
    kiosk.happen(Started(SITE), AppearanceChosen(Appearance(reduced_motion=True)))
    picture = lobby_picture(with_code=False)
    picture.image[:, :] = (0, 0, 0)
    picture.image[:, 160:240] = (0, 0, 255)
    kiosk.controller.on_preview(picture)
    preview = kiosk.find("preview")
    image = preview.grab().toImage()
    row = [image.pixelColor(x, 60).red() for x in range(image.width())]
    brightest = max(range(len(row)), key=row.__getitem__)
    assert row[brightest] > 100
    assert brightest > image.width() // 2


def test_nobody_is_kept_in_the_mirror(kiosk: Kiosk) -> None:
    """The last picture of a visitor is gone when another screen takes over, and pictures elsewhere are dropped."""
    kiosk.happen(Started(SITE))
    kiosk.controller.on_preview(lobby_picture(with_code=True))
    preview = kiosk.find("preview")
    assert isinstance(preview, Preview)
    assert preview.has_picture
    kiosk.press("no-code")
    kiosk.controller.on_preview(lobby_picture(with_code=True))
    assert not preview.has_picture


def test_picture_of_an_odd_shape_is_no_picture(kiosk: Kiosk) -> None:
    """A shape the mirror does not know shows the empty guide and raises nothing; grey is fine."""
    kiosk.happen(Started(SITE))
    preview = kiosk.find("preview")
    assert isinstance(preview, Preview)
    grey = lobby_picture(with_code=False)
    kiosk.controller.on_preview(replace(grey, image=grey.image[:, :, 0].copy()))
    assert preview.has_picture
    kiosk.controller.on_preview(replace(grey, image=grey.image[:0]))
    assert not preview.has_picture


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told."""
    heard: list[str] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: heard.append(event.message()))
    return heard


def test_screens_are_spoken(kiosk: Kiosk, spoken: list[str]) -> None:
    """Assistive technology hears what the screen says, without invisible marks."""
    kiosk.happen(Started(replace(SITE, language=Language.ARABIC)), CodeSeen("token", 5), VerdictReached(ADA, 5))
    assert "Ada Lovelace" in spoken[-1]
    assert "Grace Hopper" in spoken[-1]
    assert "\u2068" not in spoken[-1]


def test_announcement_is_accepted_by_qt(kiosk: Kiosk) -> None:
    """The real call goes through, with and without a screen reader."""
    feedback.announce(kiosk.window, "Welcome")


def test_fault_closes_the_door(kiosk: Kiosk) -> None:
    """A fault on any screen shows the resting kiosk with its code."""
    kiosk.happen(Started(SITE), CodeSeen("token", 5), VerdictReached(ADA, 5), FaultHappened(StaffCode.UNEXPECTED_FAULT))
    assert "This kiosk is resting" in kiosk.texts
    assert "For staff: APP-2" in kiosk.texts
    assert not any("Ada" in text for text in kiosk.texts)


def test_transition_ends_and_gives_its_picture_back(kiosk: Kiosk) -> None:
    """A change of screen fades within 300 ms and lets touches through meanwhile."""
    kiosk.controller.on_event(Started(SITE))
    kiosk.window.finish_motion()
    kiosk.bot.mouseClick(kiosk.find("no-code"), Qt.MouseButton.LeftButton)
    fade = kiosk.window.findChild(QWidget, "fade")
    assert fade is not None
    assert fade.isVisible()
    kiosk.bot.mouseClick(
        kiosk.window.childAt(kiosk.find("done").mapTo(kiosk.window, QPoint(5, 5))), Qt.MouseButton.LeftButton
    )
    assert isinstance(kiosk.screen, Ready)
    kiosk.bot.waitUntil(fade.isHidden, timeout=3_000)
