"""The decision: its reasons in the protocol's order, and that no fact in doubt ever reads as a refusal."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.core.admission import (
    AskServer,
    CheckIn,
    ClaimFact,
    Decision,
    Facts,
    LocalFacts,
    Reception,
    Refusal,
    VisitKnowledge,
    decide,
)
from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.trust_age import TrustStanding, bundle_standing, trust_standing
from kiosk_protocol.identifiers import key_id_of
from kiosk_protocol.keys import PublicKey
from kiosk_protocol.reasons import Reason
from kiosk_protocol.tokens import TokenRefusal, VerifiedVisitToken, verify_visit_token
from kiosk_protocol.trust import restore
from tests.kiosk_app.tenant import DAY_S, T0_S, Tenant

HOUSE = Tenant()
NOT_BEFORE, EXPIRES = T0_S, T0_S + 3600


def verified(revision: int = 0) -> VerifiedVisitToken:
    claims = replace(HOUSE.claims(NOT_BEFORE, EXPIRES), revision=revision)
    raw = bytes(HOUSE.visit_key.verify_key)
    token = verify_visit_token(HOUSE.token(claims), {key_id_of(raw): PublicKey(key_id_of(raw), raw)}, HOUSE.site)
    assert isinstance(token, VerifiedVisitToken)
    return token


TOKEN, TOKEN_2 = verified(), verified(2)
KNOWN = LocalFacts(used=False, visit=VisitKnowledge("expected", 0), feed_is_stale=False)
GOOD = Facts(TOKEN, TrustStanding.FRESH, ClockStanding.SURE, T0_S, T0_S - 60, KNOWN, "ask", ClaimFact.SILENT)


def knowing(state, revision: int = 0) -> LocalFacts:
    return replace(KNOWN, visit=VisitKnowledge(state, revision))


UNKNOWN = replace(KNOWN, visit=None)


@pytest.mark.parametrize(
    ("facts", "decision"),
    [
        (GOOD, CheckIn(known=True, offline=True)),
        (replace(GOOD, claim=ClaimFact.NOT_ASKED), AskServer()),
        (replace(GOOD, claim=ClaimFact.GRANTED), CheckIn(known=True, offline=False)),
        (replace(GOOD, claim=ClaimFact.TAKEN), Reception(Reason.CONFLICT)),
        (replace(GOOD, claim=ClaimFact.REFUSED), Reception(Reason.CONFLICT)),
        (replace(GOOD, claim=ClaimFact.CANCELLED), Reception(Reason.CANCELLED)),
        (replace(GOOD, claim=ClaimFact.SUPERSEDED), Reception(Reason.SUPERSEDED)),
        (replace(GOOD, trust=TrustStanding.OLD), CheckIn(known=True, offline=True)),
        (replace(GOOD, trust=TrustStanding.EXPIRED), Reception(Reason.TRUST_EXPIRED)),
        (replace(GOOD, clock=ClockStanding.PLAUSIBLE), CheckIn(known=True, offline=True)),
        (replace(GOOD, clock=ClockStanding.SUSPECT), Reception(Reason.CLOCK_SUSPECT)),
        (replace(GOOD, local=None), Reception(Reason.STORE_UNAVAILABLE)),
        (replace(GOOD, local=knowing("cancelled")), Refusal(Reason.CANCELLED)),
        (replace(GOOD, local=knowing("superseded")), Refusal(Reason.SUPERSEDED)),
        (replace(GOOD, local=knowing("expected", 3)), Refusal(Reason.SUPERSEDED)),
        (replace(GOOD, local=knowing("checked_in")), Refusal(Reason.ALREADY_USED)),
        (replace(GOOD, local=knowing("closed")), Refusal(Reason.ALREADY_USED)),
        (replace(GOOD, local=replace(KNOWN, used=True)), Refusal(Reason.ALREADY_USED)),
        (replace(GOOD, local=replace(UNKNOWN, used=True)), Refusal(Reason.ALREADY_USED)),
        (replace(GOOD, scanned_at_s=EXPIRES), Refusal(Reason.EXPIRED)),
        (replace(GOOD, floor_s=EXPIRES), Refusal(Reason.EXPIRED)),
        (replace(GOOD, scanned_at_s=EXPIRES - 1), CheckIn(known=True, offline=True)),
        (replace(GOOD, scanned_at_s=NOT_BEFORE - 1), Refusal(Reason.TOO_EARLY, NOT_BEFORE)),
        (replace(GOOD, local=UNKNOWN), Reception(Reason.UNKNOWN_VISIT)),
        (replace(GOOD, local=UNKNOWN, unknown_visit="admit"), CheckIn(known=False, offline=True)),
        (replace(GOOD, local=UNKNOWN, claim=ClaimFact.GRANTED), CheckIn(known=False, offline=False)),
        (replace(GOOD, code=TOKEN_2, local=knowing("expected", 1)), Reception(Reason.UNKNOWN_VISIT)),
        (replace(GOOD, code=TOKEN_2, local=knowing("expected", 2)), CheckIn(known=True, offline=True)),
        (replace(GOOD, local=replace(KNOWN, feed_is_stale=True)), Reception(Reason.TRUST_EXPIRED)),
        (
            replace(GOOD, local=replace(KNOWN, feed_is_stale=True), claim=ClaimFact.GRANTED),
            CheckIn(known=True, offline=False),
        ),
    ],
)
def test_one_fact_one_reason(facts: Facts, decision: Decision) -> None:
    assert decide(facts) == decision


ORDER = [
    (Reason.TRUST_EXPIRED, {"trust": TrustStanding.EXPIRED}),
    (Reason.CLOCK_SUSPECT, {"clock": ClockStanding.SUSPECT}),
    (Reason.CANCELLED, {"local": knowing("cancelled")}),
    (Reason.EXPIRED, {"scanned_at_s": EXPIRES}),
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_of_several_reasons_the_first_of_the_protocol_is_given(first: int) -> None:
    facts = GOOD
    for _, change in ORDER[first:]:
        facts = replace(facts, **change)
    decision = decide(facts)
    assert isinstance(decision, Refusal | Reception)
    assert decision.reason is ORDER[first][0]


@pytest.mark.parametrize("reason", [Reason.NOT_A_VISIT_CODE, Reason.MALFORMED, Reason.BAD_SIGNATURE, Reason.WRONG_SITE])
def test_what_the_code_itself_says_comes_before_all_that_is_wrong_with_the_kiosk(reason: Reason) -> None:
    broken = replace(GOOD, trust=TrustStanding.EXPIRED, clock=ClockStanding.SUSPECT, local=None)
    assert decide(replace(broken, code=TokenRefusal(reason))) == Refusal(reason)


@pytest.mark.parametrize(
    ("change", "decision"),
    [
        ({}, Refusal(Reason.UNKNOWN_KEY)),
        ({"trust": TrustStanding.OLD}, Reception(Reason.UNKNOWN_KEY)),
        ({"trust": TrustStanding.EXPIRED}, Reception(Reason.UNKNOWN_KEY)),
        ({"clock": ClockStanding.SUSPECT}, Reception(Reason.UNKNOWN_KEY)),
    ],
)
def test_an_unknown_key_is_a_refusal_only_under_fresh_trust_and_a_good_clock(change, decision) -> None:
    assert decide(replace(GOOD, code=TokenRefusal(Reason.UNKNOWN_KEY), **change)) == decision


facts_of_any_kind = st.builds(
    Facts,
    code=st.one_of(st.sampled_from([TOKEN, TOKEN_2]), st.builds(TokenRefusal, st.sampled_from(Reason))),
    trust=st.sampled_from(TrustStanding),
    clock=st.sampled_from(ClockStanding),
    scanned_at_s=st.integers(NOT_BEFORE - 10, EXPIRES + 10),
    floor_s=st.integers(NOT_BEFORE - 10, EXPIRES + 10),
    local=st.none()
    | st.builds(
        LocalFacts,
        used=st.booleans(),
        visit=st.none()
        | st.builds(
            VisitKnowledge,
            st.sampled_from(["expected", "cancelled", "superseded", "checked_in", "closed"]),
            st.integers(0, 3),
        ),
        feed_is_stale=st.booleans(),
    ),
    unknown_visit=st.sampled_from(["ask", "admit"]),
    claim=st.sampled_from(ClaimFact),
)


@given(facts_of_any_kind)
def test_nobody_is_let_in_against_time_clock_trust_or_an_earlier_use(facts: Facts) -> None:
    """Nothing that ended by the floor is admitted, nothing while suspect, nothing twice, nothing unverified."""
    decision = decide(facts)
    if isinstance(decision, CheckIn):
        assert isinstance(facts.code, VerifiedVisitToken)
        assert facts.floor_s < facts.code.claims.expires
        assert facts.code.claims.not_before <= facts.scanned_at_s < facts.code.claims.expires
        assert facts.clock is not ClockStanding.SUSPECT
        assert facts.trust is not TrustStanding.EXPIRED
        assert facts.local is not None
        assert not facts.local.used
        assert facts.claim in {ClaimFact.GRANTED, ClaimFact.SILENT}
        assert decision.offline is (facts.claim is ClaimFact.SILENT)


@given(facts_of_any_kind)
def test_nobody_is_refused_for_what_the_kiosk_does_not_know(facts: Facts) -> None:
    """Infrastructure never reads as an invalid visitor: such reasons lead to reception only."""
    decision = decide(facts)
    if isinstance(decision, Refusal) and isinstance(facts.code, VerifiedVisitToken):
        assert decision.reason in {
            Reason.CANCELLED,
            Reason.SUPERSEDED,
            Reason.ALREADY_USED,
            Reason.EXPIRED,
            Reason.TOO_EARLY,
        }


def test_a_bundle_is_fresh_for_a_day_then_old_then_over() -> None:
    trust = restore(HOUSE.root(), HOUSE.bundle(issued_at=T0_S), HOUSE.tenant)
    standings = [
        (T0_S - 10, TrustStanding.FRESH),
        (T0_S + DAY_S, TrustStanding.FRESH),
        (T0_S + DAY_S + 1, TrustStanding.OLD),
        (T0_S + 30 * DAY_S, TrustStanding.OLD),
        (T0_S + 30 * DAY_S + 1, TrustStanding.EXPIRED),
        (T0_S + 90 * DAY_S, TrustStanding.EXPIRED),
    ]
    assert [trust_standing(trust, now_s) for now_s, _ in standings] == [standing for _, standing in standings]
    assert bundle_standing(trust.bundle, T0_S) is TrustStanding.FRESH


def test_a_root_that_is_over_ends_all_trust() -> None:
    trust = restore(HOUSE.root(expires_at=T0_S + 60), HOUSE.bundle(issued_at=T0_S), HOUSE.tenant)
    assert trust_standing(trust, T0_S + 59) is TrustStanding.FRESH
    assert trust_standing(trust, T0_S + 60) is TrustStanding.EXPIRED
