"""One question, every door: whoever is asked, the days, risks and costs are the same."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import Any

import polars as pl
import pytest
from facts import BASIC, D, day, questions, subscription, transfer
from frame_rows import said_of
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from laws import tried
from moves import moves, running, with_a_dead_one
from simulation import DAY, subjects_of

import csp_transfer as csp
from csp_transfer import frames, strategies
from csp_transfer.export import to_ics
from csp_transfer.plots.rows import rows_of

POLICIES = (csp.GUIDE, csp.IN_FORCE)
policies = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
Question = tuple[csp.Transfer, date]
W = csp.Way

at_length = tried(2)


_ALONE = questions(subscriptions=st.tuples(strategies.subscriptions(canceled_on=None, parent=None)))


def assessed(move: csp.Transfer, s: csp.Subscription, as_of: date, policy: csp.Policy) -> csp.Assessment:
    return csp.assess(
        s,
        move.replacements.get(s.id),
        as_of=as_of,
        delegated_admin=move.delegated_admin,
        into_another_tenant=move.target_tenant is not None,
        policy=policy,
    )


# ---- assess and frames -----------------------------------------------------------------------------------------------


@policies
@at_length
@given(question=questions())
def test_frames_say_of_each_row_what_assess_says(policy: csp.Policy, question: Question) -> None:
    move, as_of = question
    frame = frames.assess(
        frames.of(move.subscriptions, move.replacements),
        as_of=as_of,
        delegated_admin=move.delegated_admin,
        into_another_tenant=move.target_tenant is not None,
        policy=policy,
    )
    assert isinstance(frame, pl.DataFrame)
    for s, row in zip(move.subscriptions, frame.iter_rows(named=True), strict=True):
        wanted = said_of(assessed(move, s, as_of, policy))
        assert {name: row[f"csp_{name}"] for name in wanted} == wanted


# ---- assess and plan -------------------------------------------------------------------------------------------------


@policies
@at_length
@given(question=moves(most=1) | _ALONE)
def test_a_plan_that_chooses_no_other_way_says_what_assess_says(
    policy: csp.Policy, question: Question
) -> None:
    """Of one subscription alone, with nothing that only a plan knows: a tenant's room, a base, a relationship."""
    move, as_of = question
    move = move.evolve(tenant_subscriptions=None, unread=0, relationship_accepted=True, source=None)
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    [own], [s] = plan.assessments, move.subscriptions
    if own.way is not None:
        return
    a = assessed(move, s, as_of, policy)
    wanted = said_of(a)
    if plan.parts or not plan.feasible:  # a way that is barred puts a risk in doubt
        for name in ("disruption", "data_loss"):
            wanted.pop(name)
    assert {name: said_of(own)[name] for name in wanted} == wanted
    if plan.feasible and a.moved and not a.day_chosen and a.provisioning is not None:
        steps = {step.action: step for step in plan.steps if not step.unless_transferred}
        kept = {step.action: step for step in plan.steps} | steps
        if (step := kept.get(csp.Action.PROVISION)) is not None:
            assert (step.first_day, step.last_day) == (a.provisioning.earliest, a.provisioning.latest)
            assert step.recommended == a.provisioning.recommended
        stops = (csp.Action.TURN_OFF_AUTO_RENEW, csp.Action.UNDO_SCHEDULE)
        for action in stops:
            if action in kept:
                assert kept[action].last_day == a.auto_renew_off_by


@policies
@at_length
@given(question=moves(most=1) | _ALONE)
def test_one_best_day_whoever_is_asked(policy: csp.Policy, question: Question) -> None:
    """The way that an assessment goes by itself has one best day, one risk, in a comparison and in a plan as well."""
    move, as_of = question
    move = move.evolve(tenant_subscriptions=None, unread=0, relationship_accepted=True, role=None)
    [s] = move.subscriptions
    a = assessed(move, s, as_of, policy)
    if not a.moved or a.own_way is None or a.already_provisioned or a.undated_by is not None:
        return
    assert a.risk is not None
    routes = csp.compare_routes(move, as_of=as_of, policy=policy)
    parts = {part.way: part for route in routes for part in route.parts}
    part = parts.get(a.own_way)
    if part is None or not part.available:
        return
    assert part.moves_on == a.provision_on
    assert part.paid_twice_days == a.risk.paid_twice_days
    # What only another way may make unsafe does not make this one safer.
    assert (part.disruption, part.data_loss) == (a.risk.disruption, a.risk.data_loss)
    assert part.reassign_licenses == a.risk.reassign_licenses
    named = csp.plan_transfer(move, as_of=as_of, policy=policy, way=a.own_way)
    if named.feasible:
        assert named.assessments[0].provision_on == a.provision_on


