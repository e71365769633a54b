"""Right in 2026: worked cases of every kind that was wrong, each by hand from the rulebook, through public doors."""

from __future__ import annotations

import contextlib
import decimal
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from facts import BASIC, OTHER, D, subscription, transfer, year_to

import csp_transfer as csp
from csp_transfer import frames, partner_center
from csp_transfer.__main__ import main
from csp_transfer.catalogue import label
from csp_transfer.policy import GRACE_DAYS, Since
from csp_transfer.rules.ending import provisioning_days

A, W = csp.Action, csp.Way
GUIDE, IN_FORCE = csp.GUIDE, csp.IN_FORCE
NEWCO = csp.Tenant(id="newco", country="JP")
POLICIES = pytest.mark.parametrize("policy", [GUIDE, IN_FORCE], ids=lambda policy: policy.name)


def on(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def plan_of(
    *subscriptions: csp.Subscription,
    as_of: date,
    policy: csp.Policy = GUIDE,
    way: csp.Way | Mapping[str, csp.Way] | None = None,
    **facts: Any,
) -> csp.Plan:
    move = transfer(*subscriptions, **{"relationship_accepted": True} | facts)
    return csp.plan_transfer(move, as_of=as_of, policy=policy, way=way)


def routes_of(
    *subscriptions: csp.Subscription, as_of: date, policy: csp.Policy = IN_FORCE, **facts: Any
) -> tuple[csp.Route, ...]:
    move = transfer(*subscriptions, **{"relationship_accepted": True} | facts)
    return csp.compare_routes(move, as_of=as_of, policy=policy)


def the_route(routes: Iterable[csp.Route], way: csp.Way) -> csp.Route:
    [route] = [route for route in routes if route.way is way]
    return route


def steps_of(plan: csp.Plan, action: csp.Action, subject: str = "") -> list[csp.Step]:
    return [s for s in plan.steps if s.action is action and subject in ("", s.subject)]


def said(findings: Iterable[csp.Finding], rule: str, at_least: csp.Severity = csp.Severity.INFO) -> bool:
    return any(f.rule == rule and f.severity >= at_least for f in findings)


def many(count: int, **changes: Any) -> list[csp.Subscription]:
    return [subscription(**{"id": f"s{n:03}"} | changes) for n in range(count)]


# ---- 1: room in a tenant (CAP-003) -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("existing", "fit"),
    [(290, 10), (300, 0), (299, 1), (270, 30), (271, 29)],
    ids=[f"item-01-new-tenant-room-{name}" for name in ("some", "none", "one", "just-all", "all-but-one")],
)
def test_into_a_new_tenant_go_no_more_than_fit(existing: int, fit: int) -> None:
    move = many(30, term=year_to(on(2026, 12, 31)))
    facts: dict[str, Any] = {"target_tenant": NEWCO, "tenant_subscriptions": existing}
    plan = plan_of(*move, as_of=on(2026, 11, 1), policy=IN_FORCE, **facts)
    provisioned = {s.subject for s in steps_of(plan, A.PROVISION)}
    assert len(provisioned) == fit
    if fit < 30:
        assert said(plan.findings, "CAP-003", csp.Severity.CAUTION)
    routes = routes_of(*move, as_of=on(2026, 11, 1), **facts)
    for way in W:
        parts = [part for route in routes if route.way is way for part in route.parts]
        assert sum(part.available for part in parts) <= fit, way


def test_item_01_the_guides_plan_says_that_it_does_not_fit() -> None:
    """The guide knows no CAP-003: nothing is barred, but a caution says so."""
    plan = plan_of(
        *many(30), as_of=on(2026, 3, 1), target_tenant=NEWCO, tenant_subscriptions=290, policy=GUIDE
    )
    assert said(plan.findings, "CAP-003", csp.Severity.CAUTION)


def test_item_01_a_later_batch_waits_for_a_suspended_one() -> None:
    """299 held, room for one: the suspended one, asked for first, stays until 2028-03-31 beside its replacement."""
    suspended = subscription(
        id="suspended",
        status=csp.Status.SUSPENDED,
        term=csp.Term(first_day=on(2025, 4, 1), last_day=on(2028, 3, 31)),
    )
    active = subscription(id="active", term=year_to(on(2026, 12, 31)))
    plan = plan_of(suspended, active, as_of=on(2026, 11, 1), policy=IN_FORCE, tenant_subscriptions=299)
    beside = [
        step
        for step in plan.steps
        if step.action is A.PROVISION
        and step.first_day <= {"suspended": on(2028, 3, 31), "active": on(2026, 12, 31)}[step.subject]
    ]
    assert len(beside) <= 1


def test_item_01_the_second_of_two_waits_for_the_first_ones_end() -> None:
    """299 held: beside the one that ends on 2026-11-30 goes one; the place is free from 12-01 on."""
    first = subscription(id="first", term=year_to(on(2026, 11, 30)))
    second = subscription(id="second", term=year_to(on(2026, 12, 31)))
    plan = plan_of(second, first, as_of=on(2026, 11, 1), policy=IN_FORCE, tenant_subscriptions=299)
    for step in steps_of(plan, A.PROVISION, "second"):
        assert step.first_day >= on(2026, 12, 1)


def test_item_01_customers_who_move_into_one_tenant_share_its_room() -> None:
    moves = [
        transfer(
            *(s.evolve(id=f"{customer}-{s.id}") for s in many(8, term=year_to(on(2026, 12, 31)))),
            customer=csp.Tenant(id=customer, country="JP"),
            target_tenant=csp.Tenant(id=target, country="JP"),
            tenant_subscriptions=290,
            relationship_accepted=True,
        )
        for customer, target in (("contoso", "newco"), ("adatum", "NEWCO"))
    ]
    portfolio = csp.plan_portfolio(moves, as_of=on(2026, 11, 1), policy=IN_FORCE)
    provisioned = {
        (plan.transfer.customer.id, s.subject)
        for plan in portfolio.plans
        for s in plan.steps
        if s.action is A.PROVISION
    }
    assert len(provisioned) == 10


@POLICIES
def test_item_1_what_is_in_an_extension_leaves_no_place_at_the_end_of_a_month(policy: csp.Policy) -> None:
    """EST-005: it has no end of its own, so what comes after its current month stands beside it all the same."""
    monthly = csp.Term.starting(on(2026, 8, 15), "P1M")
    extended = many(30, term=monthly, extended=True)
    chosen = {
        s.id: csp.Replacement(offer=s.offer, quantity=s.quantity, provision_on=on(2026, 10, 1))
        for s in extended
    }
    plan = plan_of(
        *extended, as_of=on(2026, 9, 1), policy=policy, tenant_subscriptions=290, replacements=chosen
    )
    if policy.in_force:
        assert len(steps_of(plan, A.PROVISION)) == 10
        unsafe = [
            a for a in plan.assessments if a.risk is not None and a.risk.disruption is not csp.Risk.NONE
        ]
        assert len(unsafe) == 20
    else:  # which counts no room
        assert len(steps_of(plan, A.PROVISION)) == 30


def test_item_01_what_several_customers_provisioned_there_fills_a_tenant_together() -> None:
    """150 of one and 150 of another are there, as nobody counted them: none of 10 more has a place, on any way."""

    def into_newco(customer: str, count: int, there: bool) -> csp.Transfer:
        move = many(count, term=year_to(on(2026, 12, 31)))
        done = {s.id: csp.Replacement(offer=BASIC, quantity=25, provision_on=on(2026, 10, 1)) for s in move}
        return transfer(
            *move,
            customer=csp.Tenant(id=customer, country="JP"),
            target_tenant=NEWCO,
            replacements=done if there else {},
            relationship_accepted=True,
        )

    moves = [into_newco("b", 150, True), into_newco("c", 150, True), into_newco("d", 10, False)]
    portfolio = csp.plan_portfolio(moves, as_of=on(2026, 11, 1), policy=IN_FORCE)
    last = portfolio.plan_of("d")
    assert last.room_taken == 300
    assert not steps_of(last, A.PROVISION)
    assert said(last.findings, "CAP-003", csp.Severity.CAUTION)


# ---- 2: what a day costs (EST-002) -----------------------------------------------------------------------------------

YEARLY = csp.Price(amount=Decimal(1200), currency="EUR", cycle=csp.Cycle.YEAR)


@pytest.mark.parametrize(
    ("monthly", "bridged", "expected"),
    [
        (False, 364, "1396.44"),  # 6000 / 365 x (364 x 0.23 + 1.23)
        (True, 364, "196.44"),  # 6000 / 365 x (364 x 0.03 + 1.03)
        (False, 0, "20.22"),  # 6000 / 365 x 1.23: the day on which both are paid
    ],
    ids=["item-02-364-days-at-23", "item-02-364-days-at-3", "item-02-no-day-bridged"],
)
def test_days_bridged_are_paid_at_their_rate(monthly: bool, bridged: int, expected: str) -> None:
    last_day = on(2026, 6, 30)
    mail = subscription(
        quantity=5,
        offer=BASIC.evolve(monthly=monthly, extended_service=True),
        term=year_to(last_day),
        price=YEARLY,
        auto_renew=True,
        at_term_end=csp.TermEnd.EXTEND,
    )
    day = last_day + timedelta(days=bridged + 1)
    chosen = {mail.id: csp.Replacement(offer=mail.offer, quantity=5, provision_on=day)}
    facts: dict[str, Any] = {"replacements": chosen, "relationship_accepted": True}
    plan = plan_of(mail, as_of=on(2026, 6, 1), policy=IN_FORCE, way=W.EXTEND_AND_MOVE, **facts)
    [part] = plan.parts
    assert part.way is W.EXTEND_AND_MOVE
    assert part.cost is not None
    assert str(part.cost) == f"{expected} EUR"
    route = the_route(routes_of(mail, as_of=on(2026, 6, 1), **facts), W.EXTEND_AND_MOVE)
    assert route.cost == part.cost


