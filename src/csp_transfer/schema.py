"""JSON Schema (2020-12) of what `to_dict` writes and `from_dict` reads, made from what those two go by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from inspect import getattr_static
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import attrs

from .errors import InvalidType
from .explanation import Explanation, WrittenExplanation
from .findings import FACTS, TABLES, Finding, Referring
from .plain import (
    BY_REFERENCE,
    REFERRED,
    Plain,
    defaults_of,
    fields_of,
    form_of,
    hints_of,
    is_record,
    limits_of,
    to_plain,
)

__all__ = ["DIALECT", "json_schema"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_WRITTEN: Final[Mapping[Any, dict[str, Any]]] = {
    Any: {},
    NoneType: {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    date: {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    datetime: {
        "type": "string",
        "format": "date-time",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z$",
    },
    Decimal: {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?(E[+-][0-9]+)?$"},
}
# A decimal number may be written in more ways than `to_dict` writes it in.
_READ: Final = {**_WRITTEN, Decimal: {"type": "string", "format": "decimal"}}


_EXPLAINED: Final = ("assessment", "plan")
_BY_REFERENCE: Final = "ByReference"
_IN_TABLES: Final = "Referring"


def json_schema(
    cls: type[Any], *, reading: bool = False, by_reference: bool = False, refs: str = "#/$defs/"
) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what a class writes with `to_dict` or, `reading`, reads with `from_dict`.

    What is written has every field. What is read may leave out fields that have a `default`, and `from_dict`
    looks at no field that is `readOnly`: it is computed anew. The schema knows each field by itself; what fields say
    together, such as a last day that is not before the first, only `from_dict` refuses. `refs` is what stands before
    the name of a class wherever one is referred to, for documents that keep `$defs` in another place. With
    `by_reference`, it is that of `to_dict(by_reference=True)`, and called so: `PlanByReference`.

    Raises `InvalidType` for anything but a class with `to_dict`, or `by_reference`, but one that has that form.
    Source: none, it decides nothing.

    >>> from csp_transfer import Tenant
    >>> json_schema(Tenant)["$defs"]["Tenant"]["properties"]["country"]
    {'type': 'string', 'pattern': '^[A-Z]{2}$'}
    """
    of_ours = isinstance(cls, type) and (
        (issubclass(cls, Plain) and attrs.has(form_of(cls))) or cls is Explanation
    )
    if not of_ours:
        raise InvalidType("cls", cls, "a class that has to_dict")
    if by_reference and not issubclass(cls, Referring):
        raise InvalidType("cls", cls, "a class whose to_dict writes by reference")
    schemas = _Schemas(refs, reading=reading, by_reference=by_reference)
    root = schemas.root(cls) if by_reference else schemas.of(cls)
    return {"$schema": DIALECT, **root, "$defs": dict(sorted(schemas.made.items()))}


