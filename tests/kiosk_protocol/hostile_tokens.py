"""Tokens that a hostile but inventive issuer, or a thief of a code, might show; each with the reason it must get.

Nearly all are *validly signed* by a trusted key, so that nothing but the check in question can refuse them. Accepted
ones stand among them: a verifier that refuses everything would pass otherwise. The vectors are made from this table.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk_protocol.dsse import pre_authentication_encoding
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.reasons import Reason
from tests.kiosk_protocol.samples import (
    BASE_POINT_ORDER,
    CLAIMS,
    DEVICE_KEY,
    HEADER,
    NOON,
    OTHER_SITE,
    SECOND_VISIT_KEY,
    STRANGER_KEY,
    VISIT_KEY,
    Part,
    as_bytes,
    kid_of,
    long_id,
    random_bytes,
    sign_text,
    sign_token,
)

ACCEPT = None
MALFORMED = Reason.MALFORMED
FOREIGN = Reason.NOT_A_VISIT_CODE
BAD_SIGNATURE = Reason.BAD_SIGNATURE

PAYLOAD: Mapping[str, Any] = CLAIMS.to_members()
AS_LONG_AS_MAY_BE = "as long as may be read, by white space"


@dataclass(frozen=True, slots=True)
class Variant:
    """A shown text, and the reason for refusing it (None: accepted)."""

    name: str
    text: str
    reason: Reason | None


def header(**changes: Any) -> dict[str, Any]:
    """Return the right header with ``changes``; a member set to ``...`` is left out."""
    return _changed(HEADER, changes)


def payload(**changes: Any) -> dict[str, Any]:
    """Return the right payload with ``changes``; a member set to ``...`` is left out."""
    return _changed(PAYLOAD, changes)


def _changed(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not ...}


def _text(members: Mapping[str, Any]) -> str:
    return json.dumps(members, separators=(",", ":"))


def _with_raw(members: Mapping[str, Any], **raw: str) -> str:
    """Return JSON in which the named members have exactly the given spelling."""
    return "{" + ",".join(f'"{name}":{raw.get(name, json.dumps(value))}' for name, value in members.items()) + "}"


H, P = _text(HEADER), _text(PAYLOAD)
TOKEN = sign_token(H, P)
HEAD, BODY, SIGNATURE = TOKEN.split(".")


def by_header(reason: Reason | None, variants: Mapping[str, Part]) -> Iterator[Variant]:
    """Yield signed tokens that differ in the header."""
    for name, part in variants.items():
        yield Variant(name, sign_token(part, P), reason)


def by_payload(reason: Reason | None, variants: Mapping[str, Part]) -> Iterator[Variant]:
    """Yield signed tokens that differ in the payload."""
    for name, part in variants.items():
        yield Variant(name, sign_token(H, part), reason)


def accepted() -> Iterator[Variant]:
    """Yield what must be let through."""
    yield Variant("as issued", TOKEN, ACCEPT)
    second = sign_token(header(kid=kid_of(SECOND_VISIT_KEY)), P, SECOND_VISIT_KEY)
    yield Variant("signed by the key before the last rotation", second, ACCEPT)
    yield from by_header(
        ACCEPT,
        {
            "header members in another order": dict(reversed(list(HEADER.items()))),
            "white space inside the header": json.dumps(HEADER, indent=1),
            "an escape in the header means the same": H.replace("EdDSA", "\\u0045dDSA"),
        },
    )
    yield from by_payload(
        ACCEPT,
        {
            "payload members in another order": dict(reversed(list(PAYLOAD.items()))),
            "white space around the payload": f" {P}\n",
            "rev 1": payload(rev=1),
            "rev 99": payload(rev=99),
            "25 hours exactly": payload(exp=PAYLOAD["nbf"] + 25 * 3600),
            "one second": payload(exp=PAYLOAD["nbf"] + 1),
            "valid since 1970": payload(nbf=0, exp=3600),
            "until the end of 9999": payload(nbf=253_402_300_799 - 3600, exp=253_402_300_799),
            "stray bits in an identifier, which is opaque": payload(jti=22 * "-"),
        },
    )


def algorithms() -> Iterator[Variant]:
    """Yield tokens that name another algorithm (RFC 8725 §2.1, §3.1), some of them signed as they say."""
    wrong = ["none", "NONE", "", "HS256", "ES256", "RS256", "eddsa", "EDDSA", "Ed25519", "EdDSA ", "EdDSA\0"]
    for name in wrong:
        yield Variant(f"alg {name!r}", sign_token(header(alg=name), P), MALFORMED)
    others: dict[str, Any] = {"null": None, "a list": ["EdDSA"], "a number": 1, "true": True, "missing": ...}
    for what, value in others.items():
        yield Variant(f"alg {what}", sign_token(header(alg=value), P), MALFORMED)
    unsigned = f"{base64url_encode(as_bytes(header(alg='none')))}.{BODY}"
    yield Variant("alg none without a signature", f"{unsigned}.", MALFORMED)
    for alg, hash_name in (("HS256", "sha256"), ("HS512", "sha512")):
        signed = f"{base64url_encode(as_bytes(header(alg=alg)))}.{BODY}"
        tag = hmac.digest(bytes(VISIT_KEY.verify_key), signed.encode(), hash_name)
        yield Variant(f"{alg} under the public key", f"{signed}.{base64url_encode(tag)}", MALFORMED)
    tag = hmac.digest(bytes(VISIT_KEY.verify_key), f"{HEAD}.{BODY}".encode(), hashlib.sha512)
    yield Variant(
        "HMAC under the public key in place of a signature", f"{HEAD}.{BODY}.{base64url_encode(tag)}", BAD_SIGNATURE
    )


def types() -> Iterator[Variant]:
    """Yield signed tokens of other kinds (RFC 8725 §3.11)."""
    wrong = [
        "JWT",
        "visit+JWT",
        "Visit+jwt",
        "application/visit+jwt",
        "device+jwt",
        "dpop+jwt",
        "",
        None,
        1,
        ["visit+jwt"],
    ]
    for value in wrong:
        yield Variant(f"typ {value!r}", sign_token(header(typ=value), P), MALFORMED)
    yield Variant("typ missing", sign_token(header(typ=...), P), MALFORMED)
    device = {"sub": long_id("device"), "token_type": "kiosk", "iat": NOON, "exp": NOON + 3600}
    yield Variant("a device token signed by a visit key", sign_token(header(typ="device+jwt"), device), MALFORMED)


def key_ids() -> Iterator[Variant]:
    """Yield tokens whose ``kid`` is no key's, or another key's (RFC 8725 §3.10)."""
    for value in ("", "short", "too-long-9", "../../..", "' OR 1--", "a/b/c/d/", "12345678\n", "1234567\0", "ключключ"):
        yield Variant(f"kid {value!r}", sign_token(header(kid=value), P), MALFORMED)
    for name, other in {"null": None, "a number": 12345678, "a list": [HEADER["kid"]], "missing": ...}.items():
        yield Variant(f"kid {name}", sign_token(header(kid=other), P), MALFORMED)
    yield Variant("kid nobody knows", sign_token(header(kid="AAAAAAAA"), P), Reason.UNKNOWN_KEY)
    for name, key in {"a stranger's": STRANGER_KEY, "the kiosk's own device": DEVICE_KEY}.items():
        yield Variant(
            f"signed by {name} key under its own kid", sign_token(header(kid=kid_of(key)), P, key), Reason.UNKNOWN_KEY
        )
        yield Variant(f"signed by {name} key under our kid", sign_token(H, P, key), BAD_SIGNATURE)
    swapped = header(kid=kid_of(SECOND_VISIT_KEY))
    yield Variant("signed by one visit key under the kid of another", sign_token(swapped, P), BAD_SIGNATURE)
    yield Variant("kid in other letter case", sign_token(header(kid=HEADER["kid"].swapcase()), P), Reason.UNKNOWN_KEY)


def foreign_header_members() -> Iterator[Variant]:
    """Yield signed tokens that bring a key along or change how they want to be read (RFC 7515 §4.1, RFC 7797)."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(bytes(STRANGER_KEY.verify_key))}
    members: dict[str, dict[str, Any]] = {
        "crit with a known claim": {"crit": ["exp"]},
        "crit empty": {"crit": []},
        "crit b64": {"crit": ["b64"], "b64": False},
        "b64 false": {"b64": False},
        "b64 true": {"b64": True},
        "zip": {"zip": "DEF"},
        "jku": {"jku": "https://keys.example/"},
        "x5u": {"x5u": "https://keys.example/"},
        "x5c": {"x5c": ["MAA="]},
        "cty": {"cty": "JWT"},
        "null member": {"jku": None},
        "claims in the header": {"exp": PAYLOAD["exp"]},
        "kid in other letter case beside the right one": {"KID": HEADER["kid"]},
    }
    for name, extra in members.items():
        yield Variant(f"header with {name}", sign_token(header(**extra), P), MALFORMED)
    own_key = header(jwk=jwk, kid=kid_of(STRANGER_KEY))
    yield Variant("header with the key that signed it", sign_token(own_key, P, STRANGER_KEY), MALFORMED)


