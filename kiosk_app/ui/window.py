"""The one window: frame, pages, panels, transitions. It shows a view and reports events; it decides nothing."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk_app.core.journey import (
    AppearanceChosen,
    Checking,
    HelpPressed,
    LanguageChosen,
    Pairing,
    Ready,
    SetupCodeChanged,
    Unpaired,
)
from kiosk_app.ui.preview_picture import PreviewPicture
from kiosk_app.ui.screens.answer import AnswerPage
from kiosk_app.ui.screens.door import DoorPage
from kiosk_app.ui.screens.page import Page
from kiosk_app.ui.screens.pairing import PairingPage
from kiosk_app.ui.theme.look import Look, make_look
from kiosk_app.ui.theme.style_sheet import style_sheet
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.fade import Fade
from kiosk_app.ui.widgets.frame import Footer, Header, StaffStrip
from kiosk_app.ui.widgets.keyboard import Keyboard
from kiosk_app.ui.widgets.looking import apply_look_to
from kiosk_app.ui.widgets.sheet import DisplaySheet, LanguageSheet, Scrim

_PANEL_SIDE_DP = 14.0
_PANEL_WIDEST_DP = 620.0


class PageStack(QWidget):
    """Gives the current page all the room there is. Hidden pages ask for none, so they never widen the window."""

    def __init__(self) -> None:
        super().__init__()
        self.current: Page | None = None

    def show_page(self, page: Page) -> None:
        """Make ``page`` the one that is seen."""
        if self.current is not None:
            self.current.hide()
            self.current.leave()
        self.current = page
        page.setGeometry(self.rect())
        page.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pass the room on."""
        super().resizeEvent(event)
        if self.current is not None:
            self.current.setGeometry(self.rect())


