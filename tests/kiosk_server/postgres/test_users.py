"""Root, who must not run PostgreSQL, and normal users, who run it as themselves."""

import contextlib
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from kiosk_server.postgres import Durability, EmbeddedPostgres
from kiosk_server.postgres.accounts import SERVICE_ACCOUNT, service_account
from kiosk_server.postgres.binaries import INSTALLATION, LIBRARIES, Binaries, wheel_binaries
from kiosk_server.postgres.errors import BinariesUnusableError
from kiosk_server.postgres.processes import read_postmaster
from tests.kiosk_server.postgres.conftest import HOLDER, PROJECT, family

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users at hand")
NOBODY = 65534


def user_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def users_of(pids: Iterable[int]) -> set[int]:
    """Return who runs these processes; one that ended since it was listed is nobody's."""
    users = set()
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):
            users.add(user_of(pid))
    return users


@needs_root
def test_root_runs_it_as_a_system_user_behind_closed_doors(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """Under parents that are root's alone it runs as the system user, and the parents stay closed."""
    data_folder.parent.chmod(0o700)
    with psycopg.connect(embedded.start().url()) as connection:
        connection.execute("CREATE TABLE door AS SELECT 'north' AS name")
    postmaster = read_postmaster(data_folder / "cluster")
    assert postmaster is not None
    expected = pwd.getpwnam(SERVICE_ACCOUNT).pw_uid
    assert users_of(family(postmaster.pid)) == {expected}
    assert Path(f"/proc/{postmaster.pid}/status").read_text().count("CapEff:\t0000000000000000") == 1
    assert stat.S_IMODE(data_folder.parent.stat().st_mode) == 0o700
    assert data_folder.stat().st_uid == 0
    assert (data_folder / "cluster").stat().st_uid == expected


@needs_root
def test_root_in_a_closed_environment_runs_a_copy(data_folder: Path, public_folder: Path) -> None:
    """Programs in an environment that is root's alone are copied once; the environment stays closed."""
    wheel = wheel_binaries()
    closed = Binaries(data_folder.parent / "environment", wheel.release)
    for part in (INSTALLATION, LIBRARIES):
        shutil.copytree(wheel.tree / part, closed.tree / part)
    closed.tree.chmod(0o700)
    system = public_folder / "atrium-kiosk"
    before = os.umask(0o077)
    try:
        for _ in range(2):
            embedded = EmbeddedPostgres(
                data_folder, durability=Durability.UNSAFE_FOR_TESTS, wheel=closed, system_folder=system
            )
            with embedded as address, psycopg.connect(address.url()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
                postmaster = read_postmaster(data_folder / "cluster")
                assert postmaster is not None
                program = Path(Path(f"/proc/{postmaster.pid}/cmdline").read_text().partition("\0")[0])
            assert program.is_relative_to(system / f"postgresql-{wheel.release}")
    finally:
        os.umask(before)
    assert stat.S_IMODE(closed.tree.stat().st_mode) == 0o700
    assert [path.name for path in system.iterdir()] == [f"postgresql-{wheel.release}"]


@needs_root
def test_copy_that_cannot_be_reached_either(data_folder: Path) -> None:
    """PG-1 when the system's folder is closed too."""
    wheel = wheel_binaries()
    closed = Binaries(data_folder.parent / "environment", wheel.release)
    for part in (INSTALLATION, LIBRARIES):
        shutil.copytree(wheel.tree / part, closed.tree / part)
    data_folder.parent.chmod(0o700)
    with pytest.raises(BinariesUnusableError, match="Permission denied"):
        EmbeddedPostgres(data_folder, wheel=closed, system_folder=data_folder.parent / "system").start()


@needs_root
def test_system_user_is_made_without_home_and_shell() -> None:
    """An absent system user is made, can own nothing in /home and cannot log in; a present one is only looked up."""
    name = f"atrium-test-{os.getpid()}"
    try:
        account = service_account(name)
        entry = pwd.getpwnam(name)
        assert service_account(name) == account
    finally:
        subprocess.run(["/usr/sbin/userdel", name], check=True)
    assert (account.uid, account.gid) == (entry.pw_uid, entry.pw_gid)
    assert 0 < account.uid < 1000
    assert entry.pw_shell.endswith("nologin")
    assert not Path(entry.pw_dir).exists()


@pytest.fixture
def normal_home() -> Iterator[Path]:
    """A folder that belongs to the user nobody."""
    home = Path(mkdtemp(prefix="atrium-home-"))
    os.chown(home, NOBODY, NOBODY)
    yield home
    shutil.rmtree(home)


@pytest.fixture
def interpreter() -> str:
    """A Python like ours that a normal user can run (root's own may lie under /root)."""
    for candidate in (sys.executable, "/usr/bin/python3.11"):
        if run_as_nobody([candidate, "-c", "import kiosk_server.postgres"]).returncode == 0:
            return candidate
    pytest.skip("nobody can run no Python 3.11 with our packages")


def run_as_nobody(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=PROJECT,
            env={"PYTHONPATH": ":".join([str(PROJECT), *filter(None, sys.path)])},
            input="",
            capture_output=True,
            text=True,
            check=False,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
        )
    except PermissionError as error:
        return subprocess.CompletedProcess(command, 126, "", str(error))


@needs_root
def test_normal_user_runs_it_as_himself(interpreter: str, normal_home: Path) -> None:
    """Without root no other user is involved, and no permission outside the data folder is needed."""
    data_folder = normal_home / "postgres"
    done = run_as_nobody([interpreter, "-m", HOLDER, str(data_folder), "command"])
    assert json.loads(done.stdout)["owner"] is True, done.stderr
    owners = {path.stat().st_uid for path in [data_folder, *data_folder.rglob("*")]}
    assert owners == {NOBODY}


@needs_root
def test_root_runs_a_users_cluster_as_its_owner(interpreter: str, normal_home: Path) -> None:
    """A cluster that a normal user made keeps its owner when root looks after it, and he can use it afterwards."""
    data_folder = normal_home / "postgres"
    command = [interpreter, "-m", HOLDER, str(data_folder), "command"]
    assert json.loads(run_as_nobody(command).stdout)["owner"] is True
    with EmbeddedPostgres(data_folder, durability=Durability.UNSAFE_FOR_TESTS):
        postmaster = read_postmaster(data_folder / "cluster")
        assert postmaster is not None
        assert user_of(postmaster.pid) == NOBODY
    assert json.loads(run_as_nobody(command).stdout)["owner"] is True


@needs_root
def test_normal_user_is_refused_in_roots_folder(interpreter: str, normal_home: Path) -> None:
    """PG-8 with the owner's number when a user is given root's data folder."""
    data_folder = normal_home / "postgres"
    with EmbeddedPostgres(data_folder, durability=Durability.UNSAFE_FOR_TESTS):
        pass
    said = json.loads(run_as_nobody([interpreter, "-m", HOLDER, str(data_folder), "command"]).stdout)
    assert said["code"] == "PG-8"
    assert "belongs to user 0" in said["error"]