def test_item_2_the_day_paid_twice_of_an_extension_is_that_of_the_move() -> None:
    """EST-005: it is ended on the day on which the new one serves, 2026-10-20, and that day is paid twice."""
    mail = subscription(term=csp.Term.starting(on(2026, 8, 15), "P1M"), extended=True)
    routes = csp.compare_routes(transfer(mail, relationship_accepted=True), as_of=on(2026, 10, 20))
    [charges] = {part.charges for route in routes for part in route.parts if part.available}
    assert [(c.first_day, c.last_day, c.percent) for c in charges] == [
        (on(2026, 10, 20), on(2026, 10, 20), 100)
    ]


# ---- 3: windows never outlast what they are in (CXL-001) -------------------------------------------------------------


def test_item_03_a_window_ends_with_its_term() -> None:
    short = subscription(term=csp.Term(first_day=on(2026, 6, 1), last_day=on(2026, 6, 3)))
    route = the_route(routes_of(short, as_of=on(2026, 6, 2)), W.CANCEL_AND_REBUY)
    [part] = route.parts
    assert part.available
    assert part.last_day == on(2026, 6, 3)


PRORATED, NOTHING = csp.Outcome.PRORATED_REFUND, csp.Outcome.NO_REFUND


@pytest.mark.parametrize(
    ("first_day", "as_of", "outcome"),
    [
        (on(2026, 6, 1), on(2026, 6, 7), PRORATED),
        (on(2026, 6, 1), on(2026, 6, 8), PRORATED),  # closes at the hour of purchase
        (on(2026, 6, 1), on(2026, 6, 9), NOTHING),
        (on(2022, 3, 1), on(2022, 3, 3), PRORATED),
        (on(2022, 3, 1), on(2022, 3, 4), PRORATED),  # 72 hours: closes today
        (on(2022, 3, 1), on(2022, 3, 5), NOTHING),
        (on(2022, 3, 11), on(2022, 3, 15), NOTHING),  # bought before 2022-03-12
        (on(2022, 3, 12), on(2022, 3, 18), PRORATED),
        (on(2022, 3, 12), on(2022, 3, 19), PRORATED),
        (on(2022, 3, 12), on(2022, 3, 20), NOTHING),
    ],
    ids=str,
)
def test_item_03_by_days_a_window_is_open_through_the_day_on_which_it_closes(
    first_day: date, as_of: date, outcome: csp.Outcome
) -> None:
    mail = subscription(term=csp.Term.starting(first_day, "P1Y"))
    assert csp.refund_advice(mail, as_of=as_of, policy=IN_FORCE).outcome is outcome


def test_item_03_a_renewal_has_a_window_of_its_own() -> None:
    """It renews on 2026-06-01, complete within that day and the next: open until some hour of 06-08."""
    mail = subscription(term=year_to(on(2026, 5, 31)), auto_renew=True)
    found = [csp.refund_advice(mail, as_of=on(2026, 6, n), policy=IN_FORCE).outcome for n in (2, 7, 8, 10)]
    assert found == [PRORATED, PRORATED, PRORATED, NOTHING]


def test_item_03_the_day_on_which_it_closes_is_said_with_a_caution() -> None:
    mail = subscription(term=csp.Term.starting(on(2026, 6, 1), "P1Y"))
    advice = csp.refund_advice(mail, as_of=on(2026, 6, 8), policy=IN_FORCE)
    assert said(advice.findings, "CXL-001", csp.Severity.CAUTION)


def test_item_3_the_day_on_which_a_window_closes_stands_beside_the_last_whole_one() -> None:
    """CXL-002, until 2026-04-08T00:30Z: the last whole day is 04-07, in the steps as in the table."""
    until = datetime(2026, 4, 8, 0, 30, tzinfo=UTC)
    mail = subscription(term=year_to(on(2027, 3, 31)), cancellation_allowed_until=until)
    plan = plan_of(mail, as_of=on(2026, 4, 7), policy=IN_FORCE, way=W.CANCEL_AND_REBUY)
    [a] = plan.assessments
    assert a.provisioning is not None
    assert (a.provisioning.latest, a.provisioning.doubted_day) == (on(2026, 4, 7), on(2026, 4, 8))
    assert "2026-04-07 (CXL-002!: perhaps 2026-04-08)" in plan.to_text(detail=True)
    assert "(!:" not in plan.to_text(detail=True)  # no day is in doubt without the rule that says so


# ---- 4: access ------------------------------------------------------------------------------------------------------


@POLICIES
@pytest.mark.parametrize(
    "status",
    [csp.Status.SUSPENDED, csp.Status.DISABLED, csp.Status.DELETED, csp.Status.CANCELED],
    ids=lambda status: f"item-04-{status}",
)
def test_what_gives_no_access_gives_none_until_any_day(policy: csp.Policy, status: csp.Status) -> None:
    a = csp.assess(subscription(status=status), as_of=on(2026, 3, 1), policy=policy)
    assert a.gives_access_until is None or a.gives_access_until < a.as_of


@POLICIES
def test_item_04_an_add_on_of_what_is_cancelled_is_not_safe(policy: csp.Policy) -> None:
    base = subscription(id="base", status=csp.Status.CANCELED, canceled_on=on(2026, 2, 20))
    add_on = subscription(id="add-on", parent="base", offer=OTHER)
    plan = plan_of(base, add_on, as_of=on(2026, 3, 1), policy=policy)
    risk = plan.assessment_of("add-on").risk
    assert risk is not None
    warned = said((f for f in plan.findings if f.subject == "add-on"), "REL-002", csp.Severity.CAUTION)
    assert warned or (risk.disruption, risk.data_loss) != (csp.Risk.NONE, csp.Risk.NONE)


def worst_of(*said: csp.TransitionRisk | csp.RoutePart | None) -> set[tuple[csp.Risk, csp.Risk]]:
    return {(one.disruption, one.data_loss) for one in said if one is not None}


NOT_SURE = {(csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)}
SURE = {(csp.Risk.NONE, csp.Risk.NONE)}
GONE = pytest.mark.parametrize(
    "gone",
    [
        {"status": csp.Status.CANCELED, "canceled_on": on(2026, 2, 20)},
        {"status": csp.Status.DISABLED},
        {"status": csp.Status.SUSPENDED},
    ],
    ids=lambda gone: f"item-04-{gone['status']}",
)


@POLICIES
@GONE
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)], ids=["base-first", "base-last"])
def test_item_04_what_is_under_a_base_in_doubt_is_in_doubt_at_any_depth(
    policy: csp.Policy, gone: dict[str, Any], order: tuple[int, ...]
) -> None:
    subs = (
        subscription(id="c", **gone),
        *(subscription(id=own, parent=base) for own, base in (("b", "C"), ("d", "b"), ("e", "D"))),
    )
    plan = plan_of(*(subs[n] for n in order), as_of=on(2026, 3, 1), policy=policy)
    for own in "bde":
        assert worst_of(plan.assessment_of(own).risk) == NOT_SURE
    for own in "de":  # by the one that it is added on to itself, as that subscription spells it
        [found] = [f for f in plan.findings if (f.case, f.subject) == ("base-in-doubt", own)]
        assert found.facts["parent"] == {"d": "b", "e": "D"}[own]
        assert found.severity is csp.Severity.CAUTION


@POLICIES
@GONE
def test_item_04_routes_and_parts_say_of_an_add_on_what_the_plan_says(
    policy: csp.Policy, gone: dict[str, Any]
) -> None:
    base, add_on = subscription(id="c", **gone), subscription(id="b", parent="c", auto_renew=True)
    plan = plan_of(base, add_on, as_of=on(2026, 3, 1), policy=policy)
    routes = routes_of(base, add_on, as_of=on(2026, 3, 1), policy=policy)
    parts = [p for route in routes for p in route.parts if p.subscription == "b" and p.available]
    assert len(parts) >= 3
    assert worst_of(plan.assessment_of("b").risk, *parts) == NOT_SURE
    assert worst_of(*(part for part in plan.parts if part.subscription == "b")) <= NOT_SURE
    assert any(part.subscription == "b" for part in plan.parts) is policy.in_force
    for route in routes:
        if route.available:
            assert min(route.disruption, route.data_loss) >= csp.Risk.POSSIBLE
            assert said(route.findings, "REL-002", csp.Severity.CAUTION)
    alone = routes_of(add_on, as_of=on(2026, 3, 1), policy=policy)  # its base is in no list
    own = the_route(alone, W.EXPIRE_THEN_REBUY)
    assert worst_of(*own.parts) == SURE


