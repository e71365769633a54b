"""Refunds and credits: END-002, CRD-001 to CRD-004, and what contradicts them, CXL-001 and CXL-002."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from facts import YEAR, D, day, days, subscription, subscriptions, transfer
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.rules.refunds import is_refunded, no_refund, refund_window
from csp_transfer.why import MoveQuestion

TODAY = date(2026, 3, 1)
DIRECT = subscription(channel=csp.Channel.WEB_DIRECT)


CONTACTS = {True: csp.Contact.PARTNER_FOR_CUSTOMER, False: csp.Contact.CUSTOMER, None: None}
ASKING = {True: {"CRD-003"}, False: {"CRD-004"}, None: {"CRD-003", "CRD-004"}}


@pytest.mark.parametrize("channel", csp.Channel)
@pytest.mark.parametrize("delegated_admin", [True, False, None])
def test_credit_by_channel_and_delegated_admin(channel: csp.Channel, delegated_admin: bool | None) -> None:
    advice = csp.refund_advice(subscription(channel=channel), as_of=TODAY, delegated_admin=delegated_admin)
    rules = {f.rule for f in advice.findings}
    if channel is csp.Channel.WEB_DIRECT:
        assert advice.outcome is csp.Outcome.CREDIT_POSSIBLE
        assert advice.handled_by is csp.Actor.BILLING_SUPPORT
        assert advice.contact is CONTACTS[delegated_admin]
        assert rules == {"CRD-001", "CRD-002", *ASKING[delegated_admin]}
    else:
        assert advice.outcome is csp.Outcome.NO_REFUND
        assert (advice.handled_by, advice.contact) == (None, None)
        assert rules == {"END-002"}
    assert advice.best_last_day == D


@pytest.mark.parametrize(
    ("delegated_admin", "asks", "rule", "beside"),
    [
        (True, "destination_partner", "CRD-003", set()),
        (False, "customer", "CRD-004", set()),
        (None, "customer", "CRD-004", {"CRD-003"}),  # who surely can
    ],
)
def test_who_asks_support_is_a_step_and_who_else_might_is_said(
    delegated_admin: bool | None, asks: str, rule: str, beside: set[str]
) -> None:
    move = transfer(DIRECT, delegated_admin=delegated_admin)
    plan = csp.plan_transfer(move, as_of=TODAY, policy=csp.IN_FORCE)
    [step] = [s for s in plan.steps if s.action is csp.Action.ASK_FOR_CREDIT]
    assert (str(step.actor), step.rule, step.first_day, step.last_day) == (asks, rule, TODAY, D)
    said = {f.rule for f in plan.findings if f.rule.startswith(("CRD-003", "CRD-004", "GDP"))}
    assert said == {rule, *beside, *(() if delegated_admin is False else ("GDP-001",))}


def test_after_the_term_nothing_is_left_to_ask_a_credit_for() -> None:
    over = csp.plan_transfer(transfer(DIRECT), as_of=day(1))
    assert not {csp.Action.ASK_FOR_CREDIT, csp.Action.DECIDE_CREDIT} & {s.action for s in over.steps}
    unknown = DIRECT.evolve(at_term_end=csp.TermEnd.CHANGE)  # it went on, until nobody knows when
    asks = [s for s in csp.plan_transfer(transfer(unknown), as_of=day(1)).steps if s.rule == "CRD-004"]
    assert [s.last_day for s in asks] == [None]


def test_a_trial_earns_no_credit_and_a_suspended_one_is_not_refunded_either() -> None:
    trial = subscription(channel=csp.Channel.WEB_DIRECT, trial=True)
    assert csp.refund_advice(trial, as_of=TODAY).outcome is csp.Outcome.NO_REFUND
    suspended = csp.refund_advice(subscription(status=csp.Status.SUSPENDED), as_of=D)
    assert [f.case for f in suspended.findings] == ["no-refund"]


@given(subscriptions(), days, st.none() | st.booleans())
def test_the_guide_never_promises_money(
    sub: csp.Subscription, today: date, delegated_admin: bool | None
) -> None:
    advice = csp.refund_advice(sub, as_of=today, delegated_admin=delegated_admin)
    assert advice.outcome is not csp.Outcome.PRORATED_REFUND


def test_best_last_day_follows_a_renewal() -> None:
    advice = csp.refund_advice(subscription(auto_renew=True), as_of=day(2))
    assert advice.best_last_day == date(2027, 3, 31)
    going_on = subscription(auto_renew=True, at_term_end=csp.TermEnd.EXTEND)
    unknown = csp.refund_advice(going_on, as_of=day(2))
    assert unknown.best_last_day is None


UNTIL = datetime(2025, 4, 8, tzinfo=UTC)
NOON = UNTIL.replace(hour=12)
SHORT = csp.Term(first_day=date(2025, 4, 1), last_day=date(2025, 4, 3))
EIGHT = csp.Term(first_day=date(2025, 4, 1), last_day=date(2025, 4, 8))
BEFORE = csp.Term.starting(date(2022, 3, 11), "P1Y")  # the last day of the 72 hours
SINCE = csp.Term.starting(date(2022, 3, 12), "P1Y")
TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("changes", "today", "rule", "until"),
    [
        ({}, YEAR.first_day, "CXL-001", date(2025, 4, 7)),
        ({}, date(2025, 4, 7), "CXL-001", date(2025, 4, 7)),
        # at some hour of the eighth day it closes
        ({}, date(2025, 4, 8), "CXL-001", date(2025, 4, 8)),
        ({}, date(2025, 4, 9), None, None),
        ({}, date(2025, 3, 31), None, None),
        ({"cancellation_allowed_until": UNTIL}, date(2025, 4, 7), "CXL-002", date(2025, 4, 7)),
        ({"cancellation_allowed_until": UNTIL}, date(2025, 4, 8), None, None),
        ({"cancellation_allowed_until": NOON}, date(2025, 4, 7), "CXL-002", NOON),
        ({"cancellation_allowed_until": NOON}, date(2025, 4, 8), "CXL-002", NOON),
        ({"cancellation_allowed_until": NOON}, datetime(2025, 4, 8, 11, 59, tzinfo=UTC), "CXL-002", NOON),
        ({"cancellation_allowed_until": NOON}, NOON, None, None),
        ({"cancellation_allowed_until": NOON}, NOON.astimezone(TOKYO), None, None),
        ({"cancellation_allowed_until": NOON}, date(2025, 4, 9), None, None),
        # nor is it open before the term begins, nor after it ends
        ({"cancellation_allowed_until": NOON}, date(2025, 3, 31), None, None),
        ({"cancellation_allowed_until": NOON.replace(year=2030)}, D, "CXL-002", D),
        ({"cancellation_allowed_until": NOON.replace(year=2030)}, day(1), None, None),
        # the service's date wins, also where it is earlier
        ({"cancellation_allowed_until": UNTIL.replace(day=2)}, date(2025, 4, 3), None, None),
        ({"legacy": True}, YEAR.first_day, None, None),
        ({"trial": True}, YEAR.first_day, None, None),
        ({"channel": csp.Channel.ENTERPRISE_AGREEMENT}, YEAR.first_day, None, None),
        ({"status": csp.Status.CANCELED}, YEAR.first_day, None, None),
        # still cancellable on the last day of a term that is as short as the window
        (
            {"term": csp.Term(first_day=date(2025, 4, 1), last_day=date(2025, 4, 7))},
            date(2025, 4, 7),
            "CXL-001",
            date(2025, 4, 7),
        ),
        ({"status": csp.Status.SUSPENDED}, YEAR.first_day, "CXL-001", date(2025, 4, 7)),
        # a renewal opens the window again, and the old term's date says nothing about it
        ({"auto_renew": True, "cancellation_allowed_until": UNTIL}, day(7), "CXL-001", day(7)),
        ({"auto_renew": True}, day(8), "CXL-001", day(8)),  # when the renewal was complete, plus 7 × 24 hours
        ({"auto_renew": True}, day(9), None, None),
        # a term of three days, whose end is aligned to another's: over with the term
        ({"term": SHORT}, date(2025, 4, 1), "CXL-001", date(2025, 4, 3)),
        ({"term": SHORT}, date(2025, 4, 3), "CXL-001", date(2025, 4, 3)),
        ({"term": SHORT}, date(2025, 4, 4), None, None),
        ({"term": EIGHT}, date(2025, 4, 8), "CXL-001", date(2025, 4, 8)),
        (
            {"term": csp.Term.starting(date(2022, 2, 28), "P1Y")},
            date(2022, 3, 2),
            "CXL-001",
            date(2022, 3, 2),
        ),
        ({"term": BEFORE}, date(2022, 3, 13), "CXL-001", date(2022, 3, 13)),
        ({"term": BEFORE}, date(2022, 3, 14), "CXL-001", date(2022, 3, 14)),  # the 72 hours end on that day
        ({"term": BEFORE}, date(2022, 3, 15), None, None),
        ({"term": SINCE}, date(2022, 3, 12), "CXL-001", date(2022, 3, 18)),
        ({"term": SINCE}, date(2022, 3, 19), "CXL-001", date(2022, 3, 19)),
        ({"term": SINCE}, date(2022, 3, 20), None, None),
    ],
)
def test_an_open_prorated_refund_is_a_caution(
    changes: dict[str, Any], today: date, rule: str | None, until: date | None
) -> None:
    advice = csp.refund_advice(subscription(**changes), as_of=today)
    said = [(f.rule, f.facts.get("until", f.facts.get("until_day"))) for f in advice.cautions]
    assert said == ([(rule, until)] if rule else [])
    now = csp.refund_advice(subscription(**changes), as_of=today, policy=csp.IN_FORCE)
    assert (now.outcome is csp.Outcome.PRORATED_REFUND) == (rule is not None)


def said(as_of: date, **changes: Any) -> list[str]:
    advice = csp.refund_advice(subscription(**changes), as_of=as_of, policy=csp.IN_FORCE)
    return [f"{f.rule} {f.case}" for f in advice.findings if f.rule.startswith("CXL")]


def test_what_is_said_of_the_hours() -> None:
    by_day = {n: said(date(2025, 4, n)) for n in (7, 8, 9)}
    assert by_day == {7: ["CXL-001 refund-open"], 8: ["CXL-001 refund-closing"], 9: ["CXL-001 refund-over"]}
    closing = csp.refund_advice(subscription(), as_of=date(2025, 4, 8), policy=csp.IN_FORCE)
    assert [f.case for f in closing.cautions] == ["refund-closing"]
    given = {"cancellation_allowed_until": NOON}
    by_hour = [said(datetime(2025, 4, 8, hour, tzinfo=UTC), **given) for hour in (0, 11, 12, 23)]
    assert by_hour == [["CXL-002 refund-open-at"]] * 2 + [["CXL-002 refund-over-at"]] * 2
    [found] = csp.refund_advice(subscription(**given), as_of=date(2025, 4, 8)).cautions
    assert "2025-04-08T12:00:00Z" in found.message
    assert "2025-04-08T12:00:00Z" in found.message_ja
    assert csp.Finding.from_dict(found.to_dict()) == found


def test_of_a_term_whose_length_is_not_known_nobody_can_say_that_it_is_over() -> None:
    facts: dict[str, Any] = {"length_known": False}
    days = {n: said(date(2025, 4, n), **facts) for n in (7, 8, 9)}
    assert days == {7: ["CXL-001 refund-open"], 8: ["CXL-001 refund-closing"], 9: ["CXL-001 not-known"]}
    assert said(D, **facts) == ["CXL-001 not-known"]
    text = str(csp.explain(csp.assess(subscription(**facts), as_of=TODAY, policy=csp.IN_FORCE)))
    assert "neither be cancelled nor refunded" not in text
    guide = csp.refund_advice(subscription(**facts), as_of=TODAY)
    assert {f.case for f in guide.findings} == {"no-refund", "not-known"}
    # a renewal of a known length begins a term of a known length
    renewed = {**facts, "auto_renew": True, "renewal_duration": "P1Y"}
    assert said(day(20), **renewed) == ["CXL-001 refund-over"]


def test_before_the_first_record_nothing_contradicts_the_guide() -> None:
    early = subscription(term=csp.Term.starting(date(2022, 1, 9), "P1Y"))
    assert csp.refund_advice(early, as_of=date(2022, 1, 9)).cautions == ()


START = datetime(2022, 3, 1, tzinfo=UTC)
moments = st.integers(-20 * 24 * 60, 40 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
untils = st.none() | moments


@given(moments, moments, st.integers(1, 60), untils)
def test_a_window_once_over_never_opens_again_and_never_outlasts_its_term(
    one: datetime, other: datetime, length: int, until: datetime | None
) -> None:
    first_day = START.date()
    term = csp.Term(first_day=first_day, last_day=first_day + timedelta(days=length - 1))
    sub = subscription(term=term, cancellation_allowed_until=until)
    early, late = sorted((one, other))
    windows = [refund_window(sub, when) for when in (early, late)]
    for when, window in zip((early, late), windows, strict=True):
        assert (window is not None) == (when.date() in term)
        if window is not None and window.is_open:
            assert window.until_day <= term.last_day
            assert when.date() <= window.until_day
    was, is_now = windows
    if was is not None and is_now is not None:
        order = ("open", "closing", "over")
        assert order.index(was.still) <= order.index(is_now.still)


@given(moments, st.integers(1, 60), untils)
def test_a_day_is_open_if_some_instant_of_it_is(when: datetime, length: int, until: datetime | None) -> None:
    first_day = START.date()
    term = csp.Term(first_day=first_day, last_day=first_day + timedelta(days=length - 1))
    sub = subscription(term=term, cancellation_allowed_until=until)
    whole = refund_window(sub, when.date())
    instants = [when.replace(hour=hour, minute=minute) for hour in range(24) for minute in (0, 29, 59)]
    found = [refund_window(sub, instant) for instant in instants]
    assert whole == found[0]
    assert bool(whole and whole.is_open) == any(window and window.is_open for window in found)
    outcome = csp.refund_advice(sub, as_of=when, policy=csp.IN_FORCE).outcome
    now = refund_window(sub, when)
    assert (outcome is csp.Outcome.PRORATED_REFUND) == bool(now and now.is_open)


def test_an_instant_stays_the_one_that_was_asked_for() -> None:
    move = transfer(subscription(cancellation_allowed_until=datetime(2026, 3, 9, 18, tzinfo=UTC)))
    last, over = datetime(2026, 3, 9, 17, 59, tzinfo=UTC), datetime(2026, 3, 10, 3, tzinfo=TOKYO)
    for when, way in ((last, True), (over, False), (date(2026, 3, 9), True)):
        plan = csp.plan_transfer(move, as_of=when, policy=csp.IN_FORCE)
        [a] = plan.assessments
        assert (plan.as_of, a.as_of) == (date(2026, 3, 9), date(2026, 3, 9))
        assert plan.asked_at == a.asked_at == (when if isinstance(when, datetime) else None)
        assert csp.Plan.from_dict(plan.to_dict()) == plan
        routes = csp.compare_routes(move, as_of=when)
        assert {r.way: r.available for r in routes}[csp.Way.CANCEL_AND_REBUY] is way
        alone = csp.assess(move.subscriptions[0], as_of=when, policy=csp.IN_FORCE)
        assert (alone.refund.outcome is csp.Outcome.PRORATED_REFUND) is way
        again = MoveQuestion.of(plan)
        anew = MoveQuestion(
            transfer=again.transfer, as_of=again.as_of, policy=again.policy, asked_at=again.asked_at
        )
        assert anew.answer == plan
        why = csp.explain(alone).of(csp.Verdict.REFUND)
        assert why.value is alone.refund.outcome
        assert csp.plan_portfolio([move], as_of=when, policy=csp.IN_FORCE).plans[0].asked_at == plan.asked_at


HALF_PAST = datetime(2025, 4, 8, 0, 30, tzinfo=UTC)
SEVENTH, EIGHTH = date(2025, 4, 7), date(2025, 4, 8)


def cancelling(as_of: date, **changes: Any) -> csp.Plan:
    move = transfer(subscription(**changes), relationship_accepted=True)
    return csp.plan_transfer(move, as_of=as_of, policy=csp.IN_FORCE, way=csp.Way.CANCEL_AND_REBUY)


@pytest.mark.parametrize(
    ("changes", "as_of", "due", "doubted", "rule"),
    [
        # CXL-002: the service's own instant, within the eighth day
        ({"cancellation_allowed_until": HALF_PAST}, date(2025, 4, 6), SEVENTH, EIGHTH, "CXL-002"),
        ({"cancellation_allowed_until": HALF_PAST}, SEVENTH, SEVENTH, EIGHTH, "CXL-002"),
        ({"cancellation_allowed_until": HALF_PAST}, EIGHTH, EIGHTH, None, "CXL-002"),
        (
            {"cancellation_allowed_until": HALF_PAST},
            HALF_PAST - timedelta(minutes=10),
            EIGHTH,
            None,
            "CXL-002",
        ),
        # and at midnight: through the whole day before
        ({"cancellation_allowed_until": UNTIL}, date(2025, 4, 6), SEVENTH, None, None),
        # a window that the end of the term closes is open for whole days
        ({"cancellation_allowed_until": NOON.replace(year=2030)}, date(2025, 4, 6), D, None, None),
        # CXL-001: at the hour of the purchase, on the first day + 7
        ({}, date(2025, 4, 6), SEVENTH, EIGHTH, "CXL-001"),
        ({}, SEVENTH, SEVENTH, EIGHTH, "CXL-001"),
        ({}, EIGHTH, EIGHTH, None, "CXL-001"),
        ({}, HALF_PAST, EIGHTH, None, "CXL-001"),
        ({"term": EIGHT}, date(2025, 4, 6), SEVENTH, EIGHTH, "CXL-001"),
        (
            {"term": csp.Term(first_day=date(2025, 4, 1), last_day=SEVENTH)},
            date(2025, 4, 6),
            SEVENTH,
            None,
            None,
        ),
        ({"term": SHORT}, date(2025, 4, 2), date(2025, 4, 3), None, None),
    ],
)
def test_the_last_whole_day_is_the_one_to_cancel_by(
    changes: dict[str, Any], as_of: date, due: date, doubted: date | None, rule: str | None
) -> None:
    plan = cancelling(as_of, **changes)
    [part] = plan.parts
    assert (part.way, part.last_day) == (csp.Way.CANCEL_AND_REBUY, due)
    steps = {step.action: step for step in plan.steps}
    for action in (csp.Action.PROVISION, csp.Action.CANCEL):
        step = steps[action]
        assert (step.last_day, step.doubted_day) == (due, doubted)
        assert [r for r in step.cautions if r.startswith("CXL-")] == ([rule] if rule else [])
    days = {d.action: (d.day, d.doubted_day) for d in plan.deadlines}
    assert days[csp.Action.CANCEL] == (due, doubted)
    said = [f for f in plan.cautions if f.rule.startswith("CXL-")]
    assert [f.rule for f in said] == ([rule] if rule else [])
    if rule == "CXL-002":
        assert "2025-04-08T00:30:00Z" in said[0].message
    text = plan.to_markdown()
    assert (f"{due} ({rule}!: perhaps {doubted})" in text) == (doubted is not None)
    assert csp.Plan.from_dict(plan.to_dict()) == plan


def test_what_is_assigned_anew_before_it_is_cancelled_has_the_same_days() -> None:
    other = csp.Offer(id="other", name="Other", discontinued=False)
    mail = subscription()
    move = transfer(
        mail,
        relationship_accepted=True,
        replacements={mail.id: csp.Replacement(offer=other, quantity=mail.quantity)},
    )
    plan = csp.plan_transfer(move, as_of=date(2025, 4, 6), policy=csp.IN_FORCE, way=csp.Way.CANCEL_AND_REBUY)
    [step] = [step for step in plan.steps if step.action is csp.Action.REASSIGN_LICENCES]
    assert (step.last_day, step.doubted_day) == (SEVENTH, EIGHTH)


def test_under_the_guide_it_can_be_cancelled_on_any_day() -> None:
    move = transfer(subscription(cancellation_allowed_until=HALF_PAST), relationship_accepted=True)
    plan = csp.plan_transfer(move, as_of=date(2025, 4, 6), way=csp.Way.CANCEL_AND_REBUY)
    [cancel] = [step for step in plan.steps if step.action is csp.Action.CANCEL]
    assert (cancel.last_day, cancel.doubted_day) == (D, None)


@given(moments, st.integers(1, 60), untils)
def test_the_day_to_cancel_by_is_open_to_its_last_instant(
    when: datetime, length: int, until: datetime | None
) -> None:
    first_day = START.date()
    term = csp.Term(first_day=first_day, last_day=first_day + timedelta(days=length - 1))
    sub = subscription(term=term, cancellation_allowed_until=until)
    today, window = when.date(), refund_window(sub, when)
    if window is None or not window.is_open:
        return
    day, doubted = window.act_by(today)
    assert today <= day <= term.last_day
    last = datetime.combine(day, datetime.max.time(), UTC)
    at_the_end = refund_window(sub, last)
    assert at_the_end is not None
    assert at_the_end.still == "open" or (day == today == window.closing_day and doubted is None)
    if doubted is not None:
        assert doubted == day + timedelta(days=1)
        on_it = refund_window(sub, doubted)
        assert on_it is not None
        assert on_it.is_open
        assert on_it.act_by(doubted) == (doubted, None)
        following = refund_window(sub, doubted + timedelta(days=1))
        assert following is None or not following.is_open


@pytest.mark.parametrize(("on", "said"), [(12, True), (16, True), (17, False)])
def test_of_a_refund_that_ends_within_a_day_the_last_whole_day_is_named(on: int, said: bool) -> None:
    """CXL-001: bought on 10 November, it can surely be cancelled until the 16th, and for some hours of the 17th."""
    bought = subscription(term=csp.Term.starting(date(2026, 11, 10), "P1Y"))
    routes = csp.compare_routes(transfer(bought), as_of=date(2026, 11, on), policy=csp.IN_FORCE)
    [route] = [route for route in routes if route.way is csp.Way.CANCEL_AND_REBUY]
    facts = [dict(f.facts) for f in route.parts[0].findings if f.case == "closes-at-an-hour"]
    assert facts == [{"last_safe_day": date(2026, 11, 16), "until_day": date(2026, 11, 17)}] * said


@pytest.mark.parametrize(
    ("changes", "as_of", "case"),
    [
        ({}, D, "no-refund"),
        ({}, day(1), "ended"),
        ({"status": csp.Status.SUSPENDED}, D, "no-refund"),
        ({"status": csp.Status.DISABLED}, day(-1), "ended"),
        ({"status": csp.Status.CANCELED, "canceled_on": day(-9)}, day(-1), "ended"),
        ({"extended": True, "auto_renew": True}, D, "ended"),
    ],
)
def test_a_last_day_is_best_as_long_as_a_term_runs(changes: dict[str, Any], as_of: date, case: str) -> None:
    assert no_refund(subscription(**changes), as_of).case == case


@pytest.mark.parametrize(
    ("until", "last_day"),
    [
        (datetime(2026, 3, 5, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 3, 5, 0, 0, 0, 1, tzinfo=UTC), date(2026, 3, 5)),
    ],
)
def test_a_window_is_open_until_the_last_instant_before_it_closes(until: datetime, last_day: date) -> None:
    window = refund_window(subscription(cancellation_allowed_until=until), date(2026, 3, 1), csp.IN_FORCE)
    assert window is not None
    assert window.until_day == last_day


def test_before_the_first_record_nobody_can_tell_as_long_as_the_term_runs() -> None:
    old = subscription(term=csp.Term(first_day=date(2010, 1, 1), last_day=date(2010, 12, 31)))
    assert not is_refunded(old, date(2011, 1, 1), csp.IN_FORCE)
    for as_of in (date(2010, 12, 30), date(2010, 12, 31)):
        with pytest.raises(csp.InvalidValue, match="first record"):
            is_refunded(old, as_of, csp.IN_FORCE)
        assert not is_refunded(old.evolve(legacy=True), as_of, csp.IN_FORCE)
