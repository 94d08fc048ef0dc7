"""Pairing, from a set-up code and six digits to a stored identity.

The connection vouches for nothing: kiosk and server show each other that they know the digits, and what the server then
hands over is encrypted under the key that this gave them (:mod:`kiosk_protocol.pairing_run`). The device key is made
and saved before the first message; everything the server gives is checked against everything else it gives before one
transaction stores it. A lost answer to ``confirm`` is asked for again: it is the same answer.
"""

from dataclasses import dataclass
from typing import Final

from nacl.signing import SigningKey

from kiosk_app.core.checkin import PairingRecord
from kiosk_app.core.journey_screens import PairingTroubleKind
from kiosk_app.core.ports import KeyVault, PairingDoor, PairingServer, PairingStore, RandomBytes
from kiosk_app.core.server_answers import Failure, NoReply, Refused, Unreachable, staff_code
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_protocol.cpace import ELEMENT_BYTES, Secret
from kiosk_protocol.device_tokens import key_thumbprint, read_device_token
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import PairingError, ProtocolError
from kiosk_protocol.identifiers import LONG_ID_BYTES, DeviceId, TenantId
from kiosk_protocol.messages import (
    ConfirmPairing,
    PairingConfirmed,
    PairingResult,
    PairingStarted,
    StartPairing,
)
from kiosk_protocol.pairing import TRIES, SetupCode, parse_setup_code
from kiosk_protocol.pairing_run import SUITE, Reply, RunKeys, kiosk_keys, make_offer, open_result, root_hash
from kiosk_protocol.trust import pin

CONFIRM_ATTEMPTS: Final = 3
NAME_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class Enrolled:
    """This kiosk is paired, and it is stored."""

    record: PairingRecord


@dataclass(frozen=True, slots=True)
class EnrolmentFailed:
    """It is not. ``tries_left`` as this kiosk counted, None where no try was counted."""

    kind: PairingTroubleKind
    code: StaffCode
    tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentTools:
    """What pairing works with. ``name`` is shown to staff on the server, at most 64 characters."""

    store: PairingStore
    vault: KeyVault
    keeper: TimeKeeper
    door: PairingDoor
    random: RandomBytes
    name: str


_NOT_TRUSTED: Final = EnrolmentFailed(PairingTroubleKind.SERVER_NOT_TRUSTED, StaffCode.SERVER_NOT_TRUSTED)


