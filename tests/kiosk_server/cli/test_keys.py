"""``atrium-server key``: what an operator types when keys change, and the file a root key is kept in."""

import io
import json
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk_protocol.identifiers import KeyId, TenantId, key_id_of
from kiosk_protocol.messages import Envelope, decode
from kiosk_protocol.trust import read_root
from kiosk_server.cli.main import run
from kiosk_server.cli.root_key_file import read_root_key, write_root_key
from kiosk_server.domain.problems import BadRequestError
from tests.kiosk_server.cli.conftest import Atrium, fill

TENANT = TenantId("T" * 22)
KEY = SigningKey(b"r" * 32)
KID = key_id_of(bytes(KEY.verify_key))


def kid_of(atrium: Atrium, purpose: str, state: str = "signing") -> str:
    (kid,) = [key["kid"] for key in atrium("key", "list")["keys"] if (key["purpose"], key["state"]) == (purpose, state)]
    return str(kid)


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the sentence on a command that is refused."""
    assert run(list(arguments)) == 1
    return capsys.readouterr().err


def passphrase(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))


def test_a_quarter_of_an_operator(atrium: Atrium) -> None:
    """List, rotate and revoke: each answer says what became of the key."""
    site = fill(atrium)
    first = kid_of(atrium, "visit")
    made = atrium("visit", "create", "--site", site, "--visitor-name", "Ada")
    rotated = atrium("key", "rotate", "--purpose", "visit")
    assert (rotated["state"], rotated["privateHalf"]) == ("waiting", "here")
    assert rotated["signsFrom"] > rotated["notBefore"]
    revoked = atrium("key", "revoke", first)
    assert (revoked["state"], revoked["codesReissued"], revoked["privateHalf"]) == ("revoked", 1, "not here")
    assert kid_of(atrium, "visit") == rotated["kid"]
    assert atrium("visit", "show", made["visitId"])["visit"]["token"] != made["token"]
    assert atrium("key", "revoke", first)["codesReissued"] == 0


def test_a_stolen_bundle_key_is_replaced_through_the_root(atrium: Atrium) -> None:
    """By rotating it, or by revoking the one in use; the root names the new one alone."""
    fill(atrium)
    before = atrium("key", "root", "show")
    rotated = atrium("key", "rotate", "--purpose", "bundle")["kid"]
    assert atrium("key", "revoke", rotated)["state"] == "revoked"
    after = atrium("key", "root", "show")
    assert after["version"] > before["version"]
    assert after["rootKeys"] == before["rootKeys"]
    assert after["bundleKeys"] == [kid_of(atrium, "bundle")]
    assert not {rotated, *before["bundleKeys"]} & set(after["bundleKeys"])


def test_a_root_key_lives_in_a_file(atrium: Atrium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken away, asked for, changed into another file; at last lost."""
    fill(atrium)
    first, second = tmp_path / "root-1.json", tmp_path / "root-2.json"
    passphrase(monkeypatch, "four words of a song")
    taken = atrium("key", "root", "offline", "--to", str(first), "--passphrase-stdin")
    assert taken["kid"] == kid_of(atrium, "root")
    assert first.stat().st_mode & 0o777 == 0o600
    assert atrium("key", "root", "show")["isOffline"]
    passphrase(monkeypatch, "four words of a song")
    changed = atrium("key", "root", "change", "--root-key", str(first), "--to", str(second), "--passphrase-stdin")
    assert changed["rootKeys"] == [json.loads(second.read_text())["kid"]]
    assert changed["isOffline"]
    passphrase(monkeypatch, "four words of a song")
    atrium("key", "rotate", "--purpose", "bundle", "--root-key", str(second), "--passphrase-stdin")
    stolen = kid_of(atrium, "bundle")
    passphrase(monkeypatch, "four words of a song")
    atrium("key", "revoke", stolen, "--root-key", str(second), "--passphrase-stdin")
    exported = decode(json.dumps(atrium("key", "root", "export")).encode(), Envelope)
    assert [key.kid for key in read_root(exported).root_keys] == changed["rootKeys"]
    assert not atrium("key", "root", "change", "--lost")["isOffline"]