@POLICIES
def test_item_04_add_ons_of_each_other_are_not_safe(policy: csp.Policy) -> None:
    """Which of them is the base, nobody knows; what else is moved is planned all the same."""
    subs = [
        subscription(id=own, parent=base, auto_renew=True)
        for own, base in (("under", "a"), ("a", "b"), ("b", "A"), ("alone", None))
    ]
    plan = plan_of(*subs, as_of=on(2026, 3, 1), policy=policy)
    for own, case in (("a", "base-in-circle"), ("b", "base-in-circle"), ("under", "base-in-doubt")):
        assert worst_of(plan.assessment_of(own).risk) == NOT_SURE
        assert [f.subject for f in plan.findings if f.case == case].count(own) == 1
    assert worst_of(plan.assessment_of("alone").risk) == SURE
    for route in routes_of(*subs, as_of=on(2026, 3, 1), policy=policy):
        for part in route.parts:
            if part.available:
                assert worst_of(part) == (SURE if part.subscription == "alone" else NOT_SURE), route.way


@POLICIES
@pytest.mark.parametrize("ends", [True, False], ids=["ends", "goes-on"])
def test_item_04_an_add_on_of_a_base_that_ends_and_is_not_replaced_is_not_safe(
    policy: csp.Policy, ends: bool
) -> None:
    """The base gives access through 2026-04-30; the new add-on, of 04-01, has none from 05-01 on."""
    base, add_on = subscription(id="a", auto_renew=not ends), subscription(id="b", parent="a")
    chosen = {
        "a": csp.NOT_REPLACED,
        "b": csp.Replacement(offer=BASIC, quantity=25, provision_on=on(2026, 4, 1)),
    }
    plan = plan_of(base, add_on, as_of=on(2026, 3, 1), policy=policy, replacements=chosen)
    if ends:
        assert plan.assessment_of("a").gives_access_until == on(2026, 4, 30)
    assert worst_of(plan.assessment_of("b").risk) == (NOT_SURE if ends else SURE)
    assert [f.subject for f in plan.findings if f.case == "parent-not-moved"] == ["b"]
    # Also when it is there already: its base still ends.
    later = plan_of(base, add_on, as_of=on(2026, 4, 10), policy=policy, replacements=chosen)
    assert later.assessment_of("b").already_provisioned
    assert worst_of(later.assessment_of("b").risk) == (NOT_SURE if ends else SURE)


# ---- 5: the same partner (ELG-002) -----------------------------------------------------------------------------------


@POLICIES
def test_item_05_what_its_own_partner_sells_already_is_not_moved(policy: csp.Policy) -> None:
    sold = subscription(id="sold", auto_renew=True)
    direct = subscription(id="direct", auto_renew=True, channel=csp.Channel.WEB_DIRECT)
    same = csp.Partner(id="FABRIKAM", country="JP")
    plan = plan_of(sold, direct, as_of=on(2026, 1, 15), policy=policy, source=same)
    assert plan.feasible
    moving = {A.PROVISION, A.REQUEST_TRANSFER, A.SUBMIT_TRANSFER, A.CANCEL, A.TURN_OFF_AUTO_RENEW}
    assert {s.subject for s in plan.steps if s.action in moving} == {"direct"}
    assert said((f for f in plan.findings if f.subject == "sold"), "ELG-002", csp.Severity.CAUTION)
    assert not plan_of(sold, as_of=on(2026, 1, 15), policy=policy, source=same).feasible
    elsewhere = plan_of(sold, as_of=on(2026, 1, 15), policy=policy, source=same, target_tenant=NEWCO)
    assert elsewhere.feasible
    assert steps_of(elsewhere, A.PROVISION, "sold")


# ---- 6: ids ----------------------------------------------------------------------------------------------------------

GUID = "83ef9d05-4169-4ef9-9657-0e86b1eab1de"


def refused(make: Any) -> bool:
    try:
        make()
    except csp.InvalidValue:
        return True
    return False


def test_item_06_the_case_of_an_id_means_nothing() -> None:
    mail = subscription(id=GUID)
    assert refused(lambda: transfer(mail, subscription(id=GUID.upper())))
    assert refused(lambda: transfer(mail, target_tenant=csp.Tenant(id="CONTOSO", country="JP")))
    assert refused(lambda: subscription(id=GUID, parent=GUID.upper()))
    plan = plan_of(mail, as_of=on(2026, 3, 1), replacements={GUID.upper(): csp.NOT_REPLACED})
    assert not plan.assessments[0].moved
    assert plan.assessment_of(GUID.upper()) == plan.assessment_of(GUID)
    named = plan_of(mail, as_of=on(2026, 3, 1), way={GUID.upper(): W.PROVISION_THEN_EXPIRE})
    assert [part.way for part in named.parts] == [W.PROVISION_THEN_EXPIRE]
    portfolio = csp.plan_portfolio([transfer(mail)], as_of=on(2026, 3, 1))
    assert portfolio.plan_of("CONTOSO").transfer.customer.id == "contoso"


def test_item_06_offers_in_another_case_are_the_same_offer() -> None:
    lower = csp.Offer(id=BASIC.id.lower(), discontinued=False)
    assert lower.is_equivalent_to(BASIC)
    twin = csp.Offer(id="twin", equivalents=frozenset({BASIC.id.lower()}))
    assert BASIC.is_equivalent_to(twin)
    same = csp.Replacement(offer=lower, quantity=25, provision_on=on(2026, 4, 10))
    risk = csp.transition_risk(subscription(), same)
    assert (risk.disruption, risk.data_loss, risk.reassign_licenses) == (csp.Risk.NONE, csp.Risk.NONE, False)
    table = frames.of([subscription()], {subscription().id: same})
    [row] = frames.assess(table, as_of=on(2026, 3, 1)).iter_rows(named=True)
    assert (row["csp_disruption"], row["csp_reassign_licenses"]) == ("none", False)


# ---- 7: one best day -------------------------------------------------------------------------------------------------


def test_item_07_suspended_has_one_best_day_today() -> None:
    """Users are without access now; 2026-02-19 to 03-31 is paid twice: 10 days of February, 31 of March."""
    suspended, as_of = subscription(status=csp.Status.SUSPENDED), on(2026, 2, 19)
    move = transfer(suspended, relationship_accepted=True)
    for policy in (GUIDE, IN_FORCE):
        a = csp.assess(suspended, as_of=as_of, policy=policy)
        assert a.provision_on == as_of
        assert a.risk is not None
        assert a.risk.paid_twice_days == 41
        [own] = csp.plan_transfer(move, as_of=as_of, policy=policy).assessments
        assert own.provision_on == as_of
        assert own.risk is not None
        assert own.risk.paid_twice_days == 41
        routes = csp.compare_routes(move, as_of=as_of, policy=policy)
        [part] = the_route(routes, W.PROVISION_THEN_EXPIRE).parts
        assert (part.moves_on, part.paid_twice_days) == (as_of, 41)
        [row] = frames.assess(frames.of([suspended]), as_of=as_of, policy=policy).iter_rows(named=True)
        assert (row["csp_provision_on"], row["csp_paid_twice_days"]) == (as_of, 41)


def test_item_7_on_a_chosen_day_the_best_way_of_that_day_is_taken() -> None:
    """EST-002: an extended service term bridges 2026-09-15 to 09-20, so nobody has to be without access."""
    mail = subscription(
        term=year_to(on(2026, 9, 14)),
        offer=BASIC.evolve(extended_service=True, monthly=True),
        auto_renew=True,
    )
    chosen = csp.Replacement(offer=mail.offer, quantity=mail.quantity, provision_on=on(2026, 9, 20))
    facts: dict[str, Any] = {"replacements": {mail.id: chosen}}
    plan = plan_of(mail, as_of=on(2026, 9, 1), policy=IN_FORCE, **facts)
    assert [part.way for part in plan.parts] == [W.EXTEND_AND_MOVE]
    [a] = plan.assessments
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.NONE, csp.Risk.NONE)
    move = transfer(mail, relationship_accepted=True, **facts)
    [best] = [r for r in csp.compare_routes(move, as_of=on(2026, 9, 1)) if r.way is None]
    assert [part.way for part in best.parts] == [W.EXTEND_AND_MOVE]


# ---- 8: a later record is not an end ---------------------------------------------------------------------------------


def amended(policy: csp.Policy, from_day: date, value: int) -> csp.Policy:
    """The policy with one more record of the grace window."""
    old = GRACE_DAYS.in_force(on(2026, 5, 4))
    record = Since(from_day=from_day, value=value, rule=old.rule, page=old.page, standing=old.standing)
    changed: csp.Policy = policy.with_record(GRACE_DAYS, record)  # type: ignore[attr-defined, unused-ignore]
    return changed


