"""Between the wire's whole seconds and milliseconds and the datetimes inside; exact, by integer arithmetic."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: later ones no datetime can hold."""


def to_seconds(moment: datetime) -> int:
    """Return whole seconds since 1970, rounded down."""
    return (moment - EPOCH) // timedelta(seconds=1)


def to_milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970, rounded down."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_seconds(seconds: int) -> datetime:
    """Return the moment ``seconds`` after the start of 1970."""
    return EPOCH + timedelta(seconds=seconds)


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the moment ``milliseconds`` after the start of 1970; at most :data:`LAST_MS`."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def whole_second(moment: datetime) -> datetime:
    """Return ``moment`` in UTC without its fraction: tokens know whole seconds only."""
    return moment.astimezone(UTC).replace(microsecond=0)


def rfc3339(moment: datetime | None) -> str | None:
    """Return ``moment`` in UTC as people and programs read it, milliseconds only where there are some."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace(".000+00:00", "Z").replace("+00:00", "Z")
