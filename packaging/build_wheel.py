"""Builds the wheel with what the lock pins, offline: `.venv/bin/python packaging/build_wheel.py [FOLDER]`.

From a copy of the files that git knows or would know, so that nothing stale in `build/` can slip in and nothing is left
in the tree. The same files of the same commit give the same wheel, byte by byte: its times are the commit's, and so is
the moment before which the installed kiosk believes no clock (`ATRIUM_BUILD_TIME` in its unit).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KIOSK_UNIT = Path("packaging/systemd/atrium-kiosk.service")
BUILD_TIME = re.compile(r"^Environment=ATRIUM_BUILD_TIME=.*$", re.MULTILINE)


def build(folder: Path) -> Path:
    """Build into `folder` and return the wheel. Raises subprocess.CalledProcessError; pip says why."""
    committed_at_s = int(_git("log", "-1", "--format=%ct").strip())
    with tempfile.TemporaryDirectory(prefix="atrium-wheel-") as work:
        source, target = Path(work, "source"), Path(work, "wheel")
        _copy_project(source)
        _write_build_time(source / KIOSK_UNIT, datetime.fromtimestamp(committed_at_s, UTC))
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
        command += ["--disable-pip-version-check", "--wheel-dir", str(target), str(source)]
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(committed_at_s)}
        subprocess.run(command, cwd=work, env=environment, check=True)
        (wheel,) = target.iterdir()
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(wheel, folder / wheel.name))


def _git(*arguments: str) -> str:
    # The checkout may belong to somebody else than the one who builds, as in CI.
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def _copy_project(target: Path) -> None:
    for name in _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            # Its permissions are the same for everybody, whatever the umask of whoever cloned.
            shutil.copyfile(ROOT / name, target / name)
            (target / name).chmod(0o644)


def _write_build_time(unit: Path, moment: datetime) -> None:
    text, count = BUILD_TIME.subn(f"Environment=ATRIUM_BUILD_TIME={moment:%Y-%m-%dT%H:%M:%SZ}", unit.read_text())
    if count != 1:
        raise ValueError(f"{unit.name} names no single build time")
    unit.write_text(text)


def main() -> None:
    """Build into the folder named, or `dist/`."""
    if len(sys.argv) > 2:
        sys.exit("usage: python packaging/build_wheel.py [FOLDER]")
    print(build(Path(sys.argv[1] if len(sys.argv) == 2 else ROOT / "dist")))


if __name__ == "__main__":
    main()
