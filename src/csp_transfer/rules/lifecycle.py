"""What becomes of a subscription that is not renewed: states, access, the grace window (LIF-001 to LIF-004).

Everything here takes the subscription's term as its last one. Whether it renews first is `terms.current_term`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from attrs import frozen

from .. import checks
from ..catalogue import check_language, ui
from ..days import Days, after, utc_day
from ..decision import DecisionTable, case
from ..findings import Cautious, Finding, Reasoned, finding, gather, noted, reasons
from ..model import Status, Subscription
from ..outline import Block, Rich, Table
from ..plain import Word
from ..policy import BACKUP_DAYS, GUIDE, STATES, History, Policy
from .extension import AfterTerm, after_term, grace_history, term_end
from .terms import UNCLEAR, is_interrupted

__all__ = [
    "ACCESS",
    "COURSES",
    "LASTING",
    "Ahead",
    "Course",
    "GraceWindow",
    "Kind",
    "Lasts",
    "Phase",
    "State",
    "access",
    "ahead",
    "cancelled",
    "course",
    "days_without_access",
    "deleted_day",
    "grace_window",
    "is_lost",
    "kind_of",
    "last_backup_day",
    "last_used",
    "lifecycle",
    "not_begun",
    "other_lengths",
    "state_at",
    "status_unclear",
    "suspended_end",
    "when_cancelled",
    "while_suspended",
    "window_after",
]


class State(Word):
    """What a subscription is in on a day; *Expired* is the grace window."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    DISABLED = "disabled"
    DELETED = "deleted"
    EXTENDED = "extended"
    """An extended service term, after the term itself (EST-002)."""


class Kind(Word):
    """What kind of subscription it is, as far as its course depends on that."""

    NEW_COMMERCE = "new_commerce"
    LEGACY = "legacy"
    EXTENDED = "extended"
    """In an extended service term, which has no end of its own (EST-005)."""


def kind_of(subscription: Subscription) -> Kind:
    """Tell of which kind a subscription is."""
    if subscription.runs_on:
        return Kind.EXTENDED
    return Kind.LEGACY if subscription.legacy else Kind.NEW_COMMERCE


class Lasts(Word):
    """How long a state lasts: as long as the term, or a number of days that the policy gives."""

    TERM = "term"
    UNTIL_CANCELED = "until_canceled"
    GRACE = "grace_days"
    SUSPENDED = "suspended_days"
    DISABLED = "disabled_days"
    BACKUP = "backup_days"


ACCESS: Final = {
    State.ACTIVE: (True, True, True),
    State.SUSPENDED: (False, True, True),
    State.EXPIRED: (True, True, False),
    State.DISABLED: (False, True, False),
    State.DELETED: (False, False, False),
    State.EXTENDED: (True, True, True),
}
"""State → users have access, admins have access, the partner is billed (lifecycle#active and following)."""


def access(state: State, *, ends: bool) -> tuple[bool, bool, bool]:
    """Return who has what in a state: users and admins access, the partner a bill; see `ACCESS`.

    Only a cancellation is followed by days of Deleted that end: those in which admins can still back data up.
    """
    users, admins, billed = ACCESS[state]
    return users, admins or (state is State.DELETED and ends), billed


Course = tuple[tuple[State, tuple[Lasts, ...]], ...]
"""The states from a term's first day on, each with how long it lasts, added up; nothing: without end."""

