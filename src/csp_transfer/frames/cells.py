"""What a text in a cell stands for, as files write days, numbers and flags. Of two readings none is chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from unicodedata import normalize

from ..checks import MOST
from ..days import EARLIEST
from ..facts import Kind
from ..plain import Word

__all__ = ["READ", "DayOrder", "Ordered", "TextRead", "order_of", "tidy"]


class DayOrder(Word):
    """In which order a column of texts has day and month where the year comes last, as in 03/04/2026."""

    DAY_FIRST = "day/month/year"
    MONTH_FIRST = "month/day/year"


_BAD_DAY: Final = EARLIEST - timedelta(days=1)
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日"
)
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_NAMED: Final = re.compile(r"(\d{1,2})[- ]([a-z]{3,9})\.?,?[- ](\d{4})|([a-z]{3,9})\.? (\d{1,2}),? (\d{4})")
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_MONTH_OF: Final = {
    name: n
    for n, whole in enumerate(_MONTHS, 1)
    for name in (whole, whole[:3], "sept" if n == _MONTHS.index("september") + 1 else whole)
}
_SHORTEST_DAY: Final = len("1/1/2026")
_TIME: Final = re.compile(
    r"[t ] ?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?: ?(am|pm))?(?: ?(z|utc|[+-]\d\d:?\d\d))?$"
)
_NOON: Final = 12


def tidy(text: str) -> str:
    """Return a text as it is compared: without blanks around it, in small letters, each character in one width.

    >>> tidy("　２０２６／３／３１ ")
    '2026/3/31'
    """
    return " ".join(normalize("NFKC", text).split()).lower()


def _day(text: str, order: DayOrder | None) -> date | None:
    """Return the day that a text spells; None for any other, and for one that needs an order and has none."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = [part for part in found.groups() if part is not None and part.isdigit()]
    elif found := _YEAR_LAST.fullmatch(text):
        if order is None and found[1].zfill(2) != found[3].zfill(2):
            return None
        day, month, year = found[1], found[3], found[4]
        if order is DayOrder.MONTH_FIRST:
            day, month = month, day
    elif found := _NAMED.fullmatch(text):
        named, day = found[2] or found[4], found[1] or found[5]
        month, year = str(_MONTH_OF.get(named, 0)), found[3] or found[6]
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _moment(text: str, order: DayOrder | None) -> tuple[date | datetime | None, bool]:
    """Return the day, or the time with or without a zone, that a text spells; and whether it has a time at all."""
    found = _TIME.search(text, min(len(text), _SHORTEST_DAY - 1))
    day = _day(text[: found.start()].strip() if found else text, order)
    if day is None or found is None:
        return day, False
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[5]:
        if not 1 <= hour <= _NOON:
            return None, True
        hour = hour % _NOON + (_NOON if found[5] == "pm" else 0)
    try:
        clock = time(hour, minute, second, int((found[4] or "").ljust(6, "0")[:6]))
        moment = datetime.combine(day, clock)
        if found[6] in ("z", "utc"):
            moment = moment.replace(tzinfo=UTC)
        elif found[6]:
            moment = datetime.fromisoformat(f"{moment.isoformat()}{found[6]}").astimezone(UTC)
    except (OverflowError, ValueError):
        return None, True
    return moment, True


def _as_day(text: str, order: DayOrder | None) -> date | None:
    moment, timed = _moment(text, order)
    if moment is None or not timed:
        return moment
    assert isinstance(moment, datetime)  # noqa: S101 - it has a time
    return moment.date() if moment.time() == time.min else None


def _as_instant(text: str, order: DayOrder | None) -> datetime | None:
    moment, _ = _moment(text, order)
    return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None


def _as_count(text: str, _: DayOrder | None) -> int | None:
    return min(int(text), MOST + 1) if text.isdecimal() else None


class TextRead(NamedTuple):
    """How texts become what a column of a kind holds: what reads one, and what stands for one that it cannot read."""

    read: Callable[[str, DayOrder | None], Any]
    """It takes what `tidy` returns, and returns None for what it does not read."""
    refused: Any


READ: Final[Mapping[Kind, TextRead]] = {
    Kind.COUNT: TextRead(_as_count, -1),
    Kind.DAY: TextRead(_as_day, _BAD_DAY),
    Kind.INSTANT: TextRead(_as_instant, datetime.combine(_BAD_DAY, time.min, UTC)),
}


class Ordered(NamedTuple):
    """What the texts of a column say of the order of day and month: those that decide it, or that leave it open."""

    day_first: str | None = None
    """The first text that has the day first for certain, such as 31/03/2026."""
    month_first: str | None = None
    either: str | None = None
    """The first text that may be either."""

    @property
    def order(self) -> DayOrder | None:
        """The order, where texts decide it and agree."""
        if (self.day_first is None) == (self.month_first is None):
            return None
        return DayOrder.DAY_FIRST if self.month_first is None else DayOrder.MONTH_FIRST

    @property
    def decided_by(self) -> str | None:
        """The text that decides the order."""
        return None if self.order is None else self.day_first or self.month_first


def order_of(texts: Iterable[str]) -> Ordered:
    """Return what texts say of the order of day and month.

    >>> order_of(["03/04/2026", "3/31/2026"]).order, order_of(["03/04/2026", "2026-03-31"]).order
    (<DayOrder.MONTH_FIRST: 'month/day/year'>, None)
    """
    found: dict[str, str] = {}
    for text in texts:
        read = {order: _moment(tidy(text), order)[0] for order in DayOrder}
        days, months = read.values()
        if days != months:
            said = "either" if days and months else "day_first" if days else "month_first"
            found.setdefault(said, text)
    return Ordered(**found)
