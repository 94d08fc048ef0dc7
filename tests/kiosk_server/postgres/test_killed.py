"""What stays, and what happens next, when a process is killed at a bad moment."""

import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from kiosk_server.postgres import EmbeddedPostgres, Tenure
from kiosk_server.postgres import embedded as embedded_module
from kiosk_server.postgres.accounts import account_for
from kiosk_server.postgres.binaries import binaries_for, wheel_binaries
from kiosk_server.postgres.cluster import HERE, PID_FILES
from kiosk_server.postgres.errors import HeldElsewhereError
from kiosk_server.postgres.locks import is_held
from kiosk_server.postgres.processes import read_postmaster
from kiosk_server.postgres.waiting import wait_until
from tests.kiosk_server.postgres.conftest import StartHolder, are_gone, family

SOON = timedelta(seconds=10)


def run_as_account(data_folder: Path, command: list[str | Path]) -> subprocess.Popen[bytes]:
    """Run something in the cluster's folder as the user that runs the cluster."""
    account = account_for(data_folder / "cluster")
    as_root = os.geteuid() == 0
    return subprocess.Popen(
        command,
        cwd=data_folder / "cluster",
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        user=account.uid if as_root else None,
        group=account.gid if as_root else None,
        extra_groups=[] if as_root else None,
    )


def test_killed_owner_takes_postgres_along(
    embedded: EmbeddedPostgres, start_holder: StartHolder, data_folder: Path
) -> None:
    """After SIGKILL of its starter no process of PostgreSQL is left within two seconds, and no row is lost."""
    owner = start_holder(Tenure.SERVER)
    with psycopg.connect(embedded.start().url()) as connection:
        connection.execute("CREATE TABLE door AS SELECT 'north' AS name")
    embedded.stop()
    pids = family(owner.postmaster)
    owner.process.kill()
    assert are_gone(pids, within_s=2)
    with psycopg.connect(embedded.start().url()) as connection:
        assert connection.execute("SELECT name FROM door").fetchone() == ("north",)
    assert embedded.is_owner


def test_start_right_after_a_kill_waits_for_the_old_one(embedded: EmbeddedPostgres, start_holder: StartHolder) -> None:
    """A start in the very moment of the kill meets the old PostgreSQL shutting down, and starts after it."""
    owner = start_holder(Tenure.SERVER)
    owner.process.kill()
    owner.process.wait()
    embedded.start()
    assert embedded.is_owner
    assert are_gone({owner.postmaster}, within_s=0)


def test_leftover_that_hangs_is_killed(
    embedded: EmbeddedPostgres, start_holder: StartHolder, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PostgreSQL of a killed starter that does not react is ended by the next start."""
    monkeypatch.setattr(embedded_module, "LEFTOVER_PATIENCE", timedelta(milliseconds=200))
    owner = start_holder(Tenure.SERVER)
    pids = family(owner.postmaster)
    os.kill(owner.postmaster, signal.SIGSTOP)
    owner.process.kill()
    owner.process.wait()
    embedded.start()
    assert are_gone(pids, within_s=0)
    assert embedded.is_owner


def test_unending_postgres_is_killed_by_stop(
    embedded: EmbeddedPostgres, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PostgreSQL that neither reacts to the fast nor to the immediate request is gone after stop all the same."""
    quick = tuple((number, timedelta(milliseconds=50)) for number, _ in embedded_module.ENDING)
    monkeypatch.setattr(embedded_module, "ENDING", quick)
    embedded.start()
    postmaster = read_postmaster(data_folder / "cluster")
    assert postmaster is not None
    pids = family(postmaster.pid)
    os.kill(postmaster.pid, signal.SIGSTOP)
    embedded.stop()
    assert are_gone(pids, within_s=2)
    embedded.start()


def test_kill_during_the_first_start_is_repaired(
    embedded: EmbeddedPostgres, start_holder: StartHolder, data_folder: Path
) -> None:
    """A cluster that was half made when its maker was killed is made again."""
    maker = start_holder(Tenure.SERVER, reads=False)
    assert wait_until((data_folder / "staging" / "PG_VERSION").exists, SOON)
    maker.process.kill()
    maker.process.wait()
    assert not (data_folder / "cluster").exists()
    embedded.start()
    assert embedded.is_owner
    assert not (data_folder / "staging").exists()


@pytest.mark.parametrize("moment", ["staging/PG_VERSION", "cluster/postmaster.pid"])
def test_interrupt_during_the_first_start_leaves_nothing_running(
    start_holder: StartHolder, data_folder: Path, moment: str
) -> None:
    """Ctrl-C while the cluster is made, or while PostgreSQL comes up, ends all processes and frees all locks."""
    starter = start_holder(Tenure.COMMAND, reads=False)
    assert wait_until((data_folder / moment).exists, SOON)
    starter.process.send_signal(signal.SIGINT)
    starter.process.wait()
    assert wait_until(lambda: not is_held(data_folder / "running.lock"), timedelta(seconds=2))
    assert not is_held(data_folder / "lease.lock")


def test_pid_file_with_a_number_of_somebody_else_is_no_obstacle(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """Stale pid files whose number now belongs to another process (after a reboot, in a container) are seen through."""
    embedded.start()
    files = [data_folder / "cluster" / name for name in PID_FILES]
    texts = [file.read_text() for file in files]
    embedded.stop()
    with run_as_account(data_folder, ["/bin/cat"]) as somebody:
        for file, text in zip(files, texts, strict=True):
            file.write_text(text.replace(text.splitlines()[0], str(somebody.pid), 1))
        embedded.start()
        somebody.kill()
    assert embedded.is_alive


def test_postgres_that_somebody_runs_by_hand_is_not_touched(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """A cluster that an administrator runs without us is refused with its process, not ended."""
    embedded.start()
    embedded.stop()
    cluster = data_folder / "cluster"
    program = binaries_for(account_for(cluster), wheel_binaries()).program("postgres")
    with run_as_account(data_folder, [program, "-D", HERE, "-k", ".", "-c", "listen_addresses="]) as by_hand:
        try:
            assert wait_until(lambda: read_postmaster(cluster) is not None, SOON)
            with pytest.raises(HeldElsewhereError) as caught:
                embedded.start()
            assert caught.value.pid == by_hand.pid
            assert by_hand.poll() is None
        finally:
            by_hand.send_signal(signal.SIGINT)


def test_postgres_that_dies_is_noticed(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """When PostgreSQL itself is killed the owner says so, and can start again."""
    embedded.start()
    postmaster = read_postmaster(data_folder / "cluster")
    assert postmaster is not None
    os.kill(postmaster.pid, signal.SIGKILL)
    assert wait_until(lambda: not embedded.is_alive, SOON)
    embedded.stop()
    embedded.start()
    assert embedded.is_alive
