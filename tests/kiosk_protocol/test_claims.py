"""What a visit token may state; single members are judged in the table of hostile tokens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.claims import MAX_REVISION, MAX_TIME_S, MAX_VALIDITY_S, VisitClaims
from kiosk_protocol.identifiers import SiteId, VisitId, VisitorId
from tests.kiosk_protocol.samples import CLAIMS

_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def names(size: int) -> st.SearchStrategy[str]:
    return st.text(_NAMES, min_size=size, max_size=size)


@st.composite
def visit_claims(draw: st.DrawFn) -> VisitClaims:
    """Draw any claims that a token may carry."""
    length = draw(st.integers(1, MAX_VALIDITY_S))
    not_before = draw(st.integers(0, MAX_TIME_S - length))
    return VisitClaims(
        VisitId(draw(names(22))),
        VisitorId(draw(names(22))),
        SiteId(draw(names(11))),
        not_before,
        not_before + length,
        draw(st.integers(0, MAX_REVISION)),
    )


@given(visit_claims())
@settings(deadline=None)
def test_claims_survive_their_way_through_members(claims: VisitClaims) -> None:
    """Members name every claim, and ``rev`` only where there is one."""
    members = claims.to_members()
    assert ("rev" in members) == bool(claims.revision)
    assert VisitClaims.from_members(members) == claims


JSON_VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=24) | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(st.sampled_from(["jti", "sub", "aud", "nbf", "exp", "rev", "iss"]), JSON_VALUES))
@settings(deadline=None)
def test_foreign_members_are_none_or_read_exactly(changes: dict[str, object]) -> None:
    """Whatever is put in place of a claim, reading never raises, and what is read is what was said."""
    members = CLAIMS.to_members() | changes
    claims = VisitClaims.from_members(members)
    assert claims is None or claims.to_members() == members


@pytest.mark.parametrize("name", ["nbf", "exp", "rev"])
def test_a_boolean_is_no_integer(name: str) -> None:
    """In Python it would be one."""
    assert VisitClaims.from_members({**CLAIMS.to_members(), name: True}) is None


def test_the_last_second_is_that_of_the_year_9999() -> None:
    """A code may end with it and not a second later, however short the visit."""
    last = 253_402_300_799
    members = CLAIMS.to_members() | {"nbf": last - 60}
    assert VisitClaims.from_members(members | {"exp": last}) is not None
    assert VisitClaims.from_members(members | {"exp": last + 1}) is None
