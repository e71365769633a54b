"""When two ids are the same: the one place that decides it.

Ids of subscriptions and offers are GUIDs or product codes, those of tenants and partners GUIDs or domain names. In all
of them, capital and small letters mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from .frozen_map import FrozenMap

__all__ = ["IdMap", "id_key", "one_of_ids", "same_id"]

V = TypeVar("V")


def id_key(text: str) -> str:
    """Return what an id is compared, counted and sorted by.

    >>> id_key("CFQ7TTC0LH18:0001")
    'cfq7ttc0lh18:0001'
    """
    return text.lower()


def same_id(one: str, other: str) -> bool:
    """Tell whether two ids are of one thing.

    >>> same_id("Contoso.example", "contoso.EXAMPLE"), same_id("contoso", "fabrikam")
    (True, False)
    """
    return one == other or id_key(one) == id_key(other)


def one_of_ids(wanted: str, ids: Iterable[str]) -> bool:
    """Tell whether an id is one of several.

    >>> one_of_ids("E3", frozenset({"e3", "e5"}))
    True
    """
    return any(same_id(wanted, one) for one in ids)


class IdMap(FrozenMap[str, V]):
    """An immutable mapping from ids, in which an id is found however it is spelled.

    >>> IdMap({"Contoso": 1})["contoso"]
    1
    """

    __slots__ = ("_spelled",)
    _spelled: dict[str, str]

    def __init__(self, items: Mapping[str, V] | None = None) -> None:
        super().__init__(items)
        object.__setattr__(
            self, "_spelled", {id_key(key): key for key in self._items if isinstance(key, str)}
        )

    def __getitem__(self, key: str) -> V:
        if key in self._items or not isinstance(key, str):
            return self._items[key]
        return self._items[self._spelled[id_key(key)]]
