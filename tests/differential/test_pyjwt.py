"""PyJWT beside the verifier: what we accept it accepts with equal claims, and what it accepts and we refuse is listed.

PyJWT is asked as a careful caller would: the key by `kid` from our set, one algorithm, the audience. Its clock is off,
as ours is somebody else's.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.differential.drafts import KEYS, SITE
from tests.differential.grammar import tokens
from tests.differential.judging import again, ours
from tests.kiosk_protocol.samples import WITHOUT_CLOCK

SEED, COUNT = 1, 5_000
PUBLIC = {kid: Ed25519PublicKey.from_public_bytes(raw) for kid, raw in KEYS.items()}


def pyjwt(text: str) -> dict[str, Any] | None:
    """Return the claims as PyJWT reads them, or None where it refuses."""
    try:
        kid = jwt.get_unverified_header(text).get("kid")
        if kid not in PUBLIC:
            return None
        return jwt.decode(text, PUBLIC[kid], algorithms=["EdDSA"], audience=SITE, options=WITHOUT_CLOCK)
    except jwt.InvalidTokenError:
        return None


@dataclass(frozen=True, slots=True)
class Token:
    """A token that PyJWT accepts, taken apart as leniently as PyJWT does. Objects are lists of pairs."""

    text: str
    header_bytes: bytes
    payload_bytes: bytes
    header: list[tuple[str, Any]]
    payload: list[tuple[str, Any]]

    @property
    def claims(self) -> dict[str, Any]:
        return dict(self.payload)


def take_apart(text: str) -> Token:
    header, payload, _ = text.split(".")
    raw_header, raw_payload = _lenient(header), _lenient(payload)
    return Token(text, raw_header, raw_payload, _pairs(raw_header), _pairs(raw_payload))


def _lenient(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment.encode() + b"=" * (-len(segment) % 4))


class _Number(str):
    """A number as it is spelled, where that is no plain integer."""

    __slots__ = ()


def _pairs(data: bytes) -> list[tuple[str, Any]]:
    def number(text: str) -> int | _Number:
        return int(text) if re.fullmatch(r"0|-?[1-9][0-9]{0,15}", text) else _Number(text)

    found = json.loads(data, object_pairs_hook=list, parse_float=_Number, parse_constant=_Number, parse_int=number)
    assert isinstance(found, list)
    return found


def _values(pairs: list[tuple[str, Any]]) -> list[Any]:
    """Return all values, those in lists and objects too, and all names."""
    found: list[Any] = []
    waiting: list[Any] = [pairs]
    while waiting:
        value = waiting.pop()
        found.append(value)
        if isinstance(value, list | tuple):
            waiting.extend(value)
    return found


def _spelling(token: Token) -> bool:
    plain = [base64.urlsafe_b64encode(_lenient(part)).rstrip(b"=").decode() for part in token.text.split(".")]
    return ".".join(plain) != token.text


def _encoding(token: Token) -> bool:
    parts = (token.header_bytes, token.payload_bytes)
    return any(json.detect_encoding(part) != "utf-8" for part in parts)


def _repeated(token: Token) -> bool:
    return any(len(dict(pairs)) != len(pairs) for pairs in (token.header, token.payload))


def _number(token: Token) -> bool:
    values = _values(token.header) + _values(token.payload)
    return any(isinstance(value, _Number) or (type(value) is int and abs(value) >= 2**53) for value in values)


def _claim_types(token: Token) -> bool:
    integers = all(type(token.claims.get(name, 1)) in {int, _Number} for name in ("nbf", "exp", "rev"))
    return not (integers and isinstance(token.claims.get("aud"), str))


def _identifiers(token: Token) -> bool:
    ids = [token.claims.get("jti", "A" * 22), token.claims.get("sub", "A" * 22)]
    return not all(isinstance(text, str) and re.fullmatch(r"[\w-]{22}", text, re.ASCII) for text in ids)


def _window(token: Token) -> bool:
    start, end = token.claims.get("nbf"), token.claims.get("exp")
    if type(start) is not int or type(end) is not int:
        return False
    return start < 0 or end > 253_402_300_799 or not 0 < end - start <= 25 * 3600


def _revision(token: Token) -> bool:
    revision = token.claims.get("rev", 1)
    return type(revision) is int and not 1 <= revision <= 99


_CLAIMS = {"jti", "sub", "aud", "nbf", "exp"}

CLASSES: dict[str, tuple[str, Callable[[Token], bool]]] = {
    "another spelling of the bytes": (
        "PyJWT pads and decodes leniently: one signed value has many texts, and whoever remembers used codes by their "
        "text would admit each of them once",
        _spelling,
    ),
    "longer than 1,024 characters": (
        "no code of ours is that long, and what is bounded before it is read cannot be made slow",
        lambda token: len(token.text) > 1024,
    ),
    "another encoding than UTF-8": (
        "Python's reader guesses UTF-16 and UTF-32 and takes a byte order mark; others read something else or nothing",
        _encoding,
    ),
    "white space before the header": (
        "a shown code is known by its first characters, which this changes",
        lambda token: not token.header_bytes.startswith(b"{"),
    ),
    "a member twice": (
        "PyJWT takes the last one, other readers the first: two opinions about what was signed",
        _repeated,
    ),
    "a foreign header member": (
        "jku, jwk, x5u, x5c bring a key along, zip and b64 change how to read; PyJWT passes over what it does not know",
        lambda token: not {name for name, _ in token.header} <= {"alg", "typ", "kid"},
    ),
    "another type, or none": (
        "PyJWT does not look at typ: a token of another kind under the same key would pass (RFC 8725 §3.11)",
        lambda token: dict(token.header).get("typ") != "visit+jwt",
    ),
    "a number that is no plain integer": (
        "1.0, 1e3, -0, NaN and integers beyond 2^53 read differently from one language to the next",
        _number,
    ),
    "a claim missing": (
        "PyJWT asks for none but aud, so a code without an end would be valid for ever",
        lambda token: not token.claims.keys() >= _CLAIMS,
    ),
    "a foreign claim": (
        "a code says what it must and nothing else; a name or an email in it would be on paper",
        lambda token: not token.claims.keys() <= _CLAIMS | {"rev"},
    ),
    "a claim of another type": (
        "PyJWT takes a list for aud, so one code would open several doors, and texts or booleans for times",
        _claim_types,
    ),
    "an identifier of another form": (
        "the replay key is the identifier: 22 characters of one alphabet, so that no two spellings name one visit",
        _identifiers,
    ),
    "times out of range": (
        "over before it begins, longer than 25 h, before 1970 or after 9999: never issued",
        _window,
    ),
    "a revision out of range": ("1 to 99; 0 would be a second spelling of none", _revision),
}
"""Where PyJWT accepts and we refuse: why we do, and what such a token looks like to somebody else's parser."""


