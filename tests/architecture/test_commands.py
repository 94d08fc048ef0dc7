"""The newcomer's commands say what is missing and do not start what cannot end well.

What they do when all goes well is tried by `./check bare-debian`, in a system that really is bare.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.project import ROOT

# Stand-ins for a Debian that lacks one library, its package manager, and a person who is not root.
SYSTEM = {
    "id": "echo 1000",
    "dpkg-query": 'case "$*" in *libzbar0*) exit 1 ;; *) printf installed ;; esac',
    "sudo": "exit 1",
    "apt-get": "echo called >&2; exit 1",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the commands and what they read."""
    folder = tmp_path / "atrium kiosk"
    folder.mkdir()
    for name in ("packaging", "requirements"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("run", "check", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def call(folder: Path, *command: str, system: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command without a terminal, with these programs in front of the machine's own."""
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    for name, script in (system or {}).items():
        path = programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
    return subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", ["./run", "./check"])
def test_without_root_the_missing_packages_are_named(checkout: Path, command: str) -> None:
    """Neither root nor sudo and a library missing: it is named, nothing is touched, exit 2."""
    result = call(checkout, command, system=SYSTEM)
    assert result.returncode == 2
    assert "these system packages are missing: libzbar0." in result.stderr
    assert "apt-get install --no-install-recommends libzbar0" in result.stderr
    assert "called" not in result.stderr
    assert not (checkout / ".venv").exists()


def test_packages_that_cannot_be_installed_end_the_setup(checkout: Path) -> None:
    """apt-get fails twice: its own words are shown, then what to do by hand, exit 2."""
    result = call(checkout, "./run", system=SYSTEM | {"sudo": '[ "$1" = -n ] || exec "$@"'})
    assert result.returncode == 2
    assert "called" in result.stderr
    assert "the system packages could not be installed" in result.stderr
    assert not (checkout / ".venv").exists()


def test_an_environment_of_somebody_else_is_left_alone(checkout: Path) -> None:
    """A `.venv` that these commands did not make and cannot use is neither used nor deleted."""
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "precious").touch()
    result = call(checkout, "./run", system={"dpkg-query": "printf installed"})
    assert result.returncode == 2
    assert "Move it away" in result.stderr
    assert (checkout / ".venv" / "precious").exists()


def test_an_unknown_word_is_answered_with_the_words_there_are(checkout: Path) -> None:
    """`./check something` explains itself and sets nothing up."""
    result = call(checkout, "./check", "something")
    assert result.returncode == 2
    assert "./check lint|types|imports" in result.stdout
    assert not (checkout / ".venv").exists()
