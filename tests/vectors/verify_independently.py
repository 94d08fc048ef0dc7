"""Judge the vectors with nothing of ours: ``python tests/vectors/verify_independently.py [FOLDER]``.

Written from docs/protocol.md. A vector says under ``code`` why its input is refused, or null, and under ``value`` what
it yields; the entry of JUDGES named as its file finds both again. Signatures are checked by OpenSSL and by libsodium,
one of which the product does not use; AES-GCM and HKDF come from where the product does not take them. Two primitives
exist in libsodium alone and come from there on both sides: whether a point is a sound key, and crypto_box.
"""

import base64
import hashlib
import hmac
import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# A member's type is a pattern of its JSON; what is not named here is the text itself, or one of several.
TYPES = {f"id{size}": rf'"[\w-]{{{size}}}"' for size in (8, 11, 22)} | {"int": r"\d+", "text": '"[^"]*"', "any": ".*"}
TYPES |= {"bool": "true|false", "rev": "[1-9][0-9]?", "uuid7": '"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab].{16}"'}
TYPES |= {"policy": r'\{"greatestAgeS": \d+\}', "cnf": r'\{"jkt": "[^"]*"\}'}
TYPES["jwk"] = r'\{"crv": [^,]*, "kty": [^,]*, "x": [^,]*\}'
DATED = "tenantId:id22 version:int issuedAt:int expiresAt:int"
DOCUMENTS = {
    "root": f"{DATED} rootKeys:any bundleKeys:any",
    "bundle": f"{DATED} keys:any offline:policy lowestAppVersion:text",
    "time": "nonce:id22 timeMs:int",
    "check-in": "checkInId:uuid7 tenantId:id22 siteId:id11 deviceId:id22 token:text scannedAtMs:int decidedAtMs:int "
    "mode:online|offline clock:sure|plausible known:bool appVersion:text",
}


class No(Exception):  # noqa: N818 - read as a sentence: raise No("reason")
    """A refusal with its code."""


def need(condition, code):
    if not condition:
        raise No(code)


def tried(code, act, *arguments):
    """Return what ``act`` returns; whatever is wrong there, the refusal is ``code``."""
    try:
        return act(*arguments)
    except (No, ValueError, TypeError, LookupError, ArithmeticError, RecursionError, InvalidSignature, CryptoError):
        raise No(code) from None


def outcome(act, *arguments):
    """Return (None, what ``act`` returns), or (the refusal's code, None)."""
    try:
        return None, act(*arguments)
    except No as refusal:
        return refusal.args[0], None


def sha(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text, code="not_base64url"):
    data = tried(code, base64.urlsafe_b64decode, text + "=" * (-len(text) % 4))
    need(b64(data) == text, code)
    return data


def unb64_padded(text):
    data = tried("envelope_encoding", base64.b64decode, text)
    need(base64.b64encode(data).decode() == text, "envelope_encoding")
    return data


def unb45(text):
    need(set(text) <= set(BASE45) and len(text) % 3 != 1, "not_base45")
    groups = [[BASE45.index(letter) for letter in text[at : at + 3]] for at in range(0, len(text), 3)]
    numbers = [(sum(digit * 45**at for at, digit in enumerate(group)), len(group) - 1) for group in groups]
    return tried("not_base45", lambda: b"".join(number.to_bytes(size, "big") for number, size in numbers))


def strict_json(data):
    """Return the object that ``data`` spells without liberties: no member twice, only integers below 2^53."""

    def members(pairs):
        need(len(dict(pairs)) == len(pairs), "json_duplicate_member")
        return dict(pairs)

    def number(text):
        need(re.fullmatch(r"0|-?[1-9]\d{0,15}", text) and abs(int(text)) < 2**53, "json_number")
        return int(text)

    value = json.loads(
        data.decode(), object_pairs_hook=members, parse_int=number, parse_float=number, parse_constant=number
    )
    need(isinstance(value, dict), "json_not_object")
    return value


def fits(value, shape):
    """Whether ``value`` is an object with exactly the members of ``shape``, each of its type."""
    types = dict(member.split(":") for member in shape.split())
    return (isinstance(value, dict) and set(value) == set(types)) and all(
        re.fullmatch(TYPES.get(kind, f'"({kind})"'), json.dumps(value[name], sort_keys=True))
        for name, kind in types.items()
    )


def load_key(text):
    raw = unb64(text, "key_encoding")
    need(len(raw) == 32, "key_encoding")
    need(sodium.crypto_core_ed25519_is_valid_point(raw), "key_point")
    return raw


