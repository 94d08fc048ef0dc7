"""The script that stands between us and PostgreSQL."""

import os
import signal
import subprocess
import sys

from kiosk_server.postgres.processes import LAUNCHER


def launch(parent_pid: int, *command: str) -> subprocess.CompletedProcess[str]:
    who = map(str, (os.geteuid(), os.getegid(), int(signal.SIGINT), parent_pid))
    arguments = [sys.executable, "-I", "-S", str(LAUNCHER), *who, *command]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def test_becomes_the_program() -> None:
    """The program runs in the same process, and files it makes are closed to others."""
    done = launch(os.getpid(), "/bin/sh", "-c", "umask; echo $PPID")
    assert done.stdout.split() == ["0077", str(os.getpid())]


def test_parent_that_is_gone_already_is_noticed() -> None:
    """When the parent died before the kernel was asked to watch it, the program is not started."""
    done = launch(1, "/bin/sh", "-c", "echo running")
    assert (done.returncode, done.stdout) == (126, "")


def test_program_that_cannot_be_run_is_named() -> None:
    """A program that is not there ends with a line that names it, and no traceback."""
    done = launch(os.getpid(), "/no/such/program")
    assert (done.returncode, done.stderr) == (126, "/no/such/program: No such file or directory\n")
