"""What somebody has to decide about a plan, two options of each; and what nobody has said about a move.

What is not known is ordered by how much an answer would change the plan: found by asking again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any, Final, NamedTuple, Protocol

from attrs import frozen

from .assessment import Assessment, goes_on
from .catalogue import Bearing, Fact
from .choice import chosen_ways
from .days import after
from .findings import Finding
from .model import Offer, Replacement, Subscription, Way
from .money import Money
from .parts import RoutePart, gate_of
from .phrases import short_id
from .plain import Word
from .policy import Policy
from .rules.capacity import least_in_tenant
from .rules.lifecycle import State
from .rules.risk_table import Risk
from .steps import Action, Step
from .texts import id_key
from .transfer import Transfer

__all__ = [
    "HARMS",
    "Ask",
    "Choice",
    "Counts",
    "Decision",
    "Measures",
    "OpenQuestion",
    "Option",
    "Outcome",
    "Planned",
    "Reason",
    "better_in",
    "decisions",
    "ends_unreplaced",
    "extra_cost",
    "open_questions",
    "outcome",
    "reason",
]


class Planned(Protocol):
    """A plan, as far as its page reads it."""

    @property
    def transfer(self) -> Transfer:
        """The facts of the move."""
        ...

    @property
    def as_of(self) -> date:
        """The UTC day that it is made for."""
        ...

    @property
    def asked_at(self) -> datetime | None:
        """The instant that was asked for, where it was one."""
        ...

    @property
    def policy(self) -> Policy:
        """What it decides by."""
        ...

    @property
    def named(self) -> Any:  # a mapping; of a field with a converter, type checkers disagree
        """The ways that the caller named, by the ids of the subscriptions."""
        ...

    @property
    def room_taken(self) -> int:
        """The places that other moves take first."""
        ...

    @property
    def feasible(self) -> bool:
        """Whether the move may happen."""
        ...

    @property
    def assessments(self) -> tuple[Assessment, ...]:
        """One of each subscription."""
        ...

    @property
    def parts(self) -> tuple[RoutePart, ...]:
        """The way of each, where there was one to choose."""
        ...

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is to be done."""
        ...

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules say."""
        ...

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """Why it is blocked."""
        ...

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What warns."""
        ...

    @property
    def too_late(self) -> tuple[Finding, ...]:
        """What is too late already."""
        ...


def ends_unreplaced(a: Assessment) -> bool:
    """Tell whether nothing replaces a subscription whose users are, will be, or may be without it.

    What goes on by itself is not lost for having no replacement.
    """
    if a.moved or a.disruption is None or a.disruption is Risk.NONE:
        return False
    return a.disruption is Risk.POSSIBLE or not (goes_on(a) or a.running.runs_on)


class Outcome(NamedTuple):
    """What becomes of one subscription, along the way that it goes."""

    disruption: Risk
    data_loss: Risk
    way: Way | None
    day: date | None
    """The day from which the new licences serve; None: not known, or there are none."""
    paid_twice_days: int


def outcome(a: Assessment, part: RoutePart | None) -> Outcome:
    """Return what becomes of a subscription: by its transfer in mid-term, if it goes that way, or as it is assessed."""
    if part is not None and part.way is Way.PARTNER_CENTER_TRANSFER:
        return Outcome(part.disruption, part.data_loss, part.way, part.moves_on, part.paid_twice_days)
    way = part.way if part is not None else a.way or a.own_way
    # There is no risk where there are no licences.
    disruption, data_loss = a.disruption or Risk.NONE, a.data_loss or Risk.NONE
    return Outcome(disruption, data_loss, way, a.provision_on, a.paid_twice_days)


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


class Measures(NamedTuple):
    """What options, and ways, are compared by, the weightiest first; less is better."""

    data_loss: Any
    interruption: Any
    days_without_access: int
    money: Decimal | int


def better_in(first: Measures, second: Measures, *, priced: bool) -> Reason:
    """Return the first thing in which one is better than another; `priced`: money is not the days paid twice."""
    money = Reason.MONEY if priced else Reason.PAID_TWICE
    for better, one, other in zip(
        (Reason.DATA, Reason.INTERRUPTION, Reason.ACCESS, money), first, second, strict=True
    ):
        if one < other:
            return better
    return Reason.EFFORT


def reason(first: Option, second: Option) -> Reason:
    """Return the first thing in which one option is better than another."""
    priced = first.cost is not None and second.cost is not None
    return better_in(_measures(first, priced=priced), _measures(second, priced=priced), priced=priced)


def _measures(one: Option, *, priced: bool) -> Measures:
    return Measures(
        one.data_at_risk,
        (one.interrupted, one.perhaps_interrupted),
        one.days_without_access,
        one.cost.amount if priced and one.cost is not None else one.paid_twice_days,
    )


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


_MOST_ASKED: Final = 1_000
"""A move of more subscriptions is not planned again: how much an answer would change is then not measured."""