class KioskWindow(QWidget):
    """The kiosk's only top-level widget. GUI thread."""

    event_happened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("root")
        self.setWindowTitle("Atrium Kiosk")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._view: View | None = None
        self._look: Look | None = None
        # The tab key goes in the order in which widgets join the window: page, footer, panels.
        self._stack = PageStack()
        self._door, self._answer, self._pairing = DoorPage(), AnswerPage(), PairingPage()
        for page in (self._door, self._answer, self._pairing):
            page.setParent(self._stack)
            page.hide()
            page.event_happened.connect(self.event_happened)
        self._header, self._strip, self._footer = Header(), StaffStrip(), Footer()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        layout.addWidget(self._strip)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._footer)
        self._language, self._display, self._keyboard = LanguageSheet(), DisplaySheet(), Keyboard()
        self._scrim = Scrim()
        for panel in (self._scrim, self._language, self._display, self._keyboard):
            panel.setParent(self)
            panel.hide()
            panel.closed.connect(self.close_panels)
        self._fade = Fade(self)
        self._wire()
        # Nothing looks chosen before somebody chooses; the tab key starts from here.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()

    @property
    def strip_text(self) -> str:
        """What the staff strip says, empty while it is away."""
        return self._strip.text

    @property
    def view(self) -> View | None:
        """What is shown."""
        return self._view

    def show_view(self, view: View) -> None:
        """Show ``view``; another kind of screen comes with a transition."""
        before, self._view = self._view, view
        page = self._page_for(view)
        changes = before is not None and type(before.journey.screen) is not type(view.journey.screen)
        moves = changes and (page is not self._stack.current or page is self._answer) and self.isVisible()
        old = self.grab() if moves and self._look is not None and self._look.motion_ms else None
        if changes:
            self.close_panels()
        self._dress(view)
        if page is not self._stack.current:
            self._stack.show_page(page)
        self._fill(view, page)
        if old is not None and self._look is not None:
            self._fade.start(old, self._look.motion_ms)

    def show_picture(self, picture: PreviewPicture) -> None:
        """Show a camera picture on the pages that have a mirror; other pages show nobody."""
        if self._stack.current is self._door:
            self._door.show_picture(picture)
        elif self._stack.current is self._pairing:
            self._pairing.show_picture(picture)

    def finish_motion(self) -> None:
        """End every running transition."""
        self._fade.finish()
        if self._stack.current is not None:
            self._stack.current.finish_motion()

    def close_panels(self) -> None:
        """Put panels and keyboard away."""
        for panel in (self._scrim, self._language, self._display, self._keyboard):
            panel.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale everything to the new size."""
        super().resizeEvent(event)
        self._fade.finish()
        if self._view is not None:
            self._dress(self._view)
            self._fill(self._view, self._page_for(self._view))
        self._place_panels()

    def _page_for(self, view: View) -> Page:
        match view.journey.screen:
            case Unpaired() | Pairing():
                return self._pairing
            case Ready() | Checking():
                return self._door
            case _:
                return self._answer

    def _dress(self, view: View) -> None:
        """Take over size, theme, brand, mood and direction, where they changed."""
        site = view.journey.site
        brand = "" if site is None else site.brand_colour
        look = make_look(self.width(), self.height(), view.journey.comfort.appearance, brand)
        if self.property("mood") != view.words.mood or look != self._look:
            self.setProperty("mood", view.words.mood)
            self.setStyleSheet(style_sheet(look))
        if look != self._look:
            self._look = look
            apply_look_to(self, look)
        catalogue = view.setting.catalogue
        direction = Qt.LayoutDirection.RightToLeft if catalogue.right_to_left else Qt.LayoutDirection.LeftToRight
        if self.layoutDirection() != direction:
            self.setLayoutDirection(direction)

    def _fill(self, view: View, page: Page) -> None:
        offered = not isinstance(view.journey.screen, Pairing)
        self._header.show_view(view)
        self._strip.show_view(view)
        self._footer.show_view(view, help_offered=offered)
        comfort, catalogue = view.journey.comfort, view.setting.catalogue
        self._language.show_comfort(catalogue, comfort)
        self._display.show_comfort(catalogue, comfort)
        self._keyboard.speak(catalogue)
        page.show_view(view)
        layout = self.layout()
        if layout is not None:
            layout.activate()
        page.fit()

    def _wire(self) -> None:
        self._footer.help_pressed.connect(lambda: self.event_happened.emit(HelpPressed()))
        self._footer.language_pressed.connect(lambda: self._toggle(self._language))
        self._footer.display_pressed.connect(lambda: self._toggle(self._display))
        self._language.language_chosen.connect(lambda language: self.event_happened.emit(LanguageChosen(language)))
        self._display.appearance_chosen.connect(lambda wanted: self.event_happened.emit(AppearanceChosen(wanted)))
        self._pairing.keyboard_wanted.connect(self._open_keyboard)
        self._keyboard.text_changed.connect(lambda text: self.event_happened.emit(SetupCodeChanged(text)))

    def _toggle(self, panel: QWidget) -> None:
        opens = panel.isHidden()
        self.close_panels()
        if opens:
            self._open(panel)

    def _open_keyboard(self, text: str) -> None:
        self.close_panels()
        self._open(self._keyboard)
        self._keyboard.start_with(text)

    def _open(self, panel: QWidget) -> None:
        for widget in (self._scrim, panel):
            widget.show()
            widget.raise_()
        self._place_panels()

    def _place_panels(self) -> None:
        """Let each open panel stand above the footer, centred, the keyboard from side to side on narrow windows."""
        if self._look is None:
            return
        bottom = self._footer.y()
        self._scrim.setGeometry(0, 0, self.width(), bottom)
        for panel, side_dp in ((self._language, _PANEL_SIDE_DP), (self._display, _PANEL_SIDE_DP), (self._keyboard, 0)):
            if panel.isHidden():
                continue
            panel.adjustSize()
            room = self.width() - 2 * (self._look.px(side_dp) if side_dp else 0)
            width = min(room, self._look.px(_PANEL_WIDEST_DP))
            height = min(panel.sizeHint().height(), bottom)
            panel.setGeometry(QRect((self.width() - width) // 2, bottom - height, width, height))
