"""Time as a dependency: the only place that asks the machine what time it is."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")
"""The calendar of every screen and rule: China has one time zone and no summer time."""

Clock = Callable[[], datetime]
"""A clock returns the present moment, aware, in UTC, with microseconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


EARLIEST, LATEST = datetime(1921, 1, 1, tzinfo=CHINA), datetime(2200, 1, 1, tzinfo=CHINA)
"""The moments that may be asked about; what lies far outside overflows a calendar somewhere."""


def system_clock() -> datetime:
    """Return the machine's present moment in UTC."""
    return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    """Return whole microseconds since 1970-01-01T00:00Z; exact, unlike ``datetime.timestamp``.

    Raises:
        ValueError: the moment carries no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the UTC moment that many microseconds after 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(microseconds=micros)


def day_in_china(moment: datetime) -> date:
    """Return the calendar day in China on which the moment falls."""
    return moment.astimezone(CHINA).date()


def start_of_day(day: date) -> datetime:
    """Return the first moment of a calendar day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)
