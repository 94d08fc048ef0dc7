"""The mark of an answer: each has its own outline and sign, and draws itself once."""

import math

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.texts.words import Mark
from kiosk_app.ui.theme.look import Look
from kiosk_app.ui.theme.palettes import Mood

_SIZE_DP = 164.0
_DRAWING_MS = 300
_UNITS = 100.0


class VerdictMark(QWidget):
    """A filled shape with a light sign in it. Purely visual: the words beside it say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("verdict-mark")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._mark, self._mood = Mark.NONE, Mood.CALM
        self._look: Look | None = None
        self._shrink = 1.0
        self._drawn = 1.0
        self._drawing = QVariantAnimation(self)
        self._drawing.setStartValue(0.0)
        self._drawing.setEndValue(1.0)
        self._drawing.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._drawing.valueChanged.connect(self._advance)

    @property
    def mark(self) -> Mark:
        """The mark shown."""
        return self._mark

    def apply_look(self, look: Look) -> None:
        """Take size and colours from the look."""
        self._look = look
        self.updateGeometry()
        self.update()

    def set_shrink(self, shrink: float) -> None:
        """Become smaller together with the page's texts."""
        self._shrink = shrink
        self.updateGeometry()

    def show_mark(self, mark: Mark, mood: Mood) -> None:
        """Show ``mark`` and draw it once; the same mark again is not drawn again."""
        self.setVisible(mark is not Mark.NONE)
        if (mark, mood) == (self._mark, self._mood):
            return
        self._mark, self._mood = mark, mood
        if self._look is not None and not self._look.reduced_motion:
            self._drawing.stop()
            self._drawing.setDuration(_DRAWING_MS)
            self._drawing.start()
        else:
            self._advance(1.0)

    def finish_motion(self) -> None:
        """Be fully drawn now."""
        self._drawing.stop()
        self._advance(1.0)

    def sizeHint(self) -> QSize:
        """Return the mark's square."""
        side = 0 if self._look is None else round(self._look.px(_SIZE_DP) * self._shrink)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint outline shape and sign."""
        if self._look is None or self._mark is Mark.NONE:
            return
        colours = self._look.palette.mood(self._mood)
        side = float(min(self.width(), self.height()))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate((self.width() - side) / 2, (self.height() - side) / 2)
        painter.scale(side / _UNITS, side / _UNITS)
        grown = 0.86 + 0.14 * self._drawn
        painter.translate(_UNITS / 2, _UNITS / 2)
        painter.scale(grown, grown)
        painter.translate(-_UNITS / 2, -_UNITS / 2)
        painter.fillPath(_body(self._mark), QColor(colours.mark))
        pen = QPen(QColor(colours.surface), 7.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        for stroke in _strokes(self._mark):
            _draw_part(painter, stroke, pen, self._drawn)
        painter.end()

    def _advance(self, value: object) -> None:
        self._drawn = value if isinstance(value, float) else 1.0
        self.update()


def _draw_part(painter: QPainter, stroke: QPainterPath, pen: QPen, share: float) -> None:
    """Draw the first ``share`` of a stroke, as a hand would."""
    if share <= 0:
        return
    if share < 1:
        length = stroke.length() / pen.widthF()
        pen = QPen(pen)
        pen.setDashPattern([max(0.01, length * share), length + 1])
    painter.strokePath(stroke, pen)


def _body(mark: Mark) -> QPainterPath:
    path = QPainterPath()
    match mark:
        case Mark.CROSS:
            # A soft square: no stop sign, no alarm.
            path.addRoundedRect(QRectF(8, 8, 84, 84), 26, 26)
        case Mark.PERSON:
            path = _polygon(6, 50.0, rounding=12.0)
        case _:
            path.addEllipse(QRectF(4, 4, 92, 92))
    return path


def _polygon(corners: int, radius: float, rounding: float) -> QPainterPath:
    """Return a regular polygon with soft corners, standing on a side's end."""
    points = [
        QPointF(
            50 + radius * math.sin(2 * math.pi * turn / corners), 50 - radius * math.cos(2 * math.pi * turn / corners)
        )
        for turn in range(corners)
    ]
    path = QPainterPath()
    for at, point in enumerate(points):
        before, after = points[at - 1], points[(at + 1) % corners]
        enter, leave = _towards(point, before, rounding), _towards(point, after, rounding)
        if at == 0:
            path.moveTo(enter)
        else:
            path.lineTo(enter)
        path.quadTo(point, leave)
    path.closeSubpath()
    return path


def _towards(start: QPointF, end: QPointF, distance: float) -> QPointF:
    length = math.hypot(end.x() - start.x(), end.y() - start.y())
    return start + (end - start) * (distance / length)


def _strokes(mark: Mark) -> tuple[QPainterPath, ...]:
    match mark:
        case Mark.TICK:
            return (_line((29, 52), (44, 67), (72, 35)),)
        case Mark.CROSS:
            return (_line((36, 36), (64, 64)), _line((64, 36), (36, 64)))
        case Mark.CLOCK:
            face = QPainterPath()
            face.addEllipse(QRectF(22, 22, 56, 56))
            return (face, _line((50, 34), (50, 51), (61, 58)))
        case Mark.PERSON:
            head = QPainterPath()
            head.addEllipse(QRectF(39, 24, 22, 22))
            shoulders = QPainterPath(QPointF(28, 74))
            shoulders.arcTo(QRectF(28, 54, 44, 40), 180, -180)
            return (head, shoulders)
        case Mark.MOON:
            return (_crescent(),)
        case Mark.NONE:
            return ()


def _crescent() -> QPainterPath:
    whole, shadow = QPainterPath(), QPainterPath()
    whole.addEllipse(QRectF(26, 26, 48, 48))
    shadow.addEllipse(QRectF(42, 16, 46, 46))
    return whole.subtracted(shadow)


def _line(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    return path
