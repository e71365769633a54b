"""What can go wrong: one small hierarchy, whose messages name the field, the value and what is accepted.

An error is raised with English text; in Japanese it is looked up by that, in `data/errors.toml`, when somebody asks.
"""

from __future__ import annotations

import re
from ast import literal_eval
from datetime import date
from decimal import Decimal
from functools import cache
from reprlib import Repr
from typing import Any, ClassVar, Final

from .texts import decimal_text, flat, read_bytes

__all__ = [
    "LANGUAGES",
    "CspTransferError",
    "InvalidData",
    "InvalidType",
    "InvalidValue",
    "MissingExtra",
    "NotOneCase",
    "PayloadError",
    "PortfolioError",
    "Problem",
    "UnknownMarket",
    "accepted_in_japanese",
    "check_language",
    "error_in_japanese",
    "in_japanese",
    "place_in_japanese",
    "reasons_in_japanese",
]

LANGUAGES: Final = ("en", "ja")
"""The languages that all texts exist in."""

_DAY: Final = r"\d{4}-\d\d-\d\d"
_WRITTEN: Final = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
"""A text as Python writes it."""
_SLOTS: Final = {
    "as_of": _DAY,
    "class": r"\w+",
    "classes": r"(?:[A-Z]\w*|bool|date|datetime|dict|float|int|list|str|tuple|tzinfo)(?: or [A-Z]\w*)*",
    "day": _DAY,
    "last_day": _DAY,
    "most": r"\d+",
    "name": _WRITTEN,
    "near": _WRITTEN,
    "number": r"\d+(?:\.\d+)?",
}
"""What may stand in place of a name in a text; anything in place of others."""
_REASON: Final = re.compile(r"(.+?): expected (.+?)(?:; (?=[^;]+: expected )|$)", re.DOTALL)


@cache
def _tables() -> dict[str, dict[str, str]]:
    import tomllib  # on first use, as the texts themselves

    tables: dict[str, dict[str, str]] = tomllib.loads(read_bytes("errors.toml").decode("utf-8"))
    return tables


