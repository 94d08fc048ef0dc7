"""Text in one of the four sizes that breaks into even lines, and makes itself smaller before it is ever cut."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle

from kiosk_app.ui.theme.fonts import text_font
from kiosk_app.ui.theme.look import Look, TypeSize

_LEAST_SHRINK = {TypeSize.DISPLAY: 0.5, TypeSize.TITLE: 0.5, TypeSize.BODY: 0.6, TypeSize.CAPTION: 0.8}
"""How far a text may give way to its page: the smaller it is, the less."""
_ENDLESS_PX = 100_000


class TextLabel(QLabel):
    """A wrapped label. A single long word shrinks the whole text, because half a word helps nobody."""

    def __init__(
        self, size: TypeSize, *, tone: str = "", bold: bool = False, centred: bool = True, cap: float = 2.0
    ) -> None:
        super().__init__()
        self._size, self._bold, self._cap = size, bold, cap
        self._look: Look | None = None
        self._shrink = 1.0
        self._also_fits: tuple[str, ...] = ()
        self.setProperty("tone", tone)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        horizontal = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeading
        self.setAlignment(horizontal | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def apply_look(self, look: Look) -> None:
        """Take the size from the look."""
        self._look = look
        self._fit()

    def set_shrink(self, shrink: float) -> None:
        """Make the text smaller than the look says (1: not at all), because its page has no room."""
        self._shrink = max(_LEAST_SHRINK[self._size], min(1.0, shrink))
        self._fit()

    def setText(self, text: str) -> None:
        """Show ``text``; an empty text takes no room."""
        if text == self.text() and bool(text) != self.isHidden():
            return
        super().setText(text)
        self.setVisible(bool(text))
        self._fit()

    def keep_room_for(self, *texts: str) -> None:
        """Be high enough for these texts as well, so that changing to them moves nothing else."""
        self._also_fits = texts
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the longest word to the new width."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Ask for no width, so that a long word never widens the page; the height follows the width."""
        return QSize(0, super().minimumSizeHint().height())

    def heightForWidth(self, width: int) -> int:
        """Return the height of the highest text this label has to have room for."""
        heights = [super().heightForWidth(width)]
        metrics = QFontMetrics(self.font())
        heights += [_wrapped(metrics, text, width).height() for text in self._also_fits]
        return max(heights)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the text in lines of about the same length: a last line of one word looks like an accident."""
        room = self.contentsRect()
        narrow = _even_width(QFontMetrics(self.font()), self.text(), room.width())
        alignment = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        if alignment & Qt.AlignmentFlag.AlignHCenter:
            room = room.adjusted((room.width() - narrow) // 2, 0, -((room.width() - narrow) // 2), 0)
        elif alignment & Qt.AlignmentFlag.AlignRight:
            room.setLeft(room.right() - narrow + 1)
        else:
            room.setWidth(narrow)
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, int(alignment | Qt.TextFlag.TextWordWrap), self.text())
        painter.end()

    def _fit(self) -> None:
        if self._look is None:
            return
        size_px = round(self._look.type_px(self._size, cap=self._cap) * self._shrink)
        font = text_font(size_px, bold=self._bold)
        words, room = self.text().split(), self.width()
        if words and room > 0 and self.isVisible():
            widest = max(QFontMetrics(font).horizontalAdvance(word) for word in words)
            if widest > room:
                font = text_font(int(size_px * room / widest), bold=self._bold)
        if font != self.font():
            self.setFont(font)


def _wrapped(metrics: QFontMetrics, text: str, width: int) -> QRect:
    return metrics.boundingRect(QRect(0, 0, width, _ENDLESS_PX), int(Qt.TextFlag.TextWordWrap), text)


def _even_width(metrics: QFontMetrics, text: str, width: int) -> int:
    """Return the least width in which ``text`` takes no more lines than in ``width``."""
    height = _wrapped(metrics, text, width).height()
    low, high = width // 2, width
    while high - low > 4:
        middle = (low + high) // 2
        fits = _wrapped(metrics, text, middle)
        if fits.height() <= height and fits.width() <= middle:
            high = middle
        else:
            low = middle
    return high
