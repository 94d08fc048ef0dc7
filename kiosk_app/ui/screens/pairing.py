"""Unpaired and Pairing: the address, six digits, one button. Usable by finger and by keyboard alone."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QVBoxLayout

from kiosk_app.core.journey import (
    DigitErased,
    DigitPressed,
    DigitsCleared,
    Pairing,
    PairingAsked,
    SetupCodeChanged,
    Unpaired,
)
from kiosk_app.core.journey_state import PAIRING_DIGITS, SETUP_CODE_MAX_CHARACTERS
from kiosk_app.ui.preview_picture import PreviewPicture
from kiosk_app.ui.screens.page import Page
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.texts.words import trouble_words
from kiosk_app.ui.theme.fonts import text_font
from kiosk_app.ui.theme.look import Look, TypeSize
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.boxes import column
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.digit_boxes import DigitBoxes
from kiosk_app.ui.widgets.keypad import Keypad
from kiosk_app.ui.widgets.labels import TextLabel
from kiosk_app.ui.widgets.preview import Preview


class AddressField(QLineEdit):
    """The pairing address. A finger on it asks for the on-screen keyboard."""

    touched = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press and ask for the keyboard."""
        super().mousePressEvent(event)
        self.touched.emit()


class PairingPage(Page):
    """What staff see before the kiosk belongs to a site."""

    keyboard_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._title = TextLabel(TypeSize.DISPLAY, bold=True, cap=1.2)
        self._body = TextLabel(TypeSize.BODY, tone="muted", cap=1.2)
        self._preview = Preview("pairing-preview")
        self._preview.hide()
        self._address_label = TextLabel(TypeSize.CAPTION, tone="muted", centred=False, cap=1.2)
        self._address = AddressField()
        self._address.setObjectName("pairing-address")
        self._address.setMaxLength(SETUP_CODE_MAX_CHARACTERS)
        self._digits_label = TextLabel(TypeSize.CAPTION, tone="muted", centred=False, cap=1.2)
        self._boxes = DigitBoxes()
        self._message = TextLabel(TypeSize.BODY, tone="not_now", bold=True, cap=1.2)
        self._message.setObjectName("pairing-message")
        self._keypad = Keypad()
        self._connect = Button("pair-connect", "primary", cap=1.2)
        self._landscape = False
        self._had_picture = False
        self._build()
        self._wire()

    def show_view(self, view: View) -> None:
        """Show what was typed and how the last attempt went."""
        screen, say = view.journey.screen, view.setting.catalogue.say
        if not isinstance(screen, Unpaired | Pairing):
            return
        busy = isinstance(screen, Pairing)
        self._title.setText(view.words.title)
        self._body.setText(say(Say.CONNECT_BODY))
        self._address_label.setText(say(Say.ADDRESS))
        self._address.setAccessibleName(say(Say.ADDRESS))
        self._address.setPlaceholderText(say(Say.ADDRESS_EXAMPLE))
        if self._address.text().strip() != screen.setup_code:
            self._address.setText(screen.setup_code)
            self._address.setCursorPosition(0)
        # Beside the keypad the boxes speak for themselves, and the height is needed.
        self._digits_label.setText("" if self._landscape else say(Say.DIGITS))
        self._boxes.show_digits(screen.digits, say(Say.DIGITS_TYPED, typed=str(len(screen.digits))))
        self._keypad.speak(view.setting.catalogue)
        trouble = None if isinstance(screen, Pairing) else screen.trouble
        self._message.setText("" if trouble is None else trouble_words(trouble, view.setting))
        complete = len(screen.digits) == PAIRING_DIGITS and bool(screen.setup_code)
        self._connect.put(say(Say.CONNECTING if busy else Say.CONNECT))
        self._connect.setEnabled(complete and not busy)
        self._keypad.setEnabled(not busy)
        self._address.setEnabled(not busy)
        if busy:
            # The server's name stands at the beginning, and that is what somebody checks.
            self._address.setCursorPosition(0)

    def show_picture(self, picture: PreviewPicture) -> None:
        """Show the camera's newest picture, where there is room for one."""
        self._preview.show_picture(picture)
        if not self._had_picture:
            self._had_picture = True
            self.fit()

    def leave(self) -> None:
        """Let go of the last picture."""
        self._had_picture = False
        self._preview.forget()

    def fit(self) -> bool:
        """Give the mirror up before texts that would otherwise be cut: the address can be typed."""
        self._preview.setVisible(self._had_picture and not self._landscape)
        fits = super().fit()
        if not fits and not self._preview.isHidden():
            self._preview.hide()
            fits = super().fit()
        return fits

    def apply_look(self, look: Look) -> None:
        """Take over the look."""
        super().apply_look(look)
        self._address.setFont(text_font(look.type_px(TypeSize.BODY, cap=1.2)))
        self._preview.setMinimumHeight(look.px(110))

    def arrange(self, *, landscape: bool) -> None:
        """Put the keypad below the fields, or beside them; a mirror stands only where there is height for it."""
        self._landscape = landscape
        direction = QBoxLayout.Direction.LeftToRight if landscape else QBoxLayout.Direction.TopToBottom
        self._halves.box.setDirection(direction)
        (self._pad if landscape else self._fields).box.removeWidget(self._connect)
        target = self._fields if landscape else self._pad
        target.box.addWidget(self._connect)
        self._halves.box.setStretch(0, 3)
        self._halves.box.setStretch(1, 2 if landscape else 0)
        self._keypad.set_tall(landscape)
        if self._look is not None:
            self._keypad.apply_look(self._look)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits, backspace and return from a physical keyboard."""
        if event.text() in set("0123456789"):
            self.event_happened.emit(DigitPressed(event.text()))
        elif event.key() == Qt.Key.Key_Backspace:
            self.event_happened.emit(DigitErased())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.event_happened.emit(PairingAsked())
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        self.setObjectName("pair-page")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._fields = column(8).add(self._title, self._body)
        self._fields.box.addWidget(self._preview, 1)
        self._fields.add(self._address_label, self._address, self._digits_label, self._boxes, self._message)
        self._fields.add_stretch()
        self._pad = column(10)
        self._pad.box.addWidget(self._keypad, 1)
        self._pad.add(self._connect)
        self._halves = column(14, (28, 4, 28, 4)).add(self._fields, self._pad)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._halves)

    def _wire(self) -> None:
        self._address.textEdited.connect(lambda text: self.event_happened.emit(SetupCodeChanged(text)))
        self._address.touched.connect(lambda: self.keyboard_wanted.emit(self._address.text()))
        self._address.returnPressed.connect(lambda: self.event_happened.emit(PairingAsked()))
        self._keypad.digit_pressed.connect(lambda digit: self.event_happened.emit(DigitPressed(digit)))
        self._keypad.erase_pressed.connect(lambda: self.event_happened.emit(DigitErased()))
        self._keypad.clear_pressed.connect(lambda: self.event_happened.emit(DigitsCleared()))
        self._connect.clicked.connect(lambda: self.event_happened.emit(PairingAsked()))
