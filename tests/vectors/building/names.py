"""Vectors of the smallest parts: spellings of bytes, names made from bytes, and keys that may be trusted."""

from typing import Any

from kiosk_protocol.device_tokens import key_thumbprint
from kiosk_protocol.encoding import base45_encode, base64url_encode
from kiosk_protocol.identifiers import VisitId, key_id_of, uuid7, visit_digest
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
        {"name": f"{data[:8].hex() or 'nothing'} in {form}", "form": form, "hex": data.hex(), "text": encode(data)}
        for form, encode in (("base64url", base64url_encode), ("base45", base45_encode))
        for data in samples
    ]
    wrong = {
        "base64url": ["A", "AA==", "AB", "A+", "A/", "AA A", "AAAA\n", "\u00c4", "\ud800"],
        "base45": ["A", "V5", "GGW", ":::", "abc", "AAAA", "AB\n", "\u00c4", "\ud800"],
    }
    bad = [
        {"name": f"{form} text {number}", "form": form, "hex": None, "text": text}
        for form, texts in wrong.items()
        for number, text in enumerate(texts, 1)
    ]
    return {"what": "The only spelling of some bytes; hex is null where a text spells none.", "vectors": good + bad}


def names() -> Json:
    """Return names that follow from something: digests, key names, thumbprints, UUIDs."""
    vectors: list[Json] = []
    for number in range(3):
        visit = VisitId(long_id(f"visit {number}"))
        vectors.append(
            {"name": f"visit digest {number}", "kind": "visit_digest", "jti": visit, "is": visit_digest(visit)}
        )
    for number, key in enumerate((VISIT_KEY, DEVICE_KEY)):
        raw = bytes(key.verify_key)
        vectors.append({"name": f"kid {number}", "kind": "kid", "key": base64url_encode(raw), "is": key_id_of(raw)})
        vectors.append(
            {
                "name": f"thumbprint {number}",
                "kind": "thumbprint",
                "key": base64url_encode(raw),
                "is": key_thumbprint(raw),
            }
        )
    for unix_ms in (0, 0x017F22E279B0, 2**48 - 1):
        tail = random_bytes(f"uuid {unix_ms}", 10)
        value = uuid7(unix_ms, tail)
        vectors.append(
            {"name": f"UUIDv7 at {unix_ms}", "kind": "uuid7", "unixMs": unix_ms, "random": tail.hex(), "is": value}
        )
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
    vectors: list[Json] = [
        {"name": name, "publicKey": base64url_encode(raw), "code": None} for name, raw in good.items()
    ]
    vectors += [{"name": name, "publicKey": base64url_encode(raw), "code": "key_point"} for name, raw in bad.items()]
    vectors += [
        {"name": "31 bytes", "publicKey": base64url_encode(raw[:31]), "code": "key_encoding"},
        {"name": "33 bytes", "publicKey": base64url_encode(raw + b"\0"), "code": "key_encoding"},
        {"name": "padded", "publicKey": base64url_encode(raw) + "=", "code": "key_encoding"},
    ]
    return {"what": "Public keys; code is null where a key may enter a key set.", "vectors": vectors}
