"""The panel's building blocks: cards, labels with a role, buttons with a wish, tiles for codes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from demo.panel.messages import Offer


class Card(QFrame):
    """A white box around what belongs together."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(12, 10, 12, 12)
        self.box.setSpacing(8)


def label(text: str, role: str = "") -> QLabel:
    """Return a label that looks as its role says in the style sheet."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def button(name: str, text: str, tip: str = "") -> QPushButton:
    """Return a button that the tab key reaches."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setToolTip(tip)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setAutoDefault(True)
    return made


def read_only(name: str, what: str) -> QLineEdit:
    """Return a field to copy from."""
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(what)
    made.setReadOnly(True)
    made.setCursorPosition(0)
    return made


def restyle(widget: QWidget, property_name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and look again."""
    if widget.property(property_name) != value:
        widget.setProperty(property_name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Tile(QPushButton):
    """One code: who holds it up, and what is special about it."""

    chosen = Signal(str)

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.setObjectName(f"code-{key}")
        self.setProperty("tile", True)
        self._title, self._note = label("", "heading"), label("", "small")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(10, 5, 8, 5)
        inside.setSpacing(0)
        for part in (self._title, self._note):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            inside.addWidget(part)
        self.clicked.connect(lambda: self.chosen.emit(self.key))

    def show_offer(self, offer: Offer, *, held: bool, may_press: bool) -> None:
        """Show what is offered, whether it is before the camera, and whether it can be asked for now."""
        self._title.setText(offer.title)
        self._note.setText(offer.note)
        self.setAccessibleName(f"Hold up: {offer.title}, {offer.note}")
        self.setEnabled(may_press and offer.is_ready)
        restyle(self, "held", held)
