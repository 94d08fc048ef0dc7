"""The thin ring that shows how much longer a screen stays. It shows; the journey's timer decides."""

from PySide6.QtCore import QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.core.journey import Dwell
from kiosk_app.ui.theme.look import Look

_SIZE_DP = 30.0
_STROKE_DP = 3.5
_FULL_TURN = 360 * 16
_QUARTER_TURN = 90 * 16


class CountdownRing(QWidget):
    """A ring that empties clockwise from the top over a dwell's duration."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("countdown-ring")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._look: Look | None = None
        self._ticket: int | None = None
        self._left = 1.0
        self._emptying = QVariantAnimation(self)
        self._emptying.setStartValue(1.0)
        self._emptying.setEndValue(0.0)
        self._emptying.valueChanged.connect(self._advance)

    @property
    def left(self) -> float:
        """The share of the time that is left, 1 to 0."""
        return self._left

    def apply_look(self, look: Look) -> None:
        """Take size and colours from the look."""
        self._look = look
        self.updateGeometry()
        self.update()

    def start(self, dwell: Dwell) -> None:
        """Empty over the dwell, from the beginning for every new ticket."""
        if dwell.ticket == self._ticket:
            return
        self._ticket = dwell.ticket
        self._emptying.stop()
        self._emptying.setDuration(max(1, round(dwell.duration.total_seconds() * 1_000)))
        self._emptying.start()

    def stop(self) -> None:
        """Rest: nothing is timed."""
        self._ticket = None
        self._emptying.stop()

    def sizeHint(self) -> QSize:
        """Return the ring's square."""
        side = 0 if self._look is None else self._look.px(_SIZE_DP)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the faint whole and the part that is left."""
        if self._look is None:
            return
        stroke = self._look.px(_STROKE_DP)
        room = QRectF(self.rect()).adjusted(stroke, stroke, -stroke, -stroke)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._look.palette.line), stroke))
        painter.drawEllipse(room)
        pen = QPen(QColor(self._look.palette.text), stroke)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(room, _QUARTER_TURN, round(_FULL_TURN * self._left))
        painter.end()

    def _advance(self, value: object) -> None:
        self._left = value if isinstance(value, float) else 0.0
        self.update()
