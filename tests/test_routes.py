"""Every way compared: worked cases, the source's own example, and the laws of their order."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from facts import BASIC, OTHER, day, questions, replacement, subscription, subscriptions, transfer
from hypothesis import given
from hypothesis import strategies as st
from laws import tried
from moves import with_a_dead_one

import csp_transfer as csp
from csp_transfer import Way
from csp_transfer.catalogue import rules
from csp_transfer.parts import Situation, best_first, gate_of
from csp_transfer.planner import plan_with_places
from csp_transfer.rules.capacity import is_moved
from csp_transfer.ways import part_of

TODAY = date(2026, 11, 22)
YEAR = csp.Term.starting(date(2026, 2, 1), "P1Y")  # ends with 2027-01-31, without a free window
YEAR_BEFORE = csp.Term.starting(
    date(2025, 5, 1), "P1Y"
)  # ends with 2026-04-30, the last one with a free window
KNOWN = BASIC.evolve(monthly=True, extended_service=True)
PRICE = csp.Price(amount=Decimal("73.00"), currency="EUR", cycle=csp.Cycle.YEAR)  # 0.20 a day


def now(**changes: Any) -> csp.Subscription:
    return subscription(**{"term": YEAR, "offer": KNOWN, "price": PRICE, "auto_renew": True} | changes)


def routes(*subs: csp.Subscription, on: date = TODAY, **changes: Any) -> dict[Way, csp.Route]:
    compared = csp.compare_routes(transfer(*(subs or (now(),)), **changes), as_of=on)
    return {route.way: route for route in compared if route.way is not None}


def best_of_each(*subs: csp.Subscription, on: date = TODAY, **changes: Any) -> csp.Route:
    compared = csp.compare_routes(transfer(*subs, **changes), as_of=on)
    [mix] = [route for route in compared if route.way is None]
    return mix


NONE, POSSIBLE, CERTAIN = csp.Risk.NONE, csp.Risk.POSSIBLE, csp.Risk.CERTAIN
LAST = date(2027, 1, 31)
NEXT = date(2028, 1, 31)
# way → first and last day to act, day it moves, days without access, days paid twice, disruption, data loss, cost
OPEN: dict[Way, tuple[Any, ...]] = {
    Way.PARTNER_CENTER_TRANSFER: (TODAY, LAST, TODAY, 0, 0, NONE, NONE, "0.00"),
    Way.PROVISION_THEN_EXPIRE: (TODAY, LAST, LAST, 0, 1, NONE, NONE, "5.00"),
    Way.EXTEND_AND_MOVE: (TODAY, LAST, date(2027, 2, 1), 0, 1, NONE, NONE, "5.15"),  # a day at 3 percent more
    Way.RENEW_AND_WAIT: (TODAY, LAST, NEXT, 0, 1, NONE, NONE, "5.00"),
    Way.EXPIRE_THEN_REBUY: (
        TODAY,  # a cancellation at the end must be chosen first
        LAST,
        date(2027, 2, 1),
        1,
        0,
        CERTAIN,
        POSSIBLE,
        "0.00",
    ),
}


@pytest.mark.parametrize("way", OPEN)
def test_each_way_of_an_ordinary_subscription(way: Way) -> None:
    route = routes()[way]
    [part] = route.parts
    assert route.available
    first_day, last_day, moves_on, without, twice, disruption, data_loss, cost = OPEN[way]
    assert (part.first_day, part.last_day, part.moves_on) == (first_day, last_day, moves_on)
    assert (route.days_without_access, route.paid_twice_days) == (without, twice)
    assert (route.disruption, route.data_loss) == (disruption, data_loss)
    assert str(route.cost) == f"{cost} EUR"
    assert not part.reassign_licenses


def test_best_first_and_what_is_not_open_last() -> None:
    assert list(routes()) == [
        Way.PARTNER_CENTER_TRANSFER,
        Way.PROVISION_THEN_EXPIRE,
        Way.RENEW_AND_WAIT,
        Way.EXTEND_AND_MOVE,
        Way.EXPIRE_THEN_REBUY,
        Way.CANCEL_AND_REBUY,
    ]


def test_without_a_price_days_paid_twice_decide_and_then_effort() -> None:
    assert list(routes(now(price=None)))[:4] == [
        Way.PARTNER_CENTER_TRANSFER,
        Way.PROVISION_THEN_EXPIRE,
        Way.EXTEND_AND_MOVE,
        Way.RENEW_AND_WAIT,
    ]
    assert routes(now(price=None))[Way.PROVISION_THEN_EXPIRE].cost is None


def test_soon_after_purchase_it_can_be_cancelled_and_bought_again() -> None:
    fresh = now(term=csp.Term.starting(date(2026, 11, 20), "P1Y"))
    route = routes(fresh)[Way.CANCEL_AND_REBUY]
    assert route.available
    assert (route.first_day, route.last_day, route.paid_twice_days) == (TODAY, date(2026, 11, 26), 1)
    assert str(route.cost) == "5.00 EUR"
    assert [(str(s.action), s.rule) for s in route.steps] == [("provision", "END-005"), ("cancel", "CXL-001")]
    assert routes(fresh, on=date(2026, 11, 26))[Way.CANCEL_AND_REBUY].available
    closing = routes(fresh, on=date(2026, 11, 27))[Way.CANCEL_AND_REBUY]  # at an hour that is not known
    assert (closing.available, closing.last_day) == (True, date(2026, 11, 27))
    assert "refund-closing" in {f.case for f in closing.cautions}
    assert not routes(fresh, on=date(2026, 11, 28))[Way.CANCEL_AND_REBUY].available


def test_the_sources_own_example_of_who_pays() -> None:
    bought = subscription(term=csp.Term.starting(date(2024, 4, 10), "P1Y"))
    route = routes(bought, on=date(2024, 6, 15))[Way.PARTNER_CENTER_TRANSFER]
    [split] = [f for f in route.findings if f.case == "split"]
    assert split.facts == {
        "until_day": date(2024, 6, 14),
        "first_day": date(2024, 6, 15),
        "last_day": date(2025, 4, 9),
    }
    assert csp.Actor.SOURCE_PARTNER in route.agree


@pytest.mark.parametrize(("count", "needed"), [(1, 1), (25, 1), (26, 2), (50, 2), (51, 3)])
def test_requests_hold_25_and_lapse_after_30_days(count: int, needed: int) -> None:
    route = routes(*(now(id=f"s{n}") for n in range(count)))[Way.PARTNER_CENTER_TRANSFER]
    [found] = [f for f in route.findings if f.case == "requests"]
    assert (found.facts["requests"], found.facts["until_day"]) == (needed, date(2026, 12, 22))


@pytest.mark.parametrize(
    ("facts", "changes", "rule_case"),
    [
        ({"channel": csp.Channel.WEB_DIRECT}, {}, "PCT-003 not-new-commerce"),
        ({"legacy": True}, {}, "PCT-003 not-new-commerce"),
        ({"status": csp.Status.SUSPENDED}, {}, "PCT-003 not-active"),
        ({}, {"target_tenant": csp.Tenant(id="newco", country="JP")}, "PCT-003 another-tenant"),
        (
            {},
            {"replacements": {"83ef9d05": replacement(offer=OTHER, provision_on=None)}},
            "PCT-002 nothing-changes",
        ),
        ({}, {"customer": csp.Tenant(id="contoso", country="KR")}, "ELG-003 other-region"),
        ({"status": csp.Status.UNKNOWN}, {}, "LIF-001 status-unclear"),
    ],
)
def test_a_transfer_in_mid_term_is_not_for_everything(facts: Any, changes: Any, rule_case: str) -> None:
    route = routes(now(**facts), **changes)[Way.PARTNER_CENTER_TRANSFER]
    assert not route.available
    assert rule_case in {f"{f.rule} {f.case}" for f in route.findings}


def test_no_duplicate_where_the_tenant_is_full() -> None:
    by_way = routes(tenant_subscriptions=300)
    closed = {way for way, route in by_way.items() if not route.available}
    overlapping = {Way.PROVISION_THEN_EXPIRE, Way.EXTEND_AND_MOVE, Way.CANCEL_AND_REBUY}
    assert closed == overlapping | {Way.RENEW_AND_WAIT}
    fresh = now(term=csp.Term.starting(date(2026, 11, 20), "P1Y"))
    assert not routes(fresh, tenant_subscriptions=300)[Way.CANCEL_AND_REBUY].available
    many = [now(id=f"s{n}") for n in range(151)]
    assert not routes(*many)[Way.PROVISION_THEN_EXPIRE].available
    beside = routes(*many, tenant_subscriptions=151)[Way.PROVISION_THEN_EXPIRE]
    assert len(beside.exceptions) == 2  # 300 less 151 are 149
    two = [now(), now(id="2")]
    fits = routes(*two, tenant_subscriptions=298)[Way.PROVISION_THEN_EXPIRE]
    assert (fits.available, fits.exceptions) == (True, ())
    full = routes(*two, tenant_subscriptions=299)[Way.PROVISION_THEN_EXPIRE]
    assert (full.available, full.exceptions) == (True, ("83ef9d05",))
    assert {"batches", "waits"} <= {f.case for f in full.findings}


def test_where_a_tenant_has_room_for_more_than_the_guide_allows_they_fit() -> None:
    roomy = csp.IN_FORCE.evolve(most_duplicates=2)
    move = transfer(*(now(id=f"s{n}") for n in range(3)), tenant_subscriptions=3)
    by_way = {r.way: r for r in csp.compare_routes(move, as_of=TODAY, policy=roomy)}
    assert by_way[Way.PROVISION_THEN_EXPIRE].available


def test_a_transfer_does_not_keep_a_term_from_ending() -> None:
    for facts in (
        {"auto_renew": False},
        {"at_term_end": csp.TermEnd.CANCEL},
        {"at_term_end": csp.TermEnd.CHANGE},
    ):
        route = routes(now(**facts))[Way.PARTNER_CENTER_TRANSFER]
        assert (route.disruption, route.data_loss) == (POSSIBLE, POSSIBLE)
        assert "still-ends" in {f.case for f in route.findings}


def test_the_source_partner_must_be_in_the_tenants_region_too() -> None:
    abroad = routes(source=csp.Partner(id="northwind", country="KR"))
    assert not abroad[Way.PARTNER_CENTER_TRANSFER].available


def test_who_has_no_access_already_does_not_wait() -> None:
    part = routes(now(status=csp.Status.SUSPENDED))[Way.PROVISION_THEN_EXPIRE].parts[0]
    assert part.moves_on == TODAY
    assert part.days_without_access == 1


def test_cancelling_hides_no_risk_and_ends_with_the_term() -> None:
    fresh = now(term=csp.Term.starting(date(2026, 11, 20), "P1Y"))
    fewer = {"83ef9d05": replacement(offer=OTHER, quantity=10, provision_on=None)}
    route = routes(fresh, replacements=fewer)[Way.CANCEL_AND_REBUY]
    assert {"RSK-001", "RSK-002", "CXL-001"} <= {f.rule for f in route.findings}
    late = now(cancellation_allowed_until=datetime(2030, 1, 1, tzinfo=UTC))
    assert routes(late)[Way.CANCEL_AND_REBUY].last_day == LAST


def test_a_renewed_term_is_ended_by_a_choice_where_no_window_follows() -> None:
    steps = [str(s.action) for s in routes()[Way.RENEW_AND_WAIT].steps]
    assert steps == ["choose_cancellation", "provision"]
    assert not routes(tenant_subscriptions=300)[Way.RENEW_AND_WAIT].available


def test_what_is_disabled_still_is_not_deleted_whatever_the_dates_say() -> None:
    outlived = now(
        term=csp.Term.starting(date(2024, 11, 1), "P1Y"), status=csp.Status.DISABLED, auto_renew=False
    )
    [part] = routes(outlived)[Way.EXPIRE_THEN_REBUY].parts
    assert (part.moves_on, part.disruption, part.data_loss) == (TODAY, CERTAIN, POSSIBLE)
    assert "END-005 after-deletion" not in {f"{f.rule} {f.case}" for f in part.findings}
    later = {"83ef9d05": replacement(provision_on=TODAY + timedelta(days=1))}
    [part] = routes(outlived, replacements=later)[Way.EXPIRE_THEN_REBUY].parts
    assert (part.moves_on, part.disruption, part.data_loss) == (
        TODAY + timedelta(days=1),
        CERTAIN,
        POSSIBLE,
    )


def test_what_expired_did_not_go_on_whatever_was_scheduled() -> None:
    over = now(
        term=csp.Term.starting(date(2025, 11, 1), "P1Y"),
        status=csp.Status.EXPIRED,
        at_term_end=csp.TermEnd.EXTEND,
    )
    a = csp.assess(over, as_of=TODAY, policy=csp.IN_FORCE)
    assert a.provisioning is not None
    assert (a.provisioning.earliest, a.provisioning.latest) == (TODAY, date(2027, 1, 29))
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (CERTAIN, POSSIBLE)
    plan = csp.plan_transfer(transfer(over, relationship_accepted=True), as_of=TODAY, policy=csp.IN_FORCE)
    assert [str(s.action) for s in plan.steps] == ["provision"]


def test_the_end_of_the_calendar_closes_waiting_only() -> None:
    last = now(term=csp.Term(first_day=date(8998, 7, 1), last_day=date(8999, 6, 30)))
    by_way = routes(last, on=date(8999, 1, 1))
    assert not by_way[Way.RENEW_AND_WAIT].available
    assert by_way[Way.PROVISION_THEN_EXPIRE].available


def test_before_it_begins_nothing_is_transferred() -> None:
    coming = now(term=csp.Term.starting(date(2027, 2, 1), "P1Y"))
    assert not routes(coming)[Way.PARTNER_CENTER_TRANSFER].available


def test_first_to_act_is_never_after_the_last() -> None:
    early = [
        now(id=i, term=csp.Term(first_day=date(2025, 5, 1), last_day=d))
        for i, d in (("a", date(2026, 3, 31)), ("b", date(2026, 5, 3)))
    ]
    for route in routes(*early, on=date(2026, 3, 1)).values():
        if route.first_day is not None and route.last_day is not None:
            assert route.first_day <= route.last_day


# It has renewed, from an anchor on the 31st: by one reading its term ends with the 29th, by another with the 27th.
DISPUTED = now(term=csp.Term.starting(date(2023, 1, 31), "P1M"))


@pytest.mark.parametrize(
    ("on", "by"), [(date(2026, 11, 10), date(2026, 11, 27)), (date(2026, 11, 28), date(2026, 11, 28))]
)
def test_every_way_is_due_by_the_earlier_of_two_ends(on: date, by: date) -> None:
    by_way = {way: route for way, route in routes(DISPUTED, on=on).items() if route.available}
    assert by_way.keys() == set(Way) - {Way.CANCEL_AND_REBUY}
    assert {route.last_day for route in by_way.values()} == {by}
    plan = csp.plan_transfer(transfer(DISPUTED), as_of=on, policy=csp.IN_FORCE, way=Way.EXTEND_AND_MOVE)
    [choose] = [s for s in plan.steps if s.action is csp.Action.CHOOSE_EXTENSION]
    assert (choose.last_day, choose.doubted_day) == (by, date(2026, 11, 29))
    # and the table of a way shows the other day beside it
    for way in (Way.EXTEND_AND_MOVE, Way.PARTNER_CENTER_TRANSFER, Way.PROVISION_THEN_EXPIRE):
        assert f"{by} (RNW-001!: perhaps 2026-11-29)" in by_way[way].to_markdown()
    requested = by_way[Way.PARTNER_CENTER_TRANSFER].steps
    assert [(s.last_day, s.doubted_day) for s in requested] == [(by, date(2026, 11, 29))] * 2


def test_by_the_guide_it_is_cancelled_by_the_earlier_of_two_ends() -> None:
    compared = csp.compare_routes(transfer(DISPUTED), as_of=date(2026, 11, 10), policy=csp.GUIDE)
    [route] = [route for route in compared if route.way is Way.CANCEL_AND_REBUY]
    assert {(s.last_day, s.doubted_day) for s in route.steps} == {(date(2026, 11, 27), date(2026, 11, 29))}


@pytest.mark.parametrize(
    ("other_end", "later"),
    [(27, None), (28, date(2026, 11, 28)), (29, date(2026, 11, 29)), (30, date(2026, 11, 29))],
)
def test_no_later_day_is_shown_for_all_than_is_sure_for_each(other_end: int, later: date | None) -> None:
    sure = now(id="sure", term=csp.Term(first_day=date(2026, 10, 1), last_day=date(2026, 11, other_end)))
    by_way = routes(DISPUTED, sure, on=date(2026, 11, 10))
    for way in (Way.PARTNER_CENTER_TRANSFER, Way.PROVISION_THEN_EXPIRE, Way.EXTEND_AND_MOVE):
        assert by_way[way].last_day == date(2026, 11, 27)
        beside = f"2026-11-27 (RNW-001!: perhaps {later})"
        assert (beside if later else "| 2026-11-27 |") in by_way[way].to_markdown()
    request, submit = by_way[Way.PARTNER_CENTER_TRANSFER].steps
    assert request.subjects == submit.subjects
    assert request.doubted_day == submit.doubted_day == later


def test_the_rule_beside_the_later_day_is_that_of_the_first_that_is_due() -> None:
    sure = now(id="sure", term=csp.Term(first_day=date(2026, 10, 1), last_day=date(2026, 11, 29)))
    for order in ((sure, DISPUTED), (DISPUTED, sure)):
        route = routes(*order, on=date(2026, 11, 10))[Way.PROVISION_THEN_EXPIRE]
        assert "2026-11-27 (RNW-001!: perhaps 2026-11-29)" in route.to_markdown()


def test_no_later_day_is_shown_beside_one_on_which_nothing_is_to_be_done() -> None:
    route = routes(DISPUTED, now(id="other"), on=date(2026, 11, 10))[Way.PROVISION_THEN_EXPIRE]
    first, other = route.parts
    waits = other.evolve(last_day=first.last_day, steps=())
    assert "| 2026-11-27 |" in route.evolve(parts=(first, waits)).to_markdown()


def test_a_credit_is_asked_for_by_the_earlier_of_two_ends() -> None:
    move = transfer(DISPUTED.evolve(channel=csp.Channel.WEB_DIRECT))
    plan = csp.plan_transfer(move, as_of=date(2026, 11, 10))
    asks = [s for s in plan.steps if s.action in (csp.Action.ASK_FOR_CREDIT, csp.Action.DECIDE_CREDIT)]
    assert [(s.last_day, s.doubted_day) for s in asks] == [(date(2026, 11, 27), date(2026, 11, 29))] * 2
    assert all("RNW-001" in s.cautions for s in asks)
    # whose day is in no doubt
    sure = csp.plan_transfer(transfer(now(channel=csp.Channel.WEB_DIRECT)), as_of=TODAY)
    [ask] = [s for s in sure.steps if s.action is csp.Action.ASK_FOR_CREDIT]
    assert (ask.last_day, ask.doubted_day, ask.cautions) == (LAST, None, ())


def with_a_place_from(place: date, sub: csp.Subscription, way: Way, on: date = TODAY) -> csp.RoutePart:
    """What a way does for a subscription that has a place of the tenant's from a day on."""
    move = transfer(sub, relationship_accepted=True)
    a, gate = csp.assess(sub, as_of=on, policy=csp.IN_FORCE), gate_of(move, on, csp.IN_FORCE)
    return part_of(Situation(transfer=move, a=a, gate=gate, place=place), way)