@pytest.fixture(scope="module")
def both() -> list[tuple[int, str, dict[str, Any]]]:
    """Return number, text and claims of the tokens that PyJWT accepts; one that only we accept fails here."""
    found = []
    for number, token in enumerate(tokens(SEED, COUNT)):
        verdict, claims = ours(token.text), pyjwt(token.text)
        if verdict.reason is None:
            assert claims == verdict.claims, again("generated", SEED, number)
        if claims is not None:
            found.append((number, token.text, claims))
    return found


def test_what_we_accept_pyjwt_accepts_with_equal_claims(both: list[tuple[int, str, dict[str, Any]]]) -> None:
    """Of five thousand generated tokens we accept many, and none that PyJWT refuses or reads otherwise."""
    accepted = [text for _, text, _ in both if ours(text).reason is None]
    assert len(accepted) > COUNT / 3
    assert len(accepted) < len(both)


def test_what_pyjwt_accepts_and_we_refuse_is_of_a_listed_class(both: list[tuple[int, str, dict[str, Any]]]) -> None:
    """Each such token is in a class, and each class has a member that is in no other: its rule alone refused it."""
    alone: dict[str, int] = dict.fromkeys(CLASSES, 0)
    for number, text, _ in both:
        names = [name for name, (_, holds) in CLASSES.items() if holds(take_apart(text))]
        if ours(text).reason is None:
            assert names == [], again("generated", SEED, number)
            continue
        assert names, f"PyJWT accepts what we refuse for no listed reason: {again('generated', SEED, number)}"
        if len(names) == 1:
            alone[names[0]] += 1
    assert [name for name, count in alone.items() if not count] == []
