"""What somebody has to decide about a plan: two options of each, and what follows from either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from operator import add
from typing import Final

from attrs import frozen

from .assessment import Assessment
from .model import Way
from .money import Money
from .parts import RoutePart
from .planned import Planned, outcome
from .rules.risk_table import Risk
from .rules.state_table import State
from .spans import after
from .steps import Action
from .words import Word

__all__ = ["Choice", "Decision", "Option", "Reason", "decisions", "extra_cost", "reason"]


class Choice(Word):
    """What is to be decided."""

    TRIAL = "trial"
    """Whether a trial goes on."""
    NOW_OR_LATER = "now_or_later"
    """Whether to buy at once what users are without, or when it costs less."""
    BY_TRANSFER = "by_transfer"
    """Whether to ask the source partner for a transfer in mid-term."""


class Reason(Word):
    """Why one option, or one way, is recommended before another: the first thing in which it is better."""

    OPEN = "open"
    FOR_MORE = "for_more"
    DATA = "data"
    INTERRUPTION = "interruption"
    ACCESS = "access"
    MONEY = "money"
    PAID_TWICE = "paid_twice"
    EFFORT = "effort"


@frozen(kw_only=True)
class Option:
    """One thing that can be done, and what follows: days are UTC; counts are of all its subscriptions together."""

    way: Way | None
    """None: it is bought by itself, whatever the way is called."""
    day: date | None = None
    """The day on which it is done, or by which."""
    interrupted: int = 0
    perhaps_interrupted: int = 0
    data_at_risk: int = 0
    days_without_access: int = 0
    paid_twice_days: int = 0
    cost: Money | None = None


@frozen(kw_only=True)
class Decision:
    """What is to be decided for some subscriptions, and the options, the recommended one first."""

    choice: Choice
    subscriptions: tuple[str, ...]
    by: date | None
    """The last day on which there is still something to decide."""
    options: tuple[Option, ...] = ()
    reason: Reason | None = None
    """Why the first option is recommended; None where none is."""


def decisions(plan: Planned) -> tuple[Decision, ...]:
    """Return what is to be decided, what is due first before the others."""
    found = (*_trials(plan), *_now_or_later(plan), *_by_transfer(plan))
    return tuple(sorted(found, key=lambda one: (one.by is None, one.by or plan.as_of)))


def _trials(plan: Planned) -> Iterator[Decision]:
    steps = [step for step in plan.steps if step.action is Action.DECIDE_TRIAL]
    if steps:
        yield Decision(
            choice=Choice.TRIAL,
            subscriptions=tuple(step.subject for step in steps),
            by=min((step.last_day for step in steps if step.last_day), default=None),
        )


def _now_or_later(plan: Planned) -> Iterator[Decision]:
    """Yield what is suspended and can be bought today, or on the last day, which is paid twice for fewer days."""
    going = {part.subscription: part for part in plan.parts}
    waiting = {
        a.subscription.id: (a, last_day)
        for a in plan.assessments
        if (last_day := _can_wait_until(plan.as_of, a, going.get(a.subscription.id))) is not None
    }
    if not waiting:
        return
    each, days = tuple(waiting.values()), sorted({last_day for _, last_day in waiting.values()})
    yield Decision(
        choice=Choice.NOW_OR_LATER,
        subscriptions=tuple(waiting),
        by=days[0],
        options=(
            _bought([(a, plan.as_of) for a, _ in each], plan.as_of, 0),
            _bought(each, days[0] if len(days) == 1 else None, (days[-1] - plan.as_of).days),
        ),
        reason=Reason.ACCESS,
    )


def _bought(each: Iterable[tuple[Assessment, date]], day: date | None, without: int) -> Option:
    each = tuple(each)
    return Option(
        way=None,
        day=day,
        days_without_access=without,
        paid_twice_days=sum(_twice(a, day) for a, day in each),
        cost=_sum(_paid(a, _twice(a, day)) for a, day in each),
    )


def _can_wait_until(today: date, a: Assessment, part: RoutePart | None) -> date | None:
    """Return the last day on which to buy what users are without today; None where that is not to be decided."""
    by_transfer = part is not None and part.way is Way.PARTNER_CENTER_TRANSFER
    if a.state is not State.SUSPENDED or by_transfer or a.day_chosen or a.provision_on != today:
        return None
    latest = a.provisioning.latest if a.provisioning else None
    return latest if latest is not None and latest > today else None


def _twice(a: Assessment, day: date) -> int:
    """Return how many days are paid twice where the new licences come on a day of the term."""
    return max(0, (a.running.term.last_day - day).days + 1)


def _paid(a: Assessment, days: int) -> Money | None:
    price = a.running.price
    return None if price is None else price.for_days(days, licences=a.running.quantity)


def _by_transfer(plan: Planned) -> Iterator[Decision]:
    """Yield the transfers in mid-term, which nobody has to agree to, beside what is left without one."""
    assessed = {a.subscription.id: a for a in plan.assessments}
    together: dict[Way | None, list[RoutePart]] = {}
    for part in plan.parts:
        if part.way is Way.PARTNER_CENTER_TRANSFER:
            a = assessed[part.subscription]
            together.setdefault((a.way or a.own_way) if a.moved else None, []).append(part)
    requested = [step for step in plan.steps if step.action is Action.REQUEST_TRANSFER]
    for way, parts in together.items():
        ids = {part.subscription for part in parts}
        due = (
            step.last_day
            for step in requested
            if step.last_day and ids.intersection(step.subjects or (step.subject,))
        )
        left = [assessed[part.subscription] for part in parts]
        days = (a.provisioning.latest for a in left if a.provisioning and a.provisioning.latest)
        first, second = (
            _transfers(parts, min(due, default=None)),
            _without(left, way, min(days, default=None)),
        )
        yield Decision(
            choice=Choice.BY_TRANSFER,
            subscriptions=tuple(part.subscription for part in parts),
            by=first.day,
            options=(first, second),
            reason=reason(first, second),
        )


def _transfers(parts: list[RoutePart], by: date | None) -> Option:
    return Option(
        way=Way.PARTNER_CENTER_TRANSFER,
        day=by,
        interrupted=sum(part.disruption is Risk.CERTAIN for part in parts),
        perhaps_interrupted=sum(part.disruption is Risk.POSSIBLE for part in parts),
        data_at_risk=sum(part.data_loss is not Risk.NONE for part in parts),
        days_without_access=max(part.days_without_access for part in parts),
        paid_twice_days=sum(part.paid_twice_days for part in parts),
        cost=_sum(part.cost for part in parts),
    )


def _without(left: list[Assessment], way: Way | None, by: date | None) -> Option:
    each = [outcome(a, None) for a in left]
    return Option(
        way=way,
        day=by,
        interrupted=sum(one.disruption is Risk.CERTAIN for one in each),
        perhaps_interrupted=sum(one.disruption is Risk.POSSIBLE for one in each),
        data_at_risk=sum(one.data_loss is not Risk.NONE for one in each),
        paid_twice_days=sum(one.paid_twice_days for one in each),
        cost=_sum(extra_cost(a, None) for a in left),
    )


def _sum(costs: Iterable[Money | None]) -> Money | None:
    """Return all amounts together; None where one is missing, or they are in several currencies."""
    each = tuple(costs)
    known = [cost for cost in each if cost is not None]
    if not known or len(known) < len(each) or len({cost.currency for cost in known}) > 1:
        return None
    return reduce(add, known)


_BETTER_IN: Final = (
    (Reason.DATA, lambda one: one.data_at_risk),
    (Reason.INTERRUPTION, lambda one: (one.interrupted, one.perhaps_interrupted)),
    (Reason.ACCESS, lambda one: one.days_without_access),
)


def reason(first: Option, second: Option) -> Reason:
    """Return the first thing in which one option is better than another."""
    for why, measure in _BETTER_IN:
        if measure(first) < measure(second):
            return why
    if first.cost is not None and second.cost is not None:
        if first.cost.amount < second.cost.amount:
            return Reason.MONEY
    elif first.paid_twice_days < second.paid_twice_days:
        return Reason.PAID_TWICE
    return Reason.EFFORT


def extra_cost(a: Assessment, part: RoutePart | None) -> Money | None:
    """Estimate what the move of a subscription costs beyond going on as today; None without a price, or a day.

    Where it goes a way that was chosen, that is the way's own estimate; or else the days that are paid twice, less
    those between the end of the original and the day of the new one, which nobody pays for.
    """
    if part is not None:
        return part.cost
    price, day = a.running.price, a.provision_on
    if price is None or a.risk is None or day is None or not a.moved or a.already_provisioned:
        return None
    cost = price.for_days(a.risk.paid_twice_days, licences=a.running.quantity)
    last_day = a.running.term.last_day
    if a.as_of <= last_day and day > after(last_day):
        free = (day - after(last_day)).days
        cost += price.for_days(free, licences=a.running.quantity, percent=-200)
    return cost