@cache
def _patterns(table: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the texts that have names in them, those first that say most beside them."""
    from string import Formatter  # few ask

    found: list[tuple[tuple[bool, int], re.Pattern[str], str]] = []
    for english, japanese in _tables()[table].items():
        parts = list(Formatter().parse(english))
        if any(name is not None for _, name, _, _ in parts):
            pattern = "".join(
                re.escape(text) + ("" if name is None else f"(?P<{name}>{_SLOTS.get(name, '.+?')})")
                for text, name, _, _ in parts
            )
            said = sum(len(text) for text, _, _, _ in parts)
            # What is put behind another text is taken off before all else.
            is_outside = english.startswith("{said}")
            found.append(((is_outside, said), re.compile(pattern, re.DOTALL), japanese))
    found.sort(key=lambda one: one[0], reverse=True)
    return tuple((pattern, japanese) for _, pattern, japanese in found)


def in_japanese(table: str, english: str) -> str | None:
    """Return a text of a table in Japanese; None: the table does not have it.

    >>> in_japanese("accepted", "a day not before first_day, 2026-04-01")
    'first_day (2026-04-01) 以降の日付'
    """
    exactly = _tables()[table].get(english)
    if exactly is not None:
        return exactly
    for pattern, japanese in _patterns(table):
        found = pattern.fullmatch(english)
        parts = None if found is None else _parts_in_japanese(table, found.groupdict())
        if parts is not None:
            return japanese.format_map(parts)
    return None


def _parts_in_japanese(table: str, parts: dict[str, str]) -> dict[str, str] | None:
    """Return what stands in place of names; None: a phrase among it has no Japanese."""
    found: dict[str, str] = {}
    for name, said in parts.items():
        part: str | None = said
        if name == "phrase":
            part = in_japanese("accepted", said)
        elif name == "said":
            part = in_japanese(table, said)
        elif name == "reasons":
            part = reasons_in_japanese(said) if _REASON.search(said) else None
        elif name == "reason":
            part = in_japanese("reason", said) or said
        elif name == "place":
            part = place_in_japanese(said)
        if part is None:
            return None
        found[name] = part
    return found


def accepted_in_japanese(english: str) -> str:
    """Return what a field accepts; as it is, where the table does not have it."""
    said = in_japanese("accepted", english)
    return english if said is None else said


def place_in_japanese(english: str) -> str:
    """Return where something stands; names of fields are the same in both languages.

    >>> place_in_japanese("row 3 (id 'b')"), place_in_japanese("quantity")
    ("行 3 (ID 'b')", 'quantity')
    """
    said = in_japanese("place", english)
    return english if said is None else said


def reasons_of(english: str) -> list[tuple[str, str]]:
    """Return each problem that the column of reasons names: the column or argument, and what is accepted there.

    >>> reasons_of("Seats: expected a count of licences, 0 or more; as_of: expected a day from 2022-01-10 on")
    [('Seats', 'a count of licences, 0 or more'), ('as_of', 'a day from 2022-01-10 on')]
    """
    return _REASON.findall(english)


def reasons_in_japanese(english: str) -> str:
    """Return why a row of a table cannot be judged, as the column of reasons says it.

    >>> reasons_in_japanese("Seats: expected a count of licences, 0 or more; Trial: expected True or False")
    'Seats: 正しい指定: 0 以上のライセンス数、Trial: 正しい指定: True または False'
    """
    return "、".join(
        error_in_japanese("one_row", source=source, accepted=accepted_in_japanese(accepted))
        for source, accepted in reasons_of(english)
    )


def error_in_japanese(kind: str, **facts: Any) -> str:
    """Return a whole error of a kind."""
    return _tables()["error"][kind].format(**facts)


# Values from outside may be huge or deeply nested: a message shows their beginning, and never recurses into them.
class _Short(Repr):
    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # more digits than Python writes
            return f"<a number of {x.bit_length()} bits>"

    def repr_date(self, x: date, level: int) -> str:
        return x.isoformat()

    repr_datetime = repr_date

    def repr_Decimal(self, x: Decimal, level: int) -> str:  # noqa: N802 - as `Repr` looks for it
        return f"Decimal('{decimal_text(x)}')"


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80
_SHORT.maxlevel = 3


_LONGEST: Final = 200
_GREATEST: Final = 2**53
"""Up to here, every reader of JSON has every whole number."""
_CLASS: Final = re.compile(r"[A-Z]\w*(?=[.\[]|$)")
# A name, the number of an item, or a key as Python writes it.
_PART: Final = re.compile(
    r"""\.?(?P<name>[A-Za-z_]\w*)(?=[.\[]|$)"""
    r"""|\[(?:(?P<number>\d+)|(?P<key>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))\]"""
)


def _path(field: str) -> list[str | int]:
    """Return where a field stands, part by part, without the name of the class that the text begins with."""
    parts: list[str | int] = []
    begins = _CLASS.match(field)
    at = begins.end() if begins else 0
    while at < len(field):
        found = _PART.match(field, at)
        if found is None:  # what a rule says of a field is no part of a path, but where it belongs
            return [*parts, field[at:].removeprefix(".")]
        number, key = found["number"], found["key"]
        parts.append(int(number) if number else literal_eval(key) if key else found["name"])
        at = found.end()
    return parts


def _in_json(value: object) -> str | int | float | bool | None:
    """Return a value as it is where JSON has it so and it is short; as messages show it otherwise."""
    if isinstance(value, int | float):  # bool among them; JSON has no infinity, nor what is no number
        return value if abs(value) <= _GREATEST else _SHORT.repr(value)
    if value is None or (isinstance(value, str) and len(value) <= _LONGEST):
        return value
    return _SHORT.repr(value)


class CspTransferError(Exception):
    """Every error that this library raises on purpose."""

    def message_in(self, lang: str) -> str:
        """Return what `str` says, in "en" or "ja". Names of fields, and values, are the same in both.

        >>> InvalidValue("quantity", -1, "a count of licences, 0 or more").message_in("ja")
        'quantity: -1 は無効です。正しい指定: 0 以上のライセンス数'
        """
        check_language(lang)
        return str(self) if lang == "en" else self._in_japanese()

    def _in_japanese(self) -> str:
        return str(self)

    def to_list(self, lang: str = "en") -> list[dict[str, Any]]:
        """Return what is wrong as JSON-ready data for a form: one object for each problem, all with the same keys.

        `field` is where it stands, as one text, and `path` the same in parts, without the name of the class; `value`
        is what was given, short; `expected` is what is accepted, and `message` says all of it. An error that is
        about no field has none. What is wrong in a payload or a portfolio also has its `item`. `expected` and
        `message` are in "en" or "ja".

        >>> InvalidValue("Transfer.subscriptions[3].quantity", -1, "a count of licences, 0 or more").to_list()
        [{'field': 'Transfer.subscriptions[3].quantity', 'path': ['subscriptions', 3, 'quantity'], 'value': -1, \
'expected': 'a count of licences, 0 or more', 'message': \
'Transfer.subscriptions[3].quantity: -1; expected a count of licences, 0 or more'}]
        """
        check_language(lang)
        return [one._row(lang) for one in self._each()]

    def _each(self) -> tuple[CspTransferError, ...]:
        return (self,)

    def _about(self) -> tuple[str, object, str]:
        """Return the field, its value, and what is accepted."""
        return "", None, ""

    def _row(self, lang: str) -> dict[str, Any]:
        field, value, expected = self._about()
        return {
            "field": field,
            "path": _path(field),
            "value": _in_json(value),
            "expected": expected if lang == "en" else accepted_in_japanese(expected),
            "message": self.message_in(lang),
        }


class _Refused(CspTransferError):
    also: tuple[InvalidValue | InvalidType, ...] = ()
    """What else is wrong with the same value."""

    def __init__(self, field: str, value: object, accepted: str) -> None:
        super().__init__(field, value, accepted)
        self.field = field
        self.value = value
        self.accepted = accepted

    def _each(self) -> tuple[CspTransferError, ...]:
        return (self, *self.also)

    def _about(self) -> tuple[str, object, str]:
        return self.field, self.value, self.accepted

    def __str__(self) -> str:
        return flat(f"{self.field}: {_SHORT.repr(self.value)}; expected {self.accepted}")

    def _in_japanese(self) -> str:
        said = error_in_japanese(
            "refused",
            field=place_in_japanese(self.field),
            value=_SHORT.repr(self.value),
            accepted=accepted_in_japanese(self.accepted),
        )
        return flat(said)

    def __repr__(self) -> str:
        # Python does not write a number of any length.
        shown = (_SHORT.repr(arg) if isinstance(arg, int) else repr(arg) for arg in self.args)
        return f"{type(self).__name__}({', '.join(shown)})"


class InvalidValue(_Refused, ValueError):
    """A value of the right type that no rule can work with, such as a last day before the first.

    >>> print(InvalidValue("quantity", -1, "a count of licences, 0 or more"))
    quantity: -1; expected a count of licences, 0 or more
    """


class InvalidType(_Refused, TypeError):
    """A value of the wrong type, such as ``True`` where a count is wanted.

    >>> print(InvalidType("quantity", True, "a count of licences, 0 or more"))
    quantity: True; expected a count of licences, 0 or more
    """


class NotOneCase(CspTransferError, LookupError):
    """A decision table with a gap or an overlap: not exactly one of its cases holds for some facts.

    >>> print(NotOneCase("methods", ("within", "over"), "active=150"))
    methods: two cases hold, 'within' and 'over', for active=150; expected exactly one
    """

    def __init__(self, table: str, cases: tuple[str, ...], facts: str) -> None:
        super().__init__(table, cases, facts)
        self.table = table
        self.cases = cases
        self.facts = facts

    def __str__(self) -> str:
        first_two = " and ".join(map(repr, self.cases[:2]))
        holding = f"two cases hold, {first_two}," if self.cases else "no case holds"
        return f"{self.table}: {holding} for {self.facts}; expected exactly one"

    def _in_japanese(self) -> str:
        if not self.cases:
            return error_in_japanese("no_case", table=self.table, facts=self.facts)
        first, second = map(repr, self.cases[:2])
        return error_in_japanese("two_cases", table=self.table, facts=self.facts, first=first, second=second)


class MissingExtra(CspTransferError, ImportError):
    """A part of the library that needs an extra which is not installed.

    >>> print(MissingExtra("csp_transfer.strategies", "testing"))
    csp_transfer.strategies needs what the extra 'testing' installs: csp-transfer[testing]
    """

    def __init__(self, door: str, extra: str) -> None:
        super().__init__(door, extra)
        self.door = door
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.door} needs what the extra {self.extra!r} installs: csp-transfer[{self.extra}]"

    def _in_japanese(self) -> str:
        return error_in_japanese("missing_extra", door=self.door, extra=self.extra)


_OF_A_MARKET: Final = "the country of a CSP market, such as 'JP'"


class UnknownMarket(CspTransferError, ValueError):
    """A country that no CSP market region lists: whether a partner may sell there is not known.

    >>> print(UnknownMarket("RU"))
    country: no CSP market region lists 'RU'; expected the country of a CSP market, such as 'JP'
    """

    def __init__(self, country: str) -> None:
        super().__init__(country)
        self.country = country

    def _about(self) -> tuple[str, object, str]:
        return "country", self.country, _OF_A_MARKET

    def __str__(self) -> str:
        return f"country: no CSP market region lists {self.country!r}; expected {_OF_A_MARKET}"

    def _in_japanese(self) -> str:
        accepted = accepted_in_japanese(_OF_A_MARKET)
        return error_in_japanese("unknown_market", country=repr(self.country), accepted=accepted)


class _Shown(str):
    """How a value is shown, in its stead."""

    __slots__ = ()
    __repr__ = str.__str__


class Problem(_Refused, ValueError):
    """One thing in a payload that cannot be read: which item, which field, the value, what is accepted.

    >>> print(Problem("items[3] (id 'abc')", "quantity", -1, "a count of licences, 0 or more"))
    items[3] (id 'abc'): quantity: -1; expected a count of licences, 0 or more
    """

    def __init__(self, item: str, field: str, value: object, accepted: str) -> None:
        if not isinstance(value, (str, bytes, int, float, type(None))):
            value = _Shown(_SHORT.repr(value))  # an error does not keep the whole of a payload
        super().__init__(field, value, accepted)
        self.args: tuple[Any, ...] = (item, field, value, accepted)  # so that it pickles
        self.item = item

    def _row(self, lang: str) -> dict[str, Any]:
        return {"item": self.item, **super()._row(lang)}

    def __str__(self) -> str:
        return f"{flat(self.item)}: {super().__str__()}"

    def _in_japanese(self) -> str:
        item = flat(place_in_japanese(self.item))
        return error_in_japanese("of_an_item", item=item, said=super()._in_japanese())


def _all_in_japanese(kind: str, problems: tuple[CspTransferError, ...]) -> str:
    heading = error_in_japanese(kind, count=len(problems))
    return "\n  ".join([heading, *(one._in_japanese() for one in problems)])


class _Problems(CspTransferError, ValueError):
    _where: ClassVar[str]

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def _each(self) -> tuple[CspTransferError, ...]:
        return self.problems

    def __str__(self) -> str:
        noun = "problem" if len(self.problems) == 1 else "problems"
        return "\n  ".join([f"{len(self.problems)} {noun} in the {self._where}", *map(str, self.problems)])

    def _in_japanese(self) -> str:
        return _all_in_japanese(self._where, self.problems)


class InvalidData(CspTransferError, ValueError, TypeError):
    """Data, or a frame, with more than one thing wrong; `problems` has every one of them, each with its path.

    Each is the `InvalidValue` or `InvalidType` that is raised where it is the only one.

    >>> count = "a count of licences, 0 or more"
    >>> print(InvalidData((InvalidValue("quantity", -1, count), InvalidType("assigned", "25", count))))
    2 problems in the data
      quantity: -1; expected a count of licences, 0 or more
      assigned: '25'; expected a count of licences, 0 or more
    """

    def __init__(self, problems: tuple[InvalidValue | InvalidType, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def _each(self) -> tuple[CspTransferError, ...]:
        return self.problems

    def __str__(self) -> str:
        return "\n  ".join([f"{len(self.problems)} problems in the data", *map(str, self.problems)])

    def _in_japanese(self) -> str:
        return _all_in_japanese("data", self.problems)


class PayloadError(_Problems):
    """A payload with at least one item that cannot be read; `problems` has every one of them.

    >>> print(PayloadError((Problem("items[0]", "id", "", "a text that is not blank"),)))
    1 problem in the payload
      items[0]: id: ''; expected a text that is not blank
    """

    _where = "payload"


class PortfolioError(_Problems):
    """A portfolio with at least one transfer that cannot be planned; `problems` has every one of them.

    >>> print(PortfolioError((Problem("transfers[0]", "transfer", None, "a Transfer"),)))
    1 problem in the portfolio
      transfers[0]: transfer: None; expected a Transfer
    """

    _where = "portfolio"


def check_language(lang: str) -> None:
    """Refuse a language that the messages do not come in.

    >>> check_language("fr")
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: lang: 'fr'; expected en or ja
    """
    if lang not in LANGUAGES:
        raise InvalidValue("lang", lang, " or ".join(LANGUAGES))
