"""Six large boxes that show what was typed. They are read, not touched: the keypad and the keyboard fill them."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.theme.fonts import text_font
from kiosk_app.ui.theme.look import Look, TypeSize

BOXES = 6
_BOX_WIDTH_DP = 73.0
_BOX_HEIGHT_DP = 64.0
_GAP_DP = 10.0
_RADIUS_DP = 14.0


class DigitBoxes(QWidget):
    """Boxes in reading order of figures, left to right in every language; the next one to fill is outlined."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("digit-boxes")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._digits = ""
        self._look: Look | None = None

    @property
    def digits(self) -> str:
        """What is shown."""
        return self._digits

    def apply_look(self, look: Look) -> None:
        """Take sizes and colours from the look."""
        self._look = look
        self.updateGeometry()
        self.update()

    def show_digits(self, digits: str, accessible_name: str) -> None:
        """Show ``digits``; assistive technology hears how many there are, not which: others may listen."""
        self._digits = digits[:BOXES]
        self.setAccessibleName(accessible_name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of six boxes."""
        if self._look is None:
            return QSize(0, 0)
        width = BOXES * self._look.px(_BOX_WIDTH_DP) + (BOXES - 1) * self._look.px(_GAP_DP)
        return QSize(width, self._look.px(_BOX_HEIGHT_DP))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the boxes, as wide as there is room up to their design width, centred."""
        look = self._look
        if look is None:
            return
        gap = look.px(_GAP_DP)
        width = min(look.px(_BOX_WIDTH_DP), (self.width() - gap * (BOXES - 1)) // BOXES)
        start = (self.width() - width * BOXES - gap * (BOXES - 1)) / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(look.type_px(TypeSize.TITLE, cap=1.2), bold=True))
        for place in range(BOXES):
            half = look.px(2) / 2
            box = QRectF(start + place * (width + gap), 0, width, self.height()).adjusted(half, half, -half, -half)
            self._paint_box(painter, look, box, place)
        painter.end()

    def _paint_box(self, painter: QPainter, look: Look, box: QRectF, place: int) -> None:
        palette, is_next = look.palette, place == len(self._digits)
        outline = palette.brand if is_next else palette.line
        painter.setPen(QPen(QColor(outline), look.px(2 if is_next else palette.line_dp)))
        painter.setBrush(QColor(palette.raised))
        painter.drawRoundedRect(box, look.px(_RADIUS_DP), look.px(_RADIUS_DP))
        if place < len(self._digits):
            painter.setPen(QColor(palette.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._digits[place])
