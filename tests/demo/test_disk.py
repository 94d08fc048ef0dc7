"""Pulling the power: what was synced is there afterwards, what was only written is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.disk import Disk

# In a process of its own, because the disk takes the process into a mount namespace of its own.
PROGRAM = """
import os, sys
from pathlib import Path
from demo.disk import Disk
folder = Path(sys.argv[1])
disk = Disk.make(folder)
if disk is None:
    print("not here")
    sys.exit()
descriptor = os.open(disk.root / "synced", os.O_CREAT | os.O_WRONLY)
os.write(descriptor, b"kept")
os.fsync(descriptor)
os.write(descriptor, b", and this not")
os.close(descriptor)
(disk.root / "unsynced").write_text("gone")
assert (disk.root / "synced").read_text() == "kept, and this not"
disk.pull_power()
try:
    (disk.root / "late").write_text("x")
except OSError:
    print("dead")
disk.give_power()
late = disk.root / "unsynced"
print((disk.root / "synced").read_text(), late.exists() and late.read_text(), (disk.root / "late").exists())
disk.close()
print(os.path.ismount(disk.root))
"""


def test_only_what_was_synced_survives(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=True, timeout=120
    )
    lines = done.stdout.splitlines()
    if lines == ["not here"]:
        pytest.skip("no root, no loop device or no mkfs.ext4 here")
    assert lines[0] == "dead"
    assert lines[1] in {"kept False False", "kept  False"}  # the file's name may have come through, its bytes never
    assert lines[2] == "False"
    # The mount was in the other process's own namespace, and is gone.
    assert "disk.img" not in Path("/proc/self/mountinfo").read_text()
    assert not os.path.ismount(tmp_path / "disk")


def test_without_root_there_is_no_such_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert Disk.make(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
