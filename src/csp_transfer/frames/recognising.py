"""Tables as they come: which of their columns are which facts, and how their days are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import narwhals as nw

from .. import checks
from ..errors import InvalidData, InvalidType, InvalidValue
from ..facts import rows_of
from ..plain import as_one, problems_in, raise_all
from .assessing import as_frame
from .cells import READ, DayOrder, Ordered, order_of
from .columns import INPUTS, INSTEAD, OF_THE_CUSTOMER, SHOWN, TEXTS
from .facts import missing_column, told_twice, wrong_types
from .headers import named_by
from .mapping import ColumnMapping, MappedColumn, type_read
from .parts import arrow_columns, one_column, part_of, schema_of

__all__ = ["recognise"]

_READ: Final = tuple(one for spec in INPUTS for one in (spec, INSTEAD.get(spec.name)) if one is not None)
_EVERY: Final = (*_READ, *SHOWN, *OF_THE_CUSTOMER)
_PRICE: Final = tuple(row.name for row in rows_of("subscription.price").values())
_TIMES: Final = (nw.Date, nw.Datetime)


def recognise(
    frame: object, *, columns: Mapping[str, str] | None = None, days: DayOrder | None = None
) -> ColumnMapping:
    """Return which columns of a frame are which facts, for `assess`, `values_of` and `portfolio_of` to read it by.

    A column is known by its header: the name of the fact, or what exports call it in English or Japanese, whatever
    its case and blanks. `columns` says it for others, by the names of the facts, and goes first. No fact is told from
    values. A price is read where amount, currency and cycle are all there.

    "End date" and its like name the last day in some exports, and in others the day after it, on which it renews. They
    are not guessed: `columns={"last_day": "End date"}` says the one, `columns={"renewal_day": "End date"}` the other.
    A header that says it itself, such as "Last day" or "Renewal date", goes before one that does not. "Start date" may
    be that of an earlier term: it is read as `start_day`, from which no length is told, unless `columns` says that it
    is `first_day`.

    Texts are read as well: counts, words, "On" and "Yes", and days such as 2026-03-31, 2026年3月31日 and 31 Mar 2026.
    Where the year comes last, one cell of the column must decide what is day and what is month (31/03/2026), or
    `days` must say it: it is never guessed. Only for that are cells looked at, and a lazy frame computed, one column
    at a time. `str()` of the result says all that was recognised.

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


def _texts(native: Any, name: str) -> list[str]:
    """Return every text of a column once, sorted; of a lazy frame, the column is computed."""
    frame: Any = nw.from_native(one_column(native, name))
    if frame.implementation is nw.Implementation.PANDAS:
        return sorted(
            text for text in arrow_columns(frame, [name])[name].unique().to_pylist() if text is not None
        )
    once = frame.select(name).unique()
    found = once.collect() if isinstance(once, nw.LazyFrame) else once
    return sorted(text for text in found[name].to_list() if isinstance(text, str))


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
