"""How many duplicates a tenant takes, and so which way the customer as a whole goes (CAP-001, CAP-002)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from attrs import frozen

from .. import checks
from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather
from ..model import Status, Subscription
from ..policy import (
    EXTENDED_PERCENT,
    EXTENDED_PERCENT_WITHOUT_MONTHLY,
    GRACE_DAYS,
    GUIDE,
    MOST_DUPLICATES,
    Policy,
)
from ..spans import after, utc_day
from ..words import Word
from .lifecycle import grace_window
from .terms import running_term

__all__ = [
    "METHODS",
    "Capacity",
    "Method",
    "duplicates_check",
    "is_long_over",
    "no_sure_window",
    "not_all_read",
    "too_early",
    "transfer_method",
    "uninterrupted",
]


class Method(Word):
    """The way a customer's subscriptions go, taken together."""

    OVERLAP = "overlap"
    EXPIRE_THEN_REPURCHASE = "expire_then_repurchase"


METHODS: Final[DecisionTable[tuple[Method, str]]] = DecisionTable(
    "methods",
    "The method, and what CAP-001 says: each count against the most duplicates that the policy allows.",
    {"active": ("at most", "more"), "active_and_unsure": ("at most", "more")},
    (
        case(
            "duplicates fit",
            "CAP-001",
            (Method.OVERLAP, "within"),
            active="at most",
            active_and_unsure="at most",
        ),
        case(
            "they may not fit",
            "CAP-001",
            (Method.OVERLAP, "not-sure"),
            active="at most",
            active_and_unsure="more",
        ),
        case("too many to duplicate", "CAP-001", (Method.EXPIRE_THEN_REPURCHASE, "over"), active="more"),
    ),
)


@frozen(kw_only=True)
class Capacity(Reasoned):
    """The method for a customer's subscriptions, and the count that it rests on."""

    method: Method
    active: int


def transfer_method(
    subscriptions: Iterable[Subscription], *, as_of: date | None = None, policy: Policy = GUIDE
) -> Method:
    """Return the method for subscriptions of one customer that are all moved within their own tenant.

    Up to 150 may be duplicated; with more, the originals expire first and are bought again in the grace
    window. Only active ones count that have licences and are no trials; with `as_of`, a UTC day, those whose
    term has been over for more than 30 days on that day do not count either. Raises `InvalidType` for anything but
    subscriptions. Source: guide#over-150 (CAP-001).

    >>> from datetime import date
    >>> from csp_transfer import Offer, Term
    >>> one = Subscription(id="s", offer=Offer(id="B"), quantity=5, auto_renew=True,
    ...                    term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> print(transfer_method([one] * 150), transfer_method([one] * 151))
    overlap expire_then_repurchase
    """
    return duplicates_check(subscriptions, "", as_of=as_of, policy=policy).method


def duplicates_check(
    subscriptions: Iterable[Subscription],
    subject: str,
    *,
    unread: int = 0,
    as_of: date | None = None,
    policy: Policy = GUIDE,
) -> Capacity:
    """Decide CAP-001 for what the customer `subject` moves within its own tenant; see `transfer_method`.

    Subscriptions of unknown status, or that could not be read, are named where they would tip the balance.
    Source: guide#over-150.
    """
    checks.instance("subscriptions", subscriptions, Iterable, "subscriptions")
    today = None if as_of is None else utc_day("as_of", as_of)
    active, unsure, last_day = 0, unread, policy.history(MOST_DUPLICATES).first_day
    for n, subscription in enumerate(subscriptions):
        checks.instance(f"subscriptions[{n}]", subscription, Subscription)
        if subscription.trial or not subscription.quantity:
            continue
        active += subscription.status is Status.ACTIVE and not is_long_over(subscription, today)
        unsure += subscription.status is Status.UNKNOWN
        last_day = max(last_day, subscription.term.last_day)
    most = policy.number(MOST_DUPLICATES, last_day)
    method, said = METHODS.decide(
        active="more" if active > most else "at most",
        active_and_unsure="more" if active + unsure > most else "at most",
    )
    counts = {"active": active, "most": most} | ({"unsure": unsure} if said == "not-sure" else {})
    found = finding("CAP-001", said, subject, **counts)
    return Capacity(
        method=method, active=active, findings=gather(found, _other_most(subject, last_day, policy))
    )


def _other_most(subject: str, last_day: date, policy: Policy) -> Finding | None:
    record = policy.contradicted_by(MOST_DUPLICATES, last_day)
    if record is None:
        return None
    return finding(
        "CAP-001",
        "other-most",
        subject,
        stated=policy.number(MOST_DUPLICATES, last_day),
        most=record.value,
        change_day=record.from_day,
        said_by=record.rule,
    )


def is_long_over(subscription: Subscription, today: date | None) -> bool:
    """Tell whether a term has been over for longer than the guide's Expired state lasts; None: no day is asked for.

    Until then, an active status may be right: the data may be of the day before, or the change under way.
    """
    term = None if today is None else running_term(subscription, today)[0]
    return term is not None and today is not None and today > after(term.last_day, GRACE_DAYS.stated)


def not_all_read(subject: str, unread: int) -> Finding | None:
    """Say under CAP-001 that subscriptions of the customer could not be read. Source: guide#over-150."""
    return finding("CAP-001", "not-all-read", subject, unsure=unread) if unread else None


def too_early(subscription: Subscription, provision_on: date) -> Finding | None:
    """Say under CAP-001 that a day makes a duplicate, where the originals should expire first."""
    last_day = subscription.term.last_day
    if provision_on > last_day:
        return None
    return finding("CAP-001", "too-early", subscription.id, provision_day=provision_on, last_day=last_day)


def no_sure_window(subject: str, unsure: int, first_day: date, policy: Policy) -> Finding | None:
    """Say under CAP-001 that of those that must expire first, some have no grace window that is sure to follow.

    `first_day` is the first day on which one of them would be without.
    """
    if not unsure:
        return None
    if not policy.in_force or first_day < policy.history(EXTENDED_PERCENT).first_day:
        return finding("CAP-001", "no-sure-window", subject, unsure=unsure)
    return finding(
        "CAP-001",
        "no-free-window",
        subject,
        unsure=unsure,
        percent=policy.number(EXTENDED_PERCENT, first_day),
        percent_without_monthly=policy.number(EXTENDED_PERCENT_WITHOUT_MONTHLY, first_day),
    )


def uninterrupted(subscription: Subscription, policy: Policy = GUIDE) -> tuple[Finding, ...]:
    """Decide CAP-002: in the grace window users keep files and services while licences are bought again.

    Silent where there is no grace window; carries the window's own caution. Source: guide#over-150.
    """
    window = grace_window(subscription, policy=policy)
    if window is None:
        return ()
    return gather(
        finding(
            "CAP-002",
            "uninterrupted",
            subscription.id,
            first_day=window.first_day,
            last_safe_day=window.last_day,
        ),
        *window.findings,
    )