def duplicates() -> Iterator[Variant]:
    """Yield signed tokens with a member twice: who reads first and who reads last see two tokens."""
    yield from by_header(
        MALFORMED,
        {
            "alg twice, right one first": H[:-1] + ',"alg":"none"}',
            "alg twice, right one last": '{"alg":"none",' + H[1:],
            "kid twice, equal": H[:-1] + f',"kid":"{HEADER["kid"]}"}}',
            "typ twice, once by escapes": H[:-1] + ',"\\u0074yp":"visit+jwt"}',
        },
    )
    yield from by_payload(
        MALFORMED,
        {
            "jti twice": P[:-1] + f',"jti":"{long_id("another visit")}"}}',
            "aud twice": P[:-1] + f',"aud":"{OTHER_SITE}"}}',
            "exp twice, once by escapes": P[:-1] + f',"\\u0065xp":{PAYLOAD["exp"] + 60}}}',
            "rev twice": P[:-1] + ',"rev":1,"rev":2}',
        },
    )


def encodings() -> Iterator[Variant]:
    """Yield signed bytes that are no UTF-8 or no JSON, though some readers take them (RFC 8725 §3.7)."""
    p = P.encode()
    yield from by_header(
        MALFORMED,
        {
            "header in UTF-16": H.encode("utf-16-le"),
            "header with a trailing comma": H[:-1] + ",}",
            "header with garbage behind": H + "x",
            "header with a second object behind": H + "{}",
            "header with single quotes": H.replace('"', "'"),
            "header cut off": H[:-1],
            "header with a bare line feed in a text": H.replace("EdDSA", "Ed\nDSA"),
        },
    )
    # Their first character is another than that of every token, so as a shown text they are nobody's code.
    foreign: dict[str, Part] = {
        "header with byte order mark": b"\xef\xbb\xbf" + H.encode(),
        "white space before the header": " " + H,
        "header a list": f"[{H}]",
        "header without quotes": H.replace('"', ""),
        "header a text": '"EdDSA-visit+jwt"',
        "header a number": "1234567",
        "header null": "null",
        "header not UTF-8": b"\xff" + H.encode(),
    }
    yield from by_header(FOREIGN, foreign)
    yield from by_payload(
        MALFORMED,
        {
            "payload with byte order mark": b"\xef\xbb\xbf" + p,
            "payload in UTF-16": P.encode("utf-16"),
            "payload in UTF-32": P.encode("utf-32-be"),
            "payload not UTF-8": p.replace(b'"jti":"', b'"jti":"\xff'),
            "payload with an overlong encoding": p.replace(b'"jti"', b'"\xc1\xaati"'),
            "payload with an encoded surrogate": p.replace(b'"jti":"', b'"jti":"\xed\xa0\x80'),
            "payload with a lone surrogate escape": P.replace('"jti":"', '"jti":"\\ud800'),
            "payload with NUL behind": p + b"\0",
            "payload with a comment": P[:-1] + "/**/}",
            "payload a list": f"[{P}]",
            "payload a text": json.dumps(P),
            "payload null": "null",
            "payload an empty object": "{}",
            "payload two lines of JSON": f"{P}\n{P}",
            "payload in Latin-1": payload(jti="é" * 22).__repr__().encode("latin-1"),
            "payload with a form feed as white space": P.replace(",", ",\f"),
            "payload with a no-break space as white space": P.replace(",", ",\u00a0"),
            "payload compressed": base64.b64decode("q1bKKslUslJQKkpNKS1OTVGqBQA="),
        },
    )


