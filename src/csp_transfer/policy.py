"""Every number that a rule uses, once: dated histories with their source, and the policies that read them.

`GUIDE` reads what the guide states, for any date; where a later record of a history says otherwise for the dates at
hand, the answer stays the guide's and carries a caution that names the later record's rule. `IN_FORCE` reads the
record in force on the date of the event.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import ClassVar, Final

import attrs
from attrs import frozen

from . import checks
from .errors import InvalidType, InvalidValue
from .plain import Plain
from .sources import PAGES, Page, Standing

__all__ = [
    "BACKUP_DAYS",
    "CANCELLATION_DAYS",
    "DISABLED_DAYS",
    "EXTENDED_PERCENT",
    "EXTENDED_PERCENT_WITHOUT_MONTHLY",
    "EXTENDS_BY_ITSELF",
    "GRACE_DAYS",
    "GUIDE",
    "HISTORIES",
    "IN_FORCE",
    "KNOWN_FROM",
    "MOST_DUPLICATES",
    "RENEWAL_HOURS",
    "STATES",
    "SUSPENDED_DAYS",
    "TENANT_SUBSCRIPTIONS",
    "TRANSFER_ITEMS",
    "TRANSFER_REQUEST_DAYS",
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

    >>> GRACE_DAYS.stated, GRACE_DAYS.in_force(date(2026, 5, 3)).value, GRACE_DAYS.in_force(date(2026, 5, 4)).value
    (30, 30, 0)
    """

    name: str
    unit: str
    """What is counted, and which date of an event decides."""
    records: tuple[Since, ...]

    @property
    def stated(self) -> int:
        """The value that the first record states."""
        return self.records[0].value

    @property
    def first_day(self) -> date:
        """The day from which there is a record."""
        return self.records[0].from_day

    def later_than_stated(self, day: date) -> Since | None:
        """Return the record that replaced the stated one by that day, or None while the stated one holds."""
        for record in reversed(self.records[1:]):
            if record.from_day <= day:
                return record
        return None

    def in_force(self, day: date) -> Since:
        """Return the record that holds on a day; `InvalidValue` before the first, as nothing is guessed.

        >>> TRANSFER_ITEMS.in_force(date(2023, 12, 31))
        Traceback (most recent call last):
        ...
        csp_transfer.errors.InvalidValue: transfer_items on: 2023-12-31; expected a day from 2024-01-01 on, when its \
first record begins
        """
        if day < self.first_day:
            accepted = f"a day from {self.first_day} on, when its first record begins"
            raise InvalidValue(f"{self.name} on", day, accepted)
        return self.later_than_stated(day) or self.records[0]


# New commerce, whose subscriptions these rules are about, began on this day.
_NEW_COMMERCE: Final = date(2022, 1, 10)


def _since(day: date, value: int, rule: str, page: str, standing: Standing) -> Since:
    return Since(from_day=day, value=value, rule=rule, page=PAGES[page], standing=standing)


def _history(name: str, unit: str, *records: Since) -> History:
    return History(name=name, unit=unit, records=records)


GRACE_DAYS: Final = _history(
    "grace_days",
    "days from the day after the term's last day; dated by that last day",
    _since(_NEW_COMMERCE, 30, "END-005", "guide", Standing.STATED),
    _since(date(2026, 5, 4), 0, "EST-001", "extended", Standing.CONFIRMED),
)
SUSPENDED_DAYS: Final = _history(
    "suspended_days",
    "days Disabled after a suspended term, before the others; dated by the term's last day",
    _since(_NEW_COMMERCE, 30, "LIF-002", "lifecycle", Standing.DISPUTED),
)
DISABLED_DAYS: Final = _history(
    "disabled_days",
    "days Disabled, before Deleted; dated by the term's last day",
    _since(_NEW_COMMERCE, 90, "LIF-001", "lifecycle", Standing.CONFIRMED),
)
BACKUP_DAYS: Final = _history(
    "backup_days",
    "days from the cancellation, that day included; dated by the term's last day",
    _since(_NEW_COMMERCE, 7, "LIF-004", "lifecycle", Standing.CONFIRMED),
)
MOST_DUPLICATES: Final = _history(
    "most_duplicates",
    "active subscriptions of one customer; dated by the last of their terms' last days",
    _since(_NEW_COMMERCE, 150, "CAP-001", "guide", Standing.STATED),
)
TENANT_SUBSCRIPTIONS: Final = _history(
    "tenant_subscriptions",
    "subscriptions in one tenant, old and new; dated by the last of the terms' last days",
    _since(_NEW_COMMERCE, 300, "CAP-003", "consolidation", Standing.CONFIRMED),
)
CANCELLATION_DAYS: Final = _history(
    "cancellation_days",
    "days from purchase or renewal in which a cancellation is refunded; dated by the first of them",
    _since(_NEW_COMMERCE, 0, "END-002", "guide", Standing.STATED),
    _since(_NEW_COMMERCE, 3, "CXL-001", "cancellation", Standing.SECONDARY),  # said as 72 hours
    _since(date(2022, 3, 12), 7, "CXL-001", "cancellation", Standing.CONFIRMED),
)
RENEWAL_HOURS: Final = _history(
    "renewal_hours",
    "hours that a renewal may take; dated by the day on which it runs",
    _since(_NEW_COMMERCE, 24, "RNW-001", "manage", Standing.CONFIRMED),
)
EXTENDS_BY_ITSELF: Final = _history(
    "extends_by_itself",
    "1 where a term that ends without a choice goes on as an extended service term; dated by its first day",
    _since(_NEW_COMMERCE, 0, "EST-003", "extended", Standing.SECONDARY),
    _since(date(2025, 4, 1), 1, "EST-003", "extended", Standing.SECONDARY),
)
EXTENDED_PERCENT: Final = _history(
    "extended_percent",
    "percent on top of the monthly rate in an extended service term; dated by its first day",
    _since(date(2026, 5, 4), 3, "EST-002", "extended", Standing.CONFIRMED),
)
EXTENDED_PERCENT_WITHOUT_MONTHLY: Final = _history(
    "extended_percent_without_monthly",
    "percent on top, where the offer has no monthly plan; dated by the extended service term's first day",
    _since(date(2026, 5, 4), 23, "EST-002", "extended", Standing.CONFIRMED),
)
TRANSFER_ITEMS: Final = _history(
    "transfer_items",
    "subscriptions in one transfer request; dated by the day of the request",
    _since(date(2024, 1, 1), 25, "PCT-003", "transfer", Standing.SECONDARY),
)
TRANSFER_REQUEST_DAYS: Final = _history(
    "transfer_request_days",
    "days after which a transfer request lapses; dated by the day of the request",
    _since(date(2024, 1, 1), 30, "PCT-003", "transfer", Standing.SECONDARY),
)