_WITH_AN_END: Final = {Kind.NEW_COMMERCE, Kind.LEGACY}
COURSES: Final[DecisionTable[Course]] = DecisionTable(
    "states",
    "What a subscription that is not renewed goes through, from its term's first day on.",
    {
        "status": Status,
        "trial": (False, True),
        "after_term": AfterTerm,
        "day_of_cancellation": ("known", "not known"),
        "kind": Kind,
    },
    (
        case(
            "it runs out",
            "LIF-001",
            (
                (State.ACTIVE, (Lasts.TERM,)),
                (State.EXPIRED, (Lasts.GRACE,)),
                (State.DISABLED, (Lasts.DISABLED,)),
                (State.DELETED, ()),
            ),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=False,
            after_term=AfterTerm.GRACE,
            kind=_WITH_AN_END,
        ),
        case(
            "it ends at once",
            "EST-001",
            ((State.ACTIVE, (Lasts.TERM,)), (State.DISABLED, (Lasts.DISABLED,)), (State.DELETED, ())),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=False,
            after_term=AfterTerm.AT_ONCE,
            kind=_WITH_AN_END,
        ),
        case(
            "it goes on as an extended service term",
            "EST-002",
            ((State.ACTIVE, (Lasts.TERM,)), (State.EXTENDED, ())),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=False,
            after_term=AfterTerm.EXTENDED,
            kind=_WITH_AN_END,
        ),
        case(
            "it is in an extended service term",
            "EST-005",
            ((State.EXTENDED, ()),),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=False,
            kind=Kind.EXTENDED,
        ),
        case(
            "a trial, it is not known what comes after it",
            "TRL-001",
            ((State.ACTIVE, (Lasts.TERM,)),),
            status={Status.ACTIVE, Status.EXPIRED},
            trial=True,
        ),
        case(
            "suspended when the term ends",
            "LIF-002",
            (
                (State.SUSPENDED, (Lasts.TERM,)),
                (State.DISABLED, (Lasts.SUSPENDED,)),
                (State.DISABLED, (Lasts.DISABLED,)),
                (State.DELETED, ()),
            ),
            status=Status.SUSPENDED,
            kind=Kind.NEW_COMMERCE,
        ),
        case(
            "suspended, it is not known until when",
            "LIF-002",
            ((State.SUSPENDED, ()),),
            status=Status.SUSPENDED,
            kind={Kind.LEGACY, Kind.EXTENDED},
        ),
        case(
            "Disabled already, since when no payload says",
            "LIF-001",
            ((State.DISABLED, (Lasts.TERM, Lasts.GRACE, Lasts.DISABLED)), (State.DELETED, ())),
            status=Status.DISABLED,
        ),
        case(
            "cancelled on a known day",
            "LIF-004",
            ((State.ACTIVE, (Lasts.UNTIL_CANCELED,)), (State.DELETED, (Lasts.BACKUP,)), (State.DELETED, ())),
            status=Status.CANCELED,
            day_of_cancellation="known",
        ),
        case(
            "cancelled, on which day is not known",
            "LIF-004",
            ((State.DELETED, ()),),
            status=Status.CANCELED,
            day_of_cancellation="not known",
        ),
        case("Deleted already", "LIF-001", ((State.DELETED, ()),), status=Status.DELETED),
        case("a status that tells nothing", "LIF-001", (), status=UNCLEAR),
    ),
)


LASTING: Final[dict[Lasts, History]] = dict(
    zip((Lasts.GRACE, Lasts.SUSPENDED, Lasts.DISABLED, Lasts.BACKUP), STATES, strict=True)
)
# Of the grace window, EST-001 speaks.
_SAY_SO: Final = {Lasts.SUSPENDED: "LIF-002", Lasts.DISABLED: "LIF-001", Lasts.BACKUP: "LIF-004"}


def other_lengths(subscription: Subscription, policy: Policy) -> Iterator[Finding]:
    """Yield, under a policy of the guide's, which states after the term last otherwise by what is in force.

    Source: lifecycle#disabled, lifecycle#canceled (LIF-001, LIF-002, LIF-004).
    """
    last_day = subscription.term.last_day
    said = {part: record for part in _SAY_SO if (record := policy.contradicted_by(LASTING[part], last_day))}
    if not said:
        return
    # Also where the day of a cancellation is not known, the days to back data up are named.
    then, kind = after_term(subscription, policy), kind_of(subscription)
    course = COURSES.outcomes[subscription.status, subscription.trial, then, "known", kind]
    counted = {part for _, lasts in course for part in lasts}
    for part, record in said.items():
        if part in counted:
            yield finding(
                _SAY_SO[part],
                "other-days",
                subscription.id,
                stated=policy.number(LASTING[part], last_day),
                days=record.value,
                change_day=record.from_day,
                said_by=record.rule,
            )


@frozen(kw_only=True)
class GraceWindow(Rich, Cautious, Days):
    """The days after a term in which users keep access at no charge: the state Expired.

    First and last day are inclusive; `last_day` is the last safe day to provision a replacement,
    by the policy; a caution names an earlier day where another rule contradicts it.
    """

    findings: tuple[Finding, ...] = reasons()

    def _text(self, lang: str) -> str:
        """Return its first and last day, as a table shows them."""
        return ui("window", lang, first_day=self.first_day, last_day=self.last_day)

    def _blocks(self, lang: str) -> list[Block]:
        check_language(lang)
        headers = ui("grace_window", lang), ui("days", lang)
        return [Table(headers, ((self._text(lang), str(len(self))),)), *noted(self.findings, lang)]


@frozen(kw_only=True)
class Phase(Reasoned):
    """A run of days in one state, first and last inclusive (None: without end), and who may do what in it."""

    state: State
    first_day: date
    last_day: date | None
    users_have_access: bool
    admins_have_access: bool
    partner_billed: bool


