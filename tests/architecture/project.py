"""Where the project is, and what it says of itself; shared by the tests of the whole tree."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kiosk_protocol", "kiosk_app", "kiosk_server", "demo")


def pyproject() -> dict[str, Any]:
    """Return `pyproject.toml`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def project_files() -> list[Path]:
    """Return the files git tracks or would track, as paths from the root."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [Path(name) for name in listed if name and (ROOT / name).is_file()]


def environment_without_coverage() -> dict[str, str]:
    """Return the environment for a child process whose run is not to be counted as the project's own."""
    return {name: value for name, value in os.environ.items() if not re.match("COV(ERAGE)?_", name)}