def test_what_is_over_is_bought_again_only_where_its_place_comes_in_time() -> None:
    over = now(term=YEAR_BEFORE, status=csp.Status.EXPIRED, auto_renew=False)
    on, last = date(2026, 5, 10), date(2026, 5, 30)  # of a free window, which there was until then
    in_time = with_a_place_from(last, over, Way.EXPIRE_THEN_REBUY, on)
    assert [(s.first_day, s.last_day) for s in in_time.steps] == [(last, last)]
    late = with_a_place_from(last + timedelta(days=1), over, Way.EXPIRE_THEN_REBUY, on)
    assert (late.available, [f.case for f in late.findings]) == (False, ["waits"])


def test_after_a_renewal_too_it_waits_for_its_place() -> None:
    at_once = with_a_place_from(TODAY, now(), Way.RENEW_AND_WAIT)
    assert [s.first_day for s in at_once.steps] == [date(2027, 2, 2)] * 2
    waits = with_a_place_from(date(2027, 6, 1), now(), Way.RENEW_AND_WAIT)
    assert [s.first_day for s in waits.steps] == [date(2027, 2, 2), date(2027, 6, 1)]


def test_too_many_bar_a_duplicate_and_nothing_else_does() -> None:
    many = [now(id=f"s{n}") for n in range(151)]
    barred = routes(*many, unread=3)[Way.PROVISION_THEN_EXPIRE]
    assert {f.case for part in barred.parts for f in part.findings} == {"over"}


