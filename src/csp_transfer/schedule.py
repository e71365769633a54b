"""From assessments to steps and deadlines, in the one order in which they can be taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from .assessment import Assessment
from .choice import Going
from .findings import Finding
from .ids import id_key
from .model import Status
from .policy import Policy
from .rules.ending import Timing
from .rules.lifecycle import last_backup_day
from .rules.refunds import Actor, Contact, Outcome
from .rules.relationship import late_migration
from .spans import LATEST, after
from .steps import ENDS_IT, Action, Deadline, Step, seller_of, stop_step
from .transfer import Transfer

__all__ = ["deadlines_of", "late", "planned_days", "steps_of"]

_ORDER = {action: n for n, action in enumerate(Action)}
_FOR_LICENCES = {
    *(Action.REQUEST_TRANSFER, Action.SUBMIT_TRANSFER, Action.PROVISION, Action.REASSIGN_LICENCES),
}
_NEEDS_RELATIONSHIP = {Action.PROVISION, Action.REQUEST_TRANSFER}


def planned_days(a: Assessment) -> tuple[date, date | None] | None:
    """Return from when to when the plan has it provisioned; None where no fact tells the days."""
    if a.day_chosen and a.provision_on is not None:
        return a.provision_on, a.provision_on
    return (a.provisioning.earliest, a.provisioning.latest) if a.provisioning else None


def _due(a: Assessment) -> date:
    return (a.provisioning and a.provisioning.latest) or LATEST


def late(a: Assessment) -> Finding | None:
    """Say where new licences come too late for the data to be migrated."""
    last_safe_day = a.provisioning.latest if a.provisioning else None
    return late_migration(a.subscription, a.provision_on, last_safe_day)


def steps_of(transfer: Transfer, goings: tuple[Going, ...], today: date, policy: Policy) -> tuple[Step, ...]:
    """Return every step of a move."""
    steps = [step for going in goings for step in _subscription_steps(transfer, going, policy)]
    provisions = [step for step in steps if step.action in _NEEDS_RELATIONSHIP]
    moved = [going.a for going in goings if going.a.moved]
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
                # What others wait for; and last of all what nothing may come after.
                len(Action)
                if s.action in ENDS_IT
                else min(_ORDER[s.action], _ORDER[Action.TURN_OFF_AUTO_RENEW]),
                _urgency(s, needed),
                s.unless_transferred,
                _ORDER[s.action],
                s.subject,
            ),
        )
    )


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

    None while no day is known on which there are licences to migrate to.
    """
    in_time = [a for a in dated if late(a) is None]
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


def _way_steps(transfer: Transfer, going: Going) -> tuple[Step, ...]:
    """Return the steps of the way that a subscription goes, and what is to be done unless it gets the consent."""
    a, part = going.a, going.otherwise if going.by_transfer else going.part
    if a.way is None or part is None:
        stop = stop_step(a) if a.moved or a.subscription.trial else None
        steps = (*(() if stop is None else (stop,)), *_provision_steps(transfer, a))
    else:
        steps = part.steps
    if not going.by_transfer or going.part is None:
        return steps
    # The day by which the other way is due is kept free for it.
    due = min(step.last_day or LATEST for step in steps)
    last_day = max(a.as_of, after(min(due, a.doubtful_after or LATEST), -1))
    return (
        *(
            step if step.action is Action.KEEP_RENEWING else step.evolve(last_day=last_day)
            for step in going.part.steps
        ),
        *(step.evolve(unless_transferred=True) for step in steps),
    )


def _subscription_steps(transfer: Transfer, going: Going, policy: Policy) -> Iterator[Step]:
    a = going.a
    subscription, today = a.subscription, a.as_of
    step = partial(Step, subject=subscription.id)
    if a.undated_by is not None:
        yield step(
            action=Action.FIND_OUT,
            actor=seller_of(subscription),
            rule=a.undated_by.rule,
            first_day=today,
            last_day=a.auto_renew_off_by,  # after that day it may have renewed
        )
    yield from _way_steps(transfer, going)
    backup_day = last_backup_day(subscription, policy)
    if subscription.status is Status.CANCELED and (backup_day is None or backup_day >= today):
        yield step(
            action=Action.BACK_UP, actor=Actor.CUSTOMER, rule="LIF-004", first_day=today, last_day=backup_day
        )
    if not a.moved:
        return
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
    days = planned_days(a)
    if not a.moved or days is None:  # they are to be found out first
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
        )
        # Steps are in order already; a stable sort by day alone keeps it within a day.
        for day, step in sorted(dated, key=lambda dated_step: dated_step[0])
    )
