"""The units are closed as far as the programs allow, by systemd's own measure, and start what is installed."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk_server.settings import MASTER_KEY_CREDENTIAL
from tests.architecture.project import ROOT, pyproject

UNITS = ("atrium-kiosk.service", "atrium-server.service")
FOLDER = ROOT / "packaging" / "systemd"
PREFIX = "/opt/atrium-kiosk/bin/"
EXPOSURE = re.compile(r"Overall exposure level for \S+: ([0-9.]+)")
MOST = "20"  # tenths; the scale ends at 10.0

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed: apt-get install systemd"
)


def analyze(unit: Path) -> subprocess.CompletedProcess[str]:
    """Let systemd judge the unit by itself, without one that runs."""
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST}", "--no-pager", str(unit)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def settings(name: str, key: str) -> list[str]:
    """Return the values of a key in the order they stand in."""
    lines = (FOLDER / name).read_text().splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_a_unit_leaves_little_open(name: str) -> None:
    """An exposure of at most 2.0 of 10, and systemd knows every directive that is written there."""
    result = analyze(FOLDER / name)
    exposure = EXPOSURE.search(result.stdout)
    assert exposure, result.stderr
    assert float(exposure[1]) <= int(MOST) / 10
    assert result.returncode == 0, result.stdout
    assert "Unknown" not in result.stderr, result.stderr


@needs_systemd
def test_systemd_knows_every_directive_of_the_screens_unit() -> None:
    """It has no limit to keep, for it opens the graphics card; a misspelt directive would be passed over in silence."""
    result = analyze(FOLDER / "atrium-display.service")
    assert EXPOSURE.search(result.stdout), result.stderr
    assert "Unknown" not in result.stderr, result.stderr


@needs_systemd
def test_an_open_unit_is_told_apart(tmp_path: Path) -> None:
    """The measure can fail: without the restrictions the same program is far beyond the limit."""
    unit = tmp_path / "open.service"
    unit.write_text(f"[Service]\nExecStart={PREFIX}atrium-kiosk run\n")
    assert analyze(unit).returncode != 0


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_an_installed_program_with_options_it_knows(name: str) -> None:
    """The command is one of the project's, and its folders are those the unit makes and may write to."""
    (command,) = settings(name, "ExecStart")
    words = shlex.split(command)
    assert words[0].removeprefix(PREFIX) in pyproject()["project"]["scripts"]
    made = {f"/var/lib/{folder}" for value in settings(name, "StateDirectory") for folder in value.split()}
    assert {word for word in words if word.startswith("/var/")} == made


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_comes_back_whatever_happens(name: str) -> None:
    """A kiosk in a lobby has nobody to start it again: it is restarted always, and never given up."""
    assert settings(name, "Restart") == ["always"]
    assert settings(name, "StartLimitIntervalSec") == ["0"]


@pytest.mark.parametrize("name", UNITS)
def test_the_users_of_the_units_are_made(name: str) -> None:
    """Each unit runs as a user of its own that systemd-sysusers makes."""
    (user,) = settings(name, "User")
    assert re.search(rf"^u {user} +- ", (FOLDER / "atrium.conf").read_text(), re.MULTILINE)


def test_the_servers_unit_hands_over_the_credential_that_the_server_reads() -> None:
    """Named without a path it is looked for in the credential stores, and may be absent."""
    assert settings("atrium-server.service", "LoadCredential") == [MASTER_KEY_CREDENTIAL]


def test_the_kiosk_looks_for_its_screen_where_the_screens_unit_puts_it() -> None:
    """One socket, named by both; the window needs no other way to the devices."""
    (command,) = settings("atrium-display.service", "ExecStart")
    folder = settings("atrium-display.service", "RuntimeDirectory")[0]
    (name,) = re.findall(r"--socket=(\S+)", command)
    assert f"WAYLAND_DISPLAY=/run/{folder}/{name}" in " ".join(settings("atrium-kiosk.service", "Environment"))
    assert settings("atrium-display.service", "User") == settings("atrium-kiosk.service", "User")
