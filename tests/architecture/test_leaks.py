"""The guard of `tests/conftest.py` sees what a test leaves behind."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.project import ROOT, environment_without_coverage

LEAKS = """
import threading
from PySide6.QtWidgets import QLabel

kept = []

def test_thread():
    threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()

def test_window(qapp):
    kept.append(QLabel("forgotten"))
    kept[0].show()

def test_tidy():
    thread = threading.Thread(target=int)
    thread.start()
"""


def test_a_thread_and_a_window_left_behind_fail_their_test(tmp_path: Path) -> None:
    """Each leak is an error of the test that caused it, by name; a thread that comes home is none."""
    (tmp_path / "test_leaks.py").write_text(LEAKS)
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment_without_coverage() | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed, 2 errors" in result.stdout, result.stdout + result.stderr
    assert "threads left running" in result.stdout
    assert "forgotten" in result.stdout
    assert "windows left open" in result.stdout
