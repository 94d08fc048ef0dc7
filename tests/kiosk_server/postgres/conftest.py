"""Data folders, other processes that use them, and a look at what is left of a PostgreSQL."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest

from kiosk_server.postgres import Durability, EmbeddedPostgres, Tenure
from kiosk_server.postgres.locks import is_held
from kiosk_server.postgres.waiting import wait_until

PROJECT = Path(__file__).resolve().parents[3]
HOLDER = "tests.kiosk_server.postgres.holder"


@dataclass
class Holder:
    """Another process on the data folder; ``said`` is its first line."""

    process: subprocess.Popen[str]
    said: dict[str, object]

    @property
    def postmaster(self) -> int:
        return int(str(self.said["postmaster"]))

    def leave(self) -> None:
        """Let it stop in its own time."""
        with self.process:
            self.ask_to_leave()

    def ask_to_leave(self) -> None:
        """End its input and do not wait."""
        assert self.process.stdin is not None
        self.process.stdin.close()


StartHolder = Callable[..., Holder]


@pytest.fixture
def data_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder to be; removed at once, since a cluster is 40 MB."""
    folder = tmp_path / "postgres"
    yield folder
    if folder.is_dir():
        assert wait_until(lambda: not is_held(folder / "running.lock"), timedelta(seconds=5))
    shutil.rmtree(tmp_path)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach (pytest's own ones are closed to others)."""
    folder = Path(mkdtemp(prefix="atrium-public-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start_holder(data_folder: Path) -> Iterator[StartHolder]:
    """Start other processes on the data folder; they are ended with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(tenure: Tenure = Tenure.COMMAND, *, reads: bool = True) -> Holder:
        command = [sys.executable, "-m", HOLDER, str(data_folder), tenure.value]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = subprocess.Popen(command, cwd=PROJECT, text=True, start_new_session=True, **pipes)
        processes.append(process)
        assert process.stdout is not None
        return Holder(process, json.loads(process.stdout.readline()) if reads else {})

    yield start
    for process in processes:
        with process:
            process.kill()


@pytest.fixture
def embedded(data_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that is not started yet."""
    postgres = EmbeddedPostgres(data_folder, durability=Durability.UNSAFE_FOR_TESTS)
    yield postgres
    postgres.stop()


def family(pid: int) -> set[int]:
    """Return the process and its children."""
    return {pid} | {child for child in processes() if parent_of(child) == pid}


def processes() -> set[int]:
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}


def parent_of(pid: int) -> int | None:
    return int(fields[1]) if (fields := _stat(pid)) else None


def lives(pid: int) -> bool:
    """State whether the process runs; one that only waits to be reaped does not."""
    fields = _stat(pid)
    return bool(fields) and fields[0] != "Z"


def are_gone(pids: set[int], within_s: float) -> bool:
    return wait_until(lambda: not any(map(lives, pids)), timedelta(seconds=within_s))


def _stat(pid: int) -> list[str]:
    """Return the fields after the name, beginning with the state (proc(5))."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
