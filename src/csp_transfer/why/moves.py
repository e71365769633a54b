"""What was asked about a customer's whole move, and what of it could be otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property, partial
from itertools import count, islice
from typing import Any, Final

import attrs
from attrs import field, frozen

from ..assessment import Assessment, assess_each
from ..catalogue import Fact, Verdict
from ..frozen_map import FrozenMap
from ..gate import Gate, gate_of
from ..ids import id_key
from ..markets import regions
from ..model import Channel, Partner, Role, Status, Subscription, Tenant, Way
from ..plan import Plan
from ..planner import plan_with_places
from ..policy import AGREEMENT_COUNTS, MOST_DUPLICATES, TENANT_SUBSCRIPTIONS, Policy
from ..rules.capacity import Method, is_long_over
from ..rules.places import is_moved
from ..spans import after
from ..transfer import Transfer
from .changes import Variable

__all__ = ["MoveQuestion"]


@frozen(kw_only=True)
class MoveQuestion:
    """What `plan_transfer` was asked about a customer's whole move."""

    transfer: Transfer
    as_of: date
    policy: Policy
    named: Mapping[str, Way] = field(factory=dict)
    asked_at: datetime | None = None
    """The instant of that day that was asked for; None: the day."""
    room_taken: int = 0

    @classmethod
    def of(cls, plan: Plan) -> MoveQuestion:
        """Return the question that a plan answers."""
        q = cls(
            transfer=plan.transfer,
            as_of=plan.as_of,
            policy=plan.policy,
            named=plan.named,
            asked_at=plan.asked_at,
            room_taken=plan.room_taken,
        )
        object.__setattr__(q, "answer", plan)  # it need not be made again
        return q

    @cached_property
    def answer(self) -> Plan:
        """What it is answered."""
        ids = {s.id for s in self.transfer.subscriptions}
        named = {key: way for key, way in self.named.items() if key in ids}
        as_of = self.asked_at or self.as_of
        return plan_with_places(self.transfer, as_of, self.policy, FrozenMap(named), self.room_taken)[0]

    @property
    def verdicts(self) -> dict[Verdict, Any]:
        """What the answer decides for the move as a whole, without assessing every subscription."""
        gate = self._gate
        return {
            Verdict.FEASIBLE: gate.feasible,
            Verdict.METHOD: gate.method,
            Verdict.RELATIONSHIP: gate.feasible and self.transfer.relationship_accepted and self._moves(),
        }

    @cached_property
    def _gate(self) -> Gate:
        return gate_of(self.transfer, self.as_of, self.policy, self.room_taken)

    def _assessments(self) -> Iterator[Assessment]:
        return assess_each(self.transfer, self.as_of, self.policy)

    def _moves(self) -> bool:
        return any(a.moved for a in self._assessments())

    def speaks(self, rule_id: str, verdict: Verdict) -> bool:
        """Tell whether a rule has something to say about a verdict of the whole move, assessing as few as it can."""
        gate = self._gate
        if rule_id in ("REL-001", "REL-002"):
            says = rule_id == "REL-002" or not self.transfer.relationship_accepted
            return gate.feasible and says and self._moves()
        if rule_id == "MCA-001":
            to_come = any(a.moved and not a.already_provisioned for a in self._assessments())
            return self.policy.in_force and gate.feasible and to_come
        if rule_id == "CAP-002":
            return (
                gate.feasible
                and gate.method is Method.EXPIRE_THEN_REPURCHASE
                and any(a.moved and a.grace_window and not a.already_provisioned for a in self._assessments())
            )
        return any(f.rule == rule_id and verdict in f.verdicts for f in gate.findings)

    @property
    def variables(self) -> Mapping[Fact, Variable]:
        """The facts that it has."""
        return _VARIABLES


_Moves = Iterator[tuple[Any, Callable[[], MoveQuestion]]]


def _moving(q: MoveQuestion, **changed: Any) -> MoveQuestion:
    return attrs.evolve(q, transfer=q.transfer.evolve(**changed))


def _moves(name: str, *values: Any) -> Variable:
    return Variable(
        lambda q, _: getattr(q.transfer, name),
        lambda q, _: ((value, partial(_moving, q, **{name: value})) for value in values),
    )


def _active(q: MoveQuestion) -> list[Subscription]:
    """Return those that CAP-001 counts."""
    if q.transfer.target_tenant is not None:
        return []
    moved = (s for s in q.transfer.subscriptions if s.status is Status.ACTIVE and s.quantity)
    return [s for s in moved if is_moved(q.transfer, s) and not is_long_over(s, q.as_of)]


def _other_counts(q: MoveQuestion, _: Any) -> _Moves:
    active = _active(q)
    most = q.policy.number(MOST_DUPLICATES, max(s.term.last_day for s in q.transfer.subscriptions))
    for wanted in (1, most, most + 1):  # something is to be moved at all; all at once; not all at once
        yield wanted, partial(_with_active, q, active, wanted)