STATES: Final = (GRACE_DAYS, SUSPENDED_DAYS, DISABLED_DAYS, BACKUP_DAYS)
"""The histories of how long a state lasts, all dated by the term's last day."""
KNOWN_FROM: Final = max(history.first_day for history in STATES)
"""The first day for which each of them has a record."""

HISTORIES: Final = (
    *STATES,
    MOST_DUPLICATES,
    TENANT_SUBSCRIPTIONS,
    CANCELLATION_DAYS,
    RENEWAL_HOURS,
    EXTENDS_BY_ITSELF,
    EXTENDED_PERCENT,
    EXTENDED_PERCENT_WITHOUT_MONTHLY,
    TRANSFER_ITEMS,
    TRANSFER_REQUEST_DAYS,
)
"""Every history there is."""

_MOST: Final = 3650  # ten years; keeps every day that a rule can reach inside the calendar


def _check_number(field: str, value: object) -> None:
    if type(value) is not int:
        raise InvalidType(field, value, f"a whole number from 0 to {_MOST}")
    if not 0 <= value <= _MOST:
        raise InvalidValue(field, value, f"a whole number from 0 to {_MOST}")


@frozen(kw_only=True)
class Policy(Plain):
    """A named reading of the histories; `evolve` makes another for a what-if, and every result says which it used.

    A number that is None is read from its history, as in force on the date of the event. Raises `InvalidType` or
    `InvalidValue` for anything else than None and whole numbers from 0 to 3650.

    >>> GUIDE.evolve(grace_days=45)
    Policy(name='GUIDE with grace_days=45', in_force=False, grace_days=45, suspended_days=30, disabled_days=90, \
backup_days=7, most_duplicates=150)
    >>> IN_FORCE.number(GRACE_DAYS, date(2026, 5, 3)), IN_FORCE.number(GRACE_DAYS, date(2026, 5, 4))
    (30, 0)
    """

    name: str
    in_force: bool
    """Whether the rules that came after the guide decide; under a policy of the guide's they only warn."""
    grace_days: int | None = None
    suspended_days: int | None = None
    disabled_days: int | None = None
    backup_days: int | None = None
    most_duplicates: int | None = None

    _checks: ClassVar = {
        "name": checks.text,
        "in_force": checks.flag,
        **dict.fromkeys(
            (history.name for history in (*STATES, MOST_DUPLICATES)), checks.optional(_check_number)
        ),
    }

    def __attrs_post_init__(self) -> None:
        self._check_fields()

    def number(self, history: History, day: date) -> int:
        """Return a number for an event of that day: this policy's own, or else what it reads in the history.

        Raises `InvalidValue` where only the record in force can tell, and there is none yet.
        """
        own: int | None = getattr(self, history.name) if history.name in _OWN else None
        if own is not None:
            return own
        return history.in_force(day).value if self.in_force else history.stated

    def knows(self, last_day: date) -> bool:
        """Tell whether no number for a term that ends on that day can be wanting: see `number`."""
        return not self.in_force or last_day >= KNOWN_FROM

    @cached_property
    def stated_days(self) -> tuple[int, int, int, int]:
        """The days of `STATES`, in that order, as a policy of the guide's reads them: for any date the same."""
        grace, suspended, disabled, backup = (self.number(history, KNOWN_FROM) for history in STATES)
        return grace, suspended, disabled, backup

    def evolve(self, **changes: int) -> Policy:
        """Return this policy with other numbers, and a name that says which."""
        for name in changes:
            if name not in _numbers():
                raise InvalidValue("evolve", name, f"one of {', '.join(_numbers())}")
        changed = ", ".join(f"{name}={value}" for name, value in sorted(changes.items()))
        numbers = {name: getattr(self, name) for name in _numbers()} | changes
        name = f"{self.name} with {changed}" if changed else self.name
        return Policy(name=name, in_force=self.in_force, **numbers)


def _numbers() -> list[str]:
    return [field.name for field in attrs.fields(Policy)[2:]]


_OWN: Final = frozenset(_numbers())

GUIDE: Final = Policy(
    name="GUIDE",
    in_force=False,
    grace_days=GRACE_DAYS.stated,
    suspended_days=SUSPENDED_DAYS.stated,
    disabled_days=DISABLED_DAYS.stated,
    backup_days=BACKUP_DAYS.stated,
    most_duplicates=MOST_DUPLICATES.stated,
)
"""What the guide states, for any date: the default policy."""

IN_FORCE: Final = Policy(name="IN_FORCE", in_force=True)
"""The guide refined by what came after it: every number as in force on the date of the event."""
