"""What the product does with each vector is what the vector says."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from nacl.public import PrivateKey

from kiosk_protocol import dsse, pairing, trust
from kiosk_protocol.device_tokens import key_thumbprint, read_device_token
from kiosk_protocol.encoding import base45_decode, base45_encode, base64url_decode, base64url_encode
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.identifiers import VisitId, key_id_of, uuid7, visit_digest
from kiosk_protocol.keys import PublicKey, key_set, load_public_key
from kiosk_protocol.messages import Batch, BatchAnswer, Envelope, SealedDetails, encode
from kiosk_protocol.proofs import check_proof
from kiosk_protocol.records import read_record
from kiosk_protocol.sealing import SealContext, chain_next, chain_start, item_hash, open_details, open_item
from kiosk_protocol.tokens import TokenRefusal, verify_shown_code
from tests.vectors.building.admission import decision_of
from tests.vectors.generate import HERE

Json = dict[str, Any]


def vectors(name: str) -> list[Any]:
    """Return the file's vectors as test parameters, each with its file."""
    file = json.loads((HERE / f"{name}.json").read_text())
    return [pytest.param(vector, file, id=str(number)) for number, vector in enumerate(file["vectors"])]


def outcome(act: Callable[[], object]) -> tuple[str | None, Any]:
    """Return (code, None) for a refusal, else (None, value)."""
    try:
        return None, act()
    except ProtocolError as error:
        return error.code, None


def keys_of(file: Json) -> Mapping[str, PublicKey]:
    return key_set(load_public_key(kid, text) for kid, text in file["keys"].items())


def envelope_of(data: Json) -> Envelope:
    return msgspec.convert(data, Envelope)


@pytest.mark.parametrize(("vector", "file"), vectors("encodings"))
def test_encodings(vector: Json, file: Json) -> None:
    read, write = (
        (base64url_decode, base64url_encode) if vector["form"] == "base64url" else (base45_decode, base45_encode)
    )
    code, data = outcome(lambda: read(vector["text"]))
    if vector["hex"] is None:
        assert code == f"not_{vector['form']}"
    else:
        assert data.hex() == vector["hex"]
        assert write(data) == vector["text"]


@pytest.mark.parametrize(("vector", "file"), vectors("names"))
def test_names(vector: Json, file: Json) -> None:
    made: dict[str, Callable[[], str]] = {
        "visit_digest": lambda: visit_digest(VisitId(vector["jti"])),
        "kid": lambda: key_id_of(base64url_decode(vector["key"])),
        "thumbprint": lambda: key_thumbprint(base64url_decode(vector["key"])),
        "uuid7": lambda: uuid7(vector["unixMs"], bytes.fromhex(vector["random"])),
    }
    assert made[vector["kind"]]() == vector["is"]


@pytest.mark.parametrize(("vector", "file"), vectors("keys"))
def test_keys(vector: Json, file: Json) -> None:
    assert outcome(lambda: load_public_key("AAAAAAAA", vector["publicKey"]))[0] == vector["code"]


@pytest.mark.parametrize(("vector", "file"), vectors("visit_tokens"))
def test_visit_tokens(vector: Json, file: Json) -> None:
    result = verify_shown_code(vector["text"], keys_of(file), file["site"])
    assert (result.reason if isinstance(result, TokenRefusal) else None) == vector["reason"]


@pytest.mark.parametrize(("vector", "file"), vectors("sealed_details"))
def test_sealed_details(vector: Json, file: Json) -> None:
    sealed = SealedDetails(wrapped_key=vector["wrappedKey"], details=vector["details"])
    signature = base64url_decode(vector["token"].rpartition(".")[2])
    code, details = outcome(lambda: open_details(sealed, signature, SealContext(**vector["context"])))
    assert code == vector["code"]
    assert details is None or json.loads(encode(details)) == vector["opened"]


@pytest.mark.parametrize(("vector", "file"), vectors("sealed_items"))
def test_sealed_items(vector: Json, file: Json) -> None:
    sealed = base64url_decode(vector["sealed"])
    code, item = outcome(lambda: open_item(sealed, PrivateKey(base64url_decode(file["privateKey"]))))
    assert (code, item and item.hex()) == (None, vector["item"] or b"") or (code, vector["item"]) == ("item", None)
    assert base64url_encode(item_hash(sealed)) == vector["hash"]


