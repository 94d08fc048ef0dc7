"""Vectors of uploads: what a server that knows some visits answers to batches, one after the other."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import KeyId, VisitId, key_id_of, uuid7
from kiosk_protocol.records import CheckInRecord, sign_record
from kiosk_protocol.sealing import chain_next, chain_start, item_hash
from kiosk_protocol.signing import issue_visit_token
from tests.kiosk_protocol.samples import (
    CLAIMS,
    DEVICE_KEY,
    NOON,
    SITE,
    TENANT,
    VISIT_KEY,
    VISIT_KEYS,
    VISIT_KID,
    long_id,
    random_bytes,
    signing_key,
)
from tests.vectors.building.documents import RECORD
from tests.vectors.building.seals import SEAL_KEY, seal_fixed

Json = dict[str, Any]
Answer = tuple[str, str | None, bool]

SEAL_KID = key_id_of(bytes(SEAL_KEY.public_key))
DEVICES = {"north": DEVICE_KEY, "south": signing_key("device of the other kiosk")}
VISITS = {
    "ada": {"rev": 0, "state": "expected"},
    "bob": {"rev": 0, "state": "expected"},
    "moved": {"rev": 2, "state": "expected"},
    "off": {"rev": 0, "state": "cancelled"},
}
ACCEPTED: Answer = ("accepted", None, False)
AGAIN: Answer = ("accepted", None, True)


def rejected(code: str) -> Answer:
    """Return the answer to an item that is parked."""
    return ("rejected", code, False)


def visit_id(name: str) -> VisitId:
    """Return the visit called ``name``."""
    return VisitId(long_id(f"visit {name}"))


def token_for(name: str, revision: int = 0) -> str:
    """Return the code of the visit called ``name``."""
    claims = VisitClaims(visit_id(name), CLAIMS.visitor, SITE, CLAIMS.not_before, CLAIMS.expires, revision)
    return issue_visit_token(claims, VISIT_KID, VISIT_KEY)


class Kiosk:
    """A kiosk that makes items: a chain, a sequence, and a device key."""

    def __init__(self, name: str) -> None:
        self.name, self.key = name, DEVICES[name]
        self.chain_id = long_id(f"chain of {name}")
        self.sequence, self.link = 0, chain_start(self.chain_id)

    def item(
        self,
        name: str,
        visit: str,
        *,
        revision: int = 0,
        signer: SigningKey | None = None,
        seal: PrivateKey = SEAL_KEY,
        seal_kid: KeyId = SEAL_KID,
        **changes: Any,
    ) -> Json:
        """Return the outbox entry of one admission; ``changes`` are made to the record before it is signed."""
        self.sequence += 1
        record = replace(
            RECORD,
            check_in_id=uuid7(NOON * 1000, random_bytes(f"check-in {name}", 10)),
            device_id=long_id(f"device {self.name}"),
            token=token_for(visit, revision),
        )
        check_in_id = record.check_in_id
        sealed = seal_fixed(_signed(replace(record, **changes), signer or self.key), f"{self.name} {name}", seal)
        self.link = chain_next(self.link, item_hash(sealed))
        return {
            "checkInId": check_in_id,
            "sequence": self.sequence,
            "hash": base64url_encode(item_hash(sealed)),
            "chain": base64url_encode(self.link),
            "sealKid": seal_kid,
            "sealed": base64url_encode(sealed),
        }

    def upload(self, acknowledged: int, *items: tuple[Json, Answer]) -> Json:
        """Return one upload of ``items`` with the answers they get."""
        results = [
            {"checkInId": item["checkInId"], "outcome": outcome, "code": code, "replayed": replayed}
            for item, (outcome, code, replayed) in items
        ]
        return {
            "device": self.name,
            "batch": {"chainId": self.chain_id, "entries": [item for item, _ in items]},
            "answer": {"results": results, "acknowledgedSequence": acknowledged},
        }


def _signed(record: CheckInRecord, key: SigningKey) -> bytes:
    return sign_record(record, key)


def _repeated() -> list[Json]:
    north = Kiosk("north")
    first = north.item("first", "ada")
    other = {**north.item("second", "bob"), "checkInId": first["checkInId"]}
    return [
        north.upload(1, (first, ACCEPTED)),
        north.upload(1, (first, AGAIN)),
        north.upload(2, (other, rejected("different_content"))),
        north.upload(2, (first, AGAIN)),
    ]


def _conflicts() -> list[Json]:
    north, south = Kiosk("north"), Kiosk("south")
    here, there = north.item("here", "ada"), south.item("there", "ada")
    cancelled, replaced = north.item("cancelled", "off"), north.item("replaced", "moved", revision=1)
    return [
        north.upload(1, (here, ACCEPTED)),
        south.upload(1, (there, ("conflict", "admitted_elsewhere", False))),
        north.upload(1, (here, AGAIN)),
        south.upload(1, (there, ("conflict", "admitted_elsewhere", True))),
        north.upload(3, (cancelled, ("conflict", "cancelled", False)), (replaced, ("conflict", "superseded", False))),
    ]


def _rejections() -> list[Json]:
    north = Kiosk("north")
    stranger = PrivateKey(random_bytes("a stranger's seal key", 32))
    items = [
        (north.item("stranger signed", "ada", signer=DEVICES["south"]), rejected("not_signed")),
        (north.item("stranger's seal", "ada", seal=stranger), rejected("not_opened")),
        (north.item("unknown seal", "ada", seal_kid=KeyId("AAAAAAAA")), rejected("unknown_seal_key")),
        (north.item("other device", "ada", device_id=long_id("device south")), rejected("record_of_another")),
        (north.item("other id", "ada", check_in_id=uuid7(0, bytes(10))), rejected("record_of_another")),
        (north.item("backwards", "ada", decided_at_ms=NOON * 1000 - 1), rejected("times_impossible")),
        (north.item("tampered", "ada", token=token_for("ada")[:-2] + "AA"), rejected("token_refused")),
        (north.item("unknown", "nobody"), rejected("unknown_visit")),
        (north.item("from the future", "ada", revision=1), rejected("unknown_visit")),
        (north.item("early", "ada", scanned_at_ms=CLAIMS.not_before * 1000 - 1), rejected("decided_too_early")),
        (
            north.item("late", "ada", scanned_at_ms=CLAIMS.expires * 1000, decided_at_ms=CLAIMS.expires * 1000),
            rejected("decided_after_expiry"),
        ),
        (
            north.item(
                "in the last moment",
                "ada",
                scanned_at_ms=CLAIMS.expires * 1000 - 1,
                decided_at_ms=CLAIMS.expires * 1000 + 9,
            ),
            ACCEPTED,
        ),
    ]
    return [north.upload(12, *items)]


def _damaged_on_the_way() -> list[Json]:
    north = Kiosk("north")
    item = north.item("item", "ada")
    damaged = {**item, "hash": base64url_encode(bytes(32))}
    return [
        north.upload(0, (damaged, rejected("damaged"))),
        north.upload(1, (item, ACCEPTED)),
        north.upload(1, (damaged, rejected("damaged"))),
    ]


def _gap() -> list[Json]:
    north = Kiosk("north")
    items = [north.item(f"{number}", visit) for number, visit in enumerate(("ada", "bob", "off"))]
    return [
        north.upload(1, (items[0], ACCEPTED)),
        north.upload(1, (items[2], ("conflict", "cancelled", False))),
        north.upload(3, (items[1], ACCEPTED)),
    ]


SCENARIOS: Mapping[str, Callable[[], list[Json]]] = {
    "the same item again gets its first answer, other bytes under its name are rejected": _repeated,
    "two kiosks admitted one visit, one admitted a cancelled and a replaced one": _conflicts,
    "each rejection has its code and keeps no other item from being taken": _rejections,
    "an item damaged on the way is not kept, so that it can still come": _damaged_on_the_way,
    "the acknowledged sequence stops at a gap and moves on when it is filled": _gap,
}


def batches() -> Json:
    """Return sequences of uploads, each to a server that has seen nothing yet."""
    return {
        "what": "Uploads to POST /kiosk/check-ins in order, and the answer to each; every vector starts anew.",
        "tenant": TENANT,
        "site": SITE,
        "keys": {kid: base64url_encode(key.raw) for kid, key in VISIT_KEYS.items()},
        "sealKeys": {SEAL_KID: base64url_encode(bytes(SEAL_KEY))},
        "devices": {
            name: {"id": long_id(f"device {name}"), "publicKey": base64url_encode(bytes(key.verify_key))}
            for name, key in DEVICES.items()
        },
        "visits": {visit_id(name): facts for name, facts in VISITS.items()},
        "vectors": [_vector(name, _as_sent(build())) for name, build in SCENARIOS.items()],
    }


def _vector(name: str, uploads: list[Json]) -> Json:
    """Return one sequence with its answers as what it yields."""
    answers = [upload.pop("answer") for upload in uploads]
    return {"name": name, "uploads": uploads, "code": None, "value": answers}


def _as_sent(uploads: list[Json]) -> list[Json]:
    """Return copies that share nothing, as JSON would have them."""
    copied: list[Json] = json.loads(json.dumps(uploads))
    return copied
