"""The visitor's mirror: the camera's picture, a guide to aim at, and the outline of a found code."""

from collections.abc import Sequence
from time import monotonic

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.preview_picture import PreviewPicture, to_qimage
from kiosk_app.ui.theme.look import Look

_RADIUS_DP = 24.0
_GUIDE_SHARE = 0.66
"""The guide's side as a share of the shorter side: a code held there fills enough pixels."""
_BREATH_S = 4.0
"""One slow breath of the guide. It moves only with new pictures, so a still picture costs nothing."""


class Preview(QWidget):
    """Paints the newest picture mirrored, so that hands move as in a mirror. Nothing is decoded here."""

    def __init__(self, name: str = "preview") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, on=False)
        self._look: Look | None = None
        self._image = QImage()
        self._outlines: tuple[tuple[tuple[float, float], ...], ...] = ()
        self._code_taken = False

    @property
    def has_picture(self) -> bool:
        """Whether a picture has come."""
        return not self._image.isNull()

    def apply_look(self, look: Look) -> None:
        """Take colours and sizes from the look."""
        self._look = look
        self.update()

    def show_picture(self, picture: PreviewPicture) -> None:
        """Show the newest picture; GUI thread."""
        self._image = to_qimage(picture.image)
        self._outlines = tuple(tuple((x, y) for x, y in outline) for outline in picture.outlines)
        self.update()

    def forget(self) -> None:
        """Show no picture: the camera is away, or nobody is to be seen here now."""
        self._image = QImage()
        self._outlines = ()
        self.update()

    def set_code_taken(self, taken: bool) -> None:
        """Draw the code's outline solid: it was read, the hand may come down."""
        self._code_taken = taken
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint picture, guide and outlines, clipped to the soft frame."""
        if self._look is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QPainterPath()
        radius = self._look.px(_RADIUS_DP)
        frame.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.fillPath(frame, QColor("#1a201d"))
        painter.setClipPath(frame)
        if self.has_picture:
            to_widget = _mirrored_cover(self._image, QRectF(self.rect()))
            painter.setTransform(to_widget, combine=True)
            painter.drawImage(0, 0, self._image)
            painter.resetTransform()
            self._paint_guide(painter, self._look)
            self._paint_outlines(painter, to_widget, self._look)
        else:
            self._paint_guide(painter, self._look)
            _paint_sample_code(painter, self._guide())
        painter.end()

    def _guide(self) -> QRectF:
        side = min(self.width(), self.height()) * _GUIDE_SHARE
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _paint_guide(self, painter: QPainter, look: Look) -> None:
        guide = self._guide()
        radius = min(look.px(18), guide.width() * 0.16)
        if self.has_picture:
            shade = QPainterPath()
            shade.addRect(QRectF(self.rect()))
            hole = QPainterPath()
            hole.addRoundedRect(guide, radius, radius)
            painter.fillPath(shade.subtracted(hole), QColor(0, 0, 0, 70))
        strength = 1.0 if look.reduced_motion else 0.75 + 0.25 * _breath(monotonic())
        ink = QColor("#ffffff")
        ink.setAlphaF(0.35 if self._code_taken else strength)
        pen = QPen(ink, min(look.px(4), guide.width() * 0.03))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_corners(guide, guide.width() * 0.17, radius))

    def _paint_outlines(self, painter: QPainter, to_widget: QTransform, look: Look) -> None:
        colour = QColor("#5fd394" if self._code_taken else "#ffffff")
        pen = QPen(colour, look.px(5 if self._code_taken else 3))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if not self._code_taken:
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        fill = QColor(colour)
        fill.setAlphaF(0.22 if self._code_taken else 0.0)
        painter.setBrush(fill)
        for outline in self._outlines:
            painter.drawPolygon(_grown(to_widget.map(QPolygonF([QPointF(x, y) for x, y in outline])), look.px(8)))


def _breath(now_s: float) -> float:
    """Return 0 to 1 and back, slowly and evenly."""
    phase = (now_s % _BREATH_S) / _BREATH_S
    triangle = 1 - abs(2 * phase - 1)
    return triangle * triangle * (3 - 2 * triangle)


def _mirrored_cover(image: QImage, room: QRectF) -> QTransform:
    """Return the transform that fills ``room`` with the picture, centred, cut at two sides at most, and mirrored."""
    scale = max(room.width() / image.width(), room.height() / image.height())
    transform = QTransform()
    transform.translate(room.center().x(), room.center().y())
    transform.scale(-scale, scale)
    transform.translate(-image.width() / 2, -image.height() / 2)
    return transform


def _corners(guide: QRectF, arm: float, radius: float) -> QPainterPath:
    """Return four rounded corner brackets."""
    path = QPainterPath()
    for sign_x, sign_y, corner in (
        (1, 1, guide.topLeft()),
        (-1, 1, guide.topRight()),
        (-1, -1, guide.bottomRight()),
        (1, -1, guide.bottomLeft()),
    ):
        path.moveTo(corner + QPointF(0, sign_y * (radius + arm)))
        path.lineTo(corner + QPointF(0, sign_y * radius))
        path.quadTo(corner, corner + QPointF(sign_x * radius, 0))
        path.lineTo(corner + QPointF(sign_x * (radius + arm), 0))
    return path


def _grown(polygon: QPolygonF, by_px: float) -> QPolygonF:
    """Return the outline a little larger, so that it frames the code and does not cover it."""
    points: Sequence[QPointF] = polygon.toList()
    if not points:
        return polygon
    centre = QPointF(sum(point.x() for point in points), sum(point.y() for point in points)) / len(points)
    grown = []
    for point in points:
        away = point - centre
        length = max(1.0, (away.x() ** 2 + away.y() ** 2) ** 0.5)
        grown.append(centre + away * ((length + by_px) / length))
    return QPolygonF(grown)


def _paint_sample_code(painter: QPainter, guide: QRectF) -> None:
    """Hint at a code in the guide while there is no picture."""
    unit = guide.width() / 14
    ink = QColor(255, 255, 255, 60)
    for left, top in ((3, 3), (8, 3), (3, 8)):
        outer = QRectF(guide.left() + left * unit, guide.top() + top * unit, 3 * unit, 3 * unit)
        ring = QPainterPath()
        ring.addRoundedRect(outer, unit * 0.4, unit * 0.4)
        hole = QPainterPath()
        hole.addRoundedRect(outer.adjusted(unit * 0.6, unit * 0.6, -unit * 0.6, -unit * 0.6), unit * 0.2, unit * 0.2)
        painter.fillPath(ring.subtracted(hole), ink)
        painter.fillRect(outer.adjusted(unit, unit, -unit, -unit), ink)
    for left, top in ((8, 8), (10, 8), (9, 9), (8, 10), (10, 10)):
        painter.fillRect(QRectF(guide.left() + left * unit, guide.top() + top * unit, unit, unit), ink)
