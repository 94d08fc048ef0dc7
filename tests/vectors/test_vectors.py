"""The vectors are what the generator makes, what the product does, and what an independent verifier finds."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.vectors import verify_independently
from tests.vectors.generate import FILES, HERE, write

VERIFIER = HERE / "verify_independently.py"

Json = dict[str, Any]


def test_the_generator_makes_the_files_byte_for_byte(tmp_path: Path) -> None:
    """Keys and randomness are fixed; a difference means that the wire format changed."""
    write(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in HERE.glob("*.json")}


def test_the_independent_verifier_finds_all_as_stated(tmp_path: Path) -> None:
    """Run as a script, in another folder and process."""
    done = subprocess.run([sys.executable, str(VERIFIER)], cwd=tmp_path, capture_output=True, text=True, check=False)
    count = sum(len(json.loads(path.read_text())["vectors"]) for path in HERE.glob("*.json"))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{count} vectors, all as stated\n", "")
    assert count > 500


def test_the_independent_verifier_shares_nothing_with_the_product() -> None:
    """It imports the standard library, and of other libraries the primitives that the product takes elsewhere."""
    imported = set()
    for node in ast.walk(ast.parse(VERIFIER.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    foreign = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign == {
        "cryptography.exceptions.InvalidSignature",
        "cryptography.hazmat.primitives.asymmetric.ed25519.Ed25519PublicKey",
        "cryptography.hazmat.primitives.asymmetric.x25519.X25519PrivateKey",
        "cryptography.hazmat.primitives.asymmetric.x25519.X25519PublicKey",
        "nacl.bindings",
        "nacl.exceptions.CryptoError",
    }


def test_every_file_has_a_judge_and_names_that_differ() -> None:
    """No file is made that nobody reads."""
    assert set(verify_independently.JUDGES) == set(FILES)
    for name in FILES:
        vectors = read(name)["vectors"]
        assert len({vector["name"] for vector in vectors}) == len(vectors)


def read(name: str) -> Json:
    file: Json = json.loads((HERE / f"{name}.json").read_text())
    return file


def lies_about(said: Any) -> Iterator[Any]:
    """Yield ``said`` with one part of it changed, for each of its parts."""
    match said:
        case dict():
            yield from ({**said, name: lie} for name, part in said.items() for lie in lies_about(part))
            yield {**said, "more": None}
        case list():
            yield from ([*said[:at], lie, *said[at + 1 :]] for at, part in enumerate(said) for lie in lies_about(part))
            yield said[:-1]
        case bool():
            yield not said
            yield int(said)
        case int():
            yield said + 1
        case str():
            yield said + "x"
        case None:
            yield "x"


@pytest.mark.parametrize("name", FILES)
def test_no_false_statement_of_any_vector_goes_unnoticed(name: str) -> None:
    """A verifier that says yes to everything would prove nothing: another code, no code, each part of each value."""
    file = read(name)
    for vector in file["vectors"]:
        stated = {"code": vector["code"], "value": vector["value"]}
        lies = [lie for lie in lies_about(stated) if "more" not in lie] + [stated | {"code": None, "value": None}]
        for lie in lies:
            noticed = not verify_independently.is_as_stated(name, vector | lie, file)
            # Compared as JSON, where true is not 1.
            assert noticed == (json.dumps(lie) != json.dumps(stated)), (vector["name"], lie)


SIGNED_OR_SEALED = {
    "visit_tokens": "text",
    "sealed_items": "sealed",
    "device_tokens": "token",
    "proofs": "proof",
}


@pytest.mark.parametrize(("name", "member"), SIGNED_OR_SEALED.items(), ids=SIGNED_OR_SEALED.keys())
def test_an_input_with_one_letter_changed_is_refused(name: str, member: str) -> None:
    """So a vector is good for its very bytes: each letter of the last hundred, in the first vector that is good."""
    file = read(name)
    vector = next(vector for vector in file["vectors"] if vector["code"] is None)
    text = vector[member]
    for at in range(max(0, len(text) - 100), len(text)):
        if text[at].isalnum():
            changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
            assert not verify_independently.is_as_stated(name, vector | {member: changed}, file), at


def planted(name: str, folder: Path) -> set[str]:
    """Copy the files to ``folder`` with a false statement of each kind in one of them; return the vectors' names.

    A kind is what a vector is of, and its code.
    """
    for path in HERE.glob("*.json"):
        (folder / path.name).write_bytes(path.read_bytes())
    file, first = read(name), {}
    for vector in file["vectors"]:
        first.setdefault((vector.get("kind"), vector.get("form"), vector["code"]), vector)
    for vector in first.values():
        vector["code"] = None if vector["code"] else "malformed"
    (folder / f"{name}.json").write_text(json.dumps(file))
    return {f"not as stated: {name}: {vector['name']!a}" for vector in first.values()}


@pytest.mark.parametrize("name", FILES)
def test_a_false_statement_of_each_kind_is_named(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By file and name, and no other vector with it; the status is 1."""
    expected = planted(name, tmp_path)
    assert verify_independently.main(tmp_path) == 1
    assert set(capsys.readouterr().out.splitlines()) == expected


def test_a_false_statement_ends_the_script_with_1(tmp_path: Path) -> None:
    """As a script, in a process of its own."""
    expected = planted("pairing", tmp_path)
    done = subprocess.run([sys.executable, str(VERIFIER), str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, set(done.stdout.splitlines())) == (1, expected)