class Ask(Word):
    """What is asked."""

    TENANT_HAS_ROOM = "tenant_has_room"
    """How many subscriptions the tenant has, where the plan reckons that too many are moved."""
    TENANT_IS_CROWDED = "tenant_is_crowded"
    """The same, where the plan reckons that some have to wait for a place."""
    TENANT_IS_FULL = "tenant_is_full"
    """The same, where the plan reckons that there is room: it is not asked again, as the places needed are counted."""
    STILL_SOLD = "still_sold"
    EXTENDED_SERVICE = "extended_service"
    AGREEMENT = "agreement"
    ROLE = "role"


HARMS: Final[Mapping[str, Callable[[Outcome], bool]]] = {
    "interrupted": lambda one: one.disruption is Risk.CERTAIN,
    "perhaps_interrupted": lambda one: one.disruption is Risk.POSSIBLE,
    "data_at_risk": lambda one: one.data_loss is not Risk.NONE,
}
"""What users have to expect, as `Counts` and labels call it, and of which outcomes that is true."""


@frozen(kw_only=True)
class Counts:
    """Of how many subscriptions something is true."""

    interrupted: int
    """Users are certain to be interrupted."""
    perhaps_interrupted: int
    data_at_risk: int
    paid_twice: int
    """Some day of theirs is paid twice."""

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Counts:
        """Count what becomes of subscriptions."""
        each = tuple(outcomes)
        harmed = {name: sum(map(is_harmed, each)) for name, is_harmed in HARMS.items()}
        return cls(**harmed, paid_twice=sum(one.paid_twice_days > 0 for one in each))

    def harmed(self) -> dict[str, int]:
        """Return of how many users have each of `HARMS` to expect, where any have."""
        return {name: count for name in HARMS if (count := getattr(self, name))}

    def __add__(self, other: Counts) -> Counts:
        """Count other subscriptions as well."""
        return Counts(
            interrupted=self.interrupted + other.interrupted,
            perhaps_interrupted=self.perhaps_interrupted + other.perhaps_interrupted,
            data_at_risk=self.data_at_risk + other.data_at_risk,
            paid_twice=self.paid_twice + other.paid_twice,
        )


@frozen(kw_only=True)
class OpenQuestion:
    """What somebody should find out, and what the answer that the plan does not reckon with would change."""

    ask: Ask
    about: str = ""
    """The title of an offer; empty where the question is about the whole move."""
    subscriptions: int
    """How many it is about."""
    by: date | None = None
    """The day before which it should be answered: the first one on which something depends on it."""
    changed: int | None = None
    """Of how many subscriptions the outcome would be another; None: not measured."""
    most: int | None = None
    """How many subscriptions the tenant can hold, where it is about that."""
    planned: Counts | None = None
    otherwise: Counts | None = None
    """What is counted in the plan, and what would be counted; of the subscriptions that it is about."""


def open_questions(plan: Planned, *, measured: bool = True) -> tuple[OpenQuestion, ...]:
    """Return the open questions of a plan, those first whose answers would change the outcome of most subscriptions.

    Each kind is asked again once at most: with the answer that the plan does not reckon with, for all offers at a
    time, each of which concerns its own subscriptions only. Without `measured`, nothing is asked again. A blocked plan
    has no questions.
    """
    if not plan.feasible:
        return ()
    said: dict[Fact, list[Finding]] = {}
    for f in plan.findings:
        if f.asks is not None:
            said.setdefault(f.asks, []).append(f)
    outcomes = _Outcomes(plan, measured=measured)
    found = (
        *_tenant(plan, said, outcomes),
        *_sold(plan, said, outcomes),
        *_extended(plan, said, outcomes),
        *_whole(plan, said),
    )
    return tuple(
        sorted(
            found,
            key=lambda q: (-(q.changed or 0), -q.subscriptions, list(Ask).index(q.ask), id_key(q.about)),
        )
    )


_Said = Mapping[Fact, list[Finding]]
"""What asks for a fact, by that fact."""


class _Outcomes:
    """A plan's outcomes, and those that it would have with other facts."""

    def __init__(self, plan: Planned, *, measured: bool) -> None:
        self._plan, self._measured = plan, measured and len(plan.assessments) <= _MOST_ASKED
        parts = {part.subscription: part for part in plan.parts}
        self.planned: dict[str, Outcome] = {
            a.subscription.id: outcome(a, parts.get(a.subscription.id)) for a in plan.assessments
        }

    def again(self, **changed: Any) -> dict[str, Outcome] | None:
        """Return the outcomes with some facts of the move changed; None where that is not to be measured."""
        plan = self._plan
        if not self._measured:
            return None
        transfer = plan.transfer.evolve(**changed)
        gate = gate_of(transfer, plan.as_of, plan.policy, plan.room_taken)
        choices, _, _ = chosen_ways(transfer, gate, plan.asked_at or plan.as_of, plan.policy, plan.named)
        return {choice.a.subscription.id: outcome(choice.a, choice.part) for choice in choices}

    def question(
        self, ask: Ask, ids: Iterable[str], then: Mapping[str, Outcome] | None, **more: Any
    ) -> OpenQuestion:
        """Return a question about some subscriptions, with what an answer would change."""
        ids = tuple(ids)
        if then is None:
            return OpenQuestion(ask=ask, subscriptions=len(ids), **more)
        return OpenQuestion(
            ask=ask,
            subscriptions=len(ids),
            changed=sum(self.planned[key] != then[key] for key in ids),
            planned=Counts.of(self.planned[key] for key in ids),
            otherwise=Counts.of(then[key] for key in ids),
            **more,
        )


