"""The on-screen keyboard for the pairing address: its characters and no others. A physical keyboard works as well."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QSizePolicy

from kiosk_app.core.journey_state import SETUP_CODE_MAX_CHARACTERS
from kiosk_app.ui.texts.catalogue import Catalogue
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.theme.fonts import text_font
from kiosk_app.ui.theme.look import Look, TypeSize
from kiosk_app.ui.widgets.boxes import Box, row
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.glyphs import Glyph

_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm._")
_WHOLE = ("https://", "/p/", ":", "/", "#window=")
"""What an address is made of beside letters, a press each."""
_NAMES = {"-": "dash", ".": "dot", "_": "underscore", ":": "colon", "/": "slash", "https://": "https", "/p/": "path"}


class Keyboard(Box):
    """A line to read what is typed, ten keys a row. Emits the text whenever it changes."""

    text_changed = Signal(str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(QBoxLayout.Direction.TopToBottom, gap_dp=5, margins_dp=(8, 10, 8, 10))
        self.setObjectName("keyboard")
        # Latin letters stand where fingers expect them, whatever the language.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._capitals = False
        self._letters: list[Button] = []
        self.line = QLineEdit()
        self.line.setObjectName("keyboard-line")
        self.line.setMaxLength(SETUP_CODE_MAX_CHARACTERS)
        self.line.textEdited.connect(self.text_changed)
        self._done = Button("keyboard-done", "primary", cap=1.0)
        self._done.clicked.connect(self.closed)
        self.line.returnPressed.connect(self.closed)
        self.add(row(6, (0, 0, 0, 4)).add(self.line, self._done))
        for letters in _ROWS:
            self.add(self._letter_row(letters))
        self.add(self._last_row())
        self.hide()

    def apply_look(self, look: Look) -> None:
        """Take gaps and the line's font from the look."""
        super().apply_look(look)
        self.line.setFont(text_font(look.type_px(TypeSize.BODY, cap=1.0)))

    def speak(self, catalogue: Catalogue) -> None:
        """Name the line and the keys that are not letters."""
        self.line.setAccessibleName(catalogue.say(Say.ADDRESS))
        self._done.put(catalogue.say(Say.DONE))
        self._shift.setAccessibleName(catalogue.say(Say.KEY_SHIFT))
        self._erase.setAccessibleName(catalogue.say(Say.KEY_BACKSPACE))

    def start_with(self, text: str) -> None:
        """Begin with the text so far, ready for a physical keyboard as well."""
        self.line.setText(text)
        self._set_capitals(False)
        self.line.setFocus()

    def _letter_row(self, letters: str) -> Box:
        line = row(4)
        for letter in letters:
            key = self._key(letter)
            key.clicked.connect(partial(self._type, letter))
            self._letters.append(key)
            line.box.addWidget(key, 1)
        if len(letters) < 10:
            self._erase = Button("keyboard-erase", "letter", glyph=Glyph.ERASE, cap=1.0)
            self._erase.clicked.connect(self._backspace)
            line.box.addWidget(_wide(self._erase), 1)
        return line

    def _last_row(self) -> Box:
        line = row(4)
        self._shift = Button("keyboard-shift", "letter", glyph=Glyph.SHIFT, cap=1.0)
        self._shift.setCheckable(True)
        self._shift.clicked.connect(self._set_capitals)
        line.box.addWidget(_wide(self._shift), 2)
        for text in _WHOLE:
            key = self._key(text)
            key.clicked.connect(partial(self._type, text))
            line.box.addWidget(key, 3 if len(text) > 3 else 2)
        return line

    def _key(self, text: str) -> Button:
        key = Button(f"keyboard-{_NAMES.get(text, text.strip('#='))}", "letter", cap=1.0, bold=False)
        key.put(text)
        _wide(key)
        return key

    def _set_capitals(self, capitals: bool) -> None:
        self._capitals = capitals
        self._shift.setChecked(capitals)
        for key in self._letters:
            key.put(key.text().upper() if capitals else key.text().lower())

    def _type(self, text: str, _checked: bool = False) -> None:
        self.line.insert(text.upper() if self._capitals and len(text) == 1 else text)
        if self._capitals:
            self._set_capitals(False)
        self.text_changed.emit(self.line.text())

    def _backspace(self) -> None:
        self.line.backspace()
        self.text_changed.emit(self.line.text())


def _wide(key: Button) -> Button:
    key.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return key
