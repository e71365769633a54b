"""Checks that constructors share: each refuses a value, naming the field, the value and what is accepted."""

from __future__ import annotations

from datetime import date, datetime

from .errors import InvalidType, InvalidValue

__all__ = ["count", "country", "day", "flag", "instance", "instant", "name", "text"]


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


def count(field: str, value: object) -> None:
    """Refuse anything but a whole number from 0; True is no number.

    >>> count("assigned", True)
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidType: assigned: True; expected a count of licences, 0 or more
    """
    if type(value) is not int:
        raise InvalidType(field, value, "a count of licences, 0 or more")
    if value < 0:
        raise InvalidValue(field, value, "a count of licences, 0 or more")


def country(value: object) -> None:
    """Refuse anything but two capital letters; whether a market lists the country is for the rules to say."""
    accepted = "an ISO 3166-1 alpha-2 code in capitals, such as 'JP'"
    if not isinstance(value, str):
        raise InvalidType("country", value, accepted)
    if not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
        raise InvalidValue("country", value, accepted)


def instant(field: str, value: object) -> None:
    """Refuse anything but an aware datetime."""
    if not isinstance(value, datetime):
        raise InvalidType(field, value, "a datetime with a time zone")
    if value.utcoffset() is None:
        raise InvalidValue(field, value, "a datetime with a time zone")


def day(field: str, value: object) -> None:
    """Refuse anything but a day; an instant is none."""
    if type(value) is not date:
        raise InvalidType(field, value, "a day")


def instance(field: str, value: object, wanted: type | tuple[type, ...], accepted: str = "") -> None:
    """Refuse anything but an instance of that class, or of one of those."""
    if not isinstance(value, wanted):
        names = wanted.__name__ if isinstance(wanted, type) else " or ".join(w.__name__ for w in wanted)
        article = "an" if names[0] in "AEIOU" else "a"
        raise InvalidType(field, value, accepted or f"{article} {names}")
