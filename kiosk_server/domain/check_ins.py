"""What a delivered check-in means: judged alone, then together with all others of its visit.

Alone: does the signed record belong to this device, door and item, and was the decision made while the code was valid?
Together: who arrived first, and which check-ins contradict each other. Both follow from the set of items; no answer
here depends on the order in which they came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.identifiers import CheckInId, DeviceId, SiteId, TenantId
from kiosk_protocol.records import CheckInRecord
from kiosk_server.domain.records import CheckIn, Conflict, Visit, VisitState
from kiosk_server.domain.times import LAST_MS, from_seconds

RECORD_OF_ANOTHER: Final = "record_of_another"
TIMES_IMPOSSIBLE: Final = "times_impossible"
DECIDED_TOO_EARLY: Final = "decided_too_early"
DECIDED_AFTER_EXPIRY: Final = "decided_after_expiry"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose delivery it is, and under which name the item came."""

    tenant: TenantId
    site: SiteId
    device: DeviceId
    check_in: CheckInId


def judge_record(record: CheckInRecord, sender: Sender) -> str | None:
    """Return why ``record`` is rejected whatever its token says, or None."""
    stated = (record.tenant_id, record.site_id, record.device_id, record.check_in_id)
    if stated != (sender.tenant, sender.site, sender.device, sender.check_in):
        return RECORD_OF_ANOTHER
    if not record.scanned_at_ms <= record.decided_at_ms <= LAST_MS:
        return TIMES_IMPOSSIBLE
    return None


def judge_times(record: CheckInRecord, claims: VisitClaims) -> str | None:
    """Return why a decision was not the kiosk's to make at that time, or None.

    Validity is judged at the scan: documents may be read and signed past the end. When the item was delivered plays
    no part, an outage lasts as long as it lasts.
    """
    if record.scanned_at_ms < claims.not_before * 1000:
        return DECIDED_TOO_EARLY
    if record.scanned_at_ms >= claims.expires * 1000:
        return DECIDED_AFTER_EXPIRY
    return None


def arrival_of(check_ins: Sequence[CheckIn]) -> tuple[datetime, CheckInId]:
    """Return the earliest decision among a visit's check-ins; of two at one moment, the lower ``checkInId``."""
    return min((item.decided_at or from_seconds(0), item.id) for item in check_ins)


def conflicts_of(visit: Visit, check_ins: Sequence[CheckIn], *, by_hand: bool = False) -> frozenset[Conflict]:
    """Return every flag that a visit's check-ins deserve: all of those that admitted one code, and so on.

    ``by_hand``: reception let the visitor in as well.
    """
    flags = set()
    for item in check_ins:
        if len(check_ins) > 1 or by_hand:
            flags.add(Conflict(visit.id, item.id, "admitted_elsewhere"))
        if visit.state is VisitState.CANCELLED:
            flags.add(Conflict(visit.id, item.id, "cancelled"))
        if item.rev is not None and item.rev < visit.rev:
            flags.add(Conflict(visit.id, item.id, "superseded"))
    return frozenset(flags)
