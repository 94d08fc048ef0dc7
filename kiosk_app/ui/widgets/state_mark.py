"""A small mark for one finding: round and ticked, a triangle, or a square with a cross. Never colour alone."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.core.health import HealthState
from kiosk_app.ui.theme.look import Look

_SIZE_DP = 18.0
_UNITS = 100.0


class StateMark(QWidget):
    """Says well, look here, or not working."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._look: Look | None = None
        self._state = HealthState.OK

    def apply_look(self, look: Look) -> None:
        """Take size and colours from the look."""
        self._look = look
        self.setFixedSize(self.sizeHint())
        self.update()

    def show_state(self, state: HealthState, name: str) -> None:
        """Show ``state``; assistive technology reads ``name``."""
        self._state = state
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the mark's square."""
        side = 0 if self._look is None else self._look.px(_SIZE_DP)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint shape and sign."""
        if self._look is None:
            return
        palette = self._look.palette
        moods = {
            HealthState.OK: palette.welcome,
            HealthState.LOOK: palette.look,
            HealthState.BAD: palette.not_now,
        }
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.width() / _UNITS, self.height() / _UNITS)
        painter.fillPath(_body(self._state), QColor(moods[self._state].mark))
        pen = QPen(QColor(palette.raised), 11)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        for stroke in _strokes(self._state):
            painter.drawPolyline(stroke)
        painter.end()


def _body(state: HealthState) -> QPainterPath:
    path = QPainterPath()
    match state:
        case HealthState.OK:
            path.addEllipse(QRectF(4, 4, 92, 92))
        case HealthState.LOOK:
            path.addPolygon(QPolygonF([QPointF(50, 4), QPointF(98, 94), QPointF(2, 94)]))
            path.closeSubpath()
        case HealthState.BAD:
            path.addRoundedRect(QRectF(6, 6, 88, 88), 16, 16)
    return path


def _strokes(state: HealthState) -> tuple[list[QPointF], ...]:
    match state:
        case HealthState.OK:
            return ([QPointF(28, 52), QPointF(44, 68), QPointF(73, 34)],)
        case HealthState.LOOK:
            return ([QPointF(50, 40), QPointF(50, 62)], [QPointF(50, 80), QPointF(50, 80.5)])
        case HealthState.BAD:
            return ([QPointF(32, 32), QPointF(68, 68)], [QPointF(68, 32), QPointF(32, 68)])
