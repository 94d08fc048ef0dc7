"""One round with the server: time, outbox, trust, settings, token, feed, heartbeat. A step that fails stops no other.

Only a server that cannot be connected to ends the round early. What people wait for, the outbox, comes right after the
signed time, so that no trouble with documents or feed keeps records on this kiosk.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiosk_app.core.checkin import Identity
from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.ports import KeyVault, RandomBytes, SyncServer, SyncStore
from kiosk_app.core.server_answers import BadAnswer, Failure, NoReply, Unreachable
from kiosk_app.services.drain import Drain
from kiosk_app.services.heartbeat import CAMERA_OFF, Pulse
from kiosk_app.services.link import LinkMonitor
from kiosk_app.services.renewal import WARN_BEFORE_S, TokenRenewal, token_span
from kiosk_app.services.revocation import RevocationGuard
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.identifiers import LONG_ID_BYTES
from kiosk_protocol.messages import Envelope, FeedPage, SiteConfiguration, TimeQuestion, TrustAnswer
from kiosk_protocol.trust import read_time, update

MAX_FEED_PAGES: Final = 2000
"""400,000 visits in one round; a server that always has more is ill."""
_GIVE_UP_ON: Final = frozenset({NoReply.CONNECT, NoReply.NOT_TRUSTED, NoReply.ADDRESS})


@dataclass(frozen=True, slots=True)
class SyncTools:
    """What a round works with."""

    store: SyncStore
    keeper: TimeKeeper
    link: LinkMonitor
    random: RandomBytes
    vault: KeyVault
    app_version: str
    data_folder: str
    """Absolute."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """How a round went. ``failures`` by step, in order; empty when everything went well."""

    paired: bool
    queue: QueueState
    identity: Identity | None = None
    token_ends_in_s: int | None = None
    failures: dict[str, Failure] = field(default_factory=dict)
    revoked: bool = False
    """This kiosk was revoked, and what could be read is erased."""

    @property
    def token_ends_soon(self) -> bool:
        """Whether the device token ends within 30 days by signed time, and staff should be warned."""
        return self.token_ends_in_s is not None and self.token_ends_in_s <= WARN_BEFORE_S

    @property
    def connected(self) -> bool:
        """Whether the server could be talked to at all."""
        return self.paired and not any(_gives_up(failure) for failure in self.failures.values())


class SyncCycle:
    """Talks to the server, one round at a time, in one thread."""

    def __init__(self, tools: SyncTools) -> None:
        self._tools = tools
        self._drain = Drain(tools.store, tools.keeper, tools.link)
        self._renewal = TokenRenewal(tools.store, tools.keeper, tools.link)
        self._guard = RevocationGuard(tools.store, tools.vault, tools.keeper, tools.data_folder)
        self._pulse = Pulse(tools.store, tools.keeper, tools.link, tools.app_version)

    def run(self, server: SyncServer, *, full: bool = True, camera: str = CAMERA_OFF) -> SyncReport:
        """Do one round.

        Args:
            server: The paired server.
            full: Also renew time, trust and settings; without, only outbox and feed (and the time while not sure).
            camera: How the camera is, for the heartbeat: ``ok``, ``off`` or a ``CAM-`` code.

        Raises:
            KioskError: nothing can be read or kept.
        """
        identity = self._tools.store.load_identity()
        if identity is None:
            return SyncReport(False, self._tools.store.queue_state())
        failures: dict[str, Failure] = {}
        for name, step in self._steps(full=full, camera=camera):
            failure = step(server, identity)
            if failure is not None:
                failures[name] = failure
                if self._guard.heed(failure, identity):
                    return SyncReport(False, self._tools.store.queue_state(), failures=failures, revoked=True)
                if _gives_up(failure):
                    break
        return self._report(failures)

    def _report(self, failures: dict[str, Failure]) -> SyncReport:
        identity = self._tools.store.load_identity()
        now_s = self._tools.keeper.now().safe_s
        left_s = None if identity is None else token_span(identity.device_token).expires_s - now_s
        return SyncReport(True, self._tools.store.queue_state(), identity, left_s, failures)

    def _steps(self, *, full: bool, camera: str) -> list[tuple[str, Callable[[SyncServer, Identity], Failure | None]]]:
        unsure = self._tools.keeper.now().standing is not ClockStanding.SURE
        time = [("time", self._renew_time)] if full or unsure else []
        documents = (
            [("trust", self._renew_trust), ("configuration", self._renew_configuration), ("token", self._renewal.renew)]
            if full
            else []
        )

        def beat(server: SyncServer, identity: Identity) -> Failure | None:
            return self._pulse.beat(server, identity, camera)

        # Last, so that it says what is left after all the others.
        return [*time, ("outbox", self._send_outbox), *documents, ("feed", self._read_feed), ("heartbeat", beat)]

    def _renew_time(self, server: SyncServer, identity: Identity) -> Failure | None:
        nonce = base64url_encode(self._tools.random(LONG_ID_BYTES))
        answer = server.time(TimeQuestion(nonce=nonce))
        self._tools.link.report(answer)
        if not isinstance(answer, Envelope):
            return answer
        keys = identity.trust.keys("time", self._tools.keeper.now().safe_s)
        try:
            self._tools.keeper.learn(read_time(answer, nonce, keys))
        except ProtocolError as error:
            return BadAnswer(error.code)
        self._tools.store.save_clock(self._tools.keeper.memory())
        return None

    def _send_outbox(self, server: SyncServer, identity: Identity) -> Failure | None:  # noqa: ARG002 - steps are alike
        return self._drain.run(server)

    def _renew_trust(self, server: SyncServer, identity: Identity) -> Failure | None:
        answer = server.trust()
        self._tools.link.report(answer)
        if not isinstance(answer, TrustAnswer):
            return answer
        # TUF §5.1: one reference time for the whole refresh.
        estimate = self._tools.keeper.now()
        try:
            newer = update(identity.trust, answer.root, answer.bundle, estimate.safe_s, answer.earlier_roots)
        except ProtocolError as error:
            return BadAnswer(error.code)
        if newer is not identity.trust:
            issued_ms = newer.bundle.issued_at * 1000
            # Who stole a bundle key may date a bundle ahead, month by month; a clock that is sure knows better.
            is_sure = estimate.standing is ClockStanding.SURE
            self._tools.keeper.raise_floor(min(issued_ms, estimate.now_ms) if is_sure else issued_ms)
            self._tools.store.save_trust(newer.root_envelope, newer.bundle_envelope, self._tools.keeper.memory())
        return None

    def _renew_configuration(self, server: SyncServer, identity: Identity) -> Failure | None:
        answer = server.configuration()
        self._tools.link.report(answer)
        if not isinstance(answer, SiteConfiguration):
            return answer
        if (answer.tenant_id, answer.site_id) != (identity.tenant, identity.site):
            return BadAnswer("other_site")
        if answer != identity.configuration:
            self._tools.store.save_configuration(answer)
        return None

    def _read_feed(self, server: SyncServer, identity: Identity) -> Failure | None:  # noqa: ARG002 - steps are alike
        epoch, cursor = self._tools.store.feed_position() or (None, 0)
        for _ in range(MAX_FEED_PAGES):
            answer = server.visits(epoch, cursor)
            self._tools.link.report(answer)
            if not isinstance(answer, FeedPage):
                return answer
            if epoch is not None and answer.epoch != epoch:
                # Another epoch: this page follows a cursor that means nothing there. Fetch again from its beginning.
                epoch, cursor = None, 0
                continue
            if answer.more and epoch is not None and answer.cursor <= cursor:
                return BadAnswer("feed_stands_still")
            self._tools.store.save_feed_page(answer, self._tools.keeper.now().now_ms)
            epoch, cursor = answer.epoch, answer.cursor
            if not answer.more:
                return None
        return BadAnswer("feed_without_end")


def _gives_up(failure: Failure) -> bool:
    return isinstance(failure, Unreachable) and failure.why in _GIVE_UP_ON
