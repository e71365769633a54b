"""The reader's time zone, beside UTC days: always an argument, never the machine's own."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import Final

from .errors import InvalidType, InvalidValue
from .spans import EARLIEST, after, starts_at

__all__ = ["last_moment", "zone_of"]

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
