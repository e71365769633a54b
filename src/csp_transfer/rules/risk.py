"""What a move does to users, data, licences and the bill: the risk table applied (RSK-001 to RSK-003, END-005).

Several dimensions of the table may have an effect at once: the highest risk of each kind wins, and every one that
has an effect says so; where none has, the guarantee holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from attrs import frozen

from .. import checks
from ..catalogue import message_of
from ..days import after
from ..findings import Finding, Reasoned, Saying, finding, gather
from ..model import NOT_REPLACED, NotReplaced, Offer, Replacement, Status, Subscription
from ..policy import GUIDE, Policy
from ..texts import same_id
from .ending import doubted_after, migrated_by
from .extension import can_bridge, is_extended, term_end
from .lifecycle import (
    Ahead,
    State,
    ahead,
    cancelled,
    last_backup_day,
    last_used,
    status_unclear,
    suspended_end,
    while_suspended,
)
from .partner_change import carried_over
from .risk_table import (
    COUNTS,
    DOUBTS,
    FACTS_MISSING,
    MOMENTS,
    OFFERS,
    REPLACED,
    SALE,
    TENANTS,
    Cancellation,
    Change,
    Effect,
    Relation,
    Risk,
)
from .terms import UNCLEAR, is_interrupted, scheduled_apart

__all__ = [
    "BILLED",
    "NOTHING_INSTEAD",
    "Judged",
    "TransitionRisk",
    "at_least_possible",
    "days_beside",
    "days_paid_twice",
    "different_offer",
    "in_doubt",
    "is_billed",
    "is_replaced",
    "judge",
    "judged_and_paid",
    "no_impact",
    "offer_still_sold",
    "overlap",
    "paid_twice_days",
    "relation",
    "risk_of",
    "transition_risk",
    "unreplaced",
]

# Bound once: up to Python 3.11, to look a member up in its enum costs as much as a call.
_SAME_OFFER, _SAME_COUNT = Relation.SAME, Change.SAME
_CANCELED, _NOT_CANCELLED = Status.CANCELED, Cancellation.NONE

BILLED: Final = UNCLEAR | {Status.ACTIVE, Status.SUSPENDED}


@frozen(kw_only=True)
class TransitionRisk(Reasoned):
    """What a replacement on a day does: to users, to data, to licence assignments, and to the bill."""

    disruption: Risk
    data_loss: Risk
    reassign_licenses: bool
    paid_twice_days: int


def is_billed(subscription: Subscription) -> bool:
    """Tell whether days of its term may be paid, twice if a replacement is there: see `paid_twice_days`."""
    return not subscription.trial and subscription.status in BILLED


def paid_twice_days(
    subscription: Subscription,
    provision_on: date,
    *,
    into_another_tenant: bool = False,
    bridged: bool = False,
) -> int:
    """Decide how many days are paid twice, END-002: from that day through the last billed one.

    Active and suspended subscriptions are billed from their very first term's first day through their term's
    last, except trials; one whose status is not known is counted, too. An extended service term, which it is in or
    which bridges the days until then (`bridged`), is billed until it is ended: on the day on which the new one serves,
    or into another tenant when the data is migrated.
    Source: guide#no-refund, lifecycle#suspended, extended#overview.
    """
    if not is_billed(subscription):
        return 0
    if subscription.runs_on or bridged:
        return days_beside(provision_on, into_another_tenant=into_another_tenant)
    return days_paid_twice(subscription, subscription.term.last_day, provision_on)


def days_beside(provision_on: date, *, into_another_tenant: bool) -> int:
    """Return how many days an extended service term goes on beside its replacement, that of provisioning included."""
    return (migrated_by(provision_on, into_another_tenant=into_another_tenant) - provision_on).days + 1


def days_paid_twice(subscription: Subscription, last_day: date, provision_on: date) -> int:
    """Return how many days are paid twice up to the end of the term that runs, of one that is billed."""
    if provision_on > last_day:
        return 0
    billed_from = subscription.anchor or subscription.term.first_day
    return (last_day - max(provision_on, billed_from)).days + 1


def offer_still_sold(subscription: Subscription, replacement: Replacement) -> bool | None:
    """Decide RSK-003's question whether the replacement can be bought at all; None: not known.

    What is known of an offer counts on whichever side it is said. Source: guide#discontinued-offer.
    """
    return _still_sold(subscription.offer, replacement.offer)


def _still_sold(old: Offer, new: Offer) -> bool | None:
    gone = new.discontinued
    if same_id(old.id, new.id) and gone is not True and old.discontinued is not None:
        gone = old.discontinued
    return None if gone is None else not gone


def transition_risk(
    subscription: Subscription,
    replacement: Replacement | NotReplaced | None,
    *,
    into_another_tenant: bool = False,
    policy: Policy = GUIDE,
    safe_day: date | None = None,
) -> TransitionRisk:
    """Judge a replacement of this subscription, whose term is taken as its last, on its provisioning day.

    `None` and `NOT_REPLACED` both mean that nothing replaces it. `paid_twice_days` counts UTC days. A missing
    day, or a status that tells nothing, is never safe: it is possible, and named. Whether an offer is still
    sold may be unknown (the risk then follows from the other facts, and a finding asks to confirm it). After
    `safe_day`, the last day that is safe by every reading, nothing is safe; left out, it is the term's last day where
    a policy of the guide's counts on a grace window that is discontinued (EST-001).
    Raises `InvalidType`. Source: guide#no-impact, guide#different-offer, guide#discontinued-offer (RSK-001 to
    RSK-003), guide#provision-within-30-days (END-005), lifecycle (LIF-001 to LIF-004).

    >>> from csp_transfer import Offer, Term
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
    if not isinstance(replacement, Replacement) or not is_replaced(subscription, replacement.quantity):
        return unreplaced(subscription)
    if safe_day is None:
        safe_day = doubted_after(subscription, policy)
    day = replacement.provision_on
    judged, twice = judged_and_paid(subscription, replacement, day, into_another_tenant, policy, safe_day)
    today, then = subscription.term.first_day, term_end(subscription, policy)  # no day is asked for
    return risk_of(subscription, replacement, judged, twice, policy, safe_day, today, then)


