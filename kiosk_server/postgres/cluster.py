"""Makes a cluster and says how PostgreSQL is run in it.

The folder is always named ``/proc/self/cwd``: the process gets it as its working folder from us, so the user that runs
PostgreSQL needs no permission on any parent. PostgreSQL works relative to it anyway, and so does the socket (``.``),
whose path would else be limited to 107 bytes (sockaddr_un).
"""

import errno
import os
import shutil
import signal
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import IO

from kiosk_server.postgres.accounts import Account
from kiosk_server.postgres.binaries import MAJOR_VERSION, Binaries
from kiosk_server.postgres.errors import (
    DataFolderUnusableError,
    DiskFullError,
    InitialisationFailedError,
    OtherMajorVersionError,
)
from kiosk_server.postgres.folder import DataFolder
from kiosk_server.postgres.locks import FileLock
from kiosk_server.postgres.processes import KeptProcess, Launch

HERE = "/proc/self/cwd"
SUPERUSER = "atrium_superuser"
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
PID_FILES = ("postmaster.pid", f"{SOCKET}.lock")
INITIALISATION_LIMIT = timedelta(minutes=2)  # 0.3 s here; a slow SD card takes some 20 s
OUTPUT_TAIL_CHARACTERS = 2_000
NO_SPACE = os.strerror(errno.ENOSPC)


class Durability(Enum):
    """What a power cut may take."""

    DURABLE = "durable"
    UNSAFE_FOR_TESTS = "unsafe-for-tests"


DURABLE_SETTINGS = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
UNSAFE_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "cluster_name": "atrium-kiosk",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "50",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    # Shared memory as files of the data folder: nothing stays in /dev/shm, and systemd's RemoveIPC cannot take it away.
    "dynamic_shared_memory_type": "mmap",
    # Errors without statement and DETAIL: both hold values of rows, which are people.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


def refuse_unusable(folder: DataFolder) -> None:
    """Raise if an existing cluster is not one that we can run.

    Raises:
        DataFolderUnusableError: It is no cluster.
        OtherMajorVersionError: Another PostgreSQL wrote it.
    """
    try:
        found = (folder.cluster / "PG_VERSION").read_text("utf-8", "replace").strip()[:20]
    except OSError as error:
        raise DataFolderUnusableError(folder.root, f"cluster/PG_VERSION: {error.strerror}") from error
    if found != MAJOR_VERSION:
        raise OtherMajorVersionError(folder.root, found, MAJOR_VERSION)


def initialise(
    folder: DataFolder, account: Account, binaries: Binaries, durability: Durability, running: FileLock
) -> None:
    """Make the cluster: all of it or nothing, also if we are killed meanwhile.

    Raises:
        DiskFullError: No space is left.
        InitialisationFailedError: ``initdb`` failed.
    """
    try:
        if folder.staging.exists():
            shutil.rmtree(folder.staging)
        password = folder.new_password()
        folder.staging.mkdir(mode=0o700)
        if account.uid != os.geteuid():
            # Only root comes here; a service's filter of system calls may refuse even the change to oneself.
            os.chown(folder.staging, account.uid, account.gid)
        output, status = _run_initdb(folder, account, binaries, durability, password, running)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(folder.root) from error
        raise DataFolderUnusableError(folder.root, error.strerror or str(error)) from error
    if status != 0:
        if NO_SPACE in output:
            raise DiskFullError(folder.root)
        raise InitialisationFailedError(folder.root, output[-OUTPUT_TAIL_CHARACTERS:])
    folder.staging.rename(folder.cluster)
    folder.sync()


def serve(
    folder: DataFolder, account: Account, binaries: Binaries, durability: Durability, running: FileLock
) -> KeptProcess:
    """Start PostgreSQL in the cluster. If we die it shuts down fast and cleanly (SIGINT)."""
    chosen = SETTINGS | (DURABLE_SETTINGS if durability is Durability.DURABLE else UNSAFE_SETTINGS)
    arguments = [f"--{name}={value}" for name, value in chosen.items()]
    command: list[str | Path] = [binaries.program("postgres"), "-D", HERE, *arguments]
    launch = Launch(command, account, folder.cluster, signal.SIGINT, [running.fileno()])
    with folder.open_log() as log:
        return KeptProcess(launch, log)


def _run_initdb(
    folder: DataFolder,
    account: Account,
    binaries: Binaries,
    durability: Durability,
    password: str,
    running: FileLock,
) -> tuple[str, int | None]:
    """Run it in the staging folder and return what it said and its status."""
    # The password goes through anonymous memory: no file of it that the other user could read stays behind.
    with _memory_file("password", password) as secret, _memory_file("output", "") as output:
        command: list[str | Path] = [
            binaries.program("initdb"),
            f"--pgdata={HERE}",
            f"--username={SUPERUSER}",
            f"--pwfile=/proc/self/fd/{secret.fileno()}",
            "--auth-local=scram-sha-256",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--no-locale",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        if durability is Durability.UNSAFE_FOR_TESTS:
            command.append("--no-sync")
        launch = Launch(command, account, folder.staging, signal.SIGKILL, [secret.fileno(), running.fileno()])
        process = KeptProcess(launch, output.fileno())
        try:
            process.wait(INITIALISATION_LIMIT)
        finally:
            process.end()
        output.seek(0)
        return output.read(), process.exit_status


def _memory_file(name: str, content: str) -> IO[str]:
    file = os.fdopen(os.memfd_create(name), "w+", encoding="utf-8")
    file.write(content)
    file.flush()
    return file