def _with_active(q: MoveQuestion, active: list[Subscription], wanted: int) -> MoveQuestion:
    transfer = q.transfer
    fewer = {s.id for s in active[wanted:]}
    kept = [s for s in transfer.subscriptions if s.id not in fewer]
    ordinary = {"status": Status.ACTIVE, "canceled_on": None, "trial": False}
    like = next(iter(active), transfer.subscriptions[0].evolve(**ordinary))
    taken = {id_key(s.id) for s in transfer.subscriptions}
    free = (name for n in count(2) if id_key(name := f"{like.id} ({n})") not in taken)
    more = [like.evolve(id=name) for name in islice(free, max(0, wanted - len(active)))]
    chosen = {key: value for key, value in transfer.replacements.items() if key not in fewer}
    return _moving(q, subscriptions=(*kept, *more), replacements=chosen)


def _other_tenant_counts(q: MoveQuestion, _: Any) -> _Moves:
    most = q.policy.number(TENANT_SUBSCRIPTIONS, max(s.term.last_day for s in q.transfer.subscriptions))
    needed = len(q._gate.order)
    for n in (0, max(0, most - needed), max(0, most - needed) + 1, most):
        yield n, partial(_moving, q, tenant_subscriptions=n)


def _other_countries(who: str, other: Callable[[MoveQuestion], Tenant | Partner]) -> Any:
    """Yield the country of the other side, one beside it in its region, and one in another region."""

    def others(q: MoveQuestion, _: Any) -> _Moves:
        there = other(q).country
        region = regions().get(there)
        beside = next((c for c, r in regions().items() if r == region and c != there), there)
        elsewhere = next(c for c, r in regions().items() if r != region)
        for country in (there, beside, elsewhere):
            named = getattr(q.transfer, who).evolve(country=country)
            yield country, partial(_moving, q, **{who: named})

    return others


def _other_sources(q: MoveQuestion, _: Any) -> _Moves:
    same = q.transfer.destination
    yield same.id, partial(_moving, q, source=same)
    other = same.evolve(id=f"{same.id} (another partner)")
    yield other.id, partial(_moving, q, source=other)


def _other_tenants(q: MoveQuestion, _: Any) -> _Moves:
    yield False, partial(_moving, q, target_tenant=None)
    customer = q.transfer.customer
    yield True, partial(_moving, q, target_tenant=customer.evolve(id=f"{customer.id} (another tenant)"))


def _other_channels(q: MoveQuestion, _: Any) -> _Moves:
    for channel in Channel:
        bought = tuple(s.evolve(channel=channel) for s in q.transfer.subscriptions)
        yield channel, partial(_moving, q, subscriptions=bought)


def _channels(q: MoveQuestion, _: Any) -> Channel | tuple[Channel, ...]:
    channels = tuple(dict.fromkeys(s.channel for s in q.transfer.subscriptions))
    return channels[0] if len(channels) == 1 else channels


def _unsure(q: MoveQuestion, _: Any) -> int:
    return sum(s.status is Status.UNKNOWN for s in q.transfer.subscriptions)


def _other_unsure(q: MoveQuestion, _: Any) -> _Moves:
    """Yield that all are active, or were."""
    unsure = {s.id for s in q.transfer.subscriptions if s.status is Status.UNKNOWN}
    for status in (Status.DELETED, Status.ACTIVE):
        told = tuple(s.evolve(status=status) if s.id in unsure else s for s in q.transfer.subscriptions)
        yield 0, partial(_moving, q, subscriptions=told)


def _target_country(q: MoveQuestion, _: Any) -> str | None:
    return q.transfer.target_tenant.country if q.transfer.target_tenant else None


def _other_targets(q: MoveQuestion, a: Any) -> _Moves:
    if q.transfer.target_tenant is not None:
        yield from _other_countries("target_tenant", lambda q: q.transfer.destination)(q, a)


def _other_agreements(q: MoveQuestion, _: Any) -> _Moves:
    for day in q.policy.history(AGREEMENT_COUNTS).changes:
        for accepted in (after(day, -1), day):
            yield accepted, partial(_moving, q, agreement_accepted=accepted)


_VARIABLES: Final[dict[Fact, Variable]] = {
    Fact.ANOTHER_TENANT: Variable(lambda q, _: q.transfer.target_tenant is not None, _other_tenants),
    Fact.ROLE: _moves("role", *Role),
    Fact.SOURCE: Variable(lambda q, _: q.transfer.source and q.transfer.source.id, _other_sources),
    Fact.DESTINATION: Variable(
        lambda q, _: q.transfer.destination.country,
        _other_countries("destination", lambda q: q.transfer.receiving_tenant),
    ),
    Fact.KEEPS_SOURCE_PARTNER: _moves("keeps_source_partner", False, True),
    Fact.RELATIONSHIP_ACCEPTED: _moves("relationship_accepted", False, True),
    Fact.AGREEMENT_ACCEPTED: Variable(lambda q, _: q.transfer.agreement_accepted, _other_agreements),
    Fact.SUBSCRIPTIONS: Variable(lambda q, _: len(_active(q)), _other_counts),
    Fact.UNREAD: _moves("unread", 0, 1),
    Fact.UNSURE: Variable(_unsure, _other_unsure),
    Fact.TARGET: Variable(_target_country, _other_targets),
    Fact.TENANT_SUBSCRIPTIONS: Variable(lambda q, _: q.transfer.tenant_subscriptions, _other_tenant_counts),
    Fact.CHANNEL: Variable(_channels, _other_channels),
    Fact.CUSTOMER: Variable(
        lambda q, _: q.transfer.customer.country,
        _other_countries("customer", lambda q: q.transfer.destination),
    ),
}
