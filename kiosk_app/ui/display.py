"""Takes hold of the display. Where there is none, Qt would abort with a core dump; a person is to read a sentence."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

_log = logging.getLogger(__name__)


def open_display(give_up: Callable[[], None]) -> QCoreApplication:
    """Return the application; Qt's ends with it, so whoever calls keeps it as long as the window lives.

    Args:
        give_up: called where no display can be reached. It must end the process without raising: no exception can leave
            this call, and Qt aborts as soon as it returns.
    """
    existing = QApplication.instance()
    if existing is not None:
        return existing
    remarks: list[str] = []

    def hear(kind: QtMsgType, _context: QMessageLogContext, text: str | None, /) -> None:
        if kind is QtMsgType.QtFatalMsg:
            give_up()
        remarks.append(text or "")

    qInstallMessageHandler(hear)
    try:
        return QApplication(["atrium-kiosk"])
    finally:
        qInstallMessageHandler(None)
        for remark in remarks:
            _log.warning("%s", remark)
