"""Tells the server how this kiosk is: once a minute, and at once when camera, clock or an emptied queue changed it."""

from dataclasses import dataclass, replace
from typing import Final, Protocol

from kiosk_app.core.checkin import Identity
from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.server_answers import Failure, Unreachable
from kiosk_app.services.link import LinkMonitor
from kiosk_app.services.renewal import token_span
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_protocol.messages import Heartbeat, HeartbeatTaken

EVERY_MS: Final = 60_000
CAMERA_OFF: Final = "off"
"""No picture yet, or no camera named."""
CAMERA_OK: Final = "ok"


class HealthStore(Protocol):
    """What a kiosk says about its store. Every method raises StoreError."""

    def queue_state(self) -> QueueState:
        """Return what waits and what is parked."""

    def feed_complete_at_ms(self) -> int | None:
        """Return when the feed was last read to its end, ms since 1970."""


class HeartbeatServer(Protocol):
    """Where heartbeats go."""

    def heartbeat(self, heartbeat: Heartbeat) -> HeartbeatTaken | Failure:
        """Say how this kiosk is."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the server heard last, and when by the boot clock."""

    camera: str
    clock: ClockStanding
    is_waiting: bool
    at_ms: int


class Pulse:
    """Sends heartbeats, one at a time, in one thread."""

    def __init__(self, store: HealthStore, keeper: TimeKeeper, link: LinkMonitor, app_version: str) -> None:
        self._store = store
        self._keeper = keeper
        self._link = link
        self._app_version = app_version
        self._told: _Told | None = None

    def beat(self, server: HeartbeatServer, identity: Identity, camera: str) -> Failure | None:
        """Send a heartbeat if one is due. Raises StoreError."""
        is_waiting = self._store.queue_state().waiting > 0
        told = _Told(camera, self._keeper.now().standing, is_waiting, self._keeper.boot_ms())
        if not self._is_due(told):
            return None
        answer = server.heartbeat(self._facts(identity, told))
        self._link.report(answer)
        if not isinstance(answer, Unreachable):
            # A server that refuses heartbeats is not asked more often for it; what matters does not wait for them.
            self._told = told
        return None if isinstance(answer, HeartbeatTaken) else answer

    def _is_due(self, now: _Told) -> bool:
        told = self._told
        if told is None or replace(told, at_ms=now.at_ms) != now:
            return True
        return now.at_ms - told.at_ms >= EVERY_MS

    def _facts(self, identity: Identity, told: _Told) -> Heartbeat:
        queue = self._store.queue_state()
        return Heartbeat(
            app_version=self._app_version,
            waiting=queue.waiting,
            parked=queue.parked,
            oldest_waiting_ms=queue.oldest_ms,
            clock=told.clock.value,
            trust_version=identity.trust.bundle.version,
            trust_issued_at=identity.trust.bundle.issued_at,
            feed_at_ms=self._store.feed_complete_at_ms(),
            camera=told.camera,
            token_expires=token_span(identity.device_token).expires_s,
        )
