"""Rows and columns whose gaps and margins are given in dp and follow the look."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from kiosk_app.ui.theme.look import Look

Margins = tuple[float, float, float, float]
"""Left, top, right, bottom in dp; mirrored by Qt in right-to-left layouts."""


class Box(QWidget):
    """A row or a column of widgets."""

    def __init__(self, direction: QBoxLayout.Direction, gap_dp: float = 12, margins_dp: Margins = (0, 0, 0, 0)) -> None:
        super().__init__()
        self._gap_dp, self._margins_dp = gap_dp, margins_dp
        self.box = QBoxLayout(direction, self)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def apply_look(self, look: Look) -> None:
        """Size gaps and margins."""
        self.box.setSpacing(look.px(self._gap_dp) if self._gap_dp else 0)
        self.box.setContentsMargins(*(look.px(margin) if margin else 0 for margin in self._margins_dp))

    def add(self, *widgets: QWidget) -> "Box":
        """Append widgets and return the box."""
        for widget in widgets:
            self.box.addWidget(widget)
        return self

    def add_stretch(self, share: int = 0) -> "Box":
        """Append free space and return the box."""
        self.box.addStretch(share)
        return self


def column(gap_dp: float = 12, margins_dp: Margins = (0, 0, 0, 0)) -> Box:
    """Return an empty column."""
    return Box(QBoxLayout.Direction.TopToBottom, gap_dp, margins_dp)


def row(gap_dp: float = 12, margins_dp: Margins = (0, 0, 0, 0)) -> Box:
    """Return an empty row; its first widget is right in right-to-left layouts."""
    return Box(QBoxLayout.Direction.LeftToRight, gap_dp, margins_dp)


def stay_small(widget: QWidget) -> None:
    """Let the widget take no more height than it asks for."""
    widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
