"""The pinned PySide6 does not have the defect that ends Python 3.11 after some hundred signals."""

import subprocess
import sys

from tests.architecture.project import environment_without_coverage

# PySide6 6.12.0 drops a reference to True at each emit and aborts CPython 3.11 after about 570. In a process of its
# own, since that is what would die.
EMITS = 5_000
PROGRAM = f"""
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

class Sender(QObject):
    happened = Signal(bool)

class Receiver(QObject):
    def __init__(self):
        super().__init__()
        self.seen = 0

    @Slot(bool)
    def count(self, flag):
        self.seen += flag

application = QCoreApplication([])
sender, direct, queued = Sender(), Receiver(), Receiver()
sender.happened.connect(direct.count)
sender.happened.connect(queued.count, Qt.ConnectionType.QueuedConnection)
for _ in range({EMITS}):
    sender.happened.emit(True)
application.processEvents()
print(direct.seen, queued.seen)
"""


def test_thousands_of_signals_leave_python_alive() -> None:
    """Each of 5,000 signals with a bool arrives, at once and through the queue, and the process ends by itself."""
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment_without_coverage() | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout.split()) == (0, [str(EMITS), str(EMITS)]), result.stderr
