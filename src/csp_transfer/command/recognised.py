"""Tables as they come, at the command: a frame of texts, and which of its columns are which facts."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..errors import CspTransferError
from ..facts import Kind
from ..rules.terms import TERM_MONTHS
from ..spans import after, months_between
from .complaints import BadInput, complain
from .tables import Cells

if TYPE_CHECKING:
    from ..frames.cells import DayOrder
    from ..frames.mapping import ColumnMapping

__all__ = ["Recognised", "recognised"]

_HINT: Final = (
    "--column FACT=HEADER says which column a fact is read from, such as --column last_day=HEADER; "
    "--days says in which order days are written"
)


_NO_START: Final = (
    "an export without the first day of each term: "
    "add it as a column first_day (Partner Center's effectiveStartDate)"
)
_MOST_ROWS: Final = 3
_WHICH_END: Final = (
    "--column renewal_day=HEADER reads the column of ends as days on which terms renew, "
    "--column last_day=HEADER as the last days of terms"
)


class Recognised(NamedTuple):
    """A frame of texts, what made it, and how it is read."""

    frame: Any
    engine: str
    mapping: ColumnMapping


def recognised(file: str, table: Cells, options: argparse.Namespace) -> Recognised:
    """Return a table as a frame; what was recognised in it goes to standard error. Raises `BadInput`.

    Raises `MissingExtra` without the extra `frames`, or where there is nothing to make a frame with.
    """
    from ..frames.reading import frame_of
    from ..frames.recognising import recognise

    if not table.rows:
        raise BadInput(f"{file!r}: no rows; expected at least one")
    cells = {
        name: [row[n] or None for row in table.rows.values()] for n, name in enumerate(table.header) if name
    }
    engine = "pyarrow" if find_spec("polars") is None else "polars"
    frame = frame_of(cells, dict.fromkeys(cells, Kind.NAME), engine)
    try:
        mapping = recognise(frame, columns=_given(options.column), days=_order(options.days))
    except CspTransferError as error:
        said = [one["message"] for one in error.to_list(options.lang)]
        hints = [_HINT] if not any("'first_day'" in line for line in said) else [_NO_START, _HINT]
        raise BadInput(*(f"{file!r}: {line}" for line in said), *hints) from None
    if renewing := _renewal_days(table, mapping):
        raise BadInput(*(f"{file!r}: {line}" for line in renewing[:_MOST_ROWS]), _WHICH_END)
    complain(mapping.to_text(options.lang).splitlines(), options.lang)
    return Recognised(frame, engine, mapping)


def _renewal_days(table: Cells, mapping: ColumnMapping) -> tuple[str, ...]:
    """Return the rows whose last day lies exactly a term after the first, as the day of a renewal does (UTC-001).

    None where somebody has said what the column holds, nor where more rows have an end that is a last day as terms of
    such a length have it.
    """
    read = {column.fact: column for column in mapping.columns}
    ends, starts = read.get("last_day"), read.get("first_day", read.get("start_day"))
    if ends is None or starts is None or ends.given:
        return ()
    renewing, lasting = list[str](), 0
    for n, cells in table.rows.items():
        texts = {column.fact: cells[table.header.index(column.source)] for column in (starts, ends)}
        first_day, last_day = (_day(texts[column.fact], column.days) for column in (starts, ends))
        if first_day is None or last_day is None:
            continue
        lasting += months_between(first_day, after(last_day)) in TERM_MONTHS
        if last_day.day == first_day.day and months_between(first_day, last_day) in TERM_MONTHS:
            renewing.append(
                f"row {n}: {ends.source}: {texts['last_day']!r}; expected the last day of a term, not the day on which "
                f"it renews: it is a whole term after {texts[starts.fact]!r}"
            )
    return tuple(renewing) if len(renewing) > lasting else ()


def _day(text: str, order: DayOrder | None) -> date | None:
    from ..frames.cells import READ, tidy

    day: date | None = READ[Kind.DAY].read(tidy(text), order)
    return day


def _given(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    given = dict(pairs)
    if len(given) < len(pairs):
        facts = [fact for fact, _ in pairs]
        twice = next(fact for fact in facts if facts.count(fact) > 1)
        raise BadInput(f"--column: {twice!r} twice; expected one column for each fact")
    return given


def _order(days: str | None) -> Any:
    from ..frames.cells import DayOrder

    return {None: None, "day-first": DayOrder.DAY_FIRST, "month-first": DayOrder.MONTH_FIRST}[days]
