"""Bodies of the kiosk's API, both directions: frozen, camelCase on the wire, bounded.

Unknown members of these unsigned messages are ignored so that an older kiosk can read a newer server; signed
documents are strict instead (:mod:`kiosk_protocol.trust`). Bytes travel as base64url text. Times are whole seconds
since 1970 where the name says nothing, milliseconds where it ends in ``Ms``.
"""

from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import KEY_32_BYTES, KEY_ID, LONG_ID, SHORT_ID, UUID7, WINDOW_NAME

API_ROOT: Final = "/api/v1"
MAX_BODY_BYTES: Final = 1024 * 1024
MAX_SEALED_BYTES: Final = 64 * 1024
MAX_BATCH_ENTRIES: Final = 50
MAX_FEED_ENTRIES: Final = 200
MAX_EARLIER_ROOTS: Final = 32
"""The Update Framework bounds how many roots a client follows in one refresh (§5.3.3); a root changes once in years."""
CLAIM_DEADLINE_MS: Final = 700
CLAIM_LEASE_S: Final = 120

# `$` also matches before a last line feed, so each pattern comes with its length.
LongId = Annotated[str, Meta(pattern=LONG_ID, max_length=22)]
ShortId = Annotated[str, Meta(pattern=SHORT_ID, max_length=11)]
KeyIdText = Annotated[str, Meta(pattern=KEY_ID, max_length=8)]
Key32 = Annotated[str, Meta(pattern=KEY_32_BYTES, max_length=43)]
CheckInIdText = Annotated[str, Meta(pattern=UUID7, max_length=36)]
TokenText = Annotated[str, Meta(min_length=40, max_length=1024)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
NotNegative = Annotated[int, Meta(ge=0, le=2**53 - 1)]
SealedText = Annotated[str, Meta(min_length=1, max_length=MAX_SEALED_BYTES * 4 // 3 + 4)]


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of every body."""


class ErrorBody(Message, frozen=True, kw_only=True):
    """What every refusal carries: a machine code and a sentence."""

    error: str
    message: str


# ── pairing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class EnvelopeSignature(Message, frozen=True, kw_only=True):
    """One signature of a DSSE envelope."""

    keyid: Annotated[str, Meta(max_length=64)]
    sig: Annotated[str, Meta(max_length=128)]


class Envelope(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A DSSE envelope: ``payload`` and ``sig`` are standard base64 of exact bytes."""

    payload_type: Annotated[str, Meta(max_length=128)]
    payload: Annotated[str, Meta(max_length=MAX_BODY_BYTES)]
    signatures: Annotated[tuple[EnvelopeSignature, ...], Meta(min_length=1, max_length=8)]


class StartPairing(Message, frozen=True, kw_only=True):
    """First message of a pairing run (:class:`kiosk_protocol.pairing_run.Offer`).

    There is one suite: a kiosk that offered two could be talked into the weaker one.
    """

    suite: Literal["cpace-x25519-sha512"]
    sid: LongId
    kiosk_key: Key32
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    share: Key32
    window: Annotated[str, Meta(pattern=WINDOW_NAME, max_length=16)] | None = None
    """The name from the set-up code, where the window answers to nothing else."""


class PairingStarted(Message, frozen=True, kw_only=True):
    """The server's share; says nothing about whether the code was right or a window open."""

    run_id: LongId
    root_hash: Key32
    share: Key32


class ConfirmPairing(Message, frozen=True, kw_only=True):
    """The kiosk's proof that it used the same code in the same run."""

    run_id: LongId
    kiosk_tag: Key32


class PairingConfirmed(Message, frozen=True, kw_only=True):
    """The server's proof and the result: a :class:`PairingResult` encrypted under the run's key, base64url."""

    server_tag: Key32
    result: Annotated[str, Meta(max_length=MAX_BODY_BYTES)]


class SiteConfiguration(Message, frozen=True, kw_only=True):
    """What a kiosk must know of its site. ``unknown_visit`` is the policy for visits it never heard of."""

    tenant_id: LongId
    tenant_name: Name
    site_id: ShortId
    site_name: Name
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)]
    languages: tuple[str, ...]
    brand_colour: Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$", max_length=7)]
    unknown_visit: Literal["ask", "admit"]
    greatest_feed_age_s: Annotated[int, Meta(ge=60)] | None
    """After this many seconds without a feed the kiosk asks reception; None: no such limit."""


class PairingResult(Message, frozen=True, kw_only=True):
    """All that a kiosk needs to work alone from now on."""

    device_id: LongId
    device_token: Annotated[str, Meta(max_length=4096)]
    root: Envelope
    bundle: Envelope
    ca_certificate: Annotated[str, Meta(max_length=16384)] | None
    configuration: SiteConfiguration
    server_time_ms: NotNegative


# ── trust and time ───────────────────────────────────────────────────────────────────────────────────────────────────


class TrustAnswer(Message, frozen=True, kw_only=True):
    """The newest root and bundle (GET /kiosk/trust), and the roots before it, oldest first."""

    root: Envelope
    bundle: Envelope
    earlier_roots: Annotated[tuple[Envelope, ...], Meta(max_length=MAX_EARLIER_ROOTS)] = ()


class TimeQuestion(Message, frozen=True, kw_only=True):
    """A fresh nonce (POST /kiosk/time); the answer is an :class:`Envelope` of a signed time statement."""

    nonce: LongId


# ── visits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class SealedDetails(Message, frozen=True, kw_only=True):
    """Visit details only the token's holder can open: nonce ‖ ciphertext each, in base64url."""

    wrapped_key: Annotated[str, Meta(max_length=128)]
    details: Annotated[str, Meta(max_length=16384)]


FeedState = Literal["expected", "cancelled", "superseded", "checked_in", "closed"]


class FeedEntry(Message, frozen=True, kw_only=True):
    """What the site's kiosks may know of one visit: its digest, live revision, state and sealed details."""

    digest: Key32
    rev: Annotated[int, Meta(ge=0, le=99)]
    edit: NotNegative
    state: FeedState
    exp: NotNegative
    sealed: SealedDetails | None


class FeedPage(Message, frozen=True, kw_only=True):
    """Changes after a cursor (GET /kiosk/visits?epoch=…&cursor=…). Another epoch means: forget and fetch again."""

    epoch: LongId
    cursor: NotNegative
    more: bool
    entries: Annotated[tuple[FeedEntry, ...], Meta(max_length=MAX_FEED_ENTRIES)]


class ClaimQuestion(Message, frozen=True, kw_only=True):
    """May I admit this one? (POST /kiosk/claims)."""

    check_in_id: CheckInIdText
    token: TokenText


ClaimOutcome = Literal["granted", "taken", "cancelled", "superseded", "refused"]


class ClaimAnswer(Message, frozen=True, kw_only=True):
    """A lease of two minutes, or why not. ``entry`` comes with ``granted``, for visits the kiosk never heard of."""

    outcome: ClaimOutcome
    lease_until: NotNegative | None = None
    entry: FeedEntry | None = None


# ── check-ins ────────────────────────────────────────────────────────────────────────────────────────────────────────


class OutboxEntry(Message, frozen=True, kw_only=True):
    """One sealed item. ``hash`` is SHA-256 of the sealed bytes, ``chain`` SHA-256(previous chain ‖ hash)."""

    check_in_id: CheckInIdText
    sequence: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    hash: Key32
    chain: Key32
    seal_kid: KeyIdText
    sealed: SealedText


class Batch(Message, frozen=True, kw_only=True):
    """Items of one chain in order of their sequence (POST /kiosk/check-ins)."""

    chain_id: LongId
    entries: Annotated[tuple[OutboxEntry, ...], Meta(min_length=1, max_length=MAX_BATCH_ENTRIES)]


class ItemAnswer(Message, frozen=True, kw_only=True):
    """What became of one item. ``code`` says why for ``rejected`` and ``conflict``."""

    check_in_id: CheckInIdText
    outcome: Literal["accepted", "conflict", "rejected"]
    code: str | None = None
    replayed: bool = False


class BatchAnswer(Message, frozen=True, kw_only=True):
    """One answer per item, and the highest sequence the server holds without a gap for this chain."""

    results: tuple[ItemAnswer, ...]
    acknowledged_sequence: NotNegative


class HandedOver(Message, frozen=True, kw_only=True):
    """What became of one item of a former pairing: both words mean that the server holds these very bytes."""

    check_in_id: CheckInIdText
    outcome: Literal["accepted", "replayed"]


class HandoverAnswer(Message, frozen=True, kw_only=True):
    """One answer per item (POST /kiosk/handover)."""

    results: tuple[HandedOver, ...]


# ── health and credentials ───────────────────────────────────────────────────────────────────────────────────────────


class Heartbeat(Message, frozen=True, kw_only=True):
    """How a kiosk is (POST /kiosk/heartbeat, answered with an empty object). Nothing in it is about a person."""

    app_version: Annotated[str, Meta(max_length=32)]
    waiting: NotNegative
    parked: NotNegative
    oldest_waiting_ms: NotNegative | None
    clock: Literal["sure", "plausible", "suspect"]
    trust_version: NotNegative
    trust_issued_at: NotNegative
    feed_at_ms: NotNegative | None
    """When the feed was last read to its end, by the kiosk's estimate."""
    camera: Annotated[str, Meta(pattern=r"^(ok|off|CAM-[0-9]{1,2})$", max_length=8)]
    token_expires: NotNegative


class HeartbeatTaken(Message, frozen=True, kw_only=True):
    """The empty object that answers a heartbeat."""


class RenewedToken(Message, frozen=True, kw_only=True):
    """A new device token for the same device and key (POST /kiosk/token). The old one works 24 h more."""

    device_token: Annotated[str, Meta(max_length=4096)]


class RevokedBody(Message, frozen=True, kw_only=True):
    """The 401 a revoked kiosk gets on every request: only this, signed, makes it erase anything."""

    error: Literal["device_revoked"]
    message: str
    revocation: Envelope


M = TypeVar("M")


def encode(message: Message) -> bytes:
    """Return the JSON bytes of ``message``."""
    return msgspec.json.encode(message)


def decode(data: bytes, kind: type[M]) -> M:
    """Return ``data`` read as ``kind``.

    Raises:
        EncodingError: ``too_large`` over 1 MiB, ``not_json``, or ``wrong_shape``.
    """
    if len(data) > MAX_BODY_BYTES:
        raise EncodingError("too_large")
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError:
        raise EncodingError("wrong_shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise EncodingError("not_json") from None
