"""From a transfer to a plan: the assessments, in one order that never contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from attrs import frozen

from . import checks
from .assess import Assessment, assess
from .errors import InvalidValue
from .findings import Finding, Reasoned, gather
from .model import Channel, Replacement, Status
from .plan import Action, Deadline, Plan, Step
from .policy import GUIDE, Policy
from .rules.capacity import Method, duplicates_check, no_sure_window, too_early, uninterrupted
from .rules.eligibility import market_check, purpose_check, role_check
from .rules.ending import Timing
from .rules.lifecycle import last_backup_day
from .rules.refunds import Actor, Contact, Outcome
from .rules.relationship import (
    acceptance,
    add_on_order,
    data_migration,
    late_migration,
    relationship_request,
)
from .spans import LATEST, after, utc_day
from .transfer import Transfer

__all__ = ["Gate", "gate_of", "plan_transfer"]

_ORDER = {action: n for n, action in enumerate(Action)}


def plan_transfer(transfer: Transfer, *, as_of: date, policy: Policy = GUIDE) -> Plan:
    """Plan a customer's whole move as of a UTC day (or the UTC day of an aware instant).

    The plan is blocked where the role (ELG-001), the purpose (ELG-002) or the market region (ELG-003) forbids
    the move; then it has no steps. Otherwise its steps come in the order in which they can be taken, each
    with its earliest and latest UTC day, both inclusive. A replacement whose chosen day lies before `as_of`
    counts as provisioned. The same input always gives the same plan. Raises `InvalidType` or `InvalidValue`.
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
    steps = _steps(transfer, assessments, today, policy) if gate.feasible else ()
    return Plan(
        transfer=transfer,
        as_of=today,
        policy=policy,
        feasible=gate.feasible,
        method=gate.method,
        assessments=assessments,
        steps=steps,
        deadlines=_deadlines(steps, today),
        findings=_ranked(
            *gate.findings,
            # What a blocked move would have people do is not said.
            *(_move_findings(transfer, assessments, gate.method, policy) if gate.feasible else ()),
        ),
    )


@frozen(kw_only=True)
class Gate(Reasoned):
    """Whether a move may happen, and which way its subscriptions go together: what no single one decides."""

    feasible: bool
    method: Method


