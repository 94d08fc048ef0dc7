"""Speaking to assistive technology. Not here: tones; they need QtMultimedia, which is no part of the installation."""

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from kiosk_app.ui.texts.catalogue import without_isolates


def announce(window: QWidget, text: str) -> None:
    """Let a screen reader that is running speak ``text``, assertively: the screen has just changed."""
    event = QAccessibleAnnouncementEvent(window, without_isolates(text))
    event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)
