"""The staff's pad and page in the window: gesture, PIN, table, actions, and words in every language."""

import string
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QScrollArea

from kiosk_app.core.health import Finding, HealthCode, HealthState, Subject
from kiosk_app.core.health_words import FINDINGS
from kiosk_app.core.journey import (
    Appearance,
    AppearanceChosen,
    FindingsMade,
    Language,
    LanguageChosen,
    Maintenance,
    PinAnswered,
    Ready,
    StaffEntry,
    StaffTaskEnded,
    Started,
    TextSize,
    Unpaired,
)
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import CheckPin, Examine, Saved, StillWaiting, SyncNow, TaskFailed, Unpair
from kiosk_app.core.staff_desk import Unpaired as UnpairedNow
from kiosk_app.core.staff_pin import PinLocked, PinMissing, PinRight, PinTrouble, PinWrong
from kiosk_app.ui.texts.staff import StaffSay, staff_texts
from tests.kiosk_app.ui.conftest import Kiosk
from tests.kiosk_app.ui.gallery import SITE, lobby_picture, staff_screens

FINDINGS_NOW = (Finding(HealthCode.PAIRED), Finding(HealthCode.CAMERA_TROUBLE, StaffCode.CAMERA_STOPPED))


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def at_pad(kiosk: Kiosk) -> Kiosk:
    """Make the gesture at a paired kiosk."""
    kiosk.happen(Started(SITE))
    return kiosk.press(*["site-name"] * 5)


def on_page(kiosk: Kiosk) -> Kiosk:
    """Open the staff's page."""
    at_pad(kiosk).press(*(f"keypad-{digit}" for digit in "204060"))
    return kiosk.happen(PinAnswered(PinRight()), FindingsMade(FINDINGS_NOW))


def requests(kiosk: Kiosk) -> list[object]:
    """Return what was asked for staff."""
    return [asked[1] for asked in kiosk.errands.asked if asked[0] == "staff"]


def test_five_presses_on_the_name_open_the_pad(kiosk: Kiosk) -> None:
    """Four do nothing that can be seen, and presses elsewhere do not count."""
    kiosk.happen(Started(SITE)).press(*["site-name"] * 4, *["site-time"] * 4)
    assert isinstance(kiosk.screen, Ready)
    kiosk.press("site-name")
    assert isinstance(kiosk.screen, StaffEntry)


def test_typed_pin_is_hidden_and_asked_once(kiosk: Kiosk) -> None:
    """Six digits by finger or keyboard; none of them can be read on the screen."""
    at_pad(kiosk).press("keypad-2", "keypad-0")
    assert kiosk.find("digit-boxes").accessibleName() == "2 of 6 digits typed"
    page = kiosk.find("staff-entry")
    for key in (Qt.Key.Key_4, Qt.Key.Key_9, Qt.Key.Key_Backspace, Qt.Key.Key_0, Qt.Key.Key_6, Qt.Key.Key_0):
        kiosk.bot.keyClick(page, key)
    assert requests(kiosk)[-1] == CheckPin("204060")
    assert not any("204060" in text for text in kiosk.texts)
    kiosk.happen(PinAnswered(PinWrong(2)))
    assert "That is not the PIN. Tries left: 2" in kiosk.texts
    kiosk.bot.keyClick(page, Qt.Key.Key_Escape)
    assert isinstance(kiosk.screen, Ready)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (PinMissing(), "atrium-kiosk pin"),
        (PinLocked(timedelta(seconds=241)), "Minutes until the next one: 5"),
        (PinTrouble(StaffCode.KEYS_UNREADABLE), "KEY-1"),
    ],
)
def test_what_is_in_the_way_is_said_and_the_pad_is_away(kiosk: Kiosk, answer, said: str) -> None:
    """There is nothing to type then, only a way back."""
    at_pad(kiosk).happen(PinAnswered(answer))
    assert any(said in text for text in kiosk.texts)
    assert not any(key.isVisible() for key in kiosk.window.findChildren(QPushButton, "keypad-1"))
    assert isinstance(kiosk.press("staff-back").screen, Ready)


def test_table_says_what_does_not_work_first(kiosk: Kiosk) -> None:
    """With its code for the runbook; what is well needs none."""
    on_page(kiosk)
    assert Examine(None) in requests(kiosk)
    texts = kiosk.texts
    assert texts.index("It gives no pictures (CAM-2). DOC-11") < texts.index("This kiosk belongs to its site.")
    assert "DOC-1" not in texts


