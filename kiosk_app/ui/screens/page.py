"""What all pages share: they take a view, report events, and make their texts smaller before anything is cut."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QWidget

from kiosk_app.ui.preview_picture import PreviewPicture
from kiosk_app.ui.theme.look import Look
from kiosk_app.ui.view import View
from kiosk_app.ui.widgets.labels import TextLabel
from kiosk_app.ui.widgets.verdict_mark import VerdictMark

_SHRINKS = (1.0, 0.92, 0.85, 0.78, 0.71, 0.64, 0.57, 0.5)


class Page(QWidget):
    """A screen's widget. Subclasses build themselves once and then only follow the view."""

    event_happened = Signal(object)
    """A journey event that a finger or a key caused."""

    def __init__(self) -> None:
        super().__init__()
        self._look: Look | None = None

    def show_view(self, view: View) -> None:
        """Show ``view``; called for every step while the page is the current one."""
        raise NotImplementedError

    def show_picture(self, picture: PreviewPicture) -> None:
        """Show a camera picture; a page without a mirror shows nobody."""

    def leave(self) -> None:
        """Forget what the page showed of anybody; called when another page takes over."""

    def arrange(self, *, landscape: bool) -> None:
        """Lay out for the window's orientation."""

    def finish_motion(self) -> None:
        """End running animations, so that a picture of the window is a picture of its final state."""
        for mark in self.findChildren(VerdictMark):
            mark.finish_motion()

    def apply_look(self, look: Look) -> None:
        """Take over the look."""
        self._look = look

    def fit(self) -> bool:
        """Find the largest texts with which everything on the page has room, and return whether there are any."""
        layout = self.layout()
        if layout is None:
            return True
        for shrink in _SHRINKS:
            self._shrink_to(shrink)
            _forget_sizes(self)
            _lay_out(self)
            # Widths have changed with the mark's size, so a long word may have a size of its own now.
            _forget_sizes(self)
            if needed_height(layout, self.width()) <= self.height():
                return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new shape and fit again."""
        super().resizeEvent(event)
        self.arrange(landscape=self.width() > self.height() * 1.15)
        self.fit()

    def _shrink_to(self, shrink: float) -> None:
        for label in self.findChildren(TextLabel):
            label.set_shrink(shrink)
        for mark in self.findChildren(VerdictMark):
            mark.set_shrink(shrink)


def _forget_sizes(page: QWidget) -> None:
    """Drop every remembered size below the page, innermost first; Qt itself would do so one level per event."""
    for widget in reversed(page.findChildren(QWidget)):
        widget.updateGeometry()


def _lay_out(page: QWidget) -> None:
    """Lay out every level now, outermost first."""
    for widget in (page, *page.findChildren(QWidget)):
        layout = widget.layout()
        if layout is not None and not widget.isHidden():
            layout.activate()


def needed_height(layout: QLayout, width: int) -> int:
    """Return the least height in which everything has room at ``width``."""
    layout.activate()
    if layout.hasHeightForWidth():
        return layout.minimumHeightForWidth(width)
    return layout.minimumSize().height()
