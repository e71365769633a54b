"""From rows back to values: what a plan, a picture or a calendar is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import narwhals as nw

from ..errors import InvalidData, InvalidType, InvalidValue, PayloadError, Problem
from ..model import NotReplaced, Replacement, Subscription
from ..plain import problems_in, raise_all
from ..texts import id_key
from .assessing import as_frame
from .columns import Input
from .facts import find_columns, wrong_types
from .mapping import ColumnMapping, types_read
from .one_row import READ, columns_of, value_of
from .parts import arrow_columns, whole

__all__ = ["ReadRow", "read_rows", "rows_in", "values_of"]


class ReadRow(NamedTuple):
    """A row that could be read: what errors call it, its facts by their names, and the values."""

    item: str
    facts: Mapping[str, Any]
    subscription: Subscription
    replacement: Replacement | NotReplaced | None


def values_of(
    frame: object, *, columns: Mapping[str, str] | ColumnMapping | None = None
) -> tuple[tuple[Subscription, ...], dict[str, Replacement | NotReplaced]]:
    """Return the rows of a frame as subscriptions, and what replaces them by id: what a `Transfer` takes.

    Reads the columns that `assess` reads, told by `columns` in the same way, and those of `SHOWN`: what `of` wrote is
    given back, fact by fact. A lazy frame is computed. Days are UTC, first and last inclusive. Raises `PayloadError`
    with every problem of every row that `assess` cannot judge, and of rows with one id; `InvalidType` or
    `InvalidValue` for a frame or a column that cannot be used, and `InvalidData` for several. Source: none.

    >>> from datetime import date
    >>> import polars as pl
    >>> rows = pl.DataFrame({"id": ["b"], "offer": ["B"], "quantity": [25], "auto_renew": [True],
    ...                      "first_day": [date(2025, 4, 1)], "EndDate": [date(2026, 3, 31)]})
    >>> [basic], replacements = values_of(rows, columns={"last_day": "EndDate"})
    >>> basic.term.last_day, basic.status, replacements
    (datetime.date(2026, 3, 31), <Status.ACTIVE: 'active'>, {})
    """
    found, problems, _ = read_rows(rows_in(frame), columns)
    if problems:
        raise PayloadError(tuple(problems))
    replaced = {row.subscription.id: row.replacement for row in found if row.replacement is not None}
    return tuple(row.subscription for row in found), replaced


def rows_in(frame: object) -> Any:
    """Return a frame of any engine as one whose rows are there; a lazy one is computed."""
    table: Any = as_frame(whole(nw.to_native(frame, pass_through=True)))
    return table.collect() if isinstance(table, nw.LazyFrame) else table


def read_rows(
    table: Any, columns: Mapping[str, str] | ColumnMapping | None, beside: Iterable[Input] = ()
) -> tuple[list[ReadRow], list[Problem], dict[str, str]]:
    """Return the rows as values, every problem of those that cannot be read, and the column of each fact.

    `beside` are facts that are read with those of a subscription. Rows of one customer that have one id are problems.
    """
    facts = (*READ, *beside)
    sources = find_columns(table, columns, {}, facts)
    mapping = columns if isinstance(columns, ColumnMapping) else None
    if table.implementation is nw.Implementation.PANDAS:  # which has many words for what is missing
        table = nw.from_dict(arrow_columns(table, sources.values()), backend="pyarrow")
    schema = table.collect_schema()
    raise_all(wrong_types(types_read(schema, mapping, table.implementation), sources, facts))
    read = columns_of(sources, schema, mapping, facts)
    found: list[ReadRow] = []
    problems: list[Problem] = []
    for n, row in enumerate(table.rows(named=True)):
        item = f"row {n} (id {row[sources['id']]!r})"
        try:
            found.append(ReadRow(item, *value_of(row, read)))
        except (InvalidData, InvalidType, InvalidValue) as error:
            problems += (Problem(item, e.field, e.value, e.accepted) for e in problems_in(error))
    of_each_id: dict[tuple[str, str], list[ReadRow]] = {}
    for one in found:
        of_each_id.setdefault(
            (id_key(one.facts.get("customer", "")), id_key(one.subscription.id)), []
        ).append(one)
    for same in of_each_id.values():
        problems += _twice(same, sources["id"])
    return [same[0] for same in of_each_id.values() if len(same) == 1], problems, sources


def _twice(same: list[ReadRow], source: str) -> Iterator[Problem]:
    """Yield what is wrong with rows that have one id: nothing says which of them is right."""
    first, *others = same
    for row in same if others else ():
        other = others[0] if row is first else first
        yield Problem(row.item, source, row.subscription.id, f"each id once; {other.item} has it, too")
