"""What the kiosk says to one shown code: admit, refuse, or ask reception. A closed union."""

from dataclasses import dataclass
from datetime import datetime

from kiosk_protocol.reasons import Reason


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the sealed details allow the screen to say. Personal data: lives only while its screen is shown."""

    visitor_name: str
    host_name: str | None = None
    room: str | None = None


@dataclass(frozen=True, slots=True)
class Admit:
    """The check-in is durable. ``greeting`` is None where the kiosk never heard of the visit (policy ``admit``)."""

    check_in_id: str
    greeting: Greeting | None
    decided_offline: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """The code itself is the reason. ``opens_at`` (aware, site zone) is given for ``too_early`` only."""

    reason: Reason
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskReception:
    """The kiosk cannot or may not decide; says nothing bad about the visitor."""

    reason: Reason


Verdict = Admit | Refuse | AskReception
