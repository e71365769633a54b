"""One way for one subscription: what every way is asked, and what it answers where it is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from attrs import frozen

from .assessment import Assessment
from .findings import Finding, Reasoned, gather
from .gate import Gate
from .model import Replacement, Status, Subscription, Way
from .money import Money
from .policy import Policy
from .rules.lifecycle import GraceWindow, grace_window, lifecycle
from .rules.refunds import Actor
from .rules.risk import TransitionRisk, overlap, transition_risk
from .rules.risk_table import Risk
from .steps import Action, Step, seller_of, stop_step
from .transfer import Transfer

__all__ = ["SAID_BY_THE_WAY", "Asked", "Ranked", "RoutePart", "best_first"]


SAID_BY_THE_WAY: Final = ("END-", "EST-", "RSK-", "DBL-")
"""What these rules say of a replacement, and of the end that makes room for it, each way says for itself."""


@frozen(kw_only=True)
class Ranked(Reasoned):
    """What ways are compared by. Days are UTC, first and last inclusive; None where the way is not available."""

    way: Way
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
    """What it costs beyond going on as today, an estimate; None where no price is given."""
    steps: tuple[Step, ...] = ()

    def _rank(self, *, priced: bool) -> tuple[Any, ...]:
        # Days paid twice stand for the money where a price is missing.
        money = self.cost.amount if priced and self.cost is not None else Decimal(self.paid_twice_days)
        return (
            not self.available,
            self.data_loss.rank,
            self.disruption.rank,
            self.days_without_access,
            money,
            list(Way).index(self.way),
        )


R = TypeVar("R", bound=Ranked)


def best_first(ways: Iterable[R]) -> tuple[R, ...]:
    """Return ways in their total order: open; nobody's data lost; least interruption; money; effort.

    Interruption is the risk, then the days without access; effort is the order of `Way`.
    """
    ways = tuple(ways)
    priced = all(one.cost is not None for one in ways if one.available)
    return tuple(sorted(ways, key=lambda one: one._rank(priced=priced)))


@frozen(kw_only=True)
class RoutePart(Ranked):
    """One way for one subscription."""

    subscription: str
    moves_on: date | None = None
    """The day from which the destination's licences serve."""
    reassign_licenses: bool = False
    grace_window: GraceWindow | None = None
    """The grace window after the term in which it moves."""


class Asked(NamedTuple):
    """What every way is asked about one subscription."""

    transfer: Transfer
    a: Assessment
    gate: Gate

    @property
    def policy(self) -> Policy:
        """The policy under which it is asked."""
        return self.a.policy

    @property
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
        return self.a.running.term.last_day

    @property
    def runs(self) -> bool:
        """Whether its term runs still."""
        return self.as_of <= self.last_day and self.running.status in (Status.ACTIVE, Status.SUSPENDED)

    @property
    def batch(self) -> int:
        """Which of the batches in which duplicates fit it belongs to; 0 is the first, and where there are none."""
        return next((n for n, batch in enumerate(self.gate.batches) if self.running.id in batch), 0)

    @property
    def seller(self) -> Actor:
        """Who can change the original: who sold it, or the customer."""
        return seller_of(self.running)

    @property
    def planned(self) -> Replacement:
        """What is to replace it; the day is the way's own."""
        like_for_like = Replacement(offer=self.running.offer, quantity=self.running.quantity)
        return self.a.replacement or like_for_like

    @property
    def chosen(self) -> date | None:
        """The day of provisioning that the caller chose."""
        return self.a.provision_on if self.a.day_chosen else None

    def step(self, action: Action, actor: Actor, rule: str, first_day: date, last_day: date | None) -> Step:
        """Return a step about the subscription."""
        return Step(
            action=action,
            actor=actor,
            subject=self.running.id,
            rule=rule,
            first_day=first_day,
            last_day=last_day,
            cautions=self.a.doubts,
        )

    def risk(self, subscription: Subscription, day: date) -> TransitionRisk:
        """Judge the replacement on a day; of what does not run any more, the assessment has done it."""
        if self.a.risk is not None and not self.runs and day == self.a.provision_on:
            return self.a.risk
        return transition_risk(
            subscription,
            self.planned.evolve(provision_on=day),
            into_another_tenant=self.transfer.target_tenant is not None,
            policy=self.policy,
        )

    def stop(self) -> tuple[Step, ...]:
        """Return the step that lets it end with its term, if one is needed."""
        step = stop_step(self.a)
        return () if step is None else (step,)

    def provision(self, first_day: date, last_day: date | None, rule: str = "END-005") -> Step:
        """Return the step that provisions the replacement."""
        return self.step(Action.PROVISION, Actor.DESTINATION_PARTNER, rule, first_day, last_day)

    def _assigned(self, steps: tuple[Step, ...]) -> Iterator[Step]:
        """Yield the steps, with the one that assigns the licences after that which provisions them."""
        actor = Actor.DESTINATION_PARTNER if self.transfer.delegated_admin else Actor.CUSTOMER
        for step in steps:
            yield step
            if step.action is Action.PROVISION:
                yield step.evolve(action=Action.REASSIGN_LICENCES, actor=actor, rule="RSK-002")

    def cost(self, days: int, percent: int = 0) -> Money | None:
        """Estimate what so many days cost; None without a price."""
        price = self.running.price
        if price is None:
            return None
        return price.for_days(days, licences=self.running.quantity, percent=percent)

    def part(
        self,
        way: Way,
        subscription: Subscription,
        day: date,
        *,
        risk: TransitionRisk | None = None,
        **changed: Any,
    ) -> RoutePart:
        """Return an open way: the way's own findings, what the rules say of a replacement on a day, and the steps."""
        risk = risk or self.risk(subscription, day)
        steps: tuple[Step, ...] = changed.pop("steps")
        if risk.reassign_licenses:
            steps = tuple(self._assigned(steps))
        findings: tuple[Finding, ...] = changed.pop("findings", ())
        said = risk.findings
        if "paid_twice_days" in changed:  # the way counts them itself
            said = tuple(f for f in said if f.case not in ("paid-twice", "no-credit"))
            findings = gather(*findings, overlap(subscription, changed["paid_twice_days"], self.policy))
        says: dict[str, Any] = {
            "days_without_access": _without_access(subscription, self.as_of, day, self.policy),
            "paid_twice_days": risk.paid_twice_days,
            "cost": self.cost(risk.paid_twice_days),
            "data_loss": risk.data_loss,
            "grace_window": grace_window(subscription, policy=self.policy),
        }
        return RoutePart(
            subscription=self.running.id,
            way=way,
            available=True,
            moves_on=day,
            disruption=risk.disruption,
            reassign_licenses=risk.reassign_licenses,
            steps=steps,
            findings=gather(*findings, *said),
            **says | changed,
        )


def _without_access(subscription: Subscription, today: date, day: date, policy: Policy) -> int:
    """Return the days from today through the day of provisioning on which users have no access, that day included."""
    days = 0
    for phase in lifecycle(subscription, policy=policy):
        if not phase.users_have_access:
            last_day = min(day, phase.last_day or day)
            days += max(0, (last_day - max(today, phase.first_day)).days + 1)
    return days
