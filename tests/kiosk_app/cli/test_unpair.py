"""``atrium-kiosk unpair`` on real folders: asked or not, with and without check-ins that were not sent."""

import io
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk_app.cli import main as cli
from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.verdict import Admit, Refuse
from kiosk_app.store.instance_lock import InstanceLock
from kiosk_app.system_clock import SystemClock
from kiosk_protocol.reasons import Reason
from tests.kiosk_app.kiosk import HandClock, Kiosk
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import ShownVisit, Tenant

Unpair = Callable[..., tuple[int, str, str]]


@pytest.fixture
def unpair(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Unpair:
    """A way to unpair the kiosk in the test's folders; ``typed`` is what stands on standard input."""

    def call(*options: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        folders = ["--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys")]
        status = cli.main(["unpair", *folders, *options])
        said = capfd.readouterr()
        return status, said.out, said.err

    return call


@pytest.fixture
def server(house: Tenant) -> SimulatedServer:
    """A server of today."""
    now_ms = SystemClock().read().wall_ms
    return SimulatedServer(house, now_ms=now_ms, bundle=house.bundle(issued_at=now_ms // 1000 - 60))


@pytest.fixture
def kiosk(tmp_path: Path, server: SimulatedServer) -> Iterator[Kiosk]:
    """A paired kiosk that does not run: its store is open, its folder is not held."""
    reading: ClockReading = SystemClock().read()
    made = Kiosk(tmp_path, server, HandClock(reading), built_at_ms=0).pair()
    yield made
    made.store.close()


@pytest.fixture
def admitted(kiosk: Kiosk, server: SimulatedServer, house: Tenant) -> ShownVisit:
    """A visit whose check-in did not reach the server."""
    now_s = server.now_ms // 1000
    visit = house.visit(house.claims(now_s - 600, now_s + 7200))
    server.feed = [visit.entry]
    kiosk.synced()
    server.down = True
    assert isinstance(kiosk.desk.judge(visit.token), Admit)
    return visit


def is_paired(kiosk: Kiosk) -> bool:
    return kiosk.store.load_identity() is not None


@pytest.mark.parametrize("typed", ["unpair\n", "  unpair  "], ids=["a line", "without its end"])
def test_the_word_typed_unpairs(unpair: Unpair, kiosk: Kiosk, typed: str) -> None:
    """It is told which site the kiosk leaves, and what else to do."""
    status, said, _ = unpair(typed=typed)
    assert status == 0
    assert "paired with Main house" in said
    assert "Unpaired. Nothing was left to send.\nRevoke the kiosk in the dashboard as well.\n" in said
    assert not is_paired(kiosk)


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "Unpair\n", "unpair it\n"])
def test_anything_else_changes_nothing(unpair: Unpair, kiosk: Kiosk, typed: str) -> None:
    """Also nobody there to type."""
    status, _, complaint = unpair(typed=typed)
    assert (status, complaint) == (1, "atrium-kiosk: Nothing was changed.\n")
    assert is_paired(kiosk)


def test_a_script_does_not_ask_and_may_call_twice(unpair: Unpair, kiosk: Kiosk) -> None:
    """The second time there is nothing to do, and that is well."""
    assert unpair("--yes")[:2] == (
        0,
        "Unpaired. Nothing was left to send.\nRevoke the kiosk in the dashboard as well.\n",
    )
    assert unpair("--yes") == (0, "This kiosk is not paired.\n", "")
    assert not is_paired(kiosk)


def test_check_ins_that_were_not_sent_hold_the_pairing(unpair: Unpair, kiosk: Kiosk, admitted: ShownVisit) -> None:
    """Refused with their number and what to do; sent, it goes."""
    status, said, complaint = unpair("--yes")
    assert (status, said) == (1, "")
    assert "Check-ins not sent yet: 1." in complaint
    assert "--keep" in complaint
    assert is_paired(kiosk)
    kiosk.server.down = False
    kiosk.clock.pass_s(60)
    kiosk.synced()
    assert unpair("--yes")[0] == 0


def test_kept_check_ins_lie_sealed_where_it_says(unpair: Unpair, kiosk: Kiosk, admitted: ShownVisit) -> None:
    """The very bytes that waited, and the key beside the keys; the used code stays used."""
    (before,) = kiosk.store.waiting_items(9)
    status, said, _ = unpair("--yes", "--keep")
    (kept,) = (kiosk.folder / "data" / "kept").iterdir()
    assert status == 0
    assert f"kept in {kept}, their key in the key folder." in said
    with sqlite3.connect(kept / "outbox.db") as copy:
        rows = copy.execute("SELECT check_in_id FROM outbox").fetchall()
    copy.close()
    assert rows == [(before.check_in_id,)]
    assert list((kiosk.folder / "keys").rglob(f"*{kept.name}*"))
    assert not is_paired(kiosk)
    kiosk.restart()
    kiosk.server.down = False
    kiosk.pair().synced()
    verdict = kiosk.desk.judge(admitted.token)
    assert isinstance(verdict, Refuse)
    assert verdict.reason is Reason.ALREADY_USED


def test_beside_a_running_kiosk_it_is_refused(unpair: Unpair, kiosk: Kiosk) -> None:
    """Its own staff's page unpairs it."""
    lock = InstanceLock(kiosk.folder / "data")
    status, _, complaint = unpair("--yes")
    lock.release()
    assert status == 3
    assert "Another kiosk is running" in complaint
    assert is_paired(kiosk)
