"""The wrong clock: off for one process, at once, and for nothing but the wall clock."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo.wrong_clock import WrongClock

PROGRAM = """
import json, sys, time
from datetime import UTC, datetime
from PySide6.QtCore import QDateTime, QThread
class Sleeper(QThread):
    def run(self): self.msleep(50)
for line in sys.stdin:
    sleeper = Sleeper()
    sleeper.start()
    begin = time.monotonic()
    time.sleep(0.05)
    said = {
        "wall": [time.time(), datetime.now(UTC).timestamp(), QDateTime.currentMSecsSinceEpoch() / 1000],
        "boot": time.clock_gettime(time.CLOCK_BOOTTIME),
        "slept": time.monotonic() - begin,
        "waited": sleeper.wait(60_000),
    }
    print(json.dumps(said), flush=True)
"""
HOUR_S = 3600

pytestmark = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("tcc", "cc", "gcc")),
    reason="the demo cannot move clocks without a compiler",
)


@pytest.mark.parametrize("compiler", ["tcc", "cc"])
def test_the_wall_clock_is_wrong_and_everything_else_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: str
) -> None:
    """Sleeping, waiting and the boot clock go on as before: the rules of the kiosk rest on them."""
    found = shutil.which(compiler)
    if found is None:
        pytest.skip(f"no {compiler} here")
    monkeypatch.setattr(shutil, "which", lambda name: found if name == compiler else None)
    clock = WrongClock.build(tmp_path)
    assert clock is not None
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | clock.environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for off_s in (0, -HOUR_S, HOUR_S, -int(time.time()), 0):
            clock.move(off_s)
            before, boot = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
            process.stdin.write("\n")
            process.stdin.flush()
            said = json.loads(process.stdout.readline())
            after, boot_after = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
            # A millisecond of doubt on both sides: Qt's clock is rounded to whole ones.
            assert all(before + off_s - 0.001 <= wall <= after + off_s + 0.001 for wall in said["wall"]), (
                off_s,
                before,
                after,
                said,
            )
            assert boot <= said["boot"] <= boot_after
            assert said["slept"] >= 0.05
            assert said["waited"]
        process.stdin.close()


def test_without_a_compiler_there_is_no_such_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert WrongClock.build(tmp_path) is None


def test_a_compiler_that_fails_is_no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/false")
    assert WrongClock.build(tmp_path) is None
