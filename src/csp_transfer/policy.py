"""Every number that a rule uses, once: dated histories with their source, and the policies that read them.

`GUIDE` reads what the guide states, for any date. Where a later record of a history says otherwise for the
dates at hand, the answer stays the guide's and carries a caution that names the later record's rule. A second
policy that reads the record in force on each date is one more reading of these same histories.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import attrs
from attrs import frozen

from .errors import InvalidType, InvalidValue
from .plain import Plain
from .sources import PAGES, Page, Standing

__all__ = [
    "BACKUP_DAYS",
    "CANCELLATION_DAYS",
    "DISABLED_DAYS",
    "GRACE_DAYS",
    "GUIDE",
    "HISTORIES",
    "MOST_DUPLICATES",
    "SUSPENDED_DAYS",
    "History",
    "Policy",
    "Since",
]


@frozen(kw_only=True)
class Since(Plain):
    """A value, from which day it holds, and the rule and page that say so."""

    from_day: date
    value: int
    rule: str
    page: Page
    standing: Standing


@frozen(kw_only=True)
class History(Plain):
    """A number through time: its records, oldest first. The guide's own reading is the first of them.

    >>> later = GRACE_DAYS.later_than_stated(date(2026, 5, 4))
    >>> GRACE_DAYS.stated, later.value, later.rule
    (30, 0, 'EST-001')
    """

    name: str
    unit: str
    records: tuple[Since, ...]

    @property
    def stated(self) -> int:
        """The value that the first record states."""
        return self.records[0].value

    def later_than_stated(self, day: date) -> Since | None:
        """Return the record that replaced the stated one by that day, or None while the stated one holds."""
        for record in reversed(self.records[1:]):
            if record.from_day <= day:
                return record
        return None


def _stated(
    name: str, unit: str, value: int, rule: str, page: str, standing: Standing, *later: Since
) -> History:
    # New commerce, whose subscriptions these rules are about, began on this day.
    first = Since(from_day=date(2022, 1, 10), value=value, rule=rule, page=PAGES[page], standing=standing)
    return History(name=name, unit=unit, records=(first, *later))


GRACE_DAYS: Final = _stated(
    "grace_days",
    "days from the day after the term's last day; dated by that last day",
    30,
    "END-005",
    "guide",
    Standing.STATED,
    Since(
        from_day=date(2026, 5, 4),
        value=0,
        rule="EST-001",
        page=PAGES["extended"],
        standing=Standing.CONFIRMED,
    ),
)
DISABLED_DAYS: Final = _stated("disabled_days", "days", 90, "LIF-001", "lifecycle", Standing.CONFIRMED)
SUSPENDED_DAYS: Final = _stated(
    "suspended_days",
    "days Disabled after a suspended term, before the others",
    30,
    "LIF-002",
    "lifecycle",
    Standing.DISPUTED,
)
BACKUP_DAYS: Final = _stated(
    "backup_days", "days from the cancellation", 7, "LIF-004", "lifecycle", Standing.CONFIRMED
)
MOST_DUPLICATES: Final = _stated(
    "most_duplicates", "active subscriptions of one customer", 150, "CAP-001", "guide", Standing.STATED
)
CANCELLATION_DAYS: Final = _stated(
    "cancellation_days",
    "days from purchase or renewal in which a cancellation is refunded; dated by its first day",
    0,
    "END-002",
    "guide",
    Standing.STATED,
    Since(
        from_day=date(2022, 1, 10),
        value=3,  # 72 hours
        rule="CXL-001",
        page=PAGES["cancellation"],
        standing=Standing.SECONDARY,
    ),
    Since(
        from_day=date(2022, 3, 1),
        value=7,
        rule="CXL-001",
        page=PAGES["cancellation"],
        standing=Standing.CONFIRMED,
    ),
)

HISTORIES: Final = (
    GRACE_DAYS,
    SUSPENDED_DAYS,
    DISABLED_DAYS,
    BACKUP_DAYS,
    MOST_DUPLICATES,
    CANCELLATION_DAYS,
)
"""Every history there is."""

_MOST: Final = 3650  # ten years; keeps every day that a rule can reach inside the calendar


@frozen(kw_only=True)
class Policy(Plain):
    """A named set of numbers; `evolve` makes another for a what-if, and every result says which it used.

    Raises `InvalidType` or `InvalidValue` for anything but whole numbers from 0 to 3650.

    >>> GUIDE.evolve(grace_days=45)
    Policy(name='GUIDE with grace_days=45', grace_days=45, suspended_days=30, disabled_days=90, backup_days=7, \
most_duplicates=150)
    """

    name: str
    grace_days: int
    suspended_days: int
    disabled_days: int
    backup_days: int
    most_duplicates: int

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self))[1:]:
            value = getattr(self, field.name)
            if type(value) is not int:
                raise InvalidType(field.name, value, f"a whole number from 0 to {_MOST}")
            if not 0 <= value <= _MOST:
                raise InvalidValue(field.name, value, f"a whole number from 0 to {_MOST}")

    def evolve(self, **changes: int) -> Policy:
        """Return this policy with other numbers, and a name that says which."""
        known = [field.name for field in attrs.fields(type(self))[1:]]
        for name in changes:
            if name not in known:
                raise InvalidValue("evolve", name, f"one of {', '.join(known)}")
        numbers = {name: getattr(self, name) for name in known} | changes
        changed = ", ".join(f"{name}={value}" for name, value in sorted(changes.items()))
        return Policy(name=f"{self.name} with {changed}" if changed else self.name, **numbers)


GUIDE: Final = Policy(
    name="GUIDE",
    grace_days=GRACE_DAYS.stated,
    suspended_days=SUSPENDED_DAYS.stated,
    disabled_days=DISABLED_DAYS.stated,
    backup_days=BACKUP_DAYS.stated,
    most_duplicates=MOST_DUPLICATES.stated,
)
"""What the guide states, for any date: the default policy."""
