"""``verify -``: any bytes in, one honest JSON object a line out."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.cli.main import main
from kiosk_app.cli.verify import MAX_LINE_BYTES, bounded_lines
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import SiteId, key_id_of
from kiosk_protocol.messages import encode
from kiosk_protocol.transport import to_compact
from tests.kiosk_app.tenant import DAY_S, T0_S, Tenant, short_id


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def jwk_set(house: Tenant) -> dict:
    raw = bytes(house.visit_key.verify_key)
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(raw), "kid": key_id_of(raw), "use": "sig"},
            {"kty": "EC", "crv": "P-256", "x": "?", "kid": "elsewhere"},
        ]
    }


@pytest.fixture
def keys(tmp_path: Path, house: Tenant) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwk_set(house)))
    return path


@pytest.fixture
def ask(capfd, monkeypatch, house: Tenant, keys: Path):
    def run(lines: bytes, *options: str, keys: Path = keys, at: int = T0_S) -> list[dict]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
        assert main(["verify", "-", "--keys", str(keys), "--site", house.site, "--at", moment(at), *options]) == 0
        return [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    return run


def test_a_good_code_is_admitted_in_every_transport_with_its_claims(ask, house: Tenant) -> None:
    claims = house.claims()
    token = house.token(claims)
    lines = [token, to_compact(token), f"https://x.example/checkin?token={token}", token + "\r"]
    answers = ask("\n".join(lines).encode())
    assert answers == [{"verdict": "admit", "reason": None, "claims": claims.to_members()}] * 4


def test_each_reason_of_a_code_by_itself(ask, house: Tenant) -> None:
    token = house.token(house.claims())
    elsewhere = replace(house.claims(), site=SiteId(short_id()))
    lines = {
        "": "not_a_visit_code",
        "https://example.com/menu": "not_a_visit_code",
        token[:-5]: "malformed",
        house.token(house.claims(), Tenant().visit_key): "unknown_key",
        token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB"): "bad_signature",
        house.token(elsewhere): "wrong_site",
        house.token(house.claims(T0_S - 60, T0_S)): "expired",
        house.token(house.claims(T0_S + 1, T0_S + 60)): "too_early",
    }
    answers = ask("\n".join(lines).encode())
    assert {answer["verdict"] for answer in answers} == {"refuse"}
    assert [answer["reason"] for answer in answers][1:6] == list(lines.values())[1:6]
    assert [answer["reason"] for answer in answers] == list(lines.values())
    assert answers[5]["claims"]["aud"] == elsewhere.site
    assert answers[2]["claims"] is None


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\xfd",
        b"\0" * 100,
        b"V1:" + b"\xc3\x28" * 50,
        b"eyJ.\xed\xa0\x80",
        b"https://[::1/checkin?token=" + b"a" * 50,
        b"e" * 10_000_000,
        b"V1:" + b"A" * 10_000_000,
        "\U0001d522\U0001d536\U0001d50d.a.b".encode(),
        b"https://x/checkin?" + b"&".join([b"token=a"] * 1000),
    ],
)
def test_no_bytes_are_too_strange_to_be_answered(ask, house: Tenant, line: bytes) -> None:
    good = house.token(house.claims()).encode()
    answers = ask(line + b"\n" + good + b"\n")
    assert [answer["verdict"] for answer in answers] == ["refuse", "admit"]
    assert answers[0]["reason"] in {"not_a_visit_code", "malformed"}


@given(st.lists(st.binary(max_size=3 * MAX_LINE_BYTES).filter(lambda data: b"\n" not in data), max_size=4))
def test_lines_are_cut_off_and_none_is_lost_or_split(lines: list[bytes]) -> None:
    stream = io.BytesIO(b"".join(line + b"\n" for line in lines))
    assert list(bounded_lines(stream)) == [line[:MAX_LINE_BYTES].removesuffix(b"\r") for line in lines]


def test_what_was_cut_off_or_stripped_makes_no_code_of_a_longer_line(ask, house: Tenant) -> None:
    good = house.token(house.claims()).encode()
    lines = (good + b"\r" * MAX_LINE_BYTES + b"x", good + b"\r\r", good + b" ", good + b"\r")
    answers = ask(b"\n".join(lines) + b"\n")
    assert [answer["reason"] for answer in answers] == ["malformed", "malformed", "malformed", None]


def test_a_line_as_long_as_the_bound_is_one_line() -> None:
    for length in range(MAX_LINE_BYTES - 2, MAX_LINE_BYTES + 3):
        lines = list(bounded_lines(io.BytesIO(b"a" * length + b"\nb")))
        assert lines == [b"a" * min(length, MAX_LINE_BYTES), b"b"]


@pytest.mark.parametrize("form", ["envelope", "document"])
def test_a_trust_bundle_is_read_in_and_out_of_its_envelope(ask, house: Tenant, tmp_path: Path, form: str) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(encode(house.bundle()) if form == "envelope" else encode(house.bundle_document()))
    token = house.token(house.claims()).encode()
    assert ask(token, keys=path)[0]["verdict"] == "admit"


def test_an_old_bundle_asks_and_an_expired_one_too(ask, house: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(encode(house.bundle(issued_at=T0_S - DAY_S - 1)))
    stranger = house.token(house.claims(), Tenant().visit_key).encode()
    assert ask(stranger, keys=path) == [{"verdict": "ask", "reason": "unknown_key", "claims": None}]
    path.write_bytes(encode(house.bundle(issued_at=T0_S - 31 * DAY_S)))
    answer = ask(house.token(house.claims()).encode(), keys=path)[0]
    assert (answer["verdict"], answer["reason"]) == ("ask", "trust_expired")


def test_with_a_root_only_its_bundles_are_believed(ask, house: Tenant, tmp_path: Path) -> None:
    bundle, root = tmp_path / "bundle.json", tmp_path / "root.json"
    bundle.write_bytes(encode(house.bundle()))
    root.write_bytes(encode(house.root()))
    token = house.token(house.claims()).encode()
    assert ask(token, "--root", str(root), keys=bundle)[0]["verdict"] == "admit"
    root.write_bytes(encode(Tenant(tenant=house.tenant).root()))
    code = main(["verify", "-", "--keys", str(bundle), "--root", str(root), "--site", house.site])
    assert code == 2


def bad_files(house: Tenant) -> dict[str, bytes]:
    good = jwk_set(house)
    key = good["keys"][0]
    twice = {"keys": [key, key]}
    return {
        "empty": b"",
        "no_json": b"{",
        "list": b"[]",
        "foreign": b'{"a":1}',
        "no_kid": json.dumps({"keys": [{k: v for k, v in key.items() if k != "kid"}]}).encode(),
        "long_kid": json.dumps({"keys": [key | {"kid": "123456789"}]}).encode(),
        "no_x": json.dumps({"keys": [key | {"x": None}]}).encode(),
        "no_point": json.dumps({"keys": [key | {"x": base64url_encode(bytes(32))}]}).encode(),
        "twice": json.dumps(twice).encode(),
        "deep": b"[" * 100_000,
        "broken_bundle": encode(house.bundle()).replace(b"payload", b"paylod", 1),
        "wrong_type": encode(house.root()),
        "bad_document": encode(msgspec.structs.replace(house.bundle_document(), lowest_app_version="x" * 100)),
        "large": b" " * 2_000_000,
    }


@pytest.mark.parametrize("kind", sorted(bad_files(Tenant())))
def test_a_key_file_that_cannot_be_used_is_a_sentence_and_status_2(house, tmp_path: Path, capfd, kind: str) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(bad_files(house)[kind])
    assert main(["verify", "-", "--keys", str(path), "--site", house.site]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("atrium-kiosk: ")
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--keys", "/nowhere/keys.json", "--site", "AAAAAAAAAAA"],
        ["--keys", "KEYS", "--site", "short"],
        ["--keys", "KEYS", "--site", "AAAAAAAAAAA", "--at", "yesterday"],
        ["--keys", "KEYS", "--site", "AAAAAAAAAAA", "--at", "2030-01-01T00:00:00"],
        ["--keys", "KEYS", "--site", "AAAAAAAAAAA", "--root", "KEYS"],
        ["--keys", "a\0b", "--site", "AAAAAAAAAAA"],
    ],
)
def test_arguments_that_make_no_sense_are_a_sentence_and_status_2(keys: Path, capfd, arguments: list[str]) -> None:
    filled = [str(keys) if part == "KEYS" else part for part in arguments]
    assert main(["verify", "-", *filled]) == 2
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "foreign",
    [{"kid": None}, {"kid": "longer-than-eight"}, {"use": "enc"}, {"alg": "ES256"}, {"key_ops": ["sign"]}],
)
def test_a_key_that_is_no_visit_key_opens_nothing_and_spoils_nothing(
    ask, house: Tenant, tmp_path: Path, foreign: dict
) -> None:
    path = tmp_path / "set.json"
    spare, used = jwk_set(Tenant())["keys"][0], jwk_set(house)["keys"][0]
    token = house.token(house.claims()).encode()
    path.write_text(json.dumps({"keys": [spare | foreign, used]}))
    assert ask(token, keys=path)[0]["verdict"] == "admit"
    path.write_text(json.dumps({"keys": [spare, used | foreign]}))
    assert ask(token, keys=path)[0]["reason"] == "unknown_key"


def test_the_letters_of_a_moment_may_be_lower_case(keys: Path, house: Tenant, capfd, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(house.token(house.claims()).encode())))
    at = datetime.fromtimestamp(T0_S, UTC).strftime("%Y-%m-%dt%H:%M:%Sz")
    assert main(["verify", "-", "--keys", str(keys), "--site", house.site, "--at", at]) == 0
    assert json.loads(capfd.readouterr().out)["verdict"] == "admit"


def test_a_sites_id_may_begin_with_a_dash(ask, house: Tenant) -> None:
    house.site = SiteId("-" + house.site[1:])
    assert ask(house.token(house.claims()).encode())[0]["verdict"] == "admit"


def test_it_loads_neither_window_nor_camera_nor_network(keys: Path, house: Tenant) -> None:
    script = (
        "import sys, io\n"
        "from kiosk_app.cli.main import main\n"
        "sys.stdin = io.TextIOWrapper(io.BytesIO(b'x\\n'))\n"
        f"main(['verify', '-', '--keys', {str(keys)!r}, '--site', {house.site!r}])\n"
        "heavy = ('PySide6', 'cv2', 'numpy', 'httpx', 'jwt', 'kiosk_app.store')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_answers_come_line_by_line(keys: Path, house: Tenant) -> None:
    """A program that asks one thing at a time is not kept waiting."""
    command = [sys.executable, "-m", "kiosk_app", "verify", "-", "--keys", str(keys), "--site", house.site]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    for _ in range(3):
        process.stdin.write(b"hello\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["reason"] == "not_a_visit_code"
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()


def test_a_reader_that_goes_away_is_no_trouble(keys: Path, house: Tenant) -> None:
    command = [sys.executable, "-m", "kiosk_app", "verify", "-", "--keys", str(keys), "--site", house.site]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(b"hello\n" * 10, timeout=20)
    assert (process.returncode, said) == (0, b"")


def test_a_crash_leaves_no_dump_of_the_memory(keys: Path) -> None:
    """It would hold keys and names. Read off the running program, whatever limit it was started with."""
    command = [sys.executable, "-m", "kiosk_app", "verify", "-", "--keys", str(keys), "--site", short_id()]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert started.stdin is not None
    assert started.stdout is not None
    started.stdin.write(b"x\n")
    started.stdin.flush()
    assert started.stdout.readline()
    limits = Path(f"/proc/{started.pid}/limits").read_text()
    started.communicate()
    (line,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]