class Enrolment:
    """Pairs this kiosk, one attempt at a time, in one thread."""

    def __init__(self, tools: EnrolmentTools) -> None:
        self._tools = tools
        self._tries: dict[str, int] = {}

    def pair(self, setup_text: str, digits: str) -> Enrolled | EnrolmentFailed:
        """Make one attempt.

        Raises:
            KioskError: the kiosk's own store or key folder is in the way.
        """
        try:
            setup = parse_setup_code(setup_text)
        except ProtocolError:
            return EnrolmentFailed(PairingTroubleKind.ADDRESS_UNUSABLE, StaffCode.SETTINGS_UNUSABLE)
        server = self._tools.door(setup)
        try:
            return self._run(server, setup, digits)
        finally:
            server.close()

    def _run(self, server: PairingServer, setup: SetupCode, digits: str) -> Enrolled | EnrolmentFailed:
        key = self._tools.vault.make()
        secret = Secret(self._tools.random(ELEMENT_BYTES))
        offer = make_offer(
            digits,
            secret,
            address=setup.address,
            sid=base64url_encode(self._tools.random(LONG_ID_BYTES)),
            kiosk_key=base64url_encode(bytes(key.verify_key)),
            name=self._tools.name[:NAME_CHARACTERS] or "kiosk",
        )
        started = server.start(
            StartPairing(
                suite=SUITE,
                sid=offer.sid,
                kiosk_key=offer.kiosk_key,
                name=offer.name,
                share=offer.share,
                window=setup.window,
            )
        )
        if not isinstance(started, PairingStarted):
            return _not_reached(started)
        try:
            keys = kiosk_keys(secret, offer, Reply(started.run_id, started.root_hash, started.share))
        except ProtocolError:
            return _NOT_TRUSTED
        tag = base64url_encode(keys.kiosk_tag)
        confirmed = self._confirm(server, ConfirmPairing(run_id=started.run_id, kiosk_tag=tag))
        if isinstance(confirmed, Refused) and confirmed.status == 403:
            return self._count_try(setup.address)
        if not isinstance(confirmed, PairingConfirmed):
            return _not_reached(confirmed)
        try:
            record = self._check_result(_open(confirmed, keys, started.root_hash), setup, server, key)
        except ProtocolError:
            return _NOT_TRUSTED
        return self._store(record)

    def _confirm(self, server: PairingServer, message: ConfirmPairing) -> PairingConfirmed | Failure:
        answer: PairingConfirmed | Failure = Unreachable(NoReply.CONNECT)
        for _ in range(CONFIRM_ATTEMPTS):
            answer = server.confirm(message)
            if not isinstance(answer, Unreachable):
                break
        return answer

    def _count_try(self, address: str) -> EnrolmentFailed:
        # The server never says how many are left; five wrong ones burn its window, and a new window starts a new count.
        tries = self._tries.get(address, 0) + 1
        self._tries[address] = tries % TRIES
        if tries == TRIES:
            return EnrolmentFailed(PairingTroubleKind.NO_TRIES_LEFT, StaffCode.SERVER_REFUSES_KIOSK, 0)
        return EnrolmentFailed(PairingTroubleKind.WRONG_DIGITS, StaffCode.SERVER_REFUSES_KIOSK, TRIES - tries)

    def _check_result(
        self, result: PairingResult, setup: SetupCode, server: PairingServer, key: SigningKey
    ) -> PairingRecord:
        """Return what is to be stored, once every part fits every other. Raises ProtocolError."""
        tenant, now_s = TenantId(result.configuration.tenant_id), result.server_time_ms // 1000
        trust = pin(result.root, result.bundle, tenant, now_s)
        claims = read_device_token(result.device_token, trust.keys("device", now_s), now_s)
        # RFC 9449 §6.1: a token bound to another key would make every later request fail, or be somebody else's.
        expected = (result.device_id, tenant, setup.site, key_thumbprint(bytes(key.verify_key)))
        if (claims.device, claims.tenant, claims.site, claims.key_thumbprint) != expected:
            raise PairingError("device_token")
        if result.configuration.site_id != setup.site:
            raise PairingError("site")
        if not server.can_be_known_by(result.ca_certificate):
            raise PairingError("ca_certificate")
        self._tools.keeper.learn(result.server_time_ms, at_pairing=True)
        return PairingRecord(
            device=DeviceId(result.device_id),
            tenant=tenant,
            site=setup.site,
            base_url=setup.base_url,
            ca_certificate=result.ca_certificate,
            device_token=result.device_token,
            device_key=bytes(key.verify_key),
            configuration=result.configuration,
            root=result.root,
            bundle=result.bundle,
            paired_at_ms=result.server_time_ms,
            memory=self._tools.keeper.memory(),
        )

    def _store(self, record: PairingRecord) -> Enrolled:
        self._tools.store.save_pairing(record)
        self._tries.clear()
        return Enrolled(record)


def _open(confirmed: PairingConfirmed, keys: RunKeys, announced_root: str) -> PairingResult:
    """Return the result of a server that showed that it knows the digits. Raises ProtocolError."""
    if not keys.accepts_server(confirmed.server_tag):
        raise PairingError("server_tag")
    result = open_result(keys, confirmed.result)
    # The root is what this kiosk will believe for years: it is the one that both sides named in the run.
    if root_hash(result.root) != announced_root:
        raise PairingError("root")
    return result


def _not_reached(failure: Failure) -> EnrolmentFailed:
    code = staff_code(failure)
    match failure:
        case Unreachable(NoReply.NOT_TRUSTED):
            return EnrolmentFailed(PairingTroubleKind.SERVER_NOT_TRUSTED, code)
        case Unreachable(NoReply.ADDRESS) | Refused(404):
            return EnrolmentFailed(PairingTroubleKind.ADDRESS_UNUSABLE, code)
        case _:
            return EnrolmentFailed(PairingTroubleKind.UNREACHABLE, code)
