"""Whether somebody is let in: one total function from facts to a decision, and the order of its reasons.

Facts are gathered by ``services.admission_desk``; what a person reads about a decision is ``ui.texts``. The order is
that of ``kiosk_protocol.reasons``: form, key, signature and site come with the token's verification; then what makes
this kiosk unable to decide; then what is known of the visit; last, what only the server or the site's policy settles.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal, assert_never

from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.trust_age import TrustStanding
from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.messages import FeedState
from kiosk_protocol.reasons import Reason
from kiosk_protocol.tokens import TokenRefusal, VerifiedVisitToken


class ClaimFact(Enum):
    """What the server said when this kiosk asked for the visit, if it was asked."""

    NOT_ASKED = auto()
    """The link is up and nobody asked yet."""
    SILENT = auto()
    """The link is down, or no usable answer came in time."""
    GRANTED = auto()
    TAKEN = auto()
    CANCELLED = auto()
    SUPERSEDED = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class VisitKnowledge:
    """What the feed, or the answer to a claim, says of a visit."""

    state: FeedState
    revision: int


@dataclass(frozen=True, slots=True)
class LocalFacts:
    """What the kiosk's own store says."""

    used: bool
    """The visit's ``jti`` was consumed on this kiosk."""
    visit: VisitKnowledge | None
    feed_is_stale: bool
    """The site limits how long the kiosk may decide on an old feed, and that time is over."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision rests on. Times in seconds since 1970 by the kiosk's estimate."""

    code: VerifiedVisitToken | TokenRefusal
    trust: TrustStanding
    clock: ClockStanding
    scanned_at_s: int
    floor_s: int
    local: LocalFacts | None
    """None: the store gave no answer."""
    unknown_visit: Literal["ask", "admit"]
    claim: ClaimFact


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Admit, once the check-in is durable. ``known``: feed or server had heard of the visit."""

    known: bool
    offline: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """The code itself is the reason. ``opens_at_s`` is given for ``too_early`` only."""

    reason: Reason
    opens_at_s: int | None = None


@dataclass(frozen=True, slots=True)
class Reception:
    """This kiosk cannot or may not decide."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class AskServer:
    """Nothing local speaks against it; with the link up the server is asked before anything is consumed."""


Decision = CheckIn | Refusal | Reception | AskServer


def decide(facts: Facts) -> Decision:
    """Return the decision, or the first reason that applies in the protocol's order."""
    if isinstance(facts.code, TokenRefusal):
        return _refuse_code(facts.code, facts)
    if facts.trust is TrustStanding.EXPIRED:
        return Reception(Reason.TRUST_EXPIRED)
    if facts.clock is ClockStanding.SUSPECT:
        return Reception(Reason.CLOCK_SUSPECT)
    if facts.local is None:
        return Reception(Reason.STORE_UNAVAILABLE)
    return _refuse_visit(facts.code.claims, facts, facts.local) or _settle(facts.code.claims, facts, facts.local)


def _refuse_code(refusal: TokenRefusal, facts: Facts) -> Decision:
    # A key we have not heard of may be newer than our bundle, and with a wrong clock we cannot tell which keys count:
    # neither says anything bad about the visitor.
    in_doubt = facts.trust is not TrustStanding.FRESH or facts.clock is ClockStanding.SUSPECT
    if refusal.reason is Reason.UNKNOWN_KEY and in_doubt:
        return Reception(Reason.UNKNOWN_KEY)
    return Refusal(refusal.reason)


def _refuse_visit(claims: VisitClaims, facts: Facts, local: LocalFacts) -> Refusal | None:
    """Return what the store and the token's own times say against the visit, or None."""
    if local.visit is not None:
        match local.visit.state:
            case "cancelled":
                return Refusal(Reason.CANCELLED)
            case "superseded":
                return Refusal(Reason.SUPERSEDED)
            case "expected" | "checked_in" | "closed":
                pass
            case _ as unreachable:
                assert_never(unreachable)
        if claims.revision < local.visit.revision:
            return Refusal(Reason.SUPERSEDED)
    if local.used or (local.visit is not None and local.visit.state in {"checked_in", "closed"}):
        return Refusal(Reason.ALREADY_USED)
    # The floor is a time that has certainly passed: what ended before it is over, whatever the clock says.
    if claims.expires <= max(facts.scanned_at_s, facts.floor_s):
        return Refusal(Reason.EXPIRED)
    if facts.scanned_at_s < claims.not_before:
        return Refusal(Reason.TOO_EARLY, claims.not_before)
    return None


def _settle(claims: VisitClaims, facts: Facts, local: LocalFacts) -> Decision:
    known = local.visit is not None and claims.revision == local.visit.revision
    match facts.claim:
        case ClaimFact.NOT_ASKED:
            return AskServer()
        case ClaimFact.GRANTED:
            return CheckIn(known=known, offline=False)
        case ClaimFact.CANCELLED:
            return Reception(Reason.CANCELLED)
        case ClaimFact.SUPERSEDED:
            return Reception(Reason.SUPERSEDED)
        case ClaimFact.TAKEN | ClaimFact.REFUSED:
            return Reception(Reason.CONFLICT)
        case ClaimFact.SILENT:
            return _settle_alone(facts, local, known=known)
        case _ as unreachable:
            assert_never(unreachable)


def _settle_alone(facts: Facts, local: LocalFacts, *, known: bool) -> Decision:
    # Not an expired trust in the strict sense, but the same thing to staff: this kiosk was alone for too long.
    if local.feed_is_stale:
        return Reception(Reason.TRUST_EXPIRED)
    if not known and facts.unknown_visit == "ask":
        return Reception(Reason.UNKNOWN_VISIT)
    return CheckIn(known=known, offline=True)