def judged_and_paid(
    subscription: Subscription,
    replacement: Replacement,
    day: date | None,
    into_another_tenant: bool,
    policy: Policy,
    safe_day: date | None,
) -> tuple[Judged, int]:
    """Return what a replacement does on a day, and how many days are paid twice, without what is to be said of it.

    It is one: see `is_replaced`.
    """
    offer, quantity = replacement.offer, replacement.quantity
    judged = judge(subscription, offer, quantity, day, into_another_tenant, policy, safe_day)
    if day is None:
        return judged, 0
    bridged = (
        day > subscription.term.last_day and can_bridge(subscription) and is_extended(subscription, policy)
    )
    return judged, paid_twice_days(
        subscription, day, into_another_tenant=into_another_tenant, bridged=bridged
    )


def is_replaced(subscription: Subscription, quantity: int) -> bool:
    """Tell whether a replacement of so many licences is one: zero in place of some are none, nor is one of a trial."""
    return not subscription.trial and (quantity > 0 or not subscription.quantity)


def unreplaced(subscription: Subscription) -> TransitionRisk:
    """Return the risk where nothing replaces a subscription, or no licences do."""
    judged = NOTHING_INSTEAD[subscription.trial]
    found = (finding(*said, subscription.id) for said in judged.says if isinstance(said, Saying))
    return _risk(judged, 0, *found)


