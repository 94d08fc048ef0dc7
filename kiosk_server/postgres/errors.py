"""What can go wrong with the embedded PostgreSQL. Each error has a stable code and carries data, not prose.

    EmbeddedPostgresError
    ├── BinariesUnusableError      PG-1  the programs are missing, or do not run for the user that must run them
    ├── InitialisationFailedError  PG-2  initdb failed
    ├── StartFailedError           PG-3  the server ended, or did not get ready in time
    ├── OtherMajorVersionError     PG-4  the folder belongs to another major version
    ├── DiskFullError              PG-5  no space is left
    ├── HeldElsewhereError         PG-6  another process runs this data folder
    ├── NoServiceAccountError      PG-7  root needs the unprivileged system user and cannot make it
    └── DataFolderUnusableError    PG-8  the folder is somebody else's, or holds something else

Whoever speaks to a person makes a sentence of the code and the fields; ``str()`` is for the log.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar


@dataclass(eq=False)
class EmbeddedPostgresError(Exception):
    """Base of all of them.

    Attributes:
        code: Stable short code for staff and documents, never reused.
    """

    code: ClassVar[str]

    def __post_init__(self) -> None:
        super().__init__(*(getattr(self, field.name) for field in fields(self)))

    def __str__(self) -> str:
        known = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{self.code} {type(self).__name__}({known})"


@dataclass(eq=False)
class BinariesUnusableError(EmbeddedPostgresError):
    """The PostgreSQL programs are missing or do not run here."""

    code: ClassVar[str] = "PG-1"
    program: Path | None
    reason: str


@dataclass(eq=False)
class InitialisationFailedError(EmbeddedPostgresError):
    """``initdb`` did not make a cluster; ``output`` is the end of what it said."""

    code: ClassVar[str] = "PG-2"
    data_folder: Path
    output: str


@dataclass(eq=False)
class StartFailedError(EmbeddedPostgresError):
    """The server ended or did not get ready; ``log_tail`` is the end of its log of this start."""

    code: ClassVar[str] = "PG-3"
    data_folder: Path
    exit_status: int | None
    log_tail: str


@dataclass(eq=False)
class OtherMajorVersionError(EmbeddedPostgresError):
    """The cluster in the folder was written by another major version."""

    code: ClassVar[str] = "PG-4"
    data_folder: Path
    found: str
    ours: str


@dataclass(eq=False)
class DiskFullError(EmbeddedPostgresError):
    """No space is left where the data folder lies."""

    code: ClassVar[str] = "PG-5"
    data_folder: Path


@dataclass(eq=False)
class HeldElsewhereError(EmbeddedPostgresError):
    """Another process runs this data folder and cannot be shared or ended; ``pid`` where known."""

    code: ClassVar[str] = "PG-6"
    data_folder: Path
    pid: int | None


@dataclass(eq=False)
class NoServiceAccountError(EmbeddedPostgresError):
    """The system user is absent and could not be created; ``reason`` is what the tool said."""

    code: ClassVar[str] = "PG-7"
    account: str
    reason: str


@dataclass(eq=False)
class DataFolderUnusableError(EmbeddedPostgresError):
    """The folder cannot hold, or does not hold, a cluster of ours."""

    code: ClassVar[str] = "PG-8"
    data_folder: Path
    reason: str
