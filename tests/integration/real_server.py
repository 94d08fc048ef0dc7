"""A real ``atrium-server serve`` and what its operators do at a terminal."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

START_S = 120.0
STOP_S = 60.0


class RealServer:
    """A server process with a data folder of its own; may be stopped and started again. ``options`` are for serve."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self._options = options
        self._environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it says that it is ready."""
        command = [sys.executable, "-m", "kiosk_server", "serve", "--data", str(self.data), *self._options]
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
        )
        latest = time.monotonic() + START_S
        pause = Event()
        while not (self.data / "server.json").exists():
            assert self._child.poll() is None, "the server ended"
            assert time.monotonic() < latest, "the server did not become ready"
            pause.wait(0.05)

    def stop(self) -> None:
        """Tell it to stop and wait for it."""
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            self._child.wait(STOP_S)
            self._child = None

    def command(self, *arguments: str) -> dict[str, Any]:
        """Run an operator's command on the same data folder."""
        command = [sys.executable, "-m", "kiosk_server", *arguments, "--json", "--data", str(self.data)]
        done = subprocess.run(command, capture_output=True, check=False, env=self._environment, timeout=START_S)
        assert done.returncode == 0, done.stderr.decode()
        return dict(json.loads(done.stdout))

    def register(self, site: str, name: str = "Ada Lovelace", *details: str) -> dict[str, Any]:
        """Register a visit that is on now; ``details`` are further options."""
        now = datetime.now(UTC)
        moments = [
            moment.isoformat(timespec="seconds") for moment in (now - timedelta(minutes=5), now + timedelta(hours=2))
        ]
        return self.command(
            "visit",
            "create",
            "--site",
            site,
            "--visitor-name",
            name,
            "--arrival",
            moments[0],
            "--departure",
            moments[1],
            *details,
        )
