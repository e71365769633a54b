"""Days and instants, UTC: whole days outside, half-open instants inside, months from an anchor.

The reader's time zone stands beside UTC days: it is always an argument, never the machine's own.

Every day lies between `EARLIEST` and `LATEST`, so that no rule can run off the end of the calendar.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from attrs import frozen

from .errors import InvalidType, InvalidValue
from .plain import Plain, accepts

__all__ = [
    "DURATIONS",
    "EARLIEST",
    "LATEST",
    "Days",
    "after",
    "check_day",
    "duration_months",
    "is_aware",
    "last_moment",
    "months_between",
    "nth_term_start",
    "starts_at",
    "utc_day",
    "utc_instant",
    "zone_of",
]

# Year 1 and year 9999 are how the service spells "none" and "never". Both bounds keep a century of room.
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(8999, 12, 31)

_SHORTEST: Final = 28  # days that every month has
DURATIONS: Final = {"P1M": 1, "P1Y": 12, "P3Y": 36}
"""The ISO 8601 durations of licence terms, and the months of each."""
_WANTED_DAY: Final = f"a date from {EARLIEST} to {LATEST}"


@accepts(pattern="^[2-8][0-9]{3}-[0-9]{2}-[0-9]{2}$")
def check_day(field: str, value: object) -> None:
    """Refuse anything but a plain `date` in range; a `datetime` is no day.

    >>> check_day("last_day", date(9999, 12, 31))
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: last_day: 9999-12-31; expected a date from 2000-01-01 \
to 8999-12-31
    """
    if type(value) is not date:
        raise InvalidType(field, value, f"{_WANTED_DAY}: a datetime.date, not {type(value).__name__}")
    if not EARLIEST <= value <= LATEST:
        raise InvalidValue(field, value, _WANTED_DAY)


def is_aware(value: datetime) -> bool:
    """Tell whether a datetime is an instant: it has a zone, and is not the "no time" of another package (`NaT`)."""
    try:
        return value.utcoffset() is not None
    except ValueError:  # what stands for no time has no answer
        return False


def utc_day(field: str, value: object) -> date:
    """Return the UTC day that a day, or an aware instant of any zone, falls on.

    >>> from datetime import timedelta, timezone
    >>> tokyo = timezone(timedelta(hours=9))
    >>> utc_day("as_of", datetime(2026, 4, 1, 8, 59, tzinfo=tokyo))
    datetime.date(2026, 3, 31)
    """
    if type(value) is date and EARLIEST <= value <= LATEST:  # nearly always
        return value
    if isinstance(value, datetime):
        if not is_aware(value):
            raise InvalidValue(field, value, "a date, or a datetime with a time zone")
        try:
            value = value.astimezone(UTC).date()
        except OverflowError:
            raise InvalidValue(field, value, _WANTED_DAY) from None
    check_day(field, value)
    assert isinstance(value, date)  # noqa: S101 - check_day has just said so
    return value


def utc_instant(value: date) -> datetime | None:
    """Return an aware instant of any zone in UTC; None for a day, which is no instant.

    >>> utc_instant(datetime(2026, 4, 1, 8, 59, tzinfo=UTC)).isoformat(), utc_instant(date(2026, 4, 1))
    ('2026-04-01T08:59:00+00:00', None)
    """
    if not isinstance(value, datetime):
        return None
    value = value.astimezone(UTC)
    return datetime.combine(value.date(), value.time(), UTC)  # also of the classes that tables have


def starts_at(day: date) -> datetime:
    """Return the first instant of a day, UTC.

    >>> starts_at(date(2026, 4, 1)).isoformat()
    '2026-04-01T00:00:00+00:00'
    """
    return datetime.combine(day, time.min, UTC)


def after(day: date, days: int = 1) -> date:
    """Return the day that many days later.

    >>> after(date(2026, 3, 31), 30)
    datetime.date(2026, 4, 30)
    """
    return date.fromordinal(day.toordinal() + days)


def duration_months(field: str, value: object) -> int:
    """Return the months in an ISO 8601 duration that licence terms use: P1M, P1Y or P3Y.

    >>> duration_months("duration", "P1Y")
    12
    """
    if not isinstance(value, str):
        raise InvalidType(field, value, "P1M, P1Y or P3Y")
    try:
        return DURATIONS[value]
    except KeyError:
        raise InvalidValue(field, value, "P1M, P1Y or P3Y") from None


def nth_term_start(anchor: date, months: int, n: int = 1) -> date:
    """Return the first day of the n-th term after the anchor's: always counted from the anchor, clamped once.

    >>> nth_term_start(date(2023, 1, 31), 1), nth_term_start(date(2023, 1, 31), 1, 2)
    (datetime.date(2023, 2, 28), datetime.date(2023, 3, 31))
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months * n, 12)
    try:
        return date(year, month + 1, anchor.day)
    except ValueError:  # the month has no such day
        return date(year, month + 1, monthrange(year, month + 1)[1])


