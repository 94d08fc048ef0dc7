"""Vectors of pairing: what both sides say and hold in a run, given the numbers that they drew."""

import json
from typing import Any

from kiosk_protocol.cpace import Secret
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.messages import encode
from kiosk_protocol.pairing_run import Offer, kiosk_keys, make_offer, make_reply, open_result, seal_result, server_keys
from tests.kiosk_protocol import test_pairing_run as samples
from tests.kiosk_protocol.samples import random_bytes

Json = dict[str, Any]

RUN: Json = {
    "digits": samples.CODE,
    **samples.FACTS,
    "runId": samples.REPLY.run_id,
    "rootHash": samples.REPLY.root_hash,
    "kioskScalar": base64url_encode(samples.KIOSK.scalar),
    "serverScalar": base64url_encode(samples.SERVER.scalar),
}


def pairing_runs() -> Json:
    """Return runs: the shares and tags of both sides, and the result that opens under their key."""
    same: Json = {}
    cases: dict[str, Json] = {
        "a run": same,
        "leading zeros": {"digits": "000001"},
        "quotes, commas and line feeds in a name": {"name": 'a","b\n'},
        "a name beyond ASCII": {"name": "Empfang 😀"},
        "an address of more than 127 bytes": {"address": samples.FACTS["address"].replace("door", "d" * 120)},
        "other scalars": {
            "kioskScalar": base64url_encode(random_bytes("another", 32)),
            "serverScalar": base64url_encode(random_bytes("a third", 32)),
        },
        "bits beyond the field in a scalar": {"kioskScalar": base64url_encode(b"\xff" * 32)},
    }
    small = {f"share of small order {number}": point for number, point in enumerate(_SMALL_ORDER)}
    return {
        "what": "Pairing runs: shares and tags of kiosk and server, and what the result holds. `share`, if not null, "
        "comes in place of the kiosk's.",
        "vectors": [
            *(_run(name, change) for name, change in cases.items()),
            *(_run(name, {}, share=base64url_encode(point)) for name, point in small.items()),
            _run("a share of 31 bytes", {}, share=base64url_encode(b"\x09" * 31)),
            _run("a result of another run", {}, sealed=seal_result(_OTHER_KEYS, samples.RESULT, samples.fixed)),
        ],
    }


_SMALL_ORDER = tuple(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)
_OTHER_KEYS = server_keys(samples.SERVER, make_offer("000000", samples.KIOSK, **samples.FACTS), samples.REPLY)


def said_in(run: Json, share: str | None, sealed: str) -> list[Any]:
    """Return both shares, both tags and the opened result of a run, by the product. Raises ProtocolError."""
    kiosk, server = (Secret(base64url_decode(run[name])) for name in ("kioskScalar", "serverScalar"))
    facts = {name: run[name] for name in ("address", "sid", "name")} | {"kiosk_key": run["kiosk_key"]}
    offer = make_offer(run["digits"], kiosk, **facts)
    seen = Offer(**facts, share=offer.share if share is None else share)
    reply = make_reply(run["digits"], server, seen, run_id=run["runId"], root_hash=run["rootHash"])
    keys = server_keys(server, seen, reply)
    if keys != kiosk_keys(kiosk, offer, reply):
        raise AssertionError("the two sides differ")
    result = json.loads(encode(open_result(keys, sealed)))
    return [offer.share, reply.share, base64url_encode(keys.kiosk_tag), base64url_encode(keys.server_tag), result]


def _run(name: str, change: Json, share: str | None = None, sealed: str | None = None) -> Json:
    run = RUN | change
    text = sealed if sealed is not None else _sealed(run)
    try:
        code, value = None, said_in(run, share, text)
    except ProtocolError as error:
        code, value = error.code, None
    return {"name": name, "run": run, "share": share, "result": text, "code": code, "value": value}


def _sealed(run: Json) -> str:
    kiosk, server = (Secret(base64url_decode(run[name])) for name in ("kioskScalar", "serverScalar"))
    facts = {name: run[name] for name in ("address", "sid", "name")} | {"kiosk_key": run["kiosk_key"]}
    offer = make_offer(run["digits"], kiosk, **facts)
    reply = make_reply(run["digits"], server, offer, run_id=run["runId"], root_hash=run["rootHash"])
    return seal_result(server_keys(server, offer, reply), samples.RESULT, samples.fixed)
