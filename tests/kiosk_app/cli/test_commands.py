"""``scan``, ``status``, ``pair`` and ``sync`` on real folders, and how trouble is told at a terminal."""

import argparse
import io
import json
import secrets
import sqlite3
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from kiosk_app.cli import main as cli
from kiosk_app.core.clock_guard import ClockReading
from kiosk_app.core.errors import KeysError, StoreError, StoreFault
from kiosk_app.core.staff_pin import PinRight
from kiosk_app.store.instance_lock import InstanceLock
from kiosk_app.store.staff_pin import StaffPin
from kiosk_app.system_clock import SystemClock
from kiosk_protocol.messages import encode
from tests.kiosk_app.kiosk import HandClock, Kiosk
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import Tenant

NOBODY_THERE = "https://127.0.0.1:9"


def now_s() -> int:
    return SystemClock().read().wall_ms // 1000


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    return ["--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys")]


@pytest.fixture
def paired(tmp_path: Path, house: Tenant):
    """A kiosk paired now, whose server has gone; its store is closed."""
    reading: ClockReading = SystemClock().read()
    server = SimulatedServer(house, now_ms=reading.wall_ms, base_url=NOBODY_THERE)
    server.bundle = house.bundle(issued_at=reading.wall_ms // 1000 - 60)
    kiosk = Kiosk(tmp_path, server, HandClock(reading), built_at_ms=0).pair()
    visit = house.visit(house.claims(now_s() - 600, now_s() + 7200))
    server.feed = [visit.entry]
    kiosk.synced()
    yield kiosk, visit
    kiosk.store.close()


@pytest.fixture
def run(capfd):
    def call(*arguments: str) -> tuple[int, list[str], str]:
        status = cli.main([*arguments])
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return status, said.out.splitlines(), said.err

    return call


def picture(path: Path, text: str) -> str:
    segno.make_qr(text, error="m").save(str(path), scale=6, border=6)
    return str(path)


# ── status ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_kiosk_fresh_from_its_box_says_so_and_nothing_is_made(run, folders, tmp_path: Path) -> None:
    status, lines, _ = run("status", *folders, "--json")
    state = json.loads(lines[0])
    assert (status, state["paired"], state["waiting"], state["device"]) == (0, False, 0, None)
    assert not (tmp_path / "data").exists()


def test_a_paired_kiosk_says_how_it_is_beside_a_running_one(run, folders, paired, house: Tenant) -> None:
    kiosk, visit = paired
    kiosk.server.down = True
    kiosk.desk.judge(visit.token)
    lock = InstanceLock(kiosk.folder / "data")
    status, lines, _ = run("status", *folders, "--json")
    lock.release()
    state = json.loads(lines[0])
    assert status == 0
    assert (state["paired"], state["site"], state["siteName"]) == (True, house.site, "Main house")
    assert (state["waiting"], state["parked"], state["clock"]) == (1, 0, "sure")
    assert state["oldest"].endswith("Z")
    assert state["lastContact"].endswith("Z")
    assert 0 <= state["feedAgeSeconds"] < 60
    assert (state["revoked"], state["tokenEndsSoon"]) == (False, False)
    assert state["tokenDaysLeft"] > 30
    assert state["tokenExpires"].endswith("Z")
    assert set(state["versions"]) == {"app", "python", "sqlite", "qt"}


def test_a_person_reads_one_fact_a_line(run, folders, paired) -> None:
    status, lines, _ = run("status", *folders)
    assert status == 0
    assert any(line.startswith("paired") and line.endswith("yes") for line in lines)
    assert any(line.startswith("oldest") and line.endswith("-") for line in lines)


# ── pair and sync ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("setup_code", "code"), [("nonsense", "APP-1"), (f"{NOBODY_THERE}/p/example/AAAAAAAAAAA", "NET-1")]
)
def test_pairing_that_fails_is_a_sentence_and_a_code(run, folders, setup_code: str, code: str) -> None:
    status, lines, said = run("pair", *folders, "--setup-code", setup_code, "--code", "000000")
    assert (status, lines) == (1, [])
    assert f"[{code}]" in said


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12345\n"])  # noqa: RUF001 - digits of another width
def test_what_can_be_no_code_costs_no_try(run, folders, tmp_path: Path, code: str) -> None:
    setup_code = f"{NOBODY_THERE}/p/example/AAAAAAAAAAA"
    status, lines, said = run("pair", *folders, "--setup-code", setup_code, f"--code={code}")
    assert (status, lines) == (2, [])
    assert "6 digits" in said
    assert "[APP-1]" in said
    assert not (tmp_path / "data").exists()