class _Schemas:
    """The schemas of some classes and of all that they have in them, each by its name."""

    def __init__(self, refs: str, *, reading: bool, by_reference: bool) -> None:
        self._refs = refs
        self._reading = reading
        self._by_reference = by_reference
        self.made: dict[str, dict[str, Any]] = {}

    @cached_property
    def _plain(self) -> Mapping[Any, dict[str, Any]]:
        return _READ if self._reading else _WRITTEN

    def of(self, hint: Any) -> dict[str, Any]:
        """Return the schema of a type; of a class, where its schema is."""
        origin, args = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return {"anyOf": [self.of(arg) for arg in args]}
        if origin in (tuple, list, frozenset):
            return {"type": "array", "items": self.of(args[0])}
        if origin is Literal:
            return {"const": args[0]}
        if origin is not None:  # a mapping from text
            return {"type": "object", "additionalProperties": self.of(args[1])}
        if hint in self._plain:
            return dict(self._plain[hint])
        if self._by_reference and hint in TABLES.values():
            return {"type": "integer", "minimum": 0}
        return self._named(hint)

    def root(self, cls: type[Any]) -> dict[str, Any]:
        """Return the schema of data that has the tables, by reference: where it is."""
        made = self._class(cls)
        tables = {name: {"type": "array", "items": self._named(once)} for name, once in TABLES.items()}
        properties = made["properties"]
        name = f"{cls.__name__}{_BY_REFERENCE}"
        self.made["Referred"] = {"description": "Everything that is written once.", **_object(tables)}
        referred = {"schema": properties["schema"], REFERRED: {"$ref": f"{self._refs}Referred"}}
        self.made[name] = {
            "description": f"{_about(cls)} By reference: `{REFERRED}` has what is written once, all else its places.",
            **made,
            "properties": referred | properties,
            "required": [*referred, *(one for one in made["required"] if one != "schema")],
        }
        return {"$ref": f"{self._refs}{name}"}

    def _named(self, hint: Any) -> dict[str, Any]:
        name = hint.__name__
        if self._by_reference and _refers(hint):
            name += _IN_TABLES
        if name not in self.made:
            self.made[name] = {}  # so that a class may have its own kind in it
            self.made[name] = {"description": _about(hint), **self._class(hint)}
        return {"$ref": f"{self._refs}{name}"}

    def _class(self, cls: Any) -> dict[str, Any]:
        if issubclass(cls, Enum):
            return {"type": "string", "enum": [str(member.value) for member in cls]}
        if cls is Explanation:
            cls = WrittenExplanation
        if is_typeddict(cls):
            return self._typed_dict(cls)
        number = BY_REFERENCE if self._by_reference else cls._schema
        numbered: dict[str, Any] = {} if cls._schema is None else {"schema": {"const": number}}
        fields = {name: self._field(cls, name) for name in fields_of(cls)}
        computed = {name: self._computed(cls, name) for name in cls._computed}
        optional = defaults_of(cls).keys() | cls._computed if self._reading else ()
        return _object(numbered | fields | computed, optional)

    def _typed_dict(self, cls: Any) -> dict[str, Any]:
        hints = get_type_hints(cls)
        if not (self._reading and cls is WrittenExplanation):
            return _object({name: self.of(hint) for name, hint in hints.items()})
        # It is explained anew from the one of the two that is there.
        read = {name: self.of(hints[name]) | {"default": None} for name in _EXPLAINED}
        properties = (
            {name: {"readOnly": True} for name in hints} | {"schema": self.of(hints["schema"])} | read
        )
        return _object(properties, hints.keys() - {"schema"})

    def _field(self, cls: Any, name: str) -> dict[str, Any]:
        if (cls, name) == (Finding, "facts"):  # its decoder reads what any message may name
            return _object({fact: self.of(hint) for fact, hint in FACTS.items()}, FACTS)
        schema = self.of(hints_of(cls)[name])
        limits = limits_of(cls._checks.get(name))
        for one in schema.get("anyOf", [schema]):
            if one.get("type") != "null":
                one.update(limits)
        if self._reading and name in defaults_of(cls):
            schema["default"] = to_plain(defaults_of(cls)[name])
        return schema

    def _computed(self, cls: Any, name: str) -> dict[str, Any]:
        if self._reading:
            return {"readOnly": True}
        return {**self.of(_computed_type(cls, name)), "readOnly": True}


def _refers(hint: Any) -> bool:
    """Tell whether data of a type has places of tables in it, by reference."""
    waiting, seen = [hint], set()
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        if one in TABLES.values() and one is not hint:
            return True
        if isinstance(one, type) and is_record(one) and one not in seen:
            seen.add(one)
            computed = one._computed if issubclass(one, Plain) else ()
            waiting += [*hints_of(one).values(), *(_computed_type(one, name) for name in computed)]
    return False


def _computed_type(cls: Any, name: str) -> Any:
    return get_type_hints(getattr_static(cls, name).fget)["return"]


def _object(properties: dict[str, Any], optional: Collection[str] = ()) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _about(cls: type[Any]) -> str:
    """Return the first paragraph of what a class says of itself."""
    return " ".join((cls.__doc__ or "").partition("\n\n")[0].split())
