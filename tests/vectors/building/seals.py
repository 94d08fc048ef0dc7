"""Vectors of what is sealed: visit details to the code, check-ins to the server, and the chain over sealed bytes."""

import hashlib
from dataclasses import asdict, replace
from typing import Any

from msgspec.structs import replace as replace_struct
from nacl.bindings import crypto_box
from nacl.public import PrivateKey

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.identifiers import SiteId, visit_digest
from kiosk_protocol.messages import SealedDetails
from kiosk_protocol.sealing import SealContext, VisitDetails, chain_next, chain_start, item_hash, seal_details
from tests.kiosk_protocol.hostile_tokens import TOKEN, payload
from tests.kiosk_protocol.samples import (
    CLAIMS,
    HEADER,
    NOON,
    OTHER_SITE,
    SITE,
    TENANT,
    long_id,
    random_bytes,
    sign_token,
)

Json = dict[str, Any]

SEAL_KEY = PrivateKey(random_bytes("seal key of the vectors", 32))


def seal_fixed(item: bytes, name: str, key: PrivateKey = SEAL_KEY) -> bytes:
    """Return a sealed box as libsodium makes it, but with an ephemeral key that follows from ``name``."""
    ephemeral = PrivateKey(random_bytes(f"ephemeral {name}", 32))
    sender, receiver = bytes(ephemeral.public_key), bytes(key.public_key)
    nonce = hashlib.blake2b(sender + receiver, digest_size=24).digest()
    return sender + crypto_box(item, nonce, receiver, bytes(ephemeral))


class Draws:
    """Randomness that follows from a name, so that the files are the same each time."""

    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return random_bytes(f"{self.name} {self.count}", size)


def _flip(text: str, place: int) -> str:
    data = bytearray(base64url_decode(text))
    data[place] ^= 1
    return base64url_encode(bytes(data))


def sealed_details() -> Json:
    """Return details that open under a code's signature in one context, and some that do not."""
    details = VisitDetails(
        visitor_name="Zoë Müller",
        host_name="Ada Lovelace",
        room="Merkur",
        purpose=None,
        arrival=NOON,
        departure=NOON + 7200,
    )
    plain = {"visitorName": "Zoë Müller", "hostName": "Ada Lovelace", "room": "Merkur", "purpose": None}
    opened = plain | {"arrival": NOON, "departure": NOON + 7200}
    context = SealContext(TENANT, SITE, visit_digest(CLAIMS.visit), 0, 1)
    signature = base64url_decode(TOKEN.rpartition(".")[2])
    sealed = seal_details(details, signature, context, Draws("details"))
    long_name = replace_struct(details, visitor_name="N" * 200, host_name="H" * 200, room="R" * 200)
    longer = seal_details(long_name, signature, context, Draws("long details"))
    other_code = sign_token(HEADER, payload(rev=1))

    def case(name: str, value: Json | None, box: SealedDetails = sealed, token: str = TOKEN, **changes: Any) -> Json:
        members = {"name": name, "token": token, "context": asdict(replace(context, **changes))}
        members |= {"wrappedKey": box.wrapped_key, "details": box.details}
        return members | {"code": None if value else "details", "value": value}

    vectors = [
        case("opens to the code", opened),
        case(
            "longer names take another 512 bytes",
            opened | {"visitorName": "N" * 200, "hostName": "H" * 200, "room": "R" * 200},
            longer,
        ),
        case("another code of the same visit", None, token=other_code),
        case("another tenant", None, tenant=long_id("other tenant")),
        case("another site", None, site=SiteId(OTHER_SITE)),
        case("another visit", None, digest=visit_digest(CLAIMS.visit).swapcase()),
        case("another revision", None, revision=1),
        case("another edit", None, edit=2),
        case("damaged details", None, replace_struct(sealed, details=_flip(sealed.details, 40))),
        case("damaged key", None, replace_struct(sealed, wrapped_key=_flip(sealed.wrapped_key, 20))),
        case("damaged nonce", None, replace_struct(sealed, details=_flip(sealed.details, 0))),
        case("cut off", None, replace_struct(sealed, details=sealed.details[:40])),
        case("the other sealing's key", None, replace_struct(sealed, wrapped_key=longer.wrapped_key)),
    ]
    return {
        "what": "Sealed visit details, and what those say that open.",
        "vectors": vectors,
    }


def sealed_items() -> Json:
    """Return sealed boxes with the server's private key, and the chain over them."""
    items = [b"", b"one", random_bytes("a longer item", 300)]
    boxes = [seal_fixed(item, f"item {number}") for number, item in enumerate(items)]
    vectors: list[Json] = [
        {"name": f"item {number}", "sealed": base64url_encode(box), "code": None, "value": item.hex()}
        for number, (item, box) in enumerate(zip(items, boxes, strict=True))
    ]
    stranger = seal_fixed(b"one", "to a stranger", PrivateKey(random_bytes("a stranger's seal key", 32)))
    damaged = boxes[1][:-1] + bytes([boxes[1][-1] ^ 1])
    for name, box in {"for a stranger": stranger, "damaged": damaged, "cut off": boxes[1][:40], "nothing": b""}.items():
        vectors.append({"name": name, "sealed": base64url_encode(box), "code": "item", "value": None})
    private = base64url_encode(bytes(SEAL_KEY))
    return {
        "what": "Sealed boxes to one X25519 key, and the bytes (in hex) in those that open.",
        "privateKey": private,
        "vectors": vectors,
    }


def chains() -> Json:
    """Return chains of items by their hashes."""
    vectors: list[Json] = []
    for length in (1, 4):
        chain_id = long_id(f"chain {length}")
        hashes = [item_hash(random_bytes(f"item {number} of {length}", 50)) for number in range(length)]
        link, links = chain_start(chain_id), []
        for hashed in hashes:
            link = chain_next(link, hashed)
            links.append(base64url_encode(link))
        vectors.append(
            {
                "name": f"a chain of {length}",
                "chainId": chain_id,
                "hashes": [base64url_encode(hashed) for hashed in hashes],
                "code": None,
                "value": [base64url_encode(chain_start(chain_id)), *links],
            }
        )
    return {"what": "Chains over sealed items by their hashes: the start, and the link after each.", "vectors": vectors}
