"""``./run`` with a display, as a process: it ends with either of its windows and with Ctrl-C, and leaves nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.waiting import wait_until
from tests.e2e.test_demo import Ground, ground

__all__ = ["ground"]

WAIT_S = 180


def _process(ground: Ground, word: str) -> int:
    """Return the id of the one process that was started here and has ``word`` in its command line."""
    needle = f"ATRIUM_TEST_RUN={ground.mark}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = needle in (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if is_ours and word in command:
            found.append(int(process.name))
    assert len(found) == 1, (word, ground.processes())
    return found[0]


@pytest.mark.parametrize(
    ("closed", "code"),
    [
        ("-m demo.panel", 0),
        pytest.param("atrium-kiosk run", 0, marks=pytest.mark.torture),
        pytest.param("-m demo", 130, marks=pytest.mark.torture),
    ],
)
def test_everything_ends_with_it(ground: Ground, closed: str, code: int) -> None:
    # Qt paints to memory; that a display is named is what makes the demo open its windows.
    environment = ground.environment | {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":none", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as demo:
        assert demo.stdout is not None
        said = ""
        while "ends everything" not in said:
            line = demo.stdout.readline()
            assert line, said
            said += line
        if code:
            demo.send_signal(signal.SIGINT)
        else:
            os.kill(_process(ground, closed), signal.SIGTERM)
        rest, _ = demo.communicate(timeout=WAIT_S)
    assert demo.returncode == code, rest
    assert wait_until(lambda: ground.processes() == [], WAIT_S), ground.processes()
    assert list(ground.folder.iterdir()) == []
