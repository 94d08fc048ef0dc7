"""From what went wrong to one sentence, a stable code and an exit status: the operator never reads a traceback."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk_server.certificates import TlsError
from kiosk_server.domain.problems import Problem
from kiosk_server.postgres import EmbeddedPostgresError
from kiosk_server.services.failures import SurroundingsError
from kiosk_server.services.ports import VaultError

REFUSED: Final = 1
USAGE: Final = 2
ADDRESS: Final = 3
SURROUNDINGS: Final = 4

_SENTENCES: Final[Mapping[str, str]] = {
    "SRV-1": "The database cannot be reached",
    "SRV-2": "The database has no space left; nothing was changed",
    "SRV-3": "The database's roles or rights are not as they must be",
    "SRV-4": "A newer version of this program wrote the database; use that version",
    "SRV-5": "The master key cannot be used",
    "SRV-6": "Another program listens on the port",
    "SRV-7": "The address cannot be listened on",
    "SRV-8": "A setting cannot be used",
    "SRV-10": "The data folder cannot be used",
    "PG-1": "The PostgreSQL programs are missing or do not run here",
    "PG-2": "The embedded database could not be made",
    "PG-3": "The embedded database does not start",
    "PG-4": "The data folder belongs to another version of PostgreSQL",
    "PG-5": "No space is left where the data folder lies",
    "PG-6": "Another process runs this data folder",
    "PG-7": "The system user for PostgreSQL cannot be made",
    "PG-8": "The data folder cannot hold the database",
    "TLS-1": "The server's name cannot stand in a certificate",
    "TLS-2": "The private certificate authority is damaged or open to others",
    "TLS-3": "The private certificate authority has expired",
    "TLS-4": "The folder of certificates cannot be used",
}
_EXIT: Final[Mapping[str, int]] = {"SRV-5": USAGE, "SRV-6": ADDRESS, "SRV-7": ADDRESS, "SRV-8": USAGE}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the operator reads, and the exit status."""

    sentence: str
    exit_status: int


def complaint_about(error: BaseException) -> Complaint | None:
    """Return what to say about ``error``, or None where it is a mistake of our own."""
    match error:
        case Problem():
            return Complaint(f"{error.message} ({error.code})", REFUSED)
        case SurroundingsError() | EmbeddedPostgresError() | TlsError():
            return _coded(error.code, _detail(error))
        case VaultError():
            return _coded("SRV-5", "a stored value does not open under it: is this the database's own key?")
        case OSError(errno=errno.ENOSPC):
            return _coded("PG-5", "")
        case OSError():
            return _coded("SRV-10", f"{error.filename or ''}: {error.strerror}".lstrip(": "))
        case _:
            return None


def _coded(code: str, detail: str) -> Complaint:
    sentence = _SENTENCES[code] + (f": {detail}" if detail else "")
    return Complaint(f"{sentence}. ({code}, see the runbook)", _EXIT.get(code, SURROUNDINGS))


def _detail(error: SurroundingsError | EmbeddedPostgresError | TlsError) -> str:
    if isinstance(error, SurroundingsError):
        return error.detail
    if isinstance(error, TlsError):
        return f"{error.subject}, {error.reason}"
    fields = {name: getattr(error, name) for name in error.__dataclass_fields__}
    # The last line of what PostgreSQL or a tool said is the one that says why.
    last_lines = [str(value).strip().splitlines()[-1:] or [""] for value in fields.values() if value is not None]
    return ", ".join(line for (line,) in last_lines if line)
