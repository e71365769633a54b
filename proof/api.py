"""The public surface as text: every name, field, member and signature that somebody may have come to rely on.

    python proof/api.py    writes proof/api.txt anew

A test compares the text with the package. A change of it is a change of the API: look at the difference, and write it
into the changelog. What each version had is kept in tests/kept, and another test tells whether something that worked
with it would not work any more. (0.1.0 has no tag: its surface is that of the last commit before its changelog ended.)
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

import csp_transfer
from csp_transfer import export, frames, partner_center, plots, strategies
from csp_transfer.plain import fields_of, form_of, is_record

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
    given: Any = cls  # for a type checker, not every type can be a key
    fields = fields_of(given) if is_record(given) and attrs.has(form_of(given)) else {}
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


def broken(old: str, new: str) -> list[str]:
    """Return what worked with an old surface and does not with the new one.

    A name that is gone; a value that a word has no longer; a field or a parameter that must be given now, or
    takes less than it did; parameters in another order. What a field or a function gives may become more: None where
    something is not known, one more word. A change of that kind is for the changelog.
    """
    had, has = _names(old), _names(new)
    found: list[str] = []
    for name, what in had.items():
        if name not in has:
            found.append(f"{name} is gone")
        elif what.startswith("(") and not name.startswith("class "):
            found += [f"{name}: {why}" for why in _narrower(what, has[name])]
        elif what != has[name] and not _wider(what, has[name]):
            found.append(f"{name}{what} became {has[name]}")
    return found


# What versions had and the next one has not, as the changelog says: values have no fields any more that are made when
# they are asked for. Two classes that nobody makes or names are gone, or have another name.
_WITHDRAWN = {
    "0.1.0": re.compile(r"csp_transfer\.\w+\.said is gone|class csp_transfer\.Assessment\(.* became .*")
}
_RENAMED = {"Later, ": "", "Ranked": "Consequences"}


def broken_since(version: str, kept: str, now: str) -> list[str]:
    """Return what worked with a version and does not now, beside what the changelog withdraws."""
    for old, new in _RENAMED.items():
        kept = kept.replace(old, new)
    withdrawn = _WITHDRAWN.get(version)
    return [line for line in broken(kept, now) if not (withdrawn and withdrawn.fullmatch(line))]


def _names(text: str) -> dict[str, str]:
    """Return what is said of each name."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, said = re.fullmatch(r"((?:class )?[\w.]+)(.*)", line).groups()  # type: ignore[union-attr]
        found[name] = said
    return found


def _wider(old: str, new: str) -> bool:
    """Tell whether a class has the bases that it had, or a field takes what it took and may be left out if it might."""
    if old.startswith("("):
        return _parts(old, ", ") <= _parts(new, ", ")
    optional = " = ..."
    may_be_left_out = not old.endswith(optional) or new.endswith(optional)
    is_word = old.startswith(" = ")
    kept = _parts(old.removesuffix(optional), " | ") <= _parts(new.removesuffix(optional), " | ")
    return may_be_left_out and kept and not is_word


def _parts(text: str, between: str) -> set[str]:
    return set(text.strip(" :()'").split(between))


def _narrower(old: str, new: str) -> Iterator[str]:
    """Yield what a function does not take any more."""
    before, after = _parameters(old), _parameters(new)
    by_position = [name for name, (_, kind, _) in before.items() if kind == "position"]
    if (
        by_position
        != [name for name, (_, kind, _) in after.items() if kind == "position"][: len(by_position)]
    ):
        yield "another order of parameters"
    for name, (accepted, _, must) in before.items():
        if name not in after:
            yield f"{name} is gone"
        elif after[name][2] and not must:
            yield f"{name} must be given"
        elif not _parts(accepted, " | ") <= _parts(after[name][0], " | "):
            yield f"{name}: {accepted} became {after[name][0]}"
    yield from (f"{name} must be given" for name, one in after.items() if one[2] and name not in before)


def _parameters(signature: str) -> dict[str, tuple[str, str, bool]]:
    """Return of each parameter its type, whether it may be given by position, and whether it must be given."""
    [function] = ast.parse(f"def f{signature}: ...").body
    assert isinstance(function, ast.FunctionDef)
    given = function.args
    by_position = [(arg, "position") for arg in given.args]
    left = [None] * (len(given.args) - len(given.defaults))
    defaults = [*left, *given.defaults, *given.kw_defaults]
    several = [*by_position, *((arg, "keyword") for arg in given.kwonlyargs)]
    return {
        arg.arg: (ast.literal_eval(arg.annotation) if arg.annotation else "", kind, default is None)
        for (arg, kind), default in zip(several, defaults, strict=True)
    }


def _ours(cls: type[Any], name: str) -> bool:
    return any(name in vars(base) and base.__module__.startswith("csp_transfer") for base in cls.__mro__)


if __name__ == "__main__":
    KEPT.write_text(surface(), encoding="utf-8")
