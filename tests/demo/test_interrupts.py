"""Ctrl-C at any moment: once, never in the middle of starting a child, and never again on the way down."""

import signal
import subprocess
import sys

import pytest

HELD = """
import os, signal
from demo import interrupts
interrupts.install()
try:
    with interrupts.held_back():
        os.kill(os.getpid(), signal.SIG{name})
        print("held", flush=True)
    print("not reached")
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    print("once", flush=True)
"""


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP"])
def test_a_signal_waits_for_the_child_to_be_known_and_comes_once(name: str) -> None:
    """Raised after the held block, and whatever comes later is ignored."""
    answer = subprocess.run(
        [sys.executable, "-c", HELD.format(name=name)], check=False, capture_output=True, text=True, timeout=30
    )
    assert (answer.returncode, answer.stdout) == (0, "held\nonce\n")


def test_a_signal_outside_such_a_block_comes_at_once() -> None:
    """Nothing delays a Ctrl-C while nothing is being started."""
    program = (
        "import os, signal\nfrom demo import interrupts\ninterrupts.install()\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    print('late')\n"
        "except KeyboardInterrupt:\n    print('at once')\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=30)
    assert answer.stdout == "at once\n"
    assert answer.returncode != -signal.SIGINT


def test_a_signal_that_was_dropped_on_the_way_is_raised_by_the_next_wait() -> None:
    """The interpreter prints and drops an exception raised in a finalizer; the Ctrl-C behind it still counts."""
    program = (
        "import os, signal\nfrom demo import interrupts\nfrom demo.waiting import wait_for_seconds\n"
        "interrupts.install()\n"
        "class Last:\n    def __del__(self):\n        os.kill(os.getpid(), signal.SIGINT)\n        len('x')\n"
        "last = Last()\ndel last\nprint('dropped', flush=True)\n"
        "try:\n    wait_for_seconds(20)\nexcept KeyboardInterrupt:\n    print('raised')\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=15)
    assert answer.stdout == "dropped\nraised\n"
    assert "Exception ignored" in answer.stderr