def test_item_08_a_shorter_window_is_not_an_end_of_it() -> None:
    """15 days from 2027-01-01: the guide says its 30, warns, and the day to act by is 2027-04-15."""
    mail = subscription(term=year_to(on(2027, 3, 31)))
    guide, in_force = (amended(policy, on(2027, 1, 1), 15) for policy in (GUIDE, IN_FORCE))
    a = csp.assess(mail, as_of=on(2027, 3, 1), policy=guide)
    assert a.grace_window is not None
    assert a.grace_window.last_day == on(2027, 4, 30)
    assert a.doubts
    assert not [f for f in a.findings if "discontinued" in f.message and f.rule == "EST-001"]
    plan = plan_of(mail, as_of=on(2027, 3, 1), policy=guide)
    assert [s.last_day for s in steps_of(plan, A.PROVISION)] == [on(2027, 4, 15)]
    now = csp.assess(mail, as_of=on(2027, 3, 1), policy=in_force)
    assert now.grace_window is not None
    assert now.grace_window.last_day == on(2027, 4, 15)
    for policy, last in ((guide, on(2027, 4, 30)), (in_force, on(2027, 4, 15))):
        table = frames.assess(frames.of([mail]), as_of=on(2027, 3, 1), policy=policy)
        assert table["csp_grace_last_day"].to_list() == [last]


def test_item_08_reopened_the_window_is_the_guides_again() -> None:
    mail = subscription(term=year_to(on(2027, 3, 31)))
    for policy in (GUIDE, IN_FORCE):
        a = csp.assess(mail, as_of=on(2027, 3, 1), policy=amended(policy, on(2027, 1, 1), 30))
        assert a.grace_window is not None
        assert a.grace_window.last_day == on(2027, 4, 30)
        assert "EST-001" not in a.doubts


# ---- 9: the reader ---------------------------------------------------------------------------------------------------

ITEM: dict[str, Any] = {
    "id": GUID,
    "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
    "offerName": "Microsoft 365 Business Basic",
    "quantity": 25,
    "effectiveStartDate": "2025-04-01T00:00:00Z",
    "commitmentEndDate": "2026-03-31T00:00:00Z",
    "status": "active",
    "autoRenewEnabled": True,
    "termDuration": "P1Y",
}


def read(**changes: Any) -> csp.Subscription:
    item = {key: value for key, value in (ITEM | changes).items() if value is not ...}
    (found,) = partner_center.read([item])
    return found


def deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


def deep_object(levels: int) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for _ in range(levels):
        nested = {"product": nested}
    return nested


@pytest.mark.parametrize("levels", [500, 2000, 100_000], ids=str)
@pytest.mark.parametrize(
    "field", ["status", "refundOptions", "productType", "scheduledActions", "scheduledNextTermInstructions"]
)
def test_item_09_one_deep_item_is_one_problem(field: str, levels: int) -> None:
    """The other one is read, and the problem can be shown, hashed and compared."""
    for nested in (deep(levels), deep_object(levels)):
        bad = ITEM | {"id": "deep", field: nested}
        reading = partner_center.read_tolerantly([bad, ITEM])
        assert [s.id for s in reading.subscriptions][-1:] == [GUID]
        assert len(reading.subscriptions) + bool(reading.problems) == 2
        for problem in reading.problems:
            assert len(str(problem)) < 1000
            assert {problem: 1}[problem] == 1


def deep_text(field: str, opening: str, innermost: str, closing: str, levels: int) -> str:
    """A listing as text: an item with one deep value, beside one that can be read."""
    nested = opening * levels + innermost + closing * levels
    bad = json.dumps(ITEM | {"id": "deep", "autoRenewEnabled": False, field: "NESTED"}).replace(
        '"NESTED"', nested
    )
    return f"[{json.dumps(ITEM)}, {bad}]"


@pytest.mark.parametrize("levels", [500, 100_000], ids=str)
@pytest.mark.parametrize(
    ("shape", "statuses"),
    [
        (("status", "[", "", "]"), {2}),
        (("scheduledNextTermInstructions", '{"product": ', "{}", "}"), {0, 2}),
        (("scheduledNextTermInstructions", '{"product": ', '{"termDuration": "P1Y"}', "}"), {0, 2}),
    ],
    ids=["status", "blank", "not-blank"],
)
def test_item_09_the_command_never_says_blocked_for_what_is_too_deep(
    shape: tuple[str, str, str, str], statuses: set[int], levels: int, tmp_path: Path
) -> None:
    """2, with a line that says why, where the item cannot be read; 0 where the rest of it can; never 1."""
    file = tmp_path / "deep.json"
    file.write_text(deep_text(*shape, levels), encoding="utf-8")
    errors = io.StringIO()
    named = ["--customer-country", "JP", "--partner-country", "JP", "--customer-id", "contoso"]
    named += ["--policy", "guide"]
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        status = main(["plan", str(file), *named, "--as-of", "2026-02-15"])
    assert status in statuses
    assert bool(errors.getvalue().strip()) == (status == 2)
    assert "Traceback" not in errors.getvalue()


@pytest.mark.parametrize("levels", [500, 100_000], ids=str)
def test_item_09_what_is_too_deep_to_be_read_is_not_read_as_a_renewal(levels: int) -> None:
    """Auto-renew is off, and what is scheduled is blank, however deep: a renewal would be made up."""
    text = deep_text("scheduledNextTermInstructions", '{"product": ', "{}", "}", levels)
    for found in partner_center.read_tolerantly(text).subscriptions:
        assert found.at_term_end in (None, csp.TermEnd.UNKNOWN)


def action(kind: str, schedule: str = "TermEnd", **more: Any) -> dict[str, Any]:
    return {"scheduleType": schedule, "actionType": kind, **more}


@pytest.mark.parametrize("kind", ["Cancel", "RenewToNewTerm", "RenewToExtendedServiceTerm", "Transition"])
@pytest.mark.parametrize("day", ["2025-09-01T00:00:00Z", "2026-03-15T00:00:00Z"])
def test_item_09_a_custom_date_is_not_the_end_of_the_term(kind: str, day: str) -> None:
    """Auto-renew is on: its deadline stays, and nothing is called safe by what happens on another day."""
    found = read(scheduledActions=[action(kind, "CustomDate", effectiveDate=day)])
    a = csp.assess(found, as_of=on(2026, 3, 1))
    assert a.auto_renew_off_by is not None or a.undated_by is not None
    if kind == "Cancel" and a.risk is not None:
        at_first = csp.assess(read(), as_of=on(2026, 3, 1)).provision_on
        safe = (a.risk.disruption, a.risk.data_loss) == (csp.Risk.NONE, csp.Risk.NONE)
        assert not safe or a.provision_on != at_first or said(a.findings, "END-004", csp.Severity.CAUTION)


def test_item_09_only_scheduled_actions_count() -> None:
    both = read(
        scheduledActions=[action("Cancel")],
        scheduledNextTermInstructions={"product": {"termDuration": "P1Y"}, "quantity": 10},
    )
    assert both.at_term_end is csp.TermEnd.CANCEL
    renewed = read(
        scheduledActions=[action("RenewToNewTerm")],
        scheduledNextTermInstructions={"product": {"termDuration": "P1M"}, "quantity": 10},
    )
    assert (renewed.at_term_end, renewed.renewal_duration) == (csp.TermEnd.RENEW, "P1Y")


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ({"quantity": 25}, csp.TermEnd.RENEW),
        ({"quantity": 24}, csp.TermEnd.CHANGE),
        ({"product": {"productId": "CFQ7TTC0LCHC", "skuId": "0002"}}, csp.TermEnd.CHANGE),
        ({"customTermEndDate": "2027-01-31T00:00:00Z"}, csp.TermEnd.CHANGE),
    ],
)
def test_item_09_an_actions_own_instructions_count(
    instructions: dict[str, Any], expected: csp.TermEnd
) -> None:
    assert (
        read(scheduledActions=[action("RenewToNewTerm", instructions=instructions)]).at_term_end is expected
    )


def test_item_09_an_actions_own_duration_counts() -> None:
    monthly = {"product": {"termDuration": "P1M"}}
    assert read(scheduledActions=[action("RenewToNewTerm", instructions=monthly)]).renewal_duration == "P1M"


def problem_of(**changes: Any) -> csp.Problem:
    [problem] = partner_center.read_tolerantly([ITEM | changes]).problems
    return problem


def test_item_09_billing_types() -> None:
    assert read(billingType="none").quantity == 25
    usage, benefit = (problem_of(billingType=kind) for kind in ("usage", "benefit"))
    assert (usage.field, benefit.field) == ("billingType", "billingType")
    assert usage.accepted != benefit.accepted


@pytest.mark.parametrize("name", ["Extended Service Term", "EXTENDED SERVICE TERM", "extended service term"])
def test_item_09_in_an_extended_service_term(name: str) -> None:
    """EST-005: it goes on, can be cancelled at any time, and has no window of seven days."""
    found = read(
        offerName=f"Microsoft 365 Business Basic ({name})",
        termDuration="P1M",
        effectiveStartDate="2026-06-01T00:00:00Z",
        commitmentEndDate="2026-06-30T00:00:00Z",
    )
    assert found.extended
    a = csp.assess(found, as_of=on(2026, 6, 15), policy=IN_FORCE)
    assert str(a.state) == "extended"
    assert said(a.findings, "EST-005")
    assert not said(a.findings, "CXL-001")
    assert not said(a.findings, "CXL-002")


