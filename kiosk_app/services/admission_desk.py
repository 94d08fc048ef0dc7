"""One shown code, from its text to a verdict: verify, gather facts, decide, ask the server, commit, greet.

The verdict is returned only after the check-in is durable. Whatever breaks on the way sends the visitor to reception.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nacl.signing import SigningKey

from kiosk_app.core.admission import (
    AskServer,
    CheckIn,
    ClaimFact,
    Decision,
    Facts,
    LocalFacts,
    Reception,
    Refusal,
    VisitKnowledge,
    decide,
)
from kiosk_app.core.checkin import CheckInDraft, Identity
from kiosk_app.core.clock_guard import ClockStanding, Estimate
from kiosk_app.core.errors import KeysError, StoreError
from kiosk_app.core.ports import AdmissionStore, ClaimServer, KeyVault, RandomBytes
from kiosk_app.core.trust_age import trust_standing
from kiosk_app.core.verdict import Admit, AskReception, Greeting, Refuse, Verdict
from kiosk_app.services.link import LinkMonitor
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_protocol.errors import SealError
from kiosk_protocol.identifiers import CheckInId, VisitId, uuid7, visit_digest
from kiosk_protocol.messages import ClaimAnswer, ClaimQuestion, FeedEntry
from kiosk_protocol.reasons import Reason
from kiosk_protocol.records import CheckInRecord, sign_record
from kiosk_protocol.sealing import SealContext, open_details, seal_item
from kiosk_protocol.tokens import TokenRefusal, VerifiedVisitToken, verify_shown_code

_CLAIM_FACTS: Final = {
    "granted": ClaimFact.GRANTED,
    "taken": ClaimFact.TAKEN,
    "cancelled": ClaimFact.CANCELLED,
    "superseded": ClaimFact.SUPERSEDED,
    "refused": ClaimFact.REFUSED,
}


@dataclass(frozen=True, slots=True)
class DeskTools:
    """What the desk works with."""

    store: AdmissionStore
    vault: KeyVault
    keeper: TimeKeeper
    link: LinkMonitor
    server: ClaimServer
    random: RandomBytes
    app_version: str


@dataclass(frozen=True, slots=True)
class _Case:
    """One verified visit at the door, with what is known of it so far."""

    identity: Identity
    token: VerifiedVisitToken
    check_in_id: CheckInId
    scanned_at_ms: int
    entry: FeedEntry | None


class AdmissionDesk:
    """Judges shown codes, one at a time, in one thread."""

    def __init__(self, tools: DeskTools) -> None:
        self._tools = tools
        self._device_key: SigningKey | None = None
        self._claimed: tuple[VisitId, CheckInId] | None = None

    def judge(self, text: str, seen_ms_ago: int = 0) -> Verdict:
        """Return the verdict on a scanned text.

        Args:
            text: Of the symbol, at most 4,096 bytes.
            seen_ms_ago: How long ago the symbol was seen; validity is judged at that moment.
        """
        verdict = self._find_verdict(text, seen_ms_ago)
        if isinstance(verdict, Refuse | AskReception):
            # The audit is for staff; a store that cannot take it changes nothing for the visitor.
            with suppress(StoreError):
                self._tools.store.note_turned_away(verdict.reason, self._tools.keeper.now().now_ms)
        return verdict

    def _find_verdict(self, text: str, seen_ms_ago: int) -> Verdict:
        try:
            identity = self._tools.store.load_identity()
        except StoreError:
            return AskReception(Reason.STORE_UNAVAILABLE)
        if identity is None:
            # Without a trust bundle no code can be told from another: ours to say, not the visitor's fault.
            return AskReception(Reason.TRUST_EXPIRED)
        return self._judge(identity, text, seen_ms_ago)

    def _judge(self, identity: Identity, text: str, seen_ms_ago: int) -> Verdict:
        estimate = self._tools.keeper.now()
        scanned_at_ms = estimate.now_ms - max(0, seen_ms_ago)
        code = verify_shown_code(text, identity.trust.keys("visit", estimate.now_s), identity.site)
        facts = Facts(
            code=code,
            trust=trust_standing(identity.trust, estimate.now_s),
            clock=estimate.standing,
            scanned_at_s=scanned_at_ms // 1000,
            floor_s=estimate.floor_s,
            local=None,
            unknown_visit=identity.configuration.unknown_visit,
            claim=ClaimFact.SILENT if self._tools.link.state.online is False else ClaimFact.NOT_ASKED,
        )
        if isinstance(code, TokenRefusal):
            return _say_no(decide(facts), identity)
        local, entry = self._look_up(identity, code, estimate)
        case = _Case(identity, code, self._check_in_id(code, estimate), scanned_at_ms, entry)
        return self._conclude(case, replace(facts, local=local))

    def _check_in_id(self, code: VerifiedVisitToken, estimate: Estimate) -> CheckInId:
        """Return a new id, or the one that claimed this visit and was not stored: a claim repeats, it never doubles."""
        if self._claimed is not None and self._claimed[0] == code.claims.visit:
            return self._claimed[1]
        return uuid7(estimate.now_ms, self._tools.random(10))

    def _look_up(
        self, identity: Identity, code: VerifiedVisitToken, estimate: Estimate
    ) -> tuple[LocalFacts | None, FeedEntry | None]:
        try:
            found = self._tools.store.look_up(visit_digest(code.claims.visit))
        except StoreError:
            return None, None
        limit_s = identity.configuration.greatest_feed_age_s
        age_ms = None if found.feed_at_ms is None else estimate.now_ms - found.feed_at_ms
        is_stale = limit_s is not None and (age_ms is None or age_ms > limit_s * 1000)
        return LocalFacts(found.used, _knowledge(found.entry), is_stale), found.entry

    def _conclude(self, case: _Case, facts: Facts) -> Verdict:
        decision = decide(facts)
        if isinstance(decision, AskServer):
            case, facts = self._ask_server(case, facts)
            decision = decide(facts)
        if isinstance(decision, CheckIn):
            return self._check_in(case, facts.clock, decision)
        return _say_no(decision, case.identity)

    def _ask_server(self, case: _Case, facts: Facts) -> tuple[_Case, Facts]:
        """Return case and facts with the server's word; no word in time counts as silence, a late one for nothing."""
        self._claimed = (case.token.claims.visit, case.check_in_id)
        answer = self._tools.server.claim(ClaimQuestion(check_in_id=case.check_in_id, token=case.token.text))
        self._tools.link.report(answer)
        if not isinstance(answer, ClaimAnswer):
            return case, replace(facts, claim=ClaimFact.SILENT)
        facts = replace(facts, claim=_CLAIM_FACTS[answer.outcome])
        entry = answer.entry
        if entry is None or entry.digest != visit_digest(case.token.claims.visit) or facts.local is None:
            return case, facts
        return replace(case, entry=entry), replace(facts, local=replace(facts.local, visit=_knowledge(entry)))

    def _check_in(self, case: _Case, clock: ClockStanding, decision: CheckIn) -> Verdict:
        """Make the check-in durable, then admit."""
        try:
            draft = self._draft(case, clock, decision)
            if draft is None:
                return AskReception(Reason.TRUST_EXPIRED)
            if not self._tools.store.commit_check_in(draft):
                return Refuse(Reason.ALREADY_USED)
        except (StoreError, KeysError):
            return AskReception(Reason.STORE_UNAVAILABLE)
        return Admit(case.check_in_id, _greeting(case) if decision.known else None, decision.offline)

    def _draft(self, case: _Case, clock: ClockStanding, decision: CheckIn) -> CheckInDraft | None:
        """Return the signed and sealed check-in, or None where the bundle names no key to seal it to."""
        now = self._tools.keeper.now()
        seal_key = case.identity.trust.seal_key(now.now_s)
        if seal_key is None:
            return None
        mode: Literal["online", "offline"] = "offline" if decision.offline else "online"
        standing: Literal["sure", "plausible"] = "sure" if clock is ClockStanding.SURE else "plausible"
        record = CheckInRecord(
            type="check-in",
            check_in_id=case.check_in_id,
            tenant_id=case.identity.tenant,
            site_id=case.identity.site,
            device_id=case.identity.device,
            token=case.token.text,
            scanned_at_ms=case.scanned_at_ms,
            decided_at_ms=now.now_ms,
            mode=mode,
            clock=standing,
            known=decision.known,
            app_version=self._tools.app_version,
        )
        claims = case.token.claims
        return CheckInDraft(
            check_in_id=case.check_in_id,
            digest=visit_digest(claims.visit),
            expires_s=claims.expires,
            decided_at_ms=now.now_ms,
            sealed=seal_item(sign_record(record, self._key(case.identity)), seal_key.raw),
            seal_kid=seal_key.kid,
            mode=mode,
            clock=standing,
            known=decision.known,
            memory=self._tools.keeper.memory(),
        )

    def _key(self, identity: Identity) -> SigningKey:
        if self._device_key is None or bytes(self._device_key.verify_key) != identity.device_key:
            self._device_key = self._tools.vault.load()
        if bytes(self._device_key.verify_key) != identity.device_key:
            raise KeysError("The device key is not the one this kiosk was paired with.")
        return self._device_key