def test_actions_and_how_they_ended(kiosk: Kiosk) -> None:
    """Each asks once and says how it went; leaving is possible meanwhile."""
    on_page(kiosk).press("staff-sync")
    assert requests(kiosk)[-1] == SyncNow()
    assert not kiosk.find("staff-save").isEnabled()
    kiosk.happen(StaffTaskEnded(TaskFailed(StaffCode.SERVER_UNREACHABLE)))
    assert "It did not work (NET-1)." in kiosk.texts
    kiosk.press("staff-save").happen(StaffTaskEnded(Saved("/data/report.json")))
    assert "Saved in /data/report.json" in kiosk.texts
    assert isinstance(kiosk.press("staff-leave").screen, Ready)


def test_unpairing_asks_and_keeps(kiosk: Kiosk) -> None:
    """Asks first; where something waits it can be kept; the page says where it lies, and leaving leads to pairing."""
    on_page(kiosk).press("staff-unpair", "staff-unpair-sure").happen(StaffTaskEnded(StillWaiting(3)))
    assert any("Check-ins not sent yet: 3" in text for text in kiosk.texts)
    kiosk.press("staff-keep")
    assert requests(kiosk)[-1] == Unpair(keep_aside=True)
    kiosk.happen(StaffTaskEnded(UnpairedNow("/data/kept/x")))
    assert any("/data/kept/x" in text for text in kiosk.texts)


def test_camera_test_shows_the_picture_and_lets_it_go(kiosk: Kiosk) -> None:
    """Only in the test; the table shows nobody."""
    on_page(kiosk)
    preview = kiosk.window.findChild(object, "staff-preview")
    kiosk.controller.on_preview(lobby_picture(with_code=True))
    assert not preview.has_picture
    kiosk.press("staff-camera").controller.on_preview(lobby_picture(with_code=True))
    assert preview.has_picture
    kiosk.press("staff-panel-back", "staff-leave")
    assert not preview.has_picture


def test_page_is_live(kiosk: Kiosk) -> None:
    """Every second the findings are asked for anew."""
    on_page(kiosk)
    before = requests(kiosk).count(Examine(None))
    kiosk.bot.waitUntil(lambda: requests(kiosk).count(Examine(None)) > before, timeout=3_000)


def test_unpaired_kiosk_has_nothing_to_unpair(kiosk: Kiosk) -> None:
    """The product's name takes the gesture there."""
    kiosk.happen(Started(None)).press(*["site-name"] * 5)
    kiosk.press(*(f"keypad-{digit}" for digit in "204060")).happen(PinAnswered(PinRight()))
    assert isinstance(kiosk.screen, Maintenance)
    assert not kiosk.find("staff-unpair").isEnabled()
    assert isinstance(kiosk.press("staff-leave").screen, Unpaired)


@pytest.mark.parametrize("language", Language)
def test_every_language_is_complete(language: Language) -> None:
    """Every text, subject, state and finding, with the placeholders of English, no exclamation mark, no blame."""
    texts, english = staff_texts(language), staff_texts(Language.ENGLISH)
    assert set(texts.texts) == set(StaffSay)
    assert set(texts.subjects) == set(Subject)
    assert set(texts.states) == set(HealthState)
    assert set(texts.findings) == set(HealthCode)
    for code, text in texts.findings.items():
        assert placeholders(text) == placeholders(FINDINGS[code]), code
    for key, text in texts.texts.items():
        assert placeholders(text) == placeholders(english.texts[key]), key
    for text in (*texts.texts.values(), *texts.findings.values()):
        assert "!" not in text
        assert not any(word in text.lower() for word in ("invalid", "ungültig", "غير صالح", "error", "fehler"))


def test_page_speaks_the_language_chosen(kiosk: Kiosk) -> None:
    """Staff choose like visitors; codes and paths stand as they are."""
    on_page(kiosk).happen(LanguageChosen(Language.ARABIC))
    assert staff_texts(Language.ARABIC).texts[StaffSay.SYNC] in kiosk.texts
    assert any("CAM-2" in text for text in kiosk.texts)


def test_table_that_is_higher_than_its_place_moves_under_a_finger(kiosk: Kiosk) -> None:
    """With everything in trouble and the largest text nothing is made unreadable: the rest is a push away."""
    on_page(kiosk)
    area = kiosk.window.findChild(QScrollArea, "finger-scroll")
    assert area.verticalScrollBar().maximum() == 0
    trouble = dict(staff_screens())["staff-trouble"]
    assert isinstance(trouble, Maintenance)
    kiosk.happen(AppearanceChosen(Appearance(text_size=TextSize.LARGEST)), FindingsMade(trouble.findings))
    kiosk.window.resize(960, 540)
    kiosk.happen()
    assert area.verticalScrollBar().maximum() > 0
    table = kiosk.find("facts")
    layout = table.layout()
    assert layout is not None
    assert table.height() >= layout.minimumHeightForWidth(table.width())
