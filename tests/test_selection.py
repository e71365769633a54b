"""Calendars and tables cut by actor, day and action, and calendars in which alike events are one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from facts import day, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st
from moves import crowded, moves
from test_export import Component, events, text

import csp_transfer as csp
from csp_transfer import frames, strategies

MARCH = day(-30)
DESTINATION, SOURCE, CUSTOMER = (
    csp.Actor.DESTINATION_PARTNER,
    csp.Actor.SOURCE_PARTNER,
    csp.Actor.CUSTOMER,
)


def mail(key: str, **changes: Any) -> csp.Subscription:
    return subscription(**{"id": key, "name": f"Mail {key}", "auto_renew": True} | changes)


def portfolio(**ids: list[str]) -> csp.Portfolio:
    """Customers with as many subscriptions as ids, all of one term."""
    each = [
        transfer(*map(mail, keys), customer=csp.Tenant(id=name, country="JP"), relationship_accepted=True)
        for name, keys in ids.items()
    ]
    return csp.plan_portfolio(each, as_of=MARCH)


def lines(event: Component) -> list[str]:
    return text(event["DESCRIPTION"]).splitlines()


def test_alike_deadlines_of_all_customers_are_one_event() -> None:
    """Auto-renew off by 31 March, by the source partner; the new ones by 30 April, by the other or the customer."""
    asked = portfolio(adatum=["x"], contoso=["a", "b"])
    assert len(events(asked)) == 6
    stop, buy = events(asked, grouped=True)
    assert text(stop["SUMMARY"]) == "Turn auto-renew off: 3 subscriptions (2 customers)"
    assert (stop["DTSTART"], buy["DTSTART"]) == ("20260331", "20260430")
    assert lines(stop) == [
        "To be done before 2026-04-01 00:00 UTC: by the end of 2026-03-31 in UTC",
        "Who: source partner",
        "As of 2026-03-01 (UTC); policy: GUIDE",
        "- Mail x (adatum); Recommended: 2026-03-01 (UTC); id: x",
        "- Mail a (contoso); Recommended: 2026-03-01 (UTC); id: a",
        "- Mail b (contoso); Recommended: 2026-03-01 (UTC); id: b",
        "END-003: Auto-renew off before the term ends",
        "https://learn.microsoft.com/ja-jp/partner-center/customers/transition-seat-based-services",
    ]
    assert [alarm["DESCRIPTION"] for alarm in stop.components] == [stop["SUMMARY"]] * 3
    assert text(events(asked.plan_of("contoso"), grouped=True)[0]["SUMMARY"]) == (
        "Turn auto-renew off: 2 subscriptions (contoso)"
    )


def test_what_is_for_a_whole_customer_is_counted_by_customers() -> None:
    each = [transfer(mail("a"), customer=csp.Tenant(id=name, country="JP")) for name in ("adatum", "contoso")]
    _, request, *_ = events(csp.plan_portfolio(each, as_of=MARCH), grouped=True)
    assert text(request["SUMMARY"]) == "Request the reseller relationship: 2 customers"
    assert [line for line in lines(request) if line.startswith("-")] == [
        "- adatum; Recommended: 2026-03-01 (UTC)",
        "- contoso; Recommended: 2026-03-01 (UTC)",
    ]


def test_an_event_of_one_alone_says_all_that_its_own_does() -> None:
    one = portfolio(contoso=["a"])
    for alone, grouped in zip(events(one), events(one, grouped=True), strict=True):
        assert alone["UID"] != grouped["UID"]
        kept = {name: value for name, value in alone.properties.items() if name != "UID"}
        assert kept == {name: value for name, value in grouped.properties.items() if name != "UID"}


def test_a_day_in_doubt_is_said_of_each() -> None:
    """EST-001: after a term that ends in September, the guide's grace window is in doubt."""
    year = csp.Term.starting(date(2025, 9, 15), "P1Y")
    plan = csp.plan_transfer(
        transfer(mail("a", term=year), mail("b", term=year), relationship_accepted=True), as_of=MARCH
    )
    buy = events(plan, grouped=True)[-1]
    assert text(buy["SUMMARY"]) == "Buy the new subscription: 2 subscriptions (contoso) [EST-001!]"
    items = [line for line in lines(buy) if line.startswith("-")]
    assert len(items) == 2
    assert all("2026-10-14" in item and item.endswith("[EST-001!]") for item in items)


def test_what_version_0_1_0_has_written_has_no_day_that_is_recommended() -> None:
    plan = portfolio(contoso=["a", "b"]).plans[0]
    older = plan.evolve(deadlines=tuple(one.evolve(recommended=None) for one in plan.deadlines))
    for event in events(older, grouped=True):
        assert [line for line in lines(event) if line.startswith("-")] == [
            "- Mail a (contoso); id: a",
            "- Mail b (contoso); id: b",
        ]


