"""Every screen that says one thing: admitted, declined, reception, resting, starting."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from kiosk_app.core.journey import DismissPressed, MoreTimePressed, Result
from kiosk_app.ui.screens.page import Page
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.theme.look import TypeSize
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.boxes import column, row
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.countdown_ring import CountdownRing
from kiosk_app.ui.widgets.labels import TextLabel
from kiosk_app.ui.widgets.verdict_mark import VerdictMark

_FACTS = 2


class AnswerPage(Page):
    """One answer. The screens that close by themselves show a ring, a way to stay and a way to leave."""

    def __init__(self) -> None:
        super().__init__()
        self._mark = VerdictMark()
        self._title = TextLabel(TypeSize.DISPLAY, bold=True)
        self._body = TextLabel(TypeSize.TITLE)
        self._facts = row(24, (24, 14, 24, 14))
        self._facts.setObjectName("facts")
        self._fact_labels = [self._add_fact() for _ in range(_FACTS)]
        self._code = TextLabel(TypeSize.CAPTION, tone="muted")
        self._code.setObjectName("staff-code")
        self._ring = CountdownRing()
        self._more = Button("more-time", cap=1.2)
        self._leave = Button("done", "primary", cap=1.2)
        self._more.clicked.connect(lambda: self.event_happened.emit(MoreTimePressed()))
        self._leave.clicked.connect(lambda: self.event_happened.emit(DismissPressed()))
        self._build()

    def show_view(self, view: View) -> None:
        """Show the answer's words and mark."""
        words, screen = view.words, view.journey.screen
        self._title.setText(words.title)
        self._body.setText(words.body)
        self._code.setText(words.staff_code)
        self._mark.show_mark(words.mark, words.mood)
        self._show_facts(words.facts)
        closes = isinstance(screen, Result)
        self._actions.setVisible(closes)
        if isinstance(screen, Result):
            say = view.setting.catalogue.say
            self._ring.start(screen.dwell)
            self._ring.setAccessibleName(say(Say.SECONDS_LEFT))
            self._more.put(say(Say.MORE_TIME))
            self._leave.put(words.way_out)
        else:
            self._ring.stop()

    def leave(self) -> None:
        """Let go of the name and of everything else that was said to somebody."""
        self._ring.stop()
        for label in self.findChildren(TextLabel):
            label.setText("")

    def arrange(self, *, landscape: bool) -> None:
        """Put the mark above the words, or before them."""
        direction = QBoxLayout.Direction.LeftToRight if landscape else QBoxLayout.Direction.TopToBottom
        self._answer.box.setDirection(direction)
        side = Qt.AlignmentFlag.AlignLeading if landscape else Qt.AlignmentFlag.AlignHCenter
        for label in (self._title, self._body):
            label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self._answer.box.setStretch(1, 1 if landscape else 0)

    def _build(self) -> None:
        self._sentences = column(12).add_stretch().add(self._title, self._body, self._facts).add_stretch()
        self._answer = column(28).add(self._mark, self._sentences)
        self._actions: QWidget = row(12).add(self._ring, self._more, self._leave)
        whole = column(12, (28, 8, 28, 6)).add_stretch(2).add(self._answer).add_stretch(3)
        whole.add(self._code, self._actions)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(whole)

    def _add_fact(self) -> tuple[QWidget, TextLabel, TextLabel]:
        label = TextLabel(TypeSize.CAPTION, tone="muted", centred=False)
        value = TextLabel(TypeSize.BODY, bold=True, centred=False)
        pair = column(2).add(label, value)
        self._facts.box.addWidget(pair, 1)
        return pair, label, value

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        self._facts.setVisible(bool(facts))
        for at, (pair, label, value) in enumerate(self._fact_labels):
            name, text = facts[at] if at < len(facts) else ("", "")
            label.setText(name)
            value.setText(text)
            pair.setVisible(bool(name))
