"""From rows back to values: what a plan, a picture or a calendar is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

import narwhals as nw

from .. import checks
from ..errors import InvalidType, InvalidValue, PayloadError, Problem
from ..model import (
    NOT_REPLACED,
    NotReplaced,
    Offer,
    Replacement,
    Subscription,
    Term,
)
from .assessing import as_frame
from .columns import INPUTS, Input, Kind
from .facts import MEMBERS, find_columns
from .parts import whole

__all__ = ["values_of"]

_SHOWN: Final = ("name", "parent")
"""What decides nothing about a row by itself, and is read here only."""
_OF_THE_SUBSCRIPTION: Final = (
    *("id", "quantity", "auto_renew", "channel", "status", "trial", "legacy", "length_known", "assigned"),
    *("anchor", "renewal_duration", "at_term_end", "cancellation_allowed_until", "canceled_on"),
    *("extended", "mid_term", "mid_term_on", "doubted_last_day", "window_known"),
)


def values_of(
    frame: object, *, columns: Mapping[str, str] | None = None
) -> tuple[tuple[Subscription, ...], dict[str, Replacement | NotReplaced]]:
    """Return the rows of a frame as subscriptions, and what replaces them by id: what a `Transfer` takes.

    Reads the columns that `assess` reads, told by `columns` in the same way, and beside them `name` and `parent`. A
    lazy frame is computed. Days are UTC, first and last inclusive. Raises `PayloadError` that lists every row that
    cannot be read, and `InvalidType` or `InvalidValue` for a frame or a column that cannot be used. Source: none.

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
        table = nw.from_native(table.to_arrow())
    columns = dict(columns or {})
    own = list(table.columns)
    for name in _SHOWN:
        if name in columns and columns[name] not in own:
            raise InvalidValue("columns", own, f"a column {columns[name]!r}: the {name}")
    shown = {name: columns.pop(name, name) for name in _SHOWN}
    sources = find_columns(own, columns, {})
    found: list[Subscription] = []
    replacements: dict[str, Replacement | NotReplaced] = {}
    problems: list[Problem] = []
    for n, row in enumerate(table.rows(named=True)):
        try:
            facts = {spec.name: _fact(spec, row, sources) for spec in INPUTS}
            facts |= {name: row.get(source) for name, source in shown.items()}
            subscription = _subscription(facts)
            replacement = _replacement(facts, subscription)
        except (InvalidType, InvalidValue) as error:
            item = f"row {n} (id {row[sources['id']]!r})"
            problems.append(Problem(item, error.field, error.value, error.accepted))
            continue
        found.append(subscription)
        if replacement is not None:
            replacements[subscription.id] = replacement
    if problems:
        raise PayloadError(tuple(problems))
    return tuple(found), replacements


def _fact(spec: Input, row: Mapping[str, Any], sources: Mapping[str, str]) -> Any:
    if spec.name not in sources:
        return spec.default
    value, field = row[sources[spec.name]], sources[spec.name]
    if value is None:
        return spec.null or spec.default
    if spec.kind is Kind.WORD:
        members = MEMBERS.get(spec.name, str)
        if value not in spec.words:
            raise InvalidValue(field, value, spec.accepted)
        return members(value)
    if spec.kind is Kind.DAY and isinstance(value, datetime):
        # A time of day is no day.
        if value.tzinfo is not None or value.time() != time.min:
            raise InvalidValue(field, value, spec.accepted)
        return value.date()
    if spec.kind is Kind.COUNT and isinstance(value, float) and value.is_integer():
        return int(value)  # pandas has no other numbers beside what is missing
    if spec.name == "id" and type(value) is int:
        return str(value)
    if spec.kind is Kind.FLAG:
        checks.flag(field, value)
    return value


def _subscription(facts: Mapping[str, Any]) -> Subscription:
    offer = Offer(
        id=facts["offer"], discontinued=facts["discontinued"], extended_service=facts["extended_service"]
    )
    return Subscription(
        offer=offer,
        term=Term(first_day=facts["first_day"], last_day=facts["last_day"]),
        name=facts["name"] or "",
        parent=facts["parent"],
        **{name: facts[name] for name in _OF_THE_SUBSCRIPTION},
    )


def _replacement(facts: Mapping[str, Any], old: Subscription) -> Replacement | NotReplaced | None:
    """Return what the row says of its replacement; None: nothing, so it is like for like."""
    if facts["replaced"] is False:
        return NOT_REPLACED
    given = ("new_offer", "new_quantity", "provision_on", "new_discontinued")
    if all(facts[name] is None for name in given):
        return None
    gone: bool | None = facts["new_discontinued"]
    if facts["new_offer"] is None:
        offer = old.offer if gone is None else old.offer.evolve(discontinued=gone)
    else:
        equivalents = frozenset({old.offer.id}) if facts["equivalent"] else frozenset[str]()
        offer = Offer(id=facts["new_offer"], discontinued=gone, equivalents=equivalents)
    quantity: int | None = facts["new_quantity"]
    return Replacement(
        offer=offer,
        quantity=old.quantity if quantity is None else quantity,
        provision_on=facts["provision_on"],
    )
