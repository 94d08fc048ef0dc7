"""The operator's command line, in this process, against a database of the test's own."""

import json
import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk_server.cli.main import run
from kiosk_server.postgres import ConnectionAddress

Atrium = Callable[..., Any]


@pytest.fixture
def shell(database: ConnectionAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An environment for commands: a database, a data folder; signals, umask and log level put back after."""
    monkeypatch.setenv("DATABASE_URL", database.url())
    monkeypatch.setenv("ATRIUM_SERVER_DATA", str(tmp_path / "data"))
    umask, level, handler = os.umask(0o022), logging.getLogger().level, signal.getsignal(signal.SIGTERM)
    yield tmp_path / "data"
    os.umask(umask)
    logging.getLogger().setLevel(level)
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def atrium(shell: Path, capsys: pytest.CaptureFixture[str]) -> Atrium:
    """``atrium("site", "list")`` runs the command with --json and returns what it printed."""

    def call(*arguments: str) -> Any:
        assert run([*arguments, "--json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    return call


def fill(atrium: Atrium) -> str:
    atrium("tenant", "create", "--slug", "acme", "--name", "Acme")
    site = atrium("site", "create", "--name", "House", "--time-zone", "Europe/Vienna", "--early-minutes", "30")
    return str(site["siteId"])
