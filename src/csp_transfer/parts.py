"""One way for one subscription: what stands before every way, what it depends on, and what follows if it is open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property, reduce
from operator import add
from typing import Any, ClassVar, Final, TypeVar, cast

from attrs import frozen

from .assessment import Assessment
from .catalogue import Bearing
from .days import EARLIEST, after
from .errors import InvalidValue
from .findings import Finding, Reasoned, gather
from .model import Replacement, Status, Subscription, Way
from .money import Money
from .plain import Plain
from .policy import Policy
from .rules.capacity import (
    Method,
    duplicates_check,
    entering,
    is_moved,
    least_in_tenant,
    not_all_read,
    tenant_room,
)
from .rules.eligibility import market_check, purpose_check, role_check, role_today
from .rules.ending import doubted_after
from .rules.lifecycle import GraceWindow, days_without_access, grace_window
from .rules.refunds import Actor
from .rules.risk import (
    Judged,
    TransitionRisk,
    at_least_possible,
    in_doubt,
    judged_and_paid,
    overlap,
    transition_risk,
)
from .rules.risk_table import Risk
from .steps import (
    Action,
    Step,
    assign_step,
    end_extension_step,
    end_step,
    provision_step,
    seller_of,
    stop_step,
)
from .transfer import Transfer

__all__ = [
    "Charge",
    "Consequences",
    "Gate",
    "OpenWay",
    "RoutePart",
    "Situation",
    "are_priced",
    "best_first",
    "gate_of",
    "money_among",
]


@frozen(kw_only=True)
class Gate(Reasoned):
    """Whether a move may happen, and which way its subscriptions go together: what no single one decides."""

    feasible: bool
    method: Method
    active: int
    """How many active subscriptions CAP-001 counts."""
    batches: tuple[tuple[str, ...], ...]
    too_many: bool
    """Whether more are active than may be duplicated, and nobody said how many the tenant has (CAP-001)."""
    free: int | None
    """How many places are free in the tenant; None: they are not counted."""
    most: int
    """How many subscriptions the tenant can hold."""
    order: tuple[str, ...]
    """The ids of what is still to be provisioned, in the order in which it gets its places."""
    shared: bool
    """Whether not each has a place of its own, so that some wait for others."""


def gate_of(transfer: Transfer, today: date, policy: Policy, room_taken: int = 0) -> Gate:
    """Decide what stands before every step of a move: role, purpose, market region, and the tenant's room.

    `room_taken`: the places that the moves of other customers into the same tenant take first. A policy of the
    guide's knows of no places; they are not counted, and what does not fit is only said.
    """
    _refuse_unaccepted_past(transfer, today)
    customer = transfer.customer.id
    role = role_check(transfer.role, transfer.destination.id)
    purpose, market = purpose_check(transfer), market_check(transfer)
    into_another = transfer.target_tenant is not None
    capacity = duplicates_check(
        () if into_another else [s for s in transfer.subscriptions if is_moved(transfer, s)],
        customer,
        unread=0 if into_another else transfer.unread,
        as_of=today,
        policy=policy,
    )
    counted = policy.in_force and transfer.tenant_subscriptions is not None
    too_many = capacity.method is not Method.OVERLAP and not counted
    room = tenant_room(
        entering(transfer, today, policy),
        customer,
        existing=transfer.tenant_subscriptions,
        at_least=least_in_tenant(transfer, today),
        expires_first=too_many,
        another_tenant=into_another,
        taken=room_taken,
        policy=policy,
        warns_only=not policy.in_force,
    )
    return Gate(
        feasible=role.allowed and purpose.allowed and market.allowed,
        method=capacity.method,
        active=capacity.active,
        batches=room.batches if policy.in_force else (),
        too_many=too_many,
        free=room.free if policy.in_force else None,
        most=room.most,
        order=room.order,
        shared=room.shared and policy.in_force,
        findings=gather(
            *role.findings,
            role_today(transfer.role, transfer.destination.id, policy),
            *purpose.findings,
            *market.findings,
            *capacity.findings,
            not_all_read(customer, transfer.unread),
            *room.findings,
        ),
    )


def _refuse_unaccepted_past(transfer: Transfer, today: date) -> None:
    if transfer.relationship_accepted:
        return
    for key, replacement in transfer.replacements.items():
        day = replacement.provision_on if isinstance(replacement, Replacement) else None
        if day is not None and day < today:
            accepted = f"True, as replacements[{key!r}] was provisioned on {day}, before {today}"
            raise InvalidValue("relationship_accepted", False, accepted)


@frozen(kw_only=True)
class Charge(Plain):
    """What a way costs on each of some UTC days, first and last inclusive, beyond going on as today.

    `percent` is in hundredths of the price of a day: 100 where the new and the old subscription are both paid, 23
    in an extended service term at 23 % more, -100 where nothing is paid that would be.
    """

    first_day: date
    last_day: date
    percent: int

    @property
    def days(self) -> int:
        """How many days it is for."""
        return (self.last_day - self.first_day).days + 1


@frozen(kw_only=True)
class Consequences(Reasoned):
    """What a way leads to, by which ways are compared.

    Days are UTC, first and last inclusive; None where the way is not available.
    """

    way: Way | None
    available: bool
    first_day: date | None = None
    """From when on one can act."""
    last_day: date | None = None
    """Until when one has to have acted; None also where there is no limit."""
    days_without_access: int = 0
    paid_twice_days: int = 0
    disruption: Risk = Risk.NONE
    data_loss: Risk = Risk.NONE
    cost: Money | None = None
    """What it costs beyond going on as today, an estimate; None where no price is given. It is the sum over all days
    of what the way pays on that day less what today's licences at today's price cost on it."""
    steps: tuple[Step, ...] = ()


R = TypeVar("R", bound="Consequences | OpenWay")
_EFFORT: Final = {way: effort for effort, way in enumerate((*Way, None))}


def best_first(ways: Iterable[R], before: Callable[[R], Any] = lambda _: ()) -> tuple[R, ...]:
    """Return ways in their total order: nobody's data lost; least interruption; money; effort.

    Interruption is the risk, then the days without access; effort is the order of `Way`. What `before` says of a way
    comes before all that, such as whether it is open.
    """
    ways = tuple(ways)
    money = money_among(ways)

    def rank(one: R) -> tuple[Any, ...]:
        return (
            before(one),
            one.data_loss.rank,
            one.disruption.rank,
            one.days_without_access,
            money(one),
            _EFFORT[one.way],
        )

    return tuple(sorted(ways, key=rank))


def are_priced(ways: Iterable[R]) -> bool:
    """Tell whether every way that is open has a price."""
    return all(one.cost is not None for one in ways if one.available)


def money_among(ways: Collection[R]) -> Callable[[R], Decimal]:
    """Return what a way costs, to compare it with others; days paid twice stand for that where a price is missing."""
    priced = are_priced(ways)
    return lambda one: one.cost.amount if priced and one.cost is not None else Decimal(one.paid_twice_days)


@frozen(kw_only=True)
class RoutePart(Consequences):
    """One way for one subscription."""

    way: Way
    subscription: str
    moves_on: date | None = None
    """The day from which the destination's licences serve."""
    reassign_licenses: bool = False
    grace_window: GraceWindow | None = None
    """The grace window after the term in which it moves."""
    charges: tuple[Charge, ...] = ()
    """What `cost` is the sum of; the licences that are bought today, at today's price."""


