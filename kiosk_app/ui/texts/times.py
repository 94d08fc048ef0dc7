"""Times as people read them: in the site's zone, 24 hours, the date only where it is another day. Pure."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk_app.ui.texts.catalogue import Catalogue
from kiosk_app.ui.texts.keys import Say


def zone_of(name: str) -> tzinfo:
    """Return the IANA zone, or UTC where the name or the machine's zone files are missing; times then say UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def clock_time(moment: datetime, zone: tzinfo) -> str:
    """Return ``14:02`` in ``zone`` for an aware moment."""
    text = moment.astimezone(zone).strftime("%H:%M")
    return f"{text} UTC" if zone is UTC else text


def day_of(moment: datetime, zone: tzinfo, catalogue: Catalogue) -> str:
    """Return the date in words, without the year."""
    local = moment.astimezone(zone)
    weekday, month = catalogue.weekdays[local.weekday()], catalogue.months[local.month - 1]
    return catalogue.date.format(weekday=weekday, day=local.day, month=month)


def since_when(moment: datetime, now: datetime, zone: tzinfo, catalogue: Catalogue) -> str:
    """Return the time, with the date before it where it was another day."""
    time = clock_time(moment, zone)
    if moment.astimezone(zone).date() == now.astimezone(zone).date():
        return time
    return f"{day_of(moment, zone, catalogue)}, {time}"


def come_back(opens_at: datetime, now: datetime, zone: tzinfo, catalogue: Catalogue) -> str:
    """Return the sentence that says when an early visitor's code will work."""
    time = clock_time(opens_at, zone)
    if opens_at.astimezone(zone).date() == now.astimezone(zone).date():
        return catalogue.say(Say.COME_BACK_AT, time=time)
    return catalogue.say(Say.COME_BACK_ON, date=day_of(opens_at, zone, catalogue), time=time)
