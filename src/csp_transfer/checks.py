"""Checks that constructors share: each refuses a value, naming the field, the value and what is accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

from .days import is_aware
from .errors import InvalidType, InvalidValue
from .plain import accepts, limits_of
from .texts import IdMap

__all__ = [
    "MOST",
    "WANTED_COUNT",
    "WANTED_FEWER",
    "Check",
    "by_id",
    "count",
    "country",
    "day",
    "flag",
    "instance",
    "instant",
    "name",
    "one_of",
    "one_of_type",
    "optional",
    "refuse",
    "text",
    "tri_state",
]


MOST: Final = 2**53
"""No customer has as many. Up to here, every whole number is one in floating point, too, as tables may have it."""
WANTED_COUNT: Final = "a count of licences, 0 or more"
WANTED_FEWER: Final = f"a count of licences, up to {MOST}"

V = TypeVar("V")
Check = Callable[[str, Any], None]


@accepts(pattern=r"\S")
def text(field: str, value: object) -> None:
    """Refuse anything but a text with something in it.

    >>> text("id", " ")
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: id: ' '; expected a text that is not blank
    """
    if not isinstance(value, str):
        raise InvalidType(field, value, "a text that is not blank")
    if not value.strip():
        raise InvalidValue(field, value, "a text that is not blank")


def name(field: str, value: object) -> None:
    """Refuse anything but a text, which may be empty."""
    instance(field, value, str, "a text")


def flag(field: str, value: object) -> None:
    """Refuse anything but True or False."""
    instance(field, value, bool, "True or False")


def tri_state(field: str, value: object) -> None:
    """Refuse anything but True, False, and None for what is not known.

    >>> tri_state("delegated_admin", "no")
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidType: delegated_admin: 'no'; expected True, False, or None: not known
    """
    if value is not None and not isinstance(value, bool):
        raise InvalidType(field, value, "True, False, or None: not known")


@accepts(minimum=0, maximum=MOST)
def count(field: str, value: object) -> None:
    """Refuse anything but a whole number from 0 to `MOST`; True is no number.

    >>> count("assigned", True)
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidType: assigned: True; expected a count of licences, 0 or more
    """
    if type(value) is not int:
        raise InvalidType(field, value, WANTED_COUNT)
    if value < 0:
        raise InvalidValue(field, value, WANTED_COUNT)
    if value > MOST:
        raise InvalidValue(field, value, WANTED_FEWER)


@accepts(pattern="^[A-Z]{2}$")
def country(field: str, value: object) -> None:
    """Refuse anything but two capital letters; whether a market lists the country is for the rules to say."""
    accepted = "an ISO 3166-1 alpha-2 code in capitals, such as 'JP'"
    if not isinstance(value, str):
        raise InvalidType(field, value, accepted)
    if not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
        raise InvalidValue(field, value, accepted)


def optional(check: Check) -> Check:
    """Return the same check for what may be None: not known.

    >>> optional(count)("assigned", None)
    """

    @accepts(**limits_of(check))
    def checked(field: str, value: object) -> None:
        if value is not None:
            check(field, value)

    return checked


def one_of(wanted: type, accepted: str = "") -> Check:
    """Return a check for an instance of a class."""

    def checked(field: str, value: object) -> None:
        instance(field, value, wanted, accepted)

    return checked


def refuse(problems: Iterable[InvalidType | InvalidValue]) -> None:
    """Raise the first problem, if there is one; the others go with it, as `also`."""
    found = tuple(problems)
    if found:
        found[0].also = found[1:]
        raise found[0]


def instant(field: str, value: object) -> None:
    """Refuse anything but an aware datetime."""
    if not isinstance(value, datetime):
        raise InvalidType(field, value, "a datetime with a time zone")
    if not is_aware(value):
        raise InvalidValue(field, value, "a datetime with a time zone")


def day(field: str, value: object) -> None:
    """Refuse anything but a day; an instant is none."""
    if type(value) is not date:
        raise InvalidType(field, value, "a day")


def instance(field: str, value: object, wanted: type | tuple[type, ...], accepted: str = "") -> None:
    """Refuse anything but an instance of that class, or of one of those."""
    if not isinstance(value, wanted):
        raise InvalidType(field, value, accepted or one_of_type(wanted))


def one_of_type(wanted: type | tuple[type, ...]) -> str:
    """Return what an error calls an instance of that class, or of one of those.

    >>> one_of_type(int), one_of_type((date, datetime))
    ('an int', 'a date or datetime')
    """
    names = wanted.__name__ if isinstance(wanted, type) else " or ".join(w.__name__ for w in wanted)
    return f"{'an' if names[0] in 'AEIOUaeiou' else 'a'} {names}"


def by_id(field: str, given: Mapping[str, V], ids: Iterable[str], accepted: str) -> dict[str, V]:
    """Return what is given by id, with each id spelled as in `ids`; refuse others, and one that is given twice.

    >>> by_id("way", {"A": 1}, ["a", "b"], "an id of one of them")
    {'a': 1}
    """
    spelled = IdMap({one: one for one in ids})
    found: dict[str, V] = {}
    for key, value in given.items():
        if key not in spelled:
            raise InvalidValue(field, key, accepted)
        if spelled[key] in found:
            raise InvalidValue(field, key, "each id once, however it is spelled")
        found[spelled[key]] = value
    return found
