"""Values as plain JSON-ready data, and back: closed vocabularies, and one pair of functions for every attrs class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from .errors import InvalidData, InvalidType, InvalidValue
from .texts import OWN_CONTEXT, decimal_text

__all__ = [
    "BY_REFERENCE",
    "READ_ONCE",
    "REFERRED",
    "Level",
    "Plain",
    "Word",
    "accepts",
    "as_one",
    "defaults_of",
    "each_of",
    "fields_of",
    "form_of",
    "from_plain",
    "hints_of",
    "is_record",
    "limits_of",
    "plain_object",
    "problems_in",
    "raise_all",
    "read_all",
    "to_plain",
    "write_by_reference",
]


class Word(Enum):
    """An enum whose members print as the plain word that `to_dict` writes and `from_dict` reads."""

    if not TYPE_CHECKING:
        # Members are what they are: Enum hashes their names, in Python, each time that one is looked up in a table.
        __hash__ = object.__hash__

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def check(cls, field: str, value: object) -> None:
        """Refuse anything but a member; a bare word is not one, lest a typing error pass for a fact."""
        if not isinstance(value, cls):
            names = ", ".join(cls.__members__)
            raise InvalidType(field, value, f"a {cls.__name__} (not its text), one of {names}")


class Level(Word):
    """A word in a scale: members compare in the order in which they are written, lowest first."""

    def __init__(self, _word: str) -> None:
        self.rank: int = len(type(self).__members__)

    def __lt__(self, other: Self) -> bool:
        return self.rank < other.rank if type(other) is type(self) else NotImplemented

    def __le__(self, other: Self) -> bool:
        return self.rank <= other.rank if type(other) is type(self) else NotImplemented

    def __gt__(self, other: Self) -> bool:
        return self.rank > other.rank if type(other) is type(self) else NotImplemented

    def __ge__(self, other: Self) -> bool:
        return self.rank >= other.rank if type(other) is type(self) else NotImplemented


BY_REFERENCE: Final = "1 by reference"
"""What the form that writes each finding once says as its `schema`."""
REFERRED: Final = "referred"
"""Where that form has them."""

T = TypeVar("T")
C = TypeVar("C", bound=Callable[[str, Any], None])


def accepts(**keywords: Any) -> Callable[[C], C]:
    """Let a check say in the keywords of JSON Schema what it accepts, for `limits_of`."""

    def told(check: C) -> C:
        setattr(check, "accepts", keywords)  # noqa: B010 - no type declares it
        return check

    return told


def limits_of(check: Callable[[str, Any], None] | None) -> dict[str, Any]:
    """Return what a check accepts, in the keywords of JSON Schema; nothing where it does not say.

    >>> from csp_transfer.checks import country
    >>> limits_of(country)
    {'pattern': '^[A-Z]{2}$'}
    """
    return dict(getattr(check, "accepts", {}))


class Plain:
    """Mixin for attrs classes: `to_dict` writes every field, `from_dict` reads them back, strictly."""

    __slots__ = ()
    # What `to_dict` adds for the reader, and `from_dict` computes anew instead of believing.
    _computed: ClassVar[tuple[str, ...]] = ()
    # How to read a field whose type annotation does not say it all: (data, where) -> value.
    _decoders: ClassVar[Mapping[str, Callable[[Any, str], Any]]] = {}
    # What refuses a field by itself: (field, value); what fields say together is for `__attrs_post_init__`.
    _checks: ClassVar[Mapping[str, Callable[[str, Any], None]]] = {}
    # An attrs class with the fields that are written, where a value keeps others itself; it is made of these, too.
    _written_as: ClassVar[type | None] = None
    # For what most results repeat: `to_dict` writes it once, however often it occurs, or in a table of this name.
    _written_once: ClassVar[str] = ""
    # Which shape of its data this is: `to_dict` writes the number first, and `from_dict` reads no other.
    _schema: ClassVar[int | None] = None

    def _check_fields(self) -> None:
        for name, check in self._checks.items():
            check(name, getattr(self, name))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        restore = cls.__dict__.get("__setstate__")  # attrs writes one for each class with slots
        if restore is not None:
            setattr(cls, "__setstate__", _with_defaults(restore))  # noqa: B010 - no type declares it

    def to_dict(self) -> dict[str, Any]:
        """Return this value as JSON-ready data: days as ISO 8601 text, words as text, sets sorted.

        A finding that occurs several times in it is written once: each place has the same dict.
        """
        cls: type = type(self)
        data: dict[str, Any] = _writer_of_fields(cls)(self, {})
        return data

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, checked as if it were made anew."""
        copy: Self = attrs.evolve(self, **changes)  # type: ignore[misc]
        return copy

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the value that `to_dict` wrote; an unknown, missing or ill-typed field is an error.

        Raises `InvalidType` or `InvalidValue` whose `field` is the path to what is wrong, such as
        `Transfer.subscriptions[3].quantity`; for more than one thing, `InvalidData` with all of them.
        """
        value = from_plain(cls, data, cls.__name__)
        assert isinstance(value, cls)  # noqa: S101 - from_plain has made one
        return value


READ_ONCE: Final[ContextVar[Mapping[type, tuple[Any, ...]] | None]] = ContextVar("read once", default=None)
"""What is in the tables of the data that is read; None: it has none."""


def _with_defaults(restore: Callable[[Any, dict[str, Any]], None]) -> Callable[[Any, dict[str, Any]], None]:
    """Let a pickle of an earlier version lack fields that were added later: they have their defaults."""

    def restored(self: Any, state: dict[str, Any]) -> None:
        cls: type = type(self)
        restore(self, defaults_of(cls) | state)

    return restored


@cache
def defaults_of(cls: type) -> dict[str, Any]:
    """Return the default of each field that has one."""
    given: dict[str, Any] = {
        n: f.default for n, f in fields_of(cls).items() if f.default is not attrs.NOTHING
    }
    return given | {n: made.factory() for n, made in given.items() if hasattr(made, "factory")}


def to_plain(value: Any) -> Any:
    """Return a value as JSON-ready data."""
    return _writer(value.__class__)(value, {})


_Written = dict[int, tuple[object, Any]]
"""What is written already in one call, by the identity of the value, which is kept so that no other gets it."""
_Writer = Callable[[Any, _Written], Any]


class _References(_Written):
    """The same, of data in which each of them is a number: its place in a table."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[Any]] = {}
        self._places: dict[object, int] = {}

    def place(self, value: Any, write: _Writer) -> int:
        """Return the place of a value in its table; values that are equal have one."""
        found = self._places.get(value)
        if found is None:
            data, table = write(value, self), self.tables.setdefault(value._written_once, [])
            found = self._places[value] = len(table)
            table.append(data)
        return found


