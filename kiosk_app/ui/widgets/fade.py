"""The one transition: the old picture fades away over the new one. Nothing slides over what somebody reads."""

from PySide6.QtCore import QEasingCurve, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget


class Fade(QWidget):
    """Lies over the whole window while it fades; lets every touch through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("fade")
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture = QPixmap()
        self._opacity = 0.0
        self._fading = QVariantAnimation(self)
        self._fading.setStartValue(1.0)
        self._fading.setEndValue(0.0)
        self._fading.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._fading.valueChanged.connect(self._advance)
        self._fading.finished.connect(self.finish)
        self.hide()

    def start(self, old: QPixmap, duration_ms: int) -> None:
        """Fade ``old`` away in ``duration_ms``; 0 changes at once."""
        self._fading.stop()
        if duration_ms <= 0:
            self.finish()
            return
        self._picture, self._opacity = old, 1.0
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        self._fading.setDuration(duration_ms)
        self._fading.start()

    def finish(self) -> None:
        """Be done, and give the picture's memory back."""
        self._fading.stop()
        self.hide()
        self._picture = QPixmap()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what is left of the old picture."""
        painter = QPainter(self)
        painter.setOpacity(self._opacity)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()

    def _advance(self, value: object) -> None:
        self._opacity = value if isinstance(value, float) else 0.0
        self.update()
