"""The public surface as text: every name, field, member and signature that somebody may have come to rely on.

    python proof/api.py    writes proof/api.txt anew

A test compares the text with the package. A change of it is a change of the API: look at the difference, and write it
into the changelog.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

import csp_transfer
from csp_transfer import export, frames, partner_center, plots, strategies

KEPT = Path(__file__).with_name("api.txt")
MODULES = (csp_transfer, export, frames, partner_center, plots, strategies)


def surface() -> str:
    """Return the public surface, one line each, sorted."""
    return "".join(f"{line}\n" for module in MODULES for line in _of_module(module))


def _of_module(module: ModuleType) -> Iterator[str]:
    for name in sorted(module.__all__):
        value = getattr(module, name)
        where = f"{module.__name__}.{name}"
        if isinstance(value, type):
            yield from _of_class(where, value)
        elif inspect.isfunction(value):
            yield f"{where}{inspect.signature(value)}"
        else:
            yield f"{where}: {type(value).__name__}"


def _of_class(where: str, cls: type[Any]) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in cls.__mro__[1:-1] if not base.__name__.startswith("_"))
    yield f"class {where}({bases})"
    if issubclass(cls, Enum):
        yield from (f"{where}.{member.name} = {member.value!r}" for member in cls)
        return
    fields = attrs.fields_dict(cls) if attrs.has(cls) else {}
    for name, field in fields.items():
        optional = "" if field.default is attrs.NOTHING else " = ..."
        yield f"{where}.{name}: {field.type}{optional}"
    if not fields and _ours(cls, "__init__"):
        yield f"{where}{inspect.signature(cls)}"
    for name in sorted(set(dir(cls)) - set(fields)):
        member = inspect.getattr_static(cls, name)
        if name.startswith("_") or name in dir(ValueError) or not _ours(cls, name):
            continue
        if inspect.ismemberdescriptor(member) and not attrs.has(cls):  # a field of a class without attrs
            yield f"{where}.{name}: {_annotation(cls, name)}"
        elif isinstance(member, property):
            yield f"{where}.{name}: {inspect.signature(member.fget).return_annotation}"  # type: ignore[arg-type]
        elif callable(member) or isinstance(member, (classmethod, staticmethod)):
            yield f"{where}.{name}{inspect.signature(getattr(cls, name))}"


def _annotation(cls: type[Any], name: str) -> str:
    annotations = (vars(base).get("__annotations__", {}) for base in cls.__mro__)
    return next(str(known[name]) for known in annotations if name in known)


def _ours(cls: type[Any], name: str) -> bool:
    return any(name in vars(base) and base.__module__.startswith("csp_transfer") for base in cls.__mro__)


if __name__ == "__main__":
    KEPT.write_text(surface(), encoding="utf-8")
