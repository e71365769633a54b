"""Plans, carried out day by day by `simulation`: no day contradicts what the plan says."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from facts import BASIC, questions, subscription, transfer
from hypothesis import assume, given
from hypothesis import strategies as st
from moves import crowded, moves, priced
from simulation import (
    BY_DATE,
    DAY,
    GUIDES,
    HOLDS,
    RUNS,
    STOPS,
    WHEN,
    World,
    beyond,
    carried_out,
    chained_last_day,
    days,
    end_of,
    held,
    life_of,
    next_last_day,
    subjects_of,
    told_by_date,
    twice,
    without_access,
    world_of,
)

import csp_transfer as csp

A = csp.Action
NONE = csp.Risk.NONE
POLICIES = (csp.GUIDE, csp.IN_FORCE)
policies = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
# More than may be duplicated (CAP-001) without drawing 151 of them.
many = pytest.mark.parametrize(
    "policy",
    [*POLICIES, *(policy.evolve(most_duplicates=1) for policy in POLICIES)],
    ids=lambda policy: policy.name,
)


def asked(question: tuple[csp.Transfer, date], policy: csp.Policy) -> csp.Plan:
    move, as_of = question
    return csp.plan_transfer(move, as_of=as_of, policy=policy)


def simulated(plan: csp.Plan) -> list[csp.Assessment]:
    """Those of which the simulation knows what becomes of them: their term and status are known and agree."""
    known = [
        a
        for a in plan.assessments
        if a.term is not None
        and a.undated_by is None
        and a.subscription.status in RUNS
        and a.state in (csp.State.ACTIVE, csp.State.SUSPENDED, csp.State.EXPIRED)
    ]
    return [a for a in known if not plan.policy.in_force or told_by_date(a.subscription)]


def part_of(plan: csp.Plan, a: csp.Assessment) -> csp.RoutePart | None:
    return next((part for part in plan.parts if part.subscription == a.subscription.id), None)


def by_transfer(plan: csp.Plan, a: csp.Assessment) -> bool:
    part = part_of(plan, a)
    return part is not None and part.way is csp.Way.PARTNER_CENTER_TRANSFER


def stands_alone(plan: csp.Plan, a: csp.Assessment) -> bool:
    """Not an add-on of what is in the same plan: see the laws about add-ons."""
    ids = {s.id.lower() for s in plan.transfer.subscriptions}
    return (a.subscription.parent or "").lower() not in ids


any_question = moves() | questions()


# ---- who has access --------------------------------------------------------------------------------------------------


@many
@given(question=any_question)
def test_where_no_disruption_is_said_users_have_access_on_each_day(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """RSK-001, LIF-001, END-005: whichever of its days each step is done on."""
    plan = asked(question, policy)
    assume(plan.feasible)
    for a in simulated(plan):
        if not (a.moved and stands_alone(plan, a)) or a.risk is None or a.risk.disruption is not NONE:
            continue
        for when in WHEN:
            life = life_of(a, carried_out(plan, when, consent=False), world_of(policy))
            assert without_access(life, plan.as_of, end_of(plan)) == [], (when, a.subscription)


@policies
@given(question=any_question)
def test_a_transfer_in_mid_term_leaves_access_as_it_is(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """PCT-002: with the source partner's consent, nothing is provisioned, and nothing is interrupted."""
    plan = asked(question, policy)
    for a in simulated(plan):
        part = part_of(plan, a)
        if part is None or not by_transfer(plan, a) or part.disruption is not NONE:
            continue
        for when in WHEN:
            life = life_of(a, carried_out(plan, when, consent=True), world_of(policy))
            assert (life.provisioned, life.transferred is not None) == (None, True)
            assert without_access(life, plan.as_of, end_of(plan)) == []
            assert part.paid_twice_days == 0


