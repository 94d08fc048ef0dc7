"""Visit tokens before they are signed: their members as texts, and the signature over whatever became of them."""

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

SITE = "c2l0ZS1vbmU"
NOON = 1_790_000_000
"""A time in September 2026, seconds since 1970."""
LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key pair and the ``kid`` under which it is known."""

    kid: str
    public: bytes
    secret: bytes


def _signer(kid: str, seed: bytes) -> Signer:
    return Signer(kid, *crypto_sign_seed_keypair(seed * 32))


SIGNERS = (_signer("visit--1", b"1"), _signer("visit__2", b"2"))
"""Whose codes count."""
STRANGER = _signer("stranger", b"3")
KEYS = {signer.kid: signer.public for signer in SIGNERS}


@dataclass(slots=True)
class Draft:
    """A token before it is signed. Members are pairs of texts: a name in quotes, and a value as JSON spells it."""

    signer: Signer
    header: list[tuple[str, str]]
    payload: list[tuple[str, str]]
    comma: str = ","
    colon: str = ":"
    around_header: tuple[str, str] = ("{", "}")
    around_payload: tuple[str, str] = ("{", "}")
    codec: str = "utf-8"
    segments: list[Callable[[str], str]] = field(default_factory=list)
    signature: Callable[[bytes], bytes] | None = None
    padded_signature: bool = False


def right_draft(chance: random.Random) -> Draft:
    """Return a token that every rule allows, of any visit."""
    signer = SIGNERS[chance.random() < 0.3]
    start = NOON + int(chance.random() * 1e7)
    header = [('"alg"', '"EdDSA"'), ('"typ"', '"visit+jwt"'), ('"kid"', f'"{signer.kid}"')]
    payload = [
        ('"jti"', f'"{_letters(chance, 22)}"'),
        ('"sub"', f'"{_letters(chance, 22)}"'),
        ('"aud"', f'"{SITE}"'),
        ('"nbf"', str(start)),
        ('"exp"', str(start + 1 + int(chance.random() * 90_000))),
    ]
    if chance.random() < 0.3:
        payload.append(('"rev"', str(1 + int(chance.random() * 99))))
    return Draft(signer, header, payload)


def _letters(chance: random.Random, count: int) -> str:
    return base64.urlsafe_b64encode(chance.randbytes(count)).decode("ascii")[:count]


def sign(draft: Draft) -> str:
    parts = []
    for (before, after), members in (
        (draft.around_header, draft.header),
        (draft.around_payload, draft.payload),
    ):
        inner = draft.comma.join([name + draft.colon + value for name, value in members])
        parts.append(_spell(f"{before}{inner}{after}".encode(draft.codec, "surrogatepass")))
    for change in draft.segments:
        parts = change(".".join(parts)).split(".")
    signed = ".".join(parts)
    signature = crypto_sign(signed.encode("utf-8", "surrogatepass"), draft.signer.secret)[:64]
    if draft.signature is not None:
        signature = draft.signature(signature)
    return f"{signed}.{_spell(signature)}{'==' if draft.padded_signature else ''}"


def _spell(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_bytes(header: bytes, payload: bytes, signer: Signer) -> str:
    """Return a token over exactly these bytes."""
    signed = f"{_spell(header)}.{_spell(payload)}"
    return f"{signed}.{_spell(crypto_sign(signed.encode(), signer.secret)[:64])}"