def test_people_read_sentences(atrium: Atrium, tmp_path: Path, shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was done, and what has to be done next."""
    site = fill(atrium)
    atrium("visit", "create", "--site", site, "--visitor-name", "Ada")
    visit, device = kid_of(atrium, "visit"), kid_of(atrium, "device")
    file = str(tmp_path / "root.json")

    def said(*arguments: str) -> str:
        assert run(["key", *arguments]) == 0
        return capsys.readouterr().out

    assert "signing" in said("list")
    assert "Older codes go on working." in said("rotate", "--purpose", "visit")
    assert "Visits with a new code: 1." in said("revoke", visit)
    assert "have to be paired again" in said("revoke", device)
    assert "names it alone" in said("rotate", "--purpose", "bundle")
    assert "on this server" in said("root", "show")
    assert "no longer on this server" in said("root", "offline", "--to", file)
    assert "kept offline" in said("root", "show")
    assert "pair each of them again" in said("root", "change", "--lost")


REFUSED: tuple[tuple[str, ...], ...] = (
    ("unknown_key", "revoke", "nokey000"),
    ("root_key", "rotate", "--purpose", "visit", "--root-key", "x"),
    ("root_key", "revoke", "nokey000", "--root-key", "x"),
    ("root_key_file", "rotate", "--purpose", "bundle", "--root-key", "/nowhere/root.json"),
    ("root_key", "root", "offline"),
    ("root_key_file", "root", "offline", "--to", "/nowhere/root.json"),
    ("root_key", "root", "change", "--lost", "--root-key", "x"),
)


def test_what_cannot_be_done_is_one_sentence(
    atrium: Atrium, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is changed."""
    fill(atrium)
    before = atrium("key", "list"), atrium("key", "root", "show")
    for code, *arguments in REFUSED:
        said = complaint(capsys, "key", *arguments)
        assert said.endswith(f"({code})\n")
        assert said.count("\n") == 1
    assert "key root change" in complaint(capsys, "key", "revoke", kid_of(atrium, "root"))
    write_root_key(tmp_path / "theirs", TENANT, KID, KEY, None)
    assert "another tenant" in complaint(capsys, "key", "root", "change", "--root-key", str(tmp_path / "theirs"))
    passphrase(monkeypatch, "")
    said = complaint(capsys, "key", "root", "offline", "--to", str(tmp_path / "root"), "--passphrase-stdin")
    assert "empty" in said
    assert not (tmp_path / "root").exists()
    assert (atrium("key", "list"), atrium("key", "root", "show")) == before


@pytest.mark.parametrize("days", ["-1", "4000"])
def test_an_age_no_key_should_reach_is_refused(days: str, shell: Path) -> None:
    """As the command's usage."""
    with pytest.raises(SystemExit, match="2"):
        run(["serve", "--rotate-keys-after-days", days])


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("word", [None, "pässphrase"])
def test_a_root_key_comes_back_out_of_its_file(tmp_path: Path, word: str | None) -> None:
    """Sealed or not; a second one is never written over it."""
    file = tmp_path / "root.json"
    write_root_key(file, TENANT, KID, KEY, word)
    assert bytes(read_root_key(file, TENANT, word)) == bytes(KEY)
    with pytest.raises(BadRequestError, match="root_key_file"):
        write_root_key(file, TENANT, KeyId("otherkid"), SigningKey.generate(), word)
    assert bytes(read_root_key(file, TENANT, word)) == bytes(KEY)


def test_a_sealed_file_opens_under_its_passphrase_alone(tmp_path: Path) -> None:
    """And holds nothing that could be used without."""
    file = tmp_path / "root.json"
    write_root_key(file, TENANT, KID, KEY, "right")
    members = json.loads(file.read_text())
    for word, sentence in (("wrong", "does not open"), (None, "is sealed")):
        with pytest.raises(BadRequestError) as caught:
            read_root_key(file, TENANT, word)
        assert sentence in caught.value.message
    file.write_text(json.dumps(members | {"kid": "otherkid"}))
    with pytest.raises(BadRequestError) as caught:
        read_root_key(file, TENANT, "right")
    assert "does not open" in caught.value.message


DAMAGED: dict[str, tuple[dict[str, str], str]] = {
    "another format": ({"format": "atrium-root-key-2"}, "of this version"),
    "a foreign member": ({"extra": "1"}, "no root key file"),
    "another public half": ({"publicKey": "A" * 43}, "is damaged"),
    "a key too short": ({"privateKey": "AAAA"}, "is damaged"),
    "a key that is no base64url": ({"privateKey": "!"}, "is damaged"),
    "a salt that is none": ({"salt": "!"}, "is damaged"),
    "a salt too short": ({"salt": "AAAA"}, "is damaged"),
}


@pytest.mark.parametrize(("changes", "sentence"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_refused(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    """With what is wrong, and without a traceback."""
    file = tmp_path / "root.json"
    write_root_key(file, TENANT, KID, KEY, None)
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with pytest.raises(BadRequestError) as caught:
        read_root_key(file, TENANT, "word")
    assert sentence in caught.value.message


@pytest.mark.parametrize("content", [b"", b"{", b"\xff" * 8, b"[]", b"{}" * 4000])
def test_what_is_no_root_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever lies there."""
    file = tmp_path / "root.json"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(BadRequestError, match="root_key_file"):
        read_root_key(file, TENANT, None)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """It says so, because the key in it may be in foreign hands."""
    file = tmp_path / "root.json"
    write_root_key(file, TENANT, KID, KEY, None)
    file.chmod(0o640)
    with pytest.raises(BadRequestError) as caught:
        read_root_key(file, TENANT, None)
    assert "0600" in caught.value.message
