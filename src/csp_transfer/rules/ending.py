"""How a source subscription ends, and when its replacement comes (END-001, END-003 to END-005)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

from attrs import frozen

from ..days import after, utc_day
from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather
from ..model import Status, Subscription
from ..plain import Word
from ..policy import GRACE_DAYS, GUIDE, Policy
from .extension import AfterTerm, after_term, doubted_window_end, term_end
from .lifecycle import Ahead, State, ahead, is_lost, last_used
from .terms import MAY_RENEW, UNCLEAR

__all__ = [
    "CONTRADICTING",
    "MIGRATION",
    "TIMINGS",
    "Provisioning",
    "Timing",
    "When",
    "auto_renew_off_by",
    "beside_the_original",
    "best_days",
    "contradicted",
    "contradicts",
    "doubted_after",
    "ends_never",
    "expires",
    "is_outdated",
    "last_safe_days",
    "let_expire",
    "lost_already",
    "may_have_renewed",
    "migrated_by",
    "must_be_stopped",
    "outdated",
    "provisioning",
    "provisioning_days",
    "safe_spans",
    "stays_on",
    "still_active",
    "the_earlier",
    "timing_of",
    "turn_off",
    "when_to_provision",
]


class Timing(Word):
    """Whether a replacement still comes in time."""

    IN_TIME = "in_time"
    TOO_LATE = "too_late"
    """Users have lost access; data may still be saved."""
    GONE = "gone"
    """The original is Deleted."""
    NOT_SURE = "not_sure"
    """By the dates it is too late, but the status contradicts them: read the subscription again."""


_DAY: Final = timedelta(days=1)
_TERM_END: Final = timedelta()
# From the first of so many days through the last; no source says how long a migration takes.
MIGRATION: Final = timedelta(days=GRACE_DAYS.stated - 1)
# Bound once: see `risk`.
_EXPIRED, _SUSPENDED, _IN_TIME = Status.EXPIRED, Status.SUSPENDED, Timing.IN_TIME
# Statuses that the service would not give any more, if what the dates alone say were so.
CONTRADICTING: Final = {
    State.DISABLED: frozenset({Status.ACTIVE}),
    State.DELETED: frozenset({Status.ACTIVE, Status.EXPIRED, Status.SUSPENDED, Status.DISABLED}),
}
_RUNS_OUT: Final = UNCLEAR | {Status.ACTIVE, Status.EXPIRED, Status.SUSPENDED}
TIMINGS: Final[DecisionTable[tuple[Timing | None, str | None]]] = DecisionTable(
    "timing",
    "Whether a replacement still comes in time. Safe: up to the grace window's last day, or else the term's own; "
    "where two readings give two such days, the later one is in doubt.",
    {
        "status": Status,
        "deletion": ("to come", "past", "not known", "no end"),
        "safe": ("by every reading", "in doubt", "no"),
    },
    (
        case("cancelled", "LIF-004", (Timing.GONE, None), status=Status.CANCELED),
        case("Deleted already", "END-005", (Timing.GONE, "gone"), status=Status.DELETED),
        case(
            "Disabled, until when no payload says",
            "END-005",
            (Timing.TOO_LATE, "disabled"),
            status=Status.DISABLED,
        ),
        case("the days are not known", "LIF-001", (None, None), status=_RUNS_OUT, deletion="not known"),
        case(
            "in an extended service term, which has no end of its own",
            "EST-005",
            (Timing.IN_TIME, None),
            status=_RUNS_OUT - {Status.SUSPENDED},
            deletion="no end",
        ),
        # Each day may be the last that saves something.
        case(
            "suspended, it is not known until when",
            "LIF-002",
            (Timing.TOO_LATE, None),
            status=Status.SUSPENDED,
            deletion="no end",
        ),
        case(
            "by the dates it is Deleted, which its status contradicts",
            "END-004",
            (None, None),
            status=_RUNS_OUT,
            deletion="past",
        ),
        case(
            "up to the last safe day",
            "END-005",
            (Timing.IN_TIME, "provision-by"),
            status=_RUNS_OUT,
            deletion="to come",
            safe="by every reading",
        ),
        case(
            "after the last safe day by one reading",
            "END-005",
            (Timing.TOO_LATE, "may-be-too-late"),
            status=_RUNS_OUT,
            deletion="to come",
            safe="in doubt",
        ),
        case(
            "after the last safe day, which the status Active contradicts",
            "END-004",
            (Timing.NOT_SURE, None),
            status=Status.ACTIVE,
            deletion="to come",
            safe="no",
        ),
        case(
            "after the last safe day",
            "END-005",
            (Timing.TOO_LATE, "too-late"),
            status=_RUNS_OUT - {Status.ACTIVE},
            deletion="to come",
            safe="no",
        ),
    ),
)


@frozen(kw_only=True)
class Provisioning(Reasoned):
    """From when to when a like-for-like replacement is best provisioned (UTC days, inclusive)."""

    earliest: date
    recommended: date
    latest: date | None
    """The last day to act by: safe by every reading, or else the last that still saves something.

    None where nothing is left to save.
    """
    timing: Timing
    doubted_day: date | None = None
    """A later last day, by a reading that another rule or source contradicts; None where there is no doubt."""


def migrated_by(day: date, *, into_another_tenant: bool) -> date:
    """Return the day up to which the original is best kept beside its replacement, which serves from a day on.

    Into another tenant, that is as long as the migration may take; in the same, that very day.
    Source: guide#tenant-to-tenant.
    """
    return day + MIGRATION if into_another_tenant else day


def let_expire(subscription: Subscription, as_of: date) -> Finding | None:
    """Decide END-001: cancel or let expire; while the term runs, expiring is planned.

    Source: guide#cancel-or-expire.
    """
    last_day = subscription.term.last_day
    if subscription.status not in (Status.ACTIVE, Status.SUSPENDED) or utc_day("as_of", as_of) > last_day:
        return None
    if subscription.runs_on:  # it does not expire by itself
        return None
    return finding("END-001", "let-expire", subscription.id, last_day=last_day)


def must_be_stopped(subscription: Subscription) -> bool:
    """Tell whether a running term goes on unless somebody stops that (END-003). Source: guide#autorenew-off."""
    return subscription.status in MAY_RENEW and subscription.goes_on and not subscription.runs_on


