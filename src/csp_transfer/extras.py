"""What only an extra installs, imported within `Needs`, which says the extra where it is missing; and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from types import TracebackType
from typing import Any, TypeVar

from .errors import InvalidType, MissingExtra

__all__ = ["Needs", "Progress", "watched"]


class Needs:
    """What a door imports within this, its extra installs; where it is missing, `MissingExtra` names the extra.

    >>> with Needs("a calendar", extra="calendar"):
    ...     import not_installed
    Traceback (most recent call last):
    ...
    csp_transfer.errors.MissingExtra: a calendar needs what the extra 'calendar' installs: csp-transfer[calendar]
    """

    def __init__(self, door: str, *, extra: str) -> None:
        self._missing = MissingExtra(door, extra)

    def __enter__(self) -> None:
        """Nothing is asked before it is imported."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Name the extra, if something could not be imported."""
        if isinstance(error, ImportError):
            raise self._missing from error


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
