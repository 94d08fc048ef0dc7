"""The layers stand as import contracts, they hold, and each of them can break."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.project import PACKAGES, ROOT, environment_without_coverage, pyproject

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

# For each contract an import that it forbids, as the module it is written in and the line. Where a module is missing
# it is made.
FORBIDDEN = {
    "kiosk, server and demo are strangers": ("kiosk_app.ui.wrong", "import kiosk_server"),
    "the protocol knows none of those who speak it": ("kiosk_protocol.wrong", "import kiosk_app.core"),
    "the kiosk cannot issue what it verifies": ("kiosk_app.services.wrong", "import kiosk_protocol.signing"),
    "the kiosk's layers": ("kiosk_app.core.wrong", "import kiosk_app.ui"),
    "the protocol does no IO": ("kiosk_protocol.wrong", "import socket"),
    "rules have no toolkit": ("kiosk_app.core.wrong", "import time"),
    "use cases have no toolkit": ("kiosk_app.services.wrong", "import httpx"),
    "the server's layers": ("kiosk_server.domain.wrong", "import kiosk_server.http"),
    "the server's rules": ("kiosk_server.domain.wrong", "import sqlalchemy"),
    "Qt lives in": ("kiosk_app.camera.wrong", "import PySide6.QtCore"),
    "pictures are read in": ("kiosk_app.ui.wrong", "import cv2"),
    "the browser is driven in": ("demo.wrong", "import selenium"),
    "SQLite lives in": ("kiosk_app.workers.wrong", "import sqlite3"),
    "PostgreSQL lives in": ("kiosk_server.http.wrong", "import psycopg"),
    "the kiosk calls the server in": ("kiosk_app.ui.wrong", "import httpx"),
    "folders of the platform are found in": ("kiosk_app.store.wrong", "import platformdirs"),
    "the web framework lives in": ("kiosk_server.services.wrong", "import fastapi"),
    "tokens are made and read in": ("kiosk_app.services.wrong", "import jwt"),
    "signatures are made and checked in": ("kiosk_app.ui.wrong", "import nacl.signing"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts on the tree in `folder`."""
    return subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=folder,
        env=environment_without_coverage() | {"COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def write_import(folder: Path, module: str, line: str) -> None:
    """Append an import to a module, making it and its packages where they are missing."""
    *packages, _ = module.split(".")
    for depth in range(1, len(packages) + 1):
        package = folder.joinpath(*packages[:depth])
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
    with folder.joinpath(*module.split(".")).with_suffix(".py").open("a") as file:
        file.write(f"{line}\n")


def test_the_contracts_hold() -> None:
    """Nothing in the tree imports what its layer may not."""
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_can_break(tmp_path: Path) -> None:
    """An import that a contract forbids turns that contract red: none is there for show."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, line in FORBIDDEN.values():
        write_import(tmp_path, module, line)
    result = lint(tmp_path)
    names = [contract["name"] for contract in pyproject()["tool"]["importlinter"]["contracts"]]
    assert len(names) == len(FORBIDDEN)
    for name in names:
        assert name.startswith(tuple(FORBIDDEN)), f"no forbidden import is known for: {name}"
        assert re.search(rf"{re.escape(name)} BROKEN", result.stdout), result.stdout + result.stderr