def auto_renew_off_by(subscription: Subscription, as_of: date) -> date | None:
    """Decide END-003: the last UTC day on which to stop a running term from going on; None: not needed.

    Source: guide#autorenew-off.
    """
    last_day = subscription.term.last_day
    runs = utc_day("as_of", as_of) <= last_day
    return last_day if runs and must_be_stopped(subscription) else None


def turn_off(subscription: Subscription, as_of: date, chained_day: date | None = None) -> Finding | None:
    """Say END-003: turn auto-renew off in time, and undo what else is scheduled for the end of the term.

    `chained_day` is the earlier end by another reading (RNW-001); by that day it must be done.
    """
    last_day = auto_renew_off_by(subscription, as_of)
    if last_day is None:
        return None
    if chained_day is not None:
        last_day, _ = the_earlier(utc_day("as_of", as_of), chained_day, last_day)
    scheduled = subscription.at_term_end
    if scheduled is None:
        return finding("END-003", "turn-off", subscription.id, last_day=last_day)
    return finding("END-003", "unschedule", subscription.id, last_day=last_day, scheduled=scheduled)


def may_have_renewed(subscription: Subscription, as_of: date, chained_day: date | None) -> Finding | None:
    """Say under END-003 that by one of two readings the term is over, and it has renewed already."""
    today = utc_day("as_of", as_of)
    if chained_day is None or today <= chained_day or auto_renew_off_by(subscription, today) is None:
        return None
    last_day = subscription.term.last_day
    return finding("END-003", "may-have-renewed", subscription.id, chained_day=chained_day, last_day=last_day)


