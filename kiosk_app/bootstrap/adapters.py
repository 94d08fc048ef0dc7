"""What the workers open in their own threads: the ports of ``workers``, on the real services, store and camera."""

import secrets
from typing import Final

from kiosk_app.bootstrap.household import Household, site_of
from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.lookout import Lookout, NoLookout
from kiosk_app.camera.specs import NoCameraSpec, parse_camera_spec
from kiosk_app.core.connectivity import LinkState
from kiosk_app.core.journey import (
    PairingRefused,
    PairingSucceeded,
    PairingTrouble,
    PairingTroubleKind,
    PairingUnreachable,
    SiteIdentity,
)
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import StillWaiting, Unpaired
from kiosk_app.core.verdict import Verdict
from kiosk_app.logs import PairingEnded, write
from kiosk_app.services.enrolment import Enrolled
from kiosk_app.services.housekeeping import tidy
from kiosk_app.services.unpairing import unpair
from kiosk_app.workers.camera import CameraParts
from kiosk_app.workers.sync import RoundReport

_NO_ANSWER: Final = frozenset({PairingTroubleKind.UNREACHABLE, PairingTroubleKind.NO_ANSWER})


class StoreDesk:
    """The desk over a connection of its own. Lives in the desk's thread."""

    def __init__(self, household: Household) -> None:
        self._store = household.open_store()
        self._former = household.former
        self._desk = household.desk(self._store)
        identity = self._store.load_identity()
        if identity is not None:
            # So that the first visitor's claim can go out before the first round with the server is done.
            household.shared.live.of(identity)

    def site(self) -> SiteIdentity | None:
        """Return the paired site, None while unpaired."""
        identity = self._store.load_identity()
        return None if identity is None else site_of(identity.configuration)

    def lost(self) -> PairingTrouble | None:
        """Return that this kiosk was revoked and how many check-ins stay in it, None where it was not."""
        if not self._store.was_revoked():
            return None
        return PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED, self._former.unsent())

    def judge(self, text: str, seen_ms_ago: int) -> Verdict:
        """Return the verdict on a shown text."""
        return self._desk.judge(text, seen_ms_ago)

    def close(self) -> None:
        """Let the store go."""
        self._store.close()


class StoreNetwork:
    """Rounds with the server over a connection of its own. Lives in the network's thread."""

    def __init__(self, household: Household) -> None:
        self._household = household
        self._store = household.open_store()
        self._cycle = household.sync_cycle(self._store)
        self._handover = household.handover(self._store)
        self._enrolment = household.enrolment(self._store)

    def run_round(self, *, full: bool, camera: str) -> RoundReport:
        """Talk to the server once, in a full round also to that of a former pairing whose items wait here."""
        shared = self._household.shared
        identity = self._store.load_identity()
        if identity is None:
            if full:
                self._handover.run()
            return RoundReport(None, self._store.queue_state(), shared.link.state, None)
        report = self._cycle.run(shared.live.of(identity), full=full, camera=camera)
        if report.revoked:
            shared.live.close()
            self._handover.run()
            sealed = self._household.former.unsent()
            return RoundReport(None, report.queue, shared.link.state, None, revoked=True, sealed=sealed)
        if full:
            self._handover.run()
        first = next(iter(report.failures.items()), None)
        site = None if report.identity is None else site_of(report.identity.configuration)
        return RoundReport(site, report.queue, shared.link.state, first, token_ends_soon=report.token_ends_soon)

    def pair(self, setup_code: str, digits: str) -> PairingSucceeded | PairingRefused | PairingUnreachable:
        """Make one attempt to pair."""
        outcome = self._enrolment.pair(setup_code, digits)
        if isinstance(outcome, Enrolled):
            write(PairingEnded("paired"))
            return PairingSucceeded(site_of(outcome.record.configuration))
        write(PairingEnded(outcome.kind.value))
        if outcome.kind in _NO_ANSWER:
            return PairingUnreachable(outcome.code)
        return PairingRefused(outcome.kind, outcome.tries_left, outcome.code)

    def look(self) -> tuple[QueueState, LinkState]:
        """Return queue and link without asking anybody."""
        return self._store.queue_state(), self._household.shared.link.state

    def unpair(self, *, keep_aside: bool) -> StillWaiting | Unpaired:
        """Forget the pairing, with ``keep_aside`` also where records wait."""
        outcome = unpair(self._household.unpairing(self._store), keep_aside=keep_aside)
        if isinstance(outcome, Unpaired):
            self._household.shared.live.close()
        return outcome

    def tidy(self) -> None:
        """Save the floor of time and forget what is over."""
        tidy(self._store, self._household.shared.keeper)

    def random_unit(self) -> float:
        """Return a random number in [0, 1)."""
        return secrets.randbelow(1 << 53) / (1 << 53)

    def close(self) -> None:
        """Let store and connections go."""
        self._household.shared.live.close()
        self._store.close()


def open_camera(spec_text: str, *, preview: bool = True) -> CameraParts:
    """Return what looks for codes with a camera named by ``spec_text``, not yet started. Raises CameraError."""
    has_camera = not isinstance(parse_camera_spec(spec_text), NoCameraSpec)
    return CameraParts(Lookout(spec_text, preview=preview) if has_camera else NoLookout(), _camera_code)


def _camera_code(error: Exception) -> StaffCode | None:
    return error.code if isinstance(error, CameraError) else None