def test_nothing_is_charged_for_days_on_which_nothing_changes() -> None:
    [next_day] = routes()[Way.EXPIRE_THEN_REBUY].parts
    assert (next_day.moves_on, next_day.charges) == (date(2027, 2, 1), ())
    over = now(term=YEAR_BEFORE, status=csp.Status.EXPIRED, auto_renew=False)
    [later] = routes(over, on=date(2026, 5, 20))[Way.EXPIRE_THEN_REBUY].parts
    assert (later.moves_on, later.charges, str(later.cost)) == (date(2026, 5, 20), (), "0.00 EUR")


def test_fewer_in_the_tenant_than_are_active_here_cannot_be() -> None:
    with pytest.raises(csp.InvalidValue, match="tenant_subscriptions: 1; expected at least 2"):
        transfer(now(), now(id="2"), tenant_subscriptions=1)


def test_an_extension_is_only_for_terms_without_a_free_window() -> None:
    early = now(term=csp.Term.starting(date(2025, 4, 1), "P1Y"))
    assert not routes(early, on=date(2026, 3, 1))[Way.EXTEND_AND_MOVE].available
    assert not routes(now(offer=BASIC.evolve(extended_service=False)))[Way.EXTEND_AND_MOVE].available
    steps = [str(s.action) for s in routes()[Way.EXTEND_AND_MOVE].steps]
    assert steps == ["choose_extension", "provision", "end_extension"]
    chosen = routes(now(at_term_end=csp.TermEnd.EXTEND))[Way.EXTEND_AND_MOVE]
    assert [str(s.action) for s in chosen.steps] == ["provision", "end_extension"]


@pytest.mark.parametrize(("monthly", "cost"), [(True, "5.15"), (False, "6.15"), (None, "6.15")])
def test_an_extension_costs_its_percent_and_the_dearer_one_if_nobody_knows(
    monthly: bool | None, cost: str
) -> None:
    route = routes(now(offer=KNOWN.evolve(monthly=monthly)))[Way.EXTEND_AND_MOVE]
    assert str(route.cost) == f"{cost} EUR"


def test_in_the_free_window_buying_again_costs_nobody_anything() -> None:
    early = now(term=csp.Term.starting(date(2025, 4, 1), "P1Y"), auto_renew=True)
    part = routes(early, on=date(2026, 3, 1))[Way.EXPIRE_THEN_REBUY].parts[0]
    assert (part.disruption, part.data_loss, part.days_without_access) == (NONE, NONE, 0)
    assert (part.moves_on, part.last_day) == (day(1), day(0)), "auto-renew must be off by the last day"
    assert (part.steps[-1].first_day, part.steps[-1].last_day) == (day(1), day(30))
    assert [str(s.action) for s in part.steps] == ["turn_off_auto_renew", "provision"]


def test_once_it_has_expired_one_buys_again_within_the_window() -> None:
    term = csp.Term.starting(date(2025, 4, 1), "P1Y")
    over = now(term=term, status=csp.Status.EXPIRED, auto_renew=False)
    [part] = routes(over, on=day(10))[Way.EXPIRE_THEN_REBUY].parts
    assert (part.first_day, part.last_day, part.moves_on) == (day(10), day(30), day(10))