# ---- plan and comparison ---------------------------------------------------------------------------------------------


@policies
@at_length
@given(question=questions())
def test_a_plan_goes_its_ways_as_the_comparison_shows_them(policy: csp.Policy, question: Question) -> None:
    move, as_of = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    routes = csp.compare_routes(move, as_of=as_of, policy=policy)
    compared = {
        (part.subscription, part.way): part
        for route in routes
        if route.way is not None
        for part in route.parts
    }
    [best] = [route for route in routes if route.way is None]
    assert set(plan.parts) <= set(best.parts)
    ids = {s.id.lower() for s in move.subscriptions}
    add_ons = {s.id for s in move.subscriptions if s.parent is not None and s.parent.lower() in ids}
    for part in plan.parts:
        if part.subscription not in add_ons:  # of an add-on, it depends on how its base goes
            assert compared[part.subscription, part.way] == part


_GIVES_NOTHING = (
    {"status": csp.Status.CANCELED},
    {"status": csp.Status.DELETED},
    {"status": csp.Status.DISABLED},
    {"status": csp.Status.SUSPENDED},
)
_NOT_WELL = st.sampled_from((None, None, None, *_GIVES_NOTHING, "unknown", "stays", "ends", "there"))


@st.composite
def add_ons(draw: st.DrawFn) -> tuple[csp.Transfer, date, set[str]]:
    """A move of a base, its add-on, one of that, and so on; the ids of what is under one that is gone, or will be."""
    as_of = draw(st.dates(date(2025, 12, 1), date(2026, 8, 31)))
    subs: list[csp.Subscription] = []
    chosen: dict[str, csp.Replacement | csp.NotReplaced] = {}
    gone, in_doubt = False, set[str]()
    for n in range(draw(st.integers(2, 4))):
        s = draw(running(as_of, n, fixed={"parent": f"S{n - 1}" if n else None}))
        how = draw(_NOT_WELL)
        if gone:
            in_doubt.add(s.id)
        if isinstance(how, dict):
            s = s.evolve(auto_renew=False, at_term_end=None, **how)
            gone = True
        elif how == "unknown":
            s = s.evolve(status=csp.Status.UNKNOWN)
            gone = True
        elif how in ("stays", "ends"):
            chosen[s.id] = csp.NOT_REPLACED
            s = s.evolve(status=csp.Status.ACTIVE, auto_renew=how == "stays", at_term_end=None)
            gone = gone or how == "ends"
        elif how == "there":
            chosen[s.id] = csp.Replacement(offer=s.offer, quantity=s.quantity, provision_on=as_of - DAY)
        gone = gone or s.status is csp.Status.SUSPENDED
        subs.append(s)
    if draw(st.sampled_from((False, False, False, True))):
        subs[0] = subs[0].evolve(parent=subs[-1].id)
        in_doubt = {s.id for s in subs}
    order = draw(st.permutations(subs))
    there = {key for key, given in chosen.items() if isinstance(given, csp.Replacement)}
    move = transfer(*order, replacements=chosen, relationship_accepted=True)
    return move, as_of, in_doubt - there


@policies
@given(question=add_ons())
def test_nothing_is_safe_under_a_base_that_is_gone_whoever_is_asked(
    policy: csp.Policy, question: tuple[csp.Transfer, date, set[str]]
) -> None:
    move, as_of, in_doubt = question
    routes = csp.compare_routes(move, as_of=as_of, policy=policy)
    shown = [part for route in routes for part in route.parts if part.available]
    for way in (None, *W):
        plan = csp.plan_transfer(move, as_of=as_of, policy=policy, way=way)
        for a in plan.assessments:
            if a.subscription.id in in_doubt and a.moved:
                assert a.risk is not None
                assert min(a.risk.disruption, a.risk.data_loss) >= csp.Risk.POSSIBLE
        shown += plan.parts
    for part in shown:
        if part.subscription in in_doubt:
            assert min(part.disruption, part.data_loss) >= csp.Risk.POSSIBLE


