"""Takes hold of the display. Where there is none, Qt would abort with a core dump; a person reads a sentence."""

import os

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from kiosk_app.cli.exits import USAGE, complain
from kiosk_app.core.staff_codes import StaffCode

_NO_DISPLAY = (
    "No display can be reached; start it from a desktop, or set QT_QPA_PLATFORM=offscreen to run without one."
    f" [{StaffCode.SETTINGS_UNUSABLE.value}]"
)


def open_display() -> QCoreApplication:
    """Return the application; whoever calls keeps it as long as the window lives. Ends the process without a display.

    To be called before anything is open that must be closed: the lock of the data folder goes with the process.
    """
    existing = QApplication.instance()
    if existing is not None:
        return existing
    remarks: list[str] = []

    def hear(kind: QtMsgType, _context: QMessageLogContext, text: str | None, /) -> None:
        if kind is QtMsgType.QtFatalMsg:
            complain(_NO_DISPLAY)
            # An exception cannot leave this call, and Qt aborts as soon as it returns.
            os._exit(USAGE)
        remarks.append(text or "")

    qInstallMessageHandler(hear)
    try:
        return QApplication(["atrium-kiosk"])
    finally:
        qInstallMessageHandler(None)
        for remark in remarks:
            complain(remark)
