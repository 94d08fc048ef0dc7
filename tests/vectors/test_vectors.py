"""The vectors are what the generator makes, what the product does, and what an independent verifier finds."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.vectors import verify_independently
from tests.vectors.generate import FILES, HERE, write

VERIFIER = HERE / "verify_independently.py"
JUDGES = {judge.__name__: judge for judge in verify_independently.JUDGES}


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
    primitives = "cryptography.hazmat.primitives"
    assert foreign == {
        "cryptography.exceptions.InvalidSignature",
        f"{primitives}.asymmetric.ed25519.Ed25519PublicKey",
        f"{primitives}.asymmetric.x25519.X25519PrivateKey",
        f"{primitives}.asymmetric.x25519.X25519PublicKey",
        f"{primitives}.poly1305.Poly1305",
        "nacl.bindings.crypto_aead_aes256gcm_decrypt",
        "nacl.exceptions.CryptoError",
    }


def test_every_file_has_a_judge_and_names_that_differ() -> None:
    """No file is made that nobody reads."""
    assert set(JUDGES) == set(FILES)
    for name in FILES:
        vectors = json.loads((HERE / f"{name}.json").read_text())["vectors"]
        assert len({vector["name"] for vector in vectors}) == len(vectors)


# One false statement for each file, about its first vector.
LIES: dict[str, dict[str, Any]] = {
    "encodings": {"hex": "00"},
    "names": {"is": "A" * 43},
    "keys": {"code": "key_point"},
    "visit_tokens": {"reason": "bad_signature"},
    "sealed_details": {"opened": {}},
    "sealed_items": {"item": "00"},
    "chains": {"links": ["A" * 43]},
    "envelopes": {"signed": "00"},
    "trust": {"code": "rollback"},
    "time": {"timeMs": 1},
    "records": {"record": None},
    "device_tokens": {"code": "token_expired"},
    "proofs": {"code": "proof_aim"},
    "pairing": {"serverTag": "A" * 43},
    "setup_codes": {"address": "https://elsewhere.example"},
    "admission": {"decision": {"verdict": "refuse"}},
}


@pytest.mark.parametrize(("name", "lie"), LIES.items(), ids=LIES.keys())
def test_the_independent_verifier_notices_a_false_statement(name: str, lie: dict[str, Any]) -> None:
    """A verifier that says yes to everything would prove nothing."""
    file = json.loads((HERE / f"{name}.json").read_text())
    first = file["vectors"][0]
    assert JUDGES[name](first, file)
    assert not JUDGES[name](first | lie, file)


@pytest.mark.parametrize("number", range(5))
def test_the_independent_verifier_notices_a_false_answer_to_a_batch(number: int) -> None:
    """In any of the sequences of uploads."""
    file = json.loads((HERE / "batches.json").read_text())
    vector = file["vectors"][number]
    assert JUDGES["batches"](vector, file)
    result = vector["uploads"][-1]["answer"]["results"][-1]
    result["replayed"] = not result["replayed"]
    assert not JUDGES["batches"](vector, file)


def test_a_false_statement_ends_the_script_with_its_name(tmp_path: Path) -> None:
    """Exit code 1, and the vector by file and name."""
    for path in HERE.glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    path = tmp_path / "pairing.json"
    path.write_text(path.read_text().replace('"kioskTag": "', '"kioskTag": "x', 1))
    done = subprocess.run([sys.executable, str(VERIFIER), str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "not as stated: pairing: a run\n")
