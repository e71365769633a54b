"""One row of a frame as values, refused where `assess` refuses it, but with every problem of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import MINYEAR, UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

from ..checks import MOST, WANTED_FEWER
from ..days import utc_day
from ..errors import InvalidData, InvalidType, InvalidValue
from ..facts import FLAG_WORDS, rows_of
from ..model import (
    NOT_REPLACED,
    NotReplaced,
    Offer,
    Replacement,
    SeatWindow,
    Subscription,
    Term,
    seats_from_text,
)
from ..money import Price
from ..plain import as_one, each_of, from_plain, problems_in, raise_all
from .cells import READ as TEXTS_READ
from .cells import tidy
from .columns import INPUTS, INSTEAD, RENEWAL_DAY, SHOWN, START_DAY, Input, Kind
from .facts import spellings
from .mapping import ColumnMapping, MappedColumn

__all__ = ["READ", "Columns", "columns_of", "day_in", "value_of"]

Columns = tuple[tuple[Input, str | None, Any, MappedColumn | None, bool], ...]
"""What is read: each fact with the column that it is read from, if there is one, that column's type, how its texts
are read, and whether it holds the day after."""
READ: Final = (*INPUTS, *SHOWN)
"""Every fact that a row can have."""
Value = tuple[Mapping[str, Any], Subscription, Replacement | NotReplaced | None]
_OWN: Final = {name: row.name for name, row in rows_of("subscription").items() if row.kind is not Kind.TEXTS}
_OFFER: Final = {name: row.name for name, row in rows_of("subscription.offer").items()}
_NEW_OFFER: Final = {name: row.name for name, row in rows_of("replacement.offer").items()}
_GIVEN: Final = ("new_offer", "new_quantity", "provision_on")
_PRICE: Final = tuple(row.name for row in rows_of("subscription.price").values())


def columns_of(
    sources: Mapping[str, str],
    schema: Mapping[str, Any],
    mapping: ColumnMapping | None = None,
    read: tuple[Input, ...] = READ,
) -> Columns:
    """Return what is read of a frame, by the column of each fact and the types of the columns."""
    mapped = {column.fact: column for column in mapping.columns} if mapping else {}
    mapped |= {fact: mapped[other.name] for fact, other in INSTEAD.items() if other.name in mapped}
    after = RENEWAL_DAY.name in sources
    if START_DAY.name in sources:
        read = tuple(spec._replace(default=False) if spec.name == "length_known" else spec for spec in read)
    return tuple(
        (
            spec,
            sources.get(spec.name),
            schema.get(sources.get(spec.name, "")),
            mapped.get(spec.name),
            after and spec.name == "last_day",
        )
        for spec in read
    )


def value_of(row: Mapping[str, Any], columns: Columns) -> Value:
    """Return a row as its facts, as a subscription, and what replaces it (None: nothing is said: like for like).

    Raises `InvalidType` or `InvalidValue` that names the column, or `InvalidData` for more than one problem.
    """
    read = each_of(
        partial(_fact, spec, source and row[source], source, dtype, mapped, after)
        for spec, source, dtype, mapped, after in columns
    )
    facts = {spec.name: fact for (spec, *_), fact in zip(columns, read, strict=True)}
    names = {spec.name: source or spec.name for spec, source, *_ in columns}
    names |= {"price.amount": names["price_amount"], "price.currency": names["price_currency"]}
    try:
        subscription, _ = _each(
            lambda: _subscription(facts), lambda: raise_all(_contradictions(facts, names))
        )
        return facts, subscription, _replacement(facts, subscription)
    except (InvalidData, InvalidType, InvalidValue) as error:
        raise as_one(
            tuple(type(e)(names.get(e.field, e.field), e.value, e.accepted) for e in problems_in(error))
        ) from None


def _fact(
    spec: Input, given: Any, source: str | None, dtype: Any, mapped: MappedColumn | None, after: bool
) -> Any:
    """Return what stands in a cell, as a fact."""
    value = _from_text(spec, given, mapped) if isinstance(given, str) else given
    if after:
        value = _day_before(value)
    if value is None:
        if spec.required:
            raise InvalidValue(source or spec.name, given, spec.accepted)
        return spec.default if source is None or spec.null is None else spec.null
    read = _READ[spec.kind](spec, value, dtype)
    if read is None:
        too_many = spec.kind is Kind.COUNT and value > MOST
        raise InvalidValue(source or spec.name, given, WANTED_FEWER if too_many else spec.accepted)
    return read


def _day_before(value: Any) -> Any:
    """Return the day before a day, at the same time of day; what has none is refused as it is."""
    has_one = isinstance(value, date) and value.year > MINYEAR
    return value - timedelta(days=1) if has_one else value


def _from_text(spec: Input, text: str, mapped: MappedColumn | None) -> Any:
    """Return what a text stands for in a column of another kind; None for a blank, where that is no value."""
    if spec.kind in (Kind.FLAG, Kind.WORD):
        return text.strip().lower() or None
    if mapped is None:
        return text
    if spec.kind in TEXTS_READ:
        said = tidy(text)
        how = TEXTS_READ[spec.kind]
        read = how.read(said, mapped.days)
        return how.refused if read is None and said else read
    return text.strip() or None if spec.kind is Kind.TEXT else text


# Each returns None for what is not accepted.
def _count(_: Input, value: Any, _dtype: Any) -> int | None:
    return int(value) if 0 <= value <= MOST and value == int(value) else None


def _day(_: Input, value: Any, _dtype: Any) -> date | None:
    return day_in(value)


def day_in(value: Any) -> date | None:
    """Return the day that a cell holds; None for a time of day, and for what is no day."""
    if isinstance(value, datetime):
        value = value if value.tzinfo is None else value.astimezone(UTC)
        if value.time() != time.min:  # a time of day is no day
            return None
        value = value.date()
    return _in_range(value)


def _instant(_: Input, value: Any, _dtype: Any) -> datetime | None:
    return None if _in_range(value) is None else value


def _in_range(value: Any) -> date | None:
    try:
        return utc_day("day", value)
    except (InvalidType, InvalidValue):
        return None


def _flag(_: Input, value: Any, _dtype: Any) -> bool | None:
    return FLAG_WORDS.get(value) if isinstance(value, str) else value


def _name(_: Input, value: Any, _dtype: Any) -> str | None:
    return value if isinstance(value, str) else None


def _text(spec: Input, value: Any, _dtype: Any) -> str | None:
    if spec.name == "id" and type(value) is int:
        return str(value)
    if spec.name == "price_amount" and isinstance(value, (int, float, Decimal)):
        return str(value)  # of what is no number, too, which a price refuses
    return value if isinstance(value, str) and value.strip() else None


def _texts(spec: Input, value: Any, dtype: Any) -> tuple[str, ...] | None:
    texts = [_text(spec, one, dtype) for one in value]
    return None if None in texts else tuple(text for text in texts if text is not None)


def _word(spec: Input, value: Any, _dtype: Any) -> Any:
    return spellings(spec).get(value)


_READ: Final = {
    Kind.COUNT: _count,
    Kind.DAY: _day,
    Kind.FLAG: _flag,
    Kind.INSTANT: _instant,
    Kind.NAME: _name,
    Kind.TEXT: _text,
    Kind.TEXTS: _texts,
    Kind.WORD: _word,
}


def _contradictions(facts: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[InvalidValue]:
    for name in _GIVEN:
        if facts[name] is not None and facts["trial"]:
            yield InvalidValue(names[name], facts[name], "nothing: a trial is not moved (TRL-001)")
        elif facts[name] is not None and not facts["replaced"]:
            yield InvalidValue(names[name], facts[name], "nothing where it is not replaced")
    given = [name for name in _PRICE if facts[name] is not None]
    for name in _PRICE:
        if given and name not in given:
            yield InvalidValue(names[name], None, "a value, where there is one of the other parts of a price")


def _each(*makes: Callable[[], Any]) -> list[Any]:
    return each_of(makes)


def _subscription(facts: Mapping[str, Any]) -> Subscription:
    amount, currency, cycle = (facts[name] for name in _PRICE)
    said = {"amount": amount, "currency": currency, "cycle": str(cycle)}
    price, term, windows = _each(
        lambda: None if amount is None else from_plain(Price, said, "price"),
        lambda: Term(first_day=facts["first_day"], last_day=facts["last_day"]),
        lambda: _windows(facts["seat_windows"]),
    )
    return Subscription(
        offer=Offer(**_held(facts, _OFFER)),
        term=term,
        price=price,
        seat_windows=windows,
        **_held(facts, _OWN),
    )


def _held(facts: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return facts by what their holder calls them."""
    return {name: facts[column] for name, column in columns.items()}


