"""What a move does to users, data, licences and the bill: the risk table applied (RSK-001 to RSK-003, END-005).

Several dimensions of the table may have an effect at once: the highest risk of each kind wins, and every one that
has an effect says so; where none has, the guarantee holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from attrs import frozen

from .. import checks
from ..catalogue import rule
from ..findings import Finding, Reasoned, finding, gather
from ..model import NOT_REPLACED, NotReplaced, Offer, Replacement, Status, Subscription
from ..policy import GUIDE, Policy
from .lifecycle import (
    cancelled,
    last_backup_day,
    state_at,
    status_unclear,
    while_suspended,
)
from .risk_table import (
    COUNTS,
    FACTS_MISSING,
    MOMENTS,
    OFFERS,
    REPLACED,
    SALE,
    TENANTS,
    Cancellation,
    Change,
    Effect,
    Given,
    Relation,
    Risk,
)
from .term_end import term_end
from .terms import UNCLEAR

__all__ = [
    "TransitionRisk",
    "different_offer",
    "in_doubt",
    "no_impact",
    "offer_still_sold",
    "overlap",
    "paid_twice_days",
    "relation",
    "transition_risk",
]

_BILLED: Final = UNCLEAR | {Status.ACTIVE, Status.SUSPENDED}


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
    given = _given(subscription, replacement)
    if given is not Given.LICENCES or subscription.trial or not isinstance(replacement, Replacement):
        effect = REPLACED.decide(replacement=given, trial=subscription.trial)
        rule_id, said_case = effect.says[0].split(" ")
        return _combined([effect], 0, (finding(rule_id, said_case, subscription.id),))
    move = _Move(subscription, replacement, policy)
    effects = [
        SALE.decide(still_sold=offer_still_sold(subscription, replacement)),
        different_offer(subscription, replacement),
        _count_effect(subscription, replacement),
        *_moment_effects(move),
        TENANTS.decide(into_another_tenant=into_another_tenant),
    ]
    day = replacement.provision_on
    twice = 0 if day is None else paid_twice_days(subscription, day)
    return _combined(
        effects,
        twice,
        gather(
            no_impact(subscription, effects),
            *(move.finding(said) for effect in effects for said in effect.says),
            _confirm_sold(subscription, replacement),
            _compare_assigned(subscription, replacement),
            _paid_twice(subscription, day, twice),
            overlap(subscription, twice, policy),
            term_end(subscription, policy) if day is not None and day > subscription.term.last_day else None,
        ),
    )


class _Move(NamedTuple):
    subscription: Subscription
    replacement: Replacement
    policy: Policy

    def finding(self, said: str) -> Finding | None:
        """Return what is said of the move: by a rule in one of its cases, or by one that picks the case itself."""
        subscription, replacement = self.subscription, self.replacement
        if said == "LIF-001":
            return status_unclear(subscription)
        if said == "LIF-003":
            return while_suspended(subscription, subscription.term.first_day)
        if said == "LIF-004":
            return cancelled(subscription, self.policy)
        facts: dict[str, Any] = {
            "offer": subscription.offer.title,
            "new_offer": replacement.offer.title,
            "quantity": subscription.quantity,
            "new_quantity": replacement.quantity,
            "assigned": subscription.assigned,
            "provision_day": replacement.provision_on,
        }
        rule_id, said_case = said.split(" ")
        named = rule(rule_id).message(said_case).facts
        return finding(rule_id, said_case, subscription.id, **{name: facts[name] for name in named})


def overlap(subscription: Subscription, twice: int, policy: Policy) -> Finding | None:
    """Say DBL-001, under a policy of what is in force: no credit comes back for days paid twice.

    Source: consolidation#overlap.
    """
    return finding("DBL-001", "no-credit", subscription.id, days=twice) if twice and policy.in_force else None


def _given(subscription: Subscription, replacement: Replacement | NotReplaced | None) -> Given:
    if not isinstance(replacement, Replacement):
        return Given.NOTHING
    return Given.LICENCES if replacement.quantity or not subscription.quantity else Given.NO_LICENCES


def in_doubt(risk: TransitionRisk, *findings: Finding) -> TransitionRisk:
    """Return a risk that is at least possible, to users and to data, and the findings that say why."""
    return risk.evolve(
        disruption=max(risk.disruption, Risk.POSSIBLE),
        data_loss=max(risk.data_loss, Risk.POSSIBLE),
        findings=gather(*risk.findings, *findings),
    )


def no_impact(subscription: Subscription, effects: Iterable[Effect]) -> Finding | None:
    """Decide RSK-001, the guarantee: it holds where no dimension of the risk table has an effect.

    Source: guide#no-impact.
    """
    return None if any(e.says for e in effects) else finding("RSK-001", "holds", subscription.id)


def different_offer(subscription: Subscription, replacement: Replacement) -> Effect:
    """Decide RSK-002, and RSK-003 for a discontinued offer: what another offer does.

    Source: guide#different-offer, guide#discontinued-offer.
    """
    old, new = subscription.offer, replacement.offer
    return OFFERS.decide(new_offer=relation(old, new), old_discontinued=old.discontinued)


def relation(old: Offer, new: Offer) -> Relation:
    """Tell how the new offer stands to the old one."""
    if old.id == new.id:
        return Relation.SAME
    return Relation.EQUIVALENT if old.is_equivalent_to(new) else Relation.DIFFERENT


def _count_effect(subscription: Subscription, replacement: Replacement) -> Effect:
    old, new, assigned = subscription.quantity, replacement.quantity, subscription.assigned
    return COUNTS.decide(
        count=Change.FEWER if new < old else Change.MORE if new > old else Change.SAME,
        below_assigned=assigned is not None and new < assigned,
    )


def _moment_effects(move: _Move) -> Iterator[Effect]:
    subscription, day = move.subscription, move.replacement.provision_on
    unclear = subscription.status in UNCLEAR
    yield FACTS_MISSING.decide(day_given=day is not None, status_clear=not unclear)
    # At best it runs out like an active one: the days after that are no better for being unclear.
    assumed = subscription.evolve(status=Status.ACTIVE) if unclear else subscription
    yield MOMENTS.decide(
        cancellation=_cancellation(move),
        state_on_the_day=None if day is None else state_at(assumed, day, policy=move.policy),
        status=subscription.status,
    )


def _cancellation(move: _Move) -> Cancellation:
    subscription, day = move.subscription, move.replacement.provision_on
    canceled_on = subscription.canceled_on
    if subscription.status is not Status.CANCELED:
        return Cancellation.NONE
    if day is not None and canceled_on is not None and day < canceled_on:
        return Cancellation.NONE  # the replacement was there first
    backup_day = last_backup_day(subscription, move.policy)
    # Deleted at once, but what admins can still back up is not lost yet.
    over = day is not None and backup_day is not None and day > backup_day
    return Cancellation.BACKUP_OVER if over else Cancellation.BACKUP_OPEN


def _combined(effects: Iterable[Effect], twice: int, findings: tuple[Finding, ...]) -> TransitionRisk:
    effects = tuple(effects)
    return TransitionRisk(
        disruption=max(e.disruption for e in effects),
        data_loss=max(e.data_loss for e in effects),
        reassign_licenses=any(e.reassign_licenses for e in effects),
        paid_twice_days=twice,
        findings=findings,
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