def load_keys(entries):
    need(len({entry["kid"] for entry in entries}) == len(entries), "duplicate_kid")
    return {entry["kid"]: load_key(entry["publicKey"]) for entry in entries}


def keys_of(file):
    return {kid: load_key(text) for kid, text in file["keys"].items()}


def check_signature(key, message, signature, code):
    tried(code, Ed25519PublicKey.from_public_bytes(key).verify, signature, message)
    tried(code, sodium.crypto_sign_open, signature + message, key)


def hkdf(secret, salt, info):
    """HKDF-SHA256 for 32 bytes (RFC 5869)."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\1", "sha256")


def with_lengths(*parts):
    """Join ``parts``, each behind its length in LEB128; none here has 16 KiB."""
    sizes = [bytes([len(p)]) if len(p) < 128 else bytes([len(p) % 128 + 128, len(p) // 128]) for p in parts]
    return b"".join(size + part for size, part in zip(sizes, parts, strict=True))


def elligator2(data):
    """RFC 9380 §6.7.1 for Curve25519, the u-coordinate alone."""
    p, r = 2**255 - 19, int.from_bytes(data, "little") % 2**255
    u = -486662 * pow(1 + 2 * r * r, -1, p) % p
    square = pow(u * (u * u + 486662 * u + 1), (p - 1) // 2, p) == 1
    return ((u if square else -u - 486662) % p).to_bytes(32, "little")


def x25519(scalar, point):
    """By OpenSSL, which refuses a product of zero."""
    their = tried("share", X25519PublicKey.from_public_bytes, point)
    return tried("share", X25519PrivateKey.from_private_bytes(scalar).exchange, their)


def open_box(sealed, private):
    """Open libsodium's crypto_box_seal: the sender's key, then a box whose nonce follows from both keys."""
    nonce = hashlib.blake2b(sealed[:32] + sodium.crypto_scalarmult_base(private), digest_size=24).digest()
    return tried("item", sodium.crypto_box_open, sealed[32:], nonce, sealed[:32], private)


def envelope(signed, kind, keys):
    """Return what a DSSE envelope signs, and its payload."""
    need(signed["payloadType"] == kind, "envelope_type")
    payload = unb64_padded(signed["payload"])
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    ours = [(keys[s["keyid"]], unb64_padded(s["sig"])) for s in signed["signatures"] if s["keyid"] in keys]
    codes = [outcome(check_signature, key, message, signature, "forged")[0] for key, signature in ours]
    need(None in codes, "envelope_signature")
    return message, payload


def document(name, signed, keys=None):
    """Read a document: signed by one of ``keys``, or by those it names itself (a root)."""
    kind = f"application/vnd.atrium.{name}+json"
    need(signed["payloadType"] == kind, "envelope_type")
    payload = unb64_padded(signed["payload"]) if keys is None else envelope(signed, kind, keys)[1]
    value = strict_json(payload)
    need(fits(value, f"type:{name} {DOCUMENTS[name]}"), "shape")
    if keys is None:
        envelope(signed, kind, load_keys(value["rootKeys"]))
    return value


def check_rises(offered, known, tenant):
    need(offered["tenantId"] == tenant, "tenant")
    need(offered["version"] >= known["version"], "rollback")
    need(offered["version"] > known["version"], "equal_version_other_bytes")


def trust(v, f):
    """Judge an offer to a kiosk that holds ``f``, as The Update Framework does; return the versions it then trusts."""
    held = f | v.get("held", {})
    first = newest = document("root", held["root"])
    payload = held["root"]["payload"]
    for signed in (*v.get("earlierRoots", ()), v["root"]):
        offered = document("root", signed)
        is_passed = signed is not v["root"] and offered["version"] <= first["version"]
        if signed["payload"] != payload and not is_passed:
            document("root", signed, load_keys(newest["rootKeys"]))
            check_rises(offered, newest, f["tenant"])
            newest, payload = offered, signed["payload"]
    signers = load_keys(newest["bundleKeys"])
    bundle, known = document("bundle", v["bundle"], signers), outcome(document, "bundle", held["bundle"], signers)[1]
    need(bundle["tenantId"] == f["tenant"], "tenant")
    if known and v["bundle"]["payload"] != held["bundle"]["payload"]:
        check_rises(bundle, known, f["tenant"])
    for dated in (newest, bundle):
        need(v["now"] < dated["expiresAt"], "expired")
    need(len({key["kid"] for key in bundle["keys"]}) == len(bundle["keys"]), "duplicate_kid")
    for key in bundle["keys"]:
        need((key["algorithm"] == "X25519") == (key["purpose"] == "seal"), "key_purpose")
        need(key["algorithm"] == "X25519" or load_key(key["publicKey"]), "key_point")
    return [newest["version"], bundle["version"]]


def time(v, f):
    statement = document("time", v["envelope"], keys_of(f))
    need(statement["nonce"] == f["nonce"], "nonce")
    return statement["timeMs"]


def record(item, key):
    return document("check-in", json.loads(item), {b64(sha(load_key(key)))[:8]: load_key(key)})


def shown(text):
    """Return the JWS that a shown text carries."""
    if text.startswith("V1:"):
        data = tried("malformed", unb45, text[3:])
        need(len(data) > 67 and len(data) == 67 + data[0] + int.from_bytes(data[1:3], "big"), "malformed")
        return ".".join(map(b64, (data[3 : 3 + data[0]], data[3 + data[0] : -64], data[-64:])))
    if text.startswith(("https://", "http://")):
        link = re.fullmatch(r"https?://[^/?#]+/(?:[^?#]*/)?checkin\?([^#]*)(?:#.*)?", text)
        tokens = re.findall("(?:^|&)token=([^&]*)", link[1]) if link else []
        need(tokens and len(text) <= 2048, "not_a_visit_code")
        need(len(tokens) == 1, "malformed")
        return unquote_plus(tokens[0])
    need(re.match(r"e[wy][A-Za-z0-9+/=_-]+\.", text), "not_a_visit_code")
    return text


def jws(token, limit, shape, find_key, codes):
    """Return header and claims; ``codes`` are for its form, its key, its signature and its claims, in this order."""
    form, unknown, forged, claims = codes
    need(len(token) <= limit and token.count(".") == 2, form)
    header, payload, signature = (unb64(part, form) for part in token.split("."))
    header = tried(form, strict_json, header)
    need(fits(header, f"alg:EdDSA {shape}"), form)
    check_signature(tried(unknown, find_key, header), token.rpartition(".")[0].encode(), signature, forged)
    return header, tried(claims, strict_json, payload)


def visit_token(token, f):
    need(len(token) >= 40 and len(token.rpartition(".")[2]) == 86, "malformed")
    codes = ("malformed", "unknown_key", "bad_signature", "malformed")
    _, claims = jws(token, 1024, "typ:visit.jwt kid:id8", lambda header: keys_of(f)[header["kid"]], codes)
    need(fits({"rev": 1} | claims, "jti:id22 sub:id22 aud:id11 nbf:int exp:int rev:rev"), "malformed")
    need(claims["exp"] < 253402300800 and 0 < claims["exp"] - claims["nbf"] <= 25 * 3600, "malformed")
    need(claims["aud"] == f["site"], "wrong_site")
    return claims


def device_tokens(v, f):
    codes = ("token_form", "token_key", "token_signature", "token_claims")
    _, claims = jws(v["token"], 4096, "typ:device.jwt kid:text", lambda header: keys_of(f)[header["kid"]], codes)
    shape = "sub:id22 tenant_id:id22 site_id:id11 token_type:kiosk jti:text iat:int exp:int cnf:cnf"
    need(fits(claims, shape), "token_claims")
    need(v["now"] < claims["exp"], "token_expired")
    return claims


def thumbprint(key):
    return b64(sha(b'{"crv":"Ed25519","kty":"OKP","x":"%s"}' % key.encode()))


def proofs(v, f):
    def own_key(header):
        return load_key(header["jwk"]["x"] if fits(header["jwk"], "kty:OKP crv:Ed25519 x:text") else "")

    codes = ("proof_form", "proof_key", "proof_signature", "proof_claims")
    header, claims = jws(v["proof"], 2048, "typ:dpop.jwt jwk:jwk", own_key, codes)
    need({"jti", "htm", "htu", "iat", "ath"} <= set(claims), "proof_claims")
    need(re.fullmatch('".{8,64}"', json.dumps(claims["jti"])), "proof_claims")
    aim = f["aim"] | v["but"]
    right = [aim["method"], aim["url"], b64(sha(aim["accessToken"].encode()))]
    need([claims["htm"], claims["htu"], claims["ath"]] == right, "proof_aim")
    need(aim["nonce"] in (None, claims.get("nonce")), "proof_nonce")
    return thumbprint(header["jwk"]["x"])


def names(v, _):
    if v["kind"] == "uuid7":
        at, random = f"{v['unixMs']:012x}", v["random"]
        variant = f"{8 | int(random[4], 16) & 3:x}{random[5:8]}"
        return f"{at[:8]}-{at[8:]}-7{random[1:4]}-{variant}-{random[8:]}"
    if v["kind"] == "thumbprint":
        return thumbprint(v["key"])
    named = v["jti"].encode() if v["kind"] == "visit_digest" else unb64(v["key" if "key" in v else "sealed"])
    return b64(sha(named))[: 8 if v["kind"] == "kid" else None]


def sealed_details(v, _):
    context = "\n".join(str(v["context"][name]) for name in ("tenant", "site", "digest", "revision", "edit"))

    def decrypt(text, key):
        nonce, cipher = unb64(text)[:12], unb64(text)[12:]
        return tried("details", sodium.crypto_aead_aes256gcm_decrypt, cipher, context.encode(), nonce, key)

    wrapping = hkdf(unb64(v["token"].rpartition(".")[2]), bytes(32), b"atrium/wrap/v1")
    padded = decrypt(v["details"], decrypt(v["wrappedKey"], wrapping))
    need(len(padded) % 512 == 0, "padding")
    return json.loads(padded)


def chains(v, _):
    links = [sha(v["chainId"].encode())]
    for item in v["hashes"]:
        links.append(sha(links[-1] + unb64(item)))
    return [b64(link) for link in links]


def pairing(v, _):
    run, sid = v["run"], unb64(v["run"]["sid"])
    named = with_lengths(b"CPace255", run["digits"].encode(), bytes(111), run["address"].encode(), sid)
    generator = elligator2(hashlib.sha512(named).digest()[:32])
    scalars = [unb64(run[name]) for name in ("kioskScalar", "serverScalar")]
    shares = [x25519(scalar, generator) for scalar in scalars]
    point = x25519(scalars[1], shares[0] if v["share"] is None else unb64(v["share"]))
    facts = [[run[name].encode() for name in names] for names in (("kiosk_key", "name"), ("runId", "rootHash"))]
    said = [with_lengths(share, with_lengths(*fact)) for share, fact in zip(shares, facts, strict=True)]
    key = hashlib.sha512(with_lengths(b"CPace255_ISK", sid, point) + b"".join(said)).digest()
    mac_key = hashlib.sha512(b"CPaceMac" + sid + key).digest()
    tags = [hmac.digest(mac_key, half, "sha256") for half in said]
    sealed, result_key = unb64(v["result"]), hkdf(key, bytes(32), b"atrium/pair/cpace/result/v1")
    opened = tried("result", sodium.crypto_aead_aes256gcm_decrypt, sealed[12:], None, sealed[:12], result_key)
    return [*map(b64, (*shares, *tags)), json.loads(opened)]


def setup_codes(v, _):
    host, label = r"(\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)", "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    ca, window = r"ca=[\w-]{43}", "window=([a-z2-7]{16})"
    ends = rf"(?:#(?:{ca}|(?:{ca}&)?{window}))?"
    form = rf"((?i:(https?)://{host})(?::[0-9]+)?)(/p/{label}/[\w-]{{11}}){ends}"
    found = re.fullmatch(form, v["text"], re.ASCII)
    need(found, "setup_code")
    local = re.fullmatch(r"localhost|\[::1\]|127(\.\d+){3}", found[3])
    need(local or found[2].lower() == "https", "setup_code_scheme")
    return [found[1].lower() + found[4], found[5]]


def check_in(entry, device, f):
    """Return the claims of a visit that an uploaded item admits to."""
    need(entry["sealKid"] in f["sealKeys"], "unknown_seal_key")
    item = tried("not_opened", open_box, unb64(entry["sealed"]), unb64(f["sealKeys"][entry["sealKid"]]))
    said = tried("not_signed", record, item, device["publicKey"])
    stated = [said[name] for name in ("tenantId", "siteId", "deviceId", "checkInId")]
    need(stated == [f["tenant"], f["site"], device["id"], entry["checkInId"]], "record_of_another")
    need(said["scannedAtMs"] <= said["decidedAtMs"], "times_impossible")
    claims = {"rev": 0} | tried("token_refused", visit_token, said["token"], f)
    need(said["scannedAtMs"] >= claims["nbf"] * 1000, "decided_too_early")
    need(said["scannedAtMs"] < claims["exp"] * 1000, "decided_after_expiry")
    need(claims["jti"] in f["visits"] and claims["rev"] <= f["visits"][claims["jti"]]["rev"], "unknown_visit")
    return claims


def batches(v, f):
    """Return what a server that has seen nothing yet answers to uploads, one after the other."""
    known, admitted, places, answers = {}, set(), {}, []

    def answer(entry, device, seen):
        name, hashed = entry["checkInId"], entry["hash"]
        if b64(sha(unb64(entry["sealed"]))) != hashed:
            return "rejected", "damaged", False
        seen.add(entry["sequence"])
        if name in known:
            return (*known[name][1], True) if known[name][0] == hashed else ("rejected", "different_content", False)
        code, claims = outcome(check_in, entry, device, f)
        known[name] = hashed, ("rejected", code) if code else admit(claims)
        return *known[name][1], False

    def admit(claims):
        visit, again = f["visits"][claims["jti"]], claims["jti"] in admitted
        admitted.add(claims["jti"])
        code = "cancelled" if visit["state"] == "cancelled" else "admitted_elsewhere" if again else None
        code = code or ("superseded" if claims["rev"] < visit["rev"] else None)
        return "conflict" if code else "accepted", code

    for upload in v["uploads"]:
        device, batch = f["devices"][upload["device"]], upload["batch"]
        seen = places.setdefault((device["id"], batch["chainId"]), set())
        results = [(entry["checkInId"], *answer(entry, device, seen)) for entry in batch["entries"]]
        results = [dict(zip(("checkInId", "outcome", "code", "replayed"), r, strict=True)) for r in results]
        last = next(number for number in range(len(seen) + 1) if number + 1 not in seen)
        answers.append({"results": results, "acknowledgedSequence": last})
    return answers


def admission(v, f):
    """Return the first that applies, in the protocol's order."""
    facts = f["facts"] | v["but"]
    code, trusted, clock, claim = (facts[name] for name in ("code", "trust", "clock", "claim"))
    state, rev = (facts["visit"] or {}).get("state"), (facts["visit"] or {}).get("rev", 0)
    known = rev == facts["rev"]
    lost = {"taken": "conflict", "refused": "conflict", "cancelled": "cancelled", "superseded": "superseded"}.get(claim)
    rules = [
        ("ask", "unknown_key", code == "unknown_key" and (trusted != "fresh" or clock == "suspect")),
        ("refuse", code, code),
        ("ask", "trust_expired", trusted == "expired"),
        ("ask", "clock_suspect", clock == "suspect"),
        ("ask", "store_unavailable", facts["store"] != "open"),
        ("refuse", "cancelled", state == "cancelled"),
        ("refuse", "superseded", state == "superseded" or facts["rev"] < rev),
        ("refuse", "already_used", facts["used"] or state in ("checked_in", "closed")),
        ("refuse", "expired", facts["exp"] <= max(facts["scannedAt"], facts["floor"])),
        ("refuse", "too_early", facts["scannedAt"] < facts["nbf"]),
        ("ask_server", None, claim == "not_asked"),
        ("ask", lost, lost),
        ("ask", "trust_expired", claim == "silent" and facts["feedIsStale"]),
        ("ask", "unknown_visit", claim == "silent" and not known and facts["unknownVisit"] == "ask"),
    ]
    for verdict, reason, applies in rules:
        if applies:
            opens = {"opensAt": facts["nbf"] if reason == "too_early" else None} if verdict == "refuse" else {}
            return {"verdict": verdict} | ({"reason": reason} if reason else {}) | opens
    return {"verdict": "admit", "known": known, "offline": claim == "silent"}


