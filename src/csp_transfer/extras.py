"""What only an extra installs: imported within `Needs`, which says the extra where it is missing."""

from __future__ import annotations

from types import TracebackType

from .errors import MissingExtra

__all__ = ["Needs"]


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