def risk_of(
    subscription: Subscription,
    replacement: Replacement,
    judged: Judged,
    twice: int,
    policy: Policy,
    safe_day: date | None,
    as_of: date,
    then: Finding | None,
) -> TransitionRisk:
    """Return a risk that was judged, with the days paid twice, and why; `then`: what is said of the end of the term."""
    day = replacement.provision_on
    move = _Move(subscription, replacement, policy, safe_day, as_of)
    found = gather(
        no_impact(subscription, judged.says),
        *map(move.finding, judged.says),
        _confirm_sold(subscription, replacement),
    )
    return _risk(
        judged,
        twice,
        *found,
        carried_over(subscription, found, policy),
        _compare_assigned(subscription, replacement),
        _paid_twice(subscription, day, twice),
        overlap(subscription, twice, policy),
        then if day is not None and day > subscription.term.last_day else None,
    )


def _risk(judged: Judged, twice: int, *findings: Finding | None) -> TransitionRisk:
    return TransitionRisk(
        disruption=judged.disruption,
        data_loss=judged.data_loss,
        reassign_licenses=judged.reassign_licenses,
        paid_twice_days=twice,
        findings=gather(*findings),
    )


class Judged(NamedTuple):
    """What the risk table says of a replacement: the highest risk of each kind, and what is to be said of it."""

    disruption: Risk
    data_loss: Risk
    reassign_licenses: bool
    says: tuple[Saying | str, ...]


def judge(
    subscription: Subscription,
    offer: Offer,
    quantity: int,
    day: date | None,
    into_another_tenant: bool,
    policy: Policy,
    safe_day: date | None = None,
    what: Ahead | None = None,
    *,
    begun: bool = False,
) -> Judged:
    """Judge a new offer, count of licences, and day of provisioning.

    `safe_day` is the last day that is safe by every reading, where readings differ; `what` is ahead of the
    subscription, if that is known; `begun`: the term has begun by then, whatever its first day is.
    """
    old, status, state = subscription.offer, subscription.status, None
    bought, assigned = subscription.quantity, subscription.assigned
    if day is not None and (begun or day >= subscription.term.first_day):
        if what is None:
            # At best it runs out like an active one: the days after that are no better for being unclear.
            unclear = status in UNCLEAR
            what = ahead(subscription.evolve(status=Status.ACTIVE) if unclear else subscription, policy)
        state = what.state(day - last_used(subscription))
    return _judged(
        _still_sold(old, offer),
        relation(old, offer),
        old.discontinued,
        _SAME_COUNT if quantity == bought else Change.FEWER if quantity < bought else Change.MORE,
        assigned is not None and quantity < assigned,
        day is not None,
        status not in UNCLEAR and not is_interrupted(subscription),
        _NOT_CANCELLED if status is not _CANCELED else _cancellation(subscription, day, policy),
        state,
        status,
        into_another_tenant,
        day is not None and safe_day is not None and day > safe_day,
    )


@cache  # of finitely many
def _judged(
    still_sold: bool | None,
    new_offer: Relation,
    old_discontinued: bool | None,
    count: Change,
    below_assigned: bool,
    day_given: bool,
    clear: bool,
    cancellation: Cancellation,
    state_on_the_day: State | None,
    status: Status,
    into_another_tenant: bool,
    in_doubt: bool,
) -> Judged:
    return _highest(
        SALE.outcomes[still_sold],
        different_offer(new_offer, old_discontinued),
        COUNTS.outcomes[count, below_assigned],
        FACTS_MISSING.outcomes[day_given, clear],
        MOMENTS.outcomes[cancellation, state_on_the_day, status],
        TENANTS.outcomes[into_another_tenant],
        DOUBTS.outcomes[in_doubt],
    )


def _highest(*effects: Effect) -> Judged:
    return Judged(
        disruption=max(e.disruption for e in effects),
        data_loss=max(e.data_loss for e in effects),
        reassign_licenses=any(e.reassign_licenses for e in effects),
        says=tuple(said for e in effects for said in e.says),
    )


NOTHING_INSTEAD: Final = {trial: _highest(REPLACED.outcomes[False, trial]) for trial in (False, True)}
"""What happens where nothing replaces a subscription, by whether it is a trial."""


def at_least_possible(judged: Judged) -> Judged:
    """Return what was judged as at least possible, to users and to data."""
    return judged._replace(
        disruption=max(judged.disruption, Risk.POSSIBLE), data_loss=max(judged.data_loss, Risk.POSSIBLE)
    )