@pytest.mark.parametrize(("chosen", "marked"), [(29, False), (30, False), (31, True)])
def test_buying_again_is_in_time_through_the_windows_last_day(chosen: int, marked: bool) -> None:
    early = now(term=csp.Term.starting(date(2025, 4, 1), "P1Y"))
    planned = {"83ef9d05": replacement(provision_on=day(chosen))}
    [part] = routes(early, on=date(2026, 3, 1), replacements=planned)[Way.EXPIRE_THEN_REBUY].parts
    assert (part.steps[-1].first_day, part.steps[-1].last_day) == (day(chosen), day(chosen))
    assert ("END-005" in part.steps[-1].cautions) == marked
    assert part.disruption is (CERTAIN if marked else NONE)


@pytest.mark.parametrize(
    ("chosen", "first_day", "moves_on"),
    [(-1, date(2027, 1, 30), date(2027, 1, 30)), (0, LAST, LAST), (1, TODAY, LAST)],
)
def test_a_day_up_to_the_last_is_kept_where_a_duplicate_stands_beside(
    chosen: int, first_day: date, moves_on: date
) -> None:
    planned = {"83ef9d05": replacement(provision_on=LAST + timedelta(days=chosen))}
    [part] = routes(replacements=planned)[Way.PROVISION_THEN_EXPIRE].parts
    assert (part.steps[-1].first_day, part.steps[-1].last_day) == (first_day, moves_on)
    assert part.moves_on == moves_on


@pytest.mark.parametrize("scheduled", [csp.TermEnd.EXTEND, csp.TermEnd.RENEW, None])
def test_buying_again_is_judged_as_of_what_ends(scheduled: csp.TermEnd | None) -> None:
    [part] = routes(now(at_term_end=scheduled))[Way.EXPIRE_THEN_REBUY].parts
    assert (part.disruption, part.data_loss, part.days_without_access) == (CERTAIN, POSSIBLE, 1)
    assert [f"{f.rule} {f.case}" for f in part.findings] == ["END-005 after-window", "EST-001 at-once"]


@pytest.mark.parametrize("status", [csp.Status.ACTIVE, csp.Status.SUSPENDED], ids=str)
@pytest.mark.parametrize(
    ("disabled_days", "last_day"), [(0, None), (1, date(2027, 2, 1)), (2, date(2027, 2, 2))]
)
def test_in_a_what_if_that_leaves_nothing_to_save_buying_again_has_no_last_day(
    status: csp.Status, disabled_days: int, last_day: date | None
) -> None:
    policy = csp.IN_FORCE.evolve(suspended_days=0, disabled_days=disabled_days)
    compared = csp.compare_routes(transfer(now(status=status)), as_of=TODAY, policy=policy)
    [part] = next(r for r in compared if r.way is Way.EXPIRE_THEN_REBUY).parts
    assert (part.steps[-1].first_day, part.steps[-1].last_day) == (date(2027, 2, 1), last_day)


def test_under_the_guide_no_cancellation_is_scheduled_by_buying_again() -> None:
    compared = csp.compare_routes(transfer(now(auto_renew=False)), as_of=TODAY, policy=csp.GUIDE)
    [part] = next(r for r in compared if r.way is Way.EXPIRE_THEN_REBUY).parts
    assert [f"{f.rule} {f.case}" for f in part.findings] == ["END-005 in-doubt", "EST-001 no-free-window"]
    assert (part.disruption, part.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)


@pytest.mark.parametrize(("grace_days", "bridges"), [(0, True), (1, False), (30, False)])
def test_with_a_window_of_a_single_day_nothing_is_extended(grace_days: int, bridges: bool) -> None:
    policy = csp.IN_FORCE.evolve(grace_days=grace_days)
    compared = csp.compare_routes(transfer(now()), as_of=TODAY, policy=policy)
    assert next(r for r in compared if r.way is Way.EXTEND_AND_MOVE).available == bridges


@pytest.mark.parametrize("way", [Way.EXTEND_AND_MOVE, Way.RENEW_AND_WAIT])
def test_what_is_suspended_or_over_neither_extends_nor_renews(way: Way) -> None:
    assert routes()[way].available
    over = routes(now(auto_renew=False, status=csp.Status.EXPIRED), on=LAST + timedelta(days=1))[way]
    for closed in (routes(now(status=csp.Status.SUSPENDED))[way], over):
        assert not closed.available
        assert "END-001 term-over" in {f"{f.rule} {f.case}" for f in closed.findings}


def test_an_extension_says_of_the_room_only_that_it_takes_batches() -> None:
    [part] = routes(tenant_subscriptions=300)[Way.EXPIRE_THEN_REBUY].parts
    assert not {f.rule for f in part.findings} & {"CAP-001", "CAP-003"}
    roomy = routes(tenant_subscriptions=200)[Way.EXTEND_AND_MOVE]
    assert {f.rule for f in roomy.parts[0].findings} == {"DBL-001", "RSK-001", "EST-002"}
    two = routes(now(), now(id="2"), tenant_subscriptions=299)[Way.EXTEND_AND_MOVE]
    for one in two.parts:
        said = {(f.rule, f.case) for f in one.findings if f.rule not in ("DBL-001", "RSK-001", "EST-002")}
        assert said == {("CAP-003", "batches")}
    extended = now(extended=True, term=csp.Term.starting(date(2026, 11, 6), "P1M"))
    ended = routes(extended, extended.evolve(id="2"), tenant_subscriptions=299)[Way.EXTEND_AND_MOVE]
    assert ended.last_day is None
    assert "| yes | 2026-11-22 | - |" in ended.to_markdown()  # until it is ended, there is no limit
    for one in ended.parts:
        said = {(f.rule, f.case) for f in one.findings if f.rule not in ("DBL-001", "RSK-001", "END-002")}
        assert said == {("CAP-003", "batches")}


def test_what_waits_for_a_renewal_has_its_place_until_the_renewed_term_ends() -> None:
    route = routes(now(), now(id="2"), tenant_subscriptions=299)[Way.RENEW_AND_WAIT]
    assert [(part.subscription, part.available) for part in route.parts] == [("83ef9d05", False), ("2", True)]


def test_waiting_needs_a_renewal_whose_end_is_known() -> None:
    assert not routes(now(length_known=False))[Way.RENEW_AND_WAIT].available
    off = routes(now(auto_renew=False))[Way.RENEW_AND_WAIT]
    assert str(off.steps[0].action) == "keep_renewing"


def test_reassigning_licences_is_a_step_of_each_way() -> None:
    other = {"83ef9d05": replacement(offer=OTHER, provision_on=None)}
    for admin, actor in ((True, csp.Actor.DESTINATION_PARTNER), (False, csp.Actor.CUSTOMER)):
        answers = routes(replacements=other, delegated_admin=admin)
        for way in (Way.PROVISION_THEN_EXPIRE, Way.EXPIRE_THEN_REBUY):  # the second provisions after the end
            [step] = [s for s in answers[way].steps if s.action is csp.Action.REASSIGN_LICENCES]
            assert (step.actor, step.or_actor) == (actor, None)


def test_under_the_guide_only_its_own_ways_are_open() -> None:
    compared = csp.compare_routes(transfer(now()), as_of=TODAY, policy=csp.GUIDE)
    assert {r.way for r in compared if r.available} == {
        Way.PROVISION_THEN_EXPIRE,
        Way.EXPIRE_THEN_REBUY,
        Way.CANCEL_AND_REBUY,
        Way.RENEW_AND_WAIT,
        None,  # the best of each
    }


def test_what_is_provisioned_already_has_no_way_left_to_choose() -> None:
    done = {"83ef9d05": replacement(provision_on=date(2026, 11, 1))}
    by_way = routes(replacements=done, relationship_accepted=True)
    assert not any(route.available or route.parts for route in by_way.values())


# ---- what it costs, day by day -------------------------------------------------------------------------------------


