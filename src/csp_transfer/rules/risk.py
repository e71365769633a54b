"""What a move does to users and data: the risk table, one row a case (RSK-001 to RSK-003, END-005, LIF).

Several rows may hold at once; the highest risk of each kind wins, and every row that holds is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Final, NamedTuple

from attrs import frozen

from .. import checks
from ..findings import Finding, Reasoned, finding, gather
from ..model import NOT_REPLACED, NotReplaced, Replacement, Status, Subscription
from ..policy import GUIDE, Policy
from ..words import Level
from .lifecycle import (
    State,
    cancelled,
    free_window_ended,
    last_backup_day,
    state_at,
    status_unclear,
    while_suspended,
)
from .terms import UNCLEAR

__all__ = [
    "Case",
    "Risk",
    "TransitionRisk",
    "different_offer",
    "no_impact",
    "offer_still_sold",
    "paid_twice_days",
    "transition_risk",
]


class Risk(Level):
    """How likely something bad is: NONE < POSSIBLE < CERTAIN."""

    NONE = "none"
    POSSIBLE = "possible"
    CERTAIN = "certain"

    def __bool__(self) -> bool:
        """Only NONE is false, so that `if risk.data_loss` means what it says."""
        return self is not Risk.NONE


class Row(NamedTuple):
    """What one case of the risk table says."""

    disruption: Risk
    data_loss: Risk
    reassign_licenses: bool


_BILLED: Final = UNCLEAR | {Status.ACTIVE, Status.SUSPENDED}

NONE, POSSIBLE, CERTAIN = Risk.NONE, Risk.POSSIBLE, Risk.CERTAIN


class Case(Enum):
    """The rows of the risk table; the value is what the row says, after a number that keeps them apart."""

    GUARANTEE_HOLDS = (1, Row(NONE, NONE, False))
    DIFFERENT_BUT_EQUIVALENT = (2, Row(POSSIBLE, NONE, True))
    DIFFERENT_NOT_EQUIVALENT = (3, Row(POSSIBLE, POSSIBLE, True))
    DISCONTINUED_AND_DIFFERENT = (4, Row(POSSIBLE, POSSIBLE, True))
    NO_LONGER_SOLD = (5, Row(POSSIBLE, POSSIBLE, False))
    BELOW_ASSIGNED = (6, Row(CERTAIN, POSSIBLE, True))
    FEWER_LICENCES = (7, Row(POSSIBLE, POSSIBLE, False))
    MORE_LICENCES = (8, Row(POSSIBLE, NONE, False))
    WHILE_DISABLED = (9, Row(CERTAIN, POSSIBLE, False))
    AFTER_DELETION = (10, Row(CERTAIN, CERTAIN, True))
    CANCELLED_FIRST = (11, Row(CERTAIN, POSSIBLE, False))
    NOT_REPLACED = (12, Row(CERTAIN, CERTAIN, False))
    ANOTHER_TENANT = (13, Row(POSSIBLE, POSSIBLE, True))
    # Beyond the rulebook's table, where its facts are missing or its rows would call something safe:
    WHILE_SUSPENDED = (14, Row(CERTAIN, POSSIBLE, False))  # users have no access already (LIF-003)
    STATUS_UNCLEAR = (15, Row(POSSIBLE, POSSIBLE, False))
    DAY_NOT_GIVEN = (16, Row(POSSIBLE, POSSIBLE, False))

    @property
    def row(self) -> Row:
        """What this case says."""
        return self.value[1]


Said = tuple[Case, Finding | None]
"""A row that holds, and what it says."""


@frozen(kw_only=True)
class TransitionRisk(Reasoned):
    """What a replacement on a day does: to users, to data, to licence assignments, and to the bill."""

    disruption: Risk
    data_loss: Risk
    reassign_licenses: bool
    paid_twice_days: int


def paid_twice_days(subscription: Subscription, provision_on: date) -> int:
    """Decide how many days are paid twice, END-002: from that day through the last billed one.

    Active and suspended subscriptions are billed from their very first term's first day through their term's
    last, except trials; one whose status is not known is counted, too. Source: guide#no-refund,
    lifecycle#suspended.
    """
    if subscription.trial or subscription.status not in _BILLED:
        return 0
    billed_from = subscription.anchor or subscription.term.first_day
    return max(0, (subscription.term.last_day - max(provision_on, billed_from)).days + 1)


def offer_still_sold(subscription: Subscription, replacement: Replacement) -> bool | None:
    """Decide RSK-003's question whether the replacement can be bought at all; None: nobody said.

    What is known of an offer counts on whichever side it is said. Source: guide#discontinued-offer.
    """
    known = {replacement.offer.discontinued}
    if subscription.offer.id == replacement.offer.id:
        known.add(subscription.offer.discontinued)
    return False if True in known else (True if False in known else None)


def transition_risk(
    subscription: Subscription,
    replacement: Replacement | NotReplaced | None,
    *,
    into_another_tenant: bool = False,
    policy: Policy = GUIDE,
) -> TransitionRisk:
    """Judge a replacement of this subscription, whose term is taken as its last, on its provisioning day.

    `None` and `NOT_REPLACED` both mean that nothing replaces it. `paid_twice_days` counts UTC days. A missing
    day, or a status that tells nothing, is never safe: it is possible, and named. Whether an offer is still
    sold may be unknown (the risk then follows from the other facts, and a finding asks to confirm it).
    Raises `InvalidType`. Source: guide#no-impact, guide#different-offer, guide#discontinued-offer (RSK-001 to
    RSK-003), guide#provision-within-30-days (END-005), lifecycle (LIF-001 to LIF-004).

    >>> from ..model import Offer, Term
    >>> offer = Offer(id="B", discontinued=False)
    >>> basic = Subscription(id="b", offer=offer, quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> safe = transition_risk(basic, Replacement(offer=offer, quantity=25, provision_on=date(2026, 4, 30)))
    >>> late = transition_risk(basic, Replacement(offer=offer, quantity=25, provision_on=date(2026, 5, 1)))
    >>> print(safe.disruption, safe.data_loss, late.disruption, late.data_loss)
    none none certain possible
    """
    checks.instance("subscription", subscription, Subscription)
    checks.flag("into_another_tenant", into_another_tenant)
    checks.instance("policy", policy, Policy)
    if replacement is not None and replacement is not NOT_REPLACED:
        checks.instance("replacement", replacement, Replacement, "a Replacement, NOT_REPLACED or None")
    # Zero licences in place of some replace nothing; a trial is not moved.
    if (
        not isinstance(replacement, Replacement)
        or subscription.trial
        or (not replacement.quantity and subscription.quantity)
    ):
        rule_id, case = ("TRL-001", "not-moved") if subscription.trial else ("END-005", "not-replaced")
        return _combine([Case.NOT_REPLACED], 0, (finding(rule_id, case, subscription.id),))
    day = replacement.provision_on
    said = [
        *different_offer(subscription, replacement),
        *_count_cases(subscription, replacement),
        *_time_cases(subscription, day, policy),
    ]
    if into_another_tenant:
        said.append((Case.ANOTHER_TENANT, finding("TEN-001", "another-tenant", subscription.id)))
    if not said:
        said.append(no_impact(subscription))
    twice = 0 if day is None else paid_twice_days(subscription, day)
    return _combine(
        [case for case, _ in said],
        twice,
        gather(
            *(found for _, found in said),
            _confirm_sold(subscription, replacement),
            _compare_assigned(subscription, replacement),
            _paid_twice(subscription, day, twice),
            free_window_ended(subscription) if day is not None and day > subscription.term.last_day else None,
        ),
    )


def no_impact(subscription: Subscription) -> Said:
    """State RSK-001, the guarantee: it holds where no other row of the table does. Source: guide#no-impact."""
    return Case.GUARANTEE_HOLDS, finding("RSK-001", "holds", subscription.id)


def _combine(cases: list[Case], twice: int, findings: tuple[Finding, ...]) -> TransitionRisk:
    rows = [case.row for case in cases]
    return TransitionRisk(
        disruption=max(row.disruption for row in rows),
        data_loss=max(row.data_loss for row in rows),
        reassign_licenses=any(row.reassign_licenses for row in rows),
        paid_twice_days=twice,
        findings=findings,
    )


def different_offer(subscription: Subscription, replacement: Replacement) -> Iterator[Said]:
    """Decide RSK-002 and RSK-003: what another offer, or one that is no longer sold, does.

    Source: guide#different-offer, guide#discontinued-offer.
    """
    old, new, subject = subscription.offer, replacement.offer, subscription.id
    if offer_still_sold(subscription, replacement) is False:
        yield Case.NO_LONGER_SOLD, finding("RSK-003", "not-sold", subject, new_offer=new.title)
    if old.id == new.id:
        return
    offers = {"offer": old.title, "new_offer": new.title}
    if old.is_equivalent_to(new):
        yield Case.DIFFERENT_BUT_EQUIVALENT, finding("RSK-002", "equivalent", subject, **offers)
    elif old.discontinued:
        yield Case.DISCONTINUED_AND_DIFFERENT, finding("RSK-003", "find-equivalent", subject, **offers)
    else:
        yield Case.DIFFERENT_NOT_EQUIVALENT, finding("RSK-002", "not-equivalent", subject, **offers)


def _count_cases(subscription: Subscription, replacement: Replacement) -> Iterator[Said]:
    old, new, assigned, subject = (
        subscription.quantity,
        replacement.quantity,
        subscription.assigned,
        subscription.id,
    )
    if assigned is not None and new < assigned:
        yield (
            Case.BELOW_ASSIGNED,
            finding("RSK-001", "below-assigned", subject, assigned=assigned, new_quantity=new),
        )
    elif new < old:
        yield Case.FEWER_LICENCES, finding("RSK-001", "fewer", subject, quantity=old, new_quantity=new)
    elif new > old:
        yield Case.MORE_LICENCES, finding("RSK-001", "more", subject, quantity=old, new_quantity=new)


def _time_cases(subscription: Subscription, day: date | None, policy: Policy) -> Iterator[Said]:
    subject, status = subscription.id, subscription.status
    if day is None:
        yield Case.DAY_NOT_GIVEN, finding("RSK-001", "day-not-given", subject)
    if status in UNCLEAR:
        yield Case.STATUS_UNCLEAR, status_unclear(subscription)
        # At best it runs out like an active one: the days after that are no better for being unclear.
        subscription = subscription.evolve(status=Status.ACTIVE)
    if status is Status.CANCELED:
        yield from _cancelled_cases(subscription, day, policy)
        return
    state = None if day is None else state_at(subscription, day, policy=policy)
    if day is not None and state is State.DELETED:
        yield Case.AFTER_DELETION, finding("END-005", "after-deletion", subject, provision_day=day)
    elif day is not None and state is State.DISABLED:
        yield Case.WHILE_DISABLED, finding("END-005", "after-window", subject, provision_day=day)
    # What the service reports holds on every day that nothing else is known of.
    elif status is Status.DELETED:
        yield Case.AFTER_DELETION, status_unclear(subscription)
    elif status is Status.DISABLED:
        yield Case.WHILE_DISABLED, status_unclear(subscription)
    elif status is Status.SUSPENDED:
        yield Case.WHILE_SUSPENDED, while_suspended(subscription, subscription.term.first_day)


def _cancelled_cases(subscription: Subscription, day: date | None, policy: Policy) -> Iterator[Said]:
    canceled_on = subscription.canceled_on
    if day is not None and canceled_on is not None and day < canceled_on:
        return  # the replacement was there first
    yield Case.CANCELLED_FIRST, cancelled(subscription, policy)
    backup_day = last_backup_day(subscription, policy)
    # Deleted at once, but what admins can still back up is not lost yet.
    if day is not None and backup_day is not None and day > backup_day:
        yield (
            Case.AFTER_DELETION,
            finding("END-005", "after-deletion", subscription.id, provision_day=day),
        )


def _confirm_sold(subscription: Subscription, replacement: Replacement) -> Finding | None:
    if offer_still_sold(subscription, replacement) is not None:
        return None
    new_offer, day = replacement.offer.title, replacement.provision_on
    if day is None:
        return finding("RSK-003", "confirm-sold-first", subscription.id, new_offer=new_offer)
    return finding("RSK-003", "confirm-sold", subscription.id, new_offer=new_offer, provision_day=day)


def _compare_assigned(subscription: Subscription, replacement: Replacement) -> Finding | None:
    if subscription.assigned is not None or replacement.quantity >= subscription.quantity:
        return None
    return finding(
        "RSK-001",
        "compare-assigned",
        subscription.id,
        quantity=subscription.quantity,
        new_quantity=replacement.quantity,
    )


def _paid_twice(subscription: Subscription, day: date | None, twice: int) -> Finding | None:
    if day is None or not twice:
        return None
    last_day = subscription.term.last_day
    return finding("END-002", "paid-twice", subscription.id, provision_day=day, last_day=last_day, days=twice)