@policies
@given(question=any_question)
def test_what_gives_no_access_is_not_called_undisturbed(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """LIF-001, LIF-004: Disabled, Deleted, cancelled: users are without it, until a replacement serves.

    Only a replacement that was there before can say otherwise.
    """
    plan = asked(question, policy)
    gone = {csp.Status.DISABLED, csp.Status.DELETED, csp.Status.CANCELED}
    for a in plan.assessments:
        s = a.subscription
        if s.status in gone and not s.trial and not a.already_provisioned and a.risk is not None:
            assert a.risk.disruption is not NONE


@many
@given(question=moves())
def test_an_add_on_is_undisturbed_only_beside_its_base(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """REL-002: it serves only where its base does. Where that is in danger, the risk or a caution says so."""
    plan = asked(question, policy)
    assume(plan.feasible)
    of = {a.subscription.id: a for a in simulated(plan)}
    for a in of.values():
        base = of.get(a.subscription.parent or "")
        if base is None or a.risk is None or a.risk.disruption is not NONE:
            continue
        warned = any(
            f.rule == "REL-002" and f.subject == a.subscription.id and f.severity >= csp.Severity.ACTION
            for f in plan.findings
        )
        if warned or base.risk is None or base.risk.disruption is not NONE:
            continue
        for when in WHEN:
            done = carried_out(plan, when, consent=False)
            base_life = life_of(base, done, world_of(policy))
            life = life_of(a, done, world_of(policy))
            assert without_access(base_life, plan.as_of, end_of(plan)) == []
            if life.provisioned is not None and base_life.provisioned is not None:
                assert base_life.original_serves(life.provisioned) or base_life.replaced(life.provisioned)


# ---- who pays --------------------------------------------------------------------------------------------------------


def on_its_day(a: csp.Assessment, done: dict[tuple[str, A], date]) -> dict[tuple[str, A], date]:
    """The same steps, but the replacement comes on `provision_on`, and what ends with it ends on that day."""
    assert a.provision_on is not None
    ended = (A.PROVISION, A.CANCEL, A.END_EXTENSION)
    key = a.subscription.id
    return done | {(key, action): a.provision_on for action in ended if (key, action) in done}


@policies
@given(question=any_question)
def test_days_paid_twice_are_counted_day_by_day(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """END-002, DBL-001: the days on which the original and its replacement are both paid."""
    plan = asked(question, policy)
    assume(plan.feasible)
    for a in simulated(plan):
        done = carried_out(plan, "last", consent=False)
        provisioned = a.already_provisioned or (a.subscription.id, A.PROVISION) in done
        if a.moved and a.risk is not None and a.provision_on is not None and provisioned:
            life = life_of(a, on_its_day(a, done), world_of(policy))
            assert a.risk.paid_twice_days == twice(life, end_of(plan)), a.subscription


@policies
@pytest.mark.parametrize("as_of", [date(2022, 1, 15), date(2023, 1, 9)])
def test_what_is_suspended_in_an_extension_is_paid_until_it_is_ended(policy: csp.Policy, as_of: date) -> None:
    """EST-005: its months are no end, so the day of the replacement is paid twice."""
    term = csp.Term.starting(date(2022, 1, 10), "P1M")
    one = subscription(term=term, status=csp.Status.SUSPENDED, extended=True, auto_renew=False)
    plan = asked((transfer(one, relationship_accepted=True), as_of), policy)
    [a] = simulated(plan)
    assert a.risk is not None
    life = life_of(a, on_its_day(a, carried_out(plan, "last", consent=False)), world_of(policy))
    assert a.risk.paid_twice_days == twice(life, end_of(plan)) == 1


_CYCLES_A_YEAR = {
    csp.Cycle.MONTH: Fraction(12),
    csp.Cycle.YEAR: Fraction(1),
    csp.Cycle.THREE_YEARS: Fraction(1, 3),
}


_WAYS = [
    *((csp.GUIDE, way) for way in csp.Way if way.value not in ("partner_center_transfer", "extend_and_move")),
    *((csp.IN_FORCE, way) for way in csp.Way),
]


@pytest.mark.parametrize(("policy", "way"), _WAYS, ids=lambda value: getattr(value, "name", str(value)))
@given(data=st.data())
def test_every_cost_is_a_sum_over_days(policy: csp.Policy, way: csp.Way, data: st.DataObject) -> None:
    """EST-002, DBL-001: what the plan pays on a day, less what going on as today would, summed over the days."""
    move, as_of = data.draw(priced(way))
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy, way=way)
    part, [a] = next(iter(plan.parts), None), plan.assessments
    assume(part is not None and part.way is way and a.term is not None)
    assert part is not None
    price = a.subscription.price
    assert price is not None
    assert part.cost is not None
    expected = Fraction()
    if way is not csp.Way.PARTNER_CENTER_TRANSFER:  # which changes who is paid, not what
        a_day = Fraction(price.amount) * _CYCLES_A_YEAR[price.cycle] * a.subscription.quantity / 365
        life = life_of(a, on_its_day(a, carried_out(plan, "last", consent=False)), world_of(policy))
        expected = beyond(life, as_of, end_of(plan), a_day)
    assert abs(Fraction(part.cost.amount) - expected) < Fraction(1, 100), a.subscription
    [route] = [r for r in csp.compare_routes(move, as_of=as_of, policy=policy) if r.way is way]
    assert route.cost == part.cost


# ---- what a tenant holds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", WHEN)
@given(question=crowded())
def test_no_tenant_ever_holds_more_than_it_can(when: str, question: tuple[csp.Transfer, date]) -> None:
    """CAP-003: originals in the same tenant leave it on the day after their last one; in another one, never."""
    plan = asked(question, csp.IN_FORCE)
    for consent in (False, True):
        done = carried_out(plan, when, consent=consent)
        lives = [life_of(a, done, BY_DATE) for a in plan.assessments]
        for day in days(plan.as_of, end_of(plan)):
            assert held(plan, lives, day) <= HOLDS, (day, when, consent)


@given(question=crowded())
def test_into_a_new_tenant_no_more_are_provisioned_than_there_is_room_for(
    question: tuple[csp.Transfer, date],
) -> None:
    """CAP-003: nothing is freed there, whatever ends in the old one; the plan says what does not fit."""
    plan = asked(question, csp.IN_FORCE)
    assume(plan.transfer.target_tenant is not None and plan.feasible)
    assert plan.transfer.tenant_subscriptions is not None
    room = HOLDS - plan.transfer.tenant_subscriptions
    provisioned = {s.subject for s in plan.steps if s.action is A.PROVISION}
    assert len(provisioned) <= room
    moved = [a.subscription.id for a in plan.assessments if a.moved]
    if len(moved) > room:
        assert any(f.rule == "CAP-003" and f.severity >= csp.Severity.CAUTION for f in plan.findings)
    for subscription_id in set(moved) - provisioned:
        assert not [p for p in plan.parts if p.subscription == subscription_id and p.available]


# ---- deadlines -------------------------------------------------------------------------------------------------------


def worlds(policy: csp.Policy) -> tuple[World, ...]:
    """Under a policy of the guide's, the deadline must hold whichever of the two is right."""
    return (BY_DATE,) if policy.in_force else (GUIDES, BY_DATE)


@many
@given(question=any_question)
def test_whoever_acts_on_the_deadline_keeps_what_is_promised(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """END-003, END-005, EST-001: in every world that is in doubt, where the days are the plan's own."""
    plan = asked(question, policy)
    assume(plan.feasible)
    done = carried_out(plan, "last", consent=False)
    for a in simulated(plan):
        s = a.subscription
        own_days = not a.day_chosen and a.provisioning is not None
        in_time = a.provisioning is not None and a.provisioning.timing is csp.Timing.IN_TIME
        provisioned = (s.id, A.PROVISION) in done
        if not (a.moved and own_days and in_time and provisioned) or a.risk is None or not told_by_date(s):
            continue
        for world in worlds(policy):
            life = life_of(a, done, world)
            assert life.provisioned is not None
            if a.risk.disruption is NONE and stands_alone(plan, a):
                assert without_access(life, plan.as_of, end_of(plan)) == [], (world.name, s)
            if a.risk.data_loss is NONE and life.deleted_from is not None:
                ended_by_us = (s.id, A.CANCEL) in done
                assert life.provisioned < life.deleted_from + ended_by_us * DAY, (world.name, s)


@policies
@given(question=any_question)
def test_a_deadline_is_not_after_the_earlier_of_two_ends_in_doubt(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """RNW-001, EST-001: the day to act by is the earlier one, of auto-renew as of provisioning."""
    plan = asked(question, policy)
    for a in simulated(plan):
        earlier = a.doubtful_after
        if earlier is None or a.way not in (None, a.own_way) or earlier < plan.as_of:
            continue
        for step in plan.steps:
            ours = step.subject == a.subscription.id and step.last_day is not None
            if ours and not a.day_chosen and step.action in STOPS | {A.PROVISION}:
                assert step.last_day is not None
                assert step.last_day <= max(earlier, step.first_day), step
                assert earlier >= step.first_day, step
        chained = chained_last_day(a.subscription, plan.as_of)
        if "RNW-001" in a.doubts and chained is not None and a.auto_renew_off_by is not None:
            assert a.auto_renew_off_by <= max(min(chained, a.running.term.last_day), plan.as_of)


# ---- the steps' own days ---------------------------------------------------------------------------------------------

_BEFORE = (
    (A.REQUEST_TRANSFER, A.SUBMIT_TRANSFER),
    (A.PROVISION, A.REASSIGN_LICENCES),
    (A.PROVISION, A.CANCEL),
    (A.PROVISION, A.END_EXTENSION),
    (A.ASK_FOR_CREDIT, A.DECIDE_CREDIT),
    (A.KEEP_RENEWING, A.TURN_OFF_AUTO_RENEW),
)


def last(step: csp.Step) -> date:
    return step.last_day or date.max


def in_order(earlier: csp.Step, later: csp.Step) -> bool:
    """Whether the first, the best and the last days of two steps come in one order."""
    best = earlier.recommended or earlier.first_day, later.recommended or later.first_day
    return earlier.first_day <= later.first_day and best[0] <= best[1] and last(earlier) <= last(later)


@policies
@given(question=any_question)
def test_no_step_lies_in_the_past_and_its_days_are_in_order(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    plan = asked(question, policy)
    for step in plan.steps:
        best = step.recommended
        assert plan.as_of <= step.first_day <= last(step), step
        assert best is None or step.first_day <= best <= last(step), step
    for deadline in plan.deadlines:
        assert deadline.day >= plan.as_of
        assert deadline.days_left == (deadline.day - plan.as_of).days + 1


@policies
@given(question=moves())
def test_every_step_says_on_which_day_it_is_best_done(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    plan = asked(question, policy)
    assert [
        step.action for step in plan.steps if step.last_day is not None and step.recommended is None
    ] == []


@policies
@given(question=any_question)
def test_steps_in_sequence_have_days_in_sequence(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """REL-001, REL-002: request, acceptance, provisioning; what ends an original comes after all that needs it."""
    plan = asked(question, policy)
    by_action: dict[tuple[str, A, bool], csp.Step] = {}
    for step in plan.steps:
        for subject in subjects_of(step):
            by_action[subject, step.action, step.unless_transferred] = step
    for subject, action, unless in list(by_action):
        for earlier, later in _BEFORE:
            both = by_action.get((subject, earlier, unless)), by_action.get((subject, later, unless))
            if action is earlier and both[0] is not None and both[1] is not None:
                assert in_order(both[0], both[1]), both
    request = next((s for s in plan.steps if s.action is A.REQUEST_RELATIONSHIP), None)
    accept = next((s for s in plan.steps if s.action is A.ACCEPT_RELATIONSHIP), None)
    needing = [s for s in plan.steps if s.action in (A.PROVISION, A.REQUEST_TRANSFER)]
    assert (request is None) == (accept is None)
    if request is None or accept is None:
        assert plan.transfer.relationship_accepted or not needing
        return
    assert in_order(request, accept)
    for step in needing:
        assert in_order(accept, step), step
        order = plan.steps.index(request), plan.steps.index(accept), plan.steps.index(step)
        assert order[0] < order[1] < order[2]


@policies
@given(question=moves(most=1))
def test_three_parties_are_not_all_due_on_the_last_safe_day(
    policy: csp.Policy, question: tuple[csp.Transfer, date]
) -> None:
    """Where there is time, request, acceptance and provisioning are best done on one day after the other."""
    plan = asked((question[0].evolve(relationship_accepted=False), question[1]), policy)
    wanted = (A.REQUEST_RELATIONSHIP, A.ACCEPT_RELATIONSHIP, A.PROVISION)
    steps = [next((s for s in plan.steps if s.action is action), None) for action in wanted]
    assume(all(step is not None for step in steps))
    found = [step for step in steps if step is not None]
    best = [step.recommended or last(step) for step in found]
    assert all(one <= other for one, other in pairwise(best))
    if last(found[-1]) > plan.as_of + 2 * DAY:
        assert best[0] < last(found[-1])
        assert best[1] < last(found[-1])


# ---- the simulation itself, by hand ----------------------------------------------------------------------------------


def test_the_simulation_by_hand() -> None:
    """Term to 2026-03-31, off by that day, provisioned on 2026-04-30: the guide's last safe day."""
    year = csp.Term(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31))
    mail = csp.Subscription(id="s0", offer=BASIC, quantity=5, term=year, auto_renew=True)
    plan = csp.plan_transfer(transfer(mail, relationship_accepted=True), as_of=date(2026, 3, 1))
    done = {("s0", A.TURN_OFF_AUTO_RENEW): date(2026, 3, 31), ("s0", A.PROVISION): date(2026, 4, 30)}
    [a] = plan.assessments
    life = life_of(a, done, GUIDES)
    assert (life.used_until, life.access_until) == (date(2026, 3, 31), date(2026, 4, 30))
    assert life.deleted_from == date(2026, 7, 30)  # after 30 days Expired and 90 Disabled
    assert without_access(life, plan.as_of, date(2026, 6, 30)) == []
    assert twice(life, date(2026, 6, 30)) == 0
    assert (
        beyond(life, plan.as_of, date(2026, 6, 30), Fraction(1)) == -29
    )  # nobody pays in April but on the 30th
    late = life_of(a, done | {("s0", A.PROVISION): date(2026, 5, 2)}, GUIDES)
    assert without_access(late, plan.as_of, date(2026, 6, 30)) == [date(2026, 5, 1)]
    early = life_of(a, done | {("s0", A.PROVISION): date(2026, 3, 30)}, GUIDES)
    assert twice(early, date(2026, 6, 30)) == 2
    assert [early.holds(day, as_of=plan.as_of, same_tenant=True) for day in days(*_ENDS)] == [0, 1, 1, 0]
    assert [early.holds(day, as_of=plan.as_of, same_tenant=False) for day in days(*_ENDS)] == [0, 1, 1, 1]
    renewed = life_of(a, {}, GUIDES)
    assert (renewed.used_until, renewed.access_until, renewed.deleted_from) == (None, None, None)
    extended = life_of(
        a, {("s0", A.CHOOSE_EXTENSION): date(2026, 3, 31), ("s0", A.END_EXTENSION): date(2026, 4, 2)}, BY_DATE
    )
    assert [extended.percent(day) for day in days(*_ENDS)] == [100, 100, 100, 123]
    assert next_last_day(mail, year.last_day) == date(2027, 3, 31)
    monthly = mail.evolve(term=csp.Term.starting(date(2023, 1, 31), "P1M"))
    assert next_last_day(monthly, date(2026, 10, 30)) == date(2026, 11, 29)  # from the anchor, the 31st
    assert chained_last_day(monthly, date(2026, 11, 10)) == date(2026, 11, 27)  # each from the one before it


_ENDS = (date(2026, 3, 29), date(2026, 4, 1))
