"""The wheel holds the three packages, whole, and nothing else; from it both programs work, wherever they are called."""

import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.hand import Hand
from demo.waiting import wait_until
from tests.architecture.project import ROOT, project_files
from tests.packaging.conftest import Installation

PACKAGES = ("kiosk_protocol", "kiosk_app", "kiosk_server")
BESIDE = {  # by the prefix of the installation: what the desktop and systemd look for
    "share/icons/hicolor/scalable/apps/atrium-kiosk.svg": "assets/atrium-kiosk.svg",
    "share/applications/atrium-kiosk.desktop": "packaging/atrium-kiosk.desktop",
    "lib/systemd/system/atrium-display.service": "packaging/systemd/atrium-display.service",
    "lib/systemd/system/atrium-kiosk.service": "packaging/systemd/atrium-kiosk.service",
    "lib/systemd/system/atrium-server.service": "packaging/systemd/atrium-server.service",
    "lib/sysusers.d/atrium.conf": "packaging/systemd/atrium.conf",
}
WINDOW_S = 60.0
MIGRATE_S = 120.0


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose name leaves room for a socket's, which ends at 107 characters."""
    with tempfile.TemporaryDirectory(prefix="wheel-") as name:
        yield Path(name)


@contextmanager
def running_kiosk(installation: Installation, folder: Path) -> Iterator[Hand]:
    """Run the installed kiosk from `folder` and lend a hand at its window."""
    command: list[str | Path] = [
        installation.program("atrium-kiosk"),
        "run",
        "--data",
        "data",
        "--keys",
        "keys",
        "--camera",
        "none",
    ]
    command += ["--window", "540x960", "--hand", "hand"]
    hand = Hand(folder / "hand")
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, cwd=folder, env=installation.environment(), stdout=log, stderr=log) as kiosk,
    ):
        try:
            wait_until(lambda: hand.is_there() or kiosk.poll() is not None, WINDOW_S)
            assert kiosk.poll() is None, (folder / "log").read_text()
            yield hand
        finally:
            kiosk.terminate()
    assert kiosk.returncode == 0, (folder / "log").read_text()


def test_the_packages_are_in_it_whole_and_nothing_else(wheel: Path) -> None:
    """Each file of the packages that git knows or would know is in the wheel: modules, migrations, icon, templates.

    Tests, benchmarks and the demo, which runs in a clone, are not.
    """
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name and ".data/" not in name}
    assert packed == {str(path) for path in project_files() if path.parts[0] in PACKAGES}


def test_every_package_says_that_it_is_typed(wheel: Path) -> None:
    """A program that uses one of them is checked against its annotations (PEP 561)."""
    with zipfile.ZipFile(wheel) as archive:
        assert {f"{package}/py.typed" for package in PACKAGES} <= set(archive.namelist())


def test_what_belongs_to_the_system_lies_below_the_prefix(installation: Installation) -> None:
    """Icon, desktop entry, units and users stand where the desktop and systemd know such things."""
    for installed, source in BESIDE.items():
        theirs = (installation.prefix / installed).read_text()
        # In the unit the build writes its moment.
        theirs = re.sub("ATRIUM_BUILD_TIME=.*", "ATRIUM_BUILD_TIME=2026-01-01T00:00:00Z", theirs)
        assert theirs == (ROOT / source).read_text(), installed


def test_the_installed_unit_knows_when_it_was_built(installation: Installation) -> None:
    """The floor of the kiosk's time is the commit's: a clock set back by years is noticed at the first start."""
    unit = (installation.prefix / "lib/systemd/system/atrium-kiosk.service").read_text()
    shown = ["git", "-c", "safe.directory=*", "log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd"]
    moment = subprocess.run(
        shown, cwd=ROOT, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"}, check=True, capture_output=True, text=True
    )
    assert f"\nEnvironment=ATRIUM_BUILD_TIME={moment.stdout.strip()}\n" in unit


def test_the_programs_come_from_the_installation(installation: Installation, tmp_path: Path) -> None:
    """The tests below try the wheel and not the source tree."""
    code = "import kiosk_app, kiosk_protocol, kiosk_server\n"
    code += "for package in (kiosk_app, kiosk_protocol, kiosk_server): print(package.__file__)"
    assert installation.python(code, tmp_path).count(str(installation.prefix)) == 3
    assert installation.python("import importlib.util as u; print(u.find_spec('demo'))", tmp_path).strip() == "None"


def test_the_icon_is_drawn(installation: Installation, tmp_path: Path) -> None:
    """The program's icon is the product's: its ground has the brand's colour, its corner is empty."""
    code = """
from kiosk_app.ui.application import _application
app = _application()
picture = app.windowIcon().pixmap(64, 64).toImage()
print(picture.pixelColor(32, 10).name(), picture.pixelColor(0, 0).alpha(), app.desktopFileName())
"""
    assert installation.python(code, tmp_path).split() == ["#1f5f57", "0", "atrium-kiosk"]


def test_the_window_opens_and_speaks_its_languages(installation: Installation, short_folder: Path) -> None:
    """From any working folder: style, glyphs and the texts of all three languages are there."""
    with running_kiosk(installation, short_folder) as hand:
        view = hand.wait_for("Unpaired", seconds=WINDOW_S)
        assert view.says("Connect this kiosk")
        for language, title in (("de", "Terminal verbinden"), ("ar", "ربط هذا الجهاز")):
            for control in ("choose-language", f"language-{language}", "language-done"):
                hand.tap(control)
            assert hand.look().says(title)
        hand.take_screenshot(short_folder / "arabic.png")
    assert (short_folder / "arabic.png").stat().st_size > 5_000
    assert "fonts" not in (short_folder / "log").read_text()


def test_the_database_is_made_by_the_installed_migrations(installation: Installation, short_folder: Path) -> None:
    """`atrium-server migrate` starts the embedded PostgreSQL, makes the schema, and leaves nothing running."""
    command: list[str | Path] = [installation.program("atrium-server"), "migrate", "--data", "data", "--json"]
    environment = installation.environment() | {"TMPDIR": str(short_folder)}
    done = subprocess.run(
        command, cwd=short_folder, env=environment, capture_output=True, text=True, check=False, timeout=MIGRATE_S
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"migrated": True}
    assert not (short_folder / "data/postgres/cluster/postmaster.pid").exists()