def stays_on(subscription: Subscription, as_of: date) -> Finding | None:
    """Say under END-003 that a subscription which nothing replaces goes on, and is paid for."""
    last_day = auto_renew_off_by(subscription, as_of)
    return None if last_day is None else finding("END-003", "stays-on", subscription.id, last_day=last_day)


def expires(subscription: Subscription, what: Ahead) -> Finding | None:
    """Decide END-004: the day after the last day, the state becomes Expired; carries nothing where it is not.

    Source: guide#expired-on-end-date.
    """
    if what.window is None:
        return None
    last_day = subscription.term.last_day
    return finding("END-004", "expires", subscription.id, last_day=last_day, expired_day=last_day + _DAY)


def contradicts(subscription: Subscription, as_of: date) -> bool:
    """Tell whether the status is Expired before the term's end, which leaves no day to count from."""
    return subscription.status is _EXPIRED and utc_day("as_of", as_of) <= subscription.term.last_day


def contradicted(subscription: Subscription, as_of: date) -> Finding | None:
    """Say under END-004 that the status and the term's end contradict each other."""
    if not contradicts(subscription, as_of):
        return None
    return finding("END-004", "contradicted", subscription.id, last_day=subscription.term.last_day)


def still_active(subscription: Subscription, as_of: date) -> Finding | None:
    """Say under END-004 that a status Active after the end leaves doubt whether it ended.

    On the day after the last day the change may still be under way. Source: guide#expired-on-end-date.
    """
    last_day = subscription.term.last_day
    ended = utc_day("as_of", as_of) > after(last_day)
    if subscription.status is not Status.ACTIVE or subscription.trial or not ended or subscription.runs_on:
        return None
    return finding("END-004", "still-active", subscription.id, last_day=last_day)


def is_outdated(subscription: Subscription, state: State | None) -> bool:
    """Tell whether the status contradicts the state that the dates alone give, as one of an old payload does."""
    if state not in CONTRADICTING or subscription.trial:
        return False
    return subscription.status in CONTRADICTING[state]


def outdated(subscription: Subscription) -> Finding | None:
    """Say under END-004 that the status contradicts the dates: the payload is old, or the term was extended.

    Of one that is Disabled, END-005 has said to act at once. Source: guide#expired-on-end-date.
    """
    last_day, status = subscription.term.last_day, subscription.status
    if status is Status.DISABLED:
        return None
    return finding("END-004", "outdated", subscription.id, last_day=last_day, status=status)


def lost_already(subscription: Subscription, as_of: date, policy: Policy) -> Finding | None:
    """Say under END-005 that the data is lost already, whichever way is taken.

    New licences can be bought on any day; that saves nothing, so no way is better for it than another.
    Source: guide#provision-within-30-days, lifecycle#canceled.
    """
    if not is_lost(subscription, utc_day("as_of", as_of), policy):
        return None
    return finding("END-005", "lost-already", subscription.id)


def the_earlier(today: date, earlier: date, later: date) -> tuple[date, date | None]:
    """Return the day to act by, of two that two readings give, and the later one where it is in doubt.

    After the earlier day it is urgent: then the day to act by is today, while the later day has not passed.
    """
    day = max(earlier, min(today, later))
    return day, later if later > day else None


def safe_spans(subscription: Subscription, policy: Policy, what: Ahead) -> tuple[timedelta, timedelta]:
    """Return how long after the last day it is safe to provision: by every reading, and by the policy's own.

    Readings differ in whether a grace window follows (EST-001, EST-004).
    """
    if what.window is None:
        return _TERM_END, _TERM_END
    doubted = doubted_window_end(subscription, policy)
    return what.window if doubted is None else doubted - subscription.term.last_day, what.window


