"""Rules about how kiosks are: from when one that says nothing counts as offline. Pure."""

from datetime import datetime, timedelta
from typing import Final

from kiosk_server.domain.records import Device

OFFLINE_AFTER: Final = timedelta(minutes=3)
"""A kiosk is heard of at least once a minute; two lost minutes are no reason to worry anybody."""


def last_contact(device: Device) -> datetime:
    """Return when the kiosk was last heard of; pairing counts."""
    return device.paired_at if device.last_seen_at is None else device.last_seen_at


def offline_since(device: Device, now: datetime) -> datetime | None:
    """Return since when the kiosk is offline, None where it is not or is nobody's any more."""
    heard = last_contact(device)
    return heard if device.revoked_at is None and now - heard > OFFLINE_AFTER else None
