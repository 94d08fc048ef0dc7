"""A place whose content may be higher than itself: a finger or the wheel moves it, and text keeps its size."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QScroller, QSizePolicy, QVBoxLayout, QWidget

from kiosk_app.ui.theme.look import Look

_LEAST_DP = 68.0


class FingerScroll(QScrollArea):
    """Shows one widget from its top."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setObjectName("finger-scroll")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._content = content
        inside = QWidget()
        inside.setObjectName("finger-scroll-inside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(content)
        column.addStretch()
        self.setWidget(inside)
        self.setWidgetResizable(True)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)

    def apply_look(self, look: Look) -> None:
        """Keep room for a few lines at least."""
        self.setMinimumHeight(look.px(_LEAST_DP))

    def fit_content(self) -> None:
        """Give the content the height it needs at this width; the scroll area itself would ask for one line only."""
        layout = self._content.layout()
        if layout is not None:
            layout.activate()
            self._content.setMinimumHeight(max(0, layout.minimumHeightForWidth(self.viewport().width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit to the new width."""
        super().resizeEvent(event)
        self.fit_content()
