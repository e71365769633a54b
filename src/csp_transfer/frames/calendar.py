"""Days as numbers, so that a whole column can be reckoned with: from 1970-01-01 on, months stepped from an anchor.

The one thing that is stated again here, since no engine has the calendar of `days`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from .tables import all_of, any_of, negated

__all__ = ["EPOCH", "FAR", "FEBRUARY", "first_days", "last_in_all", "months_of", "number"]

EPOCH: Final = date(1970, 1, 1)
# A year that begins with March has its leap day last: then the days before a month depend on the month alone.
_FROM_MARCH: Final = EPOCH.toordinal() + 305
FEBRUARY: Final = 11
_28TH, _29TH, _31ST = 28 - 1, 29 - 1, 31 - 1  # days of a month count from 0
_SHORTER: Final = (1, 3, 6, 8)
"""April, June, September and November, which have no 31st."""
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


def last_in_all(months: Any, count: Any, pick: Callable[..., Any]) -> Any:
    """Return the last day that each of so many months has, of which `months` is the last; days count from 0."""
    month = months % 12
    february = (month + 1) % 12  # how many months ago
    year = (months - february) // 12 + 1
    leap_year = (year // 4 * 4 == year) & ((year // 100 * 100 != year) | (year // 400 * 400 == year))
    # Of two Februaries in a row, one at least is short.
    short = any_of(all_of(february < count, negated(leap_year)), february + 12 < count)
    before = (months - 1) % 12
    shorter = any_of(count > 2, one_among(month, _SHORTER), all_of(count > 1, one_among(before, _SHORTER)))
    return pick((short, _28TH), (february < count, _29TH), (shorter, _31ST - 1), otherwise=_31ST)


def one_among(value: Any, numbers: tuple[int, ...]) -> Any:
    """Return when a number is one of those."""
    return any_of(*(value == number for number in numbers))