@POLICIES
def test_item_09_legacy_and_suspended_is_never_in_time(policy: csp.Policy) -> None:
    legacy = subscription(status=csp.Status.SUSPENDED, legacy=True)
    a = csp.assess(legacy, as_of=on(2026, 3, 1), policy=policy)
    assert a.risk is not None
    assert a.risk.disruption is csp.Risk.CERTAIN
    assert a.risk.data_loss >= csp.Risk.POSSIBLE
    assert a.provisioning is None or a.provisioning.timing is not csp.Timing.IN_TIME


def test_item_09_an_end_of_start_plus_term_moves_no_first_day() -> None:
    found = read(commitmentEndDate="2026-04-01T00:00:00Z")
    assert found.term.first_day == on(2025, 4, 1)
    bought = csp.assess(found, as_of=on(2025, 4, 1), policy=IN_FORCE)
    assert bought.state is csp.State.ACTIVE
    assert bought.refund.outcome is PRORATED
    assert csp.assess(found, as_of=on(2025, 4, 9), policy=IN_FORCE).refund.outcome is NOTHING


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        (on(2025, 4, 7), PRORATED),
        (on(2025, 4, 8), PRORATED),
        (datetime(2025, 4, 8, 17, 59, tzinfo=UTC), PRORATED),
        (datetime(2025, 4, 8, 18, 0, tzinfo=UTC), NOTHING),
        (on(2025, 4, 9), NOTHING),
    ],
    ids=str,
)
def test_item_09_a_window_is_open_to_the_hour(as_of: date, outcome: csp.Outcome) -> None:
    found = read(cancellationAllowedUntilDate="2025-04-08T18:00:00Z")
    assert csp.refund_advice(found, as_of=as_of, policy=IN_FORCE).outcome is outcome


def test_item_09_without_a_duration_nobody_knows_whether_it_can_be_cancelled() -> None:
    found = read(termDuration=..., cancellationAllowedUntilDate=...)
    advice = csp.refund_advice(found, as_of=on(2025, 9, 1), policy=IN_FORCE)
    assert not found.length_known
    known = csp.refund_advice(read(), as_of=on(2025, 9, 1), policy=IN_FORCE)
    over = {(f.rule, f.case) for f in known.findings if f.rule == "CXL-001"}
    assert over
    assert not over & {(f.rule, f.case) for f in advice.findings}
    assert said(advice.findings, "CXL-001")


def test_item_09_what_third_parties_offer() -> None:
    assert read(isMicrosoftProduct=False).offer.extended_service is False
    assert read(publisherName="Northwind Traders").offer.extended_service is False
    assert (
        read(publisherName="Microsoft Corporation", isMicrosoftProduct=True).offer.extended_service
        is not False
    )
    assert "productType" in str(problem_of(productType="Azure"))
    assert "productType" in str(problem_of(productType={"id": "Azure"}))
    assert read(productType="OnlineServicesNCE") == read(productType={"id": "OnlineServicesNCE"})


def test_item_09_a_page_of_a_longer_listing() -> None:
    following = {"next": {"uri": "/customers/1/subscriptions?seekOperation=Next"}}
    page = {"totalCount": 2, "items": [ITEM], "links": following}
    reading = partner_center.read_tolerantly(page)
    assert [s.id for s in reading.subscriptions] == [GUID]
    assert reading.problems
    with pytest.raises(csp.PayloadError):
        partner_center.read(page)
    last = {"totalCount": 2, "items": [ITEM | {"id": "other"}], "links": {"self": {"uri": "/"}}}
    joined = partner_center.join_pages([page, last])  # type: ignore[attr-defined, unused-ignore]
    assert [s.id for s in partner_center.read(joined)] == [GUID, "other"]


@pytest.mark.parametrize("word", ["Active", "ACTIVE", "active"])
def test_item_09_words_in_tables_are_read_in_any_case(word: str) -> None:
    table = frames.of([subscription()]).with_columns(
        pl.lit(word).alias("status"), pl.lit("Csp").alias("channel")
    )
    [row] = frames.assess(table, as_of=on(2026, 3, 1)).iter_rows(named=True)
    assert row["csp_reason"] is None
    assert row["csp_state"] == "active"
    [found], _ = frames.values_of(table)
    assert (found.status, found.channel) == (csp.Status.ACTIVE, csp.Channel.CSP)


# ---- 10: money -------------------------------------------------------------------------------------------------------


def test_item_10_money_does_not_depend_on_the_callers_context() -> None:
    expected = YEARLY.for_days(364, licences=5, percent=23)
    assert str(expected) == "7359.78 EUR"  # 6000 / 365 x 364 x 1.23
    traps = [decimal.Inexact, decimal.Rounded, decimal.Subnormal]
    for context in (
        decimal.Context(prec=3),
        decimal.Context(prec=6, rounding=decimal.ROUND_CEILING),
        decimal.Context(prec=5, traps=traps),
        decimal.Context(prec=28, Emax=2, Emin=-2),
    ):
        with decimal.localcontext(context):
            found = YEARLY.for_days(364, licences=5, percent=23)
            text = str(found)
            total = str(found + found)
        assert (found, text, total) == (expected, "7359.78 EUR", "14719.56 EUR")


def test_item_10_what_is_too_large_is_the_callers_own_field() -> None:
    price = csp.Price(amount=Decimal(999_999_999_999_999), currency="EUR", cycle=csp.Cycle.MONTH)
    mail = subscription(price=price, quantity=10**9, term=year_to(on(2026, 12, 31)))
    with pytest.raises(csp.InvalidValue) as error:
        routes_of(mail, as_of=on(2026, 11, 1))[0].cost  # noqa: B018 - a cost may be made when it is asked for
    assert error.value.field != "amount"
    assert any(name in error.value.field for name in ("price", "quantity", "licences"))


# ---- 11: text from outside stays text --------------------------------------------------------------------------------

HOSTILE = (
    "pay\u202eload",
    "bell\x07 and \x1b[31mred",
    "zero\u200bwidth",
    "iso\u2066late",
    "line\u2028break\nnew\r\n# heading",
)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_item_11_no_control_or_direction_codes(name: str) -> None:
    mail = subscription(
        id=f"id {name}", name=name, offer=csp.Offer(id=f"o{name}", name=name), auto_renew=True
    )
    plan = plan_of(mail, as_of=on(2026, 3, 1), customer=csp.Tenant(id=f"c{name}", country="JP"))
    texts = [str(plan), plan.to_markdown(), repr(plan), *(str(f) for f in plan.findings)]
    texts += [f.message_in("ja") for f in plan.findings]
    for text in texts:
        codes = [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"]
        assert codes == []
    assert "\n# heading" not in plan.to_markdown()


@pytest.mark.parametrize(
    "name",
    ["http://evil.example/x", "www.evil.example", "@octocat", "#12", "$x^2$", "me@evil.example", "<b>x</b>"],
)
def test_item_11_markdown_makes_no_link_mention_or_formula(name: str) -> None:
    mail = subscription(name=f"a {name} b", auto_renew=True)
    markdown = plan_of(mail, as_of=on(2026, 3, 1)).to_markdown()
    assert f"a {name} b" not in markdown


def test_item_11_a_notebook_shows_no_formula() -> None:
    shown = plan_of(subscription(name="a $x^2$ b", auto_renew=True), as_of=on(2026, 3, 1))._repr_html_()
    ignored = any(word in shown for word in ("tex2jax_ignore", "mathjax_ignore"))
    assert ignored or "$x^2$" not in shown


# ---- 12: into another tenant (TEN-001) -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "last_day", "way", "until"),
    [
        (GUIDE, D, None, on(2026, 4, 30)),
        (IN_FORCE, D, W.PROVISION_THEN_EXPIRE, on(2026, 4, 30)),
        (IN_FORCE, on(2026, 6, 30), W.PROVISION_THEN_EXPIRE, on(2026, 6, 30)),
    ],
    ids=["item-12-guide", "item-12-with-window", "item-12-without-window"],
)
def test_the_customer_gets_all_days_to_migrate(
    policy: csp.Policy, last_day: date, way: csp.Way | None, until: date
) -> None:
    """From the day that is asked for, as provisioning may come early, to the end of the old access."""
    as_of = last_day - timedelta(days=30)
    mail = subscription(term=year_to(last_day))
    plan = plan_of(mail, as_of=as_of, policy=policy, target_tenant=NEWCO, way=way)
    [provision], [migrate] = steps_of(plan, A.PROVISION), steps_of(plan, A.MIGRATE_DATA)
    assert provision.first_day == migrate.first_day == as_of
    assert migrate.last_day == until


@pytest.mark.parametrize("last_day", [D, on(2026, 6, 30)], ids=["item-12-best-way", "item-12-best-way-2026"])
def test_whichever_way_it_goes_there_is_more_than_a_day_to_migrate(last_day: date) -> None:
    """What ends the old access on purpose is not best done on the day on which the migration begins."""
    as_of = last_day - timedelta(days=30)
    plan = plan_of(subscription(term=year_to(last_day)), as_of=as_of, policy=IN_FORCE, target_tenant=NEWCO)
    [provision], [migrate] = steps_of(plan, A.PROVISION), steps_of(plan, A.MIGRATE_DATA)
    assert provision.first_day == migrate.first_day
    assert migrate.last_day is None or migrate.last_day > migrate.first_day
    for step in (*steps_of(plan, A.END_EXTENSION), *steps_of(plan, A.CANCEL)):
        assert recommended(step) > migrate.first_day


