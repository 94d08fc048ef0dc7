"""A grammar of visit tokens, validly signed, from right ones to hopeless ones; most are nearly right.

A token is drawn as a header and a payload of members that are texts of JSON, so that a number can be spelled in any way
and a member can stand twice; then deviations are put in, and the text is signed as it stands. A seed gives the same
tokens for ever, so a seed and a number name one token.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.differential.deviations import ALL
from tests.differential.drafts import Draft, right_draft, sign


@dataclass(frozen=True, slots=True)
class Signed:
    """A token with the key that really signed it, and how it departs from a right one."""

    text: str
    public: bytes
    deviations: tuple[str, ...]


def tokens(seed: int, count: int) -> Iterator[Signed]:
    """Yield the first ``count`` tokens of ``seed``."""
    chance = random.Random(seed)
    for _ in range(count):
        draft = right_draft(chance)
        names = _deviate(draft, chance)
        yield Signed(sign(draft), draft.signer.public, names)


def _deviate(draft: Draft, chance: random.Random) -> tuple[str, ...]:
    die = chance.random()
    if die < 0.25:
        return ()
    chosen = chance.choices(ALL, k=1 if die < 0.8 else 2 if die < 0.95 else 3)
    for deviation in chosen:
        deviation(draft, chance)
    return tuple(deviation.__name__ for deviation in chosen)
