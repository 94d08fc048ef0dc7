"""The real kiosk with three gauges: turns of its event loop, requests for batches, and syncs given to a stalling disk.

    python -m benchmarks.drain_kiosk GAUGES WIRE ARGUMENTS OF atrium-kiosk run …

GAUGES is the folder that the readings go to when the kiosk ends; WIRE the descriptor for the disk, or -1. The kiosk
itself is what `atrium-kiosk run` is: nothing of it is replaced, two functions are watched.
"""

import socket
import sys
import time
from array import array
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final
from unittest.mock import patch

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from benchmarks.stalling_disk import hand_syncs_over
from kiosk_app.cli import run
from kiosk_app.cli.main import main as kiosk
from kiosk_app.core.journey import Errands
from kiosk_app.core.server_answers import Failure
from kiosk_app.server_api.paired_server import PairedServer
from kiosk_app.ui.application import WindowSettings, run_window
from kiosk_app.ui.journey_controller import JourneyController
from kiosk_protocol.messages import Batch, BatchAnswer

TURN_MS: Final = 5
TURNS_FILE: Final = "turns"
"""Seconds of the monotonic clock at which the event loop turned, as doubles."""
BATCHES_FILE: Final = "batches"
"""Three doubles a batch: asked at, answered at, items answered (0 where there was no answer)."""


class Pulse(QObject):
    """Asks the event loop for a turn every five milliseconds and notes when it came. Lives in the window's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = array("d")
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TURN_MS)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    @Slot()
    def _turn(self) -> None:
        self.turns.append(time.monotonic())


def main() -> int:
    """Run the kiosk to its end, then write the readings down."""
    folder, wire = Path(sys.argv[1]), int(sys.argv[2])
    if wire >= 0:
        with socket.socket(fileno=wire) as connection:
            hand_syncs_over(connection)
    turns, batches = array("d"), array("d")
    with (
        patch.object(run, "run_window", _watched_window(run_window, turns)),
        patch.object(PairedServer, "check_in", _watched_batches(PairedServer.check_in, batches)),
    ):
        try:
            return kiosk(["run", *sys.argv[3:]])
        finally:
            for name, readings in ((TURNS_FILE, turns), (BATCHES_FILE, batches)):
                (folder / name).write_bytes(readings.tobytes())


def _watched_window(open_window: Callable[..., int], turns: "array[float]") -> Callable[..., int]:
    """Return ``open_window`` with a pulse from the moment the workers start."""

    def watched(
        errands: Errands,
        clock: Callable[[], datetime],
        settings: WindowSettings,
        start_workers: Callable[[JourneyController], None],
        stop_workers: Callable[[], None],
    ) -> int:
        pulses: list[Pulse] = []

        def start(controller: JourneyController) -> None:
            pulses.append(Pulse())
            pulses[0].start()
            start_workers(controller)

        try:
            return open_window(errands, clock, settings, start, stop_workers)
        finally:
            for pulse in pulses:
                turns.extend(pulse.turns)

    return watched


def _watched_batches(
    hand_over: Callable[[PairedServer, Batch], BatchAnswer | Failure], batches: "array[float]"
) -> Callable[[PairedServer, Batch], BatchAnswer | Failure]:
    def watched(server: PairedServer, batch: Batch) -> BatchAnswer | Failure:
        begin = time.monotonic()
        answer = hand_over(server, batch)
        taken = len(answer.results) if isinstance(answer, BatchAnswer) else 0
        batches.extend((begin, time.monotonic(), taken))
        return answer

    return watched


if __name__ == "__main__":
    sys.exit(main())
