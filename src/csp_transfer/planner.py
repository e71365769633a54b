"""From a transfer to a plan: the assessments, in one order that never contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from . import checks
from .assess import Assessment, assess
from .errors import InvalidValue
from .findings import Finding, gather
from .gate import gate_of
from .plan import Plan
from .policy import GUIDE, Policy
from .routes import ranked_parts
from .rules.capacity import Method, no_sure_window, too_early, uninterrupted
from .rules.ending import Provisioning, Timing
from .rules.mid_term import requests
from .rules.relationship import (
    acceptance,
    add_on_order,
    data_migration,
    relationship_request,
)
from .rules.risk_table import Risk
from .schedule import by_itself, deadlines_of, late, planned_days, steps_of
from .spans import LATEST, after, utc_day
from .transfer import Transfer
from .ways import RoutePart, Way

__all__ = ["plan_transfer"]


def plan_transfer(transfer: Transfer, *, as_of: date, policy: Policy = GUIDE, way: Way | None = None) -> Plan:
    """Plan a customer's whole move as of a UTC day (or the UTC day of an aware instant).

    The plan is blocked where the role (ELG-001), the purpose (ELG-002) or the market region (ELG-003) forbids
    the move; then it has no steps. Otherwise its steps come in the order in which they can be taken, each
    with its earliest and latest UTC day, both inclusive. A replacement whose chosen day lies before `as_of`
    counts as provisioned. The same input always gives the same plan. Under a policy of what is in force, each
    subscription goes the best way that is open to it (see `compare_routes`); `way` names another, for all of
    them, under any policy. Raises `InvalidType` or `InvalidValue`, also for a way that is not open.
    Source: every finding and step cites its own.

    >>> from .model import Offer, Partner, Subscription, Tenant, Term
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
    if way is not None:
        Way.check("way", way)
    today = utc_day("as_of", as_of)
    gate = gate_of(transfer, today, policy)
    assessments = tuple(
        assess(
            subscription,
            transfer.replacements.get(subscription.id),
            as_of=today,
            delegated_admin=transfer.delegated_admin,
            into_another_tenant=transfer.target_tenant is not None,
            policy=policy,
        )
        for subscription in transfer.subscriptions
    )
    parts = _parts(transfer, today, policy, way) if gate.feasible else {}
    in_mid_term = sum(part.way is Way.PARTNER_CENTER_TRANSFER for part in parts.values())
    planned = tuple(_going(a, parts.get(a.subscription.id)) for a in assessments)
    steps = steps_of(transfer, planned, parts, today, policy) if gate.feasible else ()
    return Plan(
        transfer=transfer,
        as_of=today,
        policy=policy,
        feasible=gate.feasible,
        method=gate.method,
        batches=gate.batches,
        parts=tuple(parts.values()),
        assessments=assessments,
        steps=steps,
        deadlines=deadlines_of(steps, today),
        findings=_ranked(
            *gate.findings,
            # What a blocked move would have people do is not said.
            *(_move_findings(transfer, planned, gate.method, policy) if gate.feasible else ()),
            requests(transfer.customer.id, in_mid_term, today, policy) if in_mid_term else None,
        ),
    )


def _parts(transfer: Transfer, today: date, policy: Policy, way: Way | None) -> dict[str, RoutePart]:
    """Return the way that each subscription goes, where there is a choice."""
    if way is None and (not policy.in_force or transfer.target_tenant is not None):
        return {}
    chosen: dict[str, RoutePart] = {}
    for subject, ranked in ranked_parts(transfer, today, policy).items():
        found = [part for part in ranked if part.available and way in (None, part.way)]
        if way is not None and not found:
            open_to = ", ".join(str(part.way) for part in ranked if part.available) or "none"
            raise InvalidValue("way", way, f"one that is open to {subject}: {open_to}")
        chosen.update((subject, part) for part in found[:1])
    return chosen


# What these rules say is about one way of ending and replacing, and not about another.
_OF_A_WAY: Final = frozenset(
    {
        *("END-001", "END-003", "END-004", "END-005", "EST-001", "EST-002", "EST-003"),
        *("RSK-001", "RSK-002", "RSK-003", "DBL-001"),
    }
)


def _going(a: Assessment, part: RoutePart | None) -> Assessment:
    """Return an assessment as it stands when the subscription goes another way than the assessment's own."""
    if part is None or a.replacement is None or a.risk is None or by_itself(a, part):
        return a
    kept = (f for f in a.findings if f.rule not in _OF_A_WAY and f.case != "paid-twice")
    first_day = part.first_day or a.as_of
    return a.evolve(
        auto_renew_off_by=None,
        replacement=a.replacement.evolve(provision_on=part.moves_on),
        provisioning=Provisioning(
            earliest=first_day,
            recommended=part.moves_on or first_day,
            latest=part.last_day,
            timing=Timing.IN_TIME if part.disruption is Risk.NONE else Timing.TOO_LATE,
        ),
        risk=a.risk.evolve(
            disruption=part.disruption,
            data_loss=part.data_loss,
            reassign_licenses=part.reassign_licenses,
            paid_twice_days=part.paid_twice_days,
            findings=part.findings,
        ),
        findings=gather(*kept, *part.findings),
    )


def _move_findings(
    transfer: Transfer, assessments: tuple[Assessment, ...], method: Method, policy: Policy
) -> Iterator[Finding | None]:
    moved = [a for a in assessments if a.moved]
    if moved:
        yield from (relationship_request(transfer), acceptance(transfer), data_migration(transfer))
    for a in assessments:
        yield from a.findings
    if method is Method.EXPIRE_THEN_REPURCHASE:
        yield from _expiry_findings(transfer, [a for a in moved if not a.already_provisioned], policy)
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
    return tuple(
        sorted(
            gather(*findings),
            key=lambda f: (
                -f.severity.rank,
                f.rule,
                f.case,
                f.subject,
                repr(sorted(f.facts.items(), key=str)),
            ),
        )
    )


def _add_on_findings(assessments: tuple[Assessment, ...]) -> Iterator[Finding | None]:
    by_id = {a.subscription.id.casefold(): a for a in assessments}  # GUIDs: their case means nothing
    for a in assessments:
        parent_id = a.subscription.parent
        if parent_id is None or not a.moved:
            continue
        parent = by_id.get(parent_id.casefold())
        if a.already_provisioned or (parent is not None and parent.already_provisioned):
            continue
        yield add_on_order(
            a.subscription,
            parent_id,
            day=a.provision_on or LATEST,
            due=_planned_by(a),
            parent_day=parent.provision_on if parent and parent.moved else None,
            parent_due=_planned_by(parent) if parent else LATEST,
        )


def _planned_by(a: Assessment) -> date:
    _, last_day = planned_days(a) or (LATEST, None)
    return last_day or LATEST
