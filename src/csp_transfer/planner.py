"""From a transfer to a plan: assessments, steps and deadlines, in the one order in which they can be taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial

from . import checks
from .assessment import Assessment, goes_on
from .choice import ChosenWay, chosen_ways
from .days import LATEST, after, utc_day, utc_instant
from .findings import Finding, gather
from .frozen_map import FrozenMap
from .model import Status, Way
from .parts import Gate, gate_of
from .plan import Plan
from .policy import GUIDE, Policy
from .questions import ends_unreplaced
from .rules.capacity import Method, no_sure_window, too_early, uninterrupted
from .rules.ending import Timing, migrated_by
from .rules.lifecycle import State, last_backup_day
from .rules.partner_change import (
    acceptance,
    add_on_order,
    customer_agreement,
    data_migration,
    late_migration,
    relationship_request,
    requests,
)
from .rules.refunds import Actor
from .steps import (
    ENDS_IT,
    Action,
    Deadline,
    Step,
    assign_step,
    by_request,
    credit_steps,
    end_extension_step,
    provision_step,
    seller_of,
    stop_step,
)
from .texts import id_key
from .transfer import Transfer

__all__ = ["deadlines_of", "late", "plan_transfer", "plan_with_places", "planned_by", "steps_of"]

_ORDER = {action: n for n, action in enumerate(Action)}
_FOR_LICENCES = {
    *(Action.REQUEST_TRANSFER, Action.SUBMIT_TRANSFER, Action.PROVISION, Action.REASSIGN_LICENCES),
    *(Action.ASK_FOR_CREDIT, Action.DECIDE_CREDIT),  # before what is cancelled for it
}
_BY_CONSENT = {Action.REQUEST_TRANSFER, Action.SUBMIT_TRANSFER}
_NEEDS_RELATIONSHIP = {Action.PROVISION, Action.REQUEST_TRANSFER}


def planned_by(a: Assessment) -> date:
    """Return the last day on which the plan has it provisioned; the latest day there is where none is known."""
    if a.day_chosen and a.provision_on is not None:
        return a.provision_on
    return _due(a)


def _due(a: Assessment) -> date:
    return (a.provisioning and a.provisioning.latest) or LATEST


def late(a: Assessment) -> Finding | None:
    """Say where new licences come too late for the data to be migrated."""
    return late_migration(a.subscription, a.provision_on, _migrates_until(a))


def _migrates_until(a: Assessment) -> date | None:
    """Return the last day on which data can surely be migrated; None where it is not known.

    While a term is suspended, its users have no access, but admins have.
    """
    running = a.running
    if a.state is State.SUSPENDED and not running.legacy and a.as_of <= running.term.last_day:
        return running.term.last_day
    return a.gives_access_until


def steps_of(
    transfer: Transfer, choices: tuple[ChosenWay, ...], today: date, policy: Policy
) -> tuple[Step, ...]:
    """Return every step of a move."""
    steps = [step for choice in choices for step in _subscription_steps(transfer, choice, policy)]
    steps = by_request(steps, today, policy)
    provisions = [step for step in steps if step.action in _NEEDS_RELATIONSHIP]
    moved = [choice.a for choice in choices if choice.a.moved or choice.by_transfer]
    if moved and not transfer.relationship_accepted:
        by_id = {a.subscription.id: a for a in moved}
        last_day, cautions = _first_due(
            (step.last_day, step.cautions, by_id[step.subject]) for step in provisions
        )
        in_time = partial(
            Step, subject=transfer.receiving_tenant.id, first_day=today, cautions=cautions, recommended=today
        )
        # Three parties act one after the other: each is left a day of its own, while there are days.
        request_by, accept_by = _days_before(2, last_day, today), _days_before(1, last_day, today)
        steps += [
            in_time(
                action=Action.REQUEST_RELATIONSHIP,
                actor=Actor.DESTINATION_PARTNER,
                rule="REL-001",
                last_day=request_by,
            ),
            in_time(
                action=Action.ACCEPT_RELATIONSHIP, actor=Actor.CUSTOMER, rule="REL-002", last_day=accept_by
            ),
        ]
    if transfer.target_tenant is not None:
        steps += _migration(transfer, [a for a in moved if a.provision_on is not None], today)
    needed = _needed_by(transfer, provisions)
    return tuple(
        sorted(
            steps,
            key=lambda s: (
                s.first_day,
                # What others wait for; and last of all what nothing may come after.
                len(Action)
                if s.action in ENDS_IT
                else min(_ORDER[s.action], _ORDER[Action.TURN_OFF_AUTO_RENEW]),
                _urgency(s, needed),
                s.unless_transferred,
                _ORDER[s.action],
                id_key(s.subject),
            ),
        )
    )


def _days_before(days: int, last_day: date | None, today: date) -> date | None:
    return None if last_day is None else max(today, after(last_day, -days))


def _urgency(step: Step, needed: dict[str, tuple[date, int]]) -> tuple[date, int]:
    by_itself = step.last_day or LATEST, 0
    if step.action is Action.MIGRATE_DATA:  # after all that is provisioned on the same day
        return step.last_day or LATEST, len(needed)
    if step.action in ENDS_IT:  # the add-ons first
        return LATEST, -needed.get(id_key(step.subject), by_itself)[1]
    if step.action not in _FOR_LICENCES:
        return by_itself
    due, depth = needed.get(id_key(step.subject), by_itself)
    return min(due, step.last_day or LATEST), depth


def _needed_by(transfer: Transfer, provisions: list[Step]) -> dict[str, tuple[date, int]]:
    """Return, for each subscription, by when its add-ons need it at the latest, and how deep it is one itself.

    Sorted by that, what an add-on is added on to comes before it.
    """
    parents = {id_key(s.id): id_key(s.parent) for s in transfer.subscriptions if s.parent is not None}
    needed = {
        id_key(step.subject): step.last_day or LATEST
        for step in provisions
        if step.action is Action.PROVISION
    }
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

    It begins on the first day on which licences may be provisioned, so that there are as many days as possible. None
    while no day is known on which there are licences to migrate to.
    """
    in_time = [a for a in dated if late(a) is None and (_migrates_until(a) or today) >= today]
    last_day, cautions = _first_due((_migrates_until(a), a.doubts, a) for a in in_time)
    licensed_from = [day for day in map(_licensed_from, in_time or dated) if day is not None]
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
            recommended=max(today, min(a.provision_on for a in in_time or dated if a.provision_on)),
        )
    ]