@policies
@given(question=add_ons())
def test_what_is_under_a_base_in_doubt_is_in_doubt(
    policy: csp.Policy, question: tuple[csp.Transfer, date, set[str]]
) -> None:
    move, as_of, _ = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    doubted = {f.subject for f in plan.findings if f.rule == "REL-002" and f.case.startswith("base-")}
    for a in plan.assessments:
        if a.moved and a.subscription.parent is not None and a.subscription.parent.lower() in doubted:
            assert a.subscription.id in doubted | {
                f.subject for f in plan.findings if f.case == "parent-not-moved"
            }


@policies
@given(question=add_ons(), way=st.sampled_from(W))
def test_a_plan_that_is_told_a_way_says_what_its_route_says(
    policy: csp.Policy, question: tuple[csp.Transfer, date, set[str]], way: csp.Way
) -> None:
    move, as_of, _ = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy, way=way)
    [route] = [route for route in csp.compare_routes(move, as_of=as_of, policy=policy) if route.way is way]
    going = {part.subscription: part for part in plan.parts}
    for part in route.parts:
        if part.available and going[part.subscription].way is way:
            assert going[part.subscription] == part


@policies
@at_length
@given(question=questions())
def test_a_plan_is_made_of_its_parts(policy: csp.Policy, question: Question) -> None:
    """What each subscription's way says of days, risk and the bill, its assessment in the plan says, too."""
    move, as_of = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    steps = {
        (subject, step.action, step.unless_transferred): step
        for step in plan.steps
        for subject in subjects_of(step)
    }
    for part in plan.parts:
        a = plan.assessment_of(part.subscription)
        by_transfer = part.way is W.PARTNER_CENTER_TRANSFER
        if not by_transfer:
            assert a.provision_on == part.moves_on
            assert a.risk is not None
            assert a.risk.paid_twice_days == part.paid_twice_days
            assert a.risk.reassign_licenses == part.reassign_licenses
            assert (a.risk.disruption, a.risk.data_loss) == (part.disruption, part.data_loss)
        for step in part.steps:
            planned = steps[step.subject, step.action, False]
            assert (planned.first_day, planned.last_day) == (step.first_day, step.last_day)


@policies
@at_length
@given(question=questions())
def test_the_best_mix_is_what_the_plan_does(policy: csp.Policy, question: Question) -> None:
    """Under a policy of what is in force, where nobody chose a day; its cost is the sum of its parts."""
    move, as_of = question
    move = move.evolve(replacements={})
    routes = csp.compare_routes(move, as_of=as_of, policy=policy)
    for route in routes:
        open_parts = [part for part in route.parts if part.available]
        assert route.paid_twice_days == (sum(p.paid_twice_days for p in open_parts) if route.available else 0)
        costs = [part.cost for part in open_parts]
        known = [cost for cost in costs if cost is not None]
        if route.available and known and len(known) == len(costs):
            assert route.cost == reduce(add, known)
    mixes = [route for route in routes if route.way is None]
    if any(route.available for route in routes):
        assert len(mixes) == 1
        if policy.in_force:
            plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
            ways = {part.subscription: part.way for part in mixes[0].parts if part.available}
            assert ways == {part.subscription: part.way for part in plan.parts}


