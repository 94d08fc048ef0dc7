"""``atrium-kiosk doctor`` on real folders: also unpaired, beside a running kiosk, with a store or key that is off."""

import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from kiosk_app.bootstrap.household import Household
from kiosk_app.bootstrap.probes import ask_server, free_bytes, look_at_camera, missing_fonts
from kiosk_app.cli import main as cli
from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.paths import Paths
from kiosk_app.services.doctor import CameraFact, LinkFacts
from kiosk_app.store.instance_lock import InstanceLock
from kiosk_app.system_clock import SystemClock
from tests.kiosk_app.bootstrap.test_adapters import Answering
from tests.kiosk_app.kiosk import HandClock, Kiosk
from tests.kiosk_app.server_api.test_exchange import Wire
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import Tenant

NOBODY_THERE = "https://127.0.0.1:9"


@pytest.fixture
def doctor(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """A way to ask the doctor about the test's folders."""

    def ask(camera: str = "none") -> tuple[int, dict[str, Any]]:
        folders = ["--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys")]
        status = cli.main(["doctor", *folders, "--camera", camera, "--json"])
        findings = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        return status, {finding["subject"]: finding for finding in findings}

    return ask


@pytest.fixture
def paired(tmp_path: Path, house: Tenant):
    """A kiosk paired just now, whose server has gone; its store is open, as beside a running kiosk."""
    reading: ClockReading = SystemClock().read()
    server = SimulatedServer(house, now_ms=reading.wall_ms, base_url=NOBODY_THERE)
    server.bundle = house.bundle(issued_at=reading.wall_ms // 1000 - 60)
    kiosk = Kiosk(tmp_path, server, HandClock(reading), built_at_ms=0).pair()
    yield kiosk
    kiosk.store.close()


def test_unpaired_kiosk_is_told_and_nothing_is_made(doctor, tmp_path: Path) -> None:
    """There is something to look at, so the status is 1; reading makes no folder."""
    status, found = doctor()
    assert (status, found["pairing"]["code"], found["network"]["code"]) == (1, "DOC-2", "DOC-22")
    assert found["disk"]["code"] == "DOC-63"
    assert list(tmp_path.iterdir()) == []


def test_in_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A person reads one line for each subject, with code, state and sentence."""
    cli.main(["doctor", "--data", str(tmp_path / "d"), "--keys", str(tmp_path / "k"), "--camera", "none"])
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 11
    assert lines[0] == "DOC-2   Look here    Pairing         Not paired yet. Open a pairing window in the dashboard."


def test_beside_a_running_kiosk(doctor, paired: Kiosk, tmp_path: Path) -> None:
    """The camera is left to it, the dead server is told with its code, the key is found in order."""
    lock = InstanceLock(tmp_path / "data")
    try:
        status, found = doctor("device:0")
    finally:
        lock.release()
    assert status == 1
    assert (found["camera"]["code"], found["camera"]["state"]) == ("DOC-12", "ok")
    assert (found["network"]["code"], found["network"]["cause"]) == ("DOC-21", "NET-1")
    assert found["network"]["since"].endswith("Z")
    assert (found["pairing"]["code"], found["keys"]["code"], found["trust"]["code"]) == ("DOC-1", "DOC-40", "DOC-80")
    assert found["disk"]["count"] > 0


def test_nothing_personal_is_said(doctor, paired: Kiosk, tmp_path: Path, house: Tenant) -> None:
    """Neither a token nor a name nor an address of the site stands in any finding."""
    _, found = doctor()
    said = json.dumps(found)
    identity = paired.store.load_identity()
    assert identity is not None
    for secret in (identity.device_token, identity.base_url, identity.configuration.site_name, str(tmp_path)):
        assert secret not in said


def test_key_trouble(doctor, paired: Kiosk, tmp_path: Path) -> None:
    """A key that others may read is told, and nobody is asked with it; so is a key of another pairing."""
    key = tmp_path / "keys" / "device.key"
    key.chmod(0o644)
    _, found = doctor()
    assert (found["keys"]["code"], found["keys"]["cause"]) == ("DOC-41", "KEY-1")
    assert found["network"]["code"] == "DOC-22"
    paired.vault.make()
    assert doctor()[1]["keys"]["code"] == "DOC-42"


def test_store_of_another_program(doctor, tmp_path: Path) -> None:
    """Told by its code; the file is not touched."""
    (tmp_path / "data").mkdir()
    store = tmp_path / "data" / "kiosk.db"
    store.write_bytes(b"somebody else's" * 100)
    _, found = doctor()
    assert (found["pairing"]["code"], found["queue"]["code"]) == ("DOC-3", "DOC-53")
    assert found["pairing"]["cause"] == "STORE-2"
    assert store.read_bytes() == b"somebody else's" * 100


def test_stored_trust_that_no_longer_verifies(doctor, paired: Kiosk, tmp_path: Path) -> None:
    """The store opens, but what it says of the pairing is damaged: told as such."""
    with sqlite3.connect(tmp_path / "data" / "kiosk.db") as store:
        store.execute("UPDATE trust SET root = ?", (b"{}",))
    store.close()
    assert doctor()[1]["pairing"]["cause"] == "STORE-2"


def test_camera_is_looked_at(tmp_path: Path) -> None:
    """A folder of pictures gives one; a camera that is not there is told by its code."""
    cv2.imwrite(str(tmp_path / "one.png"), np.full((80, 80), 255, np.uint8))
    assert look_at_camera(f"folder:{tmp_path}") is CameraFact.GIVES_PICTURES
    assert look_at_camera(f"file:{tmp_path / 'none.mp4'}") is StaffCode.CAMERA_NOT_FOUND
    assert look_at_camera("none") is CameraFact.NONE


def test_camera_that_stays_silent_has_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture within the time a camera may take counts as none."""
    silent = SimpleNamespace(open=lambda: None, read=lambda: None, close=lambda: None)
    monkeypatch.setattr("kiosk_app.bootstrap.probes.open_source", lambda _: silent)
    monkeypatch.setattr("kiosk_app.bootstrap.probes.CAMERA_PATIENCE_S", 0.01)
    assert look_at_camera("device:0") is StaffCode.CAMERA_STOPPED


def test_server_that_answers(tmp_path: Path, house: Tenant) -> None:
    """One question that changes nothing, and the link is well."""
    reading = SystemClock().read()
    near = SimulatedServer(
        house, now_ms=reading.wall_ms, bundle=house.bundle(issued_at=reading.wall_ms // 1000 - 60), page_size=50
    )
    (tmp_path / "data").mkdir()
    household = Household(Paths(tmp_path / "data", tmp_path / "keys"), 0, Wire(Answering(near)))
    store = household.open_store()
    household.enrolment(store).pair(near.setup_code, near.digits)
    identity = store.load_identity()
    assert identity is not None
    live = household.shared.live
    assert ask_server(live, identity) == LinkFacts(reached=True)
    live.close()
    store.close()


def test_what_is_not_there(tmp_path: Path) -> None:
    """No folder, no fonts: counted, not raised."""
    assert free_bytes(tmp_path / "none") is None
    assert missing_fonts(tmp_path) == 4