@frozen(kw_only=True)
class Situation:
    """What a subscription's ways depend on: its move and assessment, what stands before every step, and its place."""

    transfer: Transfer
    a: Assessment
    gate: Gate
    place: date | None = EARLIEST
    """The first day from which the tenant has a place for what is provisioned; None: it never has."""

    @property
    def policy(self) -> Policy:
        """The policy under which the ways are open or not."""
        return self.a.policy

    @cached_property
    def running(self) -> Subscription:
        """The subscription in the term that runs."""
        return self.a.running

    @property
    def as_of(self) -> date:
        """The UTC day that is asked for."""
        return self.a.as_of

    @property
    def last_day(self) -> date:
        """The last day of the term that runs."""
        return self.running.term.last_day

    @cached_property
    def runs(self) -> bool:
        """Whether its term runs still."""
        return self.as_of <= self.last_day and self.running.status in (Status.ACTIVE, Status.SUSPENDED)

    @property
    def placed_from(self) -> date:
        """The first day, today or later, from which there is a place; `EARLIEST` stands for any."""
        return max(self.as_of, self.place or EARLIEST)

    @property
    def seller(self) -> Actor:
        """Who can change the original: who sold it, or the customer."""
        return seller_of(self.running)

    @cached_property
    def planned(self) -> Replacement:
        """What is to replace it; the day is the way's own."""
        running = self.running
        return self.a.replacement or Replacement(offer=running.offer, quantity=running.quantity)

    @property
    def chosen(self) -> date | None:
        """The day of provisioning that the caller chose."""
        return self.a.provision_on if self.a.day_chosen else None

    def step(self, action: Action, actor: Actor, rule: str, first_day: date, last_day: date | None) -> Step:
        """Return a step about the subscription; recommended for its first day."""
        return Step(
            action=action,
            actor=actor,
            subject=self.running.id,
            rule=rule,
            first_day=first_day,
            last_day=last_day,
            cautions=self.a.doubts,
            recommended=first_day,
        )

    def risk(self, subscription: Subscription, day: date, chained_day: date | None = None) -> TransitionRisk:
        """Return what the replacement does on a day, and why; of what does not run any more, the assessment has it.

        `chained_day` is the earlier end of a later term, by another reading (RNW-001).
        """
        if self._assessed(day) and self.a.risk is not None:
            return self.a.risk
        return transition_risk(
            subscription,
            self.planned.evolve(provision_on=day),
            into_another_tenant=self.transfer.target_tenant is not None,
            policy=self.policy,
            safe_day=self._safe_day(subscription, chained_day),
        )

    def judged(
        self, subscription: Subscription, day: date, chained_day: date | None = None
    ) -> tuple[Judged, int]:
        """Return the same without what is to be said of it: the risks, and how many days are paid twice."""
        a = self.a
        if self._assessed(day) and a.disruption is not None:
            levels = a.disruption, cast(Risk, a.data_loss), bool(a.reassign_licenses)
            return Judged(*levels, ()), a.paid_twice_days
        return judged_and_paid(
            subscription,
            self.planned,
            day,
            self.transfer.target_tenant is not None,
            self.policy,
            self._safe_day(subscription, chained_day),
        )

    def _assessed(self, day: date) -> bool:
        return not self.runs and day == self.a.provision_on

    def _safe_day(self, subscription: Subscription, chained_day: date | None) -> date | None:
        if subscription.term == self.running.term:
            chained_day = self.a.chained_day
        return doubted_after(subscription, self.policy, chained_day=chained_day)

    def end_step(self, action: Action, actor: Actor, rule: str) -> Step:
        """Return a step that changes what comes at the end of the term."""
        return end_step(self.a, action, actor, rule)

    def stop(self) -> tuple[Step, ...]:
        """Return the step that lets it end with its term, if one is needed."""
        step = stop_step(self.a)
        return () if step is None else (step,)

    def provision(
        self,
        first_day: date,
        last_day: date | None,
        rule: str = "END-005",
        *,
        recommended: date | None = None,
        doubted_day: date | None = None,
        late: bool = False,
    ) -> Step:
        """Return the step that provisions the replacement; `late`: it saves only what can be saved."""
        return provision_step(
            self.running,
            first_day,
            last_day,
            recommended=recommended or first_day,
            cautions=self.a.doubts,
            doubted_day=doubted_day,
            late=late,
            rule=rule,
        )

    def end_extension(self, rule: str, first_day: date, last_day: date | None, recommended: date) -> Step:
        """Return the step that ends the original's extended service term."""
        return end_extension_step(
            self.running, first_day, last_day, recommended=recommended, cautions=self.a.doubts, rule=rule
        )

    def assigned(self, steps: tuple[Step, ...]) -> Iterator[Step]:
        """Yield the steps, with the one that assigns the licences after that which provisions them."""
        for step in steps:
            yield step
            if step.action is Action.PROVISION:
                yield assign_step(step, delegated_admin=self.transfer.delegated_admin)

    def cost(self, *charges: Charge) -> Money | None:
        """Estimate what some days cost beyond going on as today; None without a price."""
        price, licences = self.running.price, self.running.quantity
        if price is None:
            return None
        each = (price.for_days(c.days, licences=licences, percent=c.percent - 100) for c in charges)
        return reduce(add, each, price.for_days(0, licences=licences))

    def charges(self, subscription: Subscription, day: date, paid_twice: int) -> tuple[Charge, ...]:
        """Return what a day of provisioning costs: days paid twice up to the end, or days that nobody pays for."""
        last_day = subscription.term.last_day
        if subscription.runs_on:
            last_day = after(day, paid_twice - 1)
        if paid_twice:
            return (Charge(first_day=after(last_day, 1 - paid_twice), last_day=last_day, percent=100),)
        if self.runs and day > after(last_day):
            return (Charge(first_day=after(last_day), last_day=after(day, -1), percent=-100),)
        return ()

    def option(
        self,
        way: Way,
        subscription: Subscription,
        day: date,
        *,
        first_day: date,
        last_day: date | None,
        steps: Callable[[], tuple[Step, ...]],
        findings: Callable[[], tuple[Finding, ...]] = tuple,
        chained_day: date | None = None,
        doubt: Finding | None = None,
        loses: bool = False,
        paid_twice_days: int | None = None,
        charges: tuple[Charge, ...] | None = None,
    ) -> OpenWay:
        """Return an open way, on which the replacement comes on a day: what it is ranked by, and how to say the rest.

        `subscription` is the original as it goes this way; `doubt` says why nothing is sure, and `loses` that data may
        be lost. Days that are paid twice, and charges, are those of the day unless the way counts them itself.
        """
        judged, twice = self.judged(subscription, day, chained_day)
        if doubt is not None:
            judged = at_least_possible(judged)
        if charges is None:
            charges = self.charges(subscription, day, twice)
        return OpenWay(
            situation=self,
            way=way,
            subscription=subscription,
            moves_on=day,
            first_day=first_day,
            last_day=last_day,
            days_without_access=days_without_access(subscription, self.as_of, day, self.policy),
            paid_twice_days=twice if paid_twice_days is None else paid_twice_days,
            disruption=judged.disruption,
            data_loss=max(judged.data_loss, Risk.POSSIBLE) if loses else judged.data_loss,
            reassign_licenses=judged.reassign_licenses,
            charges=charges,
            cost=self.cost(*charges),
            counts_itself=paid_twice_days is not None,
            chained_day=chained_day,
            doubt=doubt,
            says_steps=steps,
            says_findings=findings,
        )