def numbers() -> Iterator[Variant]:
    """Yield signed tokens whose times or revision are no plain integers, or integers out of range."""
    spellings = {
        "a text": f'"{PAYLOAD["exp"]}"',
        "a float": f"{PAYLOAD['exp']}.0",
        "an exponent": "1.79e9",
        "infinite": "1e400",
        "Infinity": "Infinity",
        "NaN": "NaN",
        "true": "true",
        "null": "null",
        "a list": f"[{PAYLOAD['exp']}]",
        "with a leading zero": f"0{PAYLOAD['exp']}",
        "with a plus sign": f"+{PAYLOAD['exp']}",
        "hexadecimal": "0x6AB13F80",
        "with underscores": "1_790_007_200",
        "in full-width digits": "".join(chr(ord(digit) + 0xFEE0) for digit in str(PAYLOAD["exp"])),
        "beyond 2^53": str(2**53),
        "of 400 digits": "1" * 400,
        "after 9999": "253402300800",
    }
    for name, raw in spellings.items():
        yield Variant(f"exp {name}", sign_token(H, _with_raw(PAYLOAD, exp=raw)), MALFORMED)
    for name, raw in {"-0": "-0", "-1": "-1", "false": "false", "a text": '"0"', "0.0": "0.0"}.items():
        yield Variant(f"nbf {name}", sign_token(H, _with_raw(payload(nbf=0, exp=3600), nbf=raw)), MALFORMED)
    for name, raw in {
        "0": "0",
        "100": "100",
        "-1": "-1",
        "true": "true",
        "null": "null",
        "1.0": "1.0",
        "a text": '"1"',
    }.items():
        yield Variant(f"rev {name}", sign_token(H, P[:-1] + f',"rev":{raw}}}'), MALFORMED)
    yield from by_payload(
        MALFORMED,
        {
            "valid for no time at all": payload(exp=PAYLOAD["nbf"]),
            "over before it begins": payload(exp=PAYLOAD["nbf"] - 1),
            "valid for 25 hours and a second": payload(exp=PAYLOAD["nbf"] + 25 * 3600 + 1),
            "valid forever": payload(nbf=0, exp=253_402_300_799),
            "a float far behind the point": _with_raw(PAYLOAD, exp=f"{PAYLOAD['exp']}.{'0' * 40}1"),
        },
    )