def test_item_12_left_out_it_is_the_same_tenant() -> None:
    days = provisioning_days(subscription(), on(2026, 3, 1))
    assert days is not None
    assert days.earliest == on(2026, 4, 1)


# ---- 13: more than 150 (CAP-001) -------------------------------------------------------------------------------------


def test_item_13_what_stays_is_not_counted() -> None:
    moved = many(51)
    stays = [s.evolve(id=f"stays-{s.id}") for s in many(100)]
    told = dict.fromkeys((s.id for s in stays), csp.NOT_REPLACED)
    alone = plan_of(*moved, as_of=on(2026, 3, 1))
    beside = plan_of(*moved, *stays, as_of=on(2026, 3, 1), replacements=told)
    assert alone.method is beside.method is csp.Method.OVERLAP
    for s in moved:
        assert beside.assessment_of(s.id) == alone.assessment_of(s.id)
    assert not said(beside.findings, "CAP-001", csp.Severity.ACTION)


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"trial": True}, {}),
        ({"quantity": 0}, {}),
        ({"term": csp.Term(first_day=on(2024, 4, 1), last_day=on(2024, 12, 31))}, {}),
        ({}, {"target_tenant": NEWCO}),
    ],
    ids=["item-13-trials", "item-13-zero-licences", "item-13-long-over", "item-13-another-tenant"],
)
def test_what_is_not_duplicated_is_not_counted(changes: dict[str, Any], facts: dict[str, Any]) -> None:
    others = [s.evolve(id=f"x-{s.id}", **changes) for s in many(150)]
    plan = plan_of(subscription(), *others, as_of=on(2026, 3, 1), **facts)
    assert plan.method is csp.Method.OVERLAP


@pytest.mark.parametrize(
    ("count", "method"), [(150, csp.Method.OVERLAP), (151, csp.Method.EXPIRE_THEN_REPURCHASE)]
)
def test_item_13_150_and_151_that_are_moved(count: int, method: csp.Method) -> None:
    assert plan_of(*many(count), as_of=on(2026, 3, 1)).method is method
    assert csp.transfer_method(many(count)) is method


def test_item_13_more_than_150_are_not_duplicated_where_the_window_is_in_doubt_either() -> None:
    """CAP-001 lets 151 expire, and EST-001 says that no free window may follow: no day is sure."""
    plan = plan_of(*many(151, term=year_to(on(2026, 9, 14))), as_of=on(2026, 9, 1))
    assert plan.method is csp.Method.EXPIRE_THEN_REPURCHASE
    assert {s.first_day for s in steps_of(plan, A.PROVISION)} == {on(2026, 9, 15)}
    for a in plan.assessments:
        assert a.risk is not None
        assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.POSSIBLE, csp.Risk.POSSIBLE)


def test_item_13_nor_on_a_day_that_the_caller_chose() -> None:
    mails = many(151, term=year_to(on(2026, 9, 14)))
    chosen = {
        s.id: csp.Replacement(offer=s.offer, quantity=s.quantity, provision_on=on(2026, 9, 10)) for s in mails
    }
    plan = plan_of(*mails, as_of=on(2026, 9, 1), replacements=chosen)
    for a in plan.assessments:
        assert a.risk is not None
        assert a.risk.disruption is not csp.Risk.NONE


def test_item_13_a_blocked_plan_has_no_headline_of_its_method() -> None:
    blocked = plan_of(subscription(), as_of=on(2026, 3, 1), destination=csp.Partner(id="f", country="KR"))
    assert not blocked.feasible
    for lang in ("en", "ja"):
        assert label(blocked.method, lang) not in blocked.to_markdown(lang=lang)


# ---- 14: roles (ELG-001) ---------------------------------------------------------------------------------------------


@POLICIES
@pytest.mark.parametrize("role", csp.Role, ids=lambda role: f"item-14-{role}")
def test_no_role_blocks_a_plan(policy: csp.Policy, role: csp.Role) -> None:
    plan = plan_of(subscription(), as_of=on(2026, 3, 1), policy=policy, role=role)
    assert plan.feasible
    warned = [f.severity for f in plan.findings if f.rule == "ELG-001"]
    named = {csp.Role.ACCOUNT_ADMIN, csp.Role.SALES_AGENT, csp.Role.BILLING_AGENT}
    expected = role not in named | {csp.Role.ADMIN_AGENT}
    assert (csp.Severity.CAUTION in warned) == expected
    assert csp.may_act(role) == (role in named)


def test_item_14_a_billing_agent_today() -> None:
    """ELG-004: a newer edition names account admin and sales agent only."""
    plan = plan_of(subscription(), as_of=on(2026, 3, 1), policy=IN_FORCE, role=csp.Role.BILLING_AGENT)
    assert said(plan.findings, "ELG-004", csp.Severity.CAUTION)


# ---- 15: cancelling is the guide's first option (END-001) ------------------------------------------------------------


def test_item_15_cancelling_can_be_planned_under_the_guide() -> None:
    mail, as_of = subscription(auto_renew=True), on(2026, 3, 1)
    assert the_route(routes_of(mail, as_of=as_of, policy=GUIDE), W.CANCEL_AND_REBUY).available
    plan = plan_of(mail, as_of=as_of, way=W.CANCEL_AND_REBUY)
    assert [part.way for part in plan.parts] == [W.CANCEL_AND_REBUY]
    order = [s.action for s in plan.steps]
    assert order.index(A.PROVISION) < order.index(A.CANCEL)
    assert said(plan.findings, "END-002")
    assert said(plan.findings, "LIF-004")
    [part] = plan.parts
    assert part.moves_on is not None
    assert part.paid_twice_days == (D - part.moves_on).days + 1  # nothing is refunded


def test_item_15_in_force_it_is_open_in_its_window_only() -> None:
    mail = subscription(term=csp.Term.starting(on(2026, 6, 1), "P1Y"))
    for as_of, is_open in ((on(2026, 6, 5), True), (on(2026, 6, 20), False)):
        assert the_route(routes_of(mail, as_of=as_of), W.CANCEL_AND_REBUY).available is is_open


@POLICIES
def test_item_15_credit_and_plan_do_not_contradict_each_other(policy: csp.Policy) -> None:
    direct = subscription(channel=csp.Channel.WEB_DIRECT, auto_renew=True, term=year_to(on(2026, 1, 31)))
    as_of = on(2026, 1, 10)
    plan = plan_of(direct, as_of=as_of, policy=policy, way=W.CANCEL_AND_REBUY)
    assert [part.way for part in plan.parts] == [W.CANCEL_AND_REBUY]
    wanted = (A.ASK_FOR_CREDIT, A.DECIDE_CREDIT, A.PROVISION, A.CANCEL)
    [ask], [decide], [provision], [cancel] = (steps_of(plan, one) for one in wanted)
    assert ask.first_day <= decide.first_day <= provision.first_day <= cancel.first_day
    order = [plan.steps.index(step) for step in (ask, decide, provision, cancel)]
    assert order == sorted(order)
    assert cancel.actor is csp.Actor.CUSTOMER
    expiring = plan_of(direct, as_of=as_of, policy=policy)
    [ask] = steps_of(expiring, A.ASK_FOR_CREDIT)
    assert ask.last_day is not None
    assert ask.last_day <= on(2026, 1, 31)


# ---- 16: unknown stays unknown ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "contact", "rules"),
    [
        (None, None, {"CRD-003", "CRD-004"}),
        (True, csp.Contact.PARTNER_FOR_CUSTOMER, {"CRD-003"}),
        (False, csp.Contact.CUSTOMER, {"CRD-004"}),
    ],
    ids=["item-16-not-known", "item-16-yes", "item-16-no"],
)
def test_delegated_admin_has_three_answers(
    known: bool | None, contact: csp.Contact | None, rules: set[str]
) -> None:
    direct, as_of = subscription(channel=csp.Channel.WEB_DIRECT), on(2026, 1, 10)
    facts: dict[str, Any] = {} if known is None else {"delegated_admin": known}
    for answer in (
        csp.refund_advice(direct, as_of=as_of, **facts),
        csp.assess(direct, as_of=as_of, **facts).refund,
        plan_of(direct, as_of=as_of, **facts).assessments[0].refund,
    ):
        assert answer.outcome is csp.Outcome.CREDIT_POSSIBLE
        assert answer.contact is contact
        assert {f.rule for f in answer.findings} & {"CRD-003", "CRD-004"} == rules
    [row] = frames.assess(frames.of([direct]), as_of=as_of, **facts).iter_rows(named=True)
    assert row["csp_contact"] == (None if contact is None else str(contact))
    assert transfer(direct).delegated_admin is None


# ---- 17: old data is not loss ----------------------------------------------------------------------------------------


@POLICIES
def test_item_17_an_active_status_long_after_the_term_is_old_data(policy: csp.Policy) -> None:
    """200 days after its last day: by dates alone it would be Deleted; the service says that it is active."""
    stale = subscription(term=year_to(on(2025, 12, 31)))
    plan = plan_of(stale, as_of=on(2026, 7, 19), policy=policy)
    assert plan.too_late == ()
    [a] = plan.assessments
    assert a.risk is None or a.risk.data_loss < csp.Risk.CERTAIN
    assert said(plan.findings, "END-004", csp.Severity.CAUTION)
    assert plan.feasible
    assert plan.steps