# How each file's vectors are judged: from a vector and its file to the value, or a refusal.
JUDGES = {
    "encodings": lambda v, _: (unb64 if v["form"] == "base64url" else unb45)(v["text"]).hex(),
    "keys": lambda v, _: load_key(v["publicKey"]).hex(),
    "visit_tokens": lambda v, f: visit_token(shown(v["text"]), f),
    "sealed_items": lambda v, f: open_box(unb64(v["sealed"]), unb64(f["privateKey"])).hex(),
    "envelopes": lambda v, f: envelope(v["envelope"], f["type"], keys_of(f))[0].hex(),
    "records": lambda v, f: record(v["item"], f["deviceKey"]),
}
OTHERS = (names, sealed_details, chains, trust, time, device_tokens, proofs, pairing, setup_codes, batches, admission)
JUDGES |= {judge.__name__: judge for judge in OTHERS}


def is_as_stated(name, vector, file):
    found = outcome(JUDGES[name], vector, file)
    return json.dumps(found, sort_keys=True) == json.dumps((vector["code"], vector["value"]), sort_keys=True)


def main(folder):
    files = {name: json.loads((folder / f"{name}.json").read_text()) for name in JUDGES}
    vectors = [(name, vector, file) for name, file in files.items() for vector in file["vectors"]]
    wrong = [f"not as stated: {name}: {v['name']!a}" for name, v, file in vectors if not is_as_stated(name, v, file)]
    sys.stdout.write("\n".join(wrong or [f"{len(vectors)} vectors, all as stated"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
