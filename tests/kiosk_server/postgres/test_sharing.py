"""Several processes on one data folder: who starts it, who joins, who ends it."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from kiosk_server.postgres import Durability, EmbeddedPostgres, Tenure
from kiosk_server.postgres.errors import HeldElsewhereError
from kiosk_server.postgres.folder import DataFolder, LeaseNote
from kiosk_server.postgres.locks import FileLock, is_held
from kiosk_server.postgres.waiting import wait_until
from tests.kiosk_server.postgres.conftest import StartHolder, are_gone, family, lives

SOON = timedelta(seconds=10)


def test_command_joins_the_server_and_does_not_end_it(embedded: EmbeddedPostgres, start_holder: StartHolder) -> None:
    """A command that runs beside the server uses the server's PostgreSQL and leaves it running."""
    server = start_holder(Tenure.SERVER)
    address = embedded.start()
    assert not embedded.is_owner
    assert embedded.is_alive
    with psycopg.connect(address.url()) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("atrium",)
    embedded.stop()
    assert lives(server.postmaster)


def test_owner_ends_it_when_it_leaves(start_holder: StartHolder) -> None:
    """The process that started PostgreSQL ends it, all of it."""
    server = start_holder(Tenure.SERVER)
    pids = family(server.postmaster)
    server.leave()
    assert are_gone(pids, within_s=0)


def test_command_that_started_it_waits_for_its_guests(
    embedded: EmbeddedPostgres, start_holder: StartHolder, data_folder: Path
) -> None:
    """A command that is done first does not take the database from another command that joined it."""
    owner = start_holder(Tenure.COMMAND)
    address = embedded.start()
    with psycopg.connect(address.url()) as connection:
        owner.ask_to_leave()
        with FileLock(DataFolder(data_folder).lease) as lease:
            assert wait_until(lambda: (note := LeaseNote.read(lease)) is not None and not note.ready, SOON)
        assert connection.execute("SELECT 1").fetchone() == (1,)
    embedded.stop()
    owner.process.wait()
    assert not lives(owner.postmaster)


def test_server_waits_for_a_command_and_then_owns(
    data_folder: Path, embedded: EmbeddedPostgres, start_holder: StartHolder
) -> None:
    """A server started while a command runs does not depend on it: it starts its own when the command is done."""
    embedded.start()
    server = start_holder(Tenure.SERVER, reads=False)
    embedded.stop()
    assert server.process.stdout is not None
    assert '"owner": true' in server.process.stdout.readline()


def test_server_gives_up_on_a_command_that_stays(data_folder: Path, start_holder: StartHolder) -> None:
    """A command that does not end keeps the server from starting, and the server says which process it is."""
    command = start_holder(Tenure.COMMAND)
    impatient = EmbeddedPostgres(data_folder, tenure=Tenure.SERVER, turn_limit=timedelta(milliseconds=50))
    with pytest.raises(HeldElsewhereError) as caught:
        impatient.start()
    assert caught.value.pid == command.process.pid
    assert lives(command.postmaster)


def test_second_server_is_refused_at_once(data_folder: Path, start_holder: StartHolder) -> None:
    """Two servers on one data folder are a mistake; the second is told who the first one is."""
    first = start_holder(Tenure.SERVER)
    with pytest.raises(HeldElsewhereError) as caught:
        EmbeddedPostgres(data_folder, tenure=Tenure.SERVER).start()
    assert caught.value.code == "PG-6"
    assert caught.value.pid == first.process.pid


def test_two_that_start_together_share_one(start_holder: StartHolder) -> None:
    """Of two commands started at the same moment in an empty folder one owns, and both get the same PostgreSQL."""
    pair = [start_holder(Tenure.COMMAND, reads=False) for _ in range(2)]
    lines = [holder.process.stdout.readline() for holder in pair if holder.process.stdout is not None]
    assert sorted('"owner": true' in line for line in lines) == [False, True]
    assert len({line.partition("postmaster")[2] for line in lines}) == 1


def test_two_in_one_process_share_one(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """A second object in the same process joins the first."""
    embedded.start()
    with EmbeddedPostgres(data_folder, durability=Durability.UNSAFE_FOR_TESTS) as address:
        assert address.database == "atrium"
    assert embedded.is_alive
    embedded.stop()
    assert not is_held(data_folder / "running.lock")