class Ahead(NamedTuple):
    """What is ahead of a subscription that is not renewed, in days after the last day of its use."""

    runs: tuple[tuple[State, timedelta | None], ...]
    """Each state, with how long after that day it ends; None: never."""
    window: timedelta | None
    """How long after it the grace window ends; None: there is none."""
    deleted: timedelta | None
    """How long after it the first day is on which it is Deleted for good; None: not known, or never."""

    @property
    def endless(self) -> bool:
        """Whether no fact tells when the only state ends, unless that is Deleted."""
        return len(self.runs) == 1 and self.runs[0][1] is None and self.runs[0][0] is not State.DELETED

    def state(self, since: timedelta) -> State | None:
        """Return the state so long after the last day of its use; None where no fact tells."""
        for state, until in self.runs:
            if until is None or since <= until:
                return state
        return None


_DAY: Final = timedelta(days=1)
_GRACE: Final = AfterTerm.GRACE
# Statuses with which a term runs out through Expired.
_EXPIRES: Final = frozenset({Status.ACTIVE, Status.EXPIRED})


def ahead(subscription: Subscription, policy: Policy) -> Ahead:
    """Return what is ahead of a subscription that is not renewed; counted from `last_used`."""
    status, trial, kind = subscription.status, subscription.trial, kind_of(subscription)
    if is_interrupted(subscription):  # as little is known as of a status that tells nothing
        status = Status.UNKNOWN
    cancellation = "not known" if subscription.canceled_on is None else "known"
    if not policy.in_force:
        return _of_so_many_days(status, trial, _GRACE, cancellation, kind, policy.notes.stated_days)
    then, last_day = after_term(subscription, policy), subscription.term.last_day
    free = grace_history(subscription)
    if policy.knows(last_day):
        stated, *others = policy.lengths(free, last_day)
        # Where the rule that ended it does not reach, the window is as it was stated.
        grace = stated or policy.history(free).stated if then is _GRACE else 0
        return _of_so_many_days(status, trial, then, cancellation, kind, (grace, *others))
    # Asked only for what counts, as nobody can tell, and it raises.
    course = COURSES.outcomes[status, trial, then, cancellation, kind]
    grace = policy.number(free, last_day) or policy.history(free).stated if then is _GRACE else 0
    return _measured(
        course, lambda lasts: grace if lasts is Lasts.GRACE else policy.number(LASTING[lasts], last_day)
    )


@cache
def _of_so_many_days(
    status: Status, trial: bool, then: AfterTerm, cancellation: str, kind: Kind, days: tuple[int, ...]
) -> Ahead:
    counted = dict(zip(LASTING, days, strict=True))
    return _measured(COURSES.outcomes[status, trial, then, cancellation, kind], counted.__getitem__)


def _measured(course: Course, days_of: Callable[[Lasts], int]) -> Ahead:
    runs: list[tuple[State, timedelta | None]] = []
    since, deleted = timedelta(), None
    for state, lasts in course:
        counted = [
            timedelta(days_of(part)) for part in lasts if part not in (Lasts.TERM, Lasts.UNTIL_CANCELED)
        ]
        if len(counted) < len(lasts) or any(counted):
            since += sum(counted, timedelta())
            runs.append((state, since))
        elif not lasts:
            if runs and state is State.DELETED:  # where nothing comes before it, nobody knows since when
                deleted = since + _DAY
            runs.append((state, None))
    return Ahead(tuple(runs), window=dict(runs).get(State.EXPIRED), deleted=deleted)


def last_used(subscription: Subscription) -> date:
    """Return the last day of its use: the term's, or the one before a cancellation on a known day."""
    if subscription.canceled_on is not None:
        return subscription.canceled_on - _DAY
    return subscription.term.last_day


def grace_window(subscription: Subscription, *, policy: Policy = GUIDE) -> GraceWindow | None:
    """Return the grace window after the subscription's term, or None where there is none.

    It is the 30 days after the last day, both ends inclusive, UTC, if the term runs out; suspended, disabled,
    deleted, cancelled and trial subscriptions have none, nor has one whose status is not known. Whether the
    subscription renews instead is not asked here. A window that a later rule ended carries that as a caution;
    why there is none, `assess` says. Raises `InvalidType` for anything but a subscription and a policy.
    Source: guide#provision-within-30-days (END-005), lifecycle#expired (LIF-001, LIF-002), EST-001.

    >>> from csp_transfer import Offer, Term
    >>> basic = Subscription(id="b", offer=Offer(id="B"), quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> w = grace_window(basic)
    >>> w
    GraceWindow(first_day=datetime.date(2026, 4, 1), last_day=datetime.date(2026, 4, 30), findings=())
    >>> w.days_left(date(2026, 4, 30)), w.closes_at.isoformat()
    (1, '2026-05-01T00:00:00+00:00')
    """
    checks.instance("subscription", subscription, Subscription)
    checks.instance("policy", policy, Policy)
    return window_after(subscription, ahead(subscription, policy), term_end(subscription, policy))


