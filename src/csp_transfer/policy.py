"""Every number that a rule uses, once: dated histories with their source, and the policies that read them.

`GUIDE` reads what the guide states, for any date; where a later record of a history says otherwise for the dates at
hand, the answer stays the guide's and carries a caution that names the later record's rule. `IN_FORCE` reads the
record in force on the date of the event.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from typing import Any, ClassVar, Final, cast

import attrs
from attrs import frozen

from . import checks
from .errors import InvalidType, InvalidValue
from .plain import Plain, accepts
from .sources import PAGES, Page, Standing

__all__ = [
    "AGREEMENT_COUNTS",
    "BACKUP_DAYS",
    "CANCELLATION_DAYS",
    "DISABLED_DAYS",
    "EXTENDED_PERCENT",
    "EXTENDED_PERCENT_WITHOUT_MONTHLY",
    "EXTENDS_BY_ITSELF",
    "GRACE_DAYS",
    "GRACE_DAYS_DIRECT",
    "GUIDE",
    "HISTORIES",
    "IN_FORCE",
    "LEGACY_MOVED",
    "MONTHLY_BILLING_PERCENT",
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
    "whole_number",
]

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


# New commerce, whose subscriptions these rules are about, began on this day.
_NEW_COMMERCE: Final = date(2022, 1, 10)


def _since(day: date, value: int, rule: str, page: str, standing: Standing) -> Since:
    return Since(from_day=day, value=value, rule=rule, page=PAGES[page], standing=standing)


def _history(name: str, unit: str, stated: int, stated_by: str, *records: Since) -> History:
    return History(name=name, unit=unit, stated=stated, stated_by=stated_by, records=records)


GRACE_DAYS: Final = _history(
    "grace_days",
    "days from the day after the term's last day; dated by that last day",
    30,
    "END-005",
    _since(_NEW_COMMERCE, 30, "END-005", "guide", Standing.STATED),
    _since(date(2026, 5, 4), 0, "EST-001", "extended", Standing.CONFIRMED),
)
GRACE_DAYS_DIRECT: Final = _history(
    "grace_days_direct",
    "the same days, of what was bought from Microsoft directly; dated by the term's last day",
    30,
    "END-005",
    _since(_NEW_COMMERCE, 30, "END-005", "guide", Standing.STATED),
    _since(date(2026, 2, 9), 0, "EST-001", "direct", Standing.SECONDARY),
)
SUSPENDED_DAYS: Final = _history(
    "suspended_days",
    "days Disabled after a suspended term, before the others; dated by the term's last day",
    30,
    "LIF-002",
    _since(_NEW_COMMERCE, 30, "LIF-002", "lifecycle", Standing.DISPUTED),
)
DISABLED_DAYS: Final = _history(
    "disabled_days",
    "days Disabled, before Deleted; dated by the term's last day",
    90,
    "LIF-001",
    _since(_NEW_COMMERCE, 90, "LIF-001", "lifecycle", Standing.CONFIRMED),
)
BACKUP_DAYS: Final = _history(
    "backup_days",
    "days from the cancellation, that day included; dated by the term's last day",
    7,
    "LIF-004",
    _since(_NEW_COMMERCE, 7, "LIF-004", "lifecycle", Standing.CONFIRMED),
)
MOST_DUPLICATES: Final = _history(
    "most_duplicates",
    "active subscriptions of one customer; dated by the last of their terms' last days",
    150,
    "CAP-001",
    _since(_NEW_COMMERCE, 150, "CAP-001", "guide", Standing.STATED),
)
TENANT_SUBSCRIPTIONS: Final = _history(
    "tenant_subscriptions",
    "subscriptions in one tenant, old and new; dated by the last of the terms' last days",
    300,
    "CAP-003",
    _since(_NEW_COMMERCE, 300, "CAP-003", "consolidation", Standing.CONFIRMED),
)
CANCELLATION_DAYS: Final = _history(
    "cancellation_days",
    "days from purchase or renewal in which a cancellation is refunded; dated by the first of them",
    0,
    "END-002",
    _since(_NEW_COMMERCE, 3, "CXL-001", "cancellation", Standing.SECONDARY),  # said as 72 hours
    _since(date(2022, 3, 12), 7, "CXL-001", "cancellation", Standing.CONFIRMED),
)
RENEWAL_HOURS: Final = _history(
    "renewal_hours",
    "hours that a renewal may take; dated by the day on which it runs",
    24,
    "RNW-001",
    _since(_NEW_COMMERCE, 24, "RNW-001", "manage", Standing.CONFIRMED),
)
EXTENDS_BY_ITSELF: Final = _history(
    "extends_by_itself",
    "1 where a term that ends without a choice goes on as an extended service term; dated by its first day",
    0,
    "EST-003",
    _since(_NEW_COMMERCE, 0, "EST-003", "extended", Standing.SECONDARY),
    _since(date(2025, 4, 1), 1, "EST-003", "extended", Standing.SECONDARY),
)
EXTENDED_PERCENT: Final = _history(
    "extended_percent",
    "percent on top of the monthly rate in an extended service term; dated by its first day",
    3,
    "EST-002",
    _since(date(2026, 5, 4), 3, "EST-002", "extended", Standing.CONFIRMED),
)
EXTENDED_PERCENT_WITHOUT_MONTHLY: Final = _history(
    "extended_percent_without_monthly",
    "percent on top, where the offer has no monthly plan; dated by the extended service term's first day",
    23,
    "EST-002",
    _since(date(2026, 5, 4), 23, "EST-002", "extended", Standing.CONFIRMED),
)
TRANSFER_ITEMS: Final = _history(
    "transfer_items",
    "subscriptions in one transfer request; dated by the day of the request",
    25,
    "PCT-003",
    _since(date(2024, 6, 15), 25, "PCT-003", "transfer", Standing.SECONDARY),
)
TRANSFER_REQUEST_DAYS: Final = _history(
    "transfer_request_days",
    "days after which a transfer request lapses; dated by the day of the request",
    30,
    "PCT-003",
    _since(date(2024, 6, 15), 30, "PCT-003", "transfer", Standing.SECONDARY),
)

AGREEMENT_COUNTS: Final = _history(
    "agreement_counts",
    "1 where an acceptance of the Microsoft Customer Agreement still counts; dated by the day of the acceptance",
    1,
    "MCA-001",
    _since(_NEW_COMMERCE, 0, "MCA-001", "agreement", Standing.SECONDARY),
    _since(date(2023, 4, 1), 1, "MCA-001", "agreement", Standing.SECONDARY),
)
LEGACY_MOVED: Final = _history(
    "legacy_moved",
    "1 where a legacy subscription that renews is moved into new commerce; dated by the renewal's day",
    0,
    "LEG-001",
    _since(_NEW_COMMERCE, 0, "LEG-001", "announcement-2023", Standing.CONFIRMED),
    _since(date(2024, 9, 1), 1, "LEG-001", "announcement-2023", Standing.CONFIRMED),
)
MONTHLY_BILLING_PERCENT: Final = _history(
    "monthly_billing_percent",
    "percent on top of a yearly or three-year term that is billed monthly; dated by its purchase or renewal",
    0,
    "PRC-001",
    _since(_NEW_COMMERCE, 0, "PRC-001", "announcement-2025", Standing.CONFIRMED),
    _since(date(2025, 4, 1), 5, "PRC-001", "announcement-2025", Standing.CONFIRMED),
)

STATES: Final = (GRACE_DAYS, SUSPENDED_DAYS, DISABLED_DAYS, BACKUP_DAYS)
"""The histories of how long a state lasts, all dated by the term's last day."""

