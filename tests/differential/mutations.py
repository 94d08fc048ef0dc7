"""Valid tokens damaged: bits flipped, characters put in, left out and exchanged, segments swapped. None may pass."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kiosk_protocol.transport import to_compact
from tests.differential.grammar import tokens

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_ODD = "=.+/ %&#?\n\r\0\x7f\u00a0\u0410\u212a\ud800"
_POOL = 60


@dataclass(frozen=True, slots=True)
class Mutated:
    """A damaged text, and by which mutations in turn."""

    text: str
    mutations: tuple[str, ...]


Mutation = Callable[[str, random.Random, Sequence[str]], str]


def mutated(seed: int, count: int) -> Iterator[Mutated]:
    """Yield the first ``count`` texts of ``seed``, each unlike every valid token it could have come from."""
    chance = random.Random(seed)
    valid = [token.text for token in tokens(seed, 8 * _POOL) if not token.deviations][:_POOL]
    pool = [*valid * 3, *map(to_compact, valid)]
    good = frozenset(pool)
    made = 0
    while made < count:
        text = pool[int(chance.random() * len(pool))]
        names = []
        for mutation in chance.choices(_ALL, k=1 if chance.random() < 0.8 else 2):
            text = mutation(text, chance, pool)
            names.append(mutation.__name__)
        if text not in good:
            made += 1
            yield Mutated(text, tuple(names))


def _place(text: str, chance: random.Random) -> int:
    return int(chance.random() * len(text))


def flipped_bit(text: str, chance: random.Random, _: Sequence[str]) -> str:
    place = _place(text, chance)
    return text[:place] + chr(ord(text[place]) ^ 1 << int(chance.random() * 7)) + text[place + 1 :] if text else text


def other_letter(text: str, chance: random.Random, _: Sequence[str]) -> str:
    place = _place(text, chance)
    letters = _BASE45 if text.startswith("V1:") else _LETTERS
    return text[:place] + chance.choice(letters) + text[place + 1 :]


def odd_letter(text: str, chance: random.Random, _: Sequence[str]) -> str:
    place = _place(text, chance)
    return text[:place] + chance.choice(_ODD) + text[place + 1 :]


def inserted(text: str, chance: random.Random, _: Sequence[str]) -> str:
    place = int(chance.random() * (len(text) + 1))
    return text[:place] + chance.choice(_LETTERS + _ODD) + text[place:]


def left_out(text: str, chance: random.Random, _: Sequence[str]) -> str:
    place = _place(text, chance)
    return text[:place] + text[place + 1 + int(chance.random() ** 4 * 20) :]


def repeated(text: str, chance: random.Random, _: Sequence[str]) -> str:
    start = _place(text, chance)
    end = start + 1 + int(chance.random() ** 4 * 80)
    return text[:end] + text[start:end] + text[end:]


def cut(text: str, chance: random.Random, _: Sequence[str]) -> str:
    return text[: _place(text, chance)] if chance.random() < 0.5 else text[_place(text, chance) :]


def neighbours_swapped(text: str, chance: random.Random, _: Sequence[str]) -> str:
    place = _place(text, chance)
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


def reversed_stretch(text: str, chance: random.Random, _: Sequence[str]) -> str:
    start, end = sorted((_place(text, chance), _place(text, chance)))
    return text[:start] + text[start:end][::-1] + text[end:]


def segments_swapped(text: str, chance: random.Random, _: Sequence[str]) -> str:
    parts = text.split(".")
    chance.shuffle(parts)
    return ".".join(parts)


def segment_of_another(text: str, chance: random.Random, pool: Sequence[str]) -> str:
    parts, others = text.split("."), chance.choice(pool).split(".")
    place = int(chance.random() * min(len(parts), len(others)))
    parts[place] = others[place]
    return ".".join(parts)


def other_case(text: str, chance: random.Random, _: Sequence[str]) -> str:
    start = _place(text, chance)
    end = start + 1 + int(chance.random() ** 3 * 60)
    return text[:start] + text[start:end].swapcase() + text[end:]


def something_around(text: str, chance: random.Random, _: Sequence[str]) -> str:
    return chance.choice(
        (" {}", "{}\n", "{0}.{0}", "{0}{0}", '"{}"', "Bearer {}", "{}=", "{}.", ".{}", "V1:{}")
    ).format(text)


_ALL: Sequence[Mutation] = (
    flipped_bit,
    other_letter,
    other_letter,
    odd_letter,
    inserted,
    left_out,
    repeated,
    cut,
    neighbours_swapped,
    reversed_stretch,
    segments_swapped,
    segment_of_another,
    other_case,
    something_around,
)
MUTATIONS = frozenset(mutation.__name__ for mutation in _ALL)
