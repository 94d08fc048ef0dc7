"""Carries what witnesses see in the workers' threads to the thread that follows the scans."""

from PySide6.QtCore import QObject, Signal

from kiosk_app.core.scan_steps import ScanNote


class ScanRelay(QObject):
    """A witness for any thread: a signal's receiver hears it in its own, in the order in which one thread told."""

    noted = Signal(object)

    def note(self, note: ScanNote) -> None:
        """Pass one step on."""
        self.noted.emit(note)
