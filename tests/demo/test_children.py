"""Children of the demo: their output is kept, their end is noticed, and none outlives it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.children import Child, ChildError, run_to_end
from demo.waiting import wait_until

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def test_a_child_that_does_what_it_should_is_waited_for(tmp_path: Path) -> None:
    """`expect` returns once the condition holds, and `stop` ends the process."""
    log = tmp_path / "log"
    child = Child("sleeper", SLEEPER, log, os.environ)
    child.expect("speak", lambda: "up" in log.read_text(), 10)
    assert child.is_running()
    child.stop()
    assert not child.is_running()


def test_a_child_that_ends_early_is_named_with_its_last_words(tmp_path: Path) -> None:
    """The error carries who it was, its exit code and the end of its output."""
    child = Child(
        "quitter", [sys.executable, "-c", "print('no room'); raise SystemExit(7)"], tmp_path / "log", os.environ
    )
    with pytest.raises(ChildError, match=r"(?s)quitter ended with code 7 .*no room") as caught:
        child.expect("live", lambda: False, 10)
    assert caught.value.name == "quitter"


def test_a_child_that_never_gets_there_is_said_to_be_late(tmp_path: Path) -> None:
    """A condition that does not come to hold ends in an error, and the child can still be stopped."""
    child = Child("sleeper", SLEEPER, tmp_path / "log", os.environ)
    with pytest.raises(ChildError, match="did not arrive within 0 s"):
        child.expect("arrive", lambda: False, 0.2)
    child.kill()
    assert not child.is_running()


def test_a_killed_parent_takes_its_children_along(tmp_path: Path) -> None:
    """SIGKILL of the demo leaves no child: the kernel ends it."""
    program = (
        "import os, sys, time\nfrom pathlib import Path\nfrom demo.children import Child\n"
        f"child = Child('sleeper', {SLEEPER!r}, Path({str(tmp_path / 'log')!r}), os.environ)\n"
        "print(child.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert wait_until(lambda: "up" in (tmp_path / "log").read_text(), 10)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert wait_until(lambda: not _lives(pid), 5)


def test_a_command_is_run_to_its_end(tmp_path: Path) -> None:
    """What it said on both streams comes back with its code."""
    program = "import sys; print('out'); print('err', file=sys.stderr); raise SystemExit(3)"
    answer = run_to_end([sys.executable, "-c", program], os.environ, 20)
    assert (answer.returncode, answer.stdout, answer.stderr) == (3, "out\n", "err\n")


def test_a_command_that_takes_too_long_is_ended() -> None:
    """Its process is gone when the error arrives."""
    with pytest.raises(subprocess.TimeoutExpired):
        run_to_end(SLEEPER, os.environ, 0.5)


def _lives(pid: int) -> bool:
    """Whether a process runs; one that merely waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
