"""What is to be decided: two options, what follows from either, and why the first is recommended."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from facts import D, day, replacement, subscription, transfer

import csp_transfer as csp
from csp_transfer.money import Money
from csp_transfer.page import Page
from csp_transfer.questions import Choice, Option, Reason, decisions, extra_cost, reason

TODAY = day(-5)


def price(currency: str = "JPY") -> csp.Price:
    """Ten a day for each licence: 250 a day for 25."""
    return csp.Price(amount=Decimal(3650), currency=currency, cycle=csp.Cycle.YEAR)


def amount(value: int) -> Money:
    return Money(amount=Decimal(value), currency="JPY")


def suspended(key: str = "a", **facts: Any) -> csp.Subscription:
    return subscription(**{"id": key, "status": csp.Status.SUSPENDED, "price": price()} | facts)


def decided(*subs: csp.Subscription, on: date = TODAY, **changes: Any) -> list[Any]:
    policy = changes.pop("policy", csp.GUIDE)
    plan = csp.plan_transfer(transfer(*subs, **changes), as_of=on, policy=policy)
    return [one for one in Page.of(plan).decisions if one.choice is Choice.NOW_OR_LATER]


# ---- now or later --------------------------------------------------------------------------------------------------


def test_what_is_suspended_in_its_term_is_bought_today_or_on_the_last_day() -> None:
    """On 26 March: six days are paid twice for access today, or one, and users wait for five."""
    [one] = decided(suspended(), suspended("b"))
    now, later = one.options
    assert (one.subscriptions, one.by, one.reason) == (("a", "b"), D, Reason.ACCESS)
    assert (now.day, now.days_without_access, now.paid_twice_days, now.cost) == (TODAY, 0, 12, amount(3000))
    assert (later.day, later.days_without_access, later.paid_twice_days, later.cost) == (D, 5, 2, amount(500))


def test_days_after_the_term_are_not_paid_twice() -> None:
    """Only a plan that is put together says that what is suspended can wait for so long."""
    plan = csp.plan_transfer(transfer(suspended()), as_of=TODAY)
    [a] = plan.assessments
    assert a.provisioning is not None
    longer = a.evolve(provisioning=a.provisioning.evolve(latest=day(3)))
    [one] = decisions(plan.evolve(assessments=(longer,)))
    assert [(option.day, option.paid_twice_days) for option in one.options] == [(TODAY, 6), (day(3), 0)]


def test_of_terms_that_end_on_two_days_none_is_named_and_the_earlier_is_the_one_to_decide_by() -> None:
    longer = csp.Term(first_day=date(2025, 4, 3), last_day=day(2))
    [one] = decided(suspended(), suspended("b", term=longer))
    now, later = one.options
    assert (one.by, now.day, later.day) == (D, TODAY, None)
    assert (later.days_without_access, later.paid_twice_days) == (7, 2)


@pytest.mark.parametrize("other", [None, price("EUR")])
def test_what_cannot_be_added_up_has_no_cost(other: csp.Price | None) -> None:
    [one] = decided(suspended(), suspended("b", price=other))
    assert [option.cost for option in one.options] == [None, None]


@pytest.mark.parametrize(
    ("facts", "changes"),
    [
        ({}, {"on": D}),  # there is no later day
        ({}, {"replacements": {"a": replacement(provision_on=TODAY)}}),  # the day was chosen
        ({}, {"replacements": {"a": replacement(provision_on=D)}}),
        ({"status": csp.Status.ACTIVE}, {}),
        ({"trial": True, "price": None}, {}),
    ],
)
def test_nothing_is_to_be_decided_where_there_is_only_one_day(
    facts: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert decided(suspended(**facts), **changes) == []


def test_what_has_no_last_day_comes_last() -> None:
    """A trial that ends before, and the same where its step has no last day."""
    trial = subscription(
        id="trial", trial=True, auto_renew=True, term=csp.Term(first_day=day(-32), last_day=day(-2))
    )
    plan = csp.plan_transfer(transfer(suspended(), trial), as_of=TODAY)
    undated = [
        step.evolve(last_day=None) if step.action is csp.Action.DECIDE_TRIAL else step for step in plan.steps
    ]
    found = [decisions(one) for one in (plan, plan.evolve(steps=undated))]
    assert [[(one.choice, one.by) for one in ones] for ones in found] == [
        [(Choice.TRIAL, day(-2)), (Choice.NOW_OR_LATER, D)],
        [(Choice.NOW_OR_LATER, D), (Choice.TRIAL, None)],
    ]


# ---- why the first is recommended ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"interrupted": 2}, {"data_at_risk": 1}, Reason.DATA),
        ({"interrupted": 1, "perhaps_interrupted": 3}, {"interrupted": 2}, Reason.INTERRUPTION),
        ({"perhaps_interrupted": 1}, {"perhaps_interrupted": 2}, Reason.INTERRUPTION),
        ({"cost": amount(9)}, {"days_without_access": 3, "cost": amount(1)}, Reason.ACCESS),
        ({"paid_twice_days": 2, "cost": amount(1)}, {"paid_twice_days": 1, "cost": amount(2)}, Reason.MONEY),
        ({"cost": amount(2)}, {"cost": amount(1)}, Reason.EFFORT),
        ({"cost": amount(1)}, {"paid_twice_days": 1, "cost": amount(1)}, Reason.EFFORT),
        ({"cost": amount(2)}, {"paid_twice_days": 1}, Reason.PAID_TWICE),
        ({}, {"paid_twice_days": 1, "cost": amount(0)}, Reason.PAID_TWICE),
        ({"paid_twice_days": 2}, {"paid_twice_days": 1}, Reason.EFFORT),
        ({"data_at_risk": 2}, {"data_at_risk": 1}, Reason.EFFORT),
        ({}, {}, Reason.EFFORT),
    ],
)
def test_the_first_thing_in_which_an_option_is_better(
    first: dict[str, Any], second: dict[str, Any], why: Reason
) -> None:
    assert reason(Option(way=None, **first), Option(way=None, **second)) is why


# ---- money ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "provision_on", "cost"),
    [
        (day(-30), day(-5), 1500),  # six days are paid twice
        (day(-30), D, 250),
        (day(-30), day(1), 0),
        (day(-30), day(2), -250),  # nobody pays for a day
        (D, day(3), -500),
        (day(1), day(3), 0),  # its term is over: what nobody pays for is over as well
    ],
)
def test_a_move_costs_the_days_that_are_paid_twice_less_those_that_nobody_pays_for(
    on: date, provision_on: date, cost: int
) -> None:
    ended = csp.Status.EXPIRED if on > D else csp.Status.ACTIVE
    a = csp.assess(
        subscription(price=price(), status=ended), replacement(provision_on=provision_on), as_of=on
    )
    assert extra_cost(a, None) == amount(cost)


@pytest.mark.parametrize(
    ("facts", "given", "on"),
    [
        ({"price": None}, None, day(-30)),
        ({}, csp.NOT_REPLACED, day(-30)),
        ({}, replacement(quantity=0), day(-30)),  # which is not moved
        ({}, replacement(provision_on=day(-40)), day(-30)),  # it has been bought
        ({"status": csp.Status.PENDING}, None, day(-30)),  # no day is known
    ],
)
def test_what_costs_nothing_that_is_known(facts: dict[str, Any], given: Any, on: date) -> None:
    a = csp.assess(subscription(**{"price": price()} | facts), given, as_of=on)
    assert extra_cost(a, None) is None


def test_a_transfer_is_due_when_the_requests_of_its_own_subscriptions_are() -> None:
    """26 subscriptions are two requests: those of the 25 that end soon, and a later one."""
    soon, later = csp.Term.starting(date(2026, 9, 15), "P1M"), csp.Term.starting(date(2026, 2, 1), "P1Y")
    extended = [subscription(id=f"x{n}", term=soon, extended=True, auto_renew=True) for n in range(25)]
    other = subscription(id="y", term=later, auto_renew=True)
    plan = csp.plan_transfer(
        transfer(*extended, other),
        as_of=date(2026, 10, 1),
        policy=csp.IN_FORCE,
        way=csp.Way.PARTNER_CENTER_TRANSFER,
    )
    said = {len(d.subscriptions): [option.day for option in d.options] for d in decisions(plan)}
    # Request and acceptance have a day each before the last one; what is extended may be bought on any day.
    assert said == {25: [date(2026, 10, 12), None], 1: [date(2027, 1, 29), date(2027, 1, 31)]}