def test_a_paired_kiosk_is_not_paired_again(run, folders, paired) -> None:
    status, _, said = run("pair", *folders, "--setup-code", "x", "--code", "000000")
    assert status == 1
    assert "paired already, with Main house" in said


def test_sync_without_a_pairing_says_so(run, folders) -> None:
    status, _, said = run("sync", *folders)
    assert status == 1
    assert "not paired" in said


def test_sync_with_a_server_that_is_gone_keeps_what_waits(run, folders, paired) -> None:
    kiosk, visit = paired
    kiosk.server.down = True
    kiosk.desk.judge(visit.token)
    status, lines, _ = run("sync", *folders)
    assert status == 1
    assert json.loads(lines[0]) == {"waiting": 1, "parked": 0, "formerWaiting": 0, "failures": {"time": "NET-1"}}


def test_a_second_kiosk_in_one_folder_is_told(run, folders, tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path / "data")
    status, _, said = run("sync", *folders)
    lock.release()
    assert status == 3
    assert "Another kiosk is running" in said


# ── scan ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pictures_are_read_and_judged_by_keys_and_site(run, house: Tenant, tmp_path: Path) -> None:
    keys = tmp_path / "bundle.json"
    keys.write_bytes(encode(house.bundle(issued_at=now_s() - 60)))
    good = picture(tmp_path / "good.png", house.token(house.claims(now_s() - 60, now_s() + 60)))
    foreign = picture(tmp_path / "foreign.png", "https://example.com/menu")
    status, lines, _ = run("scan", good, foreign, "--keys", str(keys), "--site", house.site)
    answers = [json.loads(line) for line in lines]
    assert status == 0
    assert [(answer["file"], answer["verdict"], answer["reason"]) for answer in answers] == [
        (good, "admit", None),
        (foreign, "refuse", "not_a_visit_code"),
    ]
    assert answers[1]["text"] == "https://example.com/menu"
    assert all(answer["ms"] >= 0 for answer in answers)


def test_a_paired_kiosk_judges_by_what_it_knows_and_writes_nothing(run, folders, paired, tmp_path: Path) -> None:
    kiosk, visit = paired
    shown = picture(tmp_path / "code.png", visit.token)
    data = folders[:2]
    status, lines, _ = run("scan", shown, *data)
    assert (status, json.loads(lines[0])["verdict"]) == (0, "admit")
    kiosk.server.down = True
    kiosk.desk.judge(visit.token)
    _, lines, _ = run("scan", shown, *data)
    answer = json.loads(lines[0])
    assert (answer["verdict"], answer["reason"]) == ("refuse", "already_used")
    assert kiosk.store.queue_state().waiting == 1


def test_without_anybody_to_believe_a_picture_is_read_and_not_judged(run, tmp_path: Path) -> None:
    shown = picture(tmp_path / "code.png", "hello")
    _, lines, _ = run("scan", shown, "--data", str(tmp_path / "none"))
    answer = json.loads(lines[0])
    assert (answer["text"], answer["verdict"], answer["reason"]) == ("hello", None, None)


def test_an_empty_picture_and_one_with_two_codes_say_so(run, tmp_path: Path) -> None:

    one, two = (cv2.imread(picture(tmp_path / f"{name}.png", name)) for name in ("one", "two"))
    height = max(one.shape[0], two.shape[0])
    padded = [
        cv2.copyMakeBorder(p, 0, height - p.shape[0], 0, 0, cv2.BORDER_CONSTANT, value=(255,) * 3) for p in (one, two)
    ]
    cv2.imwrite(str(tmp_path / "both.png"), np.hstack(padded))
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((100, 100), 255, np.uint8))
    _, lines, _ = run("scan", str(tmp_path / "both.png"), str(tmp_path / "empty.png"), "--data", str(tmp_path / "no"))
    assert [json.loads(line)["reason"] for line in lines] == ["several_codes", "no_code"]


def test_files_that_are_no_pictures_are_answered_and_the_rest_goes_on(run, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "cut.png").write_bytes(Path(picture(tmp_path / "code.png", "hello")).read_bytes()[:40])
    names = [str(tmp_path / name) for name in ("text.png", "missing.png", "cut.png", "", "code.png")]
    status, lines, _ = run("scan", *names, "--data", str(tmp_path / "no"))
    answers = [json.loads(line) for line in lines]
    assert status == 1
    assert ["error" in answer for answer in answers] == [True, True, True, True, False]
    assert answers[-1]["text"] == "hello"


