"""Closed vocabularies: enums that print as their plain word, and ordered ones."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Self

from .errors import InvalidType

__all__ = ["Level", "Word"]


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
