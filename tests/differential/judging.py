"""The verifier's verdicts in the oracle's words, and what to say where they differ."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk_protocol.identifiers import KeyId, SiteId
from kiosk_protocol.keys import PublicKey, key_set
from kiosk_protocol.tokens import VerifiedVisitToken, verify_shown_code, verify_visit_token
from tests.differential.drafts import KEYS, SITE
from tests.differential.grammar import Signed, tokens
from tests.differential.mutations import Mutated, mutated
from tests.differential.oracle import Verdict, verdict

DOOR = SiteId(SITE)
KEY_SET = key_set(PublicKey(KeyId(kid), raw) for kid, raw in KEYS.items())


def ours(text: str) -> Verdict:
    """Return what the verifier says to a compact JWS."""
    result = verify_visit_token(text, KEY_SET, DOOR)
    if isinstance(result, VerifiedVisitToken):
        return Verdict(None, result.claims.to_members())
    return Verdict(result.reason.value, None if result.claims is None else result.claims.to_members())


def expected(token: Signed) -> Verdict:
    """Return what the oracle says, told by the grammar who signed."""
    # Ed25519 signatures are unique to key and text: another key's is wrong under this one.
    return verdict(token.text, KEYS, SITE, lambda key, _, __: key == token.public)


def expected_by_openssl(token: Signed) -> Verdict:
    """Return what the oracle says, with the signature judged by OpenSSL."""
    return verdict(token.text, KEYS, SITE, _is_signed)


def _is_signed(key: bytes, signed: str, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(_bytes(signature), signed.encode())
    except InvalidSignature:
        return False
    return True


def _bytes(signature: str) -> bytes:
    """Return 64 bytes from 86 characters, by arithmetic: the other decoders are what is being judged."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    number = 0
    for letter in signature:
        number = number << 6 | letters.index(letter)
    return (number >> 4).to_bytes(64, "big")


@dataclass(slots=True)
class Tally:
    """What a run came across, so that a grammar that no longer makes something is noticed."""

    different: list[str] = field(default_factory=list)
    reasons: Counter[str | None] = field(default_factory=Counter)
    departures: set[str] = field(default_factory=set)


def compare(seed: int, count: int) -> Tally:
    """Judge generated tokens twice; return a line for each on which verifier and oracle differ, and what was seen."""
    tally = Tally()
    for number, token in enumerate(tokens(seed, count)):
        said, wanted = ours(token.text), expected(token)
        tally.reasons[wanted.reason] += 1
        tally.departures.update(token.deviations)
        if said != wanted:
            tally.different.append(f"{said}, not {wanted}: {again('generated', seed, number)}")
    return tally


def try_damaged(seed: int, count: int) -> Tally:
    """Show damaged tokens to the verifier; return a line for each that it takes, and what was seen."""
    tally = Tally()
    for number, damaged in enumerate(mutated(seed, count)):
        result = verify_shown_code(damaged.text, KEY_SET, DOOR)
        tally.departures.update(damaged.mutations)
        if isinstance(result, VerifiedVisitToken):
            tally.different.append(f"accepted: {again('mutated', seed, number)}")
        else:
            tally.reasons[result.reason.value] += 1
    return tally


def again(kind: str, seed: int, number: int) -> str:
    """Return the command that shows this token again."""
    return f"python -m tests.differential {kind} {seed} {number}"


def find(kind: str, seed: int, number: int) -> Signed | Mutated:
    """Return one token again."""
    everything: Iterator[Signed | Mutated] = (
        tokens(seed, number + 1) if kind == "generated" else mutated(seed, number + 1)
    )
    return list(everything)[number]