def by_the_day(part: csp.RoutePart, sub: csp.Subscription) -> Fraction:
    """What a way costs beyond going on as today, from what is paid on each day; a price of a year."""
    assert sub.price is not None
    daily = Fraction(sub.price.amount) / 365 * sub.quantity
    bridged = {"monthly": Fraction(103, 100), "none": Fraction(123, 100)}[
        "monthly" if sub.offer.monthly else "none"
    ]
    last_day = sub.term.last_day
    moves_on = part.moves_on
    assert moves_on is not None
    total = Fraction(0)
    for n in range((NEXT - TODAY).days + 400):
        day = TODAY + timedelta(days=n)
        old = Fraction(day <= last_day)
        new = Fraction(day >= moves_on)
        if part.way is Way.PARTNER_CENTER_TRANSFER:  # it goes on, whoever is paid
            old, new = Fraction(1), Fraction(0)
        elif part.way is Way.CANCEL_AND_REBUY:  # the rest of the term is refunded
            old = Fraction(day <= moves_on)
        elif part.way is Way.EXTEND_AND_MOVE and last_day < day <= moves_on:
            old = bridged
        elif part.way is Way.RENEW_AND_WAIT:
            old = Fraction(day <= NEXT)
        total += (old + new - 1) * daily
    return total


@pytest.mark.parametrize("monthly", [True, False])
@pytest.mark.parametrize(
    ("facts", "chosen"),
    [
        ({}, None),
        ({}, -20),
        ({}, 1),
        ({}, 40),
        ({"status": csp.Status.SUSPENDED, "auto_renew": False}, None),
        ({"term": csp.Term(first_day=date(2026, 11, 20), last_day=LAST), "length_known": False}, None),
    ],
)
def test_every_cost_is_a_sum_over_days(facts: Any, chosen: int | None, monthly: bool) -> None:
    sub = now(offer=KNOWN.evolve(monthly=monthly), **facts)
    days = None if chosen is None else LAST + timedelta(days=chosen)
    like = {sub.id: csp.Replacement(offer=sub.offer, quantity=25, provision_on=days)}
    for route in routes(sub, replacements=like).values():
        for part in route.parts:
            if part.available:
                assert part.cost is not None
                assert abs(Fraction(part.cost.amount) - by_the_day(part, sub)) < Fraction(1, 1000), part.way
                each = [c.days * c.percent for c in part.charges]
                assert abs(Fraction(part.cost.amount) - 5 * Fraction(sum(each), 100)) < Fraction(1, 1000)


def test_days_bridged_by_an_extension_are_paid_at_its_rate() -> None:
    dear = csp.Price(amount=Decimal(1200), currency="EUR", cycle=csp.Cycle.YEAR)
    five = now(quantity=5, price=dear, offer=KNOWN.evolve(monthly=False))
    later = date(2028, 1, 31)  # 364 days after the first one that could be bridged
    chosen = {five.id: csp.Replacement(offer=five.offer, quantity=5, provision_on=later)}
    [part] = routes(five, replacements=chosen)[Way.EXTEND_AND_MOVE].parts
    assert part.charges == (
        csp.Charge(first_day=date(2027, 2, 1), last_day=date(2028, 1, 30), percent=23),
        csp.Charge(first_day=later, last_day=later, percent=123),
    )
    # 5 × 1200 / 365 × (364 × 0.23 + 1.23)
    assert str(part.cost) == "1396.44 EUR"
    assert part.paid_twice_days == 1


def test_days_that_nobody_pays_for_in_the_free_window_are_not_paid() -> None:
    early = now(term=csp.Term.starting(date(2025, 4, 1), "P1Y"))
    chosen = {early.id: replacement(offer=KNOWN, provision_on=day(11))}
    [part] = routes(early, on=date(2026, 3, 1), replacements=chosen)[Way.EXPIRE_THEN_REBUY].parts
    assert part.charges == (csp.Charge(first_day=day(1), last_day=day(10), percent=-100),)
    assert str(part.cost) == "-50.00 EUR"


# ---- what is not for all, and the best of each ---------------------------------------------------------------------


def test_one_that_is_dead_closes_no_way_for_the_others() -> None:
    dead = now(id="dead", status=csp.Status.DELETED)
    trial = now(id="trial", trial=True)
    by_way = routes(now(), dead, trial)
    moving = routes()
    for way, route in by_way.items():
        assert "lost-already" in {f.case for f in route.findings if f.subject == "dead"}
        if way is Way.CANCEL_AND_REBUY:
            continue
        assert (route.available, route.exceptions) == (True, ("dead",))
        alone = moving[way]
        assert (route.cost, route.disruption, route.data_loss) == (
            alone.cost,
            alone.disruption,
            alone.data_loss,
        )
        for text in (route.to_html(), route.to_markdown()):
            assert "Not open to: dead" in text
            assert "Its licences can be bought anew on any day" in text
        assert "この方法を選べないサブスクリプション: dead" in route.to_html("ja")


OUTLIVED = {"term": csp.Term.starting(date(2024, 11, 1), "P1Y"), "auto_renew": False}
CANCELED = {"status": csp.Status.CANCELED, "auto_renew": False}
# The facts of one beside an ordinary subscription, and why it is an exception of buying again, if it is one.
BESIDE: dict[str, tuple[dict[str, Any], str | None]] = {
    "Deleted": ({"status": csp.Status.DELETED}, "END-005 lost-already"),
    "Deleted, and over": (OUTLIVED | {"status": csp.Status.DELETED}, "END-005 lost-already"),
    "the backup over": (CANCELED | {"canceled_on": date(2026, 11, 15)}, "END-005 lost-already"),
    # its admins can still back data up, and there is something to lose
    "the last day for a backup": (CANCELED | {"canceled_on": date(2026, 11, 16)}, None),
    "cancelled on no known day": (CANCELED, None),
    # by the dates alone nothing is lost
    "Active, over for long": (OUTLIVED, "END-004 outdated"),
    "Disabled, over for long": (OUTLIVED | {"status": csp.Status.DISABLED}, None),
    "suspended": ({"status": csp.Status.SUSPENDED, "auto_renew": False}, None),
}


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
@pytest.mark.parametrize("tenant", [None, csp.Tenant(id="newco", country="JP")], ids=["own", "another"])
@pytest.mark.parametrize("kind", BESIDE)
def test_what_is_lost_already_is_lost_on_every_way_and_nothing_else_is(
    kind: str, tenant: csp.Tenant | None, policy: csp.Policy
) -> None:
    facts, why = BESIDE[kind]
    one = now(id="one", **facts)
    compared = csp.compare_routes(transfer(now(), one, target_tenant=tenant), as_of=TODAY, policy=policy)
    rebuy = next(route for route in compared if route.way is Way.EXPIRE_THEN_REBUY)
    assert rebuy.exceptions == (("one",) if why else ())
    for route in compared:
        said = {f"{f.rule} {f.case}" for f in route.findings if f.subject == "one"}
        assert ("END-005 lost-already" in said) == (why == "END-005 lost-already")
        if why:
            assert "one" in route.exceptions
            assert why in said


@pytest.mark.parametrize(
    ("facts", "changes", "said"),
    [
        ({"trial": True}, {}, {"TRL-001 not-moved"}),
        ({"quantity": 0}, {}, {"REL-002 no-licences"}),
        ({}, {"source": csp.Partner(id="fabrikam", country="JP")}, {"ELG-002 already-sold"}),
        # what the caller left out, and what is done
        ({}, {"replacements": {"one": csp.NOT_REPLACED}}, set()),
        (
            {},
            {
                "replacements": {"one": replacement(provision_on=date(2026, 11, 1))},
                "relationship_accepted": True,
            },
            set(),
        ),
    ],
    ids=["trial", "no licences", "sold already", "not replaced", "provisioned"],
)
def test_what_is_not_moved_is_no_exception_but_named_with_its_reason(
    facts: Any, changes: Any, said: set[str]
) -> None:
    portal = now(channel=csp.Channel.WEB_DIRECT)
    compared = csp.compare_routes(transfer(portal, now(id="one", **facts), **changes), as_of=TODAY)
    assert {route.way for route in compared if route.available} >= {Way.PROVISION_THEN_EXPIRE, None}
    for route in compared:
        assert "one" not in route.exceptions
        assert "one" not in {part.subscription for part in route.parts}
        assert {f"{f.rule} {f.case}" for f in route.findings if f.subject == "one"} == said
    text = next(route for route in compared if route.available).to_markdown()
    assert all(why.split()[0] in text for why in said if why != "REL-002 no-licences")


