"""How a source subscription ends, and when its replacement comes (END-001, END-003 to END-005)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from attrs import frozen

from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather
from ..later import later
from ..model import Status, Subscription
from ..policy import GUIDE, Policy
from ..spans import after, utc_day
from ..words import Word
from .lifecycle import Ahead, ahead, grace_window, last_used
from .term_end import AfterTerm, after_term, term_end
from .terms import UNCLEAR, UNENDED

__all__ = [
    "TIMINGS",
    "Provisioning",
    "Timing",
    "When",
    "auto_renew_off_by",
    "contradicted",
    "contradicts",
    "expires",
    "let_expire",
    "provisioning",
    "provisioning_days",
    "stays_on",
    "still_active",
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


_DAY: Final = timedelta(days=1)
_EXPIRED, _IN_TIME = Status.EXPIRED, Timing.IN_TIME  # bound once: see `risk`
# Neither a status that is not known nor a suspension, which should have done it, must hide a renewal.
_MAY_RENEW: Final = UNENDED | {Status.SUSPENDED}
_RUNS_OUT: Final = UNCLEAR | {Status.ACTIVE, Status.EXPIRED, Status.SUSPENDED}
TIMINGS: Final[DecisionTable[tuple[Timing | None, str | None]]] = DecisionTable(
    "timing",
    "Whether a replacement still comes in time; safe: up to the grace window's last day, or else the term's own.",
    {"status": Status, "deletion": ("to come", "past", "not known", "no end"), "safe": (True, False)},
    (
        case("cancelled", "LIF-004", (Timing.GONE, None), status=Status.CANCELED),
        case("Deleted already", "END-005", (Timing.GONE, "gone"), status=Status.DELETED),
        case(
            "Disabled, until when no payload says",
            "END-005",
            (Timing.TOO_LATE, "disabled"),
            status=Status.DISABLED,
        ),
        case("no fact tells the days", "LIF-001", (None, None), status=_RUNS_OUT, deletion="not known"),
        case(
            "in an extended service term, which has no end of its own",
            "EST-005",
            (Timing.IN_TIME, None),
            status=_RUNS_OUT - {Status.SUSPENDED},
            deletion="no end",
        ),
        # Each day may be the last that saves something.
        case(
            "suspended, until when no fact tells",
            "LIF-002",
            (Timing.TOO_LATE, None),
            status=Status.SUSPENDED,
            deletion="no end",
        ),
        case("it is Deleted by now", "END-005", (Timing.GONE, "gone"), status=_RUNS_OUT, deletion="past"),
        case(
            "up to the last safe day",
            "END-005",
            (Timing.IN_TIME, "provision-by"),
            status=_RUNS_OUT,
            deletion="to come",
            safe=True,
        ),
        case(
            "after the last safe day",
            "END-005",
            (Timing.TOO_LATE, "too-late"),
            status=_RUNS_OUT,
            deletion="to come",
            safe=False,
        ),
    ),
)


@frozen(kw_only=True)
class Provisioning(Reasoned):
    """From when to when a like-for-like replacement is best provisioned (UTC days, inclusive)."""

    earliest: date
    recommended: date
    latest: date | None
    """The last day that still saves something; None where nothing is left to save."""
    timing: Timing


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


def auto_renew_off_by(subscription: Subscription, as_of: date) -> date | None:
    """Decide END-003: the last UTC day on which to stop a running term from going on; None: not needed.

    Source: guide#autorenew-off.
    """
    last_day = subscription.term.last_day
    runs = subscription.status in _MAY_RENEW and utc_day("as_of", as_of) <= last_day
    return last_day if runs and subscription.goes_on and not subscription.runs_on else None


def turn_off(subscription: Subscription, as_of: date) -> Finding | None:
    """Say END-003: turn auto-renew off in time, and undo what else is scheduled for the end of the term."""
    last_day = auto_renew_off_by(subscription, as_of)
    if last_day is None:
        return None
    scheduled = subscription.at_term_end
    if scheduled is None:
        return finding("END-003", "turn-off", subscription.id, last_day=last_day)
    return finding("END-003", "unschedule", subscription.id, last_day=last_day, scheduled=scheduled)


def stays_on(subscription: Subscription, as_of: date) -> Finding | None:
    """Say under END-003 that a subscription which nothing replaces goes on, and is paid for."""
    last_day = auto_renew_off_by(subscription, as_of)
    return None if last_day is None else finding("END-003", "stays-on", subscription.id, last_day=last_day)


def expires(subscription: Subscription, policy: Policy = GUIDE) -> Finding | None:
    """Decide END-004: the day after the last day, the state becomes Expired; carries nothing where it is not.

    Source: guide#expired-on-end-date.
    """
    window = grace_window(subscription, policy=policy)
    if window is None:
        return None
    last_day = subscription.term.last_day
    return finding("END-004", "expires", subscription.id, last_day=last_day, expired_day=window.first_day)


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


When = tuple[date, date, date | None, Timing, str | None]
"""The days of a `Provisioning`: earliest, recommended, latest; its timing; and the case of END-005 that says so."""


def when_to_provision(subscription: Subscription, today: date, policy: Policy, what: Ahead) -> When | None:
    """Decide the days of END-005, by what is ahead of the subscription; None where no fact tells them.

    Source: guide#provision-within-30-days.
    """
    _, window, deleted = what
    last_day = last_safe_day = subscription.term.last_day
    if window is not None:
        last_safe_day = last_day + window
    safe = today <= last_safe_day
    if deleted is not None:
        deletion = "to come" if safe or today < last_used(subscription) + deleted else "past"
    # An extended service term has no end of its own; a replacement is best there before it begins to cost.
    elif what.endless and not subscription.trial:
        deletion = "no end"
    elif policy.in_force and safe and what.runs and after_term(subscription, policy) is AfterTerm.EXTENDED:
        deletion = "to come"
    else:
        deletion = "not known"
    timing, said = TIMINGS.outcomes[subscription.status, deletion, safe]
    if deletion == "no end" and timing is not None:
        return today, today, None if timing is _IN_TIME else today, timing, said
    if timing is _IN_TIME:
        if window is None:  # as late as is safe: never earlier than needed
            return today, last_safe_day, last_safe_day, timing, said
        recommended = today if today > last_day else last_day + _DAY
        return recommended, recommended, last_safe_day, timing, said
    if timing is None:
        return None
    if said == "too-late" and deleted is not None:
        return today, today, last_used(subscription) + deleted - _DAY, timing, said
    # Until when a Disabled one is not Deleted, no payload says: each day may be the last that saves something.
    return today, today, today if timing is Timing.TOO_LATE else None, timing, said


def provisioning(
    subscription: Subscription, today: date, policy: Policy, what: Ahead, when: When
) -> Provisioning:
    """Return the days that were decided, which say why when they are asked."""
    earliest, recommended, latest, timing, said = when

    def findings(_: str) -> tuple[Finding, ...]:
        if said is None:
            return ()
        subject, last_day = subscription.id, subscription.term.last_day
        last_safe_day = last_day if what.window is None else last_day + what.window
        if timing is Timing.IN_TIME:
            found = finding(
                "END-005",
                said,
                subject,
                first_day=earliest,
                last_safe_day=last_safe_day,
                days_left=(last_safe_day - max(today, earliest)).days + 1,
            )
            return gather(found, None if what.window is None else term_end(subscription, policy))
        if said == "too-late" and latest is not None:
            found = finding("END-005", said, subject, last_safe_day=last_safe_day, deleted_day=after(latest))
            return gather(found, term_end(subscription, policy))
        return (finding("END-005", said, subject),)

    days = {"earliest": earliest, "recommended": recommended, "latest": latest, "timing": timing}
    return later(Provisioning, findings, days)


def provisioning_days(subscription: Subscription, as_of: date, policy: Policy = GUIDE) -> Provisioning | None:
    """Decide END-005: from when to when to provision a replacement; None where no fact tells the days.

    In time, that is in the grace window: no day is paid twice and nobody is interrupted. Without a window the
    last safe day is the term's own, and one day is paid twice. Source: guide#provision-within-30-days.
    """
    today, what = utc_day("as_of", as_of), ahead(subscription, policy)
    when = when_to_provision(subscription, today, policy, what)
    return when and provisioning(subscription, today, policy, what, when)
