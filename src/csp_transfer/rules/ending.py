"""How a source subscription ends, and when its replacement comes (END-001, END-003 to END-005)."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Final

from attrs import frozen

from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather
from ..model import Status, Subscription
from ..policy import GUIDE, Policy
from ..spans import after, utc_day
from ..words import Word
from .lifecycle import deleted_day, grace_window
from .term_end import AfterTerm, after_term, term_end
from .terms import UNCLEAR, UNENDED

__all__ = [
    "TIMINGS",
    "Provisioning",
    "Timing",
    "auto_renew_off_by",
    "contradicted",
    "expires",
    "let_expire",
    "provisioning_days",
    "stays_on",
    "still_active",
    "turn_off",
]


class Timing(Word):
    """Whether a replacement still comes in time."""

    IN_TIME = "in_time"
    TOO_LATE = "too_late"
    """Users have lost access; data may still be saved."""
    GONE = "gone"
    """The original is Deleted."""


_RUNS_OUT: Final = UNCLEAR | {Status.ACTIVE, Status.EXPIRED, Status.SUSPENDED}
TIMINGS: Final[DecisionTable[tuple[Timing | None, str | None]]] = DecisionTable(
    "timing",
    "Whether a replacement still comes in time; safe: up to the grace window's last day, or else the term's own.",
    {"status": Status, "deletion": ("to come", "past", "not known"), "safe": (True, False)},
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
    return finding("END-001", "let-expire", subscription.id, last_day=last_day)


def auto_renew_off_by(subscription: Subscription, as_of: date) -> date | None:
    """Decide END-003: the last UTC day on which to stop a running term from going on; None: not needed.

    Source: guide#autorenew-off.
    """
    last_day = subscription.term.last_day
    # Neither a status that is not known nor a suspension, which should have done it, must hide a renewal.
    runs = subscription.status in UNENDED | {Status.SUSPENDED} and utc_day("as_of", as_of) <= last_day
    return last_day if runs and subscription.goes_on else None


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


def contradicted(subscription: Subscription, as_of: date) -> Finding | None:
    """Say under END-004 that a status Expired before the term's end leaves no day to count from."""
    last_day = subscription.term.last_day
    if subscription.status is not Status.EXPIRED or utc_day("as_of", as_of) > last_day:
        return None
    return finding("END-004", "contradicted", subscription.id, last_day=last_day)


def still_active(subscription: Subscription, as_of: date) -> Finding | None:
    """Say under END-004 that a status Active after the end leaves doubt whether it ended.

    On the day after the last day the change may still be under way. Source: guide#expired-on-end-date.
    """
    last_day = subscription.term.last_day
    ended = utc_day("as_of", as_of) > after(last_day)
    if subscription.status is not Status.ACTIVE or subscription.trial or not ended:
        return None
    return finding("END-004", "still-active", subscription.id, last_day=last_day)


def provisioning_days(subscription: Subscription, as_of: date, policy: Policy = GUIDE) -> Provisioning | None:
    """Decide END-005: from when to when to provision a replacement; None where no fact tells the days.

    In time, that is in the grace window: no day is paid twice and nobody is interrupted. Without a window the
    last safe day is the term's own, and one day is paid twice. Source: guide#provision-within-30-days.
    """
    today, subject = utc_day("as_of", as_of), subscription.id
    deleted = deleted_day(subscription, policy)
    window = grace_window(subscription, policy=policy)
    last_safe_day = window.last_day if window else subscription.term.last_day
    # An extended service term has no end of its own; a replacement is best there before it begins to cost.
    extends = after_term(subscription, policy) is AfterTerm.EXTENDED and today <= last_safe_day
    dated = deleted is not None or extends
    timing, said = TIMINGS.decide(
        status=subscription.status,
        deletion="past" if deleted is not None and deleted <= today else "to come" if dated else "not known",
        safe=today <= last_safe_day,
    )
    if timing is None:
        return None
    if timing is Timing.IN_TIME:
        # Without a window, as late as is safe: never earlier than needed.
        recommended = max(today, window.first_day) if window else last_safe_day
        earliest = recommended if window else today
        found = finding(
            "END-005",
            "provision-by",
            subject,
            first_day=earliest,
            last_safe_day=last_safe_day,
            days_left=window.days_left(today) if window else (last_safe_day - today).days + 1,
        )
        return Provisioning(
            earliest=earliest,
            recommended=recommended,
            latest=last_safe_day,
            timing=timing,
            findings=gather(found, term_end(subscription, policy) if window else None),
        )
    at_once = partial(Provisioning, earliest=today, recommended=today, timing=timing)
    if said == "too-late" and deleted is not None:
        found = finding("END-005", said, subject, last_safe_day=last_safe_day, deleted_day=deleted)
        findings = gather(found, term_end(subscription, policy))
        return at_once(latest=after(deleted, -1), findings=findings)
    return at_once(
        # Until when a Disabled one is not Deleted, no payload says: each day may be the last that saves something.
        latest=today if timing is Timing.TOO_LATE else None,
        findings=gather(finding("END-005", said, subject) if said else None),
    )