def test_keys_without_a_site_make_no_sense(run, tmp_path: Path) -> None:
    status, _, said = run("scan", "x.png", "--keys", str(tmp_path / "k"))
    assert status == 2
    assert "go together" in said


# ── trouble ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(StoreError(StoreFault.FULL), 4, "STORE-1"), (KeysError("No key."), 1, "KEY-1")],
)
def test_known_trouble_is_a_sentence_a_code_and_a_status(run, folders, monkeypatch, error, status, code) -> None:
    def broken(_options: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr("kiosk_app.cli.status.main", broken)
    found, _, said = run("status", *folders)
    assert found == status
    assert f"{error} [{code}]" in said


def test_a_bug_is_a_sentence_and_its_place_is_logged_without_its_words(run, folders, monkeypatch) -> None:
    def broken(_options: argparse.Namespace) -> int:
        raise RuntimeError("Ada Lovelace")

    monkeypatch.setattr("kiosk_app.cli.status.main", broken)
    status, _, said = run("status", *folders)
    assert status == 1
    assert "[APP-2]" in said
    assert "kind=RuntimeError" in said
    assert "Ada" not in said


def test_an_interrupted_command_ends_as_shells_expect(run, folders, monkeypatch) -> None:
    def interrupted(_options: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk_app.cli.status.main", interrupted)
    assert run("status", *folders)[0] == 130


def test_a_foreign_and_a_newer_store_are_refused_with_a_sentence(run, folders, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    connection = sqlite3.connect(tmp_path / "data" / "kiosk.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    status, _, said = run("sync", *folders)
    assert status == 4
    assert "belongs to another program. [STORE-5]" in said
    connection.execute(f"PRAGMA application_id = {0x41544B31}")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    status, _, said = run("status", *folders)
    assert status == 4
    assert "update the program. [STORE-3]" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--window", "huge"],
        ["run", "--build-time", "yesterday"],
        ["run", "--camera", "telepathy"],
        ["run", "--camera", "mjpeg:http://cameras.example/1"],
        ["run", "--data", "/x", "--keys", "/x/keys"],
        ["run", "--data", "/x/data", "--keys", "/x"],
    ],
)
def test_settings_that_make_no_sense_are_told_before_a_window_opens(run, tmp_path, arguments: list[str]) -> None:
    folders = [] if "--data" in arguments else ["--data", str(tmp_path / "d"), "--keys", str(tmp_path / "k")]
    status, _, said = run(*arguments, *folders)
    assert status == 2
    assert "[APP-1]" in said


def test_no_command_is_a_usage_error(capfd) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 2
    assert "COMMAND" in capfd.readouterr().err


# ── run ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_real_kiosk_starts_and_stops_when_told(tmp_path: Path, folders) -> None:
    """Its window opens, its workers begin, SIGTERM brings them home, and the next one may start."""
    command = [sys.executable, "-m", "kiosk_app", "run", *folders, "--camera", "none", "--window", "540x960"]
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        assert any(" started paired=no" in line for line in process.stderr)
        process.terminate()
        rest = process.stderr.read()
        assert process.wait(20) == 0
        assert " stopped late=0" in rest
        process.stderr.close()


# ── pin ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pin_from_standard_input(run, folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line sets it; anything but six digits is refused with a sentence."""
    monkeypatch.setattr("sys.stdin", io.StringIO("204060\n"))
    status, lines, _ = run("pin", *folders)
    assert (status, "five times" in lines[0]) == (0, True)
    pin = StaffPin(tmp_path / "keys", SystemClock(), secrets.token_bytes)
    assert pin.check("204060") == PinRight()
    monkeypatch.setattr("sys.stdin", io.StringIO("12\n"))
    status, _, complaint = run("pin", *folders)
    assert (status, "six" in complaint or "6 digits" in complaint) == (2, True)


def test_pin_typed_twice(run, folders, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that differ set nothing."""
    monkeypatch.setattr("sys.stdin", argparse.Namespace(isatty=lambda: True))
    typed = iter(["204060", "204060", "204060", "111111"])
    monkeypatch.setattr("kiosk_app.cli.pin.getpass", lambda _: next(typed))
    assert run("pin", *folders)[0] == 0
    assert run("pin", *folders)[0] == 1
