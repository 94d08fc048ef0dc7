"""How long a used visit must be remembered, and how many at most.

Forgetting too early lets a code in twice, so the time is the floor's, never the wall clock's: turning the clock ahead
empties nothing.
"""

from typing import Final

from kiosk_protocol.claims import MAX_VALIDITY_S

RETAINED_AFTER_EXPIRY_S: Final = MAX_VALIDITY_S
"""25 h beyond ``exp``: as long again as a visit can last."""
MAX_USED_VISITS: Final = 200_000
"""Some 30 MiB of rows. At the cap the kiosk asks reception rather than forget."""


def may_forget(expires_s: int, floor_s: int) -> bool:
    """Whether a used visit that ended at ``expires_s`` is over by every clock that this kiosk may believe."""
    return floor_s > expires_s + RETAINED_AFTER_EXPIRY_S
