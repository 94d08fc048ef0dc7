"""The staff's page: how the kiosk is, and what can be done about it. Never shows a visitor's name."""

from functools import partial

from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout

from kiosk_app.core.journey import Maintenance, StaffChosen
from kiosk_app.core.staff_desk import StaffChoice, StaffPanel, StillWaiting
from kiosk_app.ui.preview_picture import PreviewPicture
from kiosk_app.ui.screens.page import Page
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.texts.staff import StaffSay, page_words, say_to_staff
from kiosk_app.ui.theme.look import TypeSize
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.boxes import Box, column, row
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.findings_table import FindingsTable, by_urgency
from kiosk_app.ui.widgets.finger_scroll import FingerScroll
from kiosk_app.ui.widgets.labels import TextLabel
from kiosk_app.ui.widgets.preview import Preview

_ACTIONS = (
    (StaffChoice.TEST_CAMERA, "staff-camera", StaffSay.CAMERA, StaffSay.CAMERA_EFFECT),
    (StaffChoice.SYNC, "staff-sync", StaffSay.SYNC, StaffSay.SYNC_EFFECT),
    (StaffChoice.SAVE, "staff-save", StaffSay.SAVE, StaffSay.SAVE_EFFECT),
    (StaffChoice.UNPAIR, "staff-unpair", StaffSay.UNPAIR, StaffSay.UNPAIR_EFFECT),
    (StaffChoice.LEAVE, "staff-leave", StaffSay.LEAVE, StaffSay.LEAVE_EFFECT),
)
_CAP = 1.2


class MaintenancePage(Page):
    """A table with actions, the camera test, or the question before unpairing; one of them at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("staff-page")
        self._title = TextLabel(TypeSize.TITLE, bold=True, cap=_CAP)
        self._notice = TextLabel(TypeSize.BODY, cap=1.0)
        self._notice.setObjectName("staff-notice")
        self._table = FindingsTable()
        self._buttons: dict[StaffChoice, Button] = {}
        self._effects: dict[StaffSay, TextLabel] = {}
        self._actions = column(6).add(*(self._action(*action) for action in _ACTIONS)).add_stretch()
        self._scroll = FingerScroll(self._table)
        self._overview = column(10).add(self._scroll, self._actions)
        self._preview = Preview("staff-preview")
        self._unpair_sure = self._button("staff-unpair-sure", StaffChoice.UNPAIR_SURE)
        self._keep = self._button("staff-keep", StaffChoice.KEEP_AND_UNPAIR)
        self._send_first = self._button("staff-send-first", StaffChoice.SYNC)
        self._back = self._button("staff-panel-back", StaffChoice.BACK)
        self._space = column().add_stretch()
        whole = column(10, (28, 4, 28, 4)).add(self._title, self._notice)
        for widget in (self._overview, self._preview, self._space):
            whole.box.addWidget(widget, 1)
        whole.add(self._send_first, self._keep, self._unpair_sure, self._back)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(whole)

    def show_view(self, view: View) -> None:
        """Show findings, actions and how the last one ended."""
        screen = view.journey.screen
        if not isinstance(screen, Maintenance):
            return
        table = screen.panel is StaffPanel.TABLE
        self._title.setText(view.words.title)
        self._notice.setText(page_words(screen, view.setting) if table or screen.busy else view.words.body)
        self._overview.setVisible(table)
        self._preview.setVisible(screen.panel is StaffPanel.CAMERA)
        self._preview.set_code_taken(screen.code_kind is not None)
        self._preview.setAccessibleName(view.setting.catalogue.say(Say.PREVIEW))
        if table:
            self._table.show_findings(by_urgency(screen.findings), view.setting)
        self._show_actions(screen, view)

    def show_picture(self, picture: PreviewPicture) -> None:
        """Show the camera's newest picture, in the camera test only."""
        if not self._preview.isHidden():
            self._preview.show_picture(picture)

    def leave(self) -> None:
        """Let go of the last picture."""
        self._preview.forget()

    def arrange(self, *, landscape: bool) -> None:
        """Put the actions below the table, or beside it."""
        direction = QBoxLayout.Direction.LeftToRight if landscape else QBoxLayout.Direction.TopToBottom
        self._overview.box.setDirection(direction)
        self._overview.box.setStretch(0, 1)
        self._overview.box.setStretch(1, 1 if landscape else 0)

    def fit(self) -> bool:
        """Fit the page, then give the table the height it needs inside its own place."""
        fits = super().fit()
        self._scroll.fit_content()
        return fits

    def _show_actions(self, screen: Maintenance, view: View) -> None:
        setting, waiting = view.setting, isinstance(screen.outcome, StillWaiting)
        asks = screen.panel is StaffPanel.UNPAIR
        for choice, _, name, effect in _ACTIONS:
            self._buttons[choice].put(say_to_staff(setting, name))
            self._buttons[choice].setEnabled(choice is StaffChoice.LEAVE or not screen.busy)
            self._effects[effect].setText(say_to_staff(setting, effect))
        self._buttons[StaffChoice.UNPAIR].setEnabled(not screen.busy and view.journey.site is not None)
        self._send_first.put(say_to_staff(setting, StaffSay.SYNC))
        self._keep.put(say_to_staff(setting, StaffSay.KEEP))
        self._unpair_sure.put(say_to_staff(setting, StaffSay.UNPAIR_SURE))
        self._back.put(setting.catalogue.say(Say.BACK))
        for button, seen in (
            (self._send_first, asks and waiting),
            (self._keep, asks and waiting),
            (self._unpair_sure, asks and not waiting),
            (self._back, screen.panel is not StaffPanel.TABLE),
        ):
            button.setVisible(seen)
            button.setEnabled(not screen.busy)
        self._space.setVisible(asks)

    def _action(self, choice: StaffChoice, name: str, _say: StaffSay, effect: StaffSay) -> Box:
        button = self._button(name, choice)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._buttons[choice] = button
        self._effects[effect] = TextLabel(TypeSize.CAPTION, tone="muted", centred=False, cap=_CAP)
        line = row(12)
        line.box.addWidget(button, 1)
        line.box.addWidget(self._effects[effect], 1)
        return line

    def _button(self, name: str, choice: StaffChoice) -> Button:
        button = Button(name, "option", size=TypeSize.CAPTION, cap=1.2)
        button.clicked.connect(partial(self._press, choice))
        return button

    def _press(self, choice: StaffChoice, _checked: bool = False) -> None:
        self.event_happened.emit(StaffChosen(choice))
