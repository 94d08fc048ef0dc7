"""What kiosks say about themselves once a minute: kept as the newest word of each, no history."""

from datetime import datetime

from kiosk_protocol.messages import Heartbeat, HeartbeatTaken
from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.records import DeviceHealth
from kiosk_server.domain.times import LAST_MS, from_milliseconds, from_seconds
from kiosk_server.services.devices import KioskPrincipal
from kiosk_server.services.house import House


def take_heartbeat(house: House, kiosk: KioskPrincipal, heartbeat: Heartbeat) -> HeartbeatTaken:
    """Keep what the kiosk says.

    Raises:
        BadRequestError: ``times``: a time no calendar has.
    """
    health = _health(heartbeat, house.now())
    with house.archive.of(kiosk.tenant) as records:
        records.devices.save_health(kiosk.device.id, health)
    return HeartbeatTaken()


def _health(heartbeat: Heartbeat, now: datetime) -> DeviceHealth:
    return DeviceHealth(
        received_at=now,
        app_version=heartbeat.app_version,
        waiting=heartbeat.waiting,
        parked=heartbeat.parked,
        oldest_waiting_at=_moment_of_ms(heartbeat.oldest_waiting_ms),
        clock=heartbeat.clock,
        trust_version=heartbeat.trust_version,
        trust_issued_at=_moment(heartbeat.trust_issued_at),
        feed_at=_moment_of_ms(heartbeat.feed_at_ms),
        camera=heartbeat.camera,
        token_expires_at=_moment(heartbeat.token_expires),
    )


def _moment_of_ms(ms: int | None) -> datetime | None:
    if ms is not None and ms > LAST_MS:
        raise BadRequestError("times", "A time of this heartbeat is in no calendar.")
    return None if ms is None else from_milliseconds(ms)


def _moment(seconds: int) -> datetime:
    if seconds > LAST_MS // 1000:
        raise BadRequestError("times", "A time of this heartbeat is in no calendar.")
    return from_seconds(seconds)
