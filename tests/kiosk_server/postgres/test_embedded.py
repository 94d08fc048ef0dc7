"""One process and its PostgreSQL."""

import os
import stat
import threading
from pathlib import Path

import psycopg
import pytest

from kiosk_server.postgres import ConnectionAddress, Durability, EmbeddedPostgres
from kiosk_server.postgres.folder import LOG_LIMIT_BYTES
from kiosk_server.postgres.locks import is_held
from kiosk_server.postgres.processes import read_postmaster
from tests.kiosk_server.postgres.conftest import are_gone, family


def scalar(address: ConnectionAddress, query: str) -> object:
    with psycopg.connect(address.url()) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def postmaster_of(data_folder: Path) -> int:
    postmaster = read_postmaster(data_folder / "cluster")
    assert postmaster is not None
    return postmaster.pid


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_start_gives_a_database_and_stop_leaves_no_process(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """The product's database is there after start; after stop no process, socket or pid file is."""
    address = embedded.start()
    assert scalar(address, "SELECT current_database()") == "atrium"
    all_of_it = family(postmaster_of(data_folder))
    assert len(all_of_it) > 3
    embedded.stop()
    assert are_gone(all_of_it, within_s=0)
    assert not list((data_folder / "cluster").glob(".s.PGSQL*"))
    assert not (data_folder / "cluster" / "postmaster.pid").exists()
    assert not is_held(data_folder / "running.lock")


def test_rows_survive_a_restart(embedded: EmbeddedPostgres) -> None:
    """What was written before a stop is there after the next start."""
    with psycopg.connect(embedded.start().url()) as connection:
        connection.execute("CREATE TABLE door AS SELECT 'north' AS name")
    embedded.stop()
    assert scalar(embedded.start(), "SELECT name FROM door") == "north"


def test_start_and_stop_may_be_repeated(embedded: EmbeddedPostgres) -> None:
    """A second start gives the same address, a second stop does nothing."""
    assert not embedded.is_alive
    assert embedded.start() is embedded.start()
    assert embedded.is_alive
    embedded.stop()
    embedded.stop()
    assert not embedded.is_alive


def test_context_manager_stops_also_after_an_error(data_folder: Path) -> None:
    """Leaving the block by an exception ends PostgreSQL."""
    with (
        pytest.raises(psycopg.errors.DivisionByZero),
        EmbeddedPostgres(data_folder, durability=Durability.UNSAFE_FOR_TESTS) as address,
    ):
        scalar(address, "SELECT 1 / 0")
    assert not is_held(data_folder / "running.lock")


def test_nobody_else_may_look_in(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """Folders are 0700, password, log and locks 0600, the socket 0700, whatever the umask."""
    before = os.umask(0)
    try:
        embedded.start()
    finally:
        os.umask(before)
    assert mode(data_folder) == 0o700
    assert mode(data_folder / "cluster") == 0o700
    assert mode(data_folder / "cluster" / ".s.PGSQL.5432") == 0o700
    files = [path for path in data_folder.iterdir() if path.is_file()]
    assert {path.name for path in files} == {
        "lease.lock",
        "postgres.log",
        "running.lock",
        "superuser-password",
        "users.lock",
    }
    assert {mode(path) for path in files} == {0o600}


def test_folder_that_was_open_is_closed(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """A data folder that others could read is theirs no longer after the start; its parent is not touched."""
    data_folder.parent.chmod(0o755)
    data_folder.mkdir()
    data_folder.chmod(0o755)
    embedded.start()
    assert mode(data_folder) == 0o700
    assert mode(data_folder.parent) == 0o755


def test_password_is_demanded(embedded: EmbeddedPostgres) -> None:
    """A wrong password is refused, also from root and over the socket."""
    address = embedded.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address.with_role(address.user, "wrong").url())


def test_settings_hold_what_was_acknowledged(data_folder: Path) -> None:
    """By default nothing acknowledged is lost, nothing listens on a network, text is UTF-8 and time is UTC."""
    expected = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "password_encryption": "scram-sha-256",
    }
    with EmbeddedPostgres(data_folder) as address, psycopg.connect(address.url()) as connection:
        found = {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in expected}
        locale = connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert found == {name: (value,) for name, value in expected.items()}
    assert locale == ("b", "C.UTF-8")


def test_deep_data_folder_works(data_folder: Path) -> None:
    """A folder whose socket path is longer than the kernel allows for sockets is no trouble."""
    deep = data_folder.parent / ("d" * 100) / "postgres"
    with EmbeddedPostgres(deep, durability=Durability.UNSAFE_FOR_TESTS) as address:
        assert scalar(address, "SELECT 1") == 1
        assert address.host.startswith("/proc/self/fd/")
        open_before_stop = open_descriptors()
    assert open_descriptors() < open_before_stop


def test_thread_that_started_it_may_end(embedded: EmbeddedPostgres) -> None:
    """PostgreSQL lives on when the thread that called start has ended (the kernel watches threads, not processes)."""
    thread = threading.Thread(target=embedded.start)
    thread.start()
    thread.join()
    assert scalar(embedded.start(), "SELECT 1") == 1


def test_no_thread_and_no_descriptor_stays(embedded: EmbeddedPostgres) -> None:
    """Start and stop leave threads and open files of this process as they were."""
    embedded.start()
    embedded.stop()
    before = threading.active_count(), open_descriptors()
    embedded.start()
    embedded.stop()
    assert (threading.active_count(), open_descriptors()) == before


def test_terminal_interrupt_does_not_reach_it(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PostgreSQL is in no session of ours, so Ctrl-C reaches it through us only."""
    embedded.start()
    for pid in family(postmaster_of(data_folder)):
        assert os.getsid(pid) != os.getsid(0)


def test_log_holds_no_values_of_rows(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """An error that PostgreSQL logs names no person: neither statement nor detail is written."""
    with psycopg.connect(embedded.start().url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE visitor (name text PRIMARY KEY)")
        connection.execute("INSERT INTO visitor VALUES ('Ada Lovelace')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO visitor VALUES ('Ada Lovelace')")
    embedded.stop()
    log = (data_folder / "postgres.log").read_text()
    assert "duplicate key value" in log
    assert "Ada" not in log


def test_large_log_is_put_aside(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """A log over its limit is renamed at the next start, so that two of them are the most there is."""
    embedded.start()
    embedded.stop()
    log = data_folder / "postgres.log"
    log.write_text("x" * (LOG_LIMIT_BYTES + 1))
    embedded.start()
    assert log.stat().st_size < LOG_LIMIT_BYTES
    assert (data_folder / "postgres.log.1").stat().st_size > LOG_LIMIT_BYTES


def test_address_hides_its_password_and_quotes_its_parts() -> None:
    """The password is in the URL only, where odd characters are escaped."""
    address = ConnectionAddress("/run/a b", 5432, "us er", "p/w@:?", "da ta")
    assert "p/w@:?" not in repr(address)
    parsed = psycopg.conninfo.conninfo_to_dict(address.url())
    assert parsed == {"host": "/run/a b", "port": "5432", "user": "us er", "password": "p/w@:?", "dbname": "da ta"}
    assert address.url("postgresql+psycopg").startswith("postgresql+psycopg://us%20er:")
