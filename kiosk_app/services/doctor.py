"""What is well with a kiosk and what is not: findings from facts. Facts come from ``bootstrap.probes``.

The same findings stand on the staff's page and in the terminal (``atrium-kiosk doctor``). No fact holds personal data.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final

from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.health import Finding, HealthCode
from kiosk_app.core.key_protection import KeyProtection
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.trust_age import TrustStanding

LOW_DISK_MB: Final = 500
"""The store of a busy site grows by some 5 MB a day, logs by as much: time to look."""
FULL_DISK_MB: Final = 50
"""SQLite needs room for its log beside the store before it can write anything at all."""
_MB: Final = 1_000_000
_HOUR_S: Final = 3600


class CameraFact(Enum):
    """What is known of a camera that is in no trouble."""

    GIVES_PICTURES = auto()
    IN_USE = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class PairedFacts:
    """What only a paired kiosk has."""

    trust: TrustStanding
    trust_age_s: int
    key: StaffCode | None
    """Why the device key cannot be read."""
    key_is_ours: bool
    protection: KeyProtection = KeyProtection.FILE


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """The way to the server. ``reached`` is None where nobody has asked."""

    reached: bool | None = None
    since_ms: int | None = None
    """When it was judged so first, ms since 1970."""
    cause: StaffCode = StaffCode.SERVER_UNREACHABLE


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the doctor asks about, as the probes found it."""

    now_ms: int
    clock: ClockStanding
    camera: CameraFact | StaffCode
    paired: PairedFacts | None = None
    link: LinkFacts = field(default_factory=LinkFacts)
    store: StaffCode | None = None
    """Why the store cannot be read."""
    queue: QueueState = field(default_factory=QueueState)
    free_bytes: int | None = None
    missing_fonts: int = 0
    has_second_reader: bool = True
    version: str = ""


def examine(facts: Facts) -> tuple[Finding, ...]:
    """Return one finding for each subject, in the order of ``Subject``."""
    return (
        _pairing(facts),
        _camera(facts.camera),
        _network(facts),
        _clock(facts),
        _keys(facts.paired),
        _trust(facts.paired),
        _queue(facts),
        _disk(facts.free_bytes),
        _fonts(facts.missing_fonts),
        Finding(HealthCode.READER_THERE if facts.has_second_reader else HealthCode.READER_MISSING),
        Finding(HealthCode.VERSION, detail=facts.version),
    )


def _pairing(facts: Facts) -> Finding:
    if facts.store is not None:
        return Finding(HealthCode.STORE_TROUBLE, facts.store)
    return Finding(HealthCode.UNPAIRED if facts.paired is None else HealthCode.PAIRED)


def _camera(camera: CameraFact | StaffCode) -> Finding:
    match camera:
        case CameraFact.GIVES_PICTURES:
            return Finding(HealthCode.CAMERA_WELL)
        case CameraFact.IN_USE:
            return Finding(HealthCode.CAMERA_IN_USE)
        case CameraFact.NONE:
            return Finding(HealthCode.CAMERA_NONE)
        case StaffCode() as code:
            return Finding(HealthCode.CAMERA_TROUBLE, code)


def _network(facts: Facts) -> Finding:
    link = facts.link
    if link.reached is None:
        return Finding(HealthCode.NETWORK_UNKNOWN)
    if link.reached:
        return Finding(HealthCode.NETWORK_WELL)
    since_ms = facts.now_ms if link.since_ms is None else link.since_ms
    return Finding(HealthCode.NETWORK_DOWN, link.cause, since=_moment(since_ms))


def _clock(facts: Facts) -> Finding:
    if facts.paired is None and facts.clock is ClockStanding.SUSPECT:
        # A machine fresh from its box knows no time but that of the program's release; nobody is admitted anyway.
        return Finding(HealthCode.CLOCK_UNPROVEN)
    codes = {
        ClockStanding.SURE: HealthCode.CLOCK_SURE,
        ClockStanding.PLAUSIBLE: HealthCode.CLOCK_PLAUSIBLE,
        ClockStanding.SUSPECT: HealthCode.CLOCK_SUSPECT,
    }
    return Finding(codes[facts.clock])


def _keys(paired: PairedFacts | None) -> Finding:
    if paired is None:
        return Finding(HealthCode.KEYS_NONE_YET)
    if paired.key is not None:
        return Finding(HealthCode.KEYS_TROUBLE, paired.key)
    if not paired.key_is_ours:
        return Finding(HealthCode.KEYS_FOREIGN, StaffCode.STORE_FOREIGN)
    codes = {
        KeyProtection.CREDENTIAL: HealthCode.KEYS_BY_CREDENTIAL,
        KeyProtection.KEY_RING: HealthCode.KEYS_IN_KEY_RING,
        KeyProtection.FILE: HealthCode.KEYS_WELL,
    }
    return Finding(codes[paired.protection])


def _trust(paired: PairedFacts | None) -> Finding:
    if paired is None:
        return Finding(HealthCode.TRUST_NONE_YET)
    codes = {
        TrustStanding.FRESH: HealthCode.TRUST_FRESH,
        TrustStanding.OLD: HealthCode.TRUST_OLD,
        TrustStanding.EXPIRED: HealthCode.TRUST_EXPIRED,
    }
    return Finding(codes[paired.trust], count=max(0, paired.trust_age_s) // _HOUR_S)


def _queue(facts: Facts) -> Finding:
    queue = facts.queue
    if facts.store is not None:
        return Finding(HealthCode.QUEUE_UNKNOWN, facts.store)
    if queue.waiting:
        oldest_ms = facts.now_ms if queue.oldest_ms is None else queue.oldest_ms
        return Finding(HealthCode.QUEUE_WAITING, count=queue.waiting, since=_moment(oldest_ms))
    if queue.parked:
        return Finding(HealthCode.QUEUE_PARKED, count=queue.parked)
    return Finding(HealthCode.QUEUE_EMPTY)


def _disk(free_bytes: int | None) -> Finding:
    if free_bytes is None:
        return Finding(HealthCode.DISK_UNKNOWN)
    free_mb = free_bytes // _MB
    if free_mb < FULL_DISK_MB:
        return Finding(HealthCode.DISK_FULL, StaffCode.STORE_FULL, count=free_mb)
    return Finding(HealthCode.DISK_LOW if free_mb < LOW_DISK_MB else HealthCode.DISK_ROOMY, count=free_mb)


def _fonts(missing: int) -> Finding:
    return Finding(HealthCode.FONTS_MISSING, count=missing) if missing else Finding(HealthCode.FONTS_THERE)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
