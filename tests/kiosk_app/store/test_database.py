"""Opening, migrating and refusing a database; known errors and bugs told apart."""

import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.store.database import FILE_NAME, known_faults, open_database, open_read_only
from kiosk_app.store.migrations import APPLICATION_ID, NEWEST, SCRIPTS


def fault_of(folder: Path, opening=open_database) -> StoreFault:
    with pytest.raises(StoreError) as caught:
        opening(folder)
    return caught.value.fault


def make(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / FILE_NAME)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_new_store_is_durable_ours_and_at_the_newest_version(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    pragmas = ["journal_mode", "synchronous", "foreign_keys", "application_id", "user_version"]
    values = [database.row(f"PRAGMA {name}")[0] for name in pragmas]
    database.close()
    assert values == ["wal", 2, 1, APPLICATION_ID, NEWEST]


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_every_released_schema_leads_to_the_newest(tmp_path: Path, version: int) -> None:
    parts = [part for script in SCRIPTS[:version] for part in script.split(";") if part.strip()]
    make(tmp_path, *parts, f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {version}")
    database = open_database(tmp_path)
    assert database.row("PRAGMA user_version") == (NEWEST,)
    database.close()


def test_a_newer_store_is_refused_untouched(tmp_path: Path) -> None:
    make(tmp_path, f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {NEWEST + 1}")
    before = (tmp_path / FILE_NAME).read_bytes()
    assert fault_of(tmp_path) is StoreFault.NEWER
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("statement", ["CREATE TABLE theirs (x)", "PRAGMA application_id = 7"])
def test_another_programs_database_is_refused_untouched(tmp_path: Path, statement: str) -> None:
    make(tmp_path, statement)
    before = (tmp_path / FILE_NAME).read_bytes()
    assert fault_of(tmp_path) is StoreFault.FOREIGN
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_migration_that_fails_leaves_the_version_it_came_from(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("kiosk_app.store.database.SCRIPTS", ("CREATE TABLE a (x); CREATE TABLE a (x)",))
    with pytest.raises(sqlite3.OperationalError):
        open_database(tmp_path)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


def test_a_folder_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "missing") is StoreFault.UNOPENABLE


def test_a_store_that_another_holds_is_busy(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("kiosk_app.store.database.BUSY_TIMEOUT_MS", 1)
    open_database(tmp_path).close()
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database = open_database(tmp_path)
    with pytest.raises(StoreError) as caught, database.transaction():
        pass
    assert caught.value.fault is StoreFault.BUSY
    other.close()
    with database.transaction():
        pass
    database.close()


def test_reading_an_older_store_is_left_to_its_own_program(tmp_path: Path) -> None:
    make(tmp_path, f"PRAGMA application_id = {APPLICATION_ID}")
    assert fault_of(tmp_path, open_read_only) is StoreFault.UNOPENABLE


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (sqlite3.SQLITE_FULL, StoreFault.FULL),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreFault.DISK),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreFault.READ_ONLY),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreFault.DAMAGED),
        (sqlite3.SQLITE_LOCKED, StoreFault.BUSY),
        (sqlite3.SQLITE_PERM, StoreFault.UNOPENABLE),
    ],
)
def test_extended_codes_are_known_by_their_kind(code: int, fault: StoreFault) -> None:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    with pytest.raises(StoreError) as caught, known_faults():
        raise error
    assert caught.value.fault is fault


def test_a_bug_of_ours_stays_a_bug(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.row("SELECT * FROM nowhere")
    database.close()


FILL_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from kiosk_app.core.errors import StoreError
from tests.kiosk_app.store.test_kiosk_store import KioskStore, draft
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = KioskStore.open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
kept = 0
try:
    while True:
        store.commit_check_in(draft(kept))
        kept += 1
except StoreError as error:
    print(error.fault.name, kept)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.commit_check_in(draft(kept))
print(store.queue_state().waiting)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs limits on file size")
def test_a_full_disk_is_told_nothing_is_lost_and_it_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """In a process of its own, whose files may not grow beyond a bound."""
    done = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    first, waiting = done.stdout.splitlines()
    fault, kept = first.split()
    assert fault in {"FULL", "DISK"}
    assert int(waiting) == int(kept) + 1