def gate_of(transfer: Transfer, today: date, policy: Policy) -> Gate:
    """Decide what stands before every step of a move: role, purpose, market region, and the tenant's room."""
    _refuse_unaccepted_past(transfer, today)
    customer = transfer.customer.id
    role = role_check(transfer.role, transfer.destination.id)
    purpose, market = purpose_check(transfer), market_check(transfer)
    capacity = duplicates_check(transfer.subscriptions, customer, unread=transfer.unread, policy=policy)
    return Gate(
        feasible=role.allowed and purpose.allowed and market.allowed,
        method=capacity.method,
        findings=gather(*role.findings, *purpose.findings, *market.findings, *capacity.findings),
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
        yield from filter(None, map(_late_migration, moved))
    yield from _add_on_findings(assessments)


def _expiry_findings(transfer: Transfer, moved: list[Assessment], policy: Policy) -> Iterator[Finding | None]:
    unsure = 0
    for a in moved:
        unsure += a.grace_window is None or bool(a.doubts)
        yield from uninterrupted(a.running, policy) if a.grace_window else ()
        yield too_early(a.running, a.provision_on) if a.provision_on else None
    yield no_sure_window(transfer.customer.id, unsure)


def _late_migration(a: Assessment) -> Finding | None:
    last_safe_day = a.provisioning.latest if a.provisioning else None
    return late_migration(a.subscription, a.provision_on, last_safe_day)


def _refuse_unaccepted_past(transfer: Transfer, today: date) -> None:
    if transfer.relationship_accepted:
        return
    for key, replacement in transfer.replacements.items():
        day = replacement.provision_on if isinstance(replacement, Replacement) else None
        if day is not None and day < today:
            accepted = f"True, as replacements[{key!r}] was provisioned on {day}, before {today}"
            raise InvalidValue("relationship_accepted", False, accepted)


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


def _due(a: Assessment) -> date:
    return (a.provisioning and a.provisioning.latest) or LATEST


def _days(a: Assessment) -> tuple[date, date | None] | None:
    """Return from when to when the plan has it provisioned; None where no fact tells the days."""
    if a.day_chosen and a.provision_on is not None:
        return a.provision_on, a.provision_on
    return (a.provisioning.earliest, a.provisioning.latest) if a.provisioning else None


def _planned_by(a: Assessment) -> date:
    _, last_day = _days(a) or (LATEST, None)
    return last_day or LATEST


def _steps(
    transfer: Transfer, assessments: tuple[Assessment, ...], today: date, policy: Policy
) -> tuple[Step, ...]:
    steps = [step for a in assessments for step in _subscription_steps(transfer, a, policy)]
    provisions = [step for step in steps if step.action is Action.PROVISION]
    moved = [a for a in assessments if a.moved]
    if moved and not transfer.relationship_accepted:
        by_id = {a.subscription.id: a for a in moved}
        last_day, cautions = _first_due(
            (step.last_day, step.cautions, by_id[step.subject]) for step in provisions
        )
        in_time = partial(
            Step, subject=transfer.receiving_tenant.id, first_day=today, last_day=last_day, cautions=cautions
        )
        steps += [
            in_time(action=Action.REQUEST_RELATIONSHIP, actor=Actor.DESTINATION_PARTNER, rule="REL-001"),
            in_time(action=Action.ACCEPT_RELATIONSHIP, actor=Actor.CUSTOMER, rule="REL-002"),
        ]
    if transfer.target_tenant is not None:
        steps += _migration(transfer, [a for a in moved if a.provision_on is not None], today)
    needed = _needed_by(transfer, provisions)
    return tuple(
        sorted(
            steps,
            key=lambda s: (
                s.first_day,
                min(_ORDER[s.action], _ORDER[Action.TURN_OFF_AUTO_RENEW]),  # what others wait for
                _urgency(s, needed),
                _ORDER[s.action],
                s.subject,
            ),
        )
    )


def _urgency(step: Step, needed: dict[str, tuple[date, int]]) -> tuple[date, int]:
    by_itself = step.last_day or LATEST, 0
    if step.action is Action.MIGRATE_DATA:  # after all that is provisioned on the same day
        return step.last_day or LATEST, len(needed)
    if step.action not in (Action.PROVISION, Action.REASSIGN_LICENCES):
        return by_itself
    return needed.get(step.subject.casefold(), by_itself)


def _needed_by(transfer: Transfer, provisions: list[Step]) -> dict[str, tuple[date, int]]:
    """Return, for each subscription, by when its add-ons need it at the latest, and how deep it is one itself.

    Sorted by that, what an add-on is added on to comes before it. Ids are GUIDs: their case means nothing.
    """
    parents = {s.id.casefold(): s.parent.casefold() for s in transfer.subscriptions if s.parent is not None}
    needed = {step.subject.casefold(): step.last_day or LATEST for step in provisions}
    depth = dict.fromkeys(needed, 0)
    for subject, due in list(needed.items()):
        above = subject
        while (above := parents.get(above, "")) in depth and above != subject and depth[subject] < len(depth):
            depth[subject] += 1
            needed[above] = min(due, needed.get(above, LATEST))
    return {subject: (needed[subject], depth[subject]) for subject in depth}


def _first_due(
    due: Iterable[tuple[date | None, tuple[str, ...], Assessment]],
) -> tuple[date | None, tuple[str, ...]]:
    """Return the earliest of the last days, and every rule by which something may be due before it."""
    due = tuple(due)
    first = min((day or LATEST for day, _, _ in due), default=LATEST)
    doubts: set[str] = set()
    for day, rule_ids, a in due:
        if (day or LATEST) == first:
            doubts.update(rule_ids)
        elif a.doubtful_after is not None and a.doubtful_after < first:
            doubts.update(a.doubts)
    return None if first == LATEST else first, tuple(sorted(doubts))


def _migration(transfer: Transfer, dated: list[Assessment], today: date) -> list[Step]:
    """Return the step between the first new licences and the end of the first old ones that they are in time for.

    None while no day is known on which there are licences to migrate to.
    """
    in_time = [a for a in dated if _late_migration(a) is None]
    last_day, cautions = _first_due(
        (a.provisioning.latest if a.provisioning else None, a.doubts, a) for a in in_time
    )
    licensed_from = [a.provision_on for a in in_time or dated if a.provision_on is not None]
    if not licensed_from:
        return []
    return [
        Step(
            action=Action.MIGRATE_DATA,
            actor=Actor.CUSTOMER,
            subject=transfer.receiving_tenant.id,
            first_day=max(today, min(licensed_from)),
            last_day=last_day,
            rule="TEN-001",
            cautions=cautions,
        )
    ]


def _subscription_steps(transfer: Transfer, a: Assessment, policy: Policy) -> Iterator[Step]:
    subscription, today = a.subscription, a.as_of
    seller = Actor.SOURCE_PARTNER if subscription.channel is Channel.CSP else Actor.CUSTOMER
    step = partial(Step, subject=subscription.id)
    if a.undated_by is not None:
        yield step(
            action=Action.FIND_OUT,
            actor=seller,
            rule=a.undated_by.rule,
            first_day=today,
            last_day=a.auto_renew_off_by,  # after that day it may have renewed
        )
    if a.auto_renew_off_by is not None and (a.moved or subscription.trial):
        yield step(
            action=Action.TURN_OFF_AUTO_RENEW if a.running.at_term_end is None else Action.UNDO_SCHEDULE,
            actor=seller,
            rule="TRL-001" if subscription.trial else "END-003",
            # While a renewal runs, auto-renew cannot be changed (RNW-001).
            first_day=min(after(today), a.auto_renew_off_by) if a.renews_today else today,
            last_day=a.auto_renew_off_by,
            cautions=a.doubts,
        )
    backup_day = last_backup_day(subscription, policy)
    if subscription.status is Status.CANCELED and (backup_day is None or backup_day >= today):
        yield step(
            action=Action.BACK_UP, actor=Actor.CUSTOMER, rule="LIF-004", first_day=today, last_day=backup_day
        )
    if not a.moved:
        return
    yield from _provision_steps(transfer, a)
    if a.refund.outcome is Outcome.CREDIT_POSSIBLE:
        partner_asks = a.refund.contact is Contact.PARTNER_FOR_CUSTOMER
        yield step(
            action=Action.ASK_FOR_CREDIT,
            actor=Actor.DESTINATION_PARTNER if partner_asks else Actor.CUSTOMER,
            rule="CRD-003" if partner_asks else "CRD-004",
            first_day=today,
            last_day=None,
        )
        yield step(
            action=Action.DECIDE_CREDIT,
            actor=Actor.BILLING_SUPPORT,
            rule="CRD-002",
            first_day=today,
            last_day=None,
        )


def _provision_steps(transfer: Transfer, a: Assessment) -> Iterator[Step]:
    days = _days(a)
    if days is None:  # they are to be found out first
        return
    first_day, last_day = days
    in_doubt = a.doubtful_after is not None and (last_day or LATEST) > a.doubtful_after
    cautions = a.doubts if in_doubt else ()
    if a.provisioning is not None and (a.provisioning.timing is not Timing.IN_TIME or first_day > _due(a)):
        cautions = ("END-005", *cautions)  # too late: it saves what can be saved
    step = partial(Step, subject=a.subscription.id, cautions=cautions)
    if not a.already_provisioned:
        yield step(
            action=Action.PROVISION,
            actor=Actor.DESTINATION_PARTNER,
            rule="END-005",
            first_day=first_day,
            last_day=last_day,
        )
    if a.risk is not None and a.risk.reassign_licenses:
        yield step(
            action=Action.REASSIGN_LICENCES,
            actor=Actor.DESTINATION_PARTNER if transfer.delegated_admin else Actor.CUSTOMER,
            rule="RSK-002",
            first_day=max(first_day, a.as_of),
            last_day=None if a.already_provisioned else last_day,
        )


def _deadlines(steps: tuple[Step, ...], today: date) -> tuple[Deadline, ...]:
    dated = [(step.last_day, step) for step in steps if step.last_day is not None]
    return tuple(
        Deadline(
            day=day,
            action=step.action,
            actor=step.actor,
            subject=step.subject,
            rule=step.rule,
            days_left=(day - today).days + 1,
            cautions=step.cautions,
        )
        # Steps are in order already; a stable sort by day alone keeps it within a day.
        for day, step in sorted(dated, key=lambda dated_step: dated_step[0])
    )
