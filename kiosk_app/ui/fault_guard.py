"""What happens when a slot raises: the door closes politely, with a code, and the log gets the rest.

PySide hands an exception that leaves a slot to ``sys.excepthook``; the window itself lives on. Showing a picture that
is wrong would be worse than showing none, so the journey is told of a fault. If even that raises, the application
ends with a code of its own and whoever supervises it starts it again.
"""

import logging
import sys
from collections.abc import Callable
from types import TracebackType

from kiosk_app.core.journey import FaultHappened
from kiosk_app.core.staff_codes import StaffCode

EXIT_AFTER_SECOND_FAULT = 70
"""``EX_SOFTWARE`` of sysexits.h."""

_log = logging.getLogger(__name__)


class FaultGuard:
    """Stands in for ``sys.excepthook`` while the window is open."""

    def __init__(self, happened: Callable[[FaultHappened], None], end: Callable[[int], None]) -> None:
        self._happened, self._end = happened, end
        self._handling = False
        self._before = sys.excepthook

    def install(self) -> None:
        """Take over from now on."""
        self._before = sys.excepthook
        sys.excepthook = self.handle

    def remove(self) -> None:
        """Give back what was there before."""
        sys.excepthook = self._before

    def handle(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None, /) -> None:
        """Close the door for ``error``; a keyboard interrupt ends the application as asked."""
        if issubclass(kind, KeyboardInterrupt):
            self._end(0)
            return
        _log.error("a slot raised", exc_info=(kind, error, traceback))
        if self._handling:
            self._end(EXIT_AFTER_SECOND_FAULT)
            return
        self._handling = True
        try:
            self._happened(FaultHappened(StaffCode.UNEXPECTED_FAULT))
        except Exception:  # noqa: BLE001 - whatever it is, the window can no longer be trusted
            _log.exception("the fault could not be shown")
            self._end(EXIT_AFTER_SECOND_FAULT)
        finally:
            self._handling = False
