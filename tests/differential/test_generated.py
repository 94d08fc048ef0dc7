"""A hundred thousand validly signed tokens get the oracle's verdict, and of as many damaged ones none is taken.

A failure names the command that shows its token again.
"""

import random

import pytest

from tests.differential.deviations import DEVIATIONS
from tests.differential.grammar import tokens
from tests.differential.judging import compare, expected, expected_by_openssl, find, ours, try_damaged
from tests.differential.mutations import MUTATIONS

BLOCK = 10_000
SEEDS = range(1, 11)
"""Ten blocks in the suite, the same every time; a hundred of seeds never seen before in `./check torture`."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_signed_token_gets_the_verdict_of_the_oracle(seed: int) -> None:
    """Verdict, reason and claims are equal on each of ten thousand, and every kind of token was among them."""
    _compare(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_token_is_never_taken(seed: int) -> None:
    """Ten thousand texts that differ from a valid one are refused, and nothing is raised."""
    _damage(seed)


@pytest.mark.torture
@pytest.mark.parametrize("tenth", range(10))
def test_a_million_signed_tokens_get_the_verdict_of_the_oracle(tenth: int) -> None:
    """None of them is one that the suite has seen."""
    for seed in _new_seeds():
        _compare(seed)


@pytest.mark.torture
@pytest.mark.parametrize("tenth", range(10))
def test_a_million_damaged_tokens_are_never_taken(tenth: int) -> None:
    """None of them is one that the suite has seen."""
    for seed in _new_seeds():
        _damage(seed)


def _new_seeds() -> list[int]:
    chance = random.SystemRandom()
    return [chance.getrandbits(40) for _ in range(10)]


def _compare(seed: int) -> None:
    tally = compare(seed, BLOCK)
    assert tally.different == []
    # A verifier and an oracle that refuse all they are shown would agree as well.
    assert tally.reasons[None] > BLOCK / 3
    assert set(tally.reasons) == {None, "malformed", "unknown_key", "bad_signature", "wrong_site"}
    assert all(count > BLOCK / 200 for count in tally.reasons.values())
    assert tally.departures == DEVIATIONS


def _damage(seed: int) -> None:
    tally = try_damaged(seed, BLOCK)
    assert tally.different == []
    assert tally.reasons["bad_signature"] > BLOCK / 10, "most damage must not be stopped by the form alone"
    assert tally.departures == MUTATIONS


def test_openssl_agrees_on_who_signed() -> None:
    """The grammar tells the oracle whose signature a token bears; OpenSSL says the same."""
    for token in tokens(seed=1, count=1500):
        assert expected_by_openssl(token) == expected(token)


def test_a_disagreement_names_a_token_that_can_be_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a wrong key the verifier differs, and the line it gives leads back to a token on which it does."""
    monkeypatch.setattr("tests.differential.judging.KEY_SET", {})
    line = compare(seed=3, count=20).different[0]
    kind, seed, number = line.rpartition("tests.differential ")[2].split()
    token = find(kind, int(seed), int(number))
    assert ours(token.text) != expected(token)  # type: ignore[arg-type]  # it is a generated one
