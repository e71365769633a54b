"""Licences that were added to a subscription later, each with days of its own in which it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, cast

from attrs import frozen

from . import checks
from .errors import InvalidValue
from .plain import Plain, accepts
from .spans import utc_day

__all__ = ["SeatWindow", "as_windows", "seats_as_text", "seats_from_text"]


@accepts(minimum=1, maximum=checks.MOST)
def _check_some(field: str, value: object) -> None:
    checks.count(field, value)
    if not value:
        raise InvalidValue(field, value, "a count of licences, 1 or more")


def _check_until(field: str, value: object) -> None:
    checks.instant(field, value)
    utc_day(field, value)


@frozen(kw_only=True)
class SeatWindow(Plain):
    """Licences that can be taken back until an instant (aware; UTC), whatever holds for the whole subscription.

    Raises `InvalidType` or `InvalidValue`. Source: rulebook, CXL-001.

    >>> from datetime import UTC
    >>> SeatWindow(quantity=0, until=datetime(2026, 2, 8, tzinfo=UTC))
    Traceback (most recent call last):
    ...
    csp_transfer.errors.InvalidValue: quantity: 0; expected a count of licences, 1 or more
    """

    quantity: int
    until: datetime

    _checks: ClassVar = {"quantity": _check_some, "until": _check_until}

    def __attrs_post_init__(self) -> None:
        self._check_fields()


def seats_as_text(window: SeatWindow) -> str:
    """Return how many, and until when, as the cell of a table has it.

    >>> from datetime import UTC
    >>> seats_as_text(SeatWindow(quantity=5, until=datetime(2026, 2, 8, tzinfo=UTC)))
    '5 2026-02-08T00:00:00Z'
    """
    written = window.to_dict()
    return f"{written['quantity']} {written['until']}"


def seats_from_text(text: str) -> SeatWindow:
    """Return what `seats_as_text` wrote; `InvalidType` or `InvalidValue` for any other text."""
    quantity, _, until = text.partition(" ")
    # Not more digits than a count can have: Python does not convert any number of them.
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= len(str(checks.MOST))):
        raise InvalidValue("quantity", quantity, "a count of licences, 1 or more")
    return SeatWindow.from_dict({"quantity": int(quantity), "until": until})


def as_windows(value: Sequence[SeatWindow]) -> tuple[SeatWindow, ...]:
    """Return a list as a tuple; anything else as it is, to be checked."""
    return tuple(value) if isinstance(value, list) else cast("tuple[SeatWindow, ...]", value)
