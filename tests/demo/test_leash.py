"""A child of the demo goes when the demo goes, however the demo was left when it started the child."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import demo.leash
from demo.waiting import wait_until

PARENT = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, getattr(signal, sys.argv[1]))
command = ["/bin/sh", "-c", "echo up; exec sleep 60"]
child = subprocess.Popen([sys.executable, "-S", sys.argv[2], str(os.getpid()), *command])
print(child.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("disposition", ["SIG_DFL", "SIG_IGN"])
def test_a_child_ends_with_its_parent(disposition: str) -> None:
    """Also one that was started while the parent ignored signals, on its way down after a Ctrl-C."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, disposition, demo.leash.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        said = {parent.stdout.readline().strip(), parent.stdout.readline().strip()}
        (child,) = said - {"up"}
        parent.kill()
    status = Path("/proc", child, "status")
    gone = wait_until(lambda: not status.exists() or "zombie" in status.read_text(), 10)
    if not gone:
        os.kill(int(child), signal.SIGKILL)
    assert gone
