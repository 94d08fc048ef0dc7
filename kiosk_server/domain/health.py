"""Rules about paired kiosks: when a silent one counts as offline, and which of its tokens count. Pure."""

from datetime import datetime, timedelta
from typing import Final

from kiosk_server.domain.records import Device

OFFLINE_AFTER: Final = timedelta(minutes=3)
"""A kiosk is heard of at least once a minute; two lost minutes are no reason to worry anybody."""
SEEN_SHARE: Final = 3
"""A contact is noted when the last one is older than this part of the silence that counts: not with every request."""
OVERLAP: Final = timedelta(hours=24)
"""How long a renewed token's predecessor counts after the first request with its successor."""


def last_contact(device: Device) -> datetime:
    """Return when the kiosk was last heard of; pairing counts."""
    return device.paired_at if device.last_seen_at is None else device.last_seen_at


def offline_since(device: Device, now: datetime, after: timedelta = OFFLINE_AFTER) -> datetime | None:
    """Return since when the kiosk is offline, None where it is not or is nobody's any more."""
    heard = last_contact(device)
    return heard if device.revoked_at is None and now - heard > after else None


def is_worth_noting(device: Device, now: datetime, after: timedelta = OFFLINE_AFTER) -> bool:
    """Whether a contact ``now`` should be noted, so that a kiosk that calls all the time never looks silent."""
    return device.last_seen_at is None or now - device.last_seen_at >= after / SEEN_SHARE


def standing(device: Device, now: datetime, after: timedelta = OFFLINE_AFTER) -> tuple[object, ...]:
    """Return how the kiosk is, in a value that is another one only when people should look again.

    When it was last heard of and its oldest waiting item are no part of it: those move with every heartbeat of a
    healthy kiosk. Silence is: what turns a kiosk offline is that nothing comes.
    """
    said = device.health
    is_offline = offline_since(device, now, after) is not None
    known = (device.id, device.name, device.revoked_at, device.token_expires_at, device.gap, device.fork, is_offline)
    if said is None:
        return known
    return (*known, said.waiting, said.parked, said.clock, said.camera, said.trust_issued_at, said.app_version)


def token_counts(device: Device, token_id: str, now: datetime) -> bool:
    """Whether this is the device's token, or the one before it in its time.

    A successor that was never used may never have arrived: until it is, its predecessor counts as long as it lives.
    """
    if token_id == device.token_id:
        return True
    until = device.previous_token_until
    return token_id == device.previous_token_id and (until is None or now < until)


def grace_begins(device: Device, token_id: str) -> bool:
    """Whether this is the first request with a renewed token."""
    is_renewed = device.previous_token_id is not None and device.previous_token_until is None
    return is_renewed and token_id == device.token_id
