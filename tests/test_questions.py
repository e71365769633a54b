"""What somebody should find out about a move: which subscriptions it is about, by when, and what would change."""

from __future__ import annotations

from datetime import date

import pytest
from facts import BASIC, D, day, replacement, subscription, transfer

import csp_transfer as csp
from csp_transfer import Risk, Way
from csp_transfer.questions import Ask, Counts, OpenQuestion, Outcome, open_questions, outcome

UNSURE = csp.Offer(id="UNSURE", name="Perhaps still sold", equivalents=frozenset({BASIC.id}))


def asked(
    *subs: csp.Subscription, policy: csp.Policy = csp.IN_FORCE, **changes: object
) -> dict[Ask, OpenQuestion]:
    plan = csp.plan_transfer(transfer(*subs, **changes), as_of=D, policy=policy)
    return {question.ask: question for question in open_questions(plan)}


@pytest.mark.parametrize(("days", "counted"), [(0, 0), (1, 1), (30, 1)])
def test_what_is_paid_twice_is_counted_from_one_day_on(days: int, counted: int) -> None:
    one = Outcome(Risk.NONE, Risk.NONE, Way.PROVISION_THEN_EXPIRE, D, days)
    assert Counts.of([one]).paid_twice == counted
    assert Counts.of([one, one]).paid_twice == 2 * counted


def test_counts_are_added_each_to_its_own() -> None:
    one = Counts(interrupted=1, perhaps_interrupted=2, data_at_risk=3, paid_twice=4)
    other = Counts(interrupted=10, perhaps_interrupted=20, data_at_risk=30, paid_twice=40)
    assert one + other == Counts(interrupted=11, perhaps_interrupted=22, data_at_risk=33, paid_twice=44)


def test_an_outcome_names_the_way_that_a_subscription_goes() -> None:
    a = csp.assess(subscription(), as_of=D)
    assert outcome(a, None) == Outcome(Risk.NONE, Risk.NONE, a.own_way, a.provision_on, a.paid_twice_days)
    assert a.own_way is Way.EXPIRE_THEN_REBUY
    none = csp.assess(subscription(quantity=0), as_of=D)
    assert outcome(none, None)[:2] == (Risk.NONE, Risk.NONE)
    moved = csp.plan_transfer(transfer(subscription()), as_of=D, way=Way.PROVISION_THEN_EXPIRE)
    [part], [named] = moved.parts, moved.assessments
    assert outcome(named, part).way is outcome(named, None).way is Way.PROVISION_THEN_EXPIRE


def test_whether_an_offer_is_still_sold_is_asked_of_what_has_it_only() -> None:
    a, b = subscription(id="a"), subscription(id="b")
    replacements = {"a": replacement(offer=UNSURE), "b": replacement(offer=BASIC)}
    question = asked(a, b, replacements=replacements)[Ask.STILL_SOLD]
    assert (question.subscriptions, question.changed, question.about) == (1, 1, UNSURE.title)
    assert question.otherwise is not None
    assert (question.otherwise.perhaps_interrupted, question.otherwise.data_at_risk) == (1, 1)  # RSK-003


def test_an_offer_that_is_kept_is_asked_about_where_it_is_kept() -> None:
    a, b = subscription(id="a", offer=UNSURE), subscription(id="b", offer=BASIC)
    question = asked(a, b)[Ask.STILL_SOLD]
    assert (question.subscriptions, question.changed, question.about) == (1, 1, UNSURE.title)


def test_a_tenant_is_to_be_counted_before_the_first_that_is_still_to_be_bought() -> None:
    bought, to_come, trial = (
        subscription(id="bought"),
        subscription(id="to come"),
        subscription(id="trial", trial=True),
    )
    replacements = {
        "bought": replacement(provision_on=day(-40)),
        "to come": replacement(provision_on=day(-5)),
    }
    first = csp.plan_transfer(
        transfer(bought, to_come, trial, replacements=replacements, relationship_accepted=True),
        as_of=day(-20),
        policy=csp.IN_FORCE,
    )
    [question] = [q for q in open_questions(first) if q.ask is Ask.TENANT_IS_FULL]
    assert (question.subscriptions, question.by, question.most) == (1, day(-5), 300)