def claims() -> Iterator[Variant]:
    """Yield signed tokens that say too little, too much, or something of another kind."""
    for name in PAYLOAD:
        yield Variant(f"{name} missing", sign_token(H, payload(**{name: ...})), MALFORMED)
    wrong: dict[str, dict[str, Any]] = {
        "iss": {"iss": "atrium"},
        "a name": {"name": "Ada Lovelace"},
        "an admin claim": {"admin": True},
        "a member without a name": {"": 1},
        "jti of 21 characters": {"jti": "A" * 21},
        "jti of 23 characters": {"jti": "A" * 23},
        "jti padded": {"jti": "A" * 21 + "="},
        "jti in the other alphabet": {"jti": "A" * 21 + "+"},
        "jti with a line feed behind": {"jti": "A" * 22 + "\n"},
        "jti with look-alike letters": {"jti": "\u0410" * 22},
        "jti with NUL": {"jti": "A" * 21 + "\0"},
        "jti a number": {"jti": 1},
        "jti a list": {"jti": ["A" * 22]},
        "sub an object": {"sub": {}},
        "sub null": {"sub": None},
        "sub empty": {"sub": ""},
        "aud a list of sites": {"aud": [CLAIMS.site]},
        "aud of 10 characters": {"aud": "A" * 10},
        "aud null": {"aud": None},
        "aud true": {"aud": True},
    }
    for name, change in wrong.items():
        yield Variant(f"payload with {name}", sign_token(H, payload(**change)), MALFORMED)
    yield Variant("for another site", sign_token(H, payload(aud=OTHER_SITE)), Reason.WRONG_SITE)
    yield Variant(
        "for a site with a similar name", sign_token(H, payload(aud=CLAIMS.site.swapcase())), Reason.WRONG_SITE
    )


