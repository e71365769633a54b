"""A number through time: dated records, each with its source, beside what the guide states."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from operator import attrgetter
from typing import Final

from attrs import frozen

from . import checks
from .errors import InvalidType, InvalidValue
from .plain import Plain, accepts
from .sources import Page, Standing

__all__ = ["History", "Since", "whole_number"]

_MOST: Final = 3650  # ten years; keeps every day that a rule can reach inside the calendar


@frozen(kw_only=True)
class Since(Plain):
    """A value, from which day it holds, and the rule and page that say so."""

    from_day: date
    value: int
    rule: str
    page: Page
    standing: Standing

    def __attrs_post_init__(self) -> None:
        checks.day("from_day", self.from_day)
        whole_number("value", self.value)


@accepts(minimum=0, maximum=_MOST)
def whole_number(name: str, value: object) -> None:
    """Refuse anything but a whole number from 0 to ten years of days."""
    if type(value) is not int:
        raise InvalidType(name, value, f"a whole number from 0 to {_MOST}")
    if not 0 <= value <= _MOST:
        raise InvalidValue(name, value, f"a whole number from 0 to {_MOST}")


@frozen(kw_only=True)
class History(Plain):
    """A number through time: what the guide states, and the records of what has been in force, oldest first.

    What the guide states, or the page that it points at, holds for no day of its own: it is what a policy of the
    guide's reads for any date. Raises `InvalidType` or `InvalidValue` for records that are none, or not in order.

    >>> from csp_transfer.policy import GRACE_DAYS
    >>> GRACE_DAYS.stated, GRACE_DAYS.in_force(date(2026, 5, 3)).value, GRACE_DAYS.in_force(date(2026, 5, 4)).value
    (30, 30, 0)
    """

    name: str
    unit: str
    """What is counted, and which date of an event decides."""
    stated: int
    """What the guide states, or the page that states the number first."""
    stated_by: str
    """The rule that says so."""
    records: tuple[Since, ...]
    """What has been in force, each record until the next one."""

    def __attrs_post_init__(self) -> None:
        checks.instance("records", self.records, tuple, "records, oldest first")
        for n, record in enumerate(self.records):
            checks.instance(f"records[{n}]", record, Since)
        days = [record.from_day for record in self.records]
        if not days or days != sorted(set(days)):
            raise InvalidValue("records", tuple(days), "at least one day, each later than the one before")

    @property
    def first_day(self) -> date:
        """The day from which there is a record."""
        return self.records[0].from_day

    @property
    def changes(self) -> tuple[date, ...]:
        """The days on which one record replaces another."""
        return tuple(later.from_day for _, later in pairwise(self.records))

    def on(self, day: date) -> Since | None:
        """Return the record that holds on a day, or None before the first."""
        for record in reversed(self.records):
            if record.from_day <= day:
                return record
        return None

    def in_force(self, day: date) -> Since:
        """Return the record that holds on a day; `InvalidValue` before the first, as nothing is guessed.

        >>> from csp_transfer.policy import TRANSFER_ITEMS
        >>> TRANSFER_ITEMS.in_force(date(2024, 6, 14))
        Traceback (most recent call last):
        ...
        csp_transfer.errors.InvalidValue: transfer_items on: 2024-06-14; expected a day from 2024-06-15 on, when its \
first record begins
        """
        record = self.on(day)
        if record is None:
            accepted = f"a day from {self.first_day} on, when its first record begins"
            raise InvalidValue(f"{self.name} on", day, accepted)
        return record

    def with_record(self, record: Since) -> History:
        """Return this history with one more record, in the place of one that begins on the same day."""
        others = (r for r in self.records if r.from_day != record.from_day)
        return self.evolve(records=tuple(sorted((*others, record), key=attrgetter("from_day"))))
