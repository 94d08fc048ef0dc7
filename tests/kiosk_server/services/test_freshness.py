"""Nonces of five minutes, and a memory that forgets no proof while it could count."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.services.freshness import NONCE_LIFE, Freshness
from tests.kiosk_server.support import START

SECOND = timedelta(seconds=1)


def test_a_nonce_counts_for_five_minutes() -> None:
    """To the second, also when the server's clock is set back, and with nobody else's."""
    freshness = Freshness()
    nonce = freshness.nonce(START)
    assert freshness.is_current(nonce, START)
    assert freshness.is_current(nonce, START + NONCE_LIFE)
    assert not freshness.is_current(nonce, START + NONCE_LIFE + SECOND)
    assert freshness.is_current(nonce, START - NONCE_LIFE)
    assert not freshness.is_current(nonce, START - NONCE_LIFE - SECOND)
    assert not Freshness().is_current(nonce, START)


@given(st.one_of(st.none(), st.text(), st.from_regex(r"[A-Za-z0-9_-]{32}", fullmatch=True)))
def test_what_is_not_ours_never_counts(nonce: str | None) -> None:
    """Whatever it looks like."""
    assert not Freshness().is_current(nonce, START)


def test_a_proof_is_remembered_as_long_as_its_nonce_could_count() -> None:
    """From five minutes before the nonce's second to five minutes after it; then it is forgotten."""
    freshness = Freshness()
    assert freshness.is_first("key", "proof-0001", START)
    assert not freshness.is_first("key", "proof-0001", START + 2 * NONCE_LIFE)
    assert freshness.is_first("key", "proof-0001", START + 2 * NONCE_LIFE + SECOND)


def test_a_full_memory_makes_every_nonce_stale_instead_of_forgetting() -> None:
    """So a flood cannot wash out a proof and then repeat it."""
    freshness = Freshness(most=3)
    nonce = freshness.nonce(START)
    for number in range(3):
        assert freshness.is_first("key", f"proof-{number}", START)
    assert freshness.is_current(nonce, START)
    assert freshness.is_first("key", "proof-3", START)
    assert not freshness.is_current(nonce, START)
    assert freshness.is_current(freshness.nonce(START), START)