def _licensed_from(a: Assessment) -> date | None:
    """Return the first day on which the plan lets licences be provisioned."""
    if a.day_chosen or a.provisioning is None:
        return a.provision_on
    return a.provisioning.earliest


def _way_steps(transfer: Transfer, choice: ChosenWay) -> tuple[Step, ...]:
    """Return the steps of the way that a subscription goes, and what is to be done unless it gets the consent."""
    a, part = choice.a, choice.otherwise if choice.by_transfer else choice.part
    if a.way is None or part is None:
        stop = stop_step(a) if a.moved or a.subscription.trial else None
        steps = (*(() if stop is None else (stop,)), *_provision_steps(transfer, a))
    else:
        steps = part.steps
    if not choice.by_transfer or choice.part is None:
        return steps
    if not steps:  # nothing else can be done
        return choice.part.steps
    # The day by which the other way is due is kept free for it; and the source partner submits after the request.
    own = (step.last_day for step in choice.part.steps if step.action in _BY_CONSENT)
    due = min((day for day in (*own, *(step.last_day for step in steps)) if day is not None), default=None)
    before = {Action.REQUEST_TRANSFER: 2, Action.SUBMIT_TRANSFER: 1}
    return (
        *(
            step.evolve(last_day=_days_before(before[step.action], due, a.as_of), doubted_day=None)
            if step.action in before
            else step
            for step in choice.part.steps
        ),
        *(step.evolve(unless_transferred=True) for step in steps),
    )


def _subscription_steps(transfer: Transfer, choice: ChosenWay, policy: Policy) -> Iterator[Step]:
    a = choice.a
    subscription, today = a.subscription, a.as_of
    step = partial(Step, subject=subscription.id, recommended=today)
    if a.undated_by is not None:
        yield step(
            action=Action.FIND_OUT,
            actor=seller_of(subscription),
            rule=a.undated_by.rule,
            first_day=today,
            last_day=_found_out_by(a),
        )
    yield from _way_steps(transfer, choice)
    backup_day = last_backup_day(subscription, policy)
    if subscription.status is Status.CANCELED and (backup_day is None or backup_day >= today):
        yield step(
            action=Action.BACK_UP, actor=Actor.CUSTOMER, rule="LIF-004", first_day=today, last_day=backup_day
        )
    if _is_to_be_saved(choice):
        saved_by, by_another = _saved_by(a)
        yield step(
            action=Action.BACK_UP,
            actor=Actor.CUSTOMER,
            rule="END-005",
            first_day=today,
            last_day=saved_by,
            cautions=a.doubts,
            doubted_day=by_another,
        )
    if not a.moved:
        return
    if a.way is not Way.CANCEL_AND_REBUY:  # which has them among its own
        yield from credit_steps(a)


def _is_to_be_saved(choice: ChosenWay) -> bool:
    """Tell whether its data is lost for want of a replacement, unless somebody saves them.

    What goes on by itself keeps them. Whether a trial ends is to be decided first; what is cancelled has a step of its
    own.
    """
    a = choice.a
    if choice.part is not None or a.subscription.status is Status.CANCELED or a.state is State.DELETED:
        return False
    undecided = a.subscription.trial and a.auto_renew_off_by is not None
    return ends_unreplaced(a) and not goes_on(a) and not undecided