def nesting_and_sizes() -> Iterator[Variant]:
    """Yield signed tokens that are deep, short or long."""
    yield from by_payload(
        MALFORMED,
        {
            "payload with an object inside": payload(sub={"id": PAYLOAD["sub"]}),
            "payload 300 lists deep": "[" * 300 + "]" * 300,
            "payload 200 objects deep": '{"a":' * 100 + "1" + "}" * 100,
            "brackets in a text are no nesting, but foreign": payload(sub="[[[[[[[[[[{{{{{{{{{{{{"),
        },
    )
    deep = H[:-1] + ',"jwk":' + "[" * 100 + "]" * 100 + "}"
    yield Variant("header with a deep member", sign_token(deep, P), MALFORMED)
    room = (1024 - len(TOKEN)) // 4 * 3
    longest = sign_token(H, P[:-1] + " " * room + "}")
    yield Variant(AS_LONG_AS_MAY_BE, longest, ACCEPT)
    yield Variant("a little longer than may be read", sign_token(H, P[:-1] + " " * (room + 3) + "}"), MALFORMED)
    yield Variant("far longer than may be read", sign_token(H, P[:-1] + " " * 4000 + "}"), MALFORMED)
    yield Variant("an empty text", "", FOREIGN)
    yield Variant("a header alone", HEAD, FOREIGN)
    yield Variant("shorter than may be read", "eyJhbGciOiJFZERTQSJ9.e30.AAAA", MALFORMED)


def segments() -> Iterator[Variant]:
    """Yield texts with other segments than three, or other spellings of them (RFC 7515 §2, RFC 4648 §3.5)."""
    stray_head = HEAD[:-1] + chr(ord(HEAD[-1]) + 1)
    loose = sign_token(H, P + " " * (-len(P) % 3 + 1))
    loose_body = loose.split(".")[1]
    texts = {
        "a dot behind": f"{TOKEN}.",
        "a dot before": f".{TOKEN}",
        "two segments": f"{HEAD}.{BODY}",
        "four segments": f"{TOKEN}.{SIGNATURE}",
        "five segments": f"{TOKEN}.AAAA.AAAA",
        "an empty payload": sign_text(f"{HEAD}."),
        "an empty signature": f"{HEAD}.{BODY}.",
        "a signature cut by a byte": f"{HEAD}.{BODY}.{base64url_encode(base64url_decode(SIGNATURE)[:63])}",
        "a byte behind the signature": f"{HEAD}.{BODY}.{base64url_encode(base64url_decode(SIGNATURE) + bytes(1))}",
        "two signatures": f"{HEAD}.{BODY}.{base64url_encode(base64url_decode(SIGNATURE) * 2)}",
        "a padded header": sign_text(f"{HEAD}=.{BODY}"),
        "a padded payload": sign_text(f"{HEAD}.{loose_body}=="),
        "a padded signature": f"{TOKEN}==",
        "stray bits in the header": sign_text(f"{stray_head}.{BODY}"),
        "stray bits in the payload": sign_text(f"{HEAD}.{loose_body[:-1]}{chr(ord(loose_body[-1]) + 1)}"),
        "stray bits in the signature": TOKEN[:-1] + chr(ord(TOKEN[-1]) + 1),
        "a line feed behind": f"{TOKEN}\n",
        "a line feed in the payload": sign_text(f"{HEAD}.{BODY[:20]}\n{BODY[20:]}"),
        "a space in the payload": sign_text(f"{HEAD}.{BODY[:20]} {BODY[20:]}"),
        "another letter's look-alike": TOKEN[:-40] + "\u0410" + TOKEN[-39:],
        "a lone surrogate inside": f"{HEAD}.{BODY}\ud800.{SIGNATURE}",
        "NUL inside": f"{HEAD}.{BODY}\0.{SIGNATURE}",
    }
    foreign = {
        "an empty header": f".{BODY}.{SIGNATURE}",
        "a space before": f" {TOKEN}",
        "dots alone": "." * 50,
        "JSON serialization": json.dumps({"protected": HEAD, "payload": BODY, "signature": SIGNATURE}),
        "with its scheme's name": f"Bearer {TOKEN}",
    }
    yield from (Variant(name, text, FOREIGN if text.startswith(".") else MALFORMED) for name, text in texts.items())
    yield from (Variant(name, text, FOREIGN) for name, text in foreign.items())
    standard = sign_token(H, payload(jti=STANDARD_ALPHABET_JTI))
    head, body, signature = standard.split(".")
    spelled = f"{head}.{body}.{signature.replace('-', '+').replace('_', '/')}"
    yield Variant("the other base64 alphabet", spelled, MALFORMED)