# ---- 18: steps in sequence have days in sequence ---------------------------------------------------------------------


def recommended(step: csp.Step) -> date:
    assert step.recommended is not None
    return step.recommended


@POLICIES
def test_item_18_a_recommended_day_stands_beside_the_last_one(policy: csp.Policy) -> None:
    mail = subscription(auto_renew=True, term=year_to(on(2026, 12, 31)))
    plan = plan_of(mail, as_of=on(2026, 11, 1), policy=policy, relationship_accepted=False)
    wanted = (A.REQUEST_RELATIONSHIP, A.ACCEPT_RELATIONSHIP, A.PROVISION)
    request, accept, provision = (steps_of(plan, one)[0] for one in wanted)
    assert recommended(request) <= recommended(accept) <= recommended(provision)
    assert provision.last_day is not None
    assert recommended(accept) < provision.last_day


def test_item_18_transfers_come_by_request() -> None:
    """30 subscriptions, 25 in a request: two requests, each submitted once."""
    found = many(30, term=year_to(on(2027, 3, 31)), auto_renew=True)
    source = csp.Partner(id="northwind", country="JP")
    plan = plan_of(*found, as_of=on(2026, 11, 1), policy=IN_FORCE, source=source)
    assert {part.way for part in plan.parts} == {W.PARTNER_CENTER_TRANSFER}
    for kind in (A.REQUEST_TRANSFER, A.SUBMIT_TRANSFER):
        steps = steps_of(plan, kind)
        covered = [subject for s in steps for subject in s.subjects]
        assert len(steps) == 2
        assert sorted(covered) == sorted(s.id for s in found)


def test_item_18_who_else_may_buy_again_is_named() -> None:
    """CAP-002: the destination partner or the customer."""
    [step] = steps_of(plan_of(subscription(), as_of=on(2026, 4, 10)), A.PROVISION)
    assert step.actor is csp.Actor.DESTINATION_PARTNER
    assert step.or_actor is csp.Actor.CUSTOMER


def test_item_18_only_what_has_expired_the_customer_may_buy_as_well() -> None:
    """Into another tenant licences may come while the term runs: that is for the destination partner."""
    running = plan_of(subscription(), as_of=on(2026, 3, 1), target_tenant=NEWCO)
    assert {s.or_actor for s in steps_of(running, A.PROVISION)} == {None}
    expired = plan_of(subscription(), as_of=on(2026, 3, 1))
    assert {s.or_actor for s in steps_of(expired, A.PROVISION)} == {csp.Actor.CUSTOMER}


# ---- 19: what the guide says and nothing showed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("multichannel", "Customers", "Request a reseller relationship")),
        ("ja", ("顧客", "再販業者関係の要求")),
    ],
)
def test_item_19_the_request_says_where_and_that_it_is_for_several_channels(
    lang: str, words: tuple[str, ...]
) -> None:
    plan = plan_of(subscription(), as_of=on(2026, 3, 1), relationship_accepted=False)
    [request] = [f for f in plan.findings if f.rule == "REL-001"]
    for word in words:
        assert word.lower() in request.message_in(lang).lower()


def test_item_19_the_guides_pointers_are_shown() -> None:
    """The pages themselves, not only the passage of the guide, whose name has these words, too."""
    into_another = plan_of(subscription(), as_of=on(2026, 3, 1), target_tenant=NEWCO)
    assert "tenant-to-tenant migration" in into_another.to_text(detail=True).lower()
    direct = plan_of(subscription(channel=csp.Channel.WEB_DIRECT), as_of=on(2026, 3, 1))
    assert "cancel" in direct.to_text(detail=True).lower()


# ---- 20: the library takes its own advice ----------------------------------------------------------------------------


def test_item_20_the_earlier_of_two_windows_is_the_deadline() -> None:
    """EST-001, term to 2026-09-14: the guide's window ends on 10-14; the day to act by is 09-14."""
    mail, as_of = subscription(term=year_to(on(2026, 9, 14))), on(2026, 9, 1)
    a = csp.assess(mail, as_of=as_of)
    assert a.grace_window is not None
    assert a.grace_window.last_day == on(2026, 10, 14)
    assert a.provisioning is not None
    assert a.provisioning.latest == on(2026, 9, 14)
    assert a.provisioning.doubted_day == on(2026, 10, 14)
    assert "EST-001" in a.doubts
    plan = plan_of(mail, as_of=as_of)
    [step] = steps_of(plan, A.PROVISION)
    assert step.last_day == on(2026, 9, 14)
    assert "EST-001" in step.cautions
    assert [d.day for d in plan.deadlines if d.action is A.PROVISION] == [on(2026, 9, 14)]
    [row] = frames.assess(frames.of([mail]), as_of=as_of).iter_rows(named=True)
    assert row["csp_provisioning_latest"] == on(2026, 9, 14)


def test_item_20_after_the_earlier_day_it_counts_as_too_late() -> None:
    mail = subscription(term=year_to(on(2026, 9, 14)))
    a = csp.assess(mail, as_of=on(2026, 9, 20))
    assert a.provisioning is not None
    assert a.provisioning.timing is csp.Timing.TOO_LATE
    [row] = frames.assess(frames.of([mail]), as_of=on(2026, 9, 20)).iter_rows(named=True)
    assert row["csp_timing"] == "too_late"


@POLICIES
def test_item_20_the_earlier_of_two_renewals_is_the_deadline(policy: csp.Policy) -> None:
    """RNW-001, monthly since 2023-01-31: from the anchor it ends on 2026-11-29, chained (28th to 27th) on 11-27."""
    mail = subscription(term=csp.Term.starting(on(2023, 1, 31), "P1M"), auto_renew=True)
    a = csp.assess(mail, as_of=on(2026, 11, 10), policy=policy)
    assert "RNW-001" in a.doubts
    assert a.auto_renew_off_by == on(2026, 11, 27)
    plan = plan_of(mail, as_of=on(2026, 11, 10), policy=policy, way=W.PROVISION_THEN_EXPIRE)
    stops = [s for s in plan.steps if s.action in (A.TURN_OFF_AUTO_RENEW, A.CHOOSE_CANCELLATION)]
    assert [s.last_day for s in stops] == [on(2026, 11, 27)]
    [row] = frames.assess(frames.of([mail]), as_of=on(2026, 11, 10), policy=policy).iter_rows(named=True)
    assert row["csp_auto_renew_off_by"] == on(2026, 11, 27)


@POLICIES
def test_item_20_the_earlier_of_two_ends_after_a_renewal_is_the_deadline(policy: csp.Policy) -> None:
    """The same, let renew once more: the next term ends on 2026-12-30 from the anchor, on 12-27 chained."""
    mail = subscription(term=csp.Term.starting(on(2023, 1, 31), "P1M"), auto_renew=True)
    plan = plan_of(mail, as_of=on(2026, 11, 10), policy=policy, way=W.RENEW_AND_WAIT)
    assert [part.way for part in plan.parts] == [W.RENEW_AND_WAIT]
    stops = [s for s in plan.steps if s.action in (A.TURN_OFF_AUTO_RENEW, A.CHOOSE_CANCELLATION)]
    assert [s.last_day for s in stops] == [on(2026, 12, 27)]
    [a] = plan.assessments  # along that way, it says the days of its steps
    assert (a.auto_renew_off_by, a.auto_renew_doubted_day) == (on(2026, 12, 27), on(2026, 12, 30))
    assert a.provisioning is not None
    [provision] = steps_of(plan, A.PROVISION)
    assert (a.provisioning.latest, a.provisioning.doubted_day) == (provision.last_day, provision.doubted_day)


def test_item_20_what_is_said_of_two_terms_is_said_of_the_first_one_first() -> None:
    """The same on 2026-09-10: the terms end on 09-29 and on 10-30. As a word, October is less than 9."""
    mail = subscription(term=csp.Term.starting(on(2023, 1, 31), "P1M"), auto_renew=True)
    plan = plan_of(mail, as_of=on(2026, 9, 10), way=W.RENEW_AND_WAIT)
    said = [
        [f.facts["last_day"] for f in plan.findings if (f.rule, f.case) == case]
        for case in (("EST-001", "no-free-window"), ("RNW-001", "disputed-day"))
    ]
    assert said == [[on(2026, 9, 29), on(2026, 10, 30)]] * 2


