"""What kiosks ask: pairing without a token, everything else with theirs and a proof."""

from types import NoneType
from typing import Any, Final

from kiosk_protocol.messages import (
    API_ROOT,
    Batch,
    BatchAnswer,
    ClaimAnswer,
    ClaimQuestion,
    ConfirmPairing,
    Envelope,
    FeedPage,
    HandoverAnswer,
    Heartbeat,
    HeartbeatTaken,
    PairingConfirmed,
    PairingStarted,
    RenewedToken,
    SiteConfiguration,
    StartPairing,
    TimeQuestion,
    TrustAnswer,
)
from kiosk_protocol.signing import sign_time
from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.times import to_milliseconds
from kiosk_server.http.access import KIOSKS, PUBLIC
from kiosk_server.http.endpoints import Call, Endpoint, Parameter
from kiosk_server.services import claims, feed, handover, health, pairing, renewal, tenancy, trust
from kiosk_server.services.check_ins import take_batch
from kiosk_server.services.keys import older_signers, signing_key

_LARGEST_CURSOR: Final = 2**53 - 1


def start_pairing(call: Call, message: StartPairing) -> PairingStarted:
    """Begin a pairing run; the answer says nothing about the code."""
    return pairing.start_run(call.house, call.path["tenant"], call.path["site"], message)


def confirm_pairing(call: Call, message: ConfirmPairing) -> PairingConfirmed:
    """Finish a pairing run: device token, trust documents, site settings."""
    return pairing.confirm_run(call.house, call.path["tenant"], call.path["site"], message)


def configuration(call: Call, _: None) -> SiteConfiguration:
    """Return the settings of the kiosk's site."""
    with call.house.archive.of(call.kiosk.tenant) as records:
        site = tenancy.require_site(records, call.kiosk.device.site)
        return tenancy.configuration_of(records.sites.tenant(), site)


def trust_documents(call: Call, _: None) -> TrustAnswer:
    """Return the newest root and bundle."""
    with call.house.archive.of(call.kiosk.tenant) as records:
        return trust.current_trust(call.house, records, call.house.now())


def visit_changes(call: Call, _: None) -> FeedPage:
    """Return what changed at the kiosk's site after its cursor; another epoch means from the beginning."""
    cursor = call.query.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 16 and int(cursor) <= _LARGEST_CURSOR):
        raise BadRequestError("cursor", "The cursor is a number that an earlier answer gave.")
    return feed.changes_after(
        call.house, call.kiosk.tenant, call.kiosk.device.site, call.query.get("epoch"), int(cursor)
    )


def claim(call: Call, question: ClaimQuestion) -> ClaimAnswer:
    """Answer whether this kiosk may admit the visit whose code it shows."""
    return claims.answer_claim(call.house, call.kiosk, question)


def check_ins(call: Call, batch: Batch) -> BatchAnswer:
    """Take in sealed check-ins, one answer per item."""
    return take_batch(call.house, call.kiosk, batch)


def hand_over(call: Call, envelope: Envelope) -> HandoverAnswer:
    """Take sealed items of a former pairing into quarantine; the key it had signs, as there is no token any more."""
    return handover.take_handover(call.house, envelope)


def heartbeat(call: Call, message: Heartbeat) -> HeartbeatTaken:
    """Take note of how the kiosk is: once a minute, and when camera or clock changed."""
    return health.take_heartbeat(call.house, call.kiosk, message)


def renewed_token(call: Call, _: None) -> RenewedToken:
    """Return the next device token, from half of the present one's life; the present one works 24 h more."""
    return renewal.renew_token(call.house, call.kiosk)


def signed_time(call: Call, question: TimeQuestion) -> Envelope:
    """Return the server's time, signed together with the kiosk's nonce."""
    with call.house.archive.of(call.kiosk.tenant) as records:
        kid, key = signing_key(call.house, records, "time", call.house.now())
        # A kiosk that was away may know an older one alone, and needs the time before it can ask for the younger.
        older = older_signers(call.house, records, "time", kid)
    return sign_time(question.nonce, to_milliseconds(call.house.now()), kid, key, *older)


_FEED_QUERY: Final = (
    Parameter("epoch", {"type": "string"}, "The epoch of the last page; absent at first."),
    Parameter("cursor", {"type": "integer", "minimum": 0}, "The cursor of the last page; 0 at first."),
)

KIOSK_ENDPOINTS: Final[tuple[Endpoint[Any], ...]] = (
    Endpoint(
        "POST", f"{API_ROOT}/pairing/{{tenant}}/{{site}}/start", PUBLIC, StartPairing, PairingStarted, start_pairing
    ),
    Endpoint(
        "POST",
        f"{API_ROOT}/pairing/{{tenant}}/{{site}}/confirm",
        PUBLIC,
        ConfirmPairing,
        PairingConfirmed,
        confirm_pairing,
    ),
    Endpoint("GET", f"{API_ROOT}/kiosk/configuration", KIOSKS, NoneType, SiteConfiguration, configuration),
    Endpoint("GET", f"{API_ROOT}/kiosk/trust", KIOSKS, NoneType, TrustAnswer, trust_documents),
    Endpoint("GET", f"{API_ROOT}/kiosk/visits", KIOSKS, NoneType, FeedPage, visit_changes, query=_FEED_QUERY),
    Endpoint("POST", f"{API_ROOT}/kiosk/claims", KIOSKS, ClaimQuestion, ClaimAnswer, claim),
    Endpoint("POST", f"{API_ROOT}/kiosk/check-ins", KIOSKS, Batch, BatchAnswer, check_ins),
    Endpoint("POST", f"{API_ROOT}/kiosk/handover", PUBLIC, Envelope, HandoverAnswer, hand_over),
    Endpoint("POST", f"{API_ROOT}/kiosk/heartbeat", KIOSKS, Heartbeat, HeartbeatTaken, heartbeat),
    Endpoint("POST", f"{API_ROOT}/kiosk/token", KIOSKS, NoneType, RenewedToken, renewed_token),
    Endpoint("POST", f"{API_ROOT}/kiosk/time", KIOSKS, TimeQuestion, Envelope, signed_time),
)
