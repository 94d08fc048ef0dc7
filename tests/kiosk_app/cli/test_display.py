"""Without a display the window cannot open, and whoever started it reads why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("platform", ["xcb", "no-such-platform"])
def test_without_a_display_it_says_so_in_one_sentence(tmp_path: Path, platform: str) -> None:
    """No abort, no core dump, no list of plug-ins; the same exit status as for other settings."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}} | {
        "QT_QPA_PLATFORM": platform
    }
    folders = ["--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys")]
    command = [sys.executable, "-m", "kiosk_app", "run", *folders, "--camera", "none", "--window", "540x960"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("atrium-kiosk: No display can be reached")
    assert ended.stderr.endswith("[APP-1]\n")
    assert ended.stderr.count("\n") == 1