HISTORIES: Final = (
    *STATES,
    GRACE_DAYS_DIRECT,
    MOST_DUPLICATES,
    TENANT_SUBSCRIPTIONS,
    CANCELLATION_DAYS,
    RENEWAL_HOURS,
    EXTENDS_BY_ITSELF,
    EXTENDED_PERCENT,
    EXTENDED_PERCENT_WITHOUT_MONTHLY,
    TRANSFER_ITEMS,
    TRANSFER_REQUEST_DAYS,
    AGREEMENT_COUNTS,
    LEGACY_MOVED,
    MONTHLY_BILLING_PERCENT,
)
"""Every history there is."""


def _check_histories(field: str, value: object) -> None:
    checks.instance(field, value, tuple, "histories")
    for n, history in enumerate(cast("tuple[object, ...]", value)):
        checks.instance(f"{field}[{n}]", history, History)


class Notes:
    """What a policy has found out from its numbers and histories, and keeps: each thing once, when it is asked for."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.outlooks: dict[Any, Any] = {}
        """What it has answered already, by the facts that decide it: see `outlook.outlook_of`."""
        self.lengths: dict[tuple[str, int], tuple[int, ...]] = {}
        """The days of `STATES`: see `Policy.lengths`."""

    @cached_property
    def change_days(self) -> tuple[date, ...]:
        """The days from which the state after a term lasts otherwise, in order; dated by the term's last day."""
        histories = (self._policy.history(history) for history in (*STATES, GRACE_DAYS_DIRECT))
        return tuple(sorted({record.from_day for history in histories for record in history.records}))

    @cached_property
    def extends_from(self) -> tuple[date, ...]:
        """The days from which terms begin that extend by themselves, or do not any more, in order (EST-003)."""
        return tuple(record.from_day for record in self._policy.history(EXTENDS_BY_ITSELF).records)

    @cached_property
    def by_itself(self) -> tuple[bool, ...]:
        """Whether the terms from each of those days on extend by themselves."""
        return tuple(self._policy.number(EXTENDS_BY_ITSELF, day) > 0 for day in self.extends_from)

    @cached_property
    def contradicted_from(self) -> dict[str, date]:
        """The first day, by the name of each history, on which a record says otherwise than the guide."""
        found: dict[str, date] = {}
        for history in HISTORIES:
            days = (record.from_day for record in self._policy.history(history).records)
            found[history.name] = min(
                (day for day in days if self._policy._otherwise(history, day) is not None), default=date.max
            )
        return found

    @cached_property
    def known_from(self) -> date:
        """The first day for which each number of `STATES` has a record."""
        return max(self._policy.history(history).first_day for history in STATES)

    @cached_property
    def cancellation(self) -> tuple[date, int]:
        """The first day for which it is known how long a cancellation is refunded, and the longest that it ever is."""
        history = self._policy.history(CANCELLATION_DAYS)
        return history.first_day, max(record.value for record in history.records)

    @cached_property
    def stated_days(self) -> tuple[int, int, int, int]:
        """The days of `STATES`, in that order, as a policy of the guide's reads them: for any date the same."""
        grace, suspended, disabled, backup = (
            self._policy.number(history, self.known_from) for history in STATES
        )
        return grace, suspended, disabled, backup


