"""Ctrl-C at any moment: raised once as KeyboardInterrupt, never in the middle of starting a child, never twice.

The first signal begins the way down, which stops every child in order; from then on signals are ignored, so that a
second Ctrl-C does not leave a database running. An exception raised in a finalizer is printed and dropped by the
interpreter, so whoever waits asks :func:`raise_if_pending` too.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Interrupts:
    def __init__(self) -> None:
        self._held = 0
        self._pending = False

    def handle(self, _signal: int, _frame: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self._pending = True
        if not self._held:
            raise KeyboardInterrupt

    @contextmanager
    def hold(self) -> Iterator[None]:
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self.raise_if_pending()

    def raise_if_pending(self) -> None:
        if self._pending and not self._held:
            self._pending = False
            raise KeyboardInterrupt


_interrupts = _Interrupts()


def install() -> None:
    """Take over SIGINT, SIGTERM and SIGHUP. Main thread only."""
    for number in _SIGNALS:
        signal.signal(number, _interrupts.handle)


@contextmanager
def held_back() -> Iterator[None]:
    """Hold a Ctrl-C back until the block is done: a child that was started is also known to us."""
    with _interrupts.hold():
        yield


def raise_if_pending() -> None:
    """Raise a Ctrl-C that came and was lost on the way. Not for the way down: what cleans up does not ask."""
    _interrupts.raise_if_pending()
