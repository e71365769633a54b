"""Values of which some fields are made when somebody first asks for them: to decide is quick, to say why is not."""

from __future__ import annotations

from collections.abc import Mapping
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .plain import Plain

__all__ = ["Later", "later"]

T = TypeVar("T", bound="Later")
_new, _set = object.__new__, object.__setattr__


class Later(Plain):
    """Mixin for attrs classes: a field that is missing is made on first use, and then kept.

    To compare, hash, copy, pickle or print a value asks for every field, so nobody can tell such a value from one
    that had them all from the start. What makes a field only reads values that never change: two threads that ask at
    once make the same.
    """

    __slots__ = ("_source",)
    _source: Any

    def said(self) -> Self:
        """Return it with every field made: where a number may be wanting, it must be missed now and not later."""
        self.to_dict()
        return self

    def _made(self, name: str) -> Any:
        """Return the field of that name; what it is made of is a function, unless a class says otherwise."""
        return self._source(name)

    if not TYPE_CHECKING:  # for a type checker, a name that is not a field is wrong

        def __getattr__(self, name: str) -> Any:
            # A field is a slot of its class; that this one is reached means that the slot is empty.
            if name == "_source" or type(getattr(type(self), name, None)) is not MemberDescriptorType:
                raise AttributeError(
                    f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self
                )
            value = self._made(name)
            object.__setattr__(self, name, value)
            return value


def later(cls: type[T], source: Any, known: Mapping[str, Any] | None = None) -> T:
    """Return a value with what its fields are made of, and those that are known, which are not checked again."""
    made = _new(cls)
    _set(made, "_source", source)
    if known is not None:
        for name, value in known.items():
            _set(made, name, value)
    return made
