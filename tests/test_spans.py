"""Days, instants and months, against a plain calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from facts import days, zones
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.days import Days, after, months_between, nth_term_start, starts_at, utc_day


@given(days, st.integers(0, 600))
def test_months_step_from_the_anchor_and_are_clamped_to_the_month(anchor: date, months: int) -> None:
    """Rulebook: a term of n months from day S ends the day before S + n months, clamped to the month's length."""
    expected = anchor + relativedelta(months=months)
    assert nth_term_start(anchor, 1, months) == expected
    assert months_between(anchor, expected) == months


@given(days, days)
def test_months_between_finds_only_days_that_months_lead_to(anchor: date, day: date) -> None:
    months = months_between(anchor, day)
    reachable = {nth_term_start(anchor, 1, n): n for n in range(-300, 300)}
    assert months == reachable.get(day)


@given(st.datetimes(datetime(2022, 1, 1), datetime(2040, 1, 1), timezones=zones))  # noqa: DTZ001
def test_an_instant_of_any_zone_falls_on_its_utc_day(instant: datetime) -> None:
    assert starts_at(utc_day("t", instant)) <= instant < starts_at(after(utc_day("t", instant)))


@given(days, st.integers(0, 800), st.integers(-900, 900))
def test_days_are_inclusive_outside_and_half_open_inside(first_day: date, length: int, offset: int) -> None:
    run = Days(first_day=first_day, last_day=first_day + timedelta(days=length))
    day = first_day + timedelta(days=offset)
    assert (day in run) == (0 <= offset <= length)
    assert (day in run) == (
        run.opens_at <= datetime(day.year, day.month, day.day, tzinfo=UTC) < run.closes_at
    )
    assert len(run) == length + 1
    assert run.days_left(day) == sum(1 for n in range(length + 1) if max(0, offset) <= n)


def test_the_last_microsecond_is_inside_and_midnight_is_not() -> None:
    run = Days(first_day=date(2026, 4, 1), last_day=date(2026, 4, 30))
    assert run.closes_at - timedelta(microseconds=1) in run
    assert run.closes_at not in run
    assert run.opens_at in run
    assert run.opens_at - timedelta(microseconds=1) not in run


@pytest.mark.parametrize(
    ("first_day", "duration", "last_day"),
    [
        (date(2023, 1, 31), "P1M", date(2023, 2, 27)),
        (date(2024, 1, 31), "P1M", date(2024, 2, 28)),
        (date(2026, 1, 31), "P1M", date(2026, 2, 27)),
        (date(2025, 4, 1), "P1Y", date(2026, 3, 31)),
        (date(2024, 2, 29), "P1Y", date(2025, 2, 27)),
        (date(2024, 2, 29), "P3Y", date(2027, 2, 27)),
        (date(2023, 6, 1), "P3Y", date(2026, 5, 31)),
    ],
)
def test_terms_end_the_day_before(first_day: date, duration: str, last_day: date) -> None:
    assert csp.Term.starting(first_day, duration).last_day == last_day
