"""What a witness is told of a check-in, on the real store and over a wire of the test's own; nobody else is told."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_app.bootstrap.adapters import StoreDesk, StoreNetwork
from kiosk_app.bootstrap.household import Household
from kiosk_app.core.scan_steps import ScanNote, ScanStep
from kiosk_app.core.server_answers import Refused
from kiosk_app.core.verdict import Admit, Refuse
from kiosk_app.paths import Paths
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_protocol.reasons import Reason
from tests.kiosk_app.bootstrap.test_adapters import Answering, near
from tests.kiosk_app.server_api.test_exchange import Wire
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import Tenant

__all__ = ["near"]


class Door:
    """A paired kiosk whose scans are followed."""

    def __init__(self, folder: Path, near: SimulatedServer, house: Tenant) -> None:
        (folder / "data").mkdir()
        self.notes: list[ScanNote] = []
        self.near, self.house = near, house
        wire = Wire(Answering(near))
        self.household = Household(Paths(folder / "data", folder / "keys"), 0, wire, witness=self.notes.append)
        self.network = StoreNetwork(self.household)
        self.network.pair(near.setup_code, near.digits)
        self.desk = StoreDesk(self.household)

    def invite(self) -> str:
        now_s = self.near.now_ms // 1000
        visit = self.house.visit(self.house.claims(now_s - 600, now_s + 7200))
        self.near.feed.append(visit.entry)
        return visit.token

    def admit(self) -> str:
        verdict = self.desk.judge(self.invite(), 0)
        assert isinstance(verdict, Admit)
        return verdict.check_in_id

    def told(self) -> list[tuple[ScanStep, str | None, str | None]]:
        return [(note.step, note.check_in_id, note.reason) for note in self.notes]


@pytest.fixture
def door(tmp_path: Path, near: SimulatedServer, house: Tenant) -> Iterator[Door]:
    opened = Door(tmp_path, near, house)
    yield opened
    opened.desk.close()
    opened.network.close()


def test_each_step_is_told_when_it_is_true(door: Door) -> None:
    """Verified, durable, sent, acknowledged: in this order, with the monotonic clock's time."""
    began_ns = time.monotonic_ns()
    check_in = door.admit()
    assert door.told() == [(ScanStep.VERIFIED, None, None), (ScanStep.DURABLE, check_in, None)]
    door.network.run_round(full=False, camera="ok")
    assert door.told()[2:] == [(ScanStep.SENT, check_in, None), (ScanStep.ACKNOWLEDGED, check_in, None)]
    times = [note.at_ns for note in door.notes]
    assert began_ns < times[0]
    assert times == sorted(times)
    assert times[-1] < time.monotonic_ns()
    assert {note.scan for note in door.notes} == {None}


def test_durable_is_told_after_the_commit(door: Door) -> None:
    """Whoever hears of it finds the check-in through another connection."""
    found: list[int] = []
    other = KioskStore.open_read_only(Path(door.household.data_folder))
    assert other is not None

    def look(note: ScanNote) -> None:
        if note.step is ScanStep.DURABLE:
            found.append(other.queue_state().waiting)

    desk = StoreDesk(door.household)
    desk._store.tell(look)  # type: ignore[attr-defined]  # the adapter's own store, which tells somebody else now
    desk.judge(door.invite(), 0)
    desk.close()
    other.close()
    assert found == [1]


def test_a_code_used_twice_is_verified_and_not_durable_again(door: Door) -> None:
    """Nothing tells of a commit that did not happen."""
    token = door.invite()
    assert isinstance(door.desk.judge(token, 0), Admit)
    door.notes.clear()
    assert door.desk.judge(token, 0) == Refuse(Reason.ALREADY_USED)
    assert door.told() == [(ScanStep.VERIFIED, None, None)]


def test_what_is_no_visit_code_is_not_verified(door: Door) -> None:
    door.desk.judge("https://www.example.org/menu", 0)
    assert door.told() == []


def test_without_an_answer_nothing_counts_as_sent(door: Door) -> None:
    """A request into a cut cable is told of only when a later one was answered."""
    check_in = door.admit()
    door.notes.clear()
    door.near.down = True
    door.network.run_round(full=False, camera="ok")
    assert door.told() == []
    door.near.down = False
    door.network.run_round(full=False, camera="ok")
    assert door.told() == [(ScanStep.SENT, check_in, None), (ScanStep.ACKNOWLEDGED, check_in, None)]


def test_a_parked_check_in_is_told_with_its_reason(door: Door) -> None:
    """Whether the server refuses the item or the whole request with it."""
    check_in = door.admit()
    door.notes.clear()
    door.near.faults["check_in"] = [Refused(422, "nonsense")]
    door.network.run_round(full=False, camera="ok")
    assert door.told() == [(ScanStep.PARKED, check_in, "nonsense")]


def test_nobody_follows_a_kiosk_without_a_witness(tmp_path: Path, near: SimulatedServer) -> None:
    """The plain store and server do the work; nothing is measured."""
    (tmp_path / "data").mkdir()
    household = Household(Paths(tmp_path / "data", tmp_path / "keys"), 0, Wire(Answering(near)))
    store = household.open_store()
    assert type(store) is KioskStore
    store.close()
