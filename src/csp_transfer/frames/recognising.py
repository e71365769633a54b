"""Tables as they come: which of their columns are which facts, and how their days are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import narwhals as nw

from .. import checks
from ..days import months_between
from ..errors import InvalidData, InvalidType, InvalidValue
from ..facts import rows_of
from ..plain import as_one, problems_in, raise_all
from ..rules.terms import TERM_MONTHS
from .assessing import as_frame
from .cells import READ, DayOrder, Ordered, order_of, tidy
from .columns import INPUTS, INSTEAD, OF_THE_CUSTOMER, SHOWN, START_DAY, TEXTS, Kind
from .facts import missing_column, told_twice, which_day, wrong_types
from .headers import named_by
from .mapping import ColumnMapping, MappedColumn, type_read
from .one_row import day_in
from .parts import arrow_columns, part_of, schema_of, some_columns

__all__ = ["recognise"]

_READ: Final = tuple(one for spec in INPUTS for one in (spec, INSTEAD.get(spec.name)) if one is not None)
_EVERY: Final = (*_READ, *SHOWN, *OF_THE_CUSTOMER)
_PRICE: Final = tuple(row.name for row in rows_of("subscription.price").values())
_TIMES: Final = (nw.Date, nw.Datetime)
_YEAR: Final = 12
_SHOWN_ROWS: Final = 3


def recognise(
    frame: object, *, columns: Mapping[str, str] | None = None, days: DayOrder | None = None
) -> ColumnMapping:
    """Return which columns of a frame are which facts, for `assess`, `values_of` and `portfolio_of` to read it by.

    A column is known by its header: the name of the fact, or what exports call it in English or Japanese, whatever
    its case and blanks. `columns` says it for others, by the names of the facts, and goes first. No fact is told from
    values. A price is read where amount, currency and cycle are all there.

    "End date" and its like name the last day in some exports, and in others the day after it, on which it renews. They
    are not guessed: `columns={"last_day": "End date"}` says the one, `columns={"renewal_day": "End date"}` the other.
    A header that says it itself, such as "Last day" or "Renewal date", goes before one that does not. A "Last day" that
    lies whole terms after the start is asked about all the same, with the ids of such rows: the term may renew on it
    (UTC-001). "Start date" may be that of an earlier term: it is read as `start_day`, from which no length is told,
    unless `columns` says that it is `first_day`.

    Texts are read as well: counts, words, "On" and "Yes", and days such as 2026-03-31, 2026年3月31日 and 31 Mar 2026.
    Where the year comes last, one cell of the column must decide what is day and what is month (31/03/2026), or
    `days` must say it: it is never guessed. Only for that, and for ends whole terms after a start, are cells looked at,
    and these columns of a lazy frame computed. `str()` of the result says all that was recognised.

    Raises `InvalidValue` or `InvalidType`, or `InvalidData` with everything that is wrong: a required fact without a
    column, naming one that comes near; an end that may be two days; two columns for one fact; a type that cannot be
    used; days in no clear order.
    DuckDB reads no texts as days and counts here: let its own reader do that. Source: none.

    >>> import polars as pl
    >>> export = pl.DataFrame({"Subscription ID": ["b"], "Offer ID": ["B"], "数量": [25], "Auto-renew": ["On"],
    ...                        "Start date": ["1/4/2025"], "End date": ["31/3/2026"], "Team": ["Osaka"]})
    >>> print(recognise(export, days=DayOrder.DAY_FIRST, columns={"last_day": "End date"}))
    Column           Fact        How it was recognised
    -------------------------------------------------------------------
    Subscription ID  id          by its header
    Offer ID         offer       by its header
    数量             quantity    by its header
    Start date       start_day   by its header; texts as day/month/year
    End date         last_day    as you said; texts as day/month/year
    Auto-renew       auto_renew  by its header
    Not read: Team
    """
    checks.optional(DayOrder.check)("days", days)
    native: Any = nw.to_native(frame, pass_through=True)
    asked = as_frame(part_of(native))
    own = list(asked.collect_schema().names())
    given = dict(columns or {})
    sources, wrong = _sources(own, given)
    try:
        schema = schema_of(asked, sources.values())
    except (InvalidData, InvalidType) as error:
        raise as_one((*wrong, *problems_in(error))) from None
    types = {spec: schema[sources[spec.name]] for spec in _EVERY if spec.name in sources}
    read = {spec: type_read(spec, dtype, asked.implementation) for spec, dtype in types.items()}
    wrong += wrong_types({sources[spec.name]: dtype for spec, dtype in read.items()}, sources, _EVERY)
    orders = {spec: Ordered() for spec in types}
    for spec, dtype in types.items():
        if days is None and read[spec] in _TIMES and dtype in TEXTS:
            orders[spec] = order_of(_texts(native, sources[spec.name]))
            wrong += _unclear(orders[spec], sources[spec.name])
    orders_of = {spec.name: days or order.order for spec, order in orders.items()}
    wrong += _whole_terms(native, sources, orders_of, given)
    raise_all(wrong)
    found = tuple(
        MappedColumn(
            fact=spec.name,
            source=sources[spec.name],
            days=days if read[spec] in _TIMES and types[spec] in TEXTS and days is not None else order.order,
            decided_by=order.decided_by,
            given=spec.name in given,
        )
        for spec, order in orders.items()
    )
    used = set(sources.values())
    return ColumnMapping(columns=found, unread=tuple(name for name in own if name not in used))


def _sources(
    own: list[str], given: Mapping[str, str]
) -> tuple[dict[str, str], list[InvalidType | InvalidValue]]:
    """Return the column of each fact, and all that is wrong with columns and headers."""
    names = [spec.name for spec in _EVERY]
    wrong: list[InvalidType | InvalidValue] = [
        InvalidValue("columns", name, f"one of {', '.join(names)}") for name in given if name not in names
    ]
    wrong += told_twice(given)
    left = [header for header in own if header in names or header not in given.values()]
    headers_of = {
        spec.name: [given[spec.name]] if spec.name in given else named_by(spec, left) for spec in _EVERY
    }
    unused = {  # one first day and one last day are enough
        fact if other.name in given or (headers_of[other.name] and not headers_of[fact]) else other.name
        for fact, other in INSTEAD.items()
    }
    sources: dict[str, str] = {}
    for spec in _EVERY:
        headers = headers_of[spec.name]
        if spec.name in unused:
            continue
        if len(headers) > 1:
            accepted = f"one column for {spec.name}: say which, as columns={{{spec.name!r}: {headers[0]!r}}}"
            wrong.append(InvalidValue("columns", tuple(headers), accepted))
        elif headers and headers[0] in own:
            sources[spec.name] = headers[0]
        elif headers or (spec.required and spec in INPUTS):
            source = headers[0] if headers else spec.name
            wrong.append(missing_column(spec, source, own, recognised=True))
    for source in dict.fromkeys(sources.values()):
        kinds = {spec.name: spec.kind for spec in _EVERY if sources.get(spec.name) == source}
        if len({*kinds.values()}) > 1 and not READ.keys().isdisjoint(kinds.values()):
            wrong.append(InvalidValue("columns", source, f"a column of one kind, not {' and '.join(kinds)}"))
    if not all(name in sources for name in _PRICE):  # a price is all of it, or none
        sources = {name: source for name, source in sources.items() if name in given or name not in _PRICE}
    return sources, wrong


def _whole_terms(
    native: Any, sources: Mapping[str, str], orders: Mapping[str, DayOrder | None], given: Mapping[str, str]
) -> Iterator[InvalidValue]:
    """Yield what is doubtful of last days that lie whole terms after their start, as in a payload (UTC-001).

    Whoever says which column it is has looked. From a start that may be of an earlier term, whole years are terms.
    """
    start = next((name for name in ("first_day", START_DAY.name) if name in sources), None)
    if start is None or not {"id", "last_day"} <= sources.keys() or "last_day" in given:
        return

    def may_renew_then(first: Any, last: Any) -> bool:
        first_day, last_day = _day_of(first, orders[start]), _day_of(last, orders["last_day"])
        if first_day is None or last_day is None:
            return False
        months = months_between(first_day, last_day)
        years = start == START_DAY.name and months is not None and months > 0 and months % _YEAR == 0
        return months in TERM_MONTHS or years

    columns = [sources[start], sources["last_day"]]
    doubted = {days for days in _rows(native, columns, once=True) if may_renew_then(*days)}
    if doubted:
        rows = _rows(native, [*columns, sources["id"]])
        ids = [repr(key) for *days, key in rows if tuple(days) in doubted]
        more = f" and {len(ids) - _SHOWN_ROWS} more" if len(ids) > _SHOWN_ROWS else ""
        shown = ", ".join(ids[:_SHOWN_ROWS])
        where = f"; it lies whole terms after {sources[start]!r} in the rows of {shown}{more}"
        yield InvalidValue("columns", sources["last_day"], which_day(sources["last_day"]) + where)


def _day_of(cell: Any, order: DayOrder | None) -> date | None:
    return READ[Kind.DAY].read(tidy(cell), order) if isinstance(cell, str) else day_in(cell)


def _texts(native: Any, name: str) -> list[str]:
    """Return every text of a column once, sorted; of a lazy frame, the column is computed."""
    return sorted(text for (text,) in _rows(native, [name], once=True) if isinstance(text, str))


def _rows(native: Any, names: list[str], *, once: bool = False) -> list[tuple[Any, ...]]:
    """Return what stands in columns, row by row; each row once, where that is asked. A lazy frame is computed."""
    frame: Any = nw.from_native(some_columns(native, names))
    if frame.implementation is nw.Implementation.PANDAS:  # which has many words for what is missing
        frame = nw.from_dict(arrow_columns(frame, names), backend="pyarrow")
    some = frame.select(*dict.fromkeys(names))
    found = some.unique() if once else some
    table = found.collect() if isinstance(found, nw.LazyFrame) else found
    return [tuple(row[name] for name in names) for row in table.iter_rows(named=True)]


def _unclear(said: Ordered, source: str) -> Iterator[InvalidValue]:
    """Yield what is wrong with days of which nothing says the order, or of which texts say both."""
    if said.day_first and said.month_first:
        texts = said.day_first, said.month_first
        yield InvalidValue(f"column {source!r}", texts, "days in one order, in a whole column")
    elif said.either and not said.decided_by:
        accepted = (
            "days of which one decides what is day and what is month; else say it with days=frames.DayOrder.DAY_FIRST "
            "or MONTH_FIRST, or write them as 2026-03-31"
        )
        yield InvalidValue(f"column {source!r}", said.either, accepted)
