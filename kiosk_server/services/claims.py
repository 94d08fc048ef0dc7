"""Claims: of two kiosks that show one code at the same moment, one may admit."""

from datetime import datetime, timedelta
from typing import Final

from kiosk_protocol.identifiers import CheckInId
from kiosk_protocol.messages import CLAIM_LEASE_S, ClaimAnswer, ClaimQuestion
from kiosk_protocol.tokens import TokenRefusal, verify_visit_token
from kiosk_server.domain.records import Visit, VisitState
from kiosk_server.domain.times import from_seconds, to_seconds
from kiosk_server.services.devices import KioskPrincipal
from kiosk_server.services.house import House
from kiosk_server.services.keys import trusted_keys
from kiosk_server.services.ports import Records
from kiosk_server.services.visits import feed_entry

LEASE: Final = timedelta(seconds=CLAIM_LEASE_S)
CLOCK_SLACK: Final = timedelta(minutes=2)
"""The kiosk judges validity at its scan, by its own clock; only a claim well past the end is refused."""


def answer_claim(house: House, kiosk: KioskPrincipal, question: ClaimQuestion) -> ClaimAnswer:
    """Answer whether this kiosk may admit the visit whose code it shows. Only a check-in consumes; this only leases."""
    now = house.now()
    with house.archive.of(kiosk.tenant) as records:
        token = verify_visit_token(question.token, trusted_keys(records, "visit"), kiosk.device.site)
        if isinstance(token, TokenRefusal) or now >= from_seconds(token.claims.expires) + CLOCK_SLACK:
            return ClaimAnswer(outcome="refused")
        # The visit's row is locked: check-in, cancellation and every other claim wait their turn.
        visit = records.visits.lock(token.claims.visit)
        if visit is None or visit.site != kiosk.device.site or token.claims.revision > visit.rev:
            return ClaimAnswer(outcome="refused")
        return _lease(records, kiosk, visit, question, token.claims.revision, now)


def _lease(
    records: Records, kiosk: KioskPrincipal, visit: Visit, question: ClaimQuestion, revision: int, now: datetime
) -> ClaimAnswer:
    if visit.state is VisitState.CANCELLED:
        return ClaimAnswer(outcome="cancelled")
    if revision < visit.rev:
        return ClaimAnswer(outcome="superseded")
    if visit.state is not VisitState.PRE_REGISTERED:
        return ClaimAnswer(outcome="taken")
    check_in = CheckInId(question.check_in_id)
    until = records.check_ins.claim(visit.id, kiosk.device.id, check_in, now, now + LEASE)
    if until is None:
        return ClaimAnswer(outcome="taken")
    item = records.feed.get(visit.site, visit.id)
    return ClaimAnswer(
        outcome="granted", lease_until=to_seconds(until), entry=None if item is None else feed_entry(item)
    )