@policies
@at_length
@given(question=with_a_dead_one(), way=st.none() | st.sampled_from(W))
def test_what_is_lost_already_is_bought_anew_and_changes_nothing_for_the_others(
    policy: csp.Policy, question: tuple[csp.Transfer, csp.Transfer, date], way: W | None
) -> None:
    """It goes no way: a plan says of it what `assess` says, whatever way is named, and of the others what it said."""
    move, beside, as_of = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy, way=way)
    other = csp.plan_transfer(beside, as_of=as_of, policy=policy, way=way)
    if other.feasible == plan.feasible:  # as what was bought elsewhere may serve a purpose of its own
        assert other.parts == plan.parts
        for a in plan.assessments:
            assert other.assessment_of(a.subscription.id) == a
    own = other.assessment_of("is-dead")
    if own.moved and other.feasible:
        a = assessed(beside, own.subscription, as_of, policy)
        assert said_of(own) == said_of(a)
        [step] = [s for s in other.steps if s.subject == "is-dead" and s.action is csp.Action.PROVISION]
        assert (step.first_day, step.last_day) == (a.provision_on, a.provision_on if a.day_chosen else None)


# ---- plan, portfolio, deadlines, calendar, picture, text -------------------------------------------------------------


@policies
@at_length
@given(question=questions())
def test_a_portfolio_plans_each_customer_as_its_plan_does(policy: csp.Policy, question: Question) -> None:
    move, as_of = question
    other = move.evolve(customer=csp.Tenant(id="adatum", country="JP"), target_tenant=None)
    portfolio = csp.plan_portfolio([move, other], as_of=as_of, policy=policy)
    for one in (move, other):
        plan = csp.plan_transfer(one, as_of=as_of, policy=policy)
        assert portfolio.plan_of(one.customer.id) == plan
        due = [d for d in portfolio.deadlines if d.customer == one.customer.id]
        wanted = [(d.day, d.subject, d.action, d.actor, d.days_left) for d in plan.deadlines]
        assert [(d.day, d.subject, d.action, d.actor, d.days_left) for d in due] == wanted


@policies
@at_length
@given(question=questions())
def test_deadlines_calendar_picture_and_text_show_the_steps_days(
    policy: csp.Policy, question: Question
) -> None:
    move, as_of = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    of_steps = sorted(
        (step.last_day, step.subject, str(step.action), step.unless_transferred)
        for step in plan.steps
        if step.last_day is not None
    )
    of_deadlines = [(d.day, d.subject, str(d.action), d.unless_transferred) for d in plan.deadlines]
    assert sorted(of_deadlines) == of_steps
    assert [d.day for d in plan.deadlines] == sorted(d.day for d in plan.deadlines)
    if plan.deadlines:
        events = Calendar.from_ical(to_ics(plan)).walk("VEVENT")
        assert [event.decoded("DTSTART") for event in events] == [d.day for d in plan.deadlines]
        assert len({str(event["UID"]) for event in events}) == len(events)
        for event, deadline in zip(events, plan.deadlines, strict=True):
            marks = [f"{caution}!" for caution in deadline.cautions]
            assert all(mark in str(event["SUMMARY"]) for mark in marks)
    text, marked = str(plan), plan.to_markdown()
    for deadline in plan.deadlines:
        assert str(deadline.day) in text
        assert str(deadline.day) in marked
    ids = {s.id for s in move.subscriptions}
    rows = {row.subject: row for row in rows_of(plan, "en", ids)}
    for a in plan.assessments:
        row = rows[a.subscription.id]
        assert row.provision_on == (a.provision_on if a.moved and plan.feasible else None)
    assert {d for row in rows.values() for d in row.deadlines} == set(plan.deadlines)


@policies
@at_length
@given(question=questions())
def test_plain_data_says_what_the_plan_says(policy: csp.Policy, question: Question) -> None:
    move, as_of = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    again = csp.Plan.from_dict(plan.to_dict())
    assert again == plan
    assert [a.risk for a in again.assessments] == [a.risk for a in plan.assessments]


# ---- more facts, and other spellings ---------------------------------------------------------------------------------