@pytest.mark.parametrize(("vector", "file"), vectors("chains"))
def test_chains(vector: Json, file: Json) -> None:
    link = chain_start(vector["chainId"])
    assert base64url_encode(link) == vector["start"]
    for hashed, expected in zip(vector["hashes"], vector["links"], strict=True):
        link = chain_next(link, base64url_decode(hashed))
        assert base64url_encode(link) == expected


@pytest.mark.parametrize(("vector", "file"), vectors("envelopes"))
def test_envelopes(vector: Json, file: Json) -> None:
    code, payload = outcome(lambda: dsse.open_envelope(envelope_of(vector["envelope"]), file["type"], keys_of(file)))
    assert code == vector["code"]
    if payload is not None:
        assert dsse.pre_authentication_encoding(file["type"], payload).hex() == vector["signed"]


@pytest.mark.parametrize(("vector", "file"), vectors("trust"))
def test_trust(vector: Json, file: Json) -> None:
    state = trust.pin(envelope_of(file["root"]), envelope_of(file["bundle"]), file["tenant"], file["now"])
    offer = (envelope_of(vector["root"]), envelope_of(vector["bundle"]))
    assert outcome(lambda: trust.update(state, *offer, vector["now"]))[0] == vector["code"]


@pytest.mark.parametrize(("vector", "file"), vectors("time"))
def test_time(vector: Json, file: Json) -> None:
    found = outcome(lambda: trust.read_time(envelope_of(vector["envelope"]), file["nonce"], keys_of(file)))
    assert found == (vector["code"], vector["timeMs"])


@pytest.mark.parametrize(("vector", "file"), vectors("records"))
def test_records(vector: Json, file: Json) -> None:
    code, record = outcome(lambda: read_record(vector["item"].encode(), base64url_decode(file["deviceKey"])))
    assert (code, record and json.loads(encode(record))) == (vector["code"], vector["record"])


@pytest.mark.parametrize(("vector", "file"), vectors("device_tokens"))
def test_device_tokens(vector: Json, file: Json) -> None:
    code, claims = outcome(lambda: read_device_token(vector["token"], keys_of(file), vector["now"]))
    assert code == vector["code"]
    assert claims is None or claims.key_thumbprint == file["claims"]["cnf"]["jkt"]


@pytest.mark.parametrize(("vector", "file"), vectors("proofs"))
def test_proofs(vector: Json, file: Json) -> None:
    aim = file["aim"] | vector["but"]
    code, checked = outcome(
        lambda: check_proof(
            vector["proof"], method=aim["method"], url=aim["url"], access_token=aim["accessToken"], nonce=aim["nonce"]
        )
    )
    assert code == vector["code"]
    assert checked is None or checked.thumbprint == file["thumbprint"]


@pytest.mark.parametrize(("vector", "file"), vectors("pairing"))
def test_pairing(vector: Json, file: Json) -> None:
    run = pairing.PairingTranscript(**vector["run"])
    assert (run.kiosk_tag(), run.server_tag()) == (vector["kioskTag"], vector["serverTag"])


@pytest.mark.parametrize(("vector", "file"), vectors("setup_codes"))
def test_setup_codes(vector: Json, file: Json) -> None:
    code, found = outcome(lambda: pairing.parse_setup_code(vector["text"]))
    assert code == vector["code"]
    assert found is None or (found.address, found.ca_fingerprint) == (vector["address"], vector["caFingerprint"])


@pytest.mark.parametrize(("vector", "file"), vectors("batches"))
def test_batches_have_the_shape_of_the_messages(vector: Json, file: Json) -> None:
    """What a server answers to them is tested with the server; here, that both sides can be said and read."""
    for upload in vector["uploads"]:
        batch, answer = msgspec.convert(upload["batch"], Batch), msgspec.convert(upload["answer"], BatchAnswer)
        assert json.loads(encode(batch)) == upload["batch"]
        assert json.loads(encode(answer)) == upload["answer"]


@pytest.mark.parametrize(("vector", "file"), vectors("admission"))
def test_admission(vector: Json, file: Json) -> None:
    assert decision_of(file["facts"] | vector["but"]) == vector["decision"]