def _jti_with_both_special_characters() -> str:
    """Return a visit whose token's signature holds both characters in which the two base64 alphabets differ."""
    for number in range(1000):
        jti = long_id(f"special {number}")
        signature = sign_token(H, payload(jti=jti)).rpartition(".")[2]
        if "-" in signature and "_" in signature:
            return jti
    raise AssertionError("signatures are not random")


STANDARD_ALPHABET_JTI = _jti_with_both_special_characters()


def signatures() -> Iterator[Variant]:
    """Yield well-formed tokens whose signature is not ours, or ours for something else."""
    signed = f"{HEAD}.{BODY}".encode()
    raw = base64url_decode(SIGNATURE)
    malleable = raw[:32] + (int.from_bytes(raw[32:], "little") + BASE_POINT_ORDER).to_bytes(32, "little")
    later = base64url_encode(as_bytes(payload(exp=PAYLOAD["exp"] + 3600)))
    wrong = {
        "of zeros": bytes(64),
        "of ones": b"\xff" * 64,
        "with S + L, which lenient verifiers take": malleable,
        "with R of small order": bytes([1]) + bytes(31) + raw[32:],
        "with R and S swapped": raw[32:] + raw[:32],
        "over the payload alone": VISIT_KEY.sign(BODY.encode()).signature,
        "over the decoded segments": VISIT_KEY.sign(f"{H}.{P}".encode()).signature,
        "over the hash of the text": VISIT_KEY.sign(hashlib.sha512(signed).digest()).signature,
        "over the text as a DSSE payload": VISIT_KEY.sign(pre_authentication_encoding("JWT", signed)).signature,
        "of another token": base64url_decode(sign_token(H, payload(rev=1)).rpartition(".")[2]),
        "at random": random_bytes("signature", 64),
    }
    for name, signature in wrong.items():
        yield Variant(f"signature {name}", f"{HEAD}.{BODY}.{base64url_encode(signature)}", BAD_SIGNATURE)
    yield Variant("a later end under the old signature", f"{HEAD}.{later}.{SIGNATURE}", BAD_SIGNATURE)
    yield Variant(
        "another spelling of the header under the old signature",
        f"{base64url_encode(f'{H} '.encode())}.{BODY}.{SIGNATURE}",
        BAD_SIGNATURE,
    )
    garbage = f"{HEAD}.{base64url_encode(b'no JSON at all')}.{SIGNATURE}"
    yield Variant("a broken payload is not looked at before its signature", garbage, BAD_SIGNATURE)


GROUPS = (
    accepted,
    algorithms,
    types,
    key_ids,
    foreign_header_members,
    duplicates,
    encodings,
    numbers,
    claims,
    nesting_and_sizes,
    segments,
    signatures,
)
VARIANTS: tuple[Variant, ...] = tuple(variant for group in GROUPS for variant in group())
HOSTILE: tuple[Variant, ...] = (
    VARIANTS[0],
    *(variant for group in GROUPS[1:] for variant in group() if variant.name != AS_LONG_AS_MAY_BE),
)
"""The token as issued, and all that must not pass: the other accepted ones are other visits, or spelled otherwise."""
