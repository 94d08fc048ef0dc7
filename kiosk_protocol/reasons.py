"""Why somebody was not simply let in: the closed list both sides and the vectors share.

What a person reads for each reason is the kiosk's matter (``kiosk_app.ui.texts``), not this module's.
"""

from enum import StrEnum


class Reason(StrEnum):
    """One reason for not admitting, in the order in which the first that applies is given."""

    NOT_A_VISIT_CODE = "not_a_visit_code"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    WRONG_SITE = "wrong_site"
    TRUST_EXPIRED = "trust_expired"
    CLOCK_SUSPECT = "clock_suspect"
    STORE_UNAVAILABLE = "store_unavailable"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    ALREADY_USED = "already_used"
    EXPIRED = "expired"
    TOO_EARLY = "too_early"
    UNKNOWN_VISIT = "unknown_visit"
    CONFLICT = "conflict"


CANNOT_DECIDE = frozenset(
    {
        Reason.TRUST_EXPIRED,
        Reason.CLOCK_SUSPECT,
        Reason.STORE_UNAVAILABLE,
        Reason.UNKNOWN_VISIT,
        Reason.CONFLICT,
    }
)
"""Reasons that say nothing about the visitor: the kiosk cannot decide and sends them to reception.

``UNKNOWN_KEY`` joins them when the trust bundle is older than 24 h; that depends on the bundle, so the
admission rule decides it.
"""
