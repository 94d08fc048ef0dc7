"""The embedded PostgreSQL: one per data folder, started by the first who needs it, ended by the one who started it."""

import errno
import os
import signal
import time
from datetime import timedelta
from enum import Enum
from pathlib import Path

import psycopg
from psycopg import sql

from kiosk_server.postgres import cluster
from kiosk_server.postgres.accounts import account_for
from kiosk_server.postgres.address import ConnectionAddress
from kiosk_server.postgres.binaries import SYSTEM_FOLDER, Binaries, binaries_for, wheel_binaries
from kiosk_server.postgres.cluster import Durability
from kiosk_server.postgres.errors import (
    DataFolderUnusableError,
    DiskFullError,
    EmbeddedPostgresError,
    HeldElsewhereError,
    StartFailedError,
)
from kiosk_server.postgres.folder import DataFolder, LeaseNote
from kiosk_server.postgres.locks import FileLock, is_held
from kiosk_server.postgres.processes import KeptProcess, may_be_postgres_of, read_postmaster
from kiosk_server.postgres.waiting import PAUSE_S, wait_until

DATABASE = "atrium"
SOCKET_PATH_LIMIT_BYTES = 107  # sockaddr_un.sun_path less its final zero byte, unix(7)

READY_LIMIT = timedelta(minutes=2)  # recovery after a power cut reads up to max_wal_size
TURN_LIMIT = timedelta(seconds=30)  # how long another owner's start or end may take before we give up
COMPANY_LIMIT = timedelta(seconds=10)  # how long a short command that started PostgreSQL waits for others using it
LEFTOVER_PATIENCE = timedelta(seconds=3)  # a PostgreSQL whose starter was killed is shutting down by itself
ENDING = (  # fast, then immediate (the next start recovers from the log); together within the server's five seconds
    (signal.SIGINT, timedelta(seconds=3)),
    (signal.SIGQUIT, timedelta(seconds=1)),
)


class Tenure(Enum):
    """What the process is that uses the database."""

    SERVER = "server"
    """It stays. It must own PostgreSQL, so it waits for short commands to finish and tolerates no second server."""

    COMMAND = "command"
    """It is gone in a moment. It uses a running PostgreSQL, or else starts one for itself and those who join."""


