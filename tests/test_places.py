"""Room in a tenant (CAP-003): worked cases, and a count of what it holds, day by day, that shares no code with us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from facts import BASIC, replacement, subscription, transfer
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import Action, Way
from csp_transfer.planner import plan_with_places
from csp_transfer.rules.capacity import tenant_room

pytestmark = pytest.mark.untraced

TODAY = date(2026, 11, 22)
HOLDS = 300
KNOWN = BASIC.evolve(monthly=True, extended_service=True)
NEWCO = csp.Tenant(id="newco", country="JP")


def one(n: int, last_day: date = date(2027, 1, 31), **changes: Any) -> csp.Subscription:
    """One of a year that ends on a day."""
    first_day = date(last_day.year - 1, last_day.month, last_day.day) + timedelta(days=1)
    term = csp.Term(first_day=first_day, last_day=last_day)
    return subscription(**{"id": f"s{n}", "offer": KNOWN, "auto_renew": True, "term": term} | changes)


def planned(*subs: csp.Subscription, way: Any = None, on: date = TODAY, **changes: Any) -> csp.Plan:
    policy = changes.pop("policy", csp.IN_FORCE)
    move = transfer(*subs, **{"relationship_accepted": True} | changes)
    return csp.plan_transfer(move, as_of=on, policy=policy, way=way)


def provisioned(plan: csp.Plan) -> dict[str, tuple[date, date | None]]:
    return {s.subject: (s.first_day, s.last_day) for s in plan.steps if s.action is Action.PROVISION}


def said(plan: csp.Plan, case: str) -> list[str]:
    return sorted(f.subject for f in plan.findings if f.rule == "CAP-003" and f.case == case)


# ---- worked cases --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("taken_until", "renews"), [(26, True), (27, False), (29, False)])
def test_a_renewed_term_that_may_end_earlier_gets_no_place_after_that(taken_until: int, renews: bool) -> None:
    """From 2027-01-31, a month ends on 02-27; a month after that on 03-30, or by another reading on 03-27."""
    monthly = one(1, term=csp.Term.starting(date(2027, 1, 31), "P1M"))
    until = replacement(offer=KNOWN, provision_on=date(2027, 3, taken_until))
    plan = planned(
        one(0, date(2027, 2, 20)),
        monthly,
        on=date(2027, 2, 10),
        replacements={"s0": until},
        tenant_subscriptions=299,
        way={"s0": Way.EXTEND_AND_MOVE, "s1": Way.RENEW_AND_WAIT},
    )
    first, second = plan.parts
    assert (first.way, first.moves_on) == (Way.EXTEND_AND_MOVE, date(2027, 3, taken_until))
    assert (second.way is Way.RENEW_AND_WAIT) is renews
    if renews:
        assert provisioned(plan)["s1"] == (date(2027, 3, 27), date(2027, 3, 27))


@pytest.mark.parametrize(
    ("existing", "moving", "case"),
    [
        (200, 30, "all-move"),
        (270, 30, "all-move"),
        (271, 29, "not-all-move"),
        (290, 10, "not-all-move"),
        (300, 0, "not-all-move"),
    ],
)
def test_into_a_new_tenant_no_more_than_the_room_ever(existing: int, moving: int, case: str) -> None:
    plan = planned(*(one(n) for n in range(30)), target_tenant=NEWCO, tenant_subscriptions=existing)
    assert said(plan, case) == ["contoso"]
    assert len(provisioned(plan)) == moving
    barred = said(plan, "no-place")
    assert len(barred) == 30 - moving
    assert not barred or {s.subject for s in plan.steps}.isdisjoint(barred)
    assert {a.subscription.id for a in plan.assessments if not a.moved} == set(barred)
    for a in plan.assessments:
        if not a.moved:
            assert a.risk is not None
            assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)


def test_where_nobody_counted_a_new_tenant_holds_300_at_most() -> None:
    plan = planned(*(one(n) for n in range(301)), target_tenant=NEWCO)
    assert said(plan, "not-known") == ["contoso"]
    assert len(provisioned(plan)) == HOLDS
    assert len(said(plan, "no-place")) == 1


@pytest.mark.parametrize(
    ("on", "status", "due"),
    [
        (date(2026, 3, 20), csp.Status.ACTIVE, []),
        (date(2026, 4, 10), csp.Status.EXPIRED, ["provision-by"]),
        (date(2026, 7, 10), csp.Status.DISABLED, ["disabled"]),
    ],
)
def test_of_what_is_barred_the_last_day_to_save_data_is_said_once_its_term_is_over(
    on: date, status: csp.Status, due: list[str]
) -> None:
    barred = one(0, date(2026, 3, 31), auto_renew=False, status=status)
    fewer = {
        "s0": csp.Replacement(offer=KNOWN, quantity=20)
    }  # of which RSK-001 would say what it does, if it came
    plan = planned(barred, target_tenant=NEWCO, tenant_subscriptions=HOLDS, on=on, replacements=fewer)
    [a] = plan.assessments
    assert [f.case for f in a.findings if f.rule == "END-005"] == due
    assert {f.rule for f in a.findings} <= {"CAP-003", "END-005", "LIF-001", "TEN-001", "END-002", "CXL-001"}


def test_what_is_barred_and_ends_has_nothing_to_replace_it() -> None:
    plan = planned(one(0, auto_renew=False), target_tenant=NEWCO, tenant_subscriptions=300)
    [a] = plan.assessments
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.CERTAIN, csp.Risk.CERTAIN)
    assert [(step.action, step.last_day) for step in plan.steps] == [(Action.BACK_UP, date(2027, 1, 31))]


def test_into_a_new_tenant_the_suspended_then_the_first_to_end_and_a_base_before_its_add_on() -> None:
    first, second = date(2026, 12, 31), date(2027, 1, 31)
    subs = (
        one(0, second),
        one(1, first, parent="S2"),
        one(2, second),
        one(3, second, status=csp.Status.SUSPENDED, auto_renew=False),
        one(4, first),
    )
    for room, expected in (
        (1, {"s3"}),
        (2, {"s3", "s4"}),
        (3, {"s3", "s4", "s0"}),
        (4, {"s0", "s2", "s3", "s4"}),
    ):
        plan = planned(*subs, target_tenant=NEWCO, tenant_subscriptions=HOLDS - room)
        assert set(provisioned(plan)) == expected


def test_of_two_that_are_each_others_add_ons_the_first_to_end_gets_the_place() -> None:
    first, second = date(2026, 12, 31), date(2027, 1, 31)
    circle = one(0, second, parent="s1"), one(1, first, parent="s0")
    plan = planned(*circle, target_tenant=NEWCO, tenant_subscriptions=HOLDS - 1)
    assert set(provisioned(plan)) == {"s1"}


def test_the_next_waits_until_the_original_before_it_in_its_place_has_ended() -> None:
    ends = [date(2026, 12, 15), date(2027, 1, 15), date(2027, 2, 15)]
    plan = planned(*map(one, range(3), ends), tenant_subscriptions=299, way=Way.PROVISION_THEN_EXPIRE)
    assert plan.batches == (("s0",), ("s1",), ("s2",))
    assert provisioned(plan) == {
        "s0": (TODAY, ends[0]),
        "s1": (date(2026, 12, 16), ends[1]),
        "s2": (date(2027, 1, 16), ends[2]),
    }


def test_one_that_is_suspended_for_years_keeps_its_place_for_years() -> None:
    years = csp.Term(first_day=date(2026, 6, 1), last_day=date(2029, 5, 31))
    held = one(0, term=years, status=csp.Status.SUSPENDED, auto_renew=False)
    plan = planned(held, one(1), tenant_subscriptions=299, way=Way.PROVISION_THEN_EXPIRE)
    assert provisioned(plan)["s0"] == (TODAY, date(2029, 5, 31))
    [part] = [part for part in plan.parts if part.subscription == "s1"]
    assert part.way is not Way.PROVISION_THEN_EXPIRE
    [waits] = [f for f in plan.findings if f.case == "waits" and f.subject == "s1"]
    assert waits.facts == {"first_day": date(2029, 6, 1)}
    beside = planned(held, one(1), tenant_subscriptions=298, way=Way.PROVISION_THEN_EXPIRE)
    assert provisioned(beside)["s1"] == (TODAY, date(2027, 1, 31))


def test_what_shares_a_place_is_bridged_day_by_day() -> None:
    plan = planned(one(0), one(1), tenant_subscriptions=299, way=Way.EXTEND_AND_MOVE)
    first, second = date(2027, 2, 1), date(2027, 2, 2)
    assert provisioned(plan) == {"s0": (first, first), "s1": (second, second)}


@pytest.mark.parametrize(
    ("canceled_on", "served"), [(date(2026, 11, 16), "z"), (date(2026, 11, 15), "dead")], ids=["open", "over"]
)
def test_what_is_lost_already_gets_what_place_is_left(canceled_on: date, served: str) -> None:
    """Of one that was cancelled, the data can be backed up for seven days; then it is lost, and the ids decide."""
    facts: dict[str, Any] = {"status": csp.Status.CANCELED, "canceled_on": canceled_on, "auto_renew": False}
    dead = one(1, id="dead", status=csp.Status.DELETED)
    plan = planned(dead, one(0, id="z", **facts), target_tenant=NEWCO, tenant_subscriptions=HOLDS - 1)
    assert set(provisioned(plan)) == {served}
    assert said(plan, "no-place") == sorted({"z", "dead"} - {served})


def test_nobody_makes_haste_for_what_is_lost_already() -> None:
    dead = one(1, status=csp.Status.DELETED)
    plan = planned(one(0), dead, tenant_subscriptions=HOLDS - 1, way=Way.EXTEND_AND_MOVE)
    assert provisioned(plan) == {"s0": (date(2027, 2, 1), None)}
    assert said(plan, "no-place") == ["s1"]


def test_what_has_ended_has_left_its_place_and_comes_first() -> None:
    ended = one(0, date(2026, 4, 30), status=csp.Status.EXPIRED, auto_renew=False)
    runs = one(1, date(2026, 6, 30))
    on = date(2026, 5, 10)
    both = planned(runs, ended, on=on, tenant_subscriptions=299)
    assert provisioned(both)["s0"][0] == on
    assert {part.subscription: part.way for part in both.parts}["s1"] is not Way.PROVISION_THEN_EXPIRE
    full = planned(runs, ended, on=on, tenant_subscriptions=300)
    assert said(full, "no-place") == ["s0"]
    assert "s0" not in provisioned(full)
    # an add-on waits for what it is added on to, and that is too late for it
    add_on = planned(
        runs, ended.evolve(parent="s1"), on=on, tenant_subscriptions=299, way=Way.PROVISION_THEN_EXPIRE
    )
    assert said(add_on, "waits") == ["s0"]
    assert set(provisioned(add_on)) == {"s1"}


def test_a_chosen_day_without_a_place_is_not_planned() -> None:
    chosen = {"s0": replacement(offer=KNOWN, provision_on=date(2027, 1, 10))}
    assert provisioned(planned(one(0), replacements=chosen, tenant_subscriptions=300)) == {}
    assert provisioned(planned(one(0), replacements=chosen, tenant_subscriptions=299)) != {}
    later = {"s1": replacement(offer=KNOWN, provision_on=date(2027, 1, 10))}
    waits = planned(one(0, date(2027, 1, 15)), one(1), replacements=later, tenant_subscriptions=299)
    assert "s1" not in provisioned(waits)
    assert said(waits, "waits") == ["s1"]


def test_what_is_extended_is_held_until_it_is_ended() -> None:
    extended = one(0, date(2026, 12, 5), extended=True, term=csp.Term.starting(date(2026, 11, 6), "P1M"))
    both = planned(extended, extended.evolve(id="s1"), tenant_subscriptions=299)
    tomorrow = TODAY + timedelta(days=1)
    assert both.batches == (("s0",), ("s1",))
    assert provisioned(both) == {"s0": (TODAY, TODAY), "s1": (tomorrow, tomorrow)}
    # a transfer in Partner Center takes no place; without it, nothing can be done
    full = planned(extended, tenant_subscriptions=300, relationship_accepted=False)
    assert [part.way for part in full.parts] == [Way.PARTNER_CENTER_TRANSFER]
    assert [str(s.action) for s in full.steps] == [
        *("request_relationship", "accept_relationship", "request_transfer", "submit_transfer")
    ]
    assert not any(s.unless_transferred for s in full.steps)
    assert said(full, "no-place") == ["s0"]
    assert {"REL-001", "REL-002"} <= {f.rule for f in full.findings}
    today = {"s1": replacement(offer=KNOWN, provision_on=TODAY)}
    chosen = planned(extended, extended.evolve(id="s1"), replacements=today, tenant_subscriptions=299)
    assert set(provisioned(chosen)) == {"s0"}
    assert said(chosen, "waits") == ["s1"]


def test_what_is_provisioned_already_is_in_the_count() -> None:
    done = {"s0": replacement(offer=KNOWN, provision_on=date(2026, 11, 1))}
    plan = planned(one(0), one(1), replacements=done, tenant_subscriptions=299, way=Way.PROVISION_THEN_EXPIRE)
    assert provisioned(plan) == {"s1": (TODAY, date(2027, 1, 31))}
    assert plan.batches == (("s1",),)


def test_under_the_guide_nothing_is_barred_and_what_does_not_fit_is_said() -> None:
    subs = [one(n) for n in range(3)]
    for changes, case in (
        ({"tenant_subscriptions": 10}, None),
        ({"tenant_subscriptions": 297}, None),
        ({"tenant_subscriptions": 298}, "not-at-once"),
        ({"tenant_subscriptions": 300}, "not-at-once"),
        ({"tenant_subscriptions": 297, "target_tenant": NEWCO}, None),
        ({"tenant_subscriptions": 298, "target_tenant": NEWCO}, "not-all-move"),
        ({}, None),
    ):
        plan = planned(*subs, policy=csp.GUIDE, **changes)
        found = [(f.case, f.severity) for f in plan.findings if f.rule == "CAP-003"]
        assert found == ([(case, csp.Severity.CAUTION)] if case else [])
        assert len(provisioned(plan)) == 3
    nothing = {"s0": csp.NOT_REPLACED}
    assert (
        said(planned(one(0), policy=csp.GUIDE, replacements=nothing, tenant_subscriptions=300), "not-at-once")
        == []
    )


def into(tenant: str, customer: str, count: int, existing: int | None) -> csp.Transfer:
    target = None if customer == tenant else csp.Tenant(id=tenant, country="JP")
    return transfer(
        *(one(n) for n in range(count)),
        customer=csp.Tenant(id=customer, country="JP"),
        target_tenant=target,
        tenant_subscriptions=existing,
        relationship_accepted=True,
    )


def test_customers_that_move_into_one_tenant_share_its_room() -> None:
    moves = [
        into("newco", "adatum", 6, 290),
        into("NEWCO", "contoso", 6, None),
        into("other", "fabrikam", 6, 290),
    ]
    portfolio = csp.plan_portfolio(moves, as_of=TODAY, policy=csp.IN_FORCE)
    # adatum comes first; of what is known of the tenant, contoso hears as well
    assert [plan.room_taken for plan in portfolio.plans] == [0, 296, 0]
    assert [len(provisioned(plan)) for plan in portfolio.plans] == [6, 4, 6]
    assert [plan.batches for plan in portfolio.plans] == [()] * 3  # no old one leaves a place there
    assert said(portfolio.plans[1], "shared") == ["contoso"]
    why = csp.explain(portfolio.plans[1])
    assert why.of(csp.Verdict.METHOD).value is csp.Method.OVERLAP
    within = csp.plan_portfolio(
        [into("newco", "adatum", 9, 290), into("newco", "newco", 2, None)], as_of=TODAY, policy=csp.IN_FORCE
    )
    [_, own] = within.plans
    assert own.room_taken == 297  # 288 of the 290 that are not its own, and the 9 that come first
    assert [len(batch) for batch in own.batches] == [1, 1]  # beside these 299 there is one place


def test_under_a_policy_that_counts_no_places_the_next_customer_hears_of_those_before_it_all_the_same() -> (
    None
):
    moves = [into("newco", "adatum", 6, 290), into("newco", "contoso", 5, None), into("newco", "d", 1, None)]
    plans = csp.plan_portfolio(moves, as_of=TODAY, policy=csp.GUIDE).plans
    assert [plan.room_taken for plan in plans] == [0, 296, 301]
    assert [len(provisioned(plan)) for plan in plans] == [6, 5, 1]  # it says so, and bars nothing


@pytest.mark.parametrize("stays", [False, True])
def test_what_is_listed_is_in_the_tenant_whether_anybody_counted_it_or_not(stays: bool) -> None:
    held = [one(n, status=csp.Status.SUSPENDED) for n in range(200)]
    active = [one(n) for n in range(200, 300)]
    kept = {s.id: csp.NOT_REPLACED for s in held if stays}
    for count in (None, 300):
        plan = planned(*held, *active, replacements=kept, tenant_subscriptions=count)
        # There is no place before the last day: what is provisioned follows an original that has left.
        assert all(first > date(2027, 1, 31) for first, _ in provisioned(plan).values())
        assert said(plan, "at-least") == ([] if count else ["contoso"])
        assert said(plan, "not-known") == ([] if count else ["contoso"])


@pytest.mark.parametrize("existing", [None, 300])
def test_what_is_active_after_its_term_is_in_the_tenant(existing: int | None) -> None:
    old = [one(n, date(2026, 11, 1), auto_renew=False) for n in range(300)]
    plan = planned(*old, tenant_subscriptions=existing)
    assert provisioned(plan) == {}
    assert len(said(plan, "no-place")) == 300


@pytest.mark.parametrize(("existing", "case"), [(298, "fits"), (299, "at-least"), (300, "no-room")])
def test_what_never_leaves_makes_no_place(existing: int, case: str) -> None:
    # They have renewed for nobody knows how long.
    endless = [one(n, date(2026, 10, 31), length_known=False) for n in range(2)]
    plan = planned(*endless, tenant_subscriptions=existing)
    assert [f.case for f in plan.findings if f.rule == "CAP-003" and f.subject == "contoso"] == [case]


@pytest.mark.parametrize(("existing", "moved"), [(298, ["s0", "u"]), (299, ["s0"]), (300, [])])
def test_what_has_no_day_needs_a_place_in_another_tenant_too(existing: int, moved: list[str]) -> None:
    unknown = one(1, id="u", status=csp.Status.UNKNOWN)
    plan = planned(unknown, one(0), target_tenant=NEWCO, tenant_subscriptions=existing)
    assert sorted(a.subscription.id for a in plan.assessments if a.moved) == moved
    assert said(plan, "no-place") == [key for key in ("s0", "u") if key not in moved]


def test_what_one_customer_lists_is_in_the_tenant_for_another() -> None:
    moves = [into("newco", "newco", 200, None), into("NEWCO", "adatum", 150, None)]
    portfolio = csp.plan_portfolio(moves, as_of=TODAY, policy=csp.IN_FORCE)
    [adatum, _] = portfolio.plans
    assert (adatum.room_taken, len(provisioned(adatum))) == (200, 100)


@pytest.mark.parametrize(
    ("existing", "case", "room"),
    [(297, "fits", 2), (298, "fits", 1), (299, "no-room", 0), (300, "no-room", 0)],
)
def test_what_has_ended_takes_its_place_before_what_runs(existing: int, case: str, room: int) -> None:
    ended = one(
        0, status=csp.Status.DISABLED, term=csp.Term(first_day=date(2025, 9, 1), last_day=date(2026, 8, 31))
    )
    plan = planned(ended, one(1), tenant_subscriptions=existing)
    [found] = [f for f in plan.findings if f.rule == "CAP-003" and ("room" in f.facts or f.case == case)]
    assert (found.case, found.facts.get("room", room)) == (case, room)


def test_in_a_tenant_that_holds_too_many_nobody_waits_where_nothing_is_bought() -> None:
    room = tenant_room(
        [],
        "contoso",
        existing=301,
        at_least=301,
        expires_first=False,
        another_tenant=False,
        taken=0,
        policy=csp.IN_FORCE,
        warns_only=False,
    )
    assert (room.free, room.needed, room.shared) == (0, 0, False)


def test_a_blocked_move_takes_no_places() -> None:
    blocked = into("newco", "adatum", 6, None).evolve(destination=csp.Partner(id="fabrikam", country="KR"))
    for policy in (csp.GUIDE, csp.IN_FORCE):
        plan, taken = plan_with_places(blocked, TODAY, policy, {})
        assert (plan.feasible, taken) == (False, 0)
        portfolio = csp.plan_portfolio(
            [blocked, into("newco", "contoso", 6, None)], as_of=TODAY, policy=policy
        )
        assert [(plan.feasible, plan.room_taken) for plan in portfolio.plans] == [(False, 0), (True, 0)]


def with_many_there(customer: str, there: int, **changes: Any) -> csp.Transfer:
    """A customer that has moved so many into the new tenant already."""
    chosen = {f"s{n}": replacement(offer=KNOWN, provision_on=date(2026, 10, 1)) for n in range(there)}
    return into("newco", customer, there, None).evolve(replacements=chosen, **changes)


def test_what_several_customers_have_provisioned_there_is_all_there() -> None:
    moves = [with_many_there("b", 150), with_many_there("c", 150), into("newco", "d", 10, None)]
    portfolio = csp.plan_portfolio(moves, as_of=TODAY, policy=csp.IN_FORCE)
    [b, _, d] = portfolio.plans
    assert (b.room_taken, d.room_taken) == (150, 300)
    assert provisioned(d) == {}
    assert len(said(d, "no-place")) == 10
    [room] = portfolio.crowded_tenants
    assert (room.existing, room.at_least, room.duplicates) == (None, 300, 10)
    # 295 and 5: what somebody counted holds where it is more.
    for count, fit in ((None, 5), (290, 5), (298, 2), (300, 0)):
        counted = [
            with_many_there("b", 150),
            with_many_there("c", 145),
            into("newco", "d", 10, count),
        ]
        [*_, d] = csp.plan_portfolio(counted, as_of=TODAY, policy=csp.IN_FORCE).plans
        assert len(provisioned(d)) == fit


def test_what_is_there_is_there_although_the_move_of_it_is_blocked() -> None:
    abroad = csp.Partner(id="hanbit", country="KR")
    moves = [
        with_many_there("b", 150),
        with_many_there("c", 150, destination=abroad),
        into("newco", "d", 10, None),
    ]
    portfolio = csp.plan_portfolio(moves, as_of=TODAY, policy=csp.IN_FORCE)
    [_, c, d] = portfolio.plans
    assert not c.feasible
    assert provisioned(d) == {}
    assert [room.at_least for room in portfolio.crowded_tenants] == [300]


@pytest.mark.untraced
@pytest.mark.parametrize("leaves", [False, True])
def test_what_a_tenants_own_customer_lists_is_there_wherever_it_goes(leaves: bool) -> None:
    own = into("away" if leaves else "NewCo", "NewCo", 250, None)
    moves = [own, into("newco", "d", 60, None)]
    [d, _] = csp.plan_portfolio(moves, as_of=TODAY, policy=csp.IN_FORCE).plans
    assert (d.room_taken, len(provisioned(d))) == (250, 50)
    both = [own, with_many_there("b", 45), into("newco", "d", 60, None)]
    [_, d, _] = csp.plan_portfolio(both, as_of=TODAY, policy=csp.IN_FORCE).plans
    assert (d.room_taken, len(provisioned(d))) == (295, 5)


# ---- the law -------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=4),
    st.none() | st.integers(0, 20),
    st.integers(0, 4),
    st.booleans(),
)
def test_each_customer_hears_of_all_that_a_tenant_holds_for_the_others(
    customers: list[tuple[int, int]], counted: int | None, listed: int, leaves: bool
) -> None:
    """What is there by all of them, each once, or what one counted if that is more; and what those before it bring."""
    moves = [] if not listed else [into("elsewhere" if leaves else "newco", "newco", listed, None)]
    if moves and not leaves:  # they stay
        moves = [moves[0].evolve(replacements={s.id: csp.NOT_REPLACED for s in moves[0].subscriptions})]
    going = [(f"c{n}", there, more) for n, (there, more) in enumerate(customers) if there + more]
    for name, there, more in going:
        chosen = {f"s{n}": replacement(offer=KNOWN, provision_on=date(2026, 10, 1)) for n in range(there)}
        count = counted if name == going[0][0] else None
        moves.append(into("newco", name, there + more, count).evolve(replacements=chosen))
    if not moves:
        return
    said_first = (counted or 0) if going else 0
    holds = max(said_first, listed + sum(there for _, there, _ in going))
    brought = 0
    portfolio = csp.plan_portfolio(moves, as_of=TODAY, policy=csp.IN_FORCE)
    for n, (name, there, more) in enumerate(going):
        own = there if n else max(there, said_first)
        assert portfolio.plan_of(name).room_taken == holds - own + brought
        brought += more
    if listed:
        assert portfolio.plan_of("newco").room_taken == (0 if leaves else holds - listed + brought)


STATUSES = (csp.Status.ACTIVE,) * 4 + (csp.Status.SUSPENDED,)


@st.composite
def moves(draw: st.DrawFn) -> tuple[csp.Transfer, date]:
    """Moves near the limit: years that run, some that have ended, chosen days, what stays, another tenant."""
    today = draw(st.sampled_from((date(2026, 2, 10), TODAY)))
    subs: list[csp.Subscription] = []
    chosen: dict[str, csp.Replacement | csp.NotReplaced] = {}
    for n in range(draw(st.integers(1, 5))):
        ended = draw(st.sampled_from((False, False, False, True)))
        away = draw(st.integers(1, 20)) * (-1 if ended else 5)
        last_day = today + timedelta(days=away)
        years = draw(st.sampled_from((1, 1, 3)))
        term = csp.Term(
            first_day=last_day.replace(year=last_day.year - years) + timedelta(days=1), last_day=last_day
        )
        status = csp.Status.EXPIRED if ended else draw(st.sampled_from(STATUSES))
        auto_renew = status is csp.Status.ACTIVE and draw(st.booleans())
        parent = f"s{n - 1}" if n and draw(st.booleans()) else None
        subs.append(one(n, term=term, status=status, auto_renew=auto_renew, parent=parent))
        which = draw(st.sampled_from(("like", "like", "like", "day", "stays")))
        if which == "day":
            day = max(today, last_day + timedelta(days=draw(st.integers(-30, 10))))
            chosen[f"s{n}"] = replacement(offer=KNOWN, provision_on=day)
        elif which == "stays":
            chosen[f"s{n}"] = csp.NOT_REPLACED
    return transfer(
        *subs,
        replacements=chosen,
        target_tenant=draw(st.sampled_from((None, None, NEWCO))),
        tenant_subscriptions=draw(st.integers(295, HOLDS)),
        relationship_accepted=True,
    ), today


def changes(plan: csp.Plan, *, late: bool, transferred: bool) -> Iterator[tuple[date, int]]:
    """The days on which the receiving tenant has one more or one less, every step done on its first or last day."""
    never = date(8999, 12, 31)
    within = plan.transfer.target_tenant is None
    for s in plan.transfer.subscriptions:
        steps = [step for step in plan.steps if step.subject == s.id]
        by_transfer = any(step.action is Action.SUBMIT_TRANSFER for step in steps)
        steps = [step for step in steps if not (by_transfer and step.unless_transferred == transferred)]
        done: dict[Action, date] = {}
        for step in steps:
            day = step.last_day if late else step.first_day
            open_end = never if step.action is Action.END_EXTENSION else step.first_day
            done[step.action] = open_end if step.last_day is None else day or never
        if Action.PROVISION not in done:
            continue
        yield done[Action.PROVISION], 1
        if not within or s.status not in (csp.Status.ACTIVE, csp.Status.SUSPENDED):
            continue
        last_day = s.term.last_day
        stops = done.keys() & {Action.TURN_OFF_AUTO_RENEW, Action.CHOOSE_CANCELLATION, Action.UNDO_SCHEDULE}
        for action in done.keys() & {Action.CANCEL, Action.END_EXTENSION}:
            last_day = done[action]
        if any(done[stop] > s.term.last_day for stop in stops):  # the next term is its last
            length = round((last_day - s.term.first_day).days / 365)
            last_day = last_day.replace(year=last_day.year + length)
        yield last_day + timedelta(days=1), -1


@given(moves(), st.none() | st.sampled_from(Way))
def test_no_tenant_ever_holds_more_than_300(question: tuple[csp.Transfer, date], way: Way | None) -> None:
    move, today = question
    plan = csp.plan_transfer(move, as_of=today, policy=csp.IN_FORCE, way=way)
    assert csp.Plan.from_dict(plan.to_dict()) == plan
    for late in (False, True):
        for transferred in (False, True):
            count = move.tenant_subscriptions or 0
            # on one day, what leaves is gone before what comes is there: it left with the midnight
            for _, change in sorted(changes(plan, late=late, transferred=transferred)):
                count += change
                assert count <= HOLDS


@given(moves())
def test_the_best_of_each_is_what_the_plan_does(question: tuple[csp.Transfer, date]) -> None:
    move, today = question
    plan = csp.plan_transfer(move, as_of=today, policy=csp.IN_FORCE)
    [mix] = [route for route in csp.compare_routes(move, as_of=today) if route.way is None]
    assert mix.parts == plan.parts
    assert mix.available == bool(plan.parts)


@given(moves(), st.integers(0, 3), st.sampled_from((csp.GUIDE, csp.IN_FORCE)))
def test_what_is_not_moved_never_makes_the_answer_of_another_worse(
    question: tuple[csp.Transfer, date], most: int, policy: csp.Policy
) -> None:
    move, today = question
    counting = policy.evolve(most_duplicates=most)
    stays = one(9, date(2027, 1, 20))
    more = move.evolve(
        subscriptions=(*move.subscriptions, stays),
        replacements=dict(move.replacements) | {"s9": csp.NOT_REPLACED},
    )
    if more.target_tenant is None and move.tenant_subscriptions is None:
        return
    alone = csp.plan_transfer(move, as_of=today, policy=counting)
    beside = csp.plan_transfer(more, as_of=today, policy=counting)
    assert (beside.method, beside.parts, beside.batches) == (alone.method, alone.parts, alone.batches)
    assert beside.assessments[:-1] == alone.assessments


@pytest.mark.parametrize(("offset", "places"), [(-5, 1), (0, 1), (1, 0)])
def test_under_the_guide_a_duplicate_takes_a_place_until_the_original_leaves(
    offset: int, places: int
) -> None:
    original = one(0)
    day = original.term.last_day + timedelta(days=offset)
    chosen = {original.id: replacement(offer=original.offer, quantity=original.quantity, provision_on=day)}
    move = transfer(original, relationship_accepted=True, replacements=chosen)
    assert plan_with_places(move, TODAY, csp.GUIDE, {})[1] == places