def test_of_a_customer_of_whom_all_is_lost_no_way_is_open_and_the_plan_buys_anew() -> None:
    dead = now(id="dead", status=csp.Status.DELETED)
    for route in (*routes(dead).values(), best_of_each(dead)):
        assert (route.available, route.exceptions) == (False, ("dead",))
        assert [(f.rule, f.case) for f in route.findings] == [("END-005", "lost-already")]
    plan = csp.plan_transfer(transfer(dead, relationship_accepted=True), as_of=TODAY, policy=csp.IN_FORCE)
    assert [(str(s.action), s.first_day, s.last_day) for s in plan.steps] == [
        ("provision", TODAY, None),
        ("reassign_licences", TODAY, None),
    ]
    assert plan.parts == ()
    assert plan.too_late[0].case == "gone"


PCT = Way.PARTNER_CENTER_TRANSFER


def test_the_best_of_each_goes_with_the_fewest_exceptions() -> None:
    direct = now(id="direct", channel=csp.Channel.WEB_DIRECT)
    dead = now(id="dead", status=csp.Status.DELETED)
    compared = csp.compare_routes(transfer(now(), direct), as_of=TODAY)
    # a transfer is the best, but not for what was bought from Microsoft
    assert [route.way for route in compared][:2] == [None, Way.PROVISION_THEN_EXPIRE]
    assert [part.way for part in compared[0].parts] == [PCT, Way.PROVISION_THEN_EXPIRE]
    assert str(compared[0].cost) == "5.00 EUR"
    assert "the best way of each" in compared[0].to_html()
    assert [f.facts["quantity"] for f in compared[0].findings if f.case == "requests"] == [1]
    mix = best_of_each(now(), direct, dead)
    assert (mix.available, mix.exceptions) == (True, ("dead",))
    assert [part.way for part in mix.parts] == [PCT, Way.PROVISION_THEN_EXPIRE]
    assert (mix.cost, mix.data_loss, mix.disruption) == (compared[0].cost, NONE, NONE)


def test_what_goes_no_way_is_an_exception_of_every_route_with_every_reason() -> None:
    unclear = now(id="unclear", status=csp.Status.UNKNOWN)
    for route in (*routes(now(), unclear).values(), best_of_each(now(), unclear)):
        assert "unclear" in route.exceptions
        assert ("LIF-001", "unclear") in {(f.rule, f.subject) for f in route.findings}
    alone = best_of_each(unclear)
    assert (alone.available, alone.parts, alone.exceptions) == (False, (), ("unclear",))
    assert "nothing-moved" not in {f.case for f in alone.findings}


def test_under_the_guide_the_best_of_each_is_of_the_guides_ways() -> None:
    compared = csp.compare_routes(transfer(now()), as_of=TODAY, policy=csp.GUIDE)
    [mix] = [route for route in compared if route.way is None]
    assert [part.way for part in mix.parts] == [compared[0].way]


def test_places_are_shared_on_a_route_as_in_a_plan() -> None:
    three = [now(id=f"s{n}") for n in range(3)]
    bridged = routes(*three, tenant_subscriptions=299)[Way.EXTEND_AND_MOVE]
    assert [part.moves_on for part in bridged.parts] == [date(2027, 2, n) for n in (1, 2, 3)]
    assert bridged.exceptions == ()


# ---- laws ----------------------------------------------------------------------------------------------------------

few = tried(1 / 3)
AT_THE_END = {
    *(csp.Action.TURN_OFF_AUTO_RENEW, csp.Action.UNDO_SCHEDULE, csp.Action.KEEP_RENEWING),
    *(csp.Action.CHOOSE_CANCELLATION, csp.Action.CHOOSE_EXTENSION),
    *(csp.Action.REQUEST_TRANSFER, csp.Action.SUBMIT_TRANSFER, csp.Action.ASK_FOR_CREDIT),
}


@few
@given(questions(), st.sampled_from((csp.GUIDE, csp.IN_FORCE)))
def test_what_is_due_before_a_term_ends_is_due_by_the_earlier_of_two_ends(
    question: tuple[csp.Transfer, date], policy: csp.Policy
) -> None:
    move, as_of = question
    ends: dict[str, date] = {}
    for s in move.subscriptions:
        a = csp.assess(s, move.replacements.get(s.id), as_of=as_of, policy=policy)
        if a.last_days is not None and a.last_days[0] >= as_of:
            ends[s.id] = a.last_days[0]
    compared = csp.compare_routes(move, as_of=as_of, policy=policy)
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    for step in (*plan.steps, *(step for route in compared for step in route.steps)):
        if step.doubted_day is not None:  # some rule says why
            assert any(rules()[one].gives_another_day for one in step.cautions)
    for route in compared:
        for part in route.parts:
            end = ends.get(part.subscription)
            if end is None:
                continue
            own_term = [s for s in part.steps if s.action in AT_THE_END and s.first_day <= end]
            assert all(s.last_day is not None and s.last_day <= end for s in own_term)
            if own_term and part.way is not Way.CANCEL_AND_REBUY:
                assert part.last_day is not None
                assert part.last_day <= end


as_of_days = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@few
@given(questions())
def test_no_open_way_has_a_step_in_the_past_or_steps_that_exclude_each_other(
    question: tuple[csp.Transfer, date],
) -> None:
    move, as_of = question
    for route in csp.compare_routes(move, as_of=as_of):
        assert route.available == any(part.available for part in route.parts)
        closed = {part.subscription for part in route.parts if not part.available}
        assert closed <= set(route.exceptions)
        assert route.way is None or closed == set(route.exceptions)
        if route.exceptions:
            assert "; ".join(route.exceptions) in route.to_html() or not route.available
            assert route.findings, "exceptions, and nobody says why"
        for part in route.parts:
            if not part.available:
                assert part.findings, (part.way, "not open, and nobody says why")
                assert part.steps == ()
                continue
            assert part.moves_on is not None
            assert part.moves_on >= as_of
            for step in part.steps:
                assert step.first_day >= as_of
                assert step.last_day is None or step.last_day >= step.first_day
                # only what is bought, the customer may buy itself; who assigns it is said by delegated admin
                assert step.or_actor is None or step.action is csp.Action.PROVISION
            by_action = {step.action: step for step in part.steps}
            assert len(by_action) == len(part.steps), "a step twice"
            assert part.last_day is None or part.first_day is None or part.first_day <= part.last_day
            if part.way is csp.Way.RENEW_AND_WAIT:
                kept_until = by_action.pop(csp.Action.KEEP_RENEWING).last_day
                assert kept_until is not None
                assert all(kept_until < step.first_day for step in by_action.values())
            ends = {csp.Action.CHOOSE_CANCELLATION, csp.Action.CHOOSE_EXTENSION, csp.Action.CANCEL}
            assert len(ends & by_action.keys()) <= 1


@few
@given(questions())
def test_what_is_ranked_above_is_no_worse_in_all_that_counts_before(
    question: tuple[csp.Transfer, date],
) -> None:
    move, as_of = question
    compared = csp.compare_routes(move, as_of=as_of)
    assert {r.way for r in compared} == {*Way, None}
    assert len(compared) == len(Way) + 1
    keys = [
        (
            not r.available,
            len(r.exceptions),
            r.data_loss.rank,
            r.disruption.rank,
            r.days_without_access,
            r.paid_twice_days,
        )
        for r in compared
    ]
    for n, above in enumerate(keys):
        for below in keys[n + 1 :]:
            better = below != above and all(b <= a for a, b in zip(above, below, strict=True))
            assert not better, "one that is better in everything stands below"
    # removing the best, or any other, never makes a better best
    assert compared[0].available == any(r.available for r in compared)
    assert keys[0] == min(keys)


@few
@given(questions())
def test_a_plan_in_force_can_be_made_of_anything(question: tuple[csp.Transfer, date]) -> None:
    move, as_of = question
    made = csp.plan_transfer(move, as_of=as_of, policy=csp.IN_FORCE)
    assert csp.Plan.from_dict(made.to_dict()) == made
    assert made.to_text() != made.to_text("ja")
    for step in made.steps:
        assert step.last_day is None or step.last_day >= step.first_day


