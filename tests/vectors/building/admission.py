"""Vectors of admission: facts in plain data, and the first reason that applies.

Every single fact is changed from a visit that is admitted, and every pair of facts, which shows the order of reasons.
"""

from itertools import combinations
from typing import Any

from kiosk_app.core.admission import (
    AskServer,
    CheckIn,
    ClaimFact,
    Facts,
    LocalFacts,
    Reception,
    Refusal,
    VisitKnowledge,
    decide,
)
from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.trust_age import TrustStanding
from kiosk_protocol.reasons import Reason
from kiosk_protocol.tokens import TokenRefusal, VerifiedVisitToken, verify_visit_token
from tests.kiosk_protocol.hostile_tokens import payload
from tests.kiosk_protocol.samples import CLAIMS, HEADER, NOON, SITE, VISIT_KEYS, sign_token

Json = dict[str, Any]

BASE: Json = {
    "code": None,
    "nbf": CLAIMS.not_before,
    "exp": CLAIMS.expires,
    "rev": 1,
    "trust": "fresh",
    "clock": "sure",
    "scannedAt": NOON,
    "floor": NOON - 60,
    "store": "open",
    "used": False,
    "visit": {"state": "expected", "rev": 1},
    "feedIsStale": False,
    "unknownVisit": "ask",
    "claim": "silent",
}
CHANGES: dict[str, list[Any]] = {
    "code": ["not_a_visit_code", "malformed", "unknown_key", "bad_signature", "wrong_site"],
    "trust": ["old", "expired"],
    "clock": ["plausible", "suspect"],
    "store": ["silent"],
    "used": [True],
    "visit": [
        None,
        {"state": "cancelled", "rev": 1},
        {"state": "superseded", "rev": 1},
        {"state": "checked_in", "rev": 1},
        {"state": "closed", "rev": 1},
        {"state": "expected", "rev": 2},
        {"state": "expected", "rev": 0},
    ],
    "scannedAt": [CLAIMS.expires, CLAIMS.expires - 1, CLAIMS.not_before, CLAIMS.not_before - 1],
    "floor": [CLAIMS.expires],
    "feedIsStale": [True],
    "unknownVisit": ["admit"],
    "claim": ["not_asked", "granted", "taken", "cancelled", "superseded", "refused"],
}


def facts_of(data: Json) -> Facts:
    """Return plain data as the facts that the kiosk's rule takes."""
    token = verify_visit_token(
        sign_token(HEADER, payload(nbf=data["nbf"], exp=data["exp"], rev=data["rev"])), VISIT_KEYS, SITE
    )
    code: VerifiedVisitToken | TokenRefusal = TokenRefusal(Reason(data["code"])) if data["code"] else token
    visit = data["visit"] and VisitKnowledge(data["visit"]["state"], data["visit"]["rev"])
    local = LocalFacts(used=data["used"], visit=visit, feed_is_stale=data["feedIsStale"])
    return Facts(
        code=code,
        trust=TrustStanding[data["trust"].upper()],
        clock=ClockStanding(data["clock"]),
        scanned_at_s=data["scannedAt"],
        floor_s=data["floor"],
        local=local if data["store"] == "open" else None,
        unknown_visit=data["unknownVisit"],
        claim=ClaimFact[data["claim"].upper()],
    )


def decision_of(data: Json) -> Json:
    """Return the decision on plain data as plain data."""
    match decide(facts_of(data)):
        case CheckIn(known, offline):
            return {"verdict": "admit", "known": known, "offline": offline}
        case Refusal(reason, opens_at_s):
            return {"verdict": "refuse", "reason": reason.value, "opensAt": opens_at_s}
        case Reception(reason):
            return {"verdict": "ask", "reason": reason.value}
        case AskServer():
            return {"verdict": "ask_server"}


def admission() -> Json:
    """Return facts that differ from an admitted visit in none, one or two places."""
    alternatives = [(name, value) for name, values in CHANGES.items() for value in values]
    differences: list[dict[str, Any]] = [{}, *({name: value} for name, value in alternatives)]
    differences += [dict(pair) for pair in combinations(alternatives, 2) if pair[0][0] != pair[1][0]]
    vectors = [{"name": _title(but), "but": but, "code": None, "value": decision_of(BASE | but)} for but in differences]
    return {"what": "Facts, changed by `but`, and what the kiosk decides.", "facts": BASE, "vectors": vectors}


def _title(but: dict[str, Any]) -> str:
    def say(value: Any) -> str:
        return f"{value['state']} rev {value['rev']}" if isinstance(value, dict) else str(value)

    return ", ".join(f"{name} {say(value)}" for name, value in but.items()) or "an expected visit"
