"""The hidden gesture that opens the staff's pad: the site's name pressed five times within three seconds. Pure."""

from dataclasses import dataclass
from typing import Final

PRESSES: Final = 5
WITHIN_MS: Final = 3_000


@dataclass(frozen=True, slots=True)
class StaffGesture:
    """The last presses' moments (monotonic, ms), fewer than five."""

    presses: tuple[int, ...] = ()

    def pressed(self, at_ms: int) -> tuple["StaffGesture", bool]:
        """Return the gesture after one more press, and whether it is complete; then it begins anew."""
        recent = (*(press for press in self.presses if at_ms - press < WITHIN_MS), at_ms)
        if len(recent) >= PRESSES:
            return StaffGesture(), True
        return StaffGesture(recent), False
