"""The whole product from outside: the guided tour ends well, and Ctrl-C at any moment leaves nothing behind."""

import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.waiting import wait_for_seconds, wait_until

TOUR_S = 600
GONE_S = 20
MARK = "ATRIUM_TEST_RUN"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where one demo runs: a temporary folder of its own, and a word by which its processes are found again."""

    folder: Path
    mark: str

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"TMPDIR": str(self.folder), MARK: self.mark}

    def processes(self) -> list[str]:
        """Return the command lines of all processes that were started with the mark in their environment."""
        needle = f"{MARK}={self.mark}".encode()
        found = []
        for process in Path("/proc").iterdir():
            try:
                if process.name.isdigit() and needle in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
        return found


@pytest.fixture
def ground() -> Iterator[Ground]:
    # Not pytest's own folder: its long name would not leave room for a socket's, which ends at 107 characters.
    with tempfile.TemporaryDirectory(prefix="e2e-") as name:
        yield Ground(Path(name), f"{os.getpid()}-{random.getrandbits(64):x}")


def test_the_tour_ends_as_it_must(tmp_path: Path, ground: Ground) -> None:
    """Every step holds, the pictures are there, and no process and no file outside the output is left."""
    output = tmp_path / "demo-output"
    tour = subprocess.run(
        _tour(output), env=ground.environment, check=False, capture_output=True, text=True, timeout=TOUR_S
    )
    assert tour.returncode == 0, tour.stdout[-4000:] + tour.stderr[-2000:]
    summary = (output / "summary.md").read_text()
    assert "NOT as it must" not in summary
    pictures = sorted(path.name for path in output.glob("*.png"))
    assert len(pictures) >= 40
    assert all(f"({name})" in summary for name in pictures)
    assert ground.processes() == []
    assert list(ground.folder.iterdir()) == []


@pytest.mark.parametrize("share", [0.02, 0.2, 0.6])
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, ground: Ground, share: float) -> None:
    """At a random moment of the start, of pairing, of the visits: it stops, and so does all that it started."""
    # As the shell would run it: Ctrl-C goes to the foreground group, the demo answers for its children.
    with subprocess.Popen(
        _tour(tmp_path / "demo-output"),
        env=ground.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as tour:
        wait_for_seconds(share * random.uniform(20, 40))
        os.killpg(tour.pid, signal.SIGINT)
        code = tour.wait(GONE_S)
    # Before the interpreter has come to our first line, Ctrl-C ends it as it ends any program.
    assert code in {130, -signal.SIGINT}
    assert wait_until(lambda: ground.processes() == [], GONE_S), ground.processes()
    assert list(ground.folder.iterdir()) == []


def _tour(output: Path) -> list[str]:
    return [sys.executable, "-m", "demo", "--tour", "--output", str(output)]