@policies
@at_length
@given(question=questions(), more=st.integers(1, 3))
def test_what_is_not_moved_never_makes_anothers_answer_worse(
    policy: csp.Policy, question: Question, more: int
) -> None:
    """CAP-001 counts what is moved and so duplicated; more facts about the rest are only facts."""
    move, as_of = question
    move = move.evolve(tenant_subscriptions=None)
    stays = tuple(subscription(id=f"stays-{n}", term=csp.Term.starting(as_of, "P1Y")) for n in range(more))
    told = move.evolve(
        subscriptions=(*move.subscriptions, *stays),
        replacements=dict(move.replacements) | dict.fromkeys((s.id for s in stays), csp.NOT_REPLACED),
    )
    few = policy.evolve(most_duplicates=max(len(move.subscriptions), 1))
    plan = csp.plan_transfer(move, as_of=as_of, policy=few)
    other = csp.plan_transfer(told, as_of=as_of, policy=few)
    assert other.feasible == plan.feasible
    assert other.method is plan.method
    for a in plan.assessments:
        assert other.assessment_of(a.subscription.id) == a
    own = {a.subscription.id for a in plan.assessments}
    assert [s for s in other.steps if s.subject in own] == [s for s in plan.steps if s.subject in own]


def _respelled(move: csp.Transfer) -> csp.Transfer:
    """The same move, each id in capitals where it is another's, so that no two places spell it alike."""
    return move.evolve(
        target_tenant=move.target_tenant and move.target_tenant.evolve(id=move.target_tenant.id.upper()),
        source=move.source and move.source.evolve(id=move.source.id.upper()),
        subscriptions=tuple(
            s.evolve(parent=s.parent.swapcase()) if s.parent is not None else s for s in move.subscriptions
        ),
        replacements={
            key: r.evolve(offer=r.offer.evolve(id=r.offer.id.swapcase()))
            if isinstance(r, csp.Replacement)
            else r
            for key, r in move.replacements.items()
        },
    )


@policies
@at_length
@given(question=questions())
def test_the_case_of_an_id_changes_no_answer(policy: csp.Policy, question: Question) -> None:
    move, as_of = question
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    other = csp.plan_transfer(_respelled(move), as_of=as_of, policy=policy)
    assert other.feasible == plan.feasible
    assert [said_of(a) for a in other.assessments] == [said_of(a) for a in plan.assessments]
    days: list[list[tuple[Any, ...]]] = [
        [(s.action, s.actor, s.first_day, s.last_day, s.rule) for s in p.steps] for p in (plan, other)
    ]
    assert days[0] == days[1]
    rules = [[(f.rule, f.case) for f in p.findings] for p in (plan, other)]
    assert sorted(rules[0]) == sorted(rules[1])


# ---- the same, by hand: what each door says of one subscription ------------------------------------------------------


def test_one_subscription_by_hand_at_every_door() -> None:
    """Term to 2026-03-31, auto-renew on, asked on 2026-03-01 under the guide, like for like."""
    mail = subscription(id="b", auto_renew=True)
    move, as_of = transfer(mail, relationship_accepted=True), D - timedelta(days=30)
    a = csp.assess(mail, as_of=as_of)
    assert (a.auto_renew_off_by, a.provision_on) == (D, day(1))
    plan = csp.plan_transfer(move, as_of=as_of)
    assert [(s.action, s.first_day, s.last_day) for s in plan.steps] == [
        (csp.Action.TURN_OFF_AUTO_RENEW, as_of, D),
        (csp.Action.PROVISION, day(1), day(30)),
    ]
    [row] = frames.assess(frames.of([mail]), as_of=as_of).iter_rows(named=True)
    assert (row["csp_auto_renew_off_by"], row["csp_provision_on"]) == (D, day(1))
    assert (row["csp_provisioning_latest"], row["csp_data_loss"]) == (day(30), "none")
    [picture] = rows_of(plan, "en", {"b"})
    assert (picture.provision_on, [d.day for d in picture.deadlines]) == (day(1), [D, day(30)])
    events = Calendar.from_ical(to_ics(plan)).walk("VEVENT")
    assert [event.decoded("DTSTART") for event in events] == [D, day(30)]
    routes = csp.compare_routes(move, as_of=as_of, policy=csp.GUIDE)
    rebuy = next(r for r in routes if r.way is W.EXPIRE_THEN_REBUY)
    assert [part.moves_on for part in rebuy.parts] == [day(1)]
    assert rebuy.paid_twice_days == 0
    assert csp.plan_portfolio([move], as_of=as_of).plans == (plan,)
    assert mail.offer == BASIC
