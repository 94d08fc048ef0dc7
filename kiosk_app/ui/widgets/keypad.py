"""The kiosk's own keypad for the six digits."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from kiosk_app.ui.texts.catalogue import Catalogue
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.theme.look import TOUCH_DP, Look, TypeSize
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.glyphs import Glyph

_GAP_DP = 10.0
_KEY_DP = 58.0
_HIGHEST_KEY_DP = 92.0


class Keypad(QWidget):
    """Twelve large keys in the order of a telephone, in every language: also where text runs right to left."""

    digit_pressed = Signal(str)
    erase_pressed = Signal()
    clear_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("keypad")
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._look: Look | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._tall = False
        self._digits: dict[str, Button] = {}
        for place, digit in enumerate("123456789"):
            self._add_digit(digit, place // 3, place % 3)
        self._add_digit("0", 3, 1)
        self._clear = self._add(Button("keypad-clear", "key", cap=1.0, bold=False), 3, 0)
        self._erase = self._add(Button("keypad-erase", "key", glyph=Glyph.ERASE, size=TypeSize.TITLE, cap=1.0), 3, 2)
        self._clear.clicked.connect(self.clear_pressed)
        self._erase.clicked.connect(self.erase_pressed)

    def apply_look(self, look: Look) -> None:
        """Size keys and gaps."""
        self._look = look
        self._grid.setSpacing(look.px(_GAP_DP))
        for key in (*self._digits.values(), self._clear, self._erase):
            key.setMinimumHeight(look.px(TOUCH_DP))
            key.setMaximumHeight(look.px(_HIGHEST_KEY_DP if self._tall else _KEY_DP))

    def sizeHint(self) -> QSize:
        """Ask for comfortable keys; the smallest are still large enough to touch."""
        hint = super().sizeHint()
        if self._look is not None:
            hint.setHeight(4 * self._look.px(_KEY_DP) + 3 * self._look.px(_GAP_DP))
        return hint

    def set_tall(self, tall: bool) -> None:
        """Fill the height there is, where the keypad stands beside the fields and not below them."""
        self._tall = tall

    def speak(self, catalogue: Catalogue) -> None:
        """Name the keys in a language."""
        for digit, key in self._digits.items():
            key.put(digit, catalogue.say(Say.KEY_DIGIT, digit=digit))
        self._clear.put(catalogue.say(Say.KEY_CLEAR))
        self._erase.setAccessibleName(catalogue.say(Say.KEY_ERASE))

    def _add_digit(self, digit: str, line: int, place: int) -> None:
        key = self._add(Button(f"keypad-{digit}", "key", size=TypeSize.TITLE, cap=1.2), line, place)
        key.clicked.connect(lambda: self.digit_pressed.emit(digit))
        self._digits[digit] = key

    def _add(self, key: Button, line: int, place: int) -> Button:
        key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._grid.addWidget(key, line, place)
        return key
