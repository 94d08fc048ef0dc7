"""How OpenCV is loaded."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("surrounding", [None, "/opt/lib"])
def test_child_processes_keep_their_library_path(surrounding: str | None) -> None:
    """OpenCV's loader changes where children look for libraries; the kiosk undoes it. One thread is enough."""
    surroundings = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    if surrounding is not None:
        surroundings["LD_LIBRARY_PATH"] = surrounding
    program = (
        "import os; from kiosk_app.camera.opencv import cv2;"
        "print(os.environ.get('LD_LIBRARY_PATH'), cv2.getNumThreads())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60, env=surroundings
    )
    assert done.stdout.split() == [str(surrounding), "1"]
