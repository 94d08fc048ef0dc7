"""The kiosk's one idea of the link, fed by every request whoever made it."""

from threading import Lock

from kiosk_app.core.connectivity import LinkState
from kiosk_app.core.server_answers import BadAnswer, Refused, Unreachable, reached_server
from kiosk_app.services.timekeeping import TimeKeeper


class LinkMonitor:
    """Judges the link by outcomes. Safe to use from several threads."""

    def __init__(self, keeper: TimeKeeper) -> None:
        self._keeper = keeper
        self._lock = Lock()
        self._state = LinkState()
        self._last_contact_ms: int | None = None

    @property
    def state(self) -> LinkState:
        """The link as judged now."""
        return self._state

    @property
    def last_contact_ms(self) -> int | None:
        """When the server last answered in this process, ms since 1970."""
        return self._last_contact_ms

    def report(self, answer: object) -> None:
        """Count what a request came to: a failure, or anything else for an answer."""
        reached = reached_server(answer) if isinstance(answer, Unreachable | Refused | BadAnswer) else True
        now_ms = self._keeper.now().now_ms
        with self._lock:
            self._state = self._state.after(reached, now_ms)
            if reached:
                self._last_contact_ms = now_ms