def test_whether_an_extended_service_term_is_for_an_offer_is_asked_where_a_way_needs_one() -> None:
    term = csp.Term.starting(date(2026, 6, 1), "P1Y")  # ends after extended service terms began
    sub = subscription(term=term, offer=BASIC.evolve(extended_service=None))
    plan = csp.plan_transfer(
        transfer(sub), as_of=date(2027, 5, 1), policy=csp.IN_FORCE, way=Way.EXTEND_AND_MOVE
    )
    [question] = [q for q in open_questions(plan) if q.ask is Ask.EXTENDED_SERVICE]
    assert (question.subscriptions, question.changed, question.about) == (1, 1, BASIC.title)


@pytest.mark.untraced
@pytest.mark.parametrize(("count", "changed"), [(1000, 1000), (1001, None)])
def test_of_more_than_a_thousand_it_is_not_measured_what_an_answer_changes(
    count: int, changed: int | None
) -> None:
    subs = [subscription(id=f"s{n}", offer=UNSURE) for n in range(count)]
    plan = csp.plan_transfer(transfer(*subs), as_of=D)
    [question] = [q for q in open_questions(plan) if q.ask is Ask.STILL_SOLD]
    assert (question.subscriptions, question.changed) == (count, changed)


def test_of_what_is_not_measured_most_subscriptions_come_first_then_the_kind_then_the_name() -> None:
    alpha, beta, gamma = (csp.Offer(id=name, name=name) for name in ("alpha", "beta", "gamma"))
    offers = (gamma, beta, alpha, alpha, beta, beta)  # 1 gamma, 3 beta, 2 alpha
    subs = [subscription(id=f"s{n}", offer=offer) for n, offer in enumerate(offers)]
    plan = csp.plan_transfer(transfer(*subs), as_of=D)
    said = [(q.ask, q.about, q.subscriptions) for q in open_questions(plan, measured=False)]
    assert said == [
        (Ask.ROLE, "", 6),
        (Ask.STILL_SOLD, "beta", 3),
        (Ask.STILL_SOLD, "alpha", 2),
        (Ask.STILL_SOLD, "gamma", 1),
    ]
    even = csp.plan_transfer(transfer(*subs[:2], subs[3]), as_of=D)
    assert [q.about for q in open_questions(even, measured=False)] == ["", "alpha", "beta", "gamma"]
    six = [subscription(id=f"s{n}", offer=alpha) for n in range(6)]
    alike = csp.plan_transfer(transfer(*six), as_of=D)
    assert [q.ask for q in open_questions(alike, measured=False)] == [Ask.STILL_SOLD, Ask.ROLE]


def test_what_changes_most_comes_first_though_it_is_about_fewer() -> None:
    alpha, beta = csp.Offer(id="alpha", name="alpha"), csp.Offer(id="beta", name="beta")
    subs = [subscription(id=f"s{n}", offer=alpha if n < 3 else beta) for n in range(5)]
    # Of the three, two are replaced by another offer: users are interrupted whatever the answer is.
    replacements = {s.id: replacement(offer=alpha) for s in subs[:3]}
    subs[1:3] = [s.evolve(offer=BASIC) for s in subs[1:3]]
    plan = csp.plan_transfer(transfer(*subs, replacements=replacements), as_of=D)
    said = [(q.about, q.subscriptions, q.changed) for q in open_questions(plan) if q.ask is Ask.STILL_SOLD]
    assert said == [("beta", 2, 2), ("alpha", 3, 1)]


@pytest.mark.parametrize(("told", "is_asked"), [(None, True), (True, False)])
def test_whether_it_may_be_extended_is_asked_where_nobody_told(told: bool | None, is_asked: bool) -> None:
    offer = BASIC.evolve(extended_service=told)
    one = subscription(offer=offer, term=csp.Term(first_day=date(2025, 6, 1), last_day=date(2026, 5, 31)))
    plan = csp.plan_transfer(transfer(one), as_of=D, policy=csp.IN_FORCE, way=Way.EXTEND_AND_MOVE)
    assert [part.way for part in plan.parts] == [Way.EXTEND_AND_MOVE]
    assert (Ask.EXTENDED_SERVICE in {question.ask for question in open_questions(plan)}) == is_asked
