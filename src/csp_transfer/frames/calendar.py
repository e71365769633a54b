"""Days as numbers, so that a whole column can be reckoned with: from 1970-01-01 on, months stepped from an anchor.

The one thing that is stated again here, since no engine has the calendar of `spans`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from .tables import all_of

__all__ = ["EPOCH", "FAR", "first_days", "months_of", "number", "short_before"]

EPOCH: Final = date(1970, 1, 1)
# A year that begins with March has its leap day last: then the days before a month depend on the month alone.
_FROM_MARCH: Final = EPOCH.toordinal() + 305
_FEBRUARY = 11
_29TH, _31ST = 29 - 1, 31 - 1  # days of a month count from 0
_CYCLE: Final = 146_097
"""Days in 400 years."""

Step = Callable[[list[Any]], list[Any]]
"""Notes what is used more than once, so that no engine works it out twice."""


def number(day: date) -> int:
    """Return the number of a day.

    >>> number(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


FAR: Final = number(date.max)
"""A day that never comes."""


def months_of(days: list[Any], step: Step) -> tuple[list[Any], list[Any]]:
    """Return in which month each day lies, from March of year 0 on, and which day of it it is, from 0 on."""
    since = step([day + _FROM_MARCH for day in days])
    cycles = step([day // _CYCLE for day in since])
    in_cycle = step([day - cycle * _CYCLE for day, cycle in zip(since, cycles, strict=True)])
    years = step([(day - day // 1460 + day // 36_524 - day // 146_096) // 365 for day in in_cycle])
    in_year = step(
        [day - (365 * year + year // 4 - year // 100) for day, year in zip(in_cycle, years, strict=True)]
    )
    months = step([(5 * day + 2) // 153 for day in in_year])
    return (
        step([(c * 400 + y) * 12 + m for c, y, m in zip(cycles, years, months, strict=True)]),
        step([day - (153 * month + 2) // 5 for day, month in zip(in_year, months, strict=True)]),
    )


def first_days(months: list[Any], step: Step) -> list[Any]:
    """Return the first day of each month."""
    years = step([month // 12 for month in months])
    before = [(153 * (month - year * 12) + 2) // 5 for month, year in zip(months, years, strict=True)]
    return step(
        [
            365 * year + year // 4 - year // 100 + year // 400 + days - _FROM_MARCH
            for year, days in zip(years, before, strict=True)
        ]
    )


def short_before(months: Any, day: Any, length: Any, pick: Callable[..., Any]) -> Any:
    """Return how many terms before a month the last one began in a month without that day; FAR: never.

    The day is the 29th or a later one; terms are of 1 month, or of a year or more. One or three years before a leap
    year there is none. By months, the last February may be that of a leap year; the one before it is not.
    """
    years = months // 12
    month = months - years * 12
    leap_year = (years // 4 * 4 == years) & ((years // 100 * 100 != years) | (years // 400 * 400 == years))
    since_february = month + 1
    return pick(
        (all_of(length > 1, day == _29TH, month == _FEBRUARY), 1),
        (length > 1, FAR),
        # Where the month before has that day, too, the one before that has not, and the first term ended before it.
        (day == _31ST, 1),
        (all_of(day == _29TH, leap_year), since_february + 12),
        otherwise=since_february,
    )
