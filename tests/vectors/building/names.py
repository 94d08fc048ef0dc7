"""Vectors of the smallest parts: spellings of bytes, names made from bytes, and keys that may be trusted."""

from typing import Any

from kiosk_protocol.device_tokens import key_thumbprint
from kiosk_protocol.encoding import base45_encode, base64url_decode, base64url_encode
from kiosk_protocol.identifiers import VisitId, key_id_of, uuid7, visit_digest
from kiosk_protocol.sealing import item_hash
from tests.kiosk_protocol.samples import DEVICE_KEY, SECOND_VISIT_KEY, STRANGER_KEY, VISIT_KEY, long_id, random_bytes
from tests.kiosk_protocol.test_keys import FIELD_PRIME, WEAK_POINTS

Json = dict[str, Any]


def encodings() -> Json:
    """Return base64url and base45: values with their only spelling, and texts that spell nothing."""
    samples = [
        b"",
        b"\0",
        b"\xff",
        b"AB",
        b"ietf!",
        b"base-45",
        b"\xff\xff",
        bytes(range(256)),
        random_bytes("odd", 33),
    ]
    good = [
        {
            "name": f"{data[:8].hex() or 'nothing'} in {form}",
            "form": form,
            "text": encode(data),
            "code": None,
            "value": data.hex(),
        }
        for form, encode in (("base64url", base64url_encode), ("base45", base45_encode))
        for data in samples
    ]
    wrong = {
        "base64url": ["A", "AA==", "AB", "A+", "A/", "AA A", "AAAA\n", "\u00c4", "\ud800"],
        "base45": ["A", "V5", "GGW", ":::", "abc", "AAAA", "AB\n", "\u00c4", "\ud800"],
    }
    bad = [
        {"name": f"{form} text {number}", "form": form, "text": text, "code": f"not_{form}", "value": None}
        for form, texts in wrong.items()
        for number, text in enumerate(texts, 1)
    ]
    return {"what": "Texts, and the bytes (in hex) of which each is the only spelling.", "vectors": good + bad}


def names() -> Json:
    """Return names that follow from something: digests, key names, thumbprints, UUIDs."""
    vectors: list[Json] = []

    def add(name: str, kind: str, value: str, **inputs: Any) -> None:
        vectors.append({"name": name, "kind": kind, **inputs, "code": None, "value": value})

    for number in range(3):
        visit = VisitId(long_id(f"visit {number}"))
        add(f"visit digest {number}", "visit_digest", visit_digest(visit), jti=visit)
    for number, key in enumerate((VISIT_KEY, DEVICE_KEY)):
        raw = bytes(key.verify_key)
        add(f"kid {number}", "kid", key_id_of(raw), key=base64url_encode(raw))
        add(f"thumbprint {number}", "thumbprint", key_thumbprint(raw), key=base64url_encode(raw))
    for unix_ms in (0, 0x017F22E279B0, 2**48 - 1):
        tail = random_bytes(f"uuid {unix_ms}", 10)
        add(f"UUIDv7 at {unix_ms}", "uuid7", uuid7(unix_ms, tail), unixMs=unix_ms, random=tail.hex())
    for name, sealed in {"nothing": b"", "sealed bytes": random_bytes("sealed bytes", 100)}.items():
        add(f"hash of {name}", "item_hash", base64url_encode(item_hash(sealed)), sealed=base64url_encode(sealed))
    return {"what": "Names made from bytes.", "vectors": vectors}


def keys() -> Json:
    """Return Ed25519 keys that may be trusted, and points that may not."""
    raw = bytes(VISIT_KEY.verify_key)
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    mixed = (FIELD_PRIME - y | (1 - sign) << 255).to_bytes(32, "little")
    good = {
        f"key {number}": bytes(key.verify_key) for number, key in enumerate((VISIT_KEY, SECOND_VISIT_KEY, STRANGER_KEY))
    }
    bad = {**WEAK_POINTS, "a key plus a point of order 2": mixed}
    texts: list[tuple[str, str, str | None]] = [(name, base64url_encode(key), None) for name, key in good.items()]
    texts += [(name, base64url_encode(point), "key_point") for name, point in bad.items()]
    texts += [
        ("31 bytes", base64url_encode(raw[:31]), "key_encoding"),
        ("33 bytes", base64url_encode(raw + b"\0"), "key_encoding"),
        ("padded", base64url_encode(raw) + "=", "key_encoding"),
    ]
    vectors = [
        {"name": name, "publicKey": text, "code": code, "value": None if code else base64url_decode(text).hex()}
        for name, text, code in texts
    ]
    return {"what": "Public keys, and the bytes (in hex) of those that may enter a key set.", "vectors": vectors}
