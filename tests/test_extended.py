"""In an extended service term (EST-005), legacy and suspended (LIF-002), and scheduled for a day of its own."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from facts import D, day, days, replacement, subscription, subscriptions, transfer
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer import frames
from csp_transfer.rules.ending import provisioning_days
from csp_transfer.rules.refunds import window_not_known
from csp_transfer.rules.terms import scheduled_apart

POLICIES = (csp.GUIDE, csp.IN_FORCE)
A = csp.Action
MONTH = csp.Term(first_day=date(2026, 6, 1), last_day=date(2026, 6, 30))
EXTENDED = subscription(term=MONTH, auto_renew=True, extended=True)
LEGACY = subscription(legacy=True, status=csp.Status.SUSPENDED)


def of(a: csp.Assessment, rule: str) -> list[str]:
    return [f.case for f in a.findings if f.rule == rule]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("auto_renew", [True, False])
@pytest.mark.parametrize("at_term_end", [None, csp.TermEnd.EXTEND])
@pytest.mark.parametrize("as_of", [date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1), date(2027, 11, 15)])
def test_an_extended_service_term_goes_on_until_somebody_ends_it(
    policy: csp.Policy, auto_renew: bool, at_term_end: csp.TermEnd | None, as_of: date
) -> None:
    sub = EXTENDED.evolve(auto_renew=auto_renew, at_term_end=at_term_end)
    a = csp.assess(sub, as_of=as_of, policy=policy)
    assert (a.state, a.term, a.grace_window) == (csp.State.EXTENDED, MONTH, None)
    assert (a.auto_renew_off_by, a.undated_by, a.doubts) == (None, None, ())
    assert a.provisioning is not None
    assert (a.provisioning.timing, a.provisioning.latest) == (csp.Timing.IN_TIME, None)
    assert (a.provisioning.earliest, a.provisioning.recommended, a.provision_on) == (as_of, as_of, as_of)
    assert a.risk is not None
    # one day is paid twice: the one on which the new one serves and the old one is ended
    assert (a.risk.disruption, a.risk.data_loss, a.risk.paid_twice_days) == (csp.Risk.NONE, csp.Risk.NONE, 1)
    assert (a.refund.outcome, a.refund.best_last_day) == (csp.Outcome.NO_REFUND, None)
    assert a.gives_access_until == as_of
    assert of(a, "EST-005") == ["extended"]
    silent = (
        "END-001",
        "END-003",
        "END-004",
        "CXL-001",
        "CXL-002",
        "EST-001",
        "EST-003",
        "EST-004",
        "RNW-001",
    )
    assert [f for f in a.findings if f.rule in silent] == []
    phases = csp.lifecycle(sub, policy=policy)
    assert [(p.state, p.last_day, p.users_have_access, p.partner_billed) for p in phases] == [
        (csp.State.EXTENDED, None, True, True)
    ]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("as_of", [date(2026, 6, 10), date(2026, 8, 10)])
def test_the_replacement_comes_at_once_and_then_the_extended_service_term_is_ended(
    policy: csp.Policy, as_of: date
) -> None:
    move = transfer(EXTENDED, relationship_accepted=True, tenant_subscriptions=10)
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    own = [(step.action, step.first_day, step.last_day) for step in plan.steps]
    assert (A.PROVISION, as_of, None) in own
    assert own[-1] == (A.END_EXTENSION, as_of, None)
    assert not {A.TURN_OFF_AUTO_RENEW, A.CHOOSE_CANCELLATION, A.FIND_OUT} & {action for action, *_ in own}
    assert plan.steps[-1].actor is csp.Actor.SOURCE_PARTNER
    routes = csp.compare_routes(move, as_of=as_of, policy=policy)
    open_ways = {route.way for route in routes if route.available} - {csp.Way.PARTNER_CENTER_TRANSFER, None}
    out = csp.Way.EXTEND_AND_MOVE if policy.in_force else csp.Way.PROVISION_THEN_EXPIRE
    assert open_ways == {out}
    [beside] = [route for route in routes if route.way is out]
    assert [step.action for step in beside.parts[0].steps] == [A.PROVISION, A.END_EXTENSION]
    assert beside.parts[0].moves_on == as_of


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("chosen", [None, date(2026, 9, 5)])
def test_into_another_tenant_it_goes_on_until_its_data_is_migrated(
    policy: csp.Policy, chosen: date | None
) -> None:
    sub = EXTENDED.evolve(term=csp.Term.starting(date(2026, 8, 15), "P1M"), auto_renew=False)
    as_of = date(2026, 9, 1)
    there = {} if chosen is None else {sub.id: replacement(provision_on=chosen)}
    move = transfer(
        sub,
        target_tenant=csp.Tenant(id="new", country="JP"),
        relationship_accepted=True,
        replacements=there,
    )
    plan = csp.plan_transfer(move, as_of=as_of, policy=policy)
    day = chosen or as_of
    # TEN-001: provisioned, then migrated, and ended last of all; nothing ends it before (EST-005)
    steps = [(step.action, step.first_day, step.last_day) for step in plan.steps]
    assert steps == [
        (A.PROVISION, day, chosen),
        (A.REASSIGN_LICENCES, day, chosen),
        (A.MIGRATE_DATA, day, None),
        (A.END_EXTENSION, day, None),
    ]
    # 30 days, the day of the replacement among them, as long as the guide's window leaves for a migration
    assert plan.steps[-1].recommended == day + timedelta(days=29)
    assert plan.assessments[0].gives_access_until is None
    assert A.MIGRATE_DATA not in {deadline.action for deadline in plan.deadlines}
    alone = csp.assess(sub, as_of=as_of, into_another_tenant=True, policy=policy)
    assert alone.gives_access_until is None


@pytest.mark.parametrize(
    ("target", "twice", "cost"),
    [(None, 1, "5.00 EUR"), (csp.Tenant(id="new", country="JP"), 30, "150.00 EUR")],
    ids=["the same tenant", "another tenant"],
)
def test_what_it_costs_until_it_is_ended(target: csp.Tenant | None, twice: int, cost: str) -> None:
    price = csp.Price(amount=Decimal("73.00"), currency="EUR", cycle=csp.Cycle.YEAR)
    sub = EXTENDED.evolve(quantity=25, price=price)  # 25 licences at 0.20 a day
    move = transfer(sub, target_tenant=target, relationship_accepted=True)
    routes = csp.compare_routes(move, as_of=date(2026, 9, 1))
    [out] = [route for route in routes if route.way is csp.Way.EXTEND_AND_MOVE]
    assert (out.paid_twice_days, str(out.cost)) == (twice, cost)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("status", [csp.Status.ACTIVE, csp.Status.SUSPENDED])
@pytest.mark.parametrize(
    ("target", "twice", "last_day"),
    [(None, 1, date(2026, 9, 1)), (csp.Tenant(id="new", country="JP"), 30, date(2026, 9, 30))],
    ids=["the same tenant", "another tenant"],
)
def test_every_door_counts_the_same_days_twice(
    policy: csp.Policy, status: csp.Status, target: csp.Tenant | None, twice: int, last_day: date
) -> None:
    # as_of 2026-09-01: the new one serves from that day; END-002, extended#overview, guide#tenant-to-tenant
    sub, today = EXTENDED.evolve(status=status), date(2026, 9, 1)
    alone = csp.assess(sub, as_of=today, into_another_tenant=target is not None, policy=policy)
    move = transfer(sub, target_tenant=target, relationship_accepted=True)
    [planned] = csp.plan_transfer(move, as_of=today, policy=policy).assessments
    new = csp.Replacement(offer=sub.offer, quantity=sub.quantity, provision_on=today)
    risk = csp.transition_risk(sub, new, into_another_tenant=target is not None, policy=policy)
    assert alone.risk is not None
    assert planned.risk is not None
    assert [one.paid_twice_days for one in (alone, alone.risk, planned.risk, risk)] == [twice] * 4
    for answer in (alone, planned, risk):
        [said] = [f for f in answer.findings if (f.rule, f.case) == ("END-002", "paid-twice")]
        assert (said.facts["provision_day"], said.facts["last_day"], said.facts["days"]) == (
            *(today, last_day),
            twice,
        )


@pytest.mark.parametrize(("target", "twice"), [(None, 1), (csp.Tenant(id="new", country="JP"), 30)])
def test_every_door_counts_the_days_of_an_extension_that_was_chosen(
    target: csp.Tenant | None, twice: int
) -> None:
    # the term ends with 2026-06-12, and goes on as an extended service term (EST-002) until the new one serves
    sub = subscription(
        term=csp.Term.starting(date(2025, 6, 13), "P1Y"), auto_renew=False, at_term_end=csp.TermEnd.EXTEND
    )
    new = replacement(provision_on=date(2026, 6, 25))
    policy, elsewhere = csp.IN_FORCE, target is not None
    move = transfer(sub, replacements={sub.id: new}, target_tenant=target, relationship_accepted=True)
    alone = csp.assess(sub, new, as_of=D, into_another_tenant=elsewhere, policy=policy)
    [planned] = csp.plan_transfer(move, as_of=D, policy=policy).assessments
    risk = csp.transition_risk(sub, new, into_another_tenant=elsewhere, policy=policy)
    framed = frames.assess(
        frames.of([sub], {sub.id: new}), as_of=D, into_another_tenant=elsewhere, policy=policy
    )
    assert [one.paid_twice_days for one in (alone, planned, risk)] == [twice] * 3
    assert framed["csp_paid_twice_days"].to_list() == [twice]


def test_a_day_that_was_chosen_for_it_is_kept() -> None:
    chosen = replacement(provision_on=date(2026, 9, 1))
    move = transfer(EXTENDED, replacements={EXTENDED.id: chosen}, relationship_accepted=True)
    plan = csp.plan_transfer(move, as_of=date(2026, 6, 10))
    assert [(s.action, s.first_day) for s in plan.steps] == [
        (A.PROVISION, date(2026, 9, 1)),
        (A.END_EXTENSION, date(2026, 9, 1)),
    ]
    assert plan.assessments[0].own_way is csp.Way.PROVISION_THEN_EXPIRE
    routes = csp.compare_routes(
        move.evolve(tenant_subscriptions=10), as_of=date(2026, 6, 10), policy=csp.IN_FORCE
    )
    [out] = [route for route in routes if route.way is csp.Way.EXTEND_AND_MOVE]
    assert out.parts[0].moves_on == date(2026, 9, 1)
    [paid] = [f for f in plan.findings if (f.rule, f.case) == ("END-002", "paid-twice")]
    assert paid.facts == {"provision_day": date(2026, 9, 1), "last_day": date(2026, 9, 1), "days": 1}


@pytest.mark.parametrize(
    ("at_term_end", "off_by"),
    [
        (csp.TermEnd.CANCEL, None),
        (csp.TermEnd.EXPIRE, None),
        (csp.TermEnd.RENEW, date(2026, 6, 30)),  # a whole new term would begin
        (csp.TermEnd.CHANGE, date(2026, 6, 30)),
        (csp.TermEnd.UNKNOWN, date(2026, 6, 30)),
    ],
)
def test_what_is_scheduled_for_an_extended_service_term_gives_it_an_end(
    at_term_end: csp.TermEnd, off_by: date | None
) -> None:
    a = csp.assess(EXTENDED.evolve(at_term_end=at_term_end), as_of=date(2026, 6, 10), policy=csp.IN_FORCE)
    assert a.auto_renew_off_by == off_by
    assert of(a, "EST-005") == ["ends"]
    assert a.refund.outcome is csp.Outcome.NO_REFUND  # the days of a purchase are not those of an extension


def test_a_renewal_ends_an_extended_service_term() -> None:
    sub = EXTENDED.evolve(at_term_end=csp.TermEnd.RENEW, renewal_duration="P1Y")
    a = csp.assess(sub, as_of=date(2026, 7, 2), policy=csp.IN_FORCE)
    assert a.running.term == csp.Term(first_day=date(2026, 7, 1), last_day=date(2027, 6, 30))
    assert not a.running.extended
    assert of(a, "EST-005") == []


@pytest.mark.parametrize(
    "status", [s for s in csp.Status if s not in (csp.Status.ACTIVE, csp.Status.SUSPENDED)]
)
def test_what_is_no_longer_used_is_no_extended_service_term_any_more(status: csp.Status) -> None:
    sub = EXTENDED.evolve(status=status)
    assert not sub.runs_on
    on = date(2026, 7, 2)
    assert csp.state_at(sub, on) == csp.state_at(sub.evolve(extended=False), on)
    assert of(csp.assess(sub, as_of=on), "EST-005") == []


def test_a_trial_is_none() -> None:
    trial = EXTENDED.evolve(trial=True)
    assert not trial.runs_on
    assert of(csp.assess(trial, as_of=date(2026, 6, 10)), "EST-005") == []


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("offset", [-100, 0, 1, 200])
@pytest.mark.parametrize("sub", [LEGACY, EXTENDED.evolve(status=csp.Status.SUSPENDED, term=LEGACY.term)])
def test_suspended_until_when_no_fact_tells(sub: csp.Subscription, policy: csp.Policy, offset: int) -> None:
    a = csp.assess(sub, as_of=day(offset), policy=policy)
    assert a.state is csp.State.SUSPENDED
    assert a.provisioning is not None
    assert (a.provisioning.timing, a.provisioning.latest) == (csp.Timing.TOO_LATE, day(offset))
    assert a.provision_on == day(offset)
    assert a.risk is not None
    assert (a.risk.disruption, a.risk.data_loss) == (csp.Risk.CERTAIN, csp.Risk.POSSIBLE)
    assert a.grace_window is None


@pytest.mark.parametrize("offset", [-100, 0, 1, 200])
def test_legacy_and_suspended_has_rules_of_its_own(offset: int) -> None:
    a = csp.assess(LEGACY, as_of=day(offset))
    assert of(a, "LIF-002") == ["legacy-suspended"]
    assert of(a, "LIF-003") == []
    on_its_day = csp.transition_risk(LEGACY, replacement(provision_on=day(offset)))
    assert "LIF-002" in {f.rule for f in on_its_day.findings}


APART = st.sampled_from(csp.TermEnd)
IN_USE = st.sampled_from((csp.Status.ACTIVE, csp.Status.SUSPENDED, csp.Status.EXPIRED))
ordinary = subscriptions(mid_term=None, status=IN_USE, trial=False)


@given(ordinary, APART, st.none() | days, days, st.none() | days, st.sampled_from(POLICIES))
def test_nothing_is_safe_while_something_is_scheduled_for_a_day_of_its_own(
    sub: csp.Subscription,
    action: csp.TermEnd,
    on: date | None,
    as_of: date,
    chosen: date | None,
    policy: csp.Policy,
) -> None:
    apart = sub.evolve(mid_term=action, mid_term_on=on)
    given_replacement = csp.Replacement(offer=sub.offer, quantity=sub.quantity, provision_on=chosen)
    before, after = (csp.assess(one, given_replacement, as_of=as_of, policy=policy) for one in (sub, apart))
    assert (after.state, after.provisioning, after.grace_window) == (None, None, None)
    assert after.undated_by is not None
    # no deadline to turn auto-renew off is lost, and no answer becomes safer
    assert after.auto_renew_off_by == before.auto_renew_off_by
    assert csp.lifecycle(apart, policy=policy) == ()
    risk = csp.transition_risk(apart, given_replacement, policy=policy)
    for found in (after.risk, risk):
        if found is not None:
            assert found.disruption
            assert found.data_loss
    if before.risk is not None and before.undated_by is not None and after.risk is not None:
        assert after.risk.disruption >= before.risk.disruption or before.day_chosen
    assert provisioning_days(apart, as_of, policy) is None or apart.status is csp.Status.SUSPENDED


@pytest.mark.parametrize(
    ("on", "auto_renew", "last_day"),
    [
        (date(2026, 3, 20), False, date(2026, 3, 19)),  # the day before it happens
        (date(2026, 3, 20), True, date(2026, 3, 19)),
        (date(2026, 5, 20), True, D),  # before it may renew
        (date(2026, 2, 20), True, D),
        (None, True, D),
        (None, False, None),
        (date(2026, 3, 1), False, None),
    ],
)
def test_by_when_what_is_scheduled_must_be_found_out(
    on: date | None, auto_renew: bool, last_day: date | None
) -> None:
    sub = subscription(mid_term=csp.TermEnd.CANCEL, mid_term_on=on, auto_renew=auto_renew)
    plan = csp.plan_transfer(transfer(sub), as_of=date(2026, 3, 1))
    [step] = [step for step in plan.steps if step.action is A.FIND_OUT]
    assert step.last_day == last_day
    assert A.PROVISION not in {step.action for step in plan.steps}


def test_what_has_ended_does_not_mind_what_was_scheduled() -> None:
    for status in (csp.Status.DISABLED, csp.Status.DELETED, csp.Status.CANCELED):
        sub = subscription(status=status)
        apart = sub.evolve(mid_term=csp.TermEnd.CANCEL, mid_term_on=D)
        assert csp.assess(apart, as_of=day(1)).state is csp.assess(sub, as_of=day(1)).state
        assert of(csp.assess(apart, as_of=day(1)), "RNW-001") == []


TEN = datetime(2026, 3, 9, 10, tzinfo=UTC)
SEATS = subscription(
    seat_windows=[
        csp.SeatWindow(quantity=5, until=TEN),
        csp.SeatWindow(quantity=2, until=datetime(2026, 3, 12, tzinfo=UTC)),
    ]
)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (date(2026, 3, 9), [(5, TEN), (2, date(2026, 3, 11))]),
        (TEN - timedelta(minutes=1), [(5, TEN), (2, date(2026, 3, 11))]),
        (TEN, [(2, date(2026, 3, 11))]),
        (date(2026, 3, 11), [(2, date(2026, 3, 11))]),
        (date(2026, 3, 12), []),  # an end at midnight means the day before
    ],
)
def test_seats_that_can_be_taken_back_open_no_window_for_the_whole(
    policy: csp.Policy, as_of: date, said: list[tuple[int, date]]
) -> None:
    advice = csp.refund_advice(SEATS, as_of=as_of, policy=policy)
    assert advice.outcome is csp.Outcome.NO_REFUND
    seats = [f for f in advice.findings if f.rule == "CXL-001" and f.case.startswith("seats")]
    assert [(f.facts["quantity"], f.facts.get("until", f.facts.get("until_day"))) for f in seats] == said
    bought = SEATS.evolve(channel=csp.Channel.WEB_DIRECT)
    assert "CXL-001" not in {f.rule for f in csp.refund_advice(bought, as_of=as_of, policy=policy).findings}


def seats_said(sub: csp.Subscription, as_of: date) -> list[tuple[Any, Any]]:
    findings = csp.refund_advice(sub, as_of=as_of, policy=csp.IN_FORCE).findings
    return [
        (f.facts["quantity"], f.facts.get("until", f.facts.get("until_day")))
        for f in findings
        if f.case.startswith("seats")
    ]


def test_no_window_of_seats_outlasts_the_term() -> None:
    month = csp.Term(first_day=date(2026, 3, 1), last_day=date(2026, 3, 31))
    windows = [
        csp.SeatWindow(quantity=5, until=datetime(2026, 4, 5, 12, tzinfo=UTC)),
        csp.SeatWindow(quantity=3, until=datetime(2026, 3, 30, tzinfo=UTC)),
    ]
    sub = subscription(term=month, seat_windows=windows)
    assert seats_said(sub, date(2026, 3, 29)) == [(5, month.last_day), (3, date(2026, 3, 29))]
    assert seats_said(sub, datetime(2026, 3, 30, 15, tzinfo=UTC)) == [(5, month.last_day)]
    assert seats_said(sub, date(2026, 4, 1)) == []
    # nor do they reach into the term that follows a renewal
    renewing = sub.evolve(auto_renew=True, renewal_duration="P1M")
    assert seats_said(renewing, month.last_day) == [(5, month.last_day)]
    assert seats_said(renewing, date(2026, 4, 2)) == []


seats_until = st.integers(-10 * 24, 50 * 24).map(
    lambda hours: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours)
)


@given(seats_until, seats_until)
def test_seats_are_taken_back_by_the_same_hours_as_the_whole(until: datetime, as_of: datetime) -> None:
    term = csp.Term(first_day=date(2026, 3, 1), last_day=date(2026, 3, 31))
    sub = subscription(
        term=term,
        cancellation_allowed_until=until,
        seat_windows=[csp.SeatWindow(quantity=5, until=until)],
    )
    advice = csp.refund_advice(sub, as_of=as_of, policy=csp.IN_FORCE)
    whole = [
        f.facts.get("until", f.facts.get("until_day"))
        for f in advice.findings
        if f.rule == "CXL-002" and f.case.startswith("refund-open")
    ]
    seats = seats_said(sub, as_of)
    if as_of.date() in term:
        assert seats == [(5, day) for day in whole]
    assert all(as_of < min(until, term.closes_at) for _ in seats)


def test_a_window_that_does_not_follow_from_the_days_is_not_known() -> None:
    fresh = subscription(term=csp.Term.starting(date(2026, 3, 1), "P1Y"), auto_renew=True)
    unknown = fresh.evolve(window_known=False)
    on = date(2026, 3, 2)
    assert csp.refund_advice(fresh, as_of=on, policy=csp.IN_FORCE).outcome is csp.Outcome.PRORATED_REFUND
    advice = csp.refund_advice(unknown, as_of=on, policy=csp.IN_FORCE)
    assert advice.outcome is csp.Outcome.NO_REFUND
    assert [f.case for f in advice.findings if f.rule == "CXL-001"] == ["window-not-known"]
    assert window_not_known(unknown.evolve(legacy=True), on, csp.IN_FORCE) is None
    # a renewal opens a window of its own, but not that of a third party's offer
    renewed = date(2027, 3, 2)
    again = csp.refund_advice(unknown, as_of=renewed, policy=csp.IN_FORCE)
    assert again.outcome is csp.Outcome.PRORATED_REFUND
    foreign = unknown.evolve(offer=unknown.offer.evolve(extended_service=False))
    assert csp.refund_advice(foreign, as_of=renewed, policy=csp.IN_FORCE).outcome is csp.Outcome.NO_REFUND


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"extended": 1}, "extended"),
        ({"window_known": None}, "window_known"),
        ({"mid_term": "cancel"}, "mid_term"),
        ({"mid_term_on": D}, "mid_term_on"),
        ({"mid_term": csp.TermEnd.CANCEL, "mid_term_on": datetime(2026, 3, 1, tzinfo=UTC)}, "mid_term_on"),
        ({"doubted_last_day": D}, "doubted_last_day"),
        ({"doubted_last_day": "soon"}, "doubted_last_day"),
        ({"seat_windows": {1}}, "seat_windows"),
        ({"seat_windows": [5]}, "seat_windows[0]"),
    ],
)
def test_such_facts_are_checked(changes: dict[str, Any], field: str) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue)) as caught:
        subscription(**changes)
    assert caught.value.field == field


@pytest.mark.parametrize("quantity", [0, -1, True, 1.0])
def test_a_window_is_of_some_seats(quantity: Any) -> None:
    with pytest.raises((csp.InvalidType, csp.InvalidValue), match="quantity"):
        csp.SeatWindow(quantity=quantity, until=datetime(2026, 3, 1, tzinfo=UTC))


def test_a_pickle_without_the_fields_that_came_later_has_their_defaults() -> None:
    move = transfer()
    values: tuple[Any, ...] = (move, subscription(), csp.Offer(id="x"))
    for value in values:
        state = value.__getstate__()
        kept: Any = object.__new__(value.__class__)
        later = ("extended", "seat_windows", "mid_term", "monthly", "replacements", "window_known")
        kept.__setstate__({name: item for name, item in state.items() if name not in later})
        assert kept == value
        assert pickle.loads(pickle.dumps(kept)) == value  # noqa: S301


def test_a_later_batch_out_of_extended_service_terms_waits_for_the_one_before() -> None:
    move = transfer(EXTENDED, EXTENDED.evolve(id="other"), relationship_accepted=True)
    on = date(2026, 6, 10)
    routes = csp.compare_routes(move.evolve(tenant_subscriptions=299), as_of=on, policy=csp.IN_FORCE)
    [out] = [route for route in routes if route.way is csp.Way.EXTEND_AND_MOVE]
    assert [part.moves_on for part in out.parts] == [on, date(2026, 6, 11)]
    full = csp.compare_routes(move.evolve(tenant_subscriptions=300), as_of=on, policy=csp.IN_FORCE)
    [barred] = [route for route in full if route.way is csp.Way.EXTEND_AND_MOVE]
    assert not barred.available
    assert "no-room" in {f.case for f in barred.findings}


@pytest.mark.parametrize(("days_ago", "best"), [(0, 29), (5, 24), (40, 0)])
def test_into_another_tenant_it_is_best_ended_a_month_after_its_replacement_came(
    days_ago: int, best: int
) -> None:
    as_of = date(2026, 9, 1)
    plan = csp.plan_transfer(
        transfer(
            EXTENDED,
            target_tenant=csp.Tenant(id="newco", country="JP"),
            relationship_accepted=True,
            replacements={EXTENDED.id: replacement(provision_on=as_of - timedelta(days=days_ago))},
        ),
        as_of=as_of,
        policy=csp.IN_FORCE,
    )
    [end] = [step for step in plan.steps if step.action is A.END_EXTENSION]
    assert end.recommended == as_of + timedelta(days=best)


def test_what_cannot_bridge_ends_at_once_for_a_replacement_after_its_term() -> None:
    """A chosen extension is of no use to what is not sold in CSP: it is kept from it, and no free window follows."""
    year = csp.Term(first_day=date(2025, 10, 1), last_day=date(2026, 9, 30))
    direct = subscription(
        term=year, auto_renew=True, at_term_end=csp.TermEnd.EXTEND, channel=csp.Channel.WEB_DIRECT
    )
    new = replacement(offer=direct.offer, provision_on=date(2026, 10, 10))
    a = csp.assess(direct, new, as_of=date(2026, 9, 1), policy=csp.IN_FORCE)
    assert a.risk is not None
    assert ("EST-001", "at-once") in [(f.rule, f.case) for f in a.risk.findings]
    assert not any(f.rule == "EST-002" for f in a.risk.findings)


@pytest.mark.parametrize(("as_of", "case"), [(-1, "apart"), (0, "apart-past"), (1, "apart-past")])
def test_on_the_day_of_its_own_what_is_scheduled_may_have_happened(as_of: int, case: str) -> None:
    original = subscription(mid_term=csp.TermEnd.CANCEL, mid_term_on=day(-5))
    found = scheduled_apart(original, day(-5 + as_of))
    assert found is not None
    assert found.case == case
