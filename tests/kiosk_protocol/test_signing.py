"""Issuing: what leaves here is read by every kiosk."""

import dataclasses

import pytest
from hypothesis import given, settings

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.errors import DocumentError
from kiosk_protocol.identifiers import SiteId, VisitId, VisitorId
from kiosk_protocol.signing import MAX_ISSUED_CHARACTERS, issue_visit_token
from kiosk_protocol.transport import to_compact
from tests.kiosk_protocol.hostile_tokens import TOKEN as FIRST_OF_THE_TABLE
from tests.kiosk_protocol.samples import CLAIMS, VISIT_KEY, VISIT_KID
from tests.kiosk_protocol.test_claims import visit_claims


def test_an_issued_token_is_what_a_builder_by_hand_makes() -> None:
    """Header, payload and signature as specified, byte for byte; and issuing twice gives one token."""
    assert issue_visit_token(CLAIMS, VISIT_KID, VISIT_KEY) == FIRST_OF_THE_TABLE


@given(visit_claims())
@settings(deadline=None)
def test_an_issued_token_fits_its_symbol(claims: VisitClaims) -> None:
    """At most 331 characters, QR version 13-M, for any claims up to the year 9999."""
    token = issue_visit_token(claims, VISIT_KID, VISIT_KEY)
    assert len(token) <= MAX_ISSUED_CHARACTERS
    assert len(to_compact(token)) <= 419


@pytest.mark.parametrize(("revision", "characters"), [(0, 366), (9, 366), (10, 419), (99, 419)])
def test_a_compact_token_of_this_century_fits_versions_11_and_12(revision: int, characters: int) -> None:
    """Version 11-M up to rev 9, 12-M from rev 10."""
    token = issue_visit_token(dataclasses.replace(CLAIMS, revision=revision), VISIT_KID, VISIT_KEY)
    assert len(to_compact(token)) <= characters


@pytest.mark.parametrize(
    "change",
    [
        {"visit": VisitId("short")},
        {"visitor": VisitorId("A" * 22 + "\n")},
        {"site": SiteId("")},
        {"expires": CLAIMS.not_before},
        {"expires": CLAIMS.not_before + 25 * 3600 + 1},
        {"not_before": -1},
        {"revision": 100},
        {"revision": -1},
        {"revision": True},
    ],
)
def test_claims_that_every_kiosk_would_refuse_are_not_signed(change: dict[str, object]) -> None:
    """A code must not fail first at the door."""
    claims = dataclasses.replace(CLAIMS, **change)  # type: ignore[arg-type]  # wrong values are the point
    with pytest.raises(DocumentError, match="claims"):
        issue_visit_token(claims, VISIT_KID, VISIT_KEY)