def _tenant(plan: Planned, said: _Said, outcomes: _Outcomes) -> Iterator[OpenQuestion]:
    bearings = {f.bearing for f in plan.findings}
    for f in said.get(Fact.TENANT_SUBSCRIPTIONS, ()):
        moved = [a.subscription.id for a in plan.assessments if a.moved and not a.already_provisioned]
        by, most, least = _first_day(plan, moved), f.facts["most"], least_in_tenant(plan.transfer, plan.as_of)
        if Bearing.EXPIRE_FIRST in bearings:
            then = outcomes.again(tenant_subscriptions=least)
            yield outcomes.question(Ask.TENANT_HAS_ROOM, moved, then, by=by, most=most)
        elif Bearing.NO_ROOM in bearings:
            then = outcomes.again(tenant_subscriptions=max(most, least))
            yield outcomes.question(Ask.TENANT_IS_CROWDED, moved, then, by=by, most=most)
        elif f.facts["quantity"]:
            yield OpenQuestion(ask=Ask.TENANT_IS_FULL, subscriptions=f.facts["quantity"], by=by, most=most)


def _first_day(plan: Planned, ids: Iterable[str]) -> date | None:
    these = set(ids)
    days = (a.provision_on for a in plan.assessments if a.subscription.id in these and a.provision_on)
    return min(days, default=None)


def _sold(plan: Planned, said: _Said, outcomes: _Outcomes) -> Iterator[OpenQuestion]:
    subjects = {f.subject for f in said.get(Fact.NEW_DISCONTINUED, ())}
    yield from _about_offers(plan, outcomes, Ask.STILL_SOLD, subjects, discontinued=True)


def _extended(plan: Planned, said: _Said, outcomes: _Outcomes) -> Iterator[OpenQuestion]:
    # Where no way that is taken needs one, it makes no difference.
    extended = {part.subscription for part in plan.parts if part.way is Way.EXTEND_AND_MOVE}
    subjects = extended & {f.subject for f in said.get(Fact.EXTENDED_SERVICE, ())}
    yield from _about_offers(plan, outcomes, Ask.EXTENDED_SERVICE, subjects, extended_service=False)


def _about_offers(
    plan: Planned, outcomes: _Outcomes, ask: Ask, subjects: set[str], **told: bool
) -> Iterator[OpenQuestion]:
    """Yield a question about each offer that these subscriptions are to have; each offer once."""
    if not subjects:
        return
    replacements = {
        key: new.evolve(offer=new.offer.evolve(**told))
        if isinstance(new, Replacement) and key in subjects
        else new
        for key, new in plan.transfer.replacements.items()
    }
    subscriptions = tuple(
        s.evolve(offer=s.offer.evolve(**told)) if s.id in subjects and s.id not in replacements else s
        for s in plan.transfer.subscriptions
    )
    then = outcomes.again(subscriptions=subscriptions, replacements=replacements)
    by_offer: dict[str, list[Subscription]] = {}
    offers: dict[str, Offer] = {}
    for s in plan.transfer.subscriptions:
        if s.id in subjects:
            offer = _new_offer(plan.transfer, s)
            by_offer.setdefault(id_key(offer.id), []).append(s)
            offers.setdefault(id_key(offer.id), offer)
    titles = Counter(offer.title for offer in offers.values())
    for key, each in by_offer.items():
        ids = [s.id for s in each]
        title = offers[key].title
        if titles[title] > 1:
            title = f"{title} [{short_id(offers[key].id, [offer.id for offer in offers.values()])}]"
        yield outcomes.question(ask, ids, then, about=title, by=_first_day(plan, ids))


def _new_offer(transfer: Transfer, s: Subscription) -> Offer:
    new = transfer.replacements.get(s.id)
    return new.offer if isinstance(new, Replacement) else s.offer


def _whole(plan: Planned, said: _Said) -> Iterator[OpenQuestion]:
    """Yield what has to be confirmed before anything is bought, and changes no day."""
    moved = sum(a.moved for a in plan.assessments)
    for ask, fact in ((Ask.AGREEMENT, Fact.AGREEMENT_ACCEPTED), (Ask.ROLE, Fact.ROLE)):
        if fact in said:
            yield OpenQuestion(ask=ask, subscriptions=moved, changed=0)
