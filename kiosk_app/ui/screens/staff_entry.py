"""The staff's pad: six digits, or why there is nothing to type. Usable by finger and by keyboard alone."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout

from kiosk_app.core.journey import DigitErased, DigitPressed, DigitsCleared, DismissPressed, StaffEntry
from kiosk_app.core.staff_pin import PinWrong
from kiosk_app.ui.screens.page import Page
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.texts.staff import StaffSay, say_to_staff
from kiosk_app.ui.theme.look import TypeSize
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.boxes import column
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.digit_boxes import DigitBoxes
from kiosk_app.ui.widgets.keypad import Keypad
from kiosk_app.ui.widgets.labels import TextLabel

_HIDDEN_DIGIT = "•"


class StaffEntryPage(Page):
    """What the hidden gesture opens."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("staff-entry")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._title = TextLabel(TypeSize.DISPLAY, bold=True, cap=1.2)
        self._message = TextLabel(TypeSize.BODY, cap=1.2)
        self._message.setObjectName("staff-entry-message")
        self._boxes = DigitBoxes()
        self._keypad = Keypad()
        self._back = Button("staff-back", cap=1.2)
        self._words = column(14).add_stretch().add(self._title, self._message, self._boxes).add_stretch()
        self._pad = column(12)
        self._pad.box.addWidget(self._keypad, 1)
        self._pad.add(self._back)
        self._halves = column(16, (28, 4, 28, 4)).add(self._words, self._pad)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._halves)
        self._keypad.digit_pressed.connect(lambda digit: self.event_happened.emit(DigitPressed(digit)))
        self._keypad.erase_pressed.connect(lambda: self.event_happened.emit(DigitErased()))
        self._keypad.clear_pressed.connect(lambda: self.event_happened.emit(DigitsCleared()))
        self._back.clicked.connect(lambda: self.event_happened.emit(DismissPressed()))

    def show_view(self, view: View) -> None:
        """Show how many digits are typed, never which, and what the last try came to."""
        screen, catalogue = view.journey.screen, view.setting.catalogue
        if not isinstance(screen, StaffEntry):
            return
        self._title.setText(view.words.title)
        self._message.setText(view.words.body)
        typed = len(screen.digits)
        self._boxes.show_digits(_HIDDEN_DIGIT * typed, say_to_staff(view.setting, StaffSay.PIN_TYPED, count=str(typed)))
        can_type = isinstance(screen.obstacle, PinWrong | None)
        self._boxes.setVisible(can_type)
        self._keypad.setVisible(can_type)
        self._keypad.setEnabled(not screen.checking)
        self._keypad.speak(catalogue)
        self._back.put(catalogue.say(Say.BACK))

    def arrange(self, *, landscape: bool) -> None:
        """Put the pad below the words, or beside them."""
        direction = QBoxLayout.Direction.LeftToRight if landscape else QBoxLayout.Direction.TopToBottom
        self._halves.box.setDirection(direction)
        self._halves.box.setStretch(0, 3)
        self._halves.box.setStretch(1, 2 if landscape else 0)
        self._keypad.set_tall(landscape)
        if self._look is not None:
            self._keypad.apply_look(self._look)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits, backspace and escape from a physical keyboard."""
        if event.text() and event.text() in "0123456789":
            self.event_happened.emit(DigitPressed(event.text()))
        elif event.key() == Qt.Key.Key_Backspace:
            self.event_happened.emit(DigitErased())
        elif event.key() == Qt.Key.Key_Escape:
            self.event_happened.emit(DismissPressed())
        else:
            super().keyPressEvent(event)