class EmbeddedPostgres:
    """PostgreSQL for one data folder, as a context manager. Use it from one thread.

    Args:
        data_folder: Made if absent. Nothing of the database lies outside.
        tenure: What the calling process is.
        durability: ``UNSAFE_FOR_TESTS`` loses data at a power cut.
        wheel: The programs; those of the installed wheel unless given.
        system_folder: Where root keeps a copy of the programs for a user who cannot reach the wheel.
        turn_limit: How long to wait for another process that starts or ends PostgreSQL here.
    """

    def __init__(
        self,
        data_folder: Path,
        *,
        tenure: Tenure = Tenure.COMMAND,
        durability: Durability = Durability.DURABLE,
        wheel: Binaries | None = None,
        system_folder: Path = SYSTEM_FOLDER,
        turn_limit: timedelta = TURN_LIMIT,
    ) -> None:
        self._path = data_folder
        self._tenure = tenure
        self._durability = durability
        self._wheel = wheel
        self._system_folder = system_folder
        self._turn_limit = turn_limit
        self._lease: FileLock | None = None
        self._users: FileLock | None = None
        self._process: KeptProcess | None = None
        self._cluster_descriptor: int | None = None
        self._address: ConnectionAddress | None = None

    @property
    def is_owner(self) -> bool:
        """State whether this process started PostgreSQL and will end it."""
        return self._process is not None

    @property
    def is_alive(self) -> bool:
        """State whether a PostgreSQL started here still runs; for somebody else's, whether any runs."""
        if self._process is not None:
            return not self._process.has_ended
        return self._address is not None and is_held(DataFolder(self._path.resolve()).running)

    def start(self) -> ConnectionAddress:
        """Start PostgreSQL, or join the one that runs; a second call returns the same address.

        About 0.5 s on an empty folder, 0.15 s later, 0.01 s when joining.

        Raises:
            EmbeddedPostgresError: See :mod:`kiosk_server.postgres.errors`. Nothing is left running.
        """
        if self._address is not None:
            return self._address
        folder = DataFolder.prepare(self._path)
        try:
            self._lease, self._users = FileLock(folder.lease), FileLock(folder.users)
            if self._takes_lease(folder, self._lease, self._users):
                self._start_as_owner(folder)
            self._address = self._address_of(folder)
            if self.is_owner:
                ensure_database(self._address)
                self._write_note(ready=True)
        except BaseException as error:
            # Also at Ctrl-C: whatever has begun is ended before anybody hears of it.
            self.stop()
            if isinstance(error, OSError | psycopg.Error):
                raise _explained(folder, error) from error
            raise
        return self._address

    def stop(self) -> None:
        """End PostgreSQL if it was started here, else only leave it; may be called twice.

        The owner's open connections are cut. A short command first waits for others who joined it.
        """
        if self._process is not None:
            self._write_note(ready=False)
            if self._users is not None:
                company = COMPANY_LIMIT if self._tenure is Tenure.COMMAND else timedelta(0)
                wait_until(self._users.try_exclusive, company)
            self._process.end(*ENDING)
            self._process = None
        self._address = None
        if self._cluster_descriptor is not None:
            os.close(self._cluster_descriptor)
            self._cluster_descriptor = None
        for lock in (self._users, self._lease):
            if lock is not None:
                lock.close()
        self._users = self._lease = None

    def __enter__(self) -> ConnectionAddress:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _takes_lease(self, folder: DataFolder, lease: FileLock, users: FileLock) -> bool:
        """Return True as the new owner, False as the guest of a ready one; waits for whoever is between."""
        deadline = time.monotonic() + self._turn_limit.total_seconds()
        while True:
            if lease.try_exclusive():
                users.release()
                self._write_note(ready=False)
                return True
            note = LeaseNote.read(lease)
            # The place among the users comes first: an owner who ends waits for it, or does not let us in any more.
            if self._tenure is Tenure.COMMAND and users.try_shared():
                if _is_ready(folder, lease):
                    return False
                users.release()
            is_other_server = self._tenure is Tenure.SERVER and note is not None and note.serves
            if is_other_server or time.monotonic() > deadline:
                raise HeldElsewhereError(folder.root, note.pid if note else None)
            time.sleep(PAUSE_S)

    def _start_as_owner(self, folder: DataFolder) -> None:
        with FileLock(folder.running) as running:
            end_leftover(folder, running)
            account = account_for(folder.cluster)
            binaries = binaries_for(account, self._wheel or wheel_binaries(), self._system_folder)
            if not folder.cluster.exists():
                cluster.initialise(folder, account, binaries, self._durability, running)
            cluster.refuse_unusable(folder)
            log_start = folder.log.stat().st_size if folder.log.exists() else 0
            self._process = cluster.serve(folder, account, binaries, self._durability, running)
        self._await_ready(folder, self._process, log_start)

    def _await_ready(self, folder: DataFolder, process: KeptProcess, log_start: int) -> None:
        def is_decided() -> bool:
            postmaster = read_postmaster(folder.cluster)
            return process.has_ended or (postmaster is not None and postmaster.is_ready)

        if wait_until(is_decided, READY_LIMIT) and not process.has_ended:
            return
        tail = folder.log_tail(log_start)
        if cluster.NO_SPACE in tail:
            raise DiskFullError(folder.root)
        raise StartFailedError(folder.root, process.exit_status, tail)

    def _address_of(self, folder: DataFolder) -> ConnectionAddress:
        host = str(folder.cluster)
        if len(os.fsencode(f"{host}/{cluster.SOCKET}")) > SOCKET_PATH_LIMIT_BYTES:
            # An open folder is a short name for it, without anything in /tmp that could stay or be tampered with.
            self._cluster_descriptor = os.open(folder.cluster, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            host = f"/proc/self/fd/{self._cluster_descriptor}"
        return ConnectionAddress(host, cluster.PORT, cluster.SUPERUSER, folder.password(), DATABASE)

    def _write_note(self, *, ready: bool) -> None:
        if self._lease is not None:
            LeaseNote(os.getpid(), self._tenure is Tenure.SERVER, ready).write(self._lease)


def end_leftover(folder: DataFolder, running: FileLock) -> None:
    """End a PostgreSQL whose starter is gone, and take its lock. The caller holds the lease.

    Raises:
        HeldElsewhereError: It does not end, or somebody runs the cluster by hand: ending that is not ours to do.
    """
    if not wait_until(running.try_exclusive, LEFTOVER_PATIENCE):
        for number in (signal.SIGQUIT, signal.SIGKILL):
            postmaster = read_postmaster(folder.cluster)
            if postmaster is not None and may_be_postgres_of(folder.cluster, postmaster.pid):
                os.kill(postmaster.pid, number)
            if wait_until(running.try_exclusive, LEFTOVER_PATIENCE):
                break
        else:
            raise HeldElsewhereError(folder.root, postmaster.pid if postmaster else None)
    postmaster = read_postmaster(folder.cluster)
    if postmaster is not None and may_be_postgres_of(folder.cluster, postmaster.pid):
        raise HeldElsewhereError(folder.root, postmaster.pid)
    # PostgreSQL would take any process that has the old number now, or a zombie, for a living predecessor.
    for name in cluster.PID_FILES:
        (folder.cluster / name).unlink(missing_ok=True)


def ensure_database(address: ConnectionAddress) -> None:
    """Create the address's database if it is absent. Superuser needed."""
    with psycopg.connect(address.with_database("postgres").url(), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [address.database]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(address.database)))


def _is_ready(folder: DataFolder, lease: FileLock) -> bool:
    """State whether the lease's holder says so, and PostgreSQL lives (the holder may have been killed since)."""
    note = LeaseNote.read(lease)
    return note is not None and note.ready and is_held(folder.running)


def _explained(folder: DataFolder, error: OSError | psycopg.Error) -> EmbeddedPostgresError:
    is_full = isinstance(error, psycopg.errors.DiskFull) or (isinstance(error, OSError) and error.errno == errno.ENOSPC)
    if is_full:
        return DiskFullError(folder.root)
    if isinstance(error, OSError):
        return DataFolderUnusableError(folder.root, f"{error.filename}: {error.strerror}")
    return StartFailedError(folder.root, None, str(error).strip())
