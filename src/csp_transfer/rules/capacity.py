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
from ..policy import GUIDE, Policy
from ..words import Word
from .lifecycle import grace_window

__all__ = [
    "METHODS",
    "Capacity",
    "Method",
    "duplicates_check",
    "no_sure_window",
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


def transfer_method(subscriptions: Iterable[Subscription], *, policy: Policy = GUIDE) -> Method:
    """Return the method for all subscriptions of one customer tenant: only active ones count.

    Up to 150 may be duplicated; with more, the originals expire first and are bought again in the grace
    window. Raises `InvalidType` for anything but subscriptions. Source: guide#over-150 (CAP-001).

    >>> from datetime import date
    >>> from ..model import Offer, Term
    >>> one = Subscription(id="s", offer=Offer(id="B"), quantity=5, auto_renew=True,
    ...                    term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> print(transfer_method([one] * 150), transfer_method([one] * 151))
    overlap expire_then_repurchase
    """
    return duplicates_check(subscriptions, "", policy=policy).method


def duplicates_check(
    subscriptions: Iterable[Subscription], subject: str, *, unread: int = 0, policy: Policy = GUIDE
) -> Capacity:
    """Decide CAP-001 for all subscriptions of the customer `subject`; see `transfer_method`.

    Subscriptions of unknown status, or that could not be read, are named where they would tip the balance.
    Source: guide#over-150.
    """
    checks.instance("subscriptions", subscriptions, Iterable, "subscriptions")
    active, unsure = 0, unread
    for n, subscription in enumerate(subscriptions):
        checks.instance(f"subscriptions[{n}]", subscription, Subscription)
        active += subscription.status is Status.ACTIVE
        unsure += subscription.status is Status.UNKNOWN
    most = policy.most_duplicates
    method, said = METHODS.decide(
        active="more" if active > most else "at most",
        active_and_unsure="more" if active + unsure > most else "at most",
    )
    counts = {"active": active, "most": most} | ({"unsure": unsure} if said == "not-sure" else {})
    return Capacity(
        method=method,
        active=active,
        findings=gather(
            finding("CAP-001", said, subject, **counts),
            finding("CAP-001", "not-all-read", subject, unsure=unread) if unread else None,
        ),
    )


def too_early(subscription: Subscription, provision_on: date) -> Finding | None:
    """Say under CAP-001 that a day makes a duplicate, where the originals should expire first."""
    last_day = subscription.term.last_day
    if provision_on > last_day:
        return None
    return finding("CAP-001", "too-early", subscription.id, provision_day=provision_on, last_day=last_day)


def no_sure_window(subject: str, unsure: int) -> Finding | None:
    """Say under CAP-001 that of those that must expire first, some have no grace window that is sure to follow."""
    return finding("CAP-001", "no-sure-window", subject, unsure=unsure) if unsure else None


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
