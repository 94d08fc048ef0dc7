"""What stands over a page for a moment: language, display, keyboard. Loaded when somebody first asks for one."""

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QWidget

from kiosk_app.core.journey import AppearanceChosen, LanguageChosen, SetupCodeChanged
from kiosk_app.ui.theme.look import Look
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.keyboard import Keyboard
from kiosk_app.ui.widgets.looking import UsesLook, apply_look_to
from kiosk_app.ui.widgets.sheet import DisplaySheet, LanguageSheet, Scrim

_SIDE_DP = 14.0
_WIDEST_DP = 620.0


class Panels(QObject):
    """The panels of one window; at most one is open, above the footer, which stays free."""

    event_happened = Signal(object)

    def __init__(self, window: QWidget, look: Look) -> None:
        super().__init__(window)
        self._window, self._look = window, look
        self._scrim, self._keyboard = Scrim(), Keyboard()
        self._language, self._display = LanguageSheet(), DisplaySheet()
        for panel in (self._scrim, self._language, self._display, self._keyboard):
            panel.setParent(window)
            panel.hide()
            panel.closed.connect(self.close)
            apply_look_to(panel, look)
            if isinstance(panel, UsesLook):
                panel.apply_look(look)
        self._language.language_chosen.connect(lambda language: self.event_happened.emit(LanguageChosen(language)))
        self._display.appearance_chosen.connect(lambda wanted: self.event_happened.emit(AppearanceChosen(wanted)))
        self._keyboard.text_changed.connect(lambda text: self.event_happened.emit(SetupCodeChanged(text)))

    def show_view(self, view: View) -> None:
        """Speak the visitor's language and show what is in force."""
        comfort, catalogue = view.journey.comfort, view.setting.catalogue
        self._language.show_comfort(catalogue, comfort)
        self._display.show_comfort(catalogue, comfort)
        self._keyboard.speak(catalogue)

    def toggle_language(self, bottom_px: int) -> None:
        """Open or close the languages, above ``bottom_px``."""
        self._toggle(self._language, bottom_px)

    def toggle_display(self, bottom_px: int) -> None:
        """Open or close colours, text size and motion."""
        self._toggle(self._display, bottom_px)

    def open_keyboard(self, text: str, bottom_px: int) -> None:
        """Open the keyboard with the text so far."""
        self.close()
        self._open(self._keyboard, bottom_px)
        self._keyboard.start_with(text)

    def close(self) -> None:
        """Put everything away."""
        for panel in (self._scrim, self._language, self._display, self._keyboard):
            panel.hide()

    def place(self, look: Look, bottom_px: int) -> None:
        """Let an open panel stand above the footer, centred, the keyboard from side to side on narrow windows."""
        self._look = look
        self._scrim.setGeometry(0, 0, self._window.width(), bottom_px)
        for panel, side_dp in ((self._language, _SIDE_DP), (self._display, _SIDE_DP), (self._keyboard, 0)):
            if panel.isHidden():
                continue
            panel.adjustSize()
            room = self._window.width() - 2 * (look.px(side_dp) if side_dp else 0)
            width = min(room, look.px(_WIDEST_DP))
            height = min(panel.sizeHint().height(), bottom_px)
            panel.setGeometry(QRect((self._window.width() - width) // 2, bottom_px - height, width, height))

    def _toggle(self, panel: QWidget, bottom_px: int) -> None:
        opens = panel.isHidden()
        self.close()
        if opens:
            self._open(panel, bottom_px)

    def _open(self, panel: QWidget, bottom_px: int) -> None:
        for widget in (self._scrim, panel):
            widget.show()
            widget.raise_()
        self.place(self._look, bottom_px)