def _windows(texts: Iterable[str]) -> tuple[SeatWindow, ...]:
    try:
        return tuple(map(seats_from_text, texts))
    except (InvalidData, InvalidType, InvalidValue):
        wanted = "licences and an instant each, such as '5 2026-02-08T00:00:00Z'"
        raise InvalidValue("seat_windows", tuple(texts), wanted) from None


def _replacement(facts: Mapping[str, Any], old: Subscription) -> Replacement | NotReplaced | None:
    if not facts["replaced"]:
        return NOT_REPLACED
    if old.trial or all(facts[name] is None for name in (*_GIVEN, "new_discontinued")):
        return None
    gone: bool | None = facts["new_discontinued"]
    if facts["new_offer"] is None:
        offer = old.offer if gone is None else old.offer.evolve(discontinued=gone)
    else:
        declared = frozenset({old.offer.id}) if facts["equivalent"] else frozenset[str]()
        exactly: tuple[str, ...] | None = facts["new_equivalents"]
        held: dict[str, Any] = _held(facts, _NEW_OFFER)
        held["equivalents"] = declared if exactly is None else exactly
        offer = Offer(**held)
    quantity: int | None = facts["new_quantity"]
    return Replacement(
        offer=offer,
        quantity=old.quantity if quantity is None else quantity,
        provision_on=facts["provision_on"],
    )
