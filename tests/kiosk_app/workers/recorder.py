"""A receiver that lives in the test's thread, as the window's controller does."""

from PySide6.QtCore import QObject, Slot


class Recorder(QObject):
    """Keeps what it receives, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []

    @Slot(object)
    def take(self, value: object) -> None:
        self.seen.append(value)

    def of(self, kind: type) -> list[object]:
        return [value for value in self.seen if isinstance(value, kind)]