@cache
def _writer(cls: Any) -> _Writer:
    """Return what writes the values of a class."""
    if not issubclass(cls, Plain):
        return next((write for kind, write in _WRITERS if issubclass(cls, kind)), lambda value, _: value)
    return _once(_writer_of_fields(cls)) if cls._written_once else _writer_of_fields(cls)


def write_by_reference(record: Any) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Return the fields of a value as data in which what is written once is a number, and the tables that have it."""
    written = _References()
    data = _writer_of_fields(record.__class__)(record, written)
    return data, written.tables


@cache
def _writer_of_fields(cls: Any) -> _Writer:
    names = (*fields_of(cls), *cls._computed)
    values_of = attrgetter(*names, "__class__")  # of one name alone it gives no tuple

    def write(record: Any, written: _Written) -> dict[str, Any]:
        data = {}
        for name, value in zip(names, values_of(record), strict=False):
            kind = value.__class__
            if kind in _AS_THEY_ARE:
                data[name] = value
            elif kind is date:  # most of the rest
                data[name] = value.isoformat()
            else:
                data[name] = _writer(kind)(value, written)
        return data

    if cls._schema is None:
        return write

    def write_numbered(record: Any, written: _Written) -> dict[str, Any]:
        schema = BY_REFERENCE if isinstance(written, _References) else cls._schema
        return {"schema": schema, **write(record, written)}

    return write_numbered


def _once(write: _Writer) -> _Writer:
    def write_once(value: Any, written: _Written) -> Any:
        kept = written.get(id(value))
        if kept is None:
            if isinstance(written, _References):
                return written.place(value, write)
            kept = written[id(value)] = value, write(value, written)
        return kept[1]

    return write_once


def _write_all(values: Iterable[Any], written: _Written) -> list[Any]:
    return [_writer(value.__class__)(value, written) for value in values]


def _write_mapping(mapping: Mapping[Any, Any], written: _Written) -> dict[str, Any]:
    return {str(key): _writer(value.__class__)(value, written) for key, value in mapping.items()}


_AS_THEY_ARE: Final = {str, int, bool, NoneType}

# In this order, as an instant is a day, too.
_WRITERS: Final[tuple[tuple[type, _Writer], ...]] = (
    (Enum, lambda word, _: word._value_),
    (Decimal, lambda number, _: decimal_text(number)),  # JSON's numbers would make a float of it
    (datetime, lambda instant, _: instant.astimezone(UTC).isoformat().replace("+00:00", "Z")),
    (date, lambda day, _: day.isoformat()),
    (frozenset, lambda values, written: sorted(_write_all(values, written))),
    (tuple, _write_all),
    (Mapping, _write_mapping),
)


@cache
def fields_of(cls: Any) -> dict[str, attrs.Attribute[Any]]:
    """Return the fields that are written, and read back, of a class, by name."""
    return attrs.fields_dict(form_of(cls))


@cache
def hints_of(cls: Any) -> dict[str, Any]:
    """Return what type each of these fields is of."""
    return get_type_hints(form_of(cls))


def form_of(cls: Any) -> Any:
    """Return the attrs class whose fields are written for a class: its own, or the one that it names."""
    return (cls._written_as if issubclass(cls, Plain) else None) or cls


def is_record(cls: Any) -> bool:
    """Tell whether values of a class are written as an object."""
    return attrs.has(cls) or (isinstance(cls, type) and issubclass(cls, Plain))


Refusal = InvalidType | InvalidValue


def problems_in(error: Refusal | InvalidData) -> tuple[Refusal, ...]:
    """Return everything that an error says is wrong: what `as_one` and `checks.refuse` put together."""
    return error.problems if isinstance(error, InvalidData) else (error, *error.also)


def as_one(problems: tuple[Refusal, ...]) -> Refusal | InvalidData:
    """Return what is to be raised for at least one problem: itself, or `InvalidData` for several."""
    return problems[0] if len(problems) == 1 else InvalidData(problems)


def raise_all(problems: Iterable[Refusal]) -> None:
    """Raise what is wrong, if anything is."""
    found = tuple(problems)
    if found:
        raise as_one(found)


def each_of(reads: Iterable[Callable[[], T]], problems: Iterable[Refusal] = ()) -> list[T]:
    """Return what each function returns; raise all that they raise together, and what was wrong before them."""
    found: list[T] = []
    wrong = list(problems)
    for read in reads:
        try:
            found.append(read())
        except (InvalidData, InvalidType, InvalidValue) as error:
            wrong += problems_in(error)
    raise_all(wrong)
    return found


def from_plain(wanted: Any, value: Any, field: str) -> Any:
    """Return `value`, JSON-ready data, as the wanted type; `field` says where it stands, for the error."""
    origin, args = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return _one_of(args, value, field)
    if origin is tuple:
        return read_all(args[0], value, field)
    if origin is frozenset:
        items = _typed(list, value, field, "a list")
        return frozenset(
            each_of(partial(from_plain, args[0], one, f"{field}[{n}]") for n, one in enumerate(items))
        )
    if origin is not None:  # a mapping from text
        given = plain_object(value, field)
        read = each_of(partial(from_plain, args[1], one, f"{field}[{key!r}]") for key, one in given.items())
        return dict(zip(given, read, strict=True))
    if is_record(wanted):
        return _record(wanted, value, field)
    if issubclass(wanted, Enum):
        try:
            return wanted(value)
        except ValueError:
            raise InvalidValue(field, value, f"one of {', '.join(m.value for m in wanted)}") from None
    if issubclass(wanted, date):
        text = _typed(str, value, field, "ISO 8601 text")
        try:
            day: date = wanted.fromisoformat(text)
            spelled = to_plain(day)
        except (
            OverflowError,
            ValueError,
        ):  # in UTC, an instant of a year that there is may be in one that is not
            raise InvalidValue(field, value, "ISO 8601 text") from None
        if spelled != text:  # ISO 8601 has more spellings than `to_dict` writes
            raise InvalidValue(field, value, f"it spelled {spelled!r}")
        return day
    if wanted is Decimal:
        text = _typed(str, value, field, "a decimal number as text")
        try:
            return Decimal(text, OWN_CONTEXT)
        except InvalidOperation:
            raise InvalidValue(field, value, "a decimal number as text") from None
    return _typed(wanted, value, field, wanted.__name__)


def read_all(wanted: Any, value: Any, field: str) -> tuple[Any, ...]:
    """Return a list of JSON-ready data as a tuple of the wanted type."""
    items = _typed(list, value, field, "a list")
    return tuple(each_of(partial(from_plain, wanted, one, f"{field}[{n}]") for n, one in enumerate(items)))


def _typed(wanted: type[T], value: Any, field: str, accepted: str) -> T:
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise InvalidType(field, value, accepted)
    return value


def plain_object(value: Any, field: str) -> dict[str, Any]:
    """Return a JSON object as a dict; `InvalidType` for anything else."""
    if not isinstance(value, Mapping):
        raise InvalidType(field, value, "an object")
    for key in value:
        if not isinstance(key, str):
            raise InvalidType(field, key, "a text as key")
    return dict(value)


def _one_of(args: tuple[Any, ...], value: Any, field: str) -> Any:
    # Our unions are told apart by shape: null, an object, or text that names a word.
    if value is None and NoneType in args:
        return None
    shaped = [a for a in args if a is not NoneType and is_record(a) == isinstance(value, Mapping)]
    candidates = shaped or [a for a in args if a is not NoneType]
    return from_plain(candidates[0], value, field)


def _referred(read: tuple[Any, ...], table: str, value: Any, field: str) -> Any:
    """Return what stands at a place of a table."""
    place: int = _typed(int, value, field, f"a place in {REFERRED}.{table}")
    if not 0 <= place < len(read):
        raise InvalidValue(field, place, f"a place in {REFERRED}.{table}, which has {len(read)}")
    return read[place]


def _record(cls: type, value: Any, field: str) -> Any:
    once = READ_ONCE.get()
    if once is not None and cls in once:
        return _referred(once[cls], cls._written_once, value, field)  # type: ignore[attr-defined]
    items = plain_object(value, field)
    computed, schema = (cls._computed, cls._schema) if issubclass(cls, Plain) else ((), None)
    for name in computed:
        items.pop(name, None)
    if schema is not None:
        found = items.pop("schema", None)
        wanted = schema if once is None else BY_REFERENCE
        if type(found) is not type(wanted) or found != wanted:
            raise InvalidValue(f"{field}.schema", found, str(wanted))
    fields = fields_of(cls)
    wrong: list[Refusal] = [
        InvalidValue(field, name, f"only the fields of {cls.__name__}: {', '.join(fields)}")
        for name in sorted(items.keys() - fields.keys())
    ]
    wrong += [
        InvalidValue(f"{field}.{name}", None, f"a value; {cls.__name__} needs this field")
        for name, f in fields.items()
        if name not in items and f.default is attrs.NOTHING
    ]
    known = {name: item for name, item in items.items() if name in fields}
    values = each_of(
        (partial(_field, cls, name, item, f"{field}.{name}") for name, item in known.items()), wrong
    )
    try:
        return cls(**dict(zip(known, values, strict=True)))
    except (InvalidType, InvalidValue) as error:
        raise as_one(
            tuple(type(e)(f"{field}.{e.field}", e.value, e.accepted) for e in problems_in(error))
        ) from None


def _field(cls: type, name: str, item: Any, where: str) -> Any:
    decoders, checks = (cls._decoders, cls._checks) if issubclass(cls, Plain) else ({}, {})
    value = decoders[name](item, where) if name in decoders else from_plain(hints_of(cls)[name], item, where)
    if name in checks:
        checks[name](where, value)
    return value
