"""From rows back to values: what a plan, a picture or a calendar is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from ..errors import InvalidData, InvalidType, InvalidValue, PayloadError, Problem
from ..model import NotReplaced, Replacement, Subscription
from ..plain import problems_in, raise_all
from .assessing import as_frame
from .facts import find_columns, wrong_types
from .one_row import READ, columns_of, value_of
from .parts import needs_arrow, whole

__all__ = ["values_of"]


def values_of(
    frame: object, *, columns: Mapping[str, str] | None = None
) -> tuple[tuple[Subscription, ...], dict[str, Replacement | NotReplaced]]:
    """Return the rows of a frame as subscriptions, and what replaces them by id: what a `Transfer` takes.

    Reads the columns that `assess` reads, told by `columns` in the same way, and those of `SHOWN`: what `of` wrote is
    given back, fact by fact. A lazy frame is computed. Days are UTC, first and last inclusive. Raises `PayloadError`
    with every problem of every row that `assess` cannot judge; `InvalidType` or `InvalidValue` for a frame or a column
    that cannot be used, and `InvalidData` for several. Source: none.

    >>> from datetime import date
    >>> import polars as pl
    >>> rows = pl.DataFrame({"id": ["b"], "offer": ["B"], "quantity": [25], "auto_renew": [True],
    ...                      "first_day": [date(2025, 4, 1)], "EndDate": [date(2026, 3, 31)]})
    >>> [basic], replacements = values_of(rows, columns={"last_day": "EndDate"})
    >>> basic.term.last_day, basic.status, replacements
    (datetime.date(2026, 3, 31), <Status.ACTIVE: 'active'>, {})
    """
    table: Any = as_frame(whole(nw.to_native(frame, pass_through=True)))
    if isinstance(table, nw.LazyFrame):
        table = table.collect()
    if table.implementation is nw.Implementation.PANDAS:  # which has many words for what is missing
        with needs_arrow():
            table = nw.from_native(table.to_arrow())
    sources = find_columns(list(table.columns), columns or {}, {}, READ)
    schema = table.collect_schema()
    raise_all(wrong_types(schema, sources, READ))
    read = columns_of(sources, schema)
    found: list[Subscription] = []
    replacements: dict[str, Replacement | NotReplaced] = {}
    problems: list[Problem] = []
    for n, row in enumerate(table.rows(named=True)):
        try:
            subscription, replacement = value_of(row, read)
        except (InvalidData, InvalidType, InvalidValue) as error:
            item = f"row {n} (id {row[sources['id']]!r})"
            problems += (Problem(item, e.field, e.value, e.accepted) for e in problems_in(error))
            continue
        found.append(subscription)
        if replacement is not None:
            replacements[subscription.id] = replacement
    if problems:
        raise PayloadError(tuple(problems))
    return tuple(found), replacements
