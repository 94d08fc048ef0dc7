"""What holds for every test: it leaves no thread and no window behind."""

import os
import sys
import threading
import time
from collections.abc import Generator

import pytest

# Before any test module loads Qt: windows of tests are painted to memory, unless somebody asks for a real screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# How long a thread may take to come home after the test has told it to, in seconds.
GRACE_S = 2.0

# Pools of an event loop, which end with the loop of the fixture that owns it.
POOLS = ("asyncio_", "AnyIO worker thread")


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if not thread.name.startswith(POOLS)}


def _windows() -> set[object]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return set()
    return {widget for widget in widgets.QApplication.topLevelWidgets() if widget.isVisible()}


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Generator[None]:
    """Fail a test whose threads or windows outlive it: the next test would meet them."""
    threads, windows = _threads(), _windows()
    yield
    deadline = time.monotonic() + GRACE_S
    for thread in _threads() - threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert [thread.name for thread in _threads() - threads] == [], "threads left running"
    assert [repr(window) for window in _windows() - windows] == [], "windows left open"
