"""Small pictures drawn by code, in a square of 24 by 24 units: they scale without files and follow the theme's ink."""

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

UNITS = 24.0


class Glyph(StrEnum):
    """The pictures there are."""

    BELL = "bell"
    GLOBE = "globe"
    PERSON = "person"
    ERASE = "erase"
    SHIFT = "shift"
    TICK = "tick"


def paint_glyph(painter: QPainter, glyph: Glyph, place: QRectF, ink: QColor) -> None:
    """Draw ``glyph`` into ``place`` in one ink."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(place.topLeft())
    painter.scale(place.width() / UNITS, place.height() / UNITS)
    pen = QPen(ink, 1.9)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[glyph](painter)
    painter.restore()


def glyph_icon(glyph: Glyph, size_px: int, ink: str, scale: float, disabled_ink: str = "") -> QIcon:
    """Return ``glyph`` as an icon of ``size_px`` logical pixels on a screen of ``scale`` device pixels each."""
    icon = QIcon(_pixmap(glyph, size_px, ink, scale))
    if disabled_ink:
        icon.addPixmap(_pixmap(glyph, size_px, disabled_ink, scale), QIcon.Mode.Disabled)
    return icon


def _pixmap(glyph: Glyph, size_px: int, ink: str, scale: float) -> QPixmap:
    pixmap = QPixmap(round(size_px * scale), round(size_px * scale))
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_glyph(painter, glyph, QRectF(0, 0, size_px, size_px), QColor(ink))
    painter.end()
    return pixmap


def _bell(painter: QPainter) -> None:
    # A desk bell, as it stands at a reception.
    painter.drawLine(QPointF(3.5, 18.5), QPointF(20.5, 18.5))
    dome = QPainterPath(QPointF(5, 15.5))
    dome.arcTo(QRectF(5, 8.5, 14, 14), 180, -180)
    dome.closeSubpath()
    painter.drawPath(dome)
    painter.drawLine(QPointF(12, 8.3), QPointF(12, 5.8))
    painter.drawLine(QPointF(10, 5.4), QPointF(14, 5.4))


def _globe(painter: QPainter) -> None:
    painter.drawEllipse(QRectF(3, 3, 18, 18))
    painter.drawEllipse(QRectF(8, 3, 8, 18))
    painter.drawLine(QPointF(3, 12), QPointF(21, 12))


def _person(painter: QPainter) -> None:
    # The figure with open arms that people know as the sign for accessibility.
    painter.drawEllipse(QRectF(2.5, 2.5, 19, 19))
    painter.drawEllipse(QRectF(11, 6, 2, 2))
    painter.drawPolyline([QPointF(7, 10), QPointF(12, 11.2), QPointF(17, 10)])
    painter.drawPolyline([QPointF(9.2, 18), QPointF(12, 13.6), QPointF(14.8, 18)])
    painter.drawLine(QPointF(12, 11.2), QPointF(12, 13.6))


def _erase(painter: QPainter) -> None:
    body = QPainterPath(QPointF(9, 5.5))
    for x, y in ((20.5, 5.5), (20.5, 18.5), (9, 18.5), (2.8, 12)):
        body.lineTo(QPointF(x, y))
    body.closeSubpath()
    painter.drawPath(body)
    painter.drawLine(QPointF(11.3, 9.3), QPointF(16.7, 14.7))
    painter.drawLine(QPointF(16.7, 9.3), QPointF(11.3, 14.7))


def _shift(painter: QPainter) -> None:
    arrow = QPainterPath(QPointF(12, 4))
    for x, y in ((20, 12), (15.5, 12), (15.5, 19), (8.5, 19), (8.5, 12), (4, 12)):
        arrow.lineTo(QPointF(x, y))
    arrow.closeSubpath()
    painter.drawPath(arrow)


def _tick(painter: QPainter) -> None:
    painter.drawPolyline([QPointF(4.5, 12.5), QPointF(10, 18), QPointF(20, 6.5)])


_DRAW: dict[Glyph, Callable[[QPainter], None]] = {
    Glyph.BELL: _bell,
    Glyph.GLOBE: _globe,
    Glyph.PERSON: _person,
    Glyph.ERASE: _erase,
    Glyph.SHIFT: _shift,
    Glyph.TICK: _tick,
}
