"""How far a long task has come: told to a function, or shown as a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any, TypeVar

from .errors import InvalidType
from .extras import Needs

__all__ = ["Progress", "watched"]

T = TypeVar("T")

Progress = Callable[[int, int | None], object] | bool | None
"""A function of how many are done and how many there are (None: nobody knows); True: a bar; None: nobody asks."""


def watched(items: Iterable[T], progress: Progress) -> Iterator[T]:
    """Return the items one by one, and tell after each, when the next is asked for, how far it has come.

    >>> for _ in watched("ab", lambda done, total: print(done, "of", total)):
    ...     pass
    1 of 2
    2 of 2
    """
    if progress is None or progress is False:
        return iter(items)
    if progress is True:
        return iter(_bar()(items))
    if not callable(progress):
        raise InvalidType("progress", progress, "a function of done and total, True, or None")
    return _told(items, progress)


def _told(items: Iterable[T], progress: Callable[[int, int | None], object]) -> Iterator[T]:
    total = len(items) if isinstance(items, Sized) else None
    for done, item in enumerate(items, start=1):
        yield item
        progress(done, total)


def _bar() -> Any:
    with Needs("progress=True", extra="progress"):
        from tqdm import tqdm
    return tqdm