@POLICIES
def test_item_20_the_later_of_two_ends_that_the_service_gives_stands_beside_every_deadline(
    policy: csp.Policy,
) -> None:
    """UTC-001, an end on 2026-04-01 that is start + term: the last day is 03-31, or by another reading 04-01."""
    term = csp.Term(first_day=on(2025, 4, 1), last_day=on(2026, 3, 31))
    mail = subscription(term=term, auto_renew=True, doubted_last_day=on(2026, 4, 1))
    a = csp.assess(mail, as_of=on(2026, 3, 1), policy=policy)
    assert a.auto_renew_off_by == on(2026, 3, 31)
    assert a.auto_renew_doubted_day == on(2026, 4, 1)
    assert a.provisioning is not None
    assert a.provisioning.latest == on(2026, 4, 30)
    assert a.provisioning.doubted_day == on(2026, 5, 1)
    assert a.doubts == ("UTC-001",)
    assert a.gives_access_until == on(2026, 4, 30)  # which the earlier reading gives as well
    plan = plan_of(mail, as_of=on(2026, 3, 1), policy=policy, way=W.EXPIRE_THEN_REBUY)
    due = {d.action: (d.day, d.doubted_day, d.cautions) for d in plan.deadlines}
    assert due[A.TURN_OFF_AUTO_RENEW] == (on(2026, 3, 31), on(2026, 4, 1), ("UTC-001",))
    assert due[A.PROVISION] == (on(2026, 4, 30), on(2026, 5, 1), ("UTC-001",))
    assert "2026-03-31 (UTC-001!: perhaps 2026-04-01)" in plan.to_text(detail=True)
    [row] = frames.assess(frames.of([mail]), as_of=on(2026, 3, 1), policy=policy).iter_rows(named=True)
    assert row["csp_auto_renew_doubted_day"] == on(2026, 4, 1)
    assert row["csp_provisioning_doubted_day"] == on(2026, 5, 1)
    assert row["csp_doubts"] == "UTC-001"


def test_item_20_a_later_end_in_doubt_moves_the_day_of_deletion_as_well() -> None:
    """Disabled from 2026-05-01 through 07-29, by the other reading through 07-30."""
    mail = subscription(
        term=csp.Term(first_day=on(2025, 4, 1), last_day=on(2026, 3, 31)),
        status=csp.Status.EXPIRED,
        doubted_last_day=on(2026, 4, 1),
    )
    a = csp.assess(mail, as_of=on(2026, 5, 2))
    assert a.provisioning is not None
    assert (a.provisioning.latest, a.provisioning.doubted_day) == (on(2026, 7, 29), on(2026, 7, 30))


@POLICIES
@pytest.mark.parametrize("exempt", [{"legacy": True}, {"offer": BASIC.evolve(extended_service=False)}])
def test_item_20_what_is_exempt_is_due_by_the_end_of_its_term(policy: csp.Policy, exempt: Any) -> None:
    """EST-004: no source says whether it keeps the 30 days after 2026-09-14, so they are in doubt."""
    mail = subscription(term=year_to(on(2026, 9, 14)), auto_renew=False, **exempt)
    a = csp.assess(mail, as_of=on(2026, 9, 1), policy=policy)
    assert a.provisioning is not None
    assert (a.provisioning.latest, a.provisioning.doubted_day) == (on(2026, 9, 14), on(2026, 10, 14))
    assert a.doubts == ("EST-004" if policy.in_force else "EST-001",)
    chosen = csp.Replacement(offer=mail.offer, quantity=mail.quantity, provision_on=on(2026, 9, 15))
    assert csp.transition_risk(mail, chosen, policy=policy).data_loss is csp.Risk.POSSIBLE
    [row] = frames.assess(frames.of([mail]), as_of=on(2026, 9, 1), policy=policy).iter_rows(named=True)
    assert row["csp_provisioning_latest"] == on(2026, 9, 14)
    assert row["csp_doubts"] == a.doubts[0]


# ---- 21: a comparison for a real customer ----------------------------------------------------------------------------


@POLICIES
def test_item_21_one_trial_or_dead_subscription_closes_no_route(policy: csp.Policy) -> None:
    good = many(7)
    dead = subscription(id="dead", status=csp.Status.DELETED)
    trial = subscription(
        id="trial", trial=True, term=csp.Term(first_day=on(2026, 2, 20), last_day=on(2026, 3, 21))
    )
    routes = routes_of(*good, dead, trial, as_of=on(2026, 3, 1), policy=policy)
    beside = the_route(routes, W.PROVISION_THEN_EXPIRE)
    assert beside.available
    assert "dead" in beside.exceptions
    assert not set(beside.exceptions) & {s.id for s in good}
    assert "dead" in str(beside) or "dead" in beside.to_markdown()
    [mix] = [route for route in routes if route.way is None]
    assert {part.subscription for part in mix.parts if part.available} >= {s.id for s in good}


# ---- 22: every problem at once ---------------------------------------------------------------------------------------


def test_item_22_from_dict_names_every_problem_with_its_path() -> None:
    data = transfer(subscription(id="a"), subscription(id="b")).to_dict()
    data["subscriptions"][0]["quantity"] = -1
    data["subscriptions"][1]["quantity"] = "25"
    data["customer"]["country"] = "jp"
    with pytest.raises(csp.CspTransferError) as error:
        csp.Transfer.from_dict(data)
    for path in ("subscriptions[0].quantity", "subscriptions[1].quantity", "customer.country"):
        assert f"Transfer.{path}" in str(error.value)


def test_item_22_one_problem_has_its_path_too() -> None:
    data = transfer(subscription(id="a")).to_dict()
    data["subscriptions"][0]["quantity"] = -1
    with pytest.raises(csp.InvalidValue) as error:
        csp.Transfer.from_dict(data)
    assert error.value.field == "Transfer.subscriptions[0].quantity"


def test_item_22_the_reader_names_every_problem_of_an_item() -> None:
    bad = ITEM | {"quantity": -1, "autoRenewEnabled": "yes", "commitmentEndDate": "soon"}
    problems = partner_center.read_tolerantly([bad, ITEM | {"id": "good"}]).problems
    assert {p.field for p in problems} == {"quantity", "autoRenewEnabled", "commitmentEndDate"}


def test_item_22_frames_name_every_column() -> None:
    table = frames.of([subscription()]).with_columns(
        pl.lit("many").alias("quantity"), pl.lit(1.5).alias("last_day")
    )
    with pytest.raises(csp.CspTransferError) as error:
        frames.assess(table, as_of=on(2026, 3, 1))
    assert "quantity" in str(error.value)
    assert "last_day" in str(error.value)


# ---- 23: small -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [float("nan"), Decimal("NaN"), ""], ids=repr)
def test_item_23_what_stands_for_nothing_is_refused(value: Any) -> None:
    # What pandas has for it is asked with in tests/engines.
    for ask in (
        lambda: csp.assess(subscription(), as_of=value),
        lambda: csp.Term(first_day=value, last_day=D),
        lambda: csp.Replacement(offer=BASIC, quantity=1, provision_on=value),
        lambda: subscription(quantity=value),
        lambda: subscription(cancellation_allowed_until=value),
        lambda: csp.plan_transfer(transfer(), as_of=value),
    ):
        with pytest.raises((csp.InvalidType, csp.InvalidValue)):
            ask()


def test_item_23_a_table_gives_back_the_same_values() -> None:
    mail = subscription(
        name="Mail",
        parent="base",
        price=YEARLY,
        assigned=20,
        offer=csp.Offer(
            id="o",
            name="An offer",
            discontinued=True,
            monthly=True,
            extended_service=False,
            equivalents={"p"},
        ),
        anchor=on(2024, 4, 1),
        renewal_duration="P1M",
        cancellation_allowed_until=datetime(2025, 4, 8, 18, tzinfo=UTC),
    )
    plain = subscription(id="plain")
    read_back, _ = frames.values_of(frames.of([mail, plain]))
    assert read_back == (mail, plain)


@pytest.mark.parametrize(
    "change",
    [{"quantity": -1}, {"last_day": None}, {"status": "sleeping"}, {"id": None}, {"auto_renew": None}],
    ids=str,
)
def test_item_23_both_doors_of_frames_refuse_the_same_rows(change: dict[str, Any]) -> None:
    table = frames.of([subscription()])
    [name] = change
    changed = table.with_columns(pl.lit(change[name], dtype=table.schema[name]).alias(name))
    [row] = frames.assess(changed, as_of=on(2026, 3, 1)).iter_rows(named=True)
    try:
        frames.values_of(changed)
        read_back = True
    except csp.CspTransferError:
        read_back = False
    assert (row["csp_reason"] is None) is read_back


@pytest.mark.parametrize(("first_due", "in_doubt"), [(on(2026, 11, 27), False), (on(2026, 11, 28), True)])
def test_what_is_due_first_is_in_doubt_where_something_else_may_have_been_due_before_it(
    first_due: date, *, in_doubt: bool
) -> None:
    """RNW-001: the other one, which is to be replaced on 2026-11-29, surely runs until 11-27 only."""
    first = subscription(
        id="a", term=csp.Term(first_day=on(2025, 11, 28), last_day=first_due), auto_renew=True
    )
    monthly = subscription(id="b", term=csp.Term.starting(on(2023, 1, 31), "P1M"), auto_renew=True)
    chosen = csp.Replacement(offer=monthly.offer, quantity=monthly.quantity, provision_on=on(2026, 11, 29))
    plan = plan_of(
        first,
        monthly,
        as_of=on(2026, 11, 10),
        policy=csp.IN_FORCE,
        way=W.PROVISION_THEN_EXPIRE,
        replacements={"b": chosen},
        relationship_accepted=False,
    )
    [step] = steps_of(plan, A.REQUEST_RELATIONSHIP)
    assert step.last_day == first_due - timedelta(days=2)
    assert ("RNW-001" in step.cautions) is in_doubt
