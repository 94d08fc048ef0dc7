"""How soon the first window stands, against a program that shows nothing but a label."""

import contextlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 2.5
ROUNDS = 20
"""At most; on a quiet machine the second is enough, on a busy one the best of many is what counts."""

LABEL = """
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("hello")
label.resize(540, 960)
label.show()
app.processEvents()
print("up", flush=True)
"""


def label_s() -> float:
    """Return how long a bare label takes, from the start of its process to its first paint."""
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", LABEL], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return time.perf_counter() - started


def kiosk_s(folder: Path) -> float:
    """Return how long the kiosk takes until its hand is there, which it is as soon as the window is painted."""
    hand = folder / "hand"
    # As it is installed: under "-m" PySide's own import takes 34 ms more, 40 instead of 6 in its signature parser.
    program = str(Path(sys.executable).with_name("atrium-kiosk"))
    command = [program, "run", "--camera", "none", "--window", "540x960", "--hand", str(hand)]
    folders = ["--data", str(folder / "data"), "--keys", str(folder / "keys")]
    started = time.perf_counter()
    with subprocess.Popen([*command, *folders], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while True:
            assert process.returncode is None
            try:
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(str(hand))
                    break
            except (FileNotFoundError, ConnectionRefusedError):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.002)
        took = time.perf_counter() - started
        process.send_signal(signal.SIGTERM)
        return took


def test_first_window_within_two_and_a_half_labels() -> None:
    """The best of some, taken turn by turn, so that both meet the same machine."""
    labels, kiosks = [], []
    for _ in range(ROUNDS):
        labels.append(label_s())
        with tempfile.TemporaryDirectory(prefix="first") as folder:
            kiosks.append(kiosk_s(Path(folder)))
        if len(kiosks) > 1 and min(kiosks) <= LIMIT * min(labels):
            return
    assert min(kiosks) <= LIMIT * min(labels), f"kiosk {min(kiosks):.3f} s, label {min(labels):.3f} s"
