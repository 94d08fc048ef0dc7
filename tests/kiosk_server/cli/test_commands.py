"""The operator's commands, in this process, against a database of their own."""

import base64
import io
import stat
from pathlib import Path

import pytest

from kiosk_protocol.tokens import VerifiedVisitToken, verify_shown_code
from kiosk_protocol.trust import load_bundle_keys, read_bundle
from kiosk_server.cli.main import run
from kiosk_server.notes import AddressNote, write_address
from tests.kiosk_server.cli.conftest import Atrium, fill


def test_a_day_of_an_operator(atrium: Atrium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From an empty database to a visit with its code as pictures, shown and cancelled."""
    site = fill(atrium)
    assert atrium("tenant", "list")["tenants"][0]["slug"] == "acme"
    assert atrium("site", "list", "--tenant", "acme")["sites"][0]["earlyAllowanceMinutes"] == 30
    host = atrium("user", "create", "--email", "Ann@acme.example", "--name", "Ann", "--role", "member", "--site", site)
    assert len(host["password"]) >= 10
    assert atrium("user", "list")["users"][0]["email"] == "ann@acme.example"
    png, svg = tmp_path / "code.png", tmp_path / "code.svg"
    made = atrium(
        "visit", "create", "--site", site, "--visitor-name", "Ada", "--host", host["userId"], "--room", "B",
        "--qr-png", str(png), "--qr-svg", str(svg),
    )  # fmt: skip
    assert png.read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in svg.read_bytes()
    assert [visit["id"] for visit in atrium("visit", "list", "--site", site)["visits"]] == [made["visitId"]]
    shown = atrium("visit", "show", made["visitId"])
    assert shown["visit"]["token"] == made["token"]
    assert shown["checkIns"] == []
    assert atrium("visit", "cancel", made["visitId"])["state"] == "cancelled"
    assert atrium("site", "renew-epoch", "--site", site)["siteId"] == site
    assert atrium("migrate") == {"migrated": True}
    assert atrium("database")["url"].startswith("postgresql://")


def test_password_can_come_from_standard_input(atrium: Atrium, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never as an argument, which every user of the machine can read."""
    fill(atrium)
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    made = atrium(
        "user", "create", "--email", "a@acme.example", "--name", "A", "--role", "tenant_admin", "--password-stdin"
    )
    assert "password" not in made


def test_bundle_of_the_command_line_verifies_the_codes_it_prints(atrium: Atrium) -> None:
    """The envelope's keys of purpose visit are those that signed."""
    site = fill(atrium)
    made = atrium("visit", "create", "--site", site, "--visitor-name", "Ada")
    bundle = read_bundle(base64.b64decode(atrium("key", "bundle")["payload"]))
    keys = {key.kid: key for key in load_bundle_keys(bundle)["visit"]}
    assert isinstance(verify_shown_code(made["code"], keys, site), VerifiedVisitToken)
    purposes = sorted(key["purpose"] for key in atrium("key", "list")["keys"])
    assert purposes == ["bundle", "device", "root", "seal", "time", "user", "visit"]


def test_window_names_the_address_of_the_last_server(atrium: Atrium, shell: Path) -> None:
    """Digits, address and set-up code; without a server ever started there is no address to name."""
    site = fill(atrium)
    assert run(["kiosk", "window", "--site", site]) == 2
    write_address(shell, AddressNote(8443, "https://door.example:8443"))
    window = atrium("kiosk", "window", "--site", site)
    assert len(window["code"]) == 6
    assert window["pairingAddress"] == f"https://door.example:8443/p/acme/{site}"
    assert window["setupCode"] == window["pairingAddress"]
    named = atrium("kiosk", "window", "--site", site, "--named")
    assert named["setupCode"].startswith(f"{named['pairingAddress']}#window=")
    assert atrium("kiosk", "list", "--site", site) == {"kiosks": []}


def test_people_read_lines_instead_of_json(atrium: Atrium, shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every listing, without --json."""
    site = fill(atrium)
    atrium("user", "create", "--email", "a@acme.example", "--name", "A", "--role", "tenant_admin")
    visit = atrium("visit", "create", "--site", site, "--visitor-name", "Ada Lovelace")["visitId"]
    write_address(shell, AddressNote(8443, "https://door.example:8443"))
    for arguments in (
        ["tenant", "list"], ["site", "list"], ["user", "list"], ["visit", "list"], ["visit", "show", visit],
        ["kiosk", "list"], ["key", "list"], ["kiosk", "window", "--site", site],
    ):  # fmt: skip
        assert run(arguments) == 0
    printed = capsys.readouterr().out
    assert "Ada Lovelace" in printed
    assert "Digits" in printed


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["tenant", "create", "--slug", "No Slug", "--name", "x"], "slug"),
        (["tenant", "create", "--slug", "acme", "--name", "x"], "slug_taken"),
        (["site", "create", "--name", "x", "--time-zone", "Mars/Olympus"], "time_zone"),
        (["site", "create", "--name", "x", "--time-zone", "../etc/passwd"], "time_zone"),
        (["site", "create", "--name", "x", "--time-zone", "UTC", "--early-minutes", "61"], "early_allowance"),
        (["site", "create", "--name", "x", "--time-zone", "UTC", "--early-minutes", "9" * 30], "minutes"),
        (["site", "create", "--name", "x", "--time-zone", "UTC", "--feed-age-minutes", "0"], "feed_age"),
        (["site", "create", "--name", "x", "--time-zone", "UTC", "--brand-colour", "red"], "colour"),
        (["site", "create", "--name", "x", "--time-zone", "UTC", "--language", "no language"], "languages"),
        (["site", "list", "--tenant", "nobody"], "unknown_tenant"),
        (["visit", "show", "x"], "unknown_visit"),
        (["visit", "cancel", "V" * 22], "unknown_visit"),
        (["kiosk", "revoke", "K" * 22], "unknown_kiosk"),
        (["site", "renew-epoch", "--site", "S" * 11], "unknown_site"),
    ],
)
def test_refusals_are_a_sentence_and_a_word(
    atrium: Atrium, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    """Exit 1, one line, the machine word in it, no traceback."""
    fill(atrium)
    assert run(arguments) == 1
    complaint = capsys.readouterr().err
    assert f"({code})" in complaint
    assert len(complaint.splitlines()) == 1


def test_tenant_must_be_named_where_there_are_several(atrium: Atrium, capsys: pytest.CaptureFixture[str]) -> None:
    """One may be left out, two not."""
    fill(atrium)
    atrium("tenant", "create", "--slug", "other", "--name", "Other")
    assert run(["site", "list"]) == 1
    assert "--tenant" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[], ["serve", "--port", "70000"], ["visit", "list", "--since", "now"], ["visit", "list", "--since", "2026-01-01"]],
)
def test_usage_errors_exit_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Argparse says what is wrong."""
    with pytest.raises(SystemExit) as caught:
        run(arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_what_is_written_is_for_the_owner_alone(atrium: Atrium, shell: Path) -> None:
    """The master key has mode 0600 in a folder of mode 0700, and no sealed value opens under another one."""
    fill(atrium)
    key = shell / "keys" / "master.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


def test_foreign_master_key_and_open_key_file_are_said_to_be_so(
    atrium: Atrium, shell: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SRV-5, and nothing is made anew."""
    site = fill(atrium)
    key = shell / "keys" / "master.key"
    key.chmod(0o644)
    assert run(["site", "list"]) == 2
    key.chmod(0o600)
    monkeypatch.setenv("ATRIUM_MASTER_KEY", "short")
    assert run(["site", "list"]) == 2
    monkeypatch.setenv("ATRIUM_MASTER_KEY", "A" * 43)
    assert run(["visit", "create", "--site", site, "--visitor-name", "A"]) == 2
    assert capsys.readouterr().err.count("SRV-5") == 3


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://nobody@127.0.0.1:1/atrium", "SRV-1"),
        ("mysql://localhost/atrium", "SRV-3"),
        ("postgresql://localhost", "SRV-3"),
        ("not an address", "SRV-3"),
    ],
)
def test_unusable_database_is_said_to_be_so(
    shell: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str, code: str
) -> None:
    """Exit 4, one line."""
    monkeypatch.setenv("DATABASE_URL", url)
    assert run(["tenant", "list"]) == 4
    complaint = capsys.readouterr().err
    assert code in complaint
    assert len(complaint.splitlines()) == 1


def test_data_folder_that_is_a_file_is_said_to_be_so(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SRV-10, whichever command."""
    shell.write_text("not a folder")
    assert run(["tenant", "list"]) == 4
    assert run(["serve"]) == 4
    assert capsys.readouterr().err.count("SRV-10") == 2


def test_mistake_of_our_own_is_one_line(
    shell: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SRV-9 and exit 5; Ctrl-C is no mistake."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk_server.cli.main._run", broken)
    assert run(["tenant", "list"]) == 5
    complaint = capsys.readouterr().err
    assert "SRV-9" in complaint
    assert "secret" not in complaint
    monkeypatch.setattr("kiosk_server.cli.main._run", interrupted)
    assert run(["tenant", "list"]) == 130


@pytest.mark.parametrize("option", ["--qr-png", "--qr-svg"])
def test_a_picture_that_cannot_be_written_makes_no_visit(
    atrium: Atrium, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """Asked again with a better path there must be one visit, not two."""
    site = fill(atrium)
    for path in (tmp_path / "nowhere" / "code", tmp_path):
        assert run(["visit", "create", "--site", site, "--visitor-name", "Ada", option, str(path)]) == 1
        assert f"{path} cannot be written" in capsys.readouterr().err
    assert atrium("visit", "list", "--site", site)["visits"] == []
