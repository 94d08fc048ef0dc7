"""The data folder: what lies where, and who may read it.

DATA/postgres/              0700, of the user who starts the server
    cluster/                0700, of the user who runs PostgreSQL; its unix socket lies inside
    staging/                a cluster being made; renamed to cluster/ when complete
    superuser-password      0600
    lease.lock              held by the process that started PostgreSQL; says who that is
    users.lock              shared by the processes that use a PostgreSQL they did not start
    running.lock            inherited by PostgreSQL: held exactly while one of its processes lives
    postgres.log            0600, with the one before it in postgres.log.1
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from kiosk_server.postgres.errors import DataFolderUnusableError
from kiosk_server.postgres.locks import FileLock

PASSWORD_BYTES = 32
LOG_LIMIT_BYTES = 1_000_000  # looked at when PostgreSQL starts
LOG_TAIL_BYTES = 2_000
NOTE_LIMIT_BYTES = 200


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths inside one data folder; ``root`` is absolute and without symbolic links."""

    root: Path

    @classmethod
    def prepare(cls, path: Path) -> Self:
        """Make the folder, or make sure that the existing one is ours and closed to others.

        Parents are made with the usual permissions; those of existing parents are not touched.

        Raises:
            DataFolderUnusableError: It is no folder, somebody else's, or holds other things.
        """
        folder = cls(path.resolve())
        try:
            folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder._refuse_strange()
            folder.root.chmod(0o700)
        except OSError as error:
            raise DataFolderUnusableError(folder.root, error.strerror or str(error)) from error
        return folder

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.root / "cluster"

    @property
    def staging(self) -> Path:
        """A cluster that is not complete."""
        return self.root / "staging"

    @property
    def password_file(self) -> Path:
        """The superuser's password."""
        return self.root / "superuser-password"

    @property
    def lease(self) -> Path:
        """Lock of the process that started PostgreSQL."""
        return self.root / "lease.lock"

    @property
    def users(self) -> Path:
        """Lock shared by the other processes that use it."""
        return self.root / "users.lock"

    @property
    def running(self) -> Path:
        """Lock held by PostgreSQL itself."""
        return self.root / "running.lock"

    @property
    def log(self) -> Path:
        """What PostgreSQL says."""
        return self.root / "postgres.log"

    def new_password(self) -> str:
        """Draw a password and store it durably before anything depends on it."""
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        draft = self.root / "superuser-password.new"
        draft.unlink(missing_ok=True)
        with _create_private(draft) as file:
            file.write(password)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.password_file)
        self.sync()
        return password

    def password(self) -> str:
        """Return the stored password.

        Raises:
            DataFolderUnusableError: It is missing or unreadable.
        """
        try:
            return self.password_file.read_text("utf-8")
        except OSError as error:
            raise DataFolderUnusableError(self.root, f"{self.password_file.name}: {error.strerror}") from error

    def sync(self) -> None:
        """Make renames inside the folder durable."""
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def open_log(self) -> IO[str]:
        """Open the log to append, after putting a large one aside."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.fdopen(os.open(self.log, flags, 0o600), "a", encoding="utf-8")

    def log_tail(self, since_bytes: int) -> str:
        """Return the end of what was logged after the given offset."""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(since_bytes, size - LOG_TAIL_BYTES))
            return file.read().decode("utf-8", "replace").strip()

    def _refuse_strange(self) -> None:
        found = self.root.stat()
        if os.geteuid() not in (0, found.st_uid):
            raise DataFolderUnusableError(self.root, f"belongs to user {found.st_uid}")
        # Our first act in a new folder is the lease; anything without one was filled by somebody else.
        names = [entry.name for entry in self.root.iterdir()]
        if names and self.lease.name not in names:
            raise DataFolderUnusableError(self.root, "holds something else")


@dataclass(frozen=True, slots=True)
class LeaseNote:
    """What the lease's holder writes into the lock file for others to read.

    Attributes:
        pid: The holder.
        serves: It stays: it is the server, not a short command.
        ready: The database can be used.
    """

    pid: int
    serves: bool
    ready: bool

    def write(self, lease: FileLock) -> None:
        """Replace the note. One write of few bytes; a reader who hits the middle sees no note."""
        text = json.dumps({"pid": self.pid, "serves": self.serves, "ready": self.ready}).ljust(NOTE_LIMIT_BYTES)
        os.pwrite(lease.fileno(), text.encode(), 0)

    @classmethod
    def read(cls, lease: FileLock) -> Self | None:
        """Return the note, or None if there is none (yet)."""
        try:
            fields = json.loads(os.pread(lease.fileno(), NOTE_LIMIT_BYTES, 0))
            return cls(int(fields["pid"]), bool(fields["serves"]), bool(fields["ready"]))
        except (ValueError, KeyError, TypeError):
            return None


def _create_private(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w", encoding="utf-8")