@frozen(kw_only=True, eq=False)
class OpenWay:
    """An open way of one subscription: what it is ranked by. `part` says its steps and its reasons as well."""

    available: ClassVar[bool] = True
    situation: Situation
    way: Way
    subscription: Subscription
    moves_on: date
    first_day: date
    last_day: date | None
    days_without_access: int
    paid_twice_days: int
    disruption: Risk
    data_loss: Risk
    reassign_licenses: bool
    charges: tuple[Charge, ...]
    cost: Money | None
    counts_itself: bool
    chained_day: date | None
    doubt: Finding | None
    says_steps: Callable[[], tuple[Step, ...]]
    says_findings: Callable[[], tuple[Finding, ...]]

    def part(self) -> RoutePart:
        """Return the way with its steps, and all that is to be said of it."""
        situation, subscription = self.situation, self.subscription
        risk = situation.risk(subscription, self.moves_on, self.chained_day)
        if self.doubt is not None:
            risk = in_doubt(risk, self.doubt)
        steps, findings, said = self.says_steps(), self.says_findings(), risk.findings
        if self.reassign_licenses:
            steps = tuple(situation.assigned(steps))
        if self.counts_itself:
            said = tuple(f for f in said if f.bearing is not Bearing.PAID_TWICE)
            findings = gather(*findings, overlap(subscription, self.paid_twice_days, situation.policy))
        return RoutePart(
            way=self.way,
            available=True,
            first_day=self.first_day,
            last_day=self.last_day,
            days_without_access=self.days_without_access,
            paid_twice_days=self.paid_twice_days,
            disruption=self.disruption,
            data_loss=self.data_loss,
            cost=self.cost,
            steps=steps,
            subscription=situation.running.id,
            moves_on=self.moves_on,
            reassign_licenses=self.reassign_licenses,
            grace_window=grace_window(subscription, policy=situation.policy),
            charges=self.charges,
            findings=gather(*findings, *said),
        )
