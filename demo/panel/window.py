"""The panel's window: what to do at the top, what happened to each scan at the bottom."""

import json
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from demo.panel.controls import CodesCard, MachineCard
from demo.panel.messages import Do, Situation, Wish
from demo.panel.parts import button, label, read_only
from demo.panel.table import LedgerTable

TITLE: Final = "Atrium demo panel"
_PICTURE_PX: Final = 520
_HEAD_PX: Final = 36
_NOTHING_YET: Final = "No scan yet. Each code that the kiosk sees gets a row here, followed to the server and back."


class PanelWindow(QWidget):
    """Shows a situation and emits wishes; decides nothing."""

    wished = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setWindowTitle(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title, self._hint, self._digits = label("", "title"), label("", "muted"), label("", "digits")
        self._digits.setObjectName("digits")
        self._digits.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._new_digits = button("new-digits", "New digits", "Open another pairing window and start the kiosk again")
        self._new_digits.clicked.connect(lambda: self.wished.emit(Wish(Do.NEW_DIGITS)))
        self._codes, self._machine = CodesCard(), MachineCard()
        for card in (self._codes, self._machine):
            card.wished.connect(self.wished)
        self._remark = label("")
        self._remark.setObjectName("remark")
        self._remark.setWordWrap(True)
        self.table = LedgerTable()
        self._empty = label(_NOTHING_YET, "muted")
        self._picture = _Picture(self)
        self._pressed: QWidget | None = None
        self._fields = [
            read_only(*field) for field in (("address", "Dashboard"), ("email", "Email"), ("password", "Password"))
        ]
        self._copies = [button(f"copy-{field.objectName()}", "Copy") for field in self._fields]
        self._build()

    @Slot(bytes)
    def take_situation(self, line: bytes) -> None:
        """Show the situation in a line from the demo."""
        self.show_situation(Situation.read(line))

    @Slot(bytes)
    def take_note(self, line: bytes) -> None:
        """Take a line of the kiosk's hand."""
        note = json.loads(line)
        if isinstance(note, dict):
            self.table.ledger.take(note)
            self._empty.setVisible(not self.table.ledger.rows)

    def show_situation(self, now: Situation) -> None:
        """Show how things stand."""
        may_press, pairing = not now.busy, bool(now.digits)
        focused = self.focusWidget()
        self._title.setText("Connect the kiosk: type these digits on its keypad" if pairing else "Try to break it")
        self._hint.setText("" if pairing else "Hold up a code, cut, kill, pull: no admitted visitor may be lost.")
        self._hint.setVisible(not pairing)
        self._digits.setText(" ".join((now.digits[:3], now.digits[3:])))
        self._digits.setVisible(pairing)
        self._new_digits.setVisible(pairing)
        self._new_digits.setEnabled(may_press and now.server_runs)
        # An unpaired kiosk knows no code from another.
        self._codes.show_situation(now, may_press=may_press and not pairing)
        self._machine.show_situation(now, may_press=may_press)
        self._remark.setText(now.busy or now.remark)
        access = now.access
        for field, text in zip(self._fields, (access.address, access.email, access.password), strict=True):
            if field.text() != text:
                field.setText(text)
                field.setCursorPosition(0)
        self._picture.show_file(now.picture, now.camera_note)
        self._keep_focus(focused, is_busy=bool(now.busy))

    def _keep_focus(self, focused: QWidget | None, *, is_busy: bool) -> None:
        """Give the focus back to what was pressed once the demo is not busy with it: Qt had to move it on."""
        if is_busy:
            if self._pressed is None and focused is not None and not focused.isEnabled():
                self._pressed = focused
        elif self._pressed is not None:
            if self._pressed.isEnabled():
                self._pressed.setFocus()
            self._pressed = None

    def _build(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.setSpacing(10)
        top = QWidget()
        # So that nothing below moves when the digits make room for the hint.
        top.setFixedHeight(_HEAD_PX)
        head = QHBoxLayout(top)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(12)
        for part in (self._title, self._digits, self._hint):
            head.addWidget(part)
        head.addStretch()
        head.addWidget(self._new_digits)
        whole.addWidget(top)
        upper = QHBoxLayout()
        upper.setSpacing(10)
        upper.addWidget(self._codes, 1)
        upper.addWidget(self._machine)
        whole.addLayout(upper)
        whole.addWidget(self._remark)
        whole.addWidget(self.table, 1)
        over = QVBoxLayout(self.table.viewport())
        over.addWidget(self._empty, 0, Qt.AlignmentFlag.AlignCenter)
        whole.addLayout(self._access_row())

    def _access_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label("Dashboard", "heading"))
        for field, copy, stretch in zip(self._fields, self._copies, (4, 4, 3), strict=True):
            copy.setToolTip(f"Copy the {field.accessibleName().lower()}")
            copy.setAccessibleName(copy.toolTip())
            copy.clicked.connect(lambda _=False, field=field: _copy(field))
            row.addWidget(field, stretch)
            row.addWidget(copy)
        return row


class _Picture(QDialog):
    """A code, large, where a real camera looks: to be photographed and held up from a phone."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("A visitor's code")
        self._shown = ""
        self._code, self._note = QLabel(), label("", "muted")
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        box = QVBoxLayout(self)
        for part in (self._code, self._note, close):
            box.addWidget(part)

    def show_file(self, path: str, note: str) -> None:
        """Show the picture in ``path``; an empty path closes."""
        if path == self._shown:
            return
        self._shown = path
        if path:
            self._code.setPixmap(QPixmap(path).scaledToWidth(_PICTURE_PX, Qt.TransformationMode.FastTransformation))
            self._note.setText(note)
            self.show()
        else:
            self.close()


def _copy(field: QLineEdit) -> None:
    QGuiApplication.clipboard().setText(field.text())
    field.selectAll()