def _saved_by(a: Assessment) -> tuple[date | None, date | None]:
    """Return the last day on which users surely have access, and a later one by another reading; None: it is over."""
    sure = a.gives_access_until
    if sure is None or sure < a.as_of:
        return None, None
    latest = max(a.running.term.last_day, a.grace_last_day or sure)
    return sure, latest if latest > sure else None


def _found_out_by(a: Assessment) -> date | None:
    """Return the last day before it may have renewed or be Deleted, or before what is scheduled for its own day."""
    apart = a.subscription.mid_term_on
    before = None if apart is None or apart <= a.as_of else after(apart, -1)
    saves = a.provisioning.latest if a.provisioning else None
    return min((day for day in (a.auto_renew_off_by, saves, before) if day is not None), default=None)


def _provision_steps(transfer: Transfer, a: Assessment) -> Iterator[Step]:
    days = a.provisioning
    if a.day_chosen and a.provision_on is not None:
        first_day, doubted_day = a.provision_on, None
        last_day: date | None = first_day
    elif days is not None:
        first_day, last_day, doubted_day = days.earliest, days.latest, days.doubted_day
    else:  # they are to be found out first
        return
    if not a.moved:
        return
    in_doubt = a.doubtful_after is not None and (last_day or LATEST) > a.doubtful_after
    cautions = a.doubts if in_doubt or doubted_day is not None else ()
    provision = provision_step(
        a.running,
        first_day,
        last_day,
        recommended=max(a.provision_on or first_day, first_day, a.as_of),
        cautions=cautions,
        doubted_day=doubted_day,
        late=days is not None and (days.timing is not Timing.IN_TIME or first_day > _due(a)),
    )
    if not a.already_provisioned:
        yield provision
    if a.running.runs_on:
        ends_from = max(first_day, a.as_of)
        migrated = migrated_by(a.provision_on or ends_from, into_another_tenant=a.into_another_tenant)
        yield end_extension_step(
            a.running, ends_from, None, recommended=max(ends_from, migrated), cautions=provision.cautions
        )
    if a.reassign_licenses:
        assign = assign_step(provision, delegated_admin=transfer.delegated_admin)
        yield assign.evolve(
            first_day=max(first_day, a.as_of), last_day=None if a.already_provisioned else last_day
        )


def deadlines_of(steps: tuple[Step, ...], today: date) -> tuple[Deadline, ...]:
    """Return the last day of every step that has one, the earliest first."""
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
            unless_transferred=step.unless_transferred,
            recommended=step.recommended,
            doubted_day=step.doubted_day,
            subjects=step.subjects,
            or_actor=step.or_actor,
        )
        # Steps are in order already; a stable sort by day alone keeps it within a day.
        for day, step in sorted(dated, key=lambda dated_step: dated_step[0])
    )


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
    for a in assessments:
        yield from a.findings
    moved = [a for a in assessments if a.moved]
    yield from findings_of_the_whole(transfer, moved, gate, today, policy, by_transfer=by_transfer)
    if transfer.target_tenant is not None:
        yield from filter(None, map(late, moved))
    yield from _add_on_findings(assessments)


def findings_of_the_whole(
    transfer: Transfer,
    moved: list[Assessment],
    gate: Gate,
    today: date,
    policy: Policy,
    *,
    by_transfer: bool = False,
) -> Iterator[Finding | None]:
    """Yield what is to be said of a feasible move as a whole, beside what stands before it (`Gate`).

    `by_transfer`: some go by a transfer in mid-term, and are not moved otherwise.
    """
    if moved or by_transfer:
        yield from (relationship_request(transfer), acceptance(transfer), data_migration(transfer))
    to_come = [a for a in moved if not a.already_provisioned]
    if to_come:
        yield customer_agreement(transfer, today, policy)
    if gate.method is Method.EXPIRE_THEN_REPURCHASE:
        at_once = gate.batches[0] if gate.batches else ()
        waiting = [a for a in to_come if a.subscription.id not in at_once]
        yield from _expiry_findings(transfer, waiting, policy)


def _expiry_findings(transfer: Transfer, moved: list[Assessment], policy: Policy) -> Iterator[Finding | None]:
    unsure, first_day = 0, LATEST
    for a in moved:
        window = a.grace_window
        if window is None or a.doubts:
            unsure, first_day = unsure + 1, min(first_day, after(a.running.term.last_day))
        if window is not None:
            yield from uninterrupted(a.subscription.id, window)
        yield too_early(a.running, a.provision_on) if a.provision_on else None
    yield no_sure_window(transfer.customer.id, unsure, first_day, policy)


def _ranked(*findings: Finding | None) -> tuple[Finding, ...]:
    """Return the findings, gravest first; then by rule, case and subject.

    What one rule says in one case of two terms of a subscription stays in the order of the terms.
    """
    return tuple(
        sorted(gather(*findings), key=lambda f: (-f.severity.rank, f.rule, f.case, id_key(f.subject)))
    )


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
