"""Judge the vectors with nothing of ours: ``python tests/vectors/verify_independently.py [FOLDER]``.

Written from docs/protocol.md, apart from the product and on other libraries: Ed25519 and X25519 by `cryptography` (the
product: libsodium), AES-GCM by libsodium (the product: `cryptography`), HKDF and tags by the standard library, sealed
boxes, base45, curve points, JSON Web Tokens and the rules by hand. Prints how many vectors are as stated, or which not.
"""

import base64
import functools
import hashlib
import hmac
import json
import re
import struct
import sys
from pathlib import Path
from urllib.parse import unquote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.poly1305 import Poly1305
from nacl.bindings import crypto_aead_aes256gcm_decrypt
from nacl.exceptions import CryptoError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


class No(Exception):  # noqa: N818 - read as a sentence: raise No("reason")
    """A refusal with its code."""


def need(condition, code):
    """Refuse with ``code`` unless ``condition`` holds."""
    if not condition:
        raise No(code)


def outcome(judge, *arguments):
    """Return (code, None) for a refusal, else (None, value)."""
    try:
        return None, judge(*arguments)
    except No as refusal:
        return refusal.args[0], None


# ── bytes and names ──────────────────────────────────────────────────────────────────────────────────────────────────


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text, code="encoding"):
    need(re.fullmatch("[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, code)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(b64(data) == text, code)
    return data


def unb64_standard(text):
    need(re.fullmatch("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text), "envelope_encoding")
    data = base64.b64decode(text)
    need(base64.b64encode(data).decode() == text, "envelope_encoding")
    return data


def b45(data):
    out = ""
    for pair in (data[i : i + 2] for i in range(0, len(data), 2)):
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out += ALPHABET[digit]
    return out


def unb45(text):
    need(all(letter in ALPHABET for letter in text), "encoding")
    data = b""
    for group in (text[i : i + 3] for i in range(0, len(text), 3)):
        number = sum(ALPHABET.index(letter) * 45**place for place, letter in enumerate(group))
        need(len(group) > 1 and number < 256 ** (len(group) - 1), "encoding")
        data += number.to_bytes(len(group) - 1, "big")
    return data


def sha(data):
    return hashlib.sha256(data).digest()


def is_name(value, size):
    return isinstance(value, str) and re.fullmatch(f"[A-Za-z0-9_-]{{{size}}}", value) is not None


def is_integer(value, low=0, high=2**53 - 1):
    return type(value) is int and low <= value <= high


def strict_object(data, depth, size, wrong=None):
    """Read JSON with all liberties taken away; ``wrong`` replaces the codes where the caller has one for all."""
    try:
        return _strict_object(data, depth, size)
    except No as refusal:
        raise No(wrong or refusal.args[0]) from None


def _strict_object(data, depth, size):
    def members(pairs):
        need(len({name for name, _ in pairs}) == len(pairs), "json_duplicate_member")
        return dict(pairs)

    def number(text):
        need(len(text) < 18 and text != "-0" and abs(int(text)) < 2**53, "json_number")
        return int(text)

    def refuse(_):
        raise No("json_number")

    need(len(data) <= size, "json_size")
    try:
        text = data.decode("utf-8")
        need(not text.startswith("\ufeff"), "json_utf8")
        value = json.loads(text, object_pairs_hook=members, parse_int=number, parse_float=refuse, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # no lone surrogate
    except (UnicodeError, ValueError, RecursionError):
        raise No("json_syntax") from None

    def deep(part):
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else None
        return 0 if inner is None else 1 + max(map(deep, inner), default=0)

    need(deep(value) <= depth, "json_depth")
    need(isinstance(value, dict), "json_not_object")
    return value


# ── Ed25519, HKDF, sealed boxes ──────────────────────────────────────────────────────────────────────────────────────


def is_signed(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return int.from_bytes(signature[32:], "little") < L


def check_point(raw):
    """RFC 8032 §5.1.3, and membership of the prime-order subgroup, with plain integers."""
    number = int.from_bytes(raw, "little")
    y, sign = number % 2**255, number >> 255
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - xx) % P == 0 and not (x == 0 and sign), "key_point")
    point, result, times = ((P - x if x % 2 != sign else x), y), (0, 1), L

    def add(a, b):
        product = D * a[0] * b[0] * a[1] * b[1] % P
        return (
            (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, P) % P,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P) % P,
        )

    need(x != 0 and y != 0, "key_point")
    while times:
        result, point, times = (add(result, point) if times & 1 else result), add(point, point), times >> 1
    need(result == (0, 1), "key_point")


@functools.cache
def load_key(text):
    raw = unb64(text, "key_encoding")
    need(len(raw) == 32, "key_encoding")
    check_point(raw)
    return raw


def hkdf(secret, salt, info):
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\1", "sha256")


def salsa_core(key, block, add_input):
    """Salsa20's 20 rounds over ``block`` (16 bytes); with ``add_input`` its output, else HSalsa20's."""
    constant, half = struct.unpack("<4I", b"expand 32-byte k"), struct.unpack("<8I", key)
    start = [constant[0], *half[:4], constant[1], *struct.unpack("<4I", block), constant[2], *half[4:], constant[3]]
    x = list(start)
    for _ in range(10):
        for lines in (
            [(0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)],
            [(0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)],
        ):
            for a, b, c, d in lines:
                for to, one, two, turn in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
                    total = x[one] + x[two] & 0xFFFFFFFF
                    x[to] ^= (total << turn | total >> 32 - turn) & 0xFFFFFFFF
    if add_input:
        return struct.pack("<16I", *((new + old) & 0xFFFFFFFF for new, old in zip(x, start, strict=True)))
    return struct.pack("<8I", *(x[place] for place in (0, 5, 10, 15, 6, 7, 8, 9)))


def open_box(sealed, private_raw):
    """Open libsodium's crypto_box_seal: X25519, HSalsa20, XSalsa20 and Poly1305."""
    need(len(sealed) >= 48, "item")
    private = X25519PrivateKey.from_private_bytes(private_raw)
    nonce = hashlib.blake2b(sealed[:32] + private.public_key().public_bytes_raw(), digest_size=24).digest()
    shared = salsa_core(private.exchange(X25519PublicKey.from_public_bytes(sealed[:32])), bytes(16), False)
    key = salsa_core(shared, nonce[:16], False)
    tag, cipher = sealed[32:48], sealed[48:]
    count = (32 + len(cipher)) // 64 + 1
    stream = b"".join(salsa_core(key, nonce[16:] + number.to_bytes(8, "little"), True) for number in range(count))
    need(hmac.compare_digest(Poly1305.generate_tag(stream[:32], cipher), tag), "item")
    return bytes(one ^ two for one, two in zip(cipher, stream[32:], strict=False))


# ── visit tokens ─────────────────────────────────────────────────────────────────────────────────────────────────────


def jws_of(text):
    """Return the JWS that a shown text carries."""
    if text.startswith("V1:"):
        need(len(text) <= 1200, "malformed")
        code, data = outcome(unb45, text[3:])
        need(code is None and len(data) > 67, "malformed")
        first, second = data[0], int.from_bytes(data[1:3], "big")
        need(first and second and len(data) == 3 + first + second + 64, "malformed")
        jws = ".".join(map(b64, (data[3 : 3 + first], data[3 + first : -64], data[-64:])))
    elif text.startswith(("https://", "http://")):
        link = re.fullmatch(r"https?://[^/?#]+/(?:[^?#]*/)?checkin\?([^#]*)(?:#.*)?", text, re.DOTALL)
        need(link and len(text) <= 2048 and link[1].count("&") < 8, "not_a_visit_code")
        tokens = [part[6:] for part in link[1].split("&") if part.startswith("token=")]
        need(tokens, "not_a_visit_code")
        need(len(tokens) == 1, "malformed")
        jws = unquote_plus(tokens[0])
    else:
        need(re.match(r"e[wy][A-Za-z0-9+/=_-]+\.", text), "not_a_visit_code")
        jws = text
    need(40 <= len(jws) <= 1024, "malformed")
    return jws


def verify(jws, keys, site):
    """Verify a visit token as the protocol orders it: form, key, signature, claims, site."""
    parts = jws.split(".")
    need(len(parts) == 3 and jws.isascii(), "malformed")
    header, payload, signature = (unb64(part, "malformed") for part in parts)
    need(len(signature) == 64 and header[:1] == b"{", "malformed")
    members = strict_object(header, 1, 1024, "malformed")
    need(
        members == {"alg": "EdDSA", "typ": "visit+jwt", "kid": members.get("kid")} and is_name(members["kid"], 8),
        "malformed",
    )
    need(members["kid"] in keys, "unknown_key")
    need(is_signed(keys[members["kid"]], jws.rpartition(".")[0].encode(), signature), "bad_signature")
    claims = strict_object(payload, 1, 1024, "malformed")
    need({"jti", "sub", "aud", "nbf", "exp"} <= set(claims) <= {"jti", "sub", "aud", "nbf", "exp", "rev"}, "malformed")
    need(is_name(claims["jti"], 22) and is_name(claims["sub"], 22) and is_name(claims["aud"], 11), "malformed")
    need(is_integer(claims.get("rev", 1), 1, 99) and is_integer(claims["nbf"]), "malformed")
    need(is_integer(claims["exp"], 0, 253402300799) and 0 < claims["exp"] - claims["nbf"] <= 25 * 3600, "malformed")
    need(claims["aud"] == site, "wrong_site")
    return claims


# ── documents ────────────────────────────────────────────────────────────────────────────────────────────────────────


def open_envelope(envelope, kind, keys):
    need(envelope["payloadType"] == kind, "envelope_type")
    payload = unb64_standard(envelope["payload"])
    signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    for signature in envelope["signatures"]:
        if signature["keyid"] in keys:
            raw = unb64_standard(signature["sig"])
            if len(raw) == 64 and is_signed(keys[signature["keyid"]], signed, raw):
                return payload
    raise No("envelope_signature")


ROOT, BUNDLE, TIME, RECORD = (f"application/vnd.atrium.{name}+json" for name in ("root", "bundle", "time", "check-in"))
COMMON = {"type": str, "tenantId": 22, "version": int, "issuedAt": int, "expiresAt": int}
KEY = {"kid": 8, "publicKey": 43}
SHAPES = {
    ROOT: COMMON | {"rootKeys": [KEY], "bundleKeys": [KEY]},
    BUNDLE: COMMON
    | {"keys": [KEY | {"algorithm": str, "purpose": str, "notBefore": int, "notAfter": int}]}
    | {"offline": {"greatestAgeS": int}, "lowestAppVersion": str},
    TIME: {"type": str, "nonce": 22, "timeMs": int},
    RECORD: {
        "type": str,
        "tenantId": 22,
        "siteId": 11,
        "deviceId": 22,
        "token": str,
        "scannedAtMs": int,
        "decidedAtMs": int,
    }
    | {"checkInId": str, "mode": str, "clock": str, "known": bool, "appVersion": str},
}
WORDS = {"mode": ("online", "offline"), "clock": ("sure", "plausible"), "algorithm": ("Ed25519", "X25519")}
WORDS["purpose"] = ("visit", "device", "time", "seal", "licence")
UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def check_shape(value, shape):
    """Compare ``value`` with a shape: dict (exactly these members), list, a type, or an identifier's length."""
    if isinstance(shape, dict):
        need(isinstance(value, dict) and set(value) == set(shape), "shape")
        for name, inner in shape.items():
            check_shape(value[name], inner)
            need(name not in WORDS or value[name] in WORDS[name], "shape")
    elif isinstance(shape, list):
        need(isinstance(value, list), "shape")
        for item in value:
            check_shape(item, shape[0])
    else:
        fits = (
            is_name(value, shape)
            if isinstance(shape, int)
            else is_integer(value)
            if shape is int
            else type(value) is shape
        )
        need(fits, "shape")


def document(payload, kind):
    value = strict_object(payload, 4 if kind != RECORD else 1, 65536)
    check_shape(value, SHAPES[kind])
    need(value["type"] == re.search(r"atrium\.(.*)\+", kind)[1], "shape")
    if kind == RECORD:
        need(re.fullmatch(UUID7, value["checkInId"]) and 40 <= len(value["token"]) <= 1024, "shape")
    return value


def signers(entries):
    need(len({entry["kid"] for entry in entries}) == len(entries), "duplicate_kid")
    return {entry["kid"]: load_key(entry["publicKey"]) for entry in entries}


def read_root(envelope):
    need(envelope["payloadType"] == ROOT, "envelope_type")
    root = document(unb64_standard(envelope["payload"]), ROOT)
    open_envelope(envelope, ROOT, signers(root["rootKeys"]))
    signers(root["bundleKeys"])
    return root


def must_rise(offered, known):
    need(offered >= known, "rollback")
    need(offered > known, "equal_version_other_bytes")


def read_bundle(envelope, root, now):
    bundle = document(open_envelope(envelope, BUNDLE, signers(root["bundleKeys"])), BUNDLE)
    need(bundle["tenantId"] == root["tenantId"], "tenant")
    need(now < bundle["expiresAt"], "expired")
    need(len({key["kid"] for key in bundle["keys"]}) == len(bundle["keys"]), "duplicate_kid")
    for key in bundle["keys"]:
        need((key["algorithm"] == "X25519") == (key["purpose"] == "seal"), "key_purpose")
        if key["algorithm"] == "Ed25519":
            load_key(key["publicKey"])
    return bundle


def take_update(pinned, offer, tenant):
    """Judge an offer to a kiosk that holds ``pinned``, as The Update Framework does."""
    root, bundle = read_root(pinned["root"]), read_bundle(pinned["bundle"], read_root(pinned["root"]), pinned["now"])
    newest = root
    need(offer["root"]["payloadType"] == ROOT, "envelope_type")
    if offer["root"]["payload"] != pinned["root"]["payload"]:
        open_envelope(offer["root"], ROOT, signers(root["rootKeys"]))
        newest = read_root(offer["root"])
        need(newest["tenantId"] == tenant, "tenant")
        need(offer["now"] < newest["expiresAt"], "expired")
        must_rise(newest["version"], root["version"])
    payload = open_envelope(offer["bundle"], BUNDLE, signers(newest["bundleKeys"]))
    if offer["bundle"]["payload"] != pinned["bundle"]["payload"]:
        must_rise(document(payload, BUNDLE)["version"], bundle["version"])
        read_bundle(offer["bundle"], newest, offer["now"])


def read_record(data, key):
    kid = b64(sha(key))[:8]
    return document(open_envelope(json.loads(data), RECORD, {kid: key}), RECORD)


# ── what a kiosk shows to the server ─────────────────────────────────────────────────────────────────────────────────


def jwt_parts(token, limit, code):
    parts = token.split(".")
    need(len(token) <= limit and len(parts) == 3, code)
    header, _, signature = (unb64(part, code) for part in parts)
    members = strict_object(header, 2, limit, code)
    need(members.get("alg") == "EdDSA", code)
    return members, token.rpartition(".")[0].encode(), signature, parts[1]


def device_token(token, keys, now):
    header, signed, signature, payload = jwt_parts(token, 4096, "token_form")
    need(set(header) == {"alg", "typ", "kid"} and header["typ"] == "device+jwt", "token_form")
    need(isinstance(header["kid"], str), "token_form")
    need(header["kid"] in keys, "token_key")
    need(is_signed(keys[header["kid"]], signed, signature), "token_signature")
    claims = strict_object(unb64(payload), 2, 4096, "token_claims")
    need(is_name(claims.get("sub"), 22) and is_name(claims.get("tenant_id"), 22), "token_claims")
    need(is_name(claims.get("site_id"), 11) and claims.get("token_type") == "kiosk", "token_claims")
    need(isinstance(claims.get("jti"), str) and is_integer(claims.get("iat"), -(2**53)), "token_claims")
    need(is_integer(claims.get("exp"), -(2**53)) and isinstance(claims.get("cnf"), dict), "token_claims")
    need(isinstance(claims["cnf"].get("jkt"), str), "token_claims")
    need(now < claims["exp"], "token_expired")
    return claims


def thumbprint(raw):
    return b64(sha(b'{"crv":"Ed25519","kty":"OKP","x":"%s"}' % b64(raw).encode()))


def proof(text, aim):
    header, signed, signature, payload = jwt_parts(text, 2048, "proof_form")
    jwk = header.get("jwk")
    need(set(header) == {"alg", "typ", "jwk"} and header["typ"] == "dpop+jwt", "proof_form")
    need(isinstance(jwk, dict) and set(jwk) == {"kty", "crv", "x"}, "proof_form")
    need(jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519" and isinstance(jwk["x"], str), "proof_key")
    code, raw = outcome(load_key, jwk["x"])
    need(code is None, "proof_key")
    need(is_signed(raw, signed, signature), "proof_signature")
    claims = strict_object(unb64(payload), 2, 2048, "proof_claims")
    need({"jti", "htm", "htu", "iat", "ath"} <= set(claims), "proof_claims")
    need(isinstance(claims["jti"], str) and 8 <= len(claims["jti"]) <= 64, "proof_claims")
    right = [aim["method"], aim["url"], b64(sha(aim["accessToken"].encode()))]
    need([claims["htm"], claims["htu"], claims["ath"]] == right, "proof_aim")
    need(aim["nonce"] is None or claims.get("nonce") == aim["nonce"], "proof_nonce")
    return thumbprint(raw)


def tag(run, side):
    parts = ["tls-1", *(run[name] for name in ("address", "sid", "kiosk_key", "name", "run_id", "server_share"))]
    text = side + "\n" + json.dumps(parts, separators=(",", ":"))
    return b64(
        hmac.digest(hkdf(run["code"].encode(), run["sid"].encode(), b"atrium/pair/tls-1"), text.encode(), "sha256")
    )


def setup_code(text):
    host = r"(\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"
    label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    found = re.fullmatch(rf"(?i:(https?)://{host})((?::[0-9]+)?)(/p/{label}/[A-Za-z0-9_-]{{11}})(?:#(.*))?", text)
    need(found, "setup_code")
    scheme, name = found[1].lower(), found[2].lower()
    need(
        scheme == "https" or name in ("localhost", "[::1]") or re.fullmatch(r"127(\.\d+){3}", name), "setup_code_scheme"
    )
    address = f"{scheme}://{name}{found[3]}{found[4]}"
    if not found[5]:
        return address, None
    need(found[5].startswith("ca=") and len(unb64(found[5][3:], "setup_code")) == 32, "setup_code")
    return address, found[5][3:]


# ── uploads and admission ────────────────────────────────────────────────────────────────────────────────────────────


class Server:
    """A server that remembers what one sequence of uploads told it."""

    def __init__(self, world):
        self.world, self.items, self.admitted, self.places = world, {}, {}, {}

    def take(self, upload):
        device, batch = self.world["devices"][upload["device"]], upload["batch"]
        results = [self.answer(device, batch["chainId"], entry) for entry in batch["entries"]]
        seen = self.places.get((device["id"], batch["chainId"]), set())
        return {"results": results, "acknowledgedSequence": next(n for n in range(len(seen) + 1) if n + 1 not in seen)}

    def answer(self, device, chain_id, entry):
        def say(outcome, code, replayed=False):
            return {"checkInId": entry["checkInId"], "outcome": outcome, "code": code, "replayed": replayed}

        sealed = unb64(entry["sealed"])
        if b64(sha(sealed)) != entry["hash"]:
            return say("rejected", "damaged")
        self.places.setdefault((device["id"], chain_id), set()).add(entry["sequence"])
        known = self.items.get(entry["checkInId"])
        if known is not None:
            return say(*known[1], True) if known[0] == entry["hash"] else say("rejected", "different_content")
        code, visit = outcome(self.judge, device, entry, sealed)
        first = ("rejected", code) if code else self.admit(visit)
        self.items[entry["checkInId"]] = entry["hash"], first
        return say(*first)

    def judge(self, device, entry, sealed):
        world = self.world
        need(entry["sealKid"] in world["sealKeys"], "unknown_seal_key")
        code, item = outcome(open_box, sealed, unb64(world["sealKeys"][entry["sealKid"]]))
        need(code is None, "not_opened")
        code, record = outcome(read_record, item, unb64(device["publicKey"]))
        need(code is None, "not_signed")
        stated = [record[name] for name in ("tenantId", "siteId", "deviceId", "checkInId")]
        need(stated == [world["tenant"], world["site"], device["id"], entry["checkInId"]], "record_of_another")
        need(record["scannedAtMs"] <= record["decidedAtMs"], "times_impossible")
        keys = {kid: unb64(text) for kid, text in world["visitKeys"].items()}
        code, claims = outcome(verify, record["token"], keys, world["site"])
        need(code is None, "token_refused")
        need(record["scannedAtMs"] >= claims["nbf"] * 1000, "decided_too_early")
        need(record["scannedAtMs"] < claims["exp"] * 1000, "decided_after_expiry")
        visit = world["visits"].get(claims["jti"])
        need(visit and claims.get("rev", 0) <= visit["rev"], "unknown_visit")
        return claims

    def admit(self, claims):
        visit = self.world["visits"][claims["jti"]]
        again = self.admitted.setdefault(claims["jti"], 0)
        self.admitted[claims["jti"]] += 1
        if visit["state"] == "cancelled":
            return "conflict", "cancelled"
        if again:
            return "conflict", "admitted_elsewhere"
        return ("conflict", "superseded") if claims.get("rev", 0) < visit["rev"] else ("accepted", None)


def admit(f):
    """Return the first that applies, in the protocol's order."""
    visit, state, rev = f["visit"], (f["visit"] or {}).get("state"), (f["visit"] or {}).get("rev")
    known, unsure = visit is not None and rev == f["rev"], f["trust"] != "fresh" or f["clock"] == "suspect"
    claim = {"taken": "conflict", "refused": "conflict", "cancelled": "cancelled", "superseded": "superseded"}.get(
        f["claim"]
    )
    rules = [
        (f["code"] == "unknown_key" and unsure, "ask", "unknown_key"),
        (f["code"], "refuse", f["code"]),
        (f["trust"] == "expired", "ask", "trust_expired"),
        (f["clock"] == "suspect", "ask", "clock_suspect"),
        (f["store"] != "open", "ask", "store_unavailable"),
        (state == "cancelled", "refuse", "cancelled"),
        (state == "superseded" or (visit is not None and f["rev"] < rev), "refuse", "superseded"),
        (f["used"] or state in ("checked_in", "closed"), "refuse", "already_used"),
        (f["exp"] <= max(f["scannedAt"], f["floor"]), "refuse", "expired"),
        (f["scannedAt"] < f["nbf"], "refuse", "too_early"),
        (f["claim"] == "not_asked", "ask_server", None),
        (claim, "ask", claim),
        (f["claim"] == "silent" and f["feedIsStale"], "ask", "trust_expired"),
        (f["claim"] == "silent" and not known and f["unknownVisit"] == "ask", "ask", "unknown_visit"),
    ]
    for applies, verdict, reason in rules:
        if applies:
            opens = {"opensAt": f["nbf"] if reason == "too_early" else None} if verdict == "refuse" else {}
            return {"verdict": verdict} | ({"reason": reason} if reason else {}) | opens
    return {"verdict": "admit", "known": known, "offline": f["claim"] == "silent"}


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def encodings(v, _):
    read, write = (unb64, b64) if v["form"] == "base64url" else (unb45, b45)
    data = outcome(read, v["text"])[1]
    return data is None if v["hex"] is None else data == bytes.fromhex(v["hex"]) and write(data) == v["text"]


def names(v, _):
    if v["kind"] == "visit_digest":
        return b64(sha(v["jti"].encode())) == v["is"]
    if v["kind"] == "uuid7":
        tail = int(v["random"], 16)
        value = v["unixMs"] << 80 | 7 << 76 | (tail >> 64 & 0xFFF) << 64 | 2 << 62 | tail & 2**62 - 1
        text = f"{value:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])) == v["is"]
    raw = unb64(v["key"])
    return v["is"] == (thumbprint(raw) if v["kind"] == "thumbprint" else b64(sha(raw))[:8])


def keys_of(f):
    return {kid: unb64(text) for kid, text in f["keys"].items()}


def keys(v, _):
    return outcome(load_key, v["publicKey"])[0] == v["code"]


def visit_tokens(v, f):
    return outcome(lambda: verify(jws_of(v["text"]), keys_of(f), f["site"]))[0] == v["reason"]


def open_details(v):
    def decrypt(key, text):
        data = unb64(text)
        try:
            return crypto_aead_aes256gcm_decrypt(data[12:], context.encode(), data[:12], key)
        except CryptoError:
            raise No("details") from None

    context = "\n".join(str(v["context"][name]) for name in ("tenant", "site", "digest", "revision", "edit"))
    content_key = decrypt(hkdf(unb64(v["token"].rpartition(".")[2]), bytes(32), b"atrium/wrap/v1"), v["wrappedKey"])
    padded = decrypt(content_key, v["details"])
    need(len(padded) % 512 == 0, "padding")
    return json.loads(padded)


def sealed_details(v, _):
    return outcome(open_details, v) == (v["code"], v.get("opened"))


def sealed_items(v, f):
    sealed = unb64(v["sealed"])
    item = outcome(open_box, sealed, unb64(f["privateKey"]))[1]
    return (None if item is None else item.hex()) == v["item"] and b64(sha(sealed)) == v["hash"]


def chains(v, _):
    link = sha(v["chainId"].encode())
    good = b64(link) == v["start"]
    for hashed, expected in zip(v["hashes"], v["links"], strict=True):
        link = sha(link + unb64(hashed))
        good = good and b64(link) == expected
    return good


def envelopes(v, f):
    code, payload = outcome(open_envelope, v["envelope"], f["type"], keys_of(f))
    signed = (
        None if payload is None else b"DSSEv1 %d %s %d %s" % (len(f["type"]), f["type"].encode(), len(payload), payload)
    )
    return code == v["code"] and (signed.hex() if signed is not None else None) == v["signed"]


def trust(v, f):
    return outcome(take_update, f, v, f["tenant"])[0] == v["code"]


def time(v, f):
    def read():
        statement = document(open_envelope(v["envelope"], TIME, keys_of(f)), TIME)
        need(statement["nonce"] == f["nonce"], "nonce")
        return statement["timeMs"]

    return outcome(read) == (v["code"], v["timeMs"])


def records(v, f):
    return outcome(read_record, v["item"], unb64(f["deviceKey"])) == (v["code"], v["record"])


def device_tokens(v, f):
    return outcome(device_token, v["token"], keys_of(f), v["now"]) == (v["code"], None if v["code"] else f["claims"])


def proofs(v, f):
    return outcome(proof, v["proof"], f["aim"] | v["but"]) == (v["code"], None if v["code"] else f["thumbprint"])


def pairing(v, _):
    return (tag(v["run"], "kiosk"), tag(v["run"], "server")) == (v["kioskTag"], v["serverTag"])


def setup_codes(v, _):
    code, found = outcome(setup_code, v["text"])
    return (code, *(found or (None, None))) == (v["code"], v["address"], v["caFingerprint"])


def batches(v, f):
    server = Server(f)
    return all(server.take(upload) == upload["answer"] for upload in v["uploads"])


def admission(v, f):
    return admit(f["facts"] | v["but"]) == v["decision"]


JUDGES = (encodings, names, keys, visit_tokens, sealed_details, sealed_items, chains, envelopes, trust, time, records)
JUDGES += (device_tokens, proofs, pairing, setup_codes, batches, admission)


def main(folder):
    count, wrong = 0, []
    for judge in JUDGES:
        file = json.loads((folder / f"{judge.__name__}.json").read_text())
        count += len(file["vectors"])
        wrong += [f"{judge.__name__}: {v['name']}" for v in file["vectors"] if not judge(v, file)]
    verdict = "\n".join(f"not as stated: {name}" for name in wrong) or f"{count} vectors, all as stated"
    sys.stdout.write(verdict + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