@few
@given(with_a_dead_one(), st.sampled_from((csp.GUIDE, csp.IN_FORCE)))
def test_a_dead_one_beside_changes_no_verdict_of_a_route_and_is_named_in_each(
    question: tuple[csp.Transfer, csp.Transfer, date], policy: csp.Policy
) -> None:
    move, beside, as_of = question
    compared = csp.compare_routes(move, as_of=as_of, policy=policy)
    other = csp.compare_routes(beside, as_of=as_of, policy=policy)

    def verdicts(routes: tuple[csp.Route, ...]) -> list[tuple[Any, ...]]:
        return [
            (
                *(r.way, r.available, r.data_loss, r.disruption, r.first_day, r.days_without_access),
                *(r.paid_twice_days, r.cost, r.agree, tuple(x for x in r.exceptions if x != "is-dead")),
                {part.subscription for part in r.parts if part.available},
            )
            for r in routes
        ]

    assert verdicts(other) == verdicts(compared)
    plan = csp.plan_transfer(beside, as_of=as_of, policy=policy)
    if not is_moved(beside, plan.assessment_of("is-dead").subscription):  # its new partner sells it already
        return
    for route in other:
        assert "is-dead" in route.exceptions
        said = {f"{f.rule} {f.case}" for f in route.findings if f.subject == "is-dead"}
        assert said == {"END-005 lost-already"} or not plan.feasible


def ranked(*parts: csp.RoutePart) -> list[Way]:
    return [part.way for part in best_first(parts)]


def part(way: Way, **facts: Any) -> csp.RoutePart:
    return csp.RoutePart(subscription="s", way=way, available=True, **facts)


WORSE = Way.PARTNER_CENTER_TRANSFER  # which takes the least effort
BETTER = Way.RENEW_AND_WAIT  # which takes the most


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"data_loss": POSSIBLE}, {"disruption": CERTAIN, "days_without_access": 9, "paid_twice_days": 9}),
        ({"disruption": POSSIBLE}, {"days_without_access": 9, "paid_twice_days": 9}),
        ({"days_without_access": 1}, {"paid_twice_days": 9}),
        ({"paid_twice_days": 1}, {}),
    ],
)
def test_data_comes_before_interruption_before_money_before_effort(worse: Any, better: Any) -> None:
    assert ranked(part(WORSE, **worse), part(BETTER, **better)) == [BETTER, WORSE]
    assert ranked(part(BETTER), part(WORSE)) == [WORSE, BETTER]


amounts = st.decimals(0, 10_000, places=2)
prices = st.builds(
    csp.Price,
    amount=amounts,
    currency=st.sampled_from(("EUR", "JPY", "KWD")),
    cycle=st.sampled_from(csp.Cycle),
)


@given(prices, st.integers(0, 400), st.integers(0, 500), st.integers(0, 500), st.integers(0, 23))
def test_an_estimate_scales_with_the_licences(
    price: csp.Price, n: int, some: int, more: int, percent: int
) -> None:
    def cost(licences: int) -> csp.Money:
        return price.for_days(n, licences=licences, percent=percent)

    assert cost(some) + cost(more) == cost(some + more)
    assert cost(some).amount == cost(1).amount * some


@few
@given(
    prices,
    st.lists(
        subscriptions(status=csp.Status.ACTIVE, trial=False, legacy=False),
        min_size=2,
        max_size=4,
        unique_by=lambda s: s.id,
    ),
    as_of_days,
)
def test_costs_add_up_over_subscriptions(price: csp.Price, subs: list[csp.Subscription], as_of: date) -> None:
    priced = [
        s.evolve(
            price=price,
            term=YEAR,
            anchor=None,
            parent=None,
            channel=csp.Channel.CSP,
            doubted_last_day=None,
        )
        for s in subs
    ]
    whole = routes(*priced)
    alone = [routes(s) for s in priced]
    for way, route in whole.items():
        parts = [by_way[way] for by_way in alone if by_way[way].parts]
        if route.available and route.cost is not None and as_of:
            assert route.cost.amount == sum(p.cost.amount for p in parts if p.cost is not None)


def test_currencies_are_never_mixed() -> None:
    yen = csp.Price(amount=Decimal(9000), currency="JPY", cycle=csp.Cycle.YEAR)
    with pytest.raises(csp.InvalidValue, match="currency: 'JPY'; expected EUR: amounts are never mixed"):
        routes(now(), now(id="2", price=yen))
    euro = csp.Money(amount=Decimal(1), currency="EUR")
    for other in ("AUD", "USD"):
        with pytest.raises(csp.InvalidValue, match=f"currency: '{other}'; expected EUR"):
            euro + csp.Money(amount=Decimal(1), currency=other)


def test_an_amount_is_never_a_float() -> None:
    for wrong in (73.0, 73, "73"):
        with pytest.raises(csp.InvalidType, match=r"amount: .*never a float"):
            csp.Price(amount=wrong, currency="EUR", cycle=csp.Cycle.YEAR)  # type: ignore[arg-type]
    for bad in (Decimal("NaN"), Decimal("Infinity"), Decimal(-1), Decimal("1e20")):
        with pytest.raises(csp.InvalidValue, match="amount"):
            csp.Price(amount=bad, currency="EUR", cycle=csp.Cycle.YEAR)
    for currency in ("eur", "EU", "", "EURO", "E1R", "ＥＵＲ"):
        with pytest.raises(csp.InvalidValue, match="currency"):
            csp.Money(amount=Decimal(1), currency=currency)
    with pytest.raises(csp.InvalidType, match="cycle"):
        csp.Price(amount=Decimal(1), currency="EUR", cycle="year")  # type: ignore[arg-type]
    with pytest.raises(csp.InvalidType, match="price"):
        subscription(price=Decimal(1))


@pytest.mark.parametrize(
    ("price", "n", "cost"),
    [
        (csp.Price(amount=Decimal(365), currency="EUR", cycle=csp.Cycle.YEAR), 1, "1.00"),
        (csp.Price(amount=Decimal("30.42"), currency="EUR", cycle=csp.Cycle.MONTH), 1, "1.00"),
        (csp.Price(amount=Decimal(1095), currency="EUR", cycle=csp.Cycle.THREE_YEARS), 1, "1.00"),
        (csp.Price(amount=Decimal("182.5"), currency="JPY", cycle=csp.Cycle.YEAR), 1, "1"),
        (csp.Price(amount=Decimal(1), currency="KWD", cycle=csp.Cycle.YEAR), 1, "0.003"),
    ],
)
def test_rounding_is_half_up_to_the_smallest_unit(price: csp.Price, n: int, cost: str) -> None:
    assert str(price.for_days(n, licences=1).rounded) == cost


def test_a_cost_is_kept_to_a_millionth_for_each_licence() -> None:
    price = csp.Price(amount=Decimal(1), currency="EUR", cycle=csp.Cycle.YEAR)  # 0.0027397… a day
    assert price.for_days(1, licences=1_000_000).amount == Decimal(2740)
    assert price.for_days(2, licences=1_000_000).amount == Decimal(5479)


@pytest.mark.parametrize("sign", [1, -1])
def test_an_amount_is_less_than_a_thousand_million_millions(sign: int) -> None:
    most = Decimal("999999999999999.99") * sign
    assert csp.Money(amount=most, currency="EUR").amount == most
    for more in (most + Decimal("0.01") * sign, most * 2):
        with pytest.raises(csp.InvalidValue, match="expected an amount of money"):
            csp.Money(amount=more, currency="EUR")


def test_as_of_may_be_an_instant_and_bad_input_is_refused() -> None:
    tokyo = timezone(timedelta(hours=9))
    instant = datetime(2026, 11, 23, 8, 59, tzinfo=tokyo)
    move = transfer(now())
    assert csp.compare_routes(move, as_of=instant) == csp.compare_routes(move, as_of=TODAY)
    with pytest.raises(csp.InvalidType, match="transfer"):
        csp.compare_routes(now(), as_of=TODAY)  # type: ignore[arg-type]
    with pytest.raises(csp.InvalidType, match="policy"):
        csp.compare_routes(move, as_of=TODAY, policy="IN_FORCE")  # type: ignore[arg-type]


