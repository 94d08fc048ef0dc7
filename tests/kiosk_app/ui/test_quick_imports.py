"""What is imported beside PySide costs no more than the import."""

import subprocess
import sys

PROGRAM = """
import linecache
import kiosk_app.ui.application
import cv2, httpx, numpy
print(sum(len(line) for entry in linecache.cache.values() if len(entry) > 1 for line in entry[2]))
"""


def test_sources_are_not_kept_in_memory() -> None:
    """With camera and network loaded beside the window, less than a mebibyte of source text stays behind."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 1_048_576
