"""From a transfer to a plan: the assessments, in one order that never contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Final

from . import checks
from .assessment import Assessment
from .bases import chosen_ways
from .choice import ChosenWay
from .findings import Finding, gather
from .frozen_map import FrozenMap
from .gate import Gate, gate_of
from .ids import id_key
from .model import Way
from .plan import Plan
from .policy import GUIDE, Policy
from .rules.capacity import Method, no_sure_window, too_early, uninterrupted
from .rules.mid_term import requests
from .rules.relationship import (
    acceptance,
    add_on_order,
    customer_agreement,
    data_migration,
    relationship_request,
)
from .schedule import deadlines_of, late, planned_by, steps_of
from .spans import LATEST, after, utc_day, utc_instant
from .transfer import Transfer

__all__ = ["plan_transfer", "plan_with_places"]

_first: Final = itemgetter(0)


def plan_transfer(
    transfer: Transfer, *, as_of: date, policy: Policy = GUIDE, way: Way | Mapping[str, Way] | None = None
) -> Plan:
    """Plan a customer's whole move as of a UTC day, or as of an aware instant: see `assess`.

    The plan is blocked where the purpose (ELG-002) or the market region (ELG-003) forbids
    the move; then it has no steps. Otherwise its steps come in the order in which they can be taken, each
    with its earliest, recommended and latest UTC day, all inclusive; where two readings give two latest days, the
    earlier one, with the later one beside it. No role blocks a move (ELG-001). A replacement whose chosen day lies
    before `as_of` counts as provisioned. The same input always gives the same plan.

    Each subscription goes the `way` that is named, for all or by id, if it is open to it. Where none is named, a
    policy of the guide's goes the guide's way, and a policy of what is in force the best that is open, in the order
    of `compare_routes`; one that needs the source partner's consent comes with what is to be done without it.
    Raises `InvalidType` or `InvalidValue`.
    Source: every finding and step cites its own.

    >>> from csp_transfer import Offer, Partner, Subscription, Tenant, Term
    >>> basic = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = Transfer(customer=Tenant(id="contoso", country="JP"), subscriptions=(basic,),
    ...                 destination=Partner(id="fabrikam", country="JP"), relationship_accepted=True)
    >>> for step in plan_transfer(move, as_of=date(2026, 3, 1)).steps:
    ...     print(step.first_day, step.last_day, step.action, "by", step.actor)
    2026-03-01 2026-03-31 turn_off_auto_renew by source_partner
    2026-04-01 2026-04-30 provision by destination_partner
    """
    checks.instance("transfer", transfer, Transfer)
    checks.instance("policy", policy, Policy)
    return plan_with_places(transfer, as_of, policy, _named(way, transfer))[0]


def plan_with_places(
    transfer: Transfer, as_of: date, policy: Policy, named: Mapping[str, Way], room_taken: int = 0
) -> tuple[Plan, int]:
    """Return the plan, and how many places of the receiving tenant it takes at most.

    `room_taken`: the places that the moves of other customers into the same tenant take first.
    """
    today = utc_day("as_of", as_of)
    gate = gate_of(transfer, today, policy, room_taken)
    choices, places, base_findings = chosen_ways(transfer, gate, as_of, policy, named)
    assessments = tuple(choice.a for choice in choices)
    steps = steps_of(transfer, choices, today, policy) if gate.feasible else ()
    plan = Plan(
        transfer=transfer,
        as_of=today,
        asked_at=utc_instant(as_of),
        policy=policy,
        feasible=gate.feasible,
        method=gate.method,
        batches=gate.batches,
        assessments=assessments,
        steps=steps,
        deadlines=deadlines_of(steps, today),
        named=named,
        room_taken=room_taken,
        parts=tuple(choice.part for choice in choices if choice.part is not None),
        findings=_ranked(
            *gate.findings,
            # What a blocked move would have people do is not said.
            *(
                _move_findings(
                    transfer,
                    assessments,
                    gate,
                    today,
                    policy,
                    by_transfer=any(g.by_transfer for g in choices),
                )
                if gate.feasible
                else ()
            ),
            *(f for choice in choices for f in choice.findings),
            *base_findings,
            _requests(transfer, choices, today, policy),
        ),
    )
    return plan, places if gate.feasible else 0


def _named(way: Way | Mapping[str, Way] | None, transfer: Transfer) -> FrozenMap[str, Way]:
    ids = [s.id for s in transfer.subscriptions]
    if way is None:
        return FrozenMap({})
    if isinstance(way, Way):
        return FrozenMap(dict.fromkeys(ids, way))
    checks.instance("way", way, Mapping, "a Way, or a mapping from the ids of subscriptions to one")
    ways = checks.by_id("way", way, ids, "the id of a subscription of the transfer")
    for key, named in ways.items():
        Way.check(f"way[{key!r}]", named)
    return FrozenMap(ways)


def _requests(
    transfer: Transfer, choices: tuple[ChosenWay, ...], today: date, policy: Policy
) -> Finding | None:
    count = sum(choice.by_transfer for choice in choices)
    return requests(transfer.customer.id, count, today, policy) if count else None


def _move_findings(
    transfer: Transfer,
    assessments: tuple[Assessment, ...],
    gate: Gate,
    today: date,
    policy: Policy,
    *,
    by_transfer: bool,
) -> Iterator[Finding | None]:
    moved = [a for a in assessments if a.moved]
    if moved or by_transfer:
        yield from (relationship_request(transfer), acceptance(transfer), data_migration(transfer))
    if any(not a.already_provisioned for a in moved):
        yield customer_agreement(transfer, today, policy)
    for a in assessments:
        yield from a.findings
    if gate.method is Method.EXPIRE_THEN_REPURCHASE:
        at_once = gate.batches[0] if gate.batches else ()
        waiting = [a for a in moved if not a.already_provisioned and a.subscription.id not in at_once]
        yield from _expiry_findings(transfer, waiting, policy)
    if transfer.target_tenant is not None:
        yield from filter(None, map(late, moved))
    yield from _add_on_findings(assessments)


def _expiry_findings(transfer: Transfer, moved: list[Assessment], policy: Policy) -> Iterator[Finding | None]:
    unsure, first_day = 0, LATEST
    for a in moved:
        if a.grace_window is None or a.doubts:
            unsure, first_day = unsure + 1, min(first_day, after(a.running.term.last_day))
        yield from uninterrupted(a.running, policy) if a.grace_window else ()
        yield too_early(a.running, a.provision_on) if a.provision_on else None
    yield no_sure_window(transfer.customer.id, unsure, first_day, policy)


def _ranked(*findings: Finding | None) -> tuple[Finding, ...]:
    """Return the findings, gravest first; then by rule, case and subject, whatever order they came in."""
    keyed = [((-f.severity.rank, f.rule, f.case, id_key(f.subject)), f) for f in gather(*findings)]
    keyed.sort(key=_first)
    return tuple(f for _, alike in groupby(keyed, key=_first) for f in _by_facts([f for _, f in alike]))


def _by_facts(alike: list[Finding]) -> list[Finding]:
    """Return what one rule says several times in one case about one subject, in an order of its own."""
    if len(alike) == 1:  # nearly always: to write the facts out takes longer than all else here
        return alike
    return sorted(alike, key=lambda f: repr(sorted(f.facts.items(), key=str)))


def _add_on_findings(assessments: tuple[Assessment, ...]) -> Iterator[Finding | None]:
    by_id = {id_key(a.subscription.id): a for a in assessments}
    for a in assessments:
        parent_id = a.subscription.parent
        if parent_id is None or not a.moved:
            continue
        parent = by_id.get(id_key(parent_id))
        if a.already_provisioned or (parent is not None and parent.already_provisioned):
            continue
        yield add_on_order(
            a.subscription,
            parent_id,
            day=a.provision_on or LATEST,
            due=planned_by(a),
            parent_day=parent.provision_on if parent and parent.moved else None,
            parent_due=planned_by(parent) if parent else LATEST,
        )
