"""Ready and Checking: the mirror, one instruction, one way for those without a code."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout

from kiosk_app.core.journey import Checking, NoCodePressed
from kiosk_app.ui.preview_picture import PreviewPicture
from kiosk_app.ui.screens.page import Page
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.theme.look import TypeSize
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.boxes import column
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.labels import TextLabel
from kiosk_app.ui.widgets.preview import Preview

_PATIENCE_MS = 300
"""Before this an answer feels immediate, and saying "we are checking" would only flicker."""


class DoorPage(Page):
    """The page a visitor meets. Checking changes its words and turns the code's outline solid, nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self._title = TextLabel(TypeSize.DISPLAY, bold=True)
        self._preview = Preview()
        self._instruction = TextLabel(TypeSize.TITLE)
        self._where = TextLabel(TypeSize.BODY, tone="muted")
        self._no_code = Button("no-code")
        self._no_code.clicked.connect(lambda: self.event_happened.emit(NoCodePressed()))
        self._words = column(14).add_stretch().add(self._title, self._instruction, self._where)
        self._words.add_stretch()
        self._words.add(self._no_code)
        self._halves = column(18, (28, 8, 28, 4))
        self._halves.box.addWidget(self._preview, 1)
        self._halves.box.addWidget(self._words)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._halves)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_PATIENCE_MS)
        self._waiting.timeout.connect(self._say_checking)
        self._checking_words = ""

    def show_view(self, view: View) -> None:
        """Show the welcome, or that a code was seen."""
        say, checking = view.setting.catalogue.say, isinstance(view.journey.screen, Checking)
        self._title.setText(view.words.title)
        self._instruction.keep_room_for(say(Say.HOLD_CODE), say(Say.CODE_SEEN), say(Say.CHECKING))
        self._instruction.setText(view.words.body)
        self._where.setText(say(Say.WHERE_CODE_IS))
        self._no_code.put(say(Say.NO_CODE))
        self._preview.setAccessibleName(say(Say.PREVIEW))
        self._preview.set_code_taken(checking)
        self._checking_words = say(Say.CHECKING)
        if not checking:
            self._waiting.stop()
        elif not self._waiting.isActive():
            self._waiting.start()

    def show_picture(self, picture: PreviewPicture) -> None:
        """Show the camera's newest picture."""
        self._preview.show_picture(picture)

    def leave(self) -> None:
        """Let go of the last picture of somebody."""
        self._waiting.stop()
        self._preview.forget()

    def arrange(self, *, landscape: bool) -> None:
        """Put the words below the mirror, or beside it."""
        direction = QBoxLayout.Direction.LeftToRight if landscape else QBoxLayout.Direction.TopToBottom
        self._halves.box.setDirection(direction)
        self._halves.box.setStretch(0, 3 if landscape else 1)
        self._halves.box.setStretch(1, 2 if landscape else 0)

    def _say_checking(self) -> None:
        self._instruction.setText(self._checking_words)
