"""How many duplicates a tenant takes, and so which way the customer as a whole goes (CAP-001, CAP-002)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from attrs import frozen

from .. import checks
from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather
from ..ids import id_key
from ..model import Status, Subscription
from ..policy import (
    EXTENDED_PERCENT,
    EXTENDED_PERCENT_WITHOUT_MONTHLY,
    GUIDE,
    MOST_DUPLICATES,
    TENANT_SUBSCRIPTIONS,
    Policy,
)
from ..words import Word
from .lifecycle import grace_window

__all__ = [
    "METHODS",
    "Capacity",
    "Method",
    "batches",
    "duplicated",
    "duplicates_check",
    "most_in_tenant",
    "no_sure_window",
    "tenant_room",
    "too_early",
    "transfer_method",
    "uninterrupted",
]


# What a duplicate is provisioned beside; a suspended one at once.
_DUPLICATED: Final = {Status.ACTIVE, Status.SUSPENDED}


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
    batches: tuple[tuple[str, ...], ...] = ()
    """The ids in batches that fit into the tenant, first to end first; only under a policy of what is in force."""


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
    subscriptions: Iterable[Subscription],
    subject: str,
    *,
    unread: int = 0,
    existing: int | None = None,
    policy: Policy = GUIDE,
) -> Capacity:
    """Decide CAP-001 for all subscriptions of the customer `subject`; see `transfer_method`.

    Subscriptions of unknown status, or that could not be read, are named where they would tip the balance.
    Source: guide#over-150.
    """
    checks.instance("subscriptions", subscriptions, Iterable, "subscriptions")
    subscriptions = tuple(subscriptions)
    active, unsure, last_day = 0, unread, policy.history(MOST_DUPLICATES).first_day
    for n, subscription in enumerate(subscriptions):
        checks.instance(f"subscriptions[{n}]", subscription, Subscription)
        active += subscription.status is Status.ACTIVE
        unsure += subscription.status is Status.UNKNOWN
        last_day = max(last_day, subscription.term.last_day)
    most = policy.number(MOST_DUPLICATES, last_day)
    method, said = METHODS.decide(
        active="more" if active > most else "at most",
        active_and_unsure="more" if active + unsure > most else "at most",
    )
    counts = {"active": active, "most": most} | ({"unsure": unsure} if said == "not-sure" else {})
    return Capacity(
        method=method,
        active=active,
        batches=batches(subscriptions, existing, policy) if policy.in_force else (),
        findings=gather(
            finding("CAP-001", said, subject, **counts),
            finding("CAP-001", "not-all-read", subject, unsure=unread) if unread else None,
            _other_most(subject, last_day, policy),
            tenant_room(subscriptions, existing, subject, policy) if policy.in_force else None,
        ),
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


def duplicated(subscriptions: Iterable[Subscription]) -> tuple[Subscription, ...]:
    """Return those beside which a duplicate would be provisioned."""
    return tuple(s for s in subscriptions if s.status in _DUPLICATED)


def most_in_tenant(subscriptions: Iterable[Subscription], policy: Policy) -> int:
    """Return how many subscriptions one tenant holds, old and new ones together (consolidation#limit)."""
    first_day = policy.history(TENANT_SUBSCRIPTIONS).first_day
    return policy.number(
        TENANT_SUBSCRIPTIONS, max((s.term.last_day for s in subscriptions), default=first_day)
    )


def tenant_room(
    subscriptions: Sequence[Subscription], existing: int | None, subject: str, policy: Policy
) -> Finding:
    """Decide CAP-003: how many duplicates fit beside what the tenant has (None: not known).

    Source: consolidation#limit.
    """
    most = most_in_tenant(subscriptions, policy)
    quantity = len(duplicated(subscriptions))
    if existing is None:
        return finding("CAP-003", "not-known", subject, most=most, quantity=quantity)
    room = most - existing
    if room <= 0:
        return finding("CAP-003", "no-room", subject, existing=existing, most=most)
    counts = {"existing": existing, "most": most, "room": room, "quantity": quantity}
    needed = len(batches(subscriptions, existing, policy))
    if needed > 1:
        return finding("CAP-003", "batches", subject, batches=needed, **counts)
    return finding("CAP-003", "fits", subject, **counts)


def batches(
    subscriptions: Sequence[Subscription], existing: int | None, policy: Policy
) -> tuple[tuple[str, ...], ...]:
    """Return the ids of what would be duplicated in batches that fit, those that end first in front.

    A batch needs the room that the one before it leaves when its originals are gone. Empty where nobody knows
    how many subscriptions the tenant has, or none fits.
    """
    room = 0 if existing is None else most_in_tenant(subscriptions, policy) - existing
    if room <= 0:
        return ()
    by_id = {id_key(s.id): s for s in subscriptions}

    def order(s: Subscription) -> tuple[bool, date, bool, date, str]:
        base = by_id.get(id_key(s.parent or s.id), s)  # what it is added on to goes first
        waits = s.status is not Status.SUSPENDED  # users without access do not
        return waits, base.term.last_day, base is not s, s.term.last_day, id_key(s.id)

    active = sorted(duplicated(subscriptions), key=order)
    return tuple(tuple(s.id for s in active[n : n + room]) for n in range(0, len(active), room))


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