def test_prices_go_to_plain_data_and_back() -> None:
    sub = now()
    assert sub.to_dict()["price"] == {"amount": "73.00", "currency": "EUR", "cycle": "year"}
    assert csp.Subscription.from_dict(sub.to_dict()) == sub
    for wrong in (73.0, "many"):
        with pytest.raises(csp.CspTransferError, match="amount"):
            csp.Price.from_dict({"amount": wrong, "currency": "EUR", "cycle": "year"})


# ---- the comparison as a page --------------------------------------------------------------------------------------


COMPARED = csp.compare_routes(transfer(now()), as_of=TODAY)


def test_a_comparison_is_a_tuple_that_cannot_be_changed_and_is_kept() -> None:
    assert isinstance(COMPARED, tuple)
    assert tuple(COMPARED) == COMPARED
    assert hash(COMPARED) == hash(tuple(COMPARED))
    assert (COMPARED.as_of, COMPARED.policy, COMPARED.transfer) == (TODAY, csp.IN_FORCE, transfer(now()))
    kept = pickle.loads(pickle.dumps(COMPARED))  # noqa: S301 - our own words
    assert (kept, type(kept), str(kept)) == (COMPARED, csp.Routes, str(COMPARED))
    with pytest.raises(AttributeError, match="Routes has no attribute 'policy' to set"):
        COMPARED.policy = csp.GUIDE


def test_a_comparison_shows_itself_as_one_table_with_the_recommended_way_first() -> None:
    html = COMPARED._repr_html_()
    assert html.count("<table>") == 1
    assert "Recommended: transfer in Partner Center (costs less)." in html
    assert "推奨: パートナー センターで譲渡する (費用が少ないため)" in COMPARED.to_markdown("ja")
    assert "(until 2027-02-01 09:00)" in COMPARED.to_markdown(tz="Asia/Tokyo")
    assert "PCT-001" in COMPARED.to_markdown(detail=True)


def ways(*facts: dict[str, Any]) -> csp.Routes:
    """Routes that differ in a few facts only."""
    plain = COMPARED[0].evolve(exceptions=(), cost=None, paid_twice_days=0)
    made = [plain.evolve(way=way, **fact) for way, fact in zip(Way, facts, strict=False)]
    return csp.Routes(made, COMPARED.transfer, TODAY, csp.IN_FORCE)


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        ({}, {"exceptions": ("a",)}, "open to more subscriptions"),
        ({}, {"data_loss": csp.Risk.POSSIBLE}, "no data at risk"),
        ({}, {"disruption": csp.Risk.POSSIBLE}, "less interruption"),
        ({}, {"days_without_access": 1}, "access sooner"),
        ({"cost": "1"}, {"cost": "2"}, "costs less"),
        ({"cost": "2"}, {"cost": "2", "paid_twice_days": 1}, "less work"),
        ({}, {"paid_twice_days": 1}, "fewer days paid twice"),
        ({}, {}, "less work"),
    ],
)
def test_the_reason_is_the_first_thing_in_which_it_is_better(
    better: dict[str, Any], worse: dict[str, Any], why: str
) -> None:
    def priced(facts: dict[str, Any]) -> dict[str, Any]:
        if "cost" not in facts:
            return facts
        return facts | {"cost": csp.Money(amount=Decimal(facts["cost"]), currency="EUR")}

    page = ways(priced(better), priced(worse)).to_markdown()
    assert f"({why})." in page
    assert ("Estimated extra cost" in page) == ("cost" in better)


def test_where_a_price_is_missing_somewhere_the_reason_is_what_they_are_ranked_by() -> None:
    dear = {"cost": csp.Money(amount=Decimal(5), currency="EUR")}
    cheap = {"cost": csp.Money(amount=Decimal(4), currency="EUR"), "paid_twice_days": 1}
    assert "(fewer days paid twice)." in ways(dear, cheap, {"paid_twice_days": 2}).to_markdown()
    assert "(costs less)." in ways(cheap, dear, {"available": False}).to_markdown()


def test_what_is_asked_for_and_warned_of_is_told_gravest_first() -> None:
    each = {f.severity: f for route in COMPARED for f in route.findings}
    info, action, caution = (each[one] for one in tuple(csp.Severity)[:3])
    told = {"findings": (info, action, caution)}
    page = ways(told).to_markdown(detail=True)
    assert page.index(caution.message) < page.index(action.message)
    assert info.message not in page  # open to all: what only explains is left out
    assert info.message in ways(told | {"exceptions": ("83ef9d05",)}).to_markdown(detail=True)


def test_whom_a_way_is_not_for_is_said_where_it_is_open() -> None:
    one = COMPARED.transfer.subscriptions[0].id
    assert "Not open to" in ways({}, {"exceptions": (one,)}).to_markdown(detail=True)
    assert "Not open to" not in ways({}, {"available": False, "exceptions": (one,)}).to_markdown(detail=True)


def test_a_way_alone_stands_under_its_name() -> None:
    assert COMPARED[0].to_markdown().startswith("## transfer in Partner Center\n")


def test_the_only_way_that_is_open_needs_no_reason() -> None:
    page = ways({}, {"available": False}).to_markdown()
    assert "Recommended: transfer in Partner Center.\n" in page
    assert "No way is open" in ways({"available": False}).to_markdown()


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=str)
def test_beside_a_legacy_one_that_is_suspended_new_licences_are_due_on_the_day_itself(
    policy: csp.Policy,
) -> None:
    """Each further day is one without access, though its term runs for another month."""
    legacy = subscription(legacy=True, status=csp.Status.SUSPENDED)
    found = csp.compare_routes(transfer(legacy, relationship_accepted=True), as_of=day(-30), policy=policy)
    [beside] = [route for route in found if route.way is Way.PROVISION_THEN_EXPIRE]
    assert [(step.first_day, step.last_day) for step in beside.steps] == [(day(-30), day(-30))]


def test_a_way_that_nothing_can_go_has_no_days_without_access() -> None:
    found = csp.compare_routes(transfer(subscription(trial=True)), as_of=day(-30), policy=csp.IN_FORCE)
    assert found.to_dict()["schema"] == 1
    assert [(route.available, route.days_without_access, route.cost) for route in found] == [
        (False, 0, None)
    ] * len(found)


@pytest.mark.parametrize("way", [Way.RENEW_AND_WAIT, Way.EXPIRE_THEN_REBUY])
def test_what_is_bought_in_a_grace_window_takes_the_place_of_the_old_one(way: Way) -> None:
    """In September 2025 a window follows each term; the tenant has no place left."""
    month = csp.Term(first_day=date(2025, 9, 1), last_day=date(2025, 9, 30))
    mail = subscription(term=month, auto_renew=True)
    move = transfer(mail, relationship_accepted=True, tenant_subscriptions=300)
    plan, places = plan_with_places(move, date(2025, 9, 10), csp.IN_FORCE, {mail.id: way})
    assert ([part.way for part in plan.parts], places) == ([way], 0)


def test_the_first_the_best_and_the_last_day_to_buy_by_each_way() -> None:
    """A year to 2026-09-30, as of 2026-09-01, when no free window follows any more."""
    year = csp.Term(first_day=date(2025, 10, 1), last_day=date(2026, 9, 30))
    mail = subscription(term=year, auto_renew=True, offer=BASIC.evolve(extended_service=True))
    move = transfer(mail, relationship_accepted=True)
    found = csp.compare_routes(move, as_of=date(2026, 9, 1), policy=csp.IN_FORCE)
    days = {
        route.way: [
            (step.first_day, step.recommended, step.last_day, step.is_late)
            for step in route.steps
            if step.action is csp.Action.PROVISION
        ]
        for route in found
        if route.way is not None
    }
    assert days == {
        Way.PARTNER_CENTER_TRANSFER: [],
        Way.PROVISION_THEN_EXPIRE: [(date(2026, 9, 1), date(2026, 9, 30), date(2026, 9, 30), False)],
        Way.EXTEND_AND_MOVE: [(date(2026, 10, 1), date(2026, 10, 1), None, False)],
        Way.RENEW_AND_WAIT: [(date(2026, 10, 2), date(2027, 9, 30), date(2027, 9, 30), False)],
        Way.EXPIRE_THEN_REBUY: [(date(2026, 10, 1), date(2026, 10, 1), date(2026, 12, 29), True)],
        Way.CANCEL_AND_REBUY: [],
    }
