"""The server as its operators use it: a process that serves, and the commands that fill it."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from demo.children import Child, run_to_end
from demo.programs import program

_READY_S = 60.0
_COMMAND_S = 60.0


class CommandError(Exception):
    """A command of the server refused."""


@dataclass(frozen=True, slots=True)
class Window:
    """An open pairing window."""

    digits: str
    setup_code: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """A registered visit and the code its visitor shows."""

    visit: str
    visitor_name: str
    token: str
    png: Path
    departure: datetime


class Server:
    """One server with its data in a folder of its own."""

    def __init__(self, folder: Path, port: int, public_url: str, options: Sequence[str] = ()) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._port = port
        self._public_url = public_url
        self._options = tuple(options)
        self._child: Child | None = None
        self._environment = os.environ | {"ATRIUM_SERVER_DATA": str(folder / "data"), "PYTHONUNBUFFERED": "1"}

    @property
    def own_url(self) -> str:
        """Its address past the cable, for browsers beside it."""
        return f"https://127.0.0.1:{self._port}"

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    def start(self) -> None:
        """Start serving, and wait until it says so."""
        notice = self.data / "server.json"
        command = [program("atrium-server"), "serve", "--port", str(self._port), "--public-url", self._public_url]
        command += self._options
        self._child = Child("the server", command, self.folder / "server.log", self._environment)
        self._child.expect("serve", notice.exists, _READY_S)

    def stop(self) -> None:
        """Stop serving; PostgreSQL goes with it."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._child is not None and self._child.is_running()

    def command(self, *arguments: str) -> Any:
        """Run ``atrium-server ARGUMENTS --json`` and return its answer.

        Raises:
            CommandError: it refused; carries its sentence.
        """
        process = run_to_end([program("atrium-server"), *arguments, "--json"], self._environment, _COMMAND_S)
        if process.returncode != 0:
            complaint = process.stderr.strip() or process.stdout.strip()
            raise CommandError(f"atrium-server {' '.join(arguments[:2])}: {complaint}")
        return json.loads(process.stdout)

    def open_window(self, tenant: str, site: str) -> Window:
        """Open a pairing window for ``site``."""
        answer = self.command("kiosk", "window", "--tenant", tenant, "--site", site)
        return Window(answer["code"], answer["setupCode"])

    def invite(
        self, arguments: Sequence[str], name: str, png: Path, arrival: datetime, departure: datetime
    ) -> Invitation:
        """Register a visit; its code is written to ``png`` and, as a drawing, beside it."""
        answer = self.command(
            "visit",
            "create",
            *arguments,
            "--visitor-name",
            name,
            "--arrival",
            arrival.isoformat(),
            "--departure",
            departure.isoformat(),
            "--qr-png",
            str(png),
            "--qr-svg",
            str(png.with_suffix(".svg")),
        )
        return Invitation(answer["visitId"], name, answer["token"], png, departure)
