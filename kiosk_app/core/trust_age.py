"""How much the trust bundle still says: fresh, old, or over."""

from enum import Enum, auto
from typing import Final

from kiosk_protocol.trust import BundleDocument, TrustState

FRESH_FOR_S: Final = 24 * 3600
"""Under an older bundle an unknown key is no refusal: the key may be younger than the bundle."""


class TrustStanding(Enum):
    """What a bundle of this age allows."""

    FRESH = auto()
    OLD = auto()
    EXPIRED = auto()


def trust_standing(trust: TrustState, now_s: int) -> TrustStanding:
    """Return how much ``trust`` says at ``now_s`` (seconds since 1970, by the kiosk's estimate)."""
    if now_s >= trust.root.expires_at:
        return TrustStanding.EXPIRED
    return bundle_standing(trust.bundle, now_s)


def bundle_standing(bundle: BundleDocument, now_s: int) -> TrustStanding:
    """Return how much ``bundle`` alone says at ``now_s``, whoever signed it."""
    age_s = max(0, now_s - bundle.issued_at)
    if now_s >= bundle.expires_at or age_s > bundle.offline.greatest_age_s:
        return TrustStanding.EXPIRED
    return TrustStanding.FRESH if age_s <= FRESH_FOR_S else TrustStanding.OLD