def window_after(subscription: Subscription, what: Ahead, then: Finding | None) -> GraceWindow | None:
    """Return the grace window that is ahead, if there is one; `then`: what is said of the end of the term."""
    if what.window is None:
        return None
    last_day = subscription.term.last_day
    return GraceWindow(first_day=last_day + _DAY, last_day=last_day + what.window, findings=gather(then))


def lifecycle(subscription: Subscription, *, policy: Policy = GUIDE) -> tuple[Phase, ...]:
    """Return the phases of a subscription that is not renewed, in order and without a gap, UTC days.

    Empty where the status (none, pending, not known) tells nothing. A status that the service reports is
    taken to hold from the term's first day, as no payload says when it began; a trial has only its term.
    Raises `InvalidType` for anything but a subscription and a policy.
    Source: lifecycle#active and following (LIF-001 to LIF-004).

    >>> from csp_transfer import Offer, Term
    >>> basic = Subscription(id="b", offer=Offer(id="B"), quantity=25, auto_renew=False,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> for phase in lifecycle(basic):
    ...     print(phase.state, phase.first_day, phase.last_day)
    active 2025-04-01 2026-03-31
    expired 2026-04-01 2026-04-30
    disabled 2026-05-01 2026-07-29
    deleted 2026-07-30 None
    """
    checks.instance("subscription", subscription, Subscription)
    checks.instance("policy", policy, Policy)
    doubts = gather(term_end(subscription, policy), *other_lengths(subscription, policy))
    phases: list[Phase] = []
    for state, first_day, last_day in _dated(subscription, policy):
        users, admins, billed = access(state, ends=last_day is not None)
        phases.append(
            Phase(
                state=state,
                first_day=first_day,
                last_day=last_day,
                users_have_access=users,
                admins_have_access=admins,
                partner_billed=billed,
                # Without the window, every day after the term is another.
                findings=() if state is State.ACTIVE else doubts,
            )
        )
    return tuple(phases)


def _dated(subscription: Subscription, policy: Policy) -> Iterator[tuple[State, date, date | None]]:
    """Yield each state with its first and last day, in order and without a gap."""
    since, first_day = last_used(subscription), subscription.term.first_day
    for state, until in ahead(subscription, policy).runs:
        last_day = None if until is None else since + until
        if last_day is not None and last_day < first_day:  # cancelled on the very first day
            continue
        yield state, first_day, last_day
        first_day = first_day if last_day is None else last_day + _DAY


def days_without_access(subscription: Subscription, today: date, day: date, policy: Policy) -> int:
    """Return the days from today through a day on which users have no access, both included. Source: LIF-001."""
    days = 0
    for state, first_day, last_day in _dated(subscription, policy):
        users, _, _ = ACCESS[state]
        if not users:
            days += max(0, (min(day, last_day or day) - max(today, first_day)).days + 1)
    return days


def state_at(subscription: Subscription, when: date, *, policy: Policy = GUIDE) -> State | None:
    """Return the state on the UTC day of `when`, or None where the facts do not tell.

    They do not before the term's first day, after a trial, and for a status that is not known. Raises
    `InvalidType` or `InvalidValue` for a bad `when`. Source: lifecycle#active and following.

    >>> from csp_transfer import Offer, Term
    >>> basic = Subscription(id="b", offer=Offer(id="B"), quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> state_at(basic, date(2026, 4, 15)), state_at(basic, date(2026, 5, 1))
    (<State.EXPIRED: 'expired'>, <State.DISABLED: 'disabled'>)
    """
    checks.instance("subscription", subscription, Subscription)
    checks.instance("policy", policy, Policy)
    day = utc_day("when", when)
    if day < subscription.term.first_day:
        return None
    return ahead(subscription, policy).state(day - last_used(subscription))


def deleted_day(subscription: Subscription, policy: Policy) -> date | None:
    """Return the first day from which the state is Deleted for good, or None where it is not known."""
    runs, _, deleted = ahead(subscription, policy)
    if runs == ((State.DELETED, None),):  # since when, no payload says
        return subscription.term.first_day
    return None if deleted is None else last_used(subscription) + deleted