def test_the_id_of_a_group_is_of_what_and_when_and_not_of_what_is_in_it() -> None:
    """And of the customer, where it is the calendar of one."""
    first, more = portfolio(contoso=["a", "b"]), portfolio(contoso=["a", "b", "c"], adatum=["x"])
    ids = [event["UID"] for event in events(first, grouped=True)]
    assert [event["UID"] for event in events(more, grouped=True)] == ids
    of_contoso = [event["UID"] for event in events(more.plan_of("contoso"), grouped=True)]
    of_adatum = [event["UID"] for event in events(more.plan_of("adatum"), grouped=True)]
    assert len({*ids, *of_contoso, *of_adatum}) == 6


@given(moves() | crowded(), st.sampled_from((csp.GUIDE, csp.IN_FORCE)))
def test_no_deadline_is_lost_in_a_group(question: tuple[csp.Transfer, date], policy: csp.Policy) -> None:
    move, as_of = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    if not plan.deadlines:
        return
    single, grouped = events(plan), events(plan, grouped=True)
    assert len({event["UID"] for event in grouped}) == len(grouped) <= len(single)
    assert {event["DTSTART"] for event in grouped} == {event["DTSTART"] for event in single}
    described = "\n".join(text(event["DESCRIPTION"]) for event in grouped)
    assert all(subject in described for d in plan.deadlines for subject in (d.subject, *d.subjects))


# ---- a part of it --------------------------------------------------------------------------------------------------

PLAN = csp.plan_transfer(
    transfer(mail("a"), mail("b", term=csp.Term.starting(date(2025, 6, 1), "P1Y"))), as_of=MARCH
)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, 6),
        ({"actors": {SOURCE}}, 2),
        ({"actors": [SOURCE, DESTINATION]}, 5),
        ({"actions": (csp.Action.PROVISION,)}, 2),
        ({"actors": {CUSTOMER}}, 2),
        ({"actors": {SOURCE}, "actions": {csp.Action.PROVISION}}, 0),
        ({"last_day": date(2026, 4, 30)}, 4),
        ({"last_day": date(2026, 4, 29)}, 3),
        ({"first_day": date(2026, 4, 30)}, 3),
        ({"first_day": date(2026, 5, 1), "last_day": date(2026, 5, 30)}, 0),
    ],
)
def test_a_selection_is_of_actors_actions_and_days(asked: dict[str, Any], kept: int) -> None:
    """Relationship: 28 and 29 April; auto-renew off: 31 March and 31 May; the new ones: 30 April and surely 31 May.

    The first of the new ones may be provisioned by the customer as well.
    """
    select = csp.Selection(**asked)
    assert len(frames.deadlines(PLAN, select=select)) == kept
    assert select.takes_all == (not asked)
    if kept:
        assert len(events(PLAN, select=select)) == kept
    else:
        with pytest.raises(
            csp.InvalidValue, match=r"^deadlines: \(\); expected at least one that is selected$"
        ):
            events(PLAN, select=select)


def test_a_step_without_a_last_day_counts_on_the_day_that_is_recommended() -> None:
    step = next(step for step in PLAN.steps if step.action is csp.Action.PROVISION)
    recommended = step.recommended
    assert recommended is not None
    open_end = step.evolve(last_day=None)
    for select, has in (
        (csp.Selection(first_day=recommended, last_day=recommended), True),
        (csp.Selection(last_day=recommended.replace(day=recommended.day - 1)), False),
    ):
        assert select.has(open_end) is has
    early = open_end.evolve(recommended=None)
    assert csp.Selection(first_day=early.first_day, last_day=early.first_day).has(early)


@given(strategies.selections(), strategies.plans())
def test_a_selection_has_what_all_its_parts_have(select: csp.Selection, plan: csp.Plan) -> None:
    parts = (
        csp.Selection(actors=select.actors),
        csp.Selection(actions=select.actions),
        csp.Selection(first_day=select.first_day),
        csp.Selection(last_day=select.last_day),
    )
    every: tuple[csp.Step | csp.Deadline, ...] = (*plan.steps, *plan.deadlines)
    for one in every:
        assert select.has(one) == all(part.has(one) for part in parts)
        assert csp.Selection().has(one)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"actors": {"customer"}}, "actors: 'customer'; expected a Actor (not its text), one of "),
        ({"actions": "provision"}, "actions: 'provision'; expected a collection of Action"),
        ({"actors": 3}, "actors: 3; expected a collection of Actor"),
        ({"first_day": "2026-03-01"}, "first_day: '2026-03-01'; expected a day"),
        (
            {"first_day": date(2026, 3, 2), "last_day": date(2026, 3, 1)},
            "last_day: 2026-03-01; expected a day not before first_day, 2026-03-02",
        ),
    ],
)
def test_a_selection_that_can_be_none_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue)) as caught:
        csp.Selection(**asked)
    assert str(caught.value).startswith(said)


def test_what_is_no_selection_is_refused() -> None:
    for ask in (lambda: events(PLAN, select={}), lambda: frames.deadlines(PLAN, select={})):  # type: ignore[arg-type]
        with pytest.raises(csp.InvalidType, match=r"^select: {}; expected a Selection$"):
            ask()
    with pytest.raises(csp.InvalidType, match=r"^grouped: 1; expected True or False$"):
        events(PLAN, grouped=1)
