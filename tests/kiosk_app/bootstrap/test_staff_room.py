"""What the staff's thread works with, on real folders."""

import json
from pathlib import Path

import pytest

from kiosk_app.bootstrap.adapters import StoreDesk, StoreNetwork
from kiosk_app.bootstrap.household import Household
from kiosk_app.bootstrap.staff_room import KioskStaffRoom
from kiosk_app.core.errors import StoreError
from kiosk_app.core.health import HealthCode, Subject
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import Unpaired
from kiosk_app.core.staff_pin import PinMissing
from kiosk_app.logs import CameraChanged, write
from kiosk_app.paths import Paths
from kiosk_app.settings import RunSettings
from kiosk_app.system_clock import SystemClock
from tests.kiosk_app.bootstrap.test_adapters import Answering
from tests.kiosk_app.server_api.test_exchange import Wire
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import Tenant


def settings(folder: Path, camera: str = "device:0") -> RunSettings:
    return RunSettings(Paths(folder / "data", folder / "keys"), 0, camera, "", None, None)


@pytest.fixture
def near(house: Tenant) -> SimulatedServer:
    reading = SystemClock().read()
    bundle = house.bundle(issued_at=reading.wall_ms // 1000 - 60)
    return SimulatedServer(house, now_ms=reading.wall_ms, bundle=bundle, page_size=50)


@pytest.fixture
def household(tmp_path: Path, near: SimulatedServer) -> Household:
    (tmp_path / "data").mkdir()
    return Household(Paths(tmp_path / "data", tmp_path / "keys"), 0, Wire(Answering(near)))


def codes(room: KioskStaffRoom, camera: StaffCode | None = None) -> dict[Subject, HealthCode]:
    return {finding.subject: finding.code for finding in room.examine(camera)}


def test_before_anything_is_open(tmp_path: Path, household: Household) -> None:
    """A store that never opened is a finding; no PIN opens nothing."""
    room = KioskStaffRoom(household, settings(tmp_path, "none"))
    found = codes(room)
    assert (found[Subject.PAIRING], found[Subject.CAMERA]) == (HealthCode.UNPAIRED, HealthCode.CAMERA_NONE)
    assert (room.look_at_pin(), room.check_pin("000000")) == (PinMissing(), PinMissing())
    (tmp_path / "data" / "kiosk.db").write_bytes(b"no store" * 200)
    assert codes(room)[Subject.PAIRING] is HealthCode.STORE_TROUBLE


def test_report_holds_findings_versions_counters_and_log(tmp_path: Path, household: Household) -> None:
    """A file closed to others; a folder that cannot be written is told by its code."""
    desk = StoreDesk(household)
    room = KioskStaffRoom(household, settings(tmp_path))
    write(CameraChanged("CAM-2"))
    place = Path(room.save_diagnostics(StaffCode.CAMERA_STOPPED))
    desk.close()
    said = json.loads(place.read_text())
    assert place.stat().st_mode & 0o077 == 0
    assert said["counters"] == {"waiting": 0, "parked": 0}
    assert {"app", "python", "sqlite", "qt"} == set(said["versions"])
    assert any("camera code=CAM-2" in line for line in said["log"])
    assert ["DOC-11", "CAM-2"] in [[each["code"], each["cause"]] for each in said["findings"]]
    assert str(tmp_path) not in place.read_text()
    for file in place.parent.iterdir():
        file.unlink()
    place.parent.rmdir()
    place.parent.write_text("in the way")
    with pytest.raises(StoreError):
        room.save_diagnostics(None)


def test_unpairing_beside_the_rounds(tmp_path: Path, household: Household, near: SimulatedServer) -> None:
    """The network's side forgets the pairing, and the findings say so."""
    network = StoreNetwork(household)
    assert network.pair(near.setup_code, near.digits)
    room = KioskStaffRoom(household, settings(tmp_path))
    assert codes(room)[Subject.PAIRING] is HealthCode.PAIRED
    assert codes(room)[Subject.KEYS] is HealthCode.KEYS_WELL
    assert network.unpair(keep_aside=False) == Unpaired()
    assert codes(room)[Subject.PAIRING] is HealthCode.UNPAIRED
    network.close()