def course(subscription: Subscription, what: Ahead) -> Finding | None:
    """Decide LIF-001: the days on which an unreplaced subscription becomes Expired, Disabled, Deleted.

    Source: lifecycle#expired.
    """
    last_day = subscription.term.last_day
    if what.deleted is None or subscription.status not in _EXPIRES:
        return None
    deleted = last_used(subscription) + what.deleted
    if what.window is None:
        return finding(
            "LIF-001",
            "course-without-window",
            subscription.id,
            disabled_day=last_day + _DAY,
            deleted_day=deleted,
        )
    return finding(
        "LIF-001",
        "course",
        subscription.id,
        expired_day=last_day + _DAY,
        disabled_day=last_day + what.window + _DAY,
        deleted_day=deleted,
    )


def not_begun(subscription: Subscription, as_of: date) -> Finding | None:
    """Say under LIF-001 that nothing is known of the days before the term. Source: lifecycle#active."""
    first_day = subscription.term.first_day
    return (
        finding("LIF-001", "not-begun", subscription.id, first_day=first_day) if as_of < first_day else None
    )


def status_unclear(subscription: Subscription) -> Finding | None:
    """Say under LIF-001 that a status tells no states (none, pending, not known), or no window any more."""
    status = subscription.status
    if status in UNCLEAR:
        return finding("LIF-001", "status-unclear", subscription.id, status=status)
    if status in (Status.DISABLED, Status.DELETED):
        return finding("LIF-001", "no-window", subscription.id, status=status)
    return None


def suspended_end(subscription: Subscription) -> Finding | None:
    """Decide LIF-002: suspended when the term ends, it has no grace window (a disputed reading).

    Of a legacy subscription, no payload says since when it is suspended: no day is known until which its data is kept.
    One in an extended service term has no end of its own. Source: lifecycle#disabled.
    """
    if subscription.status is not Status.SUSPENDED or subscription.runs_on:
        return None
    if subscription.legacy:
        return finding("LIF-002", "legacy-suspended", subscription.id)
    return finding("LIF-002", "no-grace", subscription.id, last_day=subscription.term.last_day)


def while_suspended(subscription: Subscription, as_of: date) -> Finding | None:
    """Decide LIF-003: while suspended within the term, users have no access and the partner pays on.

    That is said of new commerce only. Source: lifecycle#suspended.
    """
    last_day = subscription.term.last_day
    if subscription.status is not Status.SUSPENDED or subscription.legacy or as_of > last_day:
        return None
    if subscription.goes_on:  # which suspending should have stopped
        return finding("LIF-003", "suspended-but-renews", subscription.id, last_day=last_day)
    return finding("LIF-003", "suspended", subscription.id)


def cancelled(subscription: Subscription, policy: Policy) -> Finding | None:
    """Decide LIF-004: cancelled means Deleted at once; admins have seven days to back data up.

    Source: lifecycle#canceled.
    """
    if subscription.status is not Status.CANCELED:
        return None
    backup_day = last_backup_day(subscription, policy)
    if backup_day is None:
        return finding(
            "LIF-004", "cancelled-undated", subscription.id, days=_backup_days(subscription, policy)
        )
    return finding("LIF-004", "cancelled", subscription.id, backup_day=backup_day)


def when_cancelled(subscription: Subscription, policy: Policy) -> Finding:
    """Say under LIF-004 what a cancellation would do."""
    return finding("LIF-004", "when-cancelled", subscription.id, days=_backup_days(subscription, policy))


def last_backup_day(subscription: Subscription, policy: Policy) -> date | None:
    """Return the last day on which admins can back up a cancelled subscription, None if not known."""
    canceled_on = subscription.canceled_on
    return None if canceled_on is None else after(canceled_on, _backup_days(subscription, policy) - 1)


def is_lost(subscription: Subscription, today: date, policy: Policy) -> bool:
    """Tell whether the data of a subscription is lost already, as the service says: nothing can save it any more.

    It is Deleted, or it was cancelled on a known day and the days for a backup are over. What only its dates make
    Deleted is not lost: see `is_outdated`. Source: lifecycle#canceled.
    """
    backup_day = last_backup_day(subscription, policy)
    return subscription.status is Status.DELETED or (backup_day is not None and today > backup_day)


def _backup_days(subscription: Subscription, policy: Policy) -> int:
    return policy.number(BACKUP_DAYS, subscription.term.last_day)
