"""How far one scan has come: what a demonstration or a measurement follows, with the moment of each step. Pure.

No code, no visit and no name is here. A scan is called by the moment it was seen; from its check-in on also by that
one's id, because what happens on the way to the server knows nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class ScanStep(StrEnum):
    """The steps, in their order. A scan that is not admitted ends with ``REFUSED`` or ``RECEPTION``."""

    SEEN = "seen"
    """The camera's picture that held the code was taken."""
    VERIFIED = "verified"
    """Form, signature and site of the code are good."""
    DURABLE = "durable"
    """The check-in is committed."""
    GREEN = "green"
    """The welcome stands on the screen in full."""
    REFUSED = "refused"
    """What stands on the screen in full says why this code is not taken."""
    RECEPTION = "reception"
    """What stands on the screen in full asks to see reception."""
    SENT = "sent"
    """The batch that the server answered began its way."""
    ACKNOWLEDGED = "acknowledged"
    """The server's answer to the check-in is committed."""
    PARKED = "parked"
    """As acknowledged, but the server wants somebody to look at it."""


@dataclass(frozen=True, slots=True)
class ScanNote:
    """One step of one scan. ``at_ns`` and ``scan`` are the monotonic clock's, which all processes of a boot share."""

    step: ScanStep
    at_ns: int
    scan: int | None = None
    """When it was seen; None for what only the check-in's id is known of."""
    check_in_id: str | None = None
    reason: str | None = None
    """Why it was not admitted, or is parked."""


Witness = Callable[[ScanNote], None]
"""Is told of each step, from whichever thread it happened in; must return at once."""