def last_safe_days(
    subscription: Subscription, policy: Policy, what: Ahead, chained_day: date | None
) -> tuple[date, date]:
    """Return the last safe day by every reading, and by the policy's own.

    Readings differ in whether a grace window follows (EST-001), and in the end of a renewed term (RNW-001), for which
    `chained_day` is the earlier one.
    """
    last_day = subscription.term.last_day
    by_every, own = safe_spans(subscription, policy, what)
    return (chained_day or last_day) + by_every, last_day + own


def doubted_after(
    subscription: Subscription, policy: Policy, what: Ahead | None = None, chained_day: date | None = None
) -> date | None:
    """Return the last day that is safe by every reading, where the policy's own gives a later one; else None."""
    by_every, own = last_safe_days(subscription, policy, what or ahead(subscription, policy), chained_day)
    return by_every if by_every < own else None


class When(NamedTuple):
    """The days of a `Provisioning`, its timing, and the case of END-005 that says so."""

    earliest: date
    recommended: date
    latest: date | None
    doubted_day: date | None
    timing: Timing
    says: str | None


def ends_never(subscription: Subscription, what: Ahead) -> bool:
    """Tell whether no fact tells when it ends, as of an extended service term that nobody has ended."""
    return what.deleted is None and what.endless and not subscription.trial


def timing_of(
    subscription: Subscription,
    since: timedelta,
    policy: Policy,
    what: Ahead,
    safe: timedelta,
    own_safe: timedelta,
) -> tuple[Timing | None, str | None]:
    """Decide END-005 so long after the last day: whether a replacement comes in time, and the case that says so.

    `safe` and `own_safe`: how long after it that is safe by every reading, and by the policy's own.
    Source: guide#provision-within-30-days.
    """
    is_safe = "by every reading" if since <= safe else "in doubt" if since <= own_safe else "no"
    if what.deleted is not None:
        deletion = "past" if since >= what.deleted else "to come"
    # An extended service term has no end of its own; a replacement is best there before it begins to cost.
    elif ends_never(subscription, what):
        deletion = "no end"
    elif (
        policy.in_force
        and is_safe != "no"
        and what.runs
        and after_term(subscription, policy) is AfterTerm.EXTENDED
    ):
        deletion = "to come"
    else:
        deletion = "not known"
    return TIMINGS.outcomes[subscription.status, deletion, is_safe]


def best_days(
    subscription: Subscription,
    since: timedelta,
    what: Ahead,
    safe: timedelta,
    into_another_tenant: bool,
) -> tuple[timedelta | None, timedelta | None]:
    """Return how long after the last day it first makes sense to provision in time, and when it is best.

    None: on any day, so today; today, too, where that day is over. `safe`: how long after it that is safe.
    """
    # Users of a suspended one are without access until then; an extension costs more with each day.
    if subscription.status is _SUSPENDED or ends_never(subscription, what):
        return None, None
    if what.window is not None and max(since, _DAY) <= safe:  # no day is paid twice
        return (None if into_another_tenant else _DAY), _DAY
    if into_another_tenant:  # as long as the guide's window leaves for the migration
        return None, safe - MIGRATION
    return None, safe  # as late as is safe: never earlier than needed


def when_to_provision(
    subscription: Subscription,
    today: date,
    policy: Policy,
    what: Ahead,
    *,
    safe_days: tuple[date, date] | None = None,
    chained_day: date | None = None,
    into_another_tenant: bool,
) -> When | None:
    """Decide the days of END-005, by what is ahead of the subscription; None where no fact tells them.

    Source: guide#provision-within-30-days; guide#tenant-to-tenant for another tenant.
    """
    last_day = subscription.term.last_day
    safe_day, own_safe_day = safe_days or last_safe_days(subscription, policy, what, chained_day)
    since, safe, own_safe = today - last_day, safe_day - last_day, own_safe_day - last_day
    timing, said = timing_of(subscription, since, policy, what, safe, own_safe)
    if timing is None:
        return None
    if timing is _IN_TIME:
        if ends_never(subscription, what):
            return When(today, today, None, None, timing, said)
        earliest, recommended = (
            today if span is None else max(today, last_day + span)
            for span in best_days(subscription, since, what, safe, into_another_tenant)
        )
        longer = (subscription.doubted_last_day or last_day) - last_day
        return When(earliest, recommended, *the_earlier(today, safe_day, own_safe_day + longer), timing, said)
    if what.deleted is not None and (said in ("too-late", "may-be-too-late") or timing is Timing.NOT_SURE):
        # It is Deleted so long after its last safe day, by either reading.
        longer = (subscription.doubted_last_day or last_day) - last_day
        saves_until = last_used(subscription) + what.deleted - _DAY
        until = the_earlier(today, saves_until - (own_safe_day - safe_day), saves_until + longer)
        return When(today, today, *until, timing, said)
    # Until when a Disabled one is not Deleted, no payload says: each day may be the last that saves something.
    return When(today, today, today if timing is Timing.TOO_LATE else None, None, timing, said)


