"""Small files of the data folder that outlive or announce a run: the address used last, and where the server is now."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

ADDRESS_FILE: Final = "address.json"
RUNNING_FILE: Final = "server.json"


@dataclass(frozen=True, slots=True)
class AddressNote:
    """The address of the last run: its port is used again, and set-up codes name it while no server runs."""

    port: int
    public_url: str


def read_address(data: Path) -> AddressNote | None:
    """Return the note of the last run; None where there is none that can be read."""
    try:
        members = json.loads((data / ADDRESS_FILE).read_text("utf-8"))
        note = AddressNote(members["port"], members["public_url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return note if type(note.port) is int and 0 < note.port < 65536 and isinstance(note.public_url, str) else None


def write_address(data: Path, note: AddressNote) -> None:
    """Keep the note for the next run."""
    write_whole(data / ADDRESS_FILE, json.dumps(asdict(note)) + "\n")


def announce(data: Path, url: str, ca_file: Path, ca_fingerprint: str) -> None:
    """Say where the server is, for programs that wait for it."""
    members = {"url": url, "pid": os.getpid(), "caFile": str(ca_file), "caFingerprint": ca_fingerprint}
    write_whole(data / RUNNING_FILE, json.dumps(members) + "\n")


def withdraw(data: Path) -> None:
    """Say no longer where the server is."""
    (data / RUNNING_FILE).unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a file such that readers see all of it or the former one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with draft.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
