"""A server in one object: implements the kiosk's server ports, keeps what it was told, and misbehaves on request."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kiosk_app.core.server_answers import Failure, NoReply, Refused, Unreachable
from kiosk_protocol.cpace import Secret
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.handover import read_unverified_handover
from kiosk_protocol.identifiers import key_id_of, visit_digest
from kiosk_protocol.keys import PublicKey
from kiosk_protocol.messages import (
    Batch,
    BatchAnswer,
    ClaimAnswer,
    ClaimQuestion,
    ConfirmPairing,
    Envelope,
    FeedEntry,
    FeedPage,
    HandedOver,
    HandoverAnswer,
    Heartbeat,
    HeartbeatTaken,
    ItemAnswer,
    OutboxEntry,
    PairingConfirmed,
    PairingResult,
    PairingStarted,
    RenewedToken,
    SiteConfiguration,
    StartPairing,
    TimeQuestion,
    TrustAnswer,
)
from kiosk_protocol.pairing_run import Offer, RunKeys, make_reply, root_hash, seal_result, server_keys
from kiosk_protocol.records import CheckInRecord, read_record
from kiosk_protocol.sealing import open_item
from kiosk_protocol.tokens import VerifiedVisitToken, verify_visit_token
from tests.kiosk_app.tenant import T0_S, Tenant, long_id

BASE_URL = "https://atrium.example"
DIGITS = "042137"
DOWN = Unreachable(NoReply.CONNECT)


@dataclass
class SimulatedServer:
    """One site's server. ``now_ms`` is its clock; ``faults`` are answered instead, one per request of that name."""

    house: Tenant
    now_ms: int = T0_S * 1000
    down: bool = False
    faults: dict[str, list[Any]] = field(default_factory=dict)
    lose_answers: dict[str, int] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    bundle: Envelope | None = None
    root: Envelope | None = None
    earlier_roots: tuple[Envelope, ...] = ()
    settings: SiteConfiguration | None = None
    epoch: str = field(default_factory=long_id)
    feed: list[FeedEntry] = field(default_factory=list)
    page_size: int = 2
    leases: dict[str, str] = field(default_factory=dict)
    items: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, ItemAnswer] = field(default_factory=dict)
    records: dict[str, CheckInRecord] = field(default_factory=dict)
    sequences: set[int] = field(default_factory=set)
    reject: set[str] = field(default_factory=set)
    choke_on: dict[str, Failure] = field(default_factory=dict)
    device_key: bytes = b""
    device: str = field(default_factory=long_id)
    digits: str = DIGITS
    run: tuple[StartPairing, RunKeys] | None = None
    confirmed: PairingConfirmed | None = None
    spoil_result: Callable[[PairingResult], PairingResult] = lambda result: result
    spoil_tag: bool = False
    spoil_started: Callable[[PairingStarted], PairingStarted] = lambda started: started
    spoil_confirmed: Callable[[PairingConfirmed], PairingConfirmed] = lambda confirmed: confirmed
    announced_root: Envelope | None = None
    ca: str | None = None

    base_url: str = BASE_URL
    heartbeats: list[Heartbeat] = field(default_factory=list)
    handed_over: list[OutboxEntry] = field(default_factory=list)

    @property
    def setup_code(self) -> str:
        return f"{self.base_url}/p/example/{self.house.site}"

    def close(self) -> None:
        self.requests.append("close")

    def _meet(self, name: str) -> Any:
        self.requests.append(name)
        if self.down:
            return DOWN
        waiting = self.faults.get(name)
        return waiting.pop(0) if waiting else None

    def _loses(self, name: str) -> bool:
        left = self.lose_answers.get(name, 0)
        self.lose_answers[name] = max(0, left - 1)
        return left > 0

    # ── pairing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, message: StartPairing) -> PairingStarted | Failure:
        if fault := self._meet("start"):
            return fault
        offer = Offer(self.setup_code, message.sid, message.kiosk_key, message.name, message.share)
        secret, root = Secret(secrets.token_bytes(32)), root_hash(self.announced_root or self.house.root())
        reply = make_reply(self.digits, secret, offer, run_id=long_id(), root_hash=root)
        self.run = (message, server_keys(secret, offer, reply))
        self.confirmed = None
        started = PairingStarted(run_id=reply.run_id, root_hash=reply.root_hash, share=reply.share)
        return self.spoil_started(started)

    def confirm(self, message: ConfirmPairing) -> PairingConfirmed | Failure:
        if fault := self._meet("confirm"):
            return fault
        assert self.run is not None
        start, keys = self.run
        if not keys.accepts_kiosk(message.kiosk_tag):
            return Refused(403, "pairing_refused")
        self.confirmed = self.confirmed or self._result(start, keys)
        return DOWN if self._loses("confirm") else self.confirmed

    def can_be_known_by(self, ca_certificate: str | None) -> bool:
        return ca_certificate != "unusable"

    def _result(self, start: StartPairing, keys: RunKeys) -> PairingConfirmed:
        self.device_key = base64url_decode(start.kiosk_key)
        result = PairingResult(
            device_id=self.device,
            device_token=self.house.device_token(self.device, self.device_key),
            root=self.house.root(),
            bundle=self.bundle or self.house.bundle(),
            ca_certificate=self.ca,
            configuration=self.settings or self.house.configuration(),
            server_time_ms=self.now_ms,
        )
        sealed = seal_result(keys, self.spoil_result(result), secrets.token_bytes)
        tag = bytes(32) if self.spoil_tag else keys.server_tag
        return self.spoil_confirmed(PairingConfirmed(server_tag=base64url_encode(tag), result=sealed))

    # ── background ───────────────────────────────────────────────────────────────────────────────────────────────────

    def time(self, question: TimeQuestion) -> Envelope | Failure:
        return self._meet("time") or self.house.time(question.nonce, self.now_ms)

    def trust(self) -> TrustAnswer | Failure:
        root, bundle = self.root or self.house.root(), self.bundle or self.house.bundle()
        return self._meet("trust") or TrustAnswer(root=root, bundle=bundle, earlier_roots=self.earlier_roots)

    def configuration(self) -> SiteConfiguration | Failure:
        return self._meet("configuration") or self.settings or self.house.configuration()

    def visits(self, epoch: str | None, cursor: int) -> FeedPage | Failure:
        if fault := self._meet("visits"):
            return fault
        start = cursor if epoch == self.epoch else 0
        entries = tuple(self.feed[start : start + self.page_size])
        end = start + len(entries)
        return FeedPage(epoch=self.epoch, cursor=end, more=end < len(self.feed), entries=entries)

    def check_in(self, batch: Batch) -> BatchAnswer | Failure:
        if fault := self._meet("check_in"):
            return fault
        for entry in batch.entries:
            if entry.check_in_id in self.choke_on:
                return self.choke_on[entry.check_in_id]
        results = tuple(self._take(entry.check_in_id, entry.sequence, entry.sealed) for entry in batch.entries)
        if self._loses("check_in"):
            return Unreachable(NoReply.TIMEOUT)
        held = next(number for number in range(1, len(self.sequences) + 2) if number not in self.sequences) - 1
        return BatchAnswer(results=results, acknowledged_sequence=held)

    def heartbeat(self, heartbeat: Heartbeat) -> HeartbeatTaken | Failure:
        if fault := self._meet("heartbeat"):
            return fault
        self.heartbeats.append(heartbeat)
        return HeartbeatTaken()

    def hand_over(self, envelope: Envelope) -> HandoverAnswer | Failure:
        if fault := self._meet("handover"):
            return fault
        entries = read_unverified_handover(envelope).entries
        self.handed_over += entries
        return HandoverAnswer(
            results=tuple(HandedOver(check_in_id=entry.check_in_id, outcome="accepted") for entry in entries)
        )

    def renew_token(self) -> RenewedToken | Failure:
        if fault := self._meet("token"):
            return fault
        token = self.house.device_token(self.device, self.device_key, self.now_ms // 1000)
        return RenewedToken(device_token=token)

    def _take(self, check_in_id: str, sequence: int, sealed: str) -> ItemAnswer:
        data = base64url_decode(sealed)
        if check_in_id in self.items:
            if self.items[check_in_id] != data:
                return ItemAnswer(check_in_id=check_in_id, outcome="rejected", code="other_bytes")
            first = self.answers[check_in_id]
            return ItemAnswer(check_in_id=check_in_id, outcome=first.outcome, code=first.code, replayed=True)
        if check_in_id in self.reject:
            answer = ItemAnswer(check_in_id=check_in_id, outcome="rejected", code="bad_token")
        else:
            record = read_record(open_item(data, self.house.seal_key), self.device_key)
            twice = any(other.token == record.token for other in self.records.values())
            self.records[check_in_id] = record
            answer = ItemAnswer(
                check_in_id=check_in_id,
                outcome="conflict" if twice else "accepted",
                code="also_elsewhere" if twice else None,
            )
        self.items[check_in_id], self.answers[check_in_id] = data, answer
        self.sequences.add(sequence)
        return answer

    # ── the door ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def claim(self, question: ClaimQuestion) -> ClaimAnswer | Failure:
        if fault := self._meet("claim"):
            return fault
        raw = bytes(self.house.visit_key.verify_key)
        kid = key_id_of(raw)
        token = verify_visit_token(question.token, {kid: PublicKey(kid, raw)}, self.house.site)
        if not isinstance(token, VerifiedVisitToken):
            return ClaimAnswer(outcome="refused")
        digest = visit_digest(token.claims.visit)
        entry = next((entry for entry in reversed(self.feed) if entry.digest == digest), None)
        if entry is not None and entry.state == "cancelled":
            return ClaimAnswer(outcome="cancelled")
        if entry is not None and entry.rev > token.claims.revision:
            return ClaimAnswer(outcome="superseded")
        used = any(record.token == question.token for record in self.records.values())
        if used or self.leases.setdefault(digest, question.check_in_id) != question.check_in_id:
            return ClaimAnswer(outcome="taken")
        return ClaimAnswer(outcome="granted", lease_until=self.now_ms // 1000 + 120, entry=entry)
