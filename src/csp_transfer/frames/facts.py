"""From columns to facts: types are checked at once, and what no value type would take is refused row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, cast

import narwhals as nw

from .. import checks
from ..checks import MOST, WANTED_FEWER
from ..days import EARLIEST, LATEST, starts_at, utc_day, utc_instant
from ..errors import InvalidData, InvalidType, InvalidValue
from ..facts import FACT_TABLE, FLAG_WORDS
from ..plain import problems_in, raise_all
from .calendar import number
from .columns import (
    ARGUMENTS,
    BLANKS,
    INPUTS,
    INSTEAD,
    OF_THE_CUSTOMER,
    RENEWAL_DAY,
    SHOWN,
    START_DAY,
    TEXTS,
    Input,
    Kind,
)
from .headers import named_by, resembling, unclear_for
from .mapping import ColumnMapping, types_read
from .parts import schema_of
from .rows import Rows
from .tables import Condition, Fact, all_of, always, any_of, flag, negated

__all__ = [
    "Refusal",
    "check_arguments",
    "find_columns",
    "missing_column",
    "read_facts",
    "spellings",
    "told_twice",
    "which_day",
    "wrong_types",
]

Refusal = tuple[str, str, Condition]
"""A column, what is accepted there, and in which rows something else is."""

_FIRST: Final = number(EARLIEST)
_LAST: Final = number(LATEST)
_FLAGS: Final = {yes: [word for word, says in FLAG_WORDS.items() if says is yes] for yes in (True, False)}
_UTC: Final = ("UTC", "Etc/UTC")
_TICK: Final = timedelta(microseconds=1)
_SECOND: Final = timedelta(seconds=1) // _TICK
_TIMED: Final = (Kind.INSTANT, Kind.WHEN)
_SMALL: Final = (nw.Int8, nw.Int16, nw.Int32, nw.UInt8, nw.UInt16, nw.UInt32)
"""Types that hold no number above `MOST`."""


def find_columns(
    frame: Any,
    columns: Mapping[str, str] | ColumnMapping | None,
    arguments: Mapping[str, date | bool | str | None],
    read: tuple[Input, ...] = INPUTS,
) -> dict[str, str]:
    """Return which of a frame's own columns each fact is read from.

    A column that is read for another fact, as `INSTEAD` says, stands under both.
    Raises `InvalidValue` for a column that is missing, naming one that may be meant, and for a fact that there is not;
    with that, what else is wrong with columns, types too: `InvalidData` for several.
    """
    own = list(frame.collect_schema().names())
    given = columns.sources if isinstance(columns, ColumnMapping) else (columns or {})
    every = dict.fromkeys(spec.name for spec in (*read, *INPUTS, *INSTEAD.values(), *SHOWN, *OF_THE_CUSTOMER))
    wrong: list[InvalidType | InvalidValue] = [
        InvalidValue("columns", name, f"one of {', '.join(every)}") for name in given if name not in every
    ]
    for name, source in given.items():
        try:
            checks.text(f"columns[{name!r}]", source)
        except (InvalidType, InvalidValue) as error:
            wrong.append(error)
    refused = [error.value for error in wrong]
    wrong += told_twice(given)
    named = {**given, **{name: source for name, source in arguments.items() if isinstance(source, str)}}
    instead = {fact: other.name for fact, other in INSTEAD.items() if other.name in named}
    named |= {fact: named[other] for fact, other in instead.items()}
    found: dict[str, str] = {}
    for spec in (*read, *ARGUMENTS):
        source = named.get(spec.name, spec.name)
        wanted = spec.name in named or (spec.required and spec in read)
        if source in own and (wanted or spec in read):
            found[spec.name] = source
        elif wanted and source not in refused:
            wrong.append(missing_column(spec, source, own))
    found |= {other: found[fact] for fact, other in instead.items() if fact in found}
    if wrong:
        mapping = columns if isinstance(columns, ColumnMapping) else None
        raise_all([*wrong, *_misfits(frame, found, read, mapping)])
    return found


def missing_column(spec: Input, source: str, own: list[str], *, recognised: bool = False) -> InvalidValue:
    """Return what is said of a column that is missing, and which one may be meant; `recognised`: headers were read."""
    hint = ""
    header = next(iter(unclear_for(spec, own)), None)
    if header is not None and source == spec.name:  # else the caller named a column, and that is not there
        return InvalidValue("columns", header, which_day(header))
    known = named_by(spec, own) or (named_by(INSTEAD[spec.name], own) if spec.name in INSTEAD else [])
    if known and not recognised:
        hint = f"; {known[0]!r} is read for it with columns=frames.recognise(frame)"
    elif near := resembling((source, spec.name, *spec.headers, *spec.unclear), own):
        hint = f"; {near!r} comes near: if it is meant, columns={{{spec.name!r}: {near!r}}}"
        if spec.unclear:
            hint += f", or {{{RENEWAL_DAY.name!r}: {near!r}}} if it holds the day after"
    return InvalidValue("columns", own, f"a column {source!r}: {spec.about}{hint}")


def which_day(header: str) -> str:
    """Return what is accepted of a column that may hold the last day, or the day after it."""
    last, next_one = {"last_day": header}, {RENEWAL_DAY.name: header}
    return (
        f"which day it holds: columns={last} for the last day of the term, columns={next_one} for the day of the "
        "renewal, or another exclusive end"
    )


def told_twice(given: Iterable[str]) -> Iterator[InvalidValue]:
    """Yield each fact of which both its own column and one that is read for it are told."""
    told = {*given}
    for fact, other in INSTEAD.items():
        if {fact, other.name} <= told:
            yield InvalidValue("columns", (fact, other.name), "one of the two, not both")


def _misfits(
    frame: Any, found: Mapping[str, str], read: tuple[Input, ...], mapping: ColumnMapping | None
) -> Iterator[InvalidType | InvalidValue]:
    """Yield the columns of types that cannot be used."""
    try:
        schema = schema_of(frame, found.values())
    except (InvalidData, InvalidType) as error:
        yield from problems_in(error)
        return
    yield from wrong_types(types_read(schema, mapping, frame.implementation), found, (*read, *ARGUMENTS))


def check_arguments(
    sources: Mapping[str, str], arguments: Mapping[str, date | bool | str | None]
) -> dict[str, Any]:
    """Return what is the same for all rows, by name: a day and the microseconds since it began, or a flag.

    Raises `InvalidType` for an argument that is neither a value nor a column, `InvalidValue` for such a value.
    """
    found: dict[str, Any] = {}
    for spec in ARGUMENTS:
        if spec.name in sources:
            continue
        given = arguments[spec.name]
        if spec.kind is Kind.WHEN:
            day = utc_day(spec.name, given)
            instant = utc_instant(cast("date", given)) or starts_at(day)
            found[spec.name] = number(day), (instant - starts_at(day)) // _TICK
        else:
            if given is not None or spec.required:
                checks.flag(spec.name, given)
            found[spec.name] = given
    return found


def read_facts(rows: Rows, sources: Mapping[str, str], arguments: Mapping[str, Any]) -> list[Refusal]:
    """Note every fact by its name, and return what is refused, in the order in which a row is checked.

    A day or a count has beside it whether it is known, as `NAME_known`; `read` and `asked` are whether every fact
    of the row, and whether every argument can be read. `arguments` are what `check_arguments` returns. Raises
    `InvalidType` for a column of a type that cannot be used (`InvalidData` for several).
    """
    for name, given in arguments.items():
        if isinstance(given, tuple):
            day, time = given
            rows.note(**{name: day, f"{name}_time": time})
        else:
            rows.note(**{name: always(given)})
    for spec in INPUTS:
        if spec.name not in sources:
            rows.note(**_missing(spec))
    if START_DAY.name in sources and "length_known" not in sources:
        rows.note(length_known=always(False))
    raise_all(wrong_types(rows.schema, sources))
    found = [
        (spec, rows.schema[sources[spec.name]]) for spec in (*INPUTS, *ARGUMENTS) if spec.name in sources
    ]
    plain: dict[str, Any] = {}
    for spec, dtype in found:
        column = rows.lib.col(sources[spec.name])
        plain[f"{spec.name}_given"] = _plain(spec, column, dtype, rows)
        if spec.name == "last_day" and RENEWAL_DAY.name in sources:
            plain["last_day_given"] = plain["last_day_given"] - 1
        if spec.kind in _TIMED:
            plain[f"{spec.name}_time"] = _time_of_day(column, dtype, rows)
    rows.note(**plain)
    flags = (spec for spec, dtype in found if spec.kind is Kind.FLAG and dtype in TEXTS)
    rows.note(misread={spec.name: _misread(rows.lib.col(sources[spec.name]), rows) for spec in flags})
    fitting: dict[str, Any] = {}
    for spec, dtype in found:
        fitting |= _fitting(spec, getattr(rows, f"{spec.name}_given"), dtype)
    rows.note(**fitting)
    values: dict[str, Any] = {}
    for spec, _ in found:
        values |= _values(spec, getattr(rows, f"{spec.name}_given"), rows)
    rows.note(**values)
    rows.note(unread={spec.name: _refused(spec, rows) for spec, _ in found})
    facts = (rows.unread.get(spec.name, False) for spec in INPUTS)
    given = (rows.unread.get(spec.name, False) for spec in ARGUMENTS)
    rows.note(read=negated(any_of(*facts)), asked=negated(any_of(*given)))
    return [refusal for spec, dtype in found for refusal in _refusals(spec, sources[spec.name], dtype, rows)]


def _refusals(spec: Input, source: str, dtype: Any, rows: Rows) -> Iterator[Refusal]:
    refused = rows.unread[spec.name]
    if spec.kind is not Kind.COUNT or dtype in _SMALL:
        yield source, spec.accepted, refused
        return
    given = getattr(rows, f"{spec.name}_given")
    too_many = given > MOST
    if dtype.is_float():
        too_many = too_many & ~given.is_nan()  # which some engines have above every number
    too_many = too_many.fill_null(False)
    yield source, spec.accepted, all_of(refused, negated(too_many))
    yield source, WANTED_FEWER, too_many


def wrong_types(
    schema: Mapping[str, Any], sources: Mapping[str, str], read: Iterable[Input] = (*INPUTS, *ARGUMENTS)
) -> Iterator[InvalidType]:
    """Yield each column of a type that cannot hold what is asked for; one without any value may be of no type."""
    for spec in read:
        if spec.name not in sources:
            continue
        dtype = schema[sources[spec.name]]
        usable = {
            Kind.COUNT: dtype.is_numeric(),
            Kind.DAY: dtype in (nw.Date, nw.Datetime),
            Kind.FLAG: dtype == nw.Boolean or dtype in TEXTS,
            Kind.INSTANT: dtype == nw.Datetime and dtype.time_zone is not None,
            Kind.NAME: dtype in TEXTS,
            Kind.TEXT: dtype in TEXTS
            or (spec.name == "id" and dtype.is_integer())
            or (spec.name == "price_amount" and dtype.is_numeric()),
            Kind.TEXTS: dtype == nw.List,
            Kind.WHEN: dtype in (nw.Date, nw.Datetime),
            Kind.WORD: dtype in TEXTS,
        }
        if not usable[spec.kind] and dtype != nw.Unknown:
            yield InvalidType(f"column {sources[spec.name]!r}", dtype, f"a column of {spec.accepted}")


def _missing(spec: Input) -> dict[str, Any]:
    """Return what is taken where there is no such column."""
    if spec.kind in (Kind.FLAG, Kind.WORD):
        return {spec.name: always(spec.default)}
    missing = {spec.name: "" if spec.kind is Kind.TEXT else _lowest(spec), f"{spec.name}_known": False}
    return missing | ({f"{spec.name}_time": 0} if spec.kind in _TIMED else {})


def _plain(spec: Input, column: nw.Expr, dtype: Any, rows: Rows) -> Any:
    """Return a column as what is reckoned with: a number, a text or a truth, null where nothing is given."""
    if spec.kind in (Kind.DAY, Kind.INSTANT, Kind.WHEN):
        return _numbered(spec, column, dtype, rows)
    if spec.kind is Kind.FLAG and dtype not in TEXTS:
        return column.cast(rows.lib.Boolean)
    if spec.kind is Kind.COUNT:
        return column.cast(rows.lib.Int64) if dtype == nw.Unknown else column
    text = column if dtype == nw.String else column.cast(rows.lib.String)
    if spec.kind is Kind.TEXT:
        return text
    said = text.str.strip_chars(BLANKS).str.to_lowercase()
    if spec.kind is Kind.WORD:
        return rows.pick((said != "", said))
    return rows.pick(*((said.is_in(words), yes) for yes, words in _FLAGS.items()))


def _misread(column: nw.Expr, rows: Rows) -> Any:
    """Return in which rows a column of flags has a text that says neither."""
    said = column.cast(rows.lib.String).str.strip_chars(BLANKS).str.to_lowercase()
    return ~said.is_in(["", *FLAG_WORDS]).fill_null(True)


def _time_of_day(column: nw.Expr, dtype: Any, rows: Rows) -> Any:
    """Return the microseconds since the day began in UTC, 0 for a day."""
    if dtype != nw.Datetime or dtype.time_zone is None:
        return 0
    time = _naive(column, dtype).dt
    parts = (time.hour(), 60), (time.minute(), 60), (time.second(), _SECOND), (time.microsecond(), 1)
    passed: Any = 0
    for part, units in parts:
        passed = (passed + part.cast(rows.lib.Int64)) * units
    return passed.fill_null(0)


def _naive(column: nw.Expr, dtype: Any) -> Any:
    """Return instants as times of day in UTC."""
    if dtype.time_zone not in _UTC:
        column = column.dt.convert_time_zone("UTC")
    return column.dt.replace_time_zone(None)


def _numbered(spec: Input, column: nw.Expr, dtype: Any, rows: Rows) -> Any:
    if dtype != nw.Datetime:
        return rows.number_of(column.cast(rows.lib.Date))
    if dtype.time_zone not in (None, *_UTC) and rows.engine is nw.Implementation.DUCKDB:
        # It has one zone for a whole connection, and reads a day in that.
        raise InvalidType("instants", dtype, "a connection in UTC (SET TimeZone = 'UTC')")
    if dtype.time_zone is not None:
        column = _naive(column, dtype)
    days = rows.number_of(column.cast(rows.lib.Date))
    if dtype.time_zone is not None and spec.kind is not Kind.DAY:
        return days
    # A time of day is no day: midnight only, and what else there is becomes a day that is refused.
    return rows.pick((column == column.dt.truncate("1d"), days), (~column.is_null(), _FIRST - 1))


def _fitting(spec: Input, given: nw.Expr, dtype: Any) -> dict[str, Any]:
    """Return in which rows what is given can be used; for a word, in which rows it is which."""
    if spec.kind is Kind.WORD:
        return {spec.name: _words(spec, given)}
    if spec.kind is Kind.FLAG:
        return {f"{spec.name}_fits": ~given.is_null()}
    if spec.kind is Kind.TEXT:
        fits = given.str.strip_chars_start(BLANKS) != ""
    elif spec.kind is Kind.COUNT:
        fits = given >= 0
        if dtype not in _SMALL:
            fits = fits & (given <= MOST)
        if not dtype.is_integer():
            fits = fits & (given == given.round())
    else:
        fits = (given >= _FIRST) & (given <= _LAST)
    return {f"{spec.name}_fits": fits.fill_null(False)}


def _spelled(spec: Input) -> dict[str, Any]:
    words = {str(word): word for word in spec.vocabulary}
    return {word.lower(): member for word, member in words.items()} | {
        spelling: words[word] for spelling, word in spec.spelled
    }


_SPELLINGS: Final[Mapping[str, Mapping[str, Any]]] = {spec.name: _spelled(spec) for spec in FACT_TABLE}


def spellings(spec: Input) -> Mapping[str, Any]:
    """Return what each word of a column stands for, in every spelling, in small letters."""
    return _SPELLINGS[spec.name]


def _words(spec: Input, given: nw.Expr) -> Fact:
    optional = spec.default is None
    filled = given if optional else given.fill_null(str(spec.null or spec.default))
    found: dict[Any, Any] = {None: given.is_null()} if optional else {}
    for word, member in spellings(spec).items():
        is_it = (filled == word).fill_null(False) if optional else filled == word
        found[member] = found[member] | is_it if member in found else is_it
    return found


def _values(spec: Input, given: nw.Expr, rows: Rows) -> dict[str, Any]:
    """Return the facts; in a row that is refused, some value that can be reckoned with."""
    if spec.kind is Kind.WORD:
        return {f"{spec.name}_fits": any_of(*getattr(rows, spec.name).values())}
    if spec.kind is Kind.FLAG:
        if spec.default is None and not spec.required:
            known = {True: given.fill_null(False), False: ~given.fill_null(True), None: given.is_null()}
            return {spec.name: known}
        return {spec.name: flag(given.fill_null(bool(spec.default)))}
    fits = getattr(rows, f"{spec.name}_fits")
    if spec.kind is Kind.TEXT:
        return {spec.name: given.fill_null(""), f"{spec.name}_known": fits}
    value = rows.pick((fits, given), otherwise=_lowest(spec))
    return {
        spec.name: value.cast(rows.lib.Int64) if spec.kind is Kind.COUNT else value,
        f"{spec.name}_known": fits,
    }


def _lowest(spec: Input) -> int:
    return 0 if spec.kind is Kind.COUNT else _FIRST


def _refused(spec: Input, rows: Rows) -> Condition:
    if spec.kind is Kind.FLAG and not spec.required:
        return cast("Condition", rows.misread.get(spec.name, False))
    refused = negated(getattr(rows, f"{spec.name}_fits"))
    if spec.required or spec.kind is Kind.WORD:
        return refused
    return all_of(refused, negated(getattr(rows, f"{spec.name}_given").is_null()))