class _WithNotes:
    # Beside the fields: not part of the value. Unlike what attrs makes of a cached property, such a slot leaves the
    # other attributes as quick as they are.
    __slots__ = ("_notes",)
    _notes: Notes


@frozen(kw_only=True)
class Policy(_WithNotes, Plain):
    """A named reading of the histories; every result says which it used.

    A number that is None is read from its history, as in force on the date of the event. For a what-if, `evolve`
    makes a policy with another number for any date, and `with_record` one that knows of a further record. Raises
    `InvalidType` or `InvalidValue` for a number that is neither None nor a whole one from 0 to 3650.

    >>> from csp_transfer.policy import GRACE_DAYS
    >>> GUIDE.evolve(grace_days=45)
    Policy(name='GUIDE with grace_days=45', in_force=False, grace_days=45, suspended_days=30, disabled_days=90, \
backup_days=7, most_duplicates=150, histories=())
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
    histories: tuple[History, ...] = ()
    """Histories that it reads in the place of those of the same name."""

    _checks: ClassVar = {
        "name": checks.text,
        "in_force": checks.flag,
        **dict.fromkeys(
            (history.name for history in (*STATES, MOST_DUPLICATES)), checks.optional(whole_number)
        ),
        "histories": _check_histories,
    }

    def __attrs_post_init__(self) -> None:
        self._check_fields()

    @property
    def notes(self) -> Notes:
        """What it has found out, and keeps."""
        try:
            return self._notes
        except AttributeError:
            notes = Notes(self)
            object.__setattr__(self, "_notes", notes)
            return notes

    def history(self, history: History) -> History:
        """Return the history that this policy reads in the place of the one that is named."""
        return next((own for own in self.histories if own.name == history.name), history)

    def number(self, history: History, day: date) -> int:
        """Return a number for an event of that day: this policy's own, or else what it reads in the history.

        Raises `InvalidValue` where only the record in force can tell, and there is none yet.
        """
        if history.name in _OWN:
            own = self.own(history)
            if own is not None:
                return own
        read = self.history(history) if self.histories else history
        return read.in_force(day).value if self.in_force else read.stated

    def own(self, history: History) -> int | None:
        """Return the number that this policy has in the place of a history for any date; None: it has none."""
        number: int | None = getattr(self, _OWN[history.name]) if history.name in _OWN else None
        return number

    def contradicted_by(self, history: History, day: date) -> Since | None:
        """Return the record in force on a day that says otherwise than the guide, where the guide decides.

        None where both say the same, before the first record, and under a policy of what is in force. The value
        alone counts: a record that gives back what the guide states contradicts nothing.

        >>> from csp_transfer.policy import GRACE_DAYS
        >>> GUIDE.contradicted_by(GRACE_DAYS, date(2026, 5, 3))
        >>> GUIDE.contradicted_by(GRACE_DAYS, date(2026, 5, 4)).rule
        'EST-001'
        """
        if self.in_force or day < self.notes.contradicted_from[history.name]:  # nearly always
            return None
        return self._otherwise(history, day)

    def _otherwise(self, history: History, day: date) -> Since | None:
        """Return the record in force on a day if it says otherwise than the guide, whoever decides."""
        read, own = self.history(history), self.own(history)
        record = read.on(day)
        return None if record is None or record.value in (read.stated, own) else record

    def knows(self, last_day: date) -> bool:
        """Tell whether no number for a term that ends on that day can be wanting: see `number`."""
        return not self.in_force or last_day >= self.notes.known_from

    def goes_on_by_itself(self, first_day: date) -> bool:
        """Tell whether a term that began on a day goes on by itself where nothing is chosen (EST-003)."""
        return self.notes.by_itself[max(0, bisect_right(self.notes.extends_from, first_day) - 1)]

    def lengths(self, grace: History, last_day: date) -> tuple[int, ...]:
        """Return the days of `STATES` for a term that ends on a day on which all are known: see `knows`.

        `grace`: the history of the grace window that holds for it.
        """
        notes = self.notes
        key = grace.name, bisect_right(notes.change_days, last_day)
        days = notes.lengths.get(key)
        if days is None:
            others = (self.number(history, last_day) for history in STATES[1:])
            days = notes.lengths[key] = (self.number(grace, last_day), *others)
        return days

    def evolve(self, **changes: int) -> Policy:
        """Return this policy with other numbers, and a name that says which."""
        for name in changes:
            if name not in _NUMBERS:
                raise InvalidValue("evolve", name, f"one of {', '.join(_NUMBERS)}")
        changed = ", ".join(f"{name}={value}" for name, value in sorted(changes.items()))
        return self._with(changed, **changes)

    def with_record(self, history: History, record: Since) -> Policy:
        """Return this policy with one more record in a history, as if a page had announced it; its name says so.

        A policy of the guide's goes on to read what the guide states, and warns where the record says otherwise.

        >>> from csp_transfer.policy import GRACE_DAYS
        >>> announced = GRACE_DAYS.on(date(2026, 5, 4)).evolve(from_day=date(2027, 1, 1), value=15)
        >>> later = IN_FORCE.with_record(GRACE_DAYS, announced)
        >>> later.name, later.number(GRACE_DAYS, date(2026, 12, 31)), later.number(GRACE_DAYS, date(2027, 1, 1))
        ('IN_FORCE with grace_days=15 from 2027-01-01', 0, 15)
        """
        checks.instance("history", history, History)
        checks.instance("record", record, Since)
        others = tuple(own for own in self.histories if own.name != history.name)
        changed = self.history(history).with_record(record)
        return self._with(
            f"{history.name}={record.value} from {record.from_day}", histories=(*others, changed)
        )

    def _with(self, changed: str, **changes: Any) -> Policy:
        if not changed:
            return self
        return attrs.evolve(self, name=f"{self.name} with {changed}", **changes)


_NUMBERS: Final = tuple(
    field.name for field in attrs.fields(Policy) if field.name not in ("name", "in_force", "histories")
)
# For each history, the field of a policy that stands in for it on any date.
_OWN: Final = {name: name for name in _NUMBERS} | {GRACE_DAYS_DIRECT.name: GRACE_DAYS.name}

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