class _Move(NamedTuple):
    subscription: Subscription
    replacement: Replacement
    policy: Policy
    safe_day: date | None
    as_of: date

    def finding(self, said: Saying | str) -> Finding | None:
        """Return what is said of the move: by a rule in one of its cases, or by one that picks the case itself."""
        subscription, replacement = self.subscription, self.replacement
        if isinstance(said, str):
            return _PICKS[said](self)
        facts: dict[str, Any] = {
            "offer": subscription.offer.title,
            "new_offer": replacement.offer.title,
            "quantity": subscription.quantity,
            "new_quantity": replacement.quantity,
            "assigned": subscription.assigned,
            "provision_day": replacement.provision_on,
            "last_safe_day": self.safe_day,
        }
        named = message_of(*said).facts
        return finding(*said, subscription.id, **{k: v for k, v in facts.items() if k in named})


def _not_known(move: _Move) -> Finding | None:
    # Without a status that tells something, or with something scheduled for a day of its own, nothing is known.
    return status_unclear(move.subscription) or scheduled_apart(move.subscription, move.as_of)


def _suspended(move: _Move) -> Finding | None:
    subscription = move.subscription
    return while_suspended(subscription, subscription.term.first_day) or suspended_end(subscription)


_PICKS: Final[dict[str, Callable[[_Move], Finding | None]]] = {
    "LIF-001": _not_known,
    "LIF-003": _suspended,
    "LIF-004": lambda move: cancelled(move.subscription, move.policy),
}
"""The rules that pick their case themselves."""


def overlap(subscription: Subscription, twice: int, policy: Policy) -> Finding | None:
    """Say DBL-001, under a policy of what is in force: no credit comes back for days paid twice.

    Source: consolidation#overlap.
    """
    return finding("DBL-001", "no-credit", subscription.id, days=twice) if twice and policy.in_force else None


def in_doubt(risk: TransitionRisk, *findings: Finding) -> TransitionRisk:
    """Return a risk that is at least possible, to users and to data, and the findings that say why."""
    return risk.evolve(
        disruption=max(risk.disruption, Risk.POSSIBLE),
        data_loss=max(risk.data_loss, Risk.POSSIBLE),
        findings=gather(*risk.findings, *findings),
    )


def no_impact(subscription: Subscription, says: Collection[Saying | str]) -> Finding | None:
    """Decide RSK-001, the guarantee: it holds where no dimension of the risk table has an effect.

    Source: guide#no-impact.
    """
    return None if says else finding("RSK-001", "holds", subscription.id)


def different_offer(new_offer: Relation, old_discontinued: bool | None) -> Effect:
    """Decide RSK-002, and RSK-003 for a discontinued offer: what another offer does.

    Source: guide#different-offer, guide#discontinued-offer.
    """
    return OFFERS.outcomes[new_offer, old_discontinued]


def relation(old: Offer, new: Offer) -> Relation:
    """Tell how the new offer stands to the old one."""
    if same_id(old.id, new.id):
        return _SAME_OFFER
    return Relation.EQUIVALENT if old.is_equivalent_to(new) else Relation.DIFFERENT


def _cancellation(subscription: Subscription, day: date | None, policy: Policy) -> Cancellation:
    canceled_on = subscription.canceled_on
    if day is not None and canceled_on is not None and day < canceled_on:
        return Cancellation.NONE  # the replacement was there first
    backup_day = last_backup_day(subscription, policy)
    # Deleted at once, but what admins can still back up is not lost yet.
    over = day is not None and backup_day is not None and day > backup_day
    return Cancellation.BACKUP_OVER if over else Cancellation.BACKUP_OPEN


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
    goes_on = subscription.runs_on or day > subscription.term.last_day  # in an extended service term
    last_day = after(day, twice - 1) if goes_on else subscription.term.last_day
    return finding("END-002", "paid-twice", subscription.id, provision_day=day, last_day=last_day, days=twice)
