"""Answers as the rules give them: each made by asking a question that can be asked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from ..assessment import Assessment
from ..explanation import Explanation, explain
from ..findings import Finding
from ..model import Status, Subscription, Way
from ..parts import Charge, RoutePart
from ..plan import Plan
from ..planner import plan_transfer
from ..policy import Policy
from ..portfolio import Portfolio, plan_portfolio
from ..routes import Route, Routes, compare_routes
from ..rules.eligibility import Eligibility, region_check
from ..rules.ending import Provisioning
from ..rules.lifecycle import GraceWindow, Phase, grace_window, lifecycle
from ..rules.refunds import Actor, RefundAdvice, refund_advice
from ..rules.risk import TransitionRisk, transition_risk
from ..rules.terms import CurrentTerm, current_term
from ..steps import Action, Deadline, Selection, Step
from ..transfer import Transfer
from .facts import (
    FIRST_DAY,
    Given,
    S,
    days,
    kept,
    partners,
    policies,
    questions,
    replacements,
    strategy_of,
    subscriptions,
    tenants,
    transfers,
)

__all__ = [
    "assessments",
    "comparisons",
    "current_terms",
    "deadlines",
    "eligibilities",
    "explanations",
    "findings",
    "grace_windows",
    "phases",
    "plans",
    "portfolios",
    "provisionings",
    "refund_advices",
    "route_parts",
    "routes",
    "selections",
    "steps",
    "transition_risks",
]

T = TypeVar("T")


@kept
def plans(policy: Given = None) -> S[Plan]:
    """Return plans under any policy, or under one; by the best way, or by one that is named."""
    under = policies() if policy is None else strategy_of(policy)

    def planned(question: tuple[Transfer, date], policy: Policy, way: Way | None) -> Plan:
        move, as_of = question
        return plan_transfer(move, as_of=as_of, policy=policy, way=way)

    return st.builds(planned, questions(), under, st.none() | st.sampled_from(Way))


@kept
def portfolios(policy: Given = None) -> S[Portfolio]:
    """Return portfolios of up to three customers under any policy, or under one; some move into the same tenant."""
    under = policies() if policy is None else strategy_of(policy)

    def planned(question: tuple[Transfer, date], others: list[Transfer], policy: Policy) -> Portfolio:
        move, as_of = question
        named = (
            other.evolve(customer=other.customer.evolve(id=f"customer {n}")) for n, other in enumerate(others)
        )
        return plan_portfolio((move, *named), as_of=as_of, policy=policy)

    return st.builds(planned, questions(), st.lists(transfers(), max_size=2), under)


@kept
def assessments(policy: Given = None) -> S[Assessment]:
    """Return assessments of subscriptions in a plan."""
    return plans(policy).flatmap(lambda plan: st.sampled_from(plan.assessments))


def _asked() -> S[tuple[Subscription, date, Policy]]:
    def near(s: Subscription) -> S[date]:
        first_day = s.canceled_on or FIRST_DAY
        return st.integers(-400, 160).map(lambda n: max(s.term.last_day + timedelta(days=n), first_day))

    return subscriptions().flatmap(lambda s: st.tuples(st.just(s), near(s), policies()))


def _known(found: S[T | None]) -> S[T]:
    return found.flatmap(lambda value: st.nothing() if value is None else st.just(value))


@kept
def explanations() -> S[Explanation]:
    """Return explanations of assessments and of plans."""
    by_itself = assessments().filter(lambda a: a.way is None)
    return (by_itself | plans()).map(explain)


@kept
def routes() -> S[Route]:
    """Return ways of a whole move, open or not."""
    return comparisons().flatmap(st.sampled_from)


@kept
def comparisons() -> S[Routes]:
    """Return all ways of a whole move, compared."""
    return st.builds(lambda asked: compare_routes(asked[0], as_of=asked[1]), questions())


@kept
def route_parts() -> S[RoutePart]:
    """Return ways of one subscription, open or not."""
    only_moved = questions(
        replacements={}, subscriptions=st.tuples(subscriptions(trial=False, status=Status.ACTIVE))
    )
    compared = only_moved.map(lambda asked: compare_routes(asked[0], as_of=asked[1]))
    parts = compared.map(lambda ways: [part for way in ways for part in way.parts])
    return parts.filter(bool).flatmap(st.sampled_from)


@kept
def charges() -> S[Charge]:
    """Return what days of ways cost."""
    return route_parts().map(lambda part: part.charges).filter(bool).flatmap(st.sampled_from)


@kept
def grace_windows() -> S[GraceWindow]:
    """Return windows under the guide's policy, where each subscription that runs out has one."""
    running_out = subscriptions(status=st.sampled_from((Status.ACTIVE, Status.EXPIRED)))
    return _known(running_out.map(grace_window))


@kept
def phases() -> S[Phase]:
    """Return runs of days in one state."""
    in_use = st.sampled_from((Status.ACTIVE, Status.EXPIRED, Status.SUSPENDED))
    states = subscriptions(status=in_use, mid_term=None).map(lifecycle)
    return states.flatmap(st.sampled_from)


@kept
def current_terms() -> S[CurrentTerm]:
    """Return terms that run on a day, renewed or not."""
    return _asked().map(lambda asked: current_term(asked[0], asked[1]))


@kept
def refund_advices() -> S[RefundAdvice]:
    """Return what comes back."""
    return _asked().map(lambda asked: refund_advice(asked[0], as_of=asked[1], policy=asked[2]))


@kept
def transition_risks() -> S[TransitionRisk]:
    """Return what replacements do."""
    return st.builds(
        lambda s, planned, policy: transition_risk(s, planned, policy=policy),
        subscriptions(),
        st.none() | replacements(),
        policies(),
    )


@kept
def provisionings() -> S[Provisioning]:
    """Return from when to when something is best provisioned."""
    return _known(assessments().map(lambda a: a.provisioning))


@kept
def eligibilities() -> S[Eligibility]:
    """Return whether a partner may sell to a tenant."""
    return st.builds(region_check, partners(), tenants())


@kept
def findings() -> S[Finding]:
    """Return what rules have to say."""
    return plans().flatmap(lambda plan: st.sampled_from(plan.findings))


@kept
def steps() -> S[Step]:
    """Return steps of plans."""
    return plans().map(lambda plan: plan.steps).filter(bool).flatmap(st.sampled_from)


@kept
def deadlines() -> S[Deadline]:
    """Return deadlines of plans."""
    return plans().map(lambda plan: plan.deadlines).filter(bool).flatmap(st.sampled_from)


@kept
def selections() -> S[Selection]:
    """Return selections of steps and deadlines: by whom, what, and on which days."""
    return _selections()


@st.composite
def _selections(draw: st.DrawFn) -> Selection:
    first_day = draw(st.none() | days())
    return Selection(
        actors=draw(st.frozensets(st.sampled_from(Actor))),
        actions=draw(st.frozensets(st.sampled_from(Action))),
        first_day=first_day,
        last_day=draw(st.none() | days(first_day or FIRST_DAY)),
    )
