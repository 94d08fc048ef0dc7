"""Each trouble has its code, carries what is known, and leaves nothing running."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_server.postgres import Durability, EmbeddedPostgres, binaries
from kiosk_server.postgres.accounts import service_account
from kiosk_server.postgres.binaries import INSTALLATION, LIBRARIES, Binaries, wheel_binaries
from kiosk_server.postgres.errors import (
    BinariesUnusableError,
    DataFolderUnusableError,
    DiskFullError,
    EmbeddedPostgresError,
    InitialisationFailedError,
    NoServiceAccountError,
    OtherMajorVersionError,
    StartFailedError,
)
from kiosk_server.postgres.locks import is_held

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")
MIB = 1024 * 1024


def with_wheel(data_folder: Path, wheel: Binaries) -> EmbeddedPostgres:
    return EmbeddedPostgres(
        data_folder,
        durability=Durability.UNSAFE_FOR_TESTS,
        wheel=wheel,
        system_folder=data_folder.parent / "system",
    )


def assert_free(data_folder: Path) -> None:
    assert not is_held(data_folder / "running.lock")
    assert not is_held(data_folder / "lease.lock")


def test_codes_are_distinct() -> None:
    """No two kinds of trouble share a code."""
    codes = [kind.code for kind in EmbeddedPostgresError.__subclasses__()]
    assert sorted(codes) == [f"PG-{number}" for number in range(1, 9)]


def test_missing_programs(data_folder: Path) -> None:
    """PG-1 names the program that is not there."""
    nowhere = Binaries(data_folder.parent / "nowhere", "0")
    with pytest.raises(BinariesUnusableError) as caught:
        with_wheel(data_folder, nowhere).start()
    assert caught.value.program == nowhere.program("postgres")
    assert_free(data_folder)


def test_wheel_that_is_not_installed(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PG-1 also when there is no wheel at all, as in an installation for an external database."""
    monkeypatch.setattr(binaries, "DISTRIBUTION", "no-such-wheel")
    with pytest.raises(BinariesUnusableError, match="no-such-wheel is not installed"):
        EmbeddedPostgres(data_folder).start()
    assert_free(data_folder)


def test_program_that_does_not_run_here(data_folder: Path, public_folder: Path) -> None:
    """PG-1 also for programs of another machine or another version; the reason says which."""
    broken = Binaries(public_folder, "0")
    program = broken.program("postgres")
    program.parent.mkdir(parents=True)
    program.write_bytes(b"\\x7fELF, but not really")
    program.chmod(0o755)
    with pytest.raises(BinariesUnusableError) as caught:
        with_wheel(data_folder, broken).start()
    assert caught.value.reason
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.2'\n")
    with pytest.raises(BinariesUnusableError, match=r"17\.2"):
        with_wheel(data_folder, broken).start()
    program.write_text("#!/bin/sh\necho no such library >&2; exit 127\n")
    with pytest.raises(BinariesUnusableError, match="no such library"):
        with_wheel(data_folder, broken).start()


def test_initialisation_that_fails(data_folder: Path, public_folder: Path) -> None:
    """PG-2 carries what initdb said; here its catalogue is missing."""
    wheel = wheel_binaries()
    crippled = Binaries(public_folder, "0")
    shutil.copytree(wheel.tree / LIBRARIES, crippled.tree / LIBRARIES)
    shutil.copytree(wheel.tree / INSTALLATION / "bin", crippled.tree / INSTALLATION / "bin")
    (crippled.tree / INSTALLATION / "lib").mkdir()
    (crippled.tree / INSTALLATION / "share").mkdir()
    with pytest.raises(InitialisationFailedError) as caught:
        with_wheel(data_folder, crippled).start()
    assert "postgres.bki" in caught.value.output
    assert_free(data_folder)
    assert not (data_folder / "cluster").exists()


