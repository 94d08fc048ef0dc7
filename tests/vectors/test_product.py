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
from tests.vectors.building.pairing_runs import said_in
from tests.vectors.building.tokens import members_of
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


def stated(vector: Json) -> tuple[str | None, Any]:
    """Return what the vector says of its input."""
    return vector["code"], vector["value"]


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
    assert (code, None if data is None else data.hex()) == stated(vector)
    assert data is None or write(data) == vector["text"]


@pytest.mark.parametrize(("vector", "file"), vectors("names"))
def test_names(vector: Json, file: Json) -> None:
    made: dict[str, Callable[[], str]] = {
        "visit_digest": lambda: visit_digest(VisitId(vector["jti"])),
        "kid": lambda: key_id_of(base64url_decode(vector["key"])),
        "thumbprint": lambda: key_thumbprint(base64url_decode(vector["key"])),
        "uuid7": lambda: uuid7(vector["unixMs"], bytes.fromhex(vector["random"])),
        "item_hash": lambda: base64url_encode(item_hash(base64url_decode(vector["sealed"]))),
    }
    assert (None, made[vector["kind"]]()) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("keys"))
def test_keys(vector: Json, file: Json) -> None:
    code, key = outcome(lambda: load_public_key("AAAAAAAA", vector["publicKey"]))
    assert (code, key and key.raw.hex()) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("visit_tokens"))
def test_visit_tokens(vector: Json, file: Json) -> None:
    result = verify_shown_code(vector["text"], keys_of(file), file["site"])
    if isinstance(result, TokenRefusal):
        assert (result.reason, None) == stated(vector)
    else:
        assert (None, members_of(result.claims)) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("sealed_details"))
def test_sealed_details(vector: Json, file: Json) -> None:
    sealed = SealedDetails(wrapped_key=vector["wrappedKey"], details=vector["details"])
    signature = base64url_decode(vector["token"].rpartition(".")[2])
    code, details = outcome(lambda: open_details(sealed, signature, SealContext(**vector["context"])))
    assert (code, details and json.loads(encode(details))) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("sealed_items"))
def test_sealed_items(vector: Json, file: Json) -> None:
    private = PrivateKey(base64url_decode(file["privateKey"]))
    assert outcome(lambda: open_item(base64url_decode(vector["sealed"]), private).hex()) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("chains"))
def test_chains(vector: Json, file: Json) -> None:
    links = [chain_start(vector["chainId"])]
    for hashed in vector["hashes"]:
        links.append(chain_next(links[-1], base64url_decode(hashed)))
    assert (None, [base64url_encode(link) for link in links]) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("envelopes"))
def test_envelopes(vector: Json, file: Json) -> None:
    code, payload = outcome(lambda: dsse.open_envelope(envelope_of(vector["envelope"]), file["type"], keys_of(file)))
    signed = None if payload is None else dsse.pre_authentication_encoding(file["type"], payload).hex()
    assert (code, signed) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("trust"))
def test_trust(vector: Json, file: Json) -> None:
    held = file | vector.get("held", {})
    state = trust.pin(envelope_of(held["root"]), envelope_of(held["bundle"]), file["tenant"], file["now"])
    offer = (envelope_of(vector["root"]), envelope_of(vector["bundle"]))
    earlier = [envelope_of(each) for each in vector.get("earlierRoots", ())]
    code, newer = outcome(lambda: trust.update(state, *offer, vector["now"], earlier))
    assert (code, newer and [newer.root.version, newer.bundle.version]) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("time"))
def test_time(vector: Json, file: Json) -> None:
    envelope = envelope_of(vector["envelope"])
    assert outcome(lambda: trust.read_time(envelope, file["nonce"], keys_of(file))) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("records"))
def test_records(vector: Json, file: Json) -> None:
    code, record = outcome(lambda: read_record(vector["item"].encode(), base64url_decode(file["deviceKey"])))
    assert (code, record and json.loads(encode(record))) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("device_tokens"))
def test_device_tokens(vector: Json, file: Json) -> None:
    code, claims = outcome(lambda: read_device_token(vector["token"], keys_of(file), vector["now"]))
    assert code == vector["code"]
    assert (claims and claims.key_thumbprint) == (vector["value"] and vector["value"]["cnf"]["jkt"])


@pytest.mark.parametrize(("vector", "file"), vectors("proofs"))
def test_proofs(vector: Json, file: Json) -> None:
    aim = file["aim"] | vector["but"]
    code, checked = outcome(
        lambda: check_proof(
            vector["proof"], method=aim["method"], url=aim["url"], access_token=aim["accessToken"], nonce=aim["nonce"]
        )
    )
    assert (code, checked and checked.thumbprint) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("pairing"))
def test_pairing(vector: Json, file: Json) -> None:
    assert outcome(lambda: said_in(vector["run"], vector["share"], vector["result"])) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("setup_codes"))
def test_setup_codes(vector: Json, file: Json) -> None:
    code, found = outcome(lambda: pairing.parse_setup_code(vector["text"]))
    assert (code, found and [found.address, found.window]) == stated(vector)


@pytest.mark.parametrize(("vector", "file"), vectors("batches"))
def test_batches_have_the_shape_of_the_messages(vector: Json, file: Json) -> None:
    """What a server answers to them is tested with the server; here, that both sides can be said and read."""
    for upload, said in zip(vector["uploads"], vector["value"], strict=True):
        batch, answer = msgspec.convert(upload["batch"], Batch), msgspec.convert(said, BatchAnswer)
        assert json.loads(encode(batch)) == upload["batch"]
        assert json.loads(encode(answer)) == said


@pytest.mark.parametrize(("vector", "file"), vectors("admission"))
def test_admission(vector: Json, file: Json) -> None:
    assert (None, decision_of(file["facts"] | vector["but"])) == stated(vector)
