"""Child processes of the demo: started in sessions of their own, watched, and never left behind.

A child of its own session does not see the terminal's Ctrl-C: the demo decides who stops, in which order. Should the
demo itself be killed, the kernel sends each child SIGTERM (see :mod:`demo.leash`).
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from demo.interrupts import held_back
from demo.waiting import wait_until

_LEASH = Path(__file__).with_name("leash.py")
_STOP_S = 10.0


class ChildError(Exception):
    """A child ended, or did not do what it was started for.

    Attributes:
        name: Which child.
        log: Where its output went.
    """

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"{name} {what}; its output is in {log}:\n{_tail(log)}")
        self.name = name
        self.log = log


def _tail(log: Path, lines: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no output)"


class Child:
    """One process with its output in a file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        process: subprocess.Popen[bytes] | None = None
        try:
            with held_back(), log.open("ab") as output:
                process = subprocess.Popen(
                    [sys.executable, "-S", str(_LEASH), str(os.getpid()), *command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(environment),
                    start_new_session=True,
                )
        except KeyboardInterrupt:
            # Whoever asked for it will never hold it, so it is ours to end.
            if process is not None:
                _end(process)
            raise
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def expect(self, what: str, condition: Callable[[], bool], seconds: float) -> None:
        """Wait until ``condition`` holds.

        Raises:
            ChildError: it ended before, or ``seconds`` went by.
        """

        def settled() -> bool:
            return condition() or not self.is_running()

        if not wait_until(settled, seconds):
            raise ChildError(self.name, f"did not {what} within {seconds:.0f} s", self.log)
        if not condition():
            raise ChildError(self.name, f"ended with code {self._process.returncode} before it could {what}", self.log)

    def wait(self) -> int:
        """Wait until it ends by itself, however long; return its exit code."""
        return self._process.wait()

    def join(self, seconds: float) -> None:
        """Wait until it ended by itself, successfully.

        Raises:
            ChildError: it did not within ``seconds``, or its exit code says it failed.
        """
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ChildError(self.name, f"did not end within {seconds:.0f} s", self.log) from None
        if code != 0:
            raise ChildError(self.name, f"ended with code {code}", self.log)

    def kill(self) -> None:
        """Send SIGKILL and reap it: what a power cut does to the process, though not to the disk."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to stop, wait, kill it if it does not; return its exit code."""
        return _end(self._process)


def _end(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to stop, wait, kill it if it does not; return its exit code."""
    process.terminate()
    try:
        return process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def run_to_end(
    command: Sequence[str], environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself, and return what it said. Ctrl-C stops it and waits for it."""
    with held_back():
        # In a session of its own, so that Ctrl-C is ours to hand on.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(environment),
            start_new_session=True,
        )
    try:
        answer, complaint = process.communicate(timeout=seconds)
    except BaseException:
        process.terminate()
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, answer, complaint)