def test_start_that_fails(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-3 carries the end of the log of this start, not of earlier ones."""
    embedded.start()
    embedded.stop()
    (data_folder / "cluster" / "global" / "pg_control").unlink()
    with pytest.raises(StartFailedError) as caught:
        embedded.start()
    assert "pg_control" in caught.value.log_tail
    assert "ready to accept" not in caught.value.log_tail
    assert caught.value.exit_status
    assert_free(data_folder)


def test_cluster_of_another_major_version(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-4 names both versions, and the cluster stays as it is."""
    embedded.start()
    embedded.stop()
    version = data_folder / "cluster" / "PG_VERSION"
    version.write_text("19\n")
    with pytest.raises(OtherMajorVersionError) as caught:
        embedded.start()
    assert (caught.value.found, caught.value.ours) == ("19", "18")
    assert version.read_text() == "19\n"
    assert_free(data_folder)


@pytest.fixture
def small_disk(data_folder: Path) -> Iterator[int]:
    """Mount a disk of 56 MiB at the data folder: room for a cluster and little more."""
    data_folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={56 * MIB},mode=0700", "atrium-test", str(data_folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("cannot mount here")
    yield 56 * MIB
    subprocess.run(["umount", str(data_folder)], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(MIB // 16))


def test_disk_that_is_full_at_the_first_start(small_disk: int, embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-5 when the cluster does not fit; with room made it starts."""
    (data_folder / "lease.lock").touch()
    ballast = data_folder / "ballast"
    ballast.write_bytes(bytes(small_disk * 3 // 4))
    with pytest.raises(DiskFullError) as caught:
        embedded.start()
    assert caught.value.data_folder == data_folder
    assert_free(data_folder)
    ballast.unlink()
    embedded.start()
    embedded.stop()


def test_disk_that_is_full_at_a_later_start(small_disk: int, embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-5 when nothing can be written any more; with room made it starts."""
    embedded.start()
    embedded.stop()
    fill(data_folder / "ballast")
    with pytest.raises(DiskFullError):
        embedded.start()
    assert_free(data_folder)
    (data_folder / "ballast").unlink()
    embedded.start()
    embedded.stop()


@needs_root
def test_system_user_that_cannot_be_made() -> None:
    """PG-7 carries what the system's tool said."""
    with pytest.raises(NoServiceAccountError) as caught:
        service_account("no such name!")
    assert "no such name!" in caught.value.reason


def test_data_folder_that_holds_something_else(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-8: a folder with other files is refused and left as it is, permissions included."""
    data_folder.mkdir(mode=0o755)
    (data_folder / "thesis.txt").write_text("precious")
    mode_before = data_folder.stat().st_mode
    with pytest.raises(DataFolderUnusableError, match="something else"):
        embedded.start()
    assert [path.name for path in data_folder.iterdir()] == ["thesis.txt"]
    assert data_folder.stat().st_mode == mode_before
    shutil.rmtree(data_folder)


def test_data_folder_that_is_a_file(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-8: a file in the folder's place."""
    data_folder.write_text("not a folder")
    with pytest.raises(DataFolderUnusableError):
        embedded.start()


def test_cluster_that_is_garbage(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-8: a cluster folder without a cluster is not overwritten."""
    embedded.start()
    embedded.stop()
    (data_folder / "cluster" / "PG_VERSION").unlink()
    with pytest.raises(DataFolderUnusableError, match="PG_VERSION"):
        embedded.start()
    assert_free(data_folder)


def test_password_that_is_lost(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-8: without its password file a cluster cannot be used; it says so before anything runs on."""
    embedded.start()
    embedded.stop()
    (data_folder / "superuser-password").unlink()
    with pytest.raises(DataFolderUnusableError, match="superuser-password"):
        embedded.start()
    assert_free(data_folder)


def test_password_that_is_wrong(embedded: EmbeddedPostgres, data_folder: Path) -> None:
    """PG-3 with PostgreSQL's own words when the stored password is not the cluster's."""
    embedded.start()
    embedded.stop()
    (data_folder / "superuser-password").write_text("guess")
    with pytest.raises(StartFailedError, match="password authentication failed"):
        embedded.start()
    assert_free(data_folder)
