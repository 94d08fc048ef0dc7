"""Whether the server is within reach, judged with hysteresis over the last five outcomes (as pretix does).

One lost packet must not flash a strip at staff, and one lucky answer must not make the next visitor wait for a claim
that never comes.
"""

from dataclasses import dataclass
from typing import Final

REMEMBERED: Final = 5
FAILURES_IN_A_ROW: Final = 2
"""So many end an online link at once; a visitor who waits for a dead claim waits at most twice."""
FAILURES_OF_LAST: Final = 3
"""Or so many of the remembered ones, a link that comes and goes."""
SUCCESSES_IN_A_ROW: Final = 2
"""So many bring it back."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link as judged. ``online`` is None until the first outcome; ``since_ms`` (since 1970) is its last change."""

    online: bool | None = None
    since_ms: int | None = None
    outcomes: tuple[bool, ...] = ()
    """Newest last, at most five."""

    def after(self, reached: bool, now_ms: int) -> "LinkState":
        """Return the link after one more request: ``reached`` says whether the server itself answered."""
        outcomes = (*self.outcomes, reached)[-REMEMBERED:]
        online = self._judge(outcomes)
        since_ms = self.since_ms if online is self.online else now_ms
        return LinkState(online, since_ms, outcomes)

    def _judge(self, outcomes: tuple[bool, ...]) -> bool:
        if self.online is None:
            return outcomes[-1]
        if self.online:
            failed_now = not any(outcomes[-FAILURES_IN_A_ROW:]) and len(outcomes) >= FAILURES_IN_A_ROW
            return not failed_now and outcomes.count(False) < FAILURES_OF_LAST
        return all(outcomes[-SUCCESSES_IN_A_ROW:]) and len(outcomes) >= SUCCESSES_IN_A_ROW
