"""One wheel and one installation of it for the whole run."""

import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, environment_without_coverage


@dataclass(frozen=True, slots=True)
class Installation:
    """A virtual environment that has the wheel, the libraries of this one, and no way to the source tree."""

    prefix: Path

    def program(self, name: str) -> Path:
        """Return the path of an installed program."""
        return self.prefix / "bin" / name

    def environment(self) -> dict[str, str]:
        """Return the environment for a program that shows no window and is not measured."""
        kept = environment_without_coverage()
        kept.pop("PYTHONPATH", None)
        return kept | {"QT_QPA_PLATFORM": "offscreen"}

    def python(self, code: str, folder: Path) -> str:
        """Run code in `folder` and return what it prints."""
        command: list[str | Path] = [self.program("python"), "-c", code]
        done = subprocess.run(command, cwd=folder, env=self.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the tree as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    command: list[str | Path] = [sys.executable, ROOT / "packaging" / "build_wheel.py", folder]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return Path(built.stdout.strip())


@pytest.fixture(scope="session")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel, installed."""
    prefix = tmp_path_factory.mktemp("installed") / "atrium kiosk"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        prefix / "bin" / "python",
        "install",
        "--quiet",
        "--no-index",
    ]
    command += ["--disable-pip-version-check", "--root-user-action=ignore", "--no-deps", wheel]
    subprocess.run(command, check=True, capture_output=True, text=True)
    # As a path file, not by PYTHONPATH: the files of that folder that would lead to the source tree are not followed.
    own = Path(sysconfig.get_path("purelib", vars={"base": str(prefix)}))
    (own / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return Installation(prefix)