def months_between(anchor: date, day: date) -> int | None:
    """Return how many months from the anchor lead to that very day, or None if none do.

    >>> months_between(date(2023, 1, 31), date(2023, 2, 28)), months_between(date(2023, 1, 31), date(2023, 2, 27))
    (1, None)
    """
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    clamped = anchor.day > day.day >= _SHORTEST and day.day == monthrange(day.year, day.month)[1]
    return months if clamped or day.day == anchor.day else None


@frozen(kw_only=True)
class Days(Plain):
    """A run of whole UTC days, first and last inclusive; as instants the half-open `[opens_at, closes_at)`.

    >>> march = Days(first_day=date(2026, 3, 1), last_day=date(2026, 3, 31))
    >>> march.closes_at.isoformat(), date(2026, 3, 31) in march, date(2026, 4, 1) in march
    ('2026-04-01T00:00:00+00:00', True, False)
    """

    first_day: date
    last_day: date

    def __attrs_post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise InvalidValue("last_day", self.last_day, f"a day not before first_day, {self.first_day}")

    @property
    def opens_at(self) -> datetime:
        """The first instant inside, UTC."""
        return starts_at(self.first_day)

    @property
    def closes_at(self) -> datetime:
        """The first instant that is outside again, UTC: the midnight after the last day."""
        return starts_at(after(self.last_day))

    def __contains__(self, when: object) -> bool:
        return self.first_day <= utc_day("when", when) <= self.last_day

    def __len__(self) -> int:
        return (self.last_day - self.first_day).days + 1

    def days_left(self, as_of: date) -> int:
        """Return how many of these days are left, the day of `as_of` itself included: all before, 0 after.

        >>> Days(first_day=date(2026, 4, 1), last_day=date(2026, 4, 30)).days_left(date(2026, 4, 30))
        1
        """
        today = max(utc_day("as_of", as_of), self.first_day)
        return max(0, (self.last_day - today).days + 1)


_A_ZONE: Final = "the name of a time zone, such as 'Asia/Tokyo', or a tzinfo"


def zone_of(tz: str | tzinfo | None) -> tzinfo | None:
    """Return the zone of that name; a zone as it is; None where none is asked for.

    Raises `InvalidValue` for a name that is not known here, and for a zone that does not know how far it is from UTC;
    `InvalidType` for anything else.

    >>> zone_of("Asia/Tokio")
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: tz: 'Asia/Tokio'; expected the name of a time zone, such as 'Asia/Tokyo', \
or a tzinfo
    """
    if tz is None:
        return None
    if isinstance(tz, str):
        from zoneinfo import ZoneInfo  # few ask for one

        try:
            return ZoneInfo(tz)
        except (KeyError, ValueError, OSError):  # no such zone; not the name of one; a folder of zones
            raise InvalidValue("tz", tz, _A_ZONE) from None
    if not isinstance(tz, tzinfo):
        raise InvalidType("tz", tz, _A_ZONE)
    if starts_at(EARLIEST).replace(tzinfo=tz).utcoffset() is None:
        raise InvalidValue("tz", tz, "a zone that knows how far it is from UTC")
    return tz


def last_moment(day: date, zone: tzinfo) -> str:
    """Return until when a UTC day lasts, in a zone: a day and a time of day, to the minute.

    >>> from datetime import timedelta, timezone
    >>> last_moment(date(2026, 2, 18), timezone(timedelta(hours=9)))
    '2026-02-19 09:00'
    """
    return f"{starts_at(after(day)).astimezone(zone):%Y-%m-%d %H:%M}"