def _knowledge(entry: FeedEntry | None) -> VisitKnowledge | None:
    return None if entry is None else VisitKnowledge(entry.state, entry.rev)


def _greeting(case: _Case) -> Greeting | None:
    entry = case.entry
    if entry is None or entry.sealed is None:
        return None
    context = SealContext(
        case.identity.tenant, case.identity.site, visit_digest(case.token.claims.visit), entry.rev, entry.edit
    )
    try:
        details = open_details(entry.sealed, case.token.signature, context)
    except SealError:
        # The visit stands whatever became of its details; the visitor is welcome without a name.
        return None
    return Greeting(details.visitor_name, details.host_name, details.room)


def _say_no(decision: Decision, identity: Identity) -> Verdict:
    match decision:
        case Refusal(reason, opens_at_s):
            zone = _zone(identity.configuration.time_zone)
            return Refuse(reason, None if opens_at_s is None else datetime.fromtimestamp(opens_at_s, zone))
        case Reception(reason):
            return AskReception(reason)
        case CheckIn() | AskServer():
            # Unreachable while `decide` keeps its contract; if it ever does not, nobody is let in by accident.
            return AskReception(Reason.CONFLICT)
        case _ as unreachable:
            assert_never(unreachable)


def _zone(name: str) -> tzinfo:
    """Return the site's zone; a machine without its data shows UTC rather than nothing."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