def beside_the_original(
    subscription: Subscription,
    today: date,
    policy: Policy,
    *,
    chained_day: date | None,
    into_another_tenant: bool,
) -> When | None:
    """Decide the days of a replacement that is provisioned while the term runs, whatever follows it."""
    what = ahead(subscription, policy)._replace(window=None)
    return when_to_provision(
        subscription,
        today,
        policy,
        what,
        chained_day=chained_day,
        into_another_tenant=into_another_tenant,
    )


def provisioning(
    subscription: Subscription,
    today: date,
    policy: Policy,
    what: Ahead,
    when: When,
    then: Finding | None,
    *,
    chained_day: date | None = None,
) -> Provisioning:
    """Return the days that were decided, and why; `then`: what is said of the end of the term."""
    earliest, recommended, latest, doubted_day, timing, _ = when
    return Provisioning(
        earliest=earliest,
        recommended=recommended,
        latest=latest,
        timing=timing,
        doubted_day=doubted_day,
        findings=_why_then(subscription, today, policy, what, when, then, chained_day),
    )


def _why_then(
    subscription: Subscription,
    today: date,
    policy: Policy,
    what: Ahead,
    when: When,
    then: Finding | None,
    chained_day: date | None,
) -> tuple[Finding, ...]:
    subject, latest, said = subscription.id, when.latest, when.says
    if said is None:
        return ()
    if when.timing is Timing.IN_TIME:
        assert latest is not None  # noqa: S101 - there is a last safe day
        found = finding(
            "END-005",
            said,
            subject,
            first_day=when.earliest,
            last_safe_day=latest,
            days_left=(latest - max(today, when.earliest)).days + 1,
        )
        return gather(found, None if what.window is None else then)
    if latest is None or said not in ("too-late", "may-be-too-late"):
        return (finding("END-005", said, subject),)
    safe_day, own_safe_day = last_safe_days(subscription, policy, what, chained_day)
    if said == "may-be-too-late":
        found = finding("END-005", said, subject, last_safe_day=safe_day, until_day=own_safe_day)
    else:
        found = finding("END-005", said, subject, last_safe_day=safe_day, deleted_day=after(latest))
    return gather(found, then)


def provisioning_days(
    subscription: Subscription, as_of: date, policy: Policy = GUIDE, *, into_another_tenant: bool = False
) -> Provisioning | None:
    """Decide END-005: from when to when to provision a replacement; None where no fact tells the days.

    In the grace window no day is paid twice and users keep their access. Without a window the last safe day is the
    term's own, and one day is paid twice. Where two readings differ, `latest` is the earlier day and `doubted_day`
    the later one. Users of a suspended subscription have no access: there the best day is that of `as_of`. Into
    another tenant it may come early, so that there is time to migrate.
    The subscription's term is taken as the one that runs. Source: guide#provision-within-30-days.
    """
    today, what = utc_day("as_of", as_of), ahead(subscription, policy)
    when = when_to_provision(subscription, today, policy, what, into_another_tenant=into_another_tenant)
    return when and provisioning(subscription, today, policy, what, when, term_end(subscription, policy))
