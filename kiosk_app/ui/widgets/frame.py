"""What stands around every screen: header, staff strip, footer, in the same places in every language."""

from time import monotonic_ns

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QBoxLayout

from kiosk_app.core.staff_gesture import StaffGesture
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.theme.look import TypeSize
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.boxes import Box
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.glyphs import Glyph
from kiosk_app.ui.widgets.labels import TextLabel

_SIDE_DP = 28.0
"""Five per cent of the design's short side, and a little."""


class Header(Box):
    """Site name and time. Pressing the name five times within three seconds asks for the staff's pad."""

    gesture_made = Signal()

    def __init__(self) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight, margins_dp=(_SIDE_DP, 18, _SIDE_DP, 10))
        self._site = TextLabel(TypeSize.BODY, bold=True, centred=False, cap=1.2)
        self._time = TextLabel(TypeSize.BODY, cap=1.2)
        self._site.setObjectName("site-name")
        self._time.setObjectName("site-time")
        self._time.setWordWrap(False)
        self._gesture = StaffGesture()
        self.box.addWidget(self._site, 1)
        self.box.addWidget(self._time)

    def show_view(self, view: View) -> None:
        """Show where and when it is."""
        self._site.setText(view.site_name)
        self._time.setText(view.time)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Count presses on the site's name; nothing shows that they are counted."""
        super().mousePressEvent(event)
        if self._site.geometry().contains(event.position().toPoint()):
            self._gesture, complete = self._gesture.pressed(monotonic_ns() // 1_000_000)
            if complete:
                self.gesture_made.emit()


class StaffStrip(Box):
    """One thin line, there only when something is off."""

    def __init__(self) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight, margins_dp=(_SIDE_DP, 5, _SIDE_DP, 5))
        self.setObjectName("staff-strip")
        self._text = TextLabel(TypeSize.CAPTION, tone="strip", bold=True, cap=1.2)
        self._text.setObjectName("staff-strip-text")
        self.add(self._text)
        self.hide()

    @property
    def text(self) -> str:
        """What the strip says, empty while it is away."""
        return "" if self.isHidden() else self._text.text()

    def show_view(self, view: View) -> None:
        """Show the line, or nothing."""
        self._text.setText(view.strip)
        self.setVisible(bool(view.strip))


class Footer(Box):
    """Call reception at the left, language and display at the right: also where text runs right to left.

    The corners are fixed so that anybody can be told "bottom left", in any language, by somebody beside them.
    """

    help_pressed = Signal()
    language_pressed = Signal()
    display_pressed = Signal()

    def __init__(self) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight, gap_dp=10, margins_dp=(_SIDE_DP, 10, _SIDE_DP, 18))
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.reception = Button("call-reception", glyph=Glyph.BELL, cap=1.2)
        self.language = Button("choose-language", "quiet", glyph=Glyph.GLOBE, bold=False, cap=1.2)
        self.display = Button("choose-display", "quiet", glyph=Glyph.PERSON, bold=False, cap=1.2)
        self.reception.clicked.connect(self.help_pressed)
        self.language.clicked.connect(self.language_pressed)
        self.display.clicked.connect(self.display_pressed)
        self.add(self.reception).add_stretch().add(self.language, self.display)

    def show_view(self, view: View, *, help_offered: bool) -> None:
        """Name the buttons; help is offered wherever pressing it leads somewhere."""
        catalogue = view.setting.catalogue
        self.reception.put(catalogue.say(Say.CALL_RECEPTION))
        self.reception.setEnabled(help_offered)
        self.language.put(catalogue.name, f"{catalogue.say(Say.LANGUAGE)}: {catalogue.name}")
        self.display.setAccessibleName(catalogue.say(Say.DISPLAY))
