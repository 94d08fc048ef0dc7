"""A child process that cannot outlive us, and the postmaster of a cluster as its own files tell of it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from kiosk_server.postgres.accounts import Account

LAUNCHER = Path(__file__).with_name("launcher.py")
# PostgreSQL's own search path for helpers (initdb uses the shell) and messages that we can read.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
PID_LINE, STATUS_LINE = 0, 7  # miscadmin.h: LOCK_FILE_LINE_PID, LOCK_FILE_LINE_PM_STATUS, counted from zero


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run and how.

    Attributes:
        command: Absolute program and its arguments.
        account: The user it runs as.
        folder: Its working folder; the user need not be able to reach it by name.
        death_signal: Sent by the kernel when this process ends in whatever way.
        inherited: Descriptors it keeps open.
    """

    command: Sequence[str | Path]
    account: Account
    folder: Path
    death_signal: signal.Signals
    inherited: Sequence[int]


class KeptProcess:
    """A running child in a session of its own, so that Ctrl-C in a terminal reaches only us.

    The kernel sends the death signal when the *thread* that started the child ends, not the process. So a thread of
    ours starts it and stays until it has ended. That thread is a daemon: it never delays the end of the interpreter.
    """

    def __init__(self, launch: Launch, output: IO[str] | int) -> None:
        self._launch = launch
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: OSError | None = None
        self._started = threading.Event()
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name=f"keeper-{Path(launch.command[0]).name}", daemon=True)
        self._keeper.start()
        try:
            self._started.wait()
        except BaseException:
            self.end()  # Ctrl-C, here of all places: nobody else will know of the child
            raise
        if self._failure is not None:
            raise self._failure

    @property
    def exit_status(self) -> int | None:
        """Status as ``subprocess`` has it, None while it runs."""
        return None if self._process is None else self._process.returncode

    @property
    def has_ended(self) -> bool:
        """State whether it is gone."""
        return self._ended.is_set()

    def wait(self, limit: timedelta) -> bool:
        """Return True when it has ended within the limit."""
        return self._ended.wait(limit.total_seconds())

    def end(self, *steps: tuple[signal.Signals, timedelta]) -> None:
        """Send each signal in turn until it has ended; after the last one, kill the whole session."""
        self._started.wait()
        for number, patience in steps:
            if self._process is not None and not self.has_ended:
                self._process.send_signal(number)
            if self.wait(patience):
                break
        else:
            self._kill_session()
            self._ended.wait()
        self._keeper.join()

    def _kill_session(self) -> None:
        if self._process is not None and not self.has_ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _keep(self) -> None:
        launch = self._launch
        who = [launch.account.uid, launch.account.gid, int(launch.death_signal), os.getpid()]
        command = [sys.executable, "-I", "-S", LAUNCHER, *map(str, who), *launch.command]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=launch.folder,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                pass_fds=tuple(launch.inherited),
                start_new_session=True,
            )
        except OSError as error:
            self._failure = error
            self._ended.set()
            return
        finally:
            self._started.set()
        self._process.wait()
        self._ended.set()


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What the file ``postmaster.pid`` says.

    Attributes:
        pid: The process, which may be long gone.
        is_ready: It accepts connections.
    """

    pid: int
    is_ready: bool


def read_postmaster(cluster: Path) -> Postmaster | None:
    """Return what the cluster's pid file says, or None without a readable one."""
    try:
        lines = (cluster / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        pid = int(lines[PID_LINE])
    except (OSError, IndexError, ValueError):
        return None
    return Postmaster(pid, len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready")


def may_be_postgres_of(cluster: Path, pid: int) -> bool:
    """State whether the process may be PostgreSQL running in this folder; False is certain.

    Its working folder tells. Root without ``CAP_SYS_PTRACE`` (a container) may not look; then the name has to do.
    """
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")
    except OSError:
        return False
    # In a container without an init an orphan stays as a zombie ("Z") for ever; it runs nothing (proc(5)).
    if not name.endswith("(postgres") or rest.split()[0] == "Z":
        return False
    try:
        return Path(f"/proc/{pid}/cwd").samefile(cluster)
    except PermissionError:
        return True
    except OSError:
        return False
