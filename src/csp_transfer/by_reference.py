"""Results that repeat their findings, as data in which each finding stands once, in a table, and is referred to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from .errors import InvalidValue
from .findings import Finding
from .plain import (
    BY_REFERENCE,
    READ_ONCE,
    REFERRED,
    Plain,
    plain_object,
    raise_all,
    read_all,
    write_by_reference,
)
from .sources import Source

__all__ = ["TABLES", "Referring"]

TABLES: Final[Mapping[str, type[Plain]]] = {"sources": Source, "findings": Finding}
"""What is written once, by the name of its table; one has those in it that come before."""


class Referring(Plain):
    """Mixin for results that repeat their findings: `to_dict(by_reference=True)` writes each of them once."""

    __slots__ = ()

    def to_dict(self, *, by_reference: bool = False) -> dict[str, Any]:
        """Return this value as JSON-ready data: days as ISO 8601 text, words as text, sets sorted.

        A finding that occurs several times has the same dict in each place. With `by_reference`, `"referred"` has
        every finding, and every source, once, in two lists, and all else has numbers instead: places in those
        lists, from 0. Such data has another `"schema"`; `from_dict` reads both.
        """
        if not by_reference:
            return super().to_dict()
        data, tables = write_by_reference(self)
        return {
            "schema": data.pop("schema"),
            REFERRED: {name: tables.get(name, []) for name in TABLES},
            **data,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the value that `to_dict` wrote, in either form; an unknown, missing or ill-typed field is an error.

        Raises `InvalidType` or `InvalidValue` whose `field` is the path to what is wrong, such as
        `Plan.transfer.customer.country`; for more than one thing, `InvalidData` with all of them.
        """
        if not isinstance(data, Mapping) or data.get("schema") != BY_REFERENCE:
            return super().from_dict(data)
        rest = {name: item for name, item in data.items() if name != REFERRED}
        where = f"{cls.__name__}.{REFERRED}"
        tables = plain_object(data.get(REFERRED), where)
        raise_all(
            InvalidValue(where, name, f"only {', '.join(TABLES)}") for name in tables.keys() - TABLES.keys()
        )
        read: dict[type, tuple[Any, ...]] = {}
        asked = READ_ONCE.set(read)
        try:
            for name, once in TABLES.items():
                read[once] = read_all(once, tables.get(name), f"{where}.{name}")
            return super().from_dict(rest)
        finally:
            READ_ONCE.reset(asked)
