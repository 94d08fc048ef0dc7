"""What a visit token's verdict must be, written from docs/protocol.md alone: no line is shared with the product.

The verifier decodes, parses JSON and judges members. This oracle parses nothing: the texts that may stand in a visit
token are a regular language (flat objects, two alphabets, plain integers), so here are the regular expressions. Whether
a signature is good is told by whoever made the token, or by OpenSSL, never by the library that the verifier uses.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MALFORMED, UNKNOWN_KEY, BAD_SIGNATURE, WRONG_SITE = "malformed", "unknown_key", "bad_signature", "wrong_site"

IsSigned = Callable[[bytes, str, str], bool]
"""Whether, under a raw public key, a signed text has a signature (both as they stand in the token)."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]{85}[AQgw])")
"""Three url-safe segments; the last of 64 bytes, whose 86th character has four unused bits."""
_SPARE_BITS = {0: "", 2: "AQgw", 3: "AEIMQUYcgkosw048"}
"""By length modulo 4: the last characters whose unused bits are zero (RFC 4648 §3.5). Length 1 modulo 4 has none."""

_LETTER = rb"(?:[A-Za-z0-9_+-]|\\u00[0-7][0-9A-Fa-f])"
_MEMBER = re.compile(
    rb'[ \t\n\r]*"(%b*)"[ \t\n\r]*:[ \t\n\r]*(?:"(%b*)"|(0|[1-9][0-9]{0,16}))[ \t\n\r]*([,}])' % (_LETTER, _LETTER)
)
_ESCAPE = re.compile(rb"\\u00([0-7][0-9A-Fa-f])")
_BLANK = b" \t\n\r"

_KID = re.compile(rb"[A-Za-z0-9_-]{8}")
_LONG = re.compile(rb"[A-Za-z0-9_-]{22}")
_SHORT = re.compile(rb"[A-Za-z0-9_-]{11}")
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z
_LONGEST_S = 90_000  # 25 h


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reason for refusing, or the claims of an accepted token by their names on the wire."""

    reason: str | None
    claims: Mapping[str, str | int] | None = None


Members = dict[bytes, bytes | int]


def verdict(token: str, keys: Mapping[str, bytes], site: str, is_signed: IsSigned) -> Verdict:
    """Judge a compact JWS by the rules of the protocol page, in its order."""
    form = _TOKEN.fullmatch(token) if 40 <= len(token) <= 1024 else None
    if form is None or not (_one_spelling(form[1]) and _one_spelling(form[2])):
        return Verdict(MALFORMED)
    header = _bytes_of(form[1])
    members = _flat_object(header) if header[:1] == b"{" else None
    if members is None or len(members) != 3:
        return Verdict(MALFORMED)
    kid = members.get(b"kid")
    if members.get(b"alg") != b"EdDSA" or members.get(b"typ") != b"visit+jwt" or not _is(_KID, kid):
        return Verdict(MALFORMED)
    key = keys.get(_text(kid))
    if key is None:
        return Verdict(UNKNOWN_KEY)
    if not is_signed(key, token[: form.end(2)], form[3]):
        return Verdict(BAD_SIGNATURE)
    claims = _flat_object(_bytes_of(form[2]).lstrip(_BLANK))
    if claims is None or not _may_be_claimed(claims):
        return Verdict(MALFORMED)
    plain = {name.decode(): value if isinstance(value, int) else value.decode() for name, value in claims.items()}
    return Verdict(None, plain) if plain["aud"] == site else Verdict(WRONG_SITE, plain)


def _may_be_claimed(claims: Members) -> bool:
    named = {b"jti", b"sub", b"aud", b"nbf", b"exp"}
    if set(claims) != named and set(claims) != named | {b"rev"}:
        return False
    if not (_is(_LONG, claims[b"jti"]) and _is(_LONG, claims[b"sub"]) and _is(_SHORT, claims[b"aud"])):
        return False
    start, end, revision = claims[b"nbf"], claims[b"exp"], claims.get(b"rev", 1)
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(revision, int)):
        return False
    return end <= _LAST_SECOND and 1 <= end - start <= _LONGEST_S and 1 <= revision <= 99


def _one_spelling(segment: str) -> bool:
    over = len(segment) % 4
    return over == 0 or (over != 1 and segment[-1] in _SPARE_BITS[over])


def _bytes_of(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _flat_object(text: bytes) -> Members | None:
    """Return the members of an object of texts from the alphabets and integers, each name once; else None."""
    if text[:1] != b"{":
        return None
    members: Members = {}
    escaped = b"\\" in text
    place = 1
    while match := _MEMBER.match(text, place):
        name, value, number, end = match.groups()
        if escaped:
            name, value = _unescaped(name), None if value is None else _unescaped(value)
        if name in members:
            return None
        members[name] = int(number) if value is None else value
        place = match.end()
        if end == b"}":
            return members if not text[place:].strip(_BLANK) else None
    return None


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), text)


def _is(pattern: re.Pattern[bytes], value: bytes | int | None) -> bool:
    return isinstance(value, bytes) and pattern.fullmatch(value) is not None


def _text(value: bytes | int | None) -> str:
    return value.decode() if isinstance(value, bytes) else ""
