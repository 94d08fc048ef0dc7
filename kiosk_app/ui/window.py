"""The one window: frame, pages, transitions. It shows a view and reports events; it decides nothing.

The first window stands before the pages behind it are loaded: each page, and the panels, come with their first use.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from kiosk_app.core.journey import (
    Appearance,
    Checking,
    HelpPressed,
    Maintenance,
    Pairing,
    Ready,
    StaffEntry,
    StaffGestureMade,
    Unpaired,
)
from kiosk_app.ui.preview_picture import PreviewPicture
from kiosk_app.ui.screens.answer import AnswerPage
from kiosk_app.ui.screens.page import Page
from kiosk_app.ui.theme.look import Look, make_look
from kiosk_app.ui.theme.style_sheet import style_sheet
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.fade import Fade
from kiosk_app.ui.widgets.frame import Footer, Header, StaffStrip
from kiosk_app.ui.widgets.looking import apply_look_to

if TYPE_CHECKING:
    from kiosk_app.ui.panels import Panels
    from kiosk_app.ui.screens.door import DoorPage
    from kiosk_app.ui.screens.maintenance import MaintenancePage
    from kiosk_app.ui.screens.pairing import PairingPage
    from kiosk_app.ui.screens.staff_entry import StaffEntryPage


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
        self._header, self._strip, self._footer = Header(), StaffStrip(), Footer()
        self._stack = PageStack()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        layout.addWidget(self._strip)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._footer)
        self._fade = Fade(self)
        self._answer = AnswerPage()
        self._join(self._answer)
        self._late_door: DoorPage | None = None
        self._late_pairing: PairingPage | None = None
        self._late_entry: StaffEntryPage | None = None
        self._late_maintenance: MaintenancePage | None = None
        self._late_panels: Panels | None = None
        self._header.gesture_made.connect(lambda: self.event_happened.emit(StaffGestureMade()))
        self._footer.help_pressed.connect(lambda: self.event_happened.emit(HelpPressed()))
        self._footer.language_pressed.connect(lambda: self._panels().toggle_language(self._footer.y()))
        self._footer.display_pressed.connect(lambda: self._panels().toggle_display(self._footer.y()))
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
            # Home before its control is hidden, else Qt hands the focus to a neighbour and frames that.
            self.setFocus()
            self._stack.show_page(page)
        self._fill(view, page)
        if old is not None and self._look is not None:
            self._fade.start(old, self._look.motion_ms)

    def show_picture(self, picture: PreviewPicture) -> None:
        """Show a camera picture on the pages that have a mirror; other pages show nobody."""
        if self._stack.current is not None:
            self._stack.current.show_picture(picture)

    @property
    def is_moving(self) -> bool:
        """Whether a transition still lies over what is shown."""
        return self._fade.isVisible()

    def finish_motion(self) -> None:
        """End every running transition."""
        self._fade.finish()
        if self._stack.current is not None:
            self._stack.current.finish_motion()

    def close_panels(self) -> None:
        """Put panels and keyboard away."""
        if self._late_panels is not None:
            self._late_panels.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale everything to the new size."""
        super().resizeEvent(event)
        self._fade.finish()
        if self._view is not None:
            self._dress(self._view)
            self._fill(self._view, self._page_for(self._view))
        if self._late_panels is not None and self._look is not None:
            self._late_panels.place(self._look, self._footer.y())

    def _page_for(self, view: View) -> Page:
        match view.journey.screen:
            case Unpaired() | Pairing():
                return self._pairing()
            case Ready() | Checking():
                return self._door()
            case StaffEntry():
                return self._entry()
            case Maintenance():
                return self._maintenance()
            case _:
                return self._answer

    def _door(self) -> Page:
        if self._late_door is None:
            from kiosk_app.ui.screens.door import DoorPage  # noqa: PLC0415 - see the module's docstring

            self._late_door = DoorPage()
            self._join(self._late_door)
        return self._late_door

    def _pairing(self) -> Page:
        if self._late_pairing is None:
            from kiosk_app.ui.screens.pairing import PairingPage  # noqa: PLC0415 - see the module's docstring

            self._late_pairing = PairingPage()
            self._late_pairing.keyboard_wanted.connect(
                lambda text: self._panels().open_keyboard(text, self._footer.y())
            )
            self._join(self._late_pairing)
        return self._late_pairing

    def _entry(self) -> Page:
        if self._late_entry is None:
            from kiosk_app.ui.screens.staff_entry import StaffEntryPage  # noqa: PLC0415 - see the module's docstring

            self._late_entry = StaffEntryPage()
            self._join(self._late_entry)
        return self._late_entry

    def _maintenance(self) -> Page:
        if self._late_maintenance is None:
            from kiosk_app.ui.screens.maintenance import MaintenancePage  # noqa: PLC0415 - see the module's docstring

            self._late_maintenance = MaintenancePage()
            self._join(self._late_maintenance)
        return self._late_maintenance

    def _panels(self) -> "Panels":
        if self._late_panels is None:
            from kiosk_app.ui.panels import Panels  # noqa: PLC0415 - see the module's docstring

            self._late_panels = Panels(self, self._look or make_look(self.width(), self.height(), Appearance()))
            self._late_panels.event_happened.connect(self.event_happened)
            if self._view is not None:
                self._late_panels.show_view(self._view)
        return self._late_panels

    def _join(self, page: Page) -> None:
        """Take a new page in, with the look that holds now, and before the footer for the tab key."""
        page.setParent(self._stack)
        page.hide()
        page.event_happened.connect(self.event_happened)
        if self._look is not None:
            page.apply_look(self._look)
            apply_look_to(page, self._look)
        order = [
            page.findChildren(QPushButton)[-1],
            self._footer.reception,
            self._footer.language,
            self._footer.display,
        ]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

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
        self._header.show_view(view)
        self._strip.show_view(view)
        self._footer.show_view(view, help_offered=not isinstance(view.journey.screen, Pairing | Maintenance))
        if self._late_panels is not None:
            self._late_panels.show_view(view)
        page.show_view(view)
        layout = self.layout()
        if layout is not None:
            layout.activate()
        page.fit()
