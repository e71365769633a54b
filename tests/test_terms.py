"""Renewals, trials and ends: UTC-001, RNW-001, TRL-001."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from facts import D, day, days, durations, subscription, subscriptions
from hypothesis import assume, given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.days import nth_term_start
from csp_transfer.policy import RENEWAL_HOURS
from csp_transfer.rules.terms import last_whole_day, running_term, with_term

MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}


def cases(result: csp.CurrentTerm) -> list[str]:
    return [found.case for found in result.findings]


@pytest.mark.parametrize(
    ("end", "legacy", "expected"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), False, date(2026, 3, 31)),
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), False, date(2026, 3, 31)),
        (datetime(2026, 3, 24, 8, tzinfo=UTC), True, date(2026, 3, 23)),
        (datetime(2026, 3, 24, tzinfo=UTC), True, date(2026, 3, 23)),
        (datetime(2026, 3, 24, 23, 59, 59, tzinfo=UTC), True, date(2026, 3, 23)),
    ],
)
def test_utc_001_ends(end: datetime, legacy: bool, expected: date) -> None:
    assert last_whole_day(end, legacy=legacy) == expected


YEARLY = subscription(auto_renew=True)
MONTHLY = subscription(auto_renew=True, term=csp.Term.starting(date(2026, 1, 31), "P1M"))


@pytest.mark.parametrize(
    ("sub", "as_of", "last_day", "said"),
    [
        (YEARLY, D, D, []),
        (YEARLY, date(2026, 4, 1), date(2027, 3, 31), ["renewed", "running"]),
        (YEARLY, date(2026, 4, 2), date(2027, 3, 31), ["renewed"]),
        (YEARLY, date(2027, 3, 31), date(2027, 3, 31), ["renewed"]),
        (YEARLY, date(2027, 4, 1), date(2028, 3, 31), ["renewed", "running"]),
        (MONTHLY, date(2026, 2, 27), date(2026, 2, 27), []),
        (MONTHLY, date(2026, 2, 28), date(2026, 3, 30), ["renewed", "running", "disputed-day"]),
        (MONTHLY, date(2026, 3, 30), date(2026, 3, 30), ["renewed", "disputed-day"]),
        (MONTHLY, date(2026, 3, 31), date(2026, 4, 29), ["renewed", "running", "disputed-day"]),
        # a three-year term that renews by the year
        (
            subscription(
                auto_renew=True, term=csp.Term.starting(date(2023, 4, 1), "P3Y"), renewal_duration="P1Y"
            ),
            date(2026, 4, 2),
            date(2027, 3, 31),
            ["renewed"],
        ),
        # a term cut short to end with another: only the later ones step regularly
        (
            subscription(
                auto_renew=True,
                term=csp.Term(first_day=date(2025, 11, 15), last_day=D),
                renewal_duration="P1Y",
            ),
            date(2026, 4, 2),
            date(2027, 3, 31),
            ["renewed"],
        ),
        # the second month of a subscription bought on the 31st: its anchor tells
        (
            subscription(
                auto_renew=True,
                term=csp.Term(first_day=date(2026, 2, 28), last_day=date(2026, 3, 30)),
                anchor=date(2026, 1, 31),
            ),
            date(2026, 4, 1),
            date(2026, 4, 29),
            ["renewed"],
        ),
        (subscription(auto_renew=False), date(2026, 6, 1), D, []),
        (subscription(auto_renew=True, status=csp.Status.EXPIRED), date(2026, 4, 2), D, []),
        (subscription(auto_renew=True, status=csp.Status.SUSPENDED), D, D, []),
        (subscription(auto_renew=False, status=csp.Status.SUSPENDED), date(2026, 4, 2), D, []),
        # an anchor on the term's own first day is no renewal
        (subscription(auto_renew=True, anchor=date(2025, 4, 1)), date(2025, 4, 1), D, []),
        (subscription(auto_renew=True, anchor=date(2024, 4, 1)), date(2025, 4, 1), D, ["running"]),
        (subscription(auto_renew=True, anchor=date(2024, 4, 1)), date(2025, 4, 2), D, []),
        # from the 29th and the 30th: the chained day shrinks once and stays
        (
            subscription(auto_renew=True, term=csp.Term.starting(date(2025, 12, 29), "P1M")),
            date(2026, 3, 5),
            date(2026, 3, 28),
            ["renewed", "disputed-day"],
        ),
        (subscription(auto_renew=True, at_term_end=csp.TermEnd.CANCEL), date(2026, 4, 2), D, []),
        (
            subscription(auto_renew=False, at_term_end=csp.TermEnd.RENEW),
            date(2026, 4, 2),
            date(2027, 3, 31),
            ["renewed"],
        ),
    ],
)
def test_rnw_001_worked_cases(sub: csp.Subscription, as_of: date, last_day: date, said: list[str]) -> None:
    current = csp.current_term(sub, as_of)
    assert current.term is not None
    assert current.term.last_day == last_day
    assert cases(current) == said
    assert current.renewed == ("renewed" in said)


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
def test_the_hours_of_a_renewal_are_those_in_force_on_its_day(policy: csp.Policy) -> None:
    first, day_of = RENEWAL_HOURS.records[0], date(2027, 4, 1)
    later = policy.with_record(RENEWAL_HOURS, first.evolve(from_day=date(2027, 1, 1), value=48))
    said = {
        day: dict(csp.current_term(YEARLY, day, policy=later).findings[-1].facts)["hours"]
        for day in (date(2026, 4, 1), day_of)
    }
    assert said == {date(2026, 4, 1): 24, day_of: 48 if policy.in_force else 24}
    old = subscription(auto_renew=True, term=csp.Term.starting(date(2019, 4, 1), "P1Y"))
    assert dict(csp.current_term(old, date(2020, 4, 1), policy=policy).findings[-1].facts)["hours"] == 24


def test_the_disputed_day_is_named() -> None:
    said = csp.current_term(MONTHLY, date(2026, 3, 2)).findings
    assert dict(said[-1].facts) == {"last_day": date(2026, 3, 30), "chained_day": date(2026, 3, 27)}


@pytest.mark.parametrize(
    "changes",
    [
        {"term": csp.Term(first_day=date(2025, 11, 15), last_day=D)},
        {"term": csp.Term(first_day=date(2025, 2, 28), last_day=D), "anchor": date(2025, 1, 30)},
        {"at_term_end": csp.TermEnd.EXTEND},
        {"length_known": False},
        {"status": csp.Status.SUSPENDED},
        {"status": csp.Status.UNKNOWN},
        {"status": csp.Status.PENDING},
        # half a year and two years: no term is that long
        {"term": csp.Term(first_day=date(2025, 10, 1), last_day=D)},
        {"term": csp.Term(first_day=date(2024, 4, 1), last_day=D)},
        {"at_term_end": csp.TermEnd.CHANGE},
        {"at_term_end": csp.TermEnd.UNKNOWN},
    ],
)
def test_an_end_that_no_fact_tells_is_not_guessed(changes: dict[str, object]) -> None:
    current = csp.current_term(subscription(auto_renew=True, **changes), date(2026, 4, 2))
    assert current.term is None
    assert cases(current) == ["end-not-known"]


@given(days, durations, st.integers(1, 6000))
def test_a_renewed_term_is_the_one_around_today_and_starts_where_the_last_ended(
    start: date, duration: str, ahead: int
) -> None:
    """Rulebook: later terms step from the same anchor S; a renewal runs from D+1 and locks a whole new term."""
    own = csp.Term.starting(start, duration)
    sub = subscription(auto_renew=True, term=own)
    today = own.last_day + timedelta(days=ahead)
    current = csp.current_term(sub, today).term
    assert current is not None
    assert current.first_day <= today <= current.last_day
    starts = [nth_term_start(start, MONTHS[duration], n) for n in range(1, ahead // 28 + 3)]
    assert current.first_day in starts
    assert current.last_day + timedelta(days=1) == starts[starts.index(current.first_day) + 1]


@given(days, durations, st.integers(1, 6000))
def test_the_chained_day_is_said_just_where_it_differs(start: date, duration: str, ahead: int) -> None:
    own = csp.Term.starting(start, duration)
    today = own.last_day + timedelta(days=ahead)
    current = csp.current_term(subscription(auto_renew=True, term=own), today)
    assert current.term is not None
    chained = own.last_day + timedelta(days=1)
    for n in range(2, 10_000):
        chained = nth_term_start(chained, MONTHS[duration])
        if nth_term_start(start, MONTHS[duration], n) > today:
            break
    disputed = [found.facts["chained_day"] for found in current.findings if found.case == "disputed-day"]
    chained_last_day = chained - timedelta(days=1)
    assert disputed == ([] if chained_last_day == current.term.last_day else [chained_last_day])


@given(subscriptions(), days)
def test_a_term_in_force_never_lies_before_the_one_that_was_given(sub: csp.Subscription, today: date) -> None:
    current = csp.current_term(sub, today)
    if current.term is not None:
        assert current.term.last_day >= sub.term.last_day
        assert (current.term == sub.term) != current.renewed


def test_a_later_term_keeps_the_anchor_and_forgets_the_old_cancellation_date() -> None:
    sub = subscription(
        cancellation_allowed_until=datetime(2026, 4, 8, tzinfo=UTC), at_term_end=csp.TermEnd.RENEW
    )
    assert with_term(sub, sub.term) is sub
    later = with_term(sub, csp.Term.starting(date(2026, 4, 1), "P1Y"))
    assert later.anchor == date(2025, 4, 1)
    assert later.cancellation_allowed_until is None
    assert later.at_term_end is None


@given(days)
def test_only_what_goes_on_renews(today: date) -> None:
    assume(today > D)
    assert not csp.current_term(subscription(auto_renew=False), today).renewed
    assert csp.current_term(subscription(auto_renew=True), today).renewed


def test_a_term_of_the_same_days_is_no_later_one() -> None:
    scheduled = subscription(auto_renew=True, at_term_end=csp.TermEnd.CANCEL)
    again = csp.Term(first_day=scheduled.term.first_day, last_day=scheduled.term.last_day)
    assert with_term(scheduled, again) is scheduled


def test_both_readings_of_a_renewal_agree_where_no_month_is_short() -> None:
    term, chained_day = running_term(subscription(auto_renew=True), day(10))
    assert (term, chained_day) == (csp.Term(first_day=day(1), last_day=date(2027, 3, 31)), None)
