"""``atrium-kiosk diagnostics``: the report for IT from a terminal, and that nobody is in it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk_app.bootstrap.household import Household
from kiosk_app.bootstrap.staff_room import KioskStaffRoom
from kiosk_app.cli import main as cli
from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.verdict import Admit
from kiosk_app.paths import Paths
from kiosk_app.settings import RunSettings
from kiosk_app.system_clock import SystemClock
from tests.kiosk_app.kiosk import HandClock, Kiosk
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import ShownVisit, Tenant

NOBODY_THERE = "https://127.0.0.1:9"
Diagnose = Callable[..., tuple[int, str, str]]


@pytest.fixture
def diagnose(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Diagnose:
    """A way to ask for the report on the test's folders."""

    def call(*options: str) -> tuple[int, str, str]:
        folders = ["--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys")]
        status = cli.main(["diagnostics", *folders, "--camera", "none", *options])
        said = capfd.readouterr()
        return status, said.out, said.err

    return call


@pytest.fixture
def visit(house: Tenant) -> ShownVisit:
    """A visit of now."""
    now_s = SystemClock().read().wall_ms // 1000
    return house.visit(house.claims(now_s - 600, now_s + 7200))


@pytest.fixture
def kiosk(tmp_path: Path, house: Tenant, visit: ShownVisit) -> Iterator[Kiosk]:
    """A kiosk with one check-in that waits, beside a running one's open store; its server has gone."""
    reading: ClockReading = SystemClock().read()
    server = SimulatedServer(house, now_ms=reading.wall_ms, base_url=NOBODY_THERE)
    server.bundle = house.bundle(issued_at=reading.wall_ms // 1000 - 60)
    made = Kiosk(tmp_path, server, HandClock(reading), built_at_ms=0).pair()
    server.feed = [visit.entry]
    made.synced()
    server.down = True
    assert isinstance(made.desk.judge(visit.token), Admit)
    yield made
    made.store.close()


def test_the_report_goes_to_standard_output(diagnose: Diagnose, kiosk: Kiosk) -> None:
    """For a pipe: JSON and nothing else. What it finds makes no difference to the status."""
    status, said, complaint = diagnose()
    report = json.loads(said)
    assert (status, complaint) == (0, "")
    assert set(report) == {"madeAt", "versions", "counters", "findings", "log"}
    assert report["counters"] == {"waiting": 1, "parked": 0}
    assert ("DOC-21", "NET-1") in [(finding["code"], finding["cause"]) for finding in report["findings"]]


def test_the_report_goes_to_a_file(diagnose: Diagnose, kiosk: Kiosk, tmp_path: Path) -> None:
    """In the place of an older one."""
    place = tmp_path / "report.json"
    place.write_text("older, and longer than any report is short\n" * 1000)
    status, said, _ = diagnose("--output", str(place))
    assert (status, said) == (0, f"The report is in {place}. It holds no personal data.\n")
    assert json.loads(place.read_text())["counters"]["waiting"] == 1


def test_nobody_and_no_secret_is_in_it(diagnose: Diagnose, kiosk: Kiosk, visit: ShownVisit, tmp_path: Path) -> None:
    """Neither a visitor nor a visit, no token, no name of the site, no address, no folder."""
    _, said, _ = diagnose()
    identity = kiosk.store.load_identity()
    assert identity is not None
    details = ["Ada", visit.token, visit.entry.digest, identity.device_token, identity.device, "Main house"]
    assert [trace for trace in (*details, NOBODY_THERE, str(tmp_path)) if trace in said] == []


def test_it_says_what_the_staffs_page_saves(diagnose: Diagnose, kiosk: Kiosk, tmp_path: Path) -> None:
    """The same versions, counters and findings, but for the server, which a running kiosk need not ask."""
    paths = Paths(tmp_path / "data", tmp_path / "keys")
    room = KioskStaffRoom(Household(paths, 0), RunSettings(paths, 0, "none", "", None, None))
    saved = json.loads(Path(room.save_diagnostics(None)).read_text())
    printed = json.loads(diagnose()[1])

    def comparable(report: dict[str, object]) -> tuple[object, ...]:
        findings = report["findings"]
        assert isinstance(findings, list)
        subjects = {finding["subject"]: finding["code"] for finding in findings}
        return report["versions"], report["counters"], subjects.keys(), subjects["pairing"], subjects["camera"]

    assert comparable(saved) == comparable(printed)


def test_a_place_that_cannot_be_written_is_told(diagnose: Diagnose, tmp_path: Path) -> None:
    status, _, complaint = diagnose("--output", str(tmp_path / "nowhere" / "report.json"))
    assert status == 1
    assert "cannot be written to" in complaint
