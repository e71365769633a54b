"""How a source subscription ends, and when its replacement comes (END-001, END-003 to END-005)."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from ..findings import Finding, Reasoned, finding, gather
from ..model import Status, Subscription
from ..policy import GUIDE, Policy
from ..spans import after, utc_day
from ..words import Word
from .lifecycle import deleted_day, free_window_ended, grace_window
from .terms import UNENDED

__all__ = [
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
    today = utc_day("as_of", as_of)
    if subscription.status is Status.CANCELED:
        return Provisioning(earliest=today, recommended=today, latest=None, timing=Timing.GONE)
    if subscription.status is Status.DISABLED:
        # Since when, and so until when, no payload says: each day may be the last that saves something.
        found = finding("END-005", "disabled", subscription.id)
        return Provisioning(
            earliest=today, recommended=today, latest=today, timing=Timing.TOO_LATE, findings=(found,)
        )
    deleted = deleted_day(subscription, policy)
    if deleted is None:
        return None
    if subscription.status is Status.DELETED or deleted <= today:
        found = finding("END-005", "gone", subscription.id)
        return Provisioning(
            earliest=today, recommended=today, latest=None, timing=Timing.GONE, findings=(found,)
        )
    window = grace_window(subscription, policy=policy)
    last_safe_day = window.last_day if window else subscription.term.last_day
    if today <= last_safe_day:
        # Without a window, as late as is safe: never earlier than needed.
        recommended = max(today, window.first_day) if window else last_safe_day
        earliest = recommended if window else today
        found = finding(
            "END-005",
            "provision-by",
            subscription.id,
            first_day=earliest,
            last_safe_day=last_safe_day,
            days_left=window.days_left(today) if window else (last_safe_day - today).days + 1,
        )
        return Provisioning(
            earliest=earliest,
            recommended=recommended,
            latest=last_safe_day,
            timing=Timing.IN_TIME,
            findings=gather(found, free_window_ended(subscription) if window else None),
        )
    found = finding("END-005", "too-late", subscription.id, last_safe_day=last_safe_day, deleted_day=deleted)
    return Provisioning(
        earliest=today,
        recommended=today,
        latest=after(deleted, -1),
        timing=Timing.TOO_LATE,
        findings=gather(found, free_window_ended(subscription)),
    )
