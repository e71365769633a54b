"""States, access and the grace window: END-005, LIF-001 to LIF-004, EST-001."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from facts import YEAR, D, day, days, subscription, subscriptions, zones
from hypothesis import given
from hypothesis import strategies as st

import csp_transfer as csp
from csp_transfer.days import starts_at
from csp_transfer.rules.lifecycle import ahead, is_lost, while_suspended

S, St = csp.State, csp.Status


@pytest.mark.parametrize(
    ("status", "states"),
    [
        # the state on each day around the boundaries: D, D+1, D+30, D+31, D+120, D+121
        (St.ACTIVE, [S.ACTIVE, S.EXPIRED, S.EXPIRED, S.DISABLED, S.DISABLED, S.DELETED]),
        (St.EXPIRED, [S.ACTIVE, S.EXPIRED, S.EXPIRED, S.DISABLED, S.DISABLED, S.DELETED]),
        (St.SUSPENDED, [S.SUSPENDED, S.DISABLED, S.DISABLED, S.DISABLED, S.DISABLED, S.DELETED]),
        (St.DISABLED, [S.DISABLED, S.DISABLED, S.DISABLED, S.DISABLED, S.DISABLED, S.DELETED]),
        (St.DELETED, [S.DELETED] * 6),
        (St.CANCELED, [S.DELETED] * 6),
        (St.PENDING, [None] * 6),
        (St.NONE, [None] * 6),
        (St.UNKNOWN, [None] * 6),
    ],
)
def test_states_around_every_boundary(status: csp.Status, states: list[csp.State | None]) -> None:
    sub = subscription(status=status)
    assert [csp.state_at(sub, day(n)) for n in (0, 1, 30, 31, 120, 121)] == states


def test_before_its_term_no_state_is_told() -> None:
    first = YEAR.first_day
    assert [csp.state_at(subscription(), first + timedelta(days=n)) for n in (-1, 0)] == [None, S.ACTIVE]


@given(days, st.integers(0, 1200), st.integers(-10, 400))
def test_the_guides_course_day_by_day(first_day: date, length: int, offset: int) -> None:
    """Rulebook: Active through D; Expired D+1 to D+30; Disabled 90 days; Deleted."""
    last_day = first_day + timedelta(days=length)
    sub = subscription(term=csp.Term(first_day=first_day, last_day=last_day))
    today = last_day + timedelta(days=offset)
    if today < first_day:
        expected = None
    elif offset <= 0:
        expected = S.ACTIVE
    elif offset <= 30:
        expected = S.EXPIRED
    else:
        expected = S.DISABLED if offset <= 120 else S.DELETED
    assert csp.state_at(sub, today) is expected
    window = csp.grace_window(sub)
    assert window is not None
    assert (today in window) == (1 <= offset <= 30)


@given(subscriptions())
def test_phases_have_no_gap_and_no_overlap(sub: csp.Subscription) -> None:
    phases = csp.lifecycle(sub)
    assert not phases or phases[0].first_day in (sub.term.first_day, sub.canceled_on)
    for phase, following in itertools.pairwise(phases):
        assert phase.last_day is not None
        assert following.first_day == phase.last_day + timedelta(days=1)
    endless = [p for p in phases if p.last_day is None]
    over = sub.trial and sub.status in (St.ACTIVE, St.EXPIRED)
    assert endless == ([] if over or not phases else [phases[-1]])


@given(subscriptions())
def test_a_grace_window_is_the_phase_expired_and_nothing_else(sub: csp.Subscription) -> None:
    window = csp.grace_window(sub)
    expired = [(p.first_day, p.last_day) for p in csp.lifecycle(sub) if p.state is S.EXPIRED]
    assert expired == ([(window.first_day, window.last_day)] if window else [])


@given(subscriptions(), st.datetimes(datetime(2022, 1, 1), datetime(2040, 1, 1), timezones=zones))  # noqa: DTZ001
def test_an_instant_of_any_zone_has_the_state_of_its_utc_day(
    sub: csp.Subscription, instant: datetime
) -> None:
    utc_day = next(
        d
        for n in (-1, 0, 1)
        if starts_at(d := instant.date() + timedelta(n)) <= instant < starts_at(d + timedelta(1))
    )
    assert csp.state_at(sub, instant) is csp.state_at(sub, utc_day)


def test_access_and_billing_by_state() -> None:
    access = {
        p.state: (p.users_have_access, p.admins_have_access, p.partner_billed)
        for status in (St.ACTIVE, St.SUSPENDED)
        for p in csp.lifecycle(subscription(status=status))
    }
    assert access == {
        S.ACTIVE: (True, True, True),
        S.SUSPENDED: (False, True, True),
        S.EXPIRED: (True, True, False),
        S.DISABLED: (False, True, False),
        S.DELETED: (False, False, False),
    }


def test_suspended_has_its_two_disabled_runs() -> None:
    runs = [(p.state, p.first_day, p.last_day) for p in csp.lifecycle(subscription(status=St.SUSPENDED))]
    assert runs == [
        (S.SUSPENDED, YEAR.first_day, D),
        (S.DISABLED, day(1), day(30)),
        (S.DISABLED, day(31), day(120)),
        (S.DELETED, day(121), None),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"canceled_on": date(2025, 6, 10)}, [S.ACTIVE, S.DELETED, S.DELETED]),
        ({"canceled_on": YEAR.first_day}, [S.DELETED, S.DELETED]),
        ({}, [S.DELETED]),
    ],
)
def test_cancelled_is_deleted_at_once(changes: dict[str, date], expected: list[csp.State]) -> None:
    phases = csp.lifecycle(subscription(status=St.CANCELED, **changes))
    assert [p.state for p in phases] == expected
    # admins have seven days, of which no payload without the day of cancellation tells
    backup = [(p.first_day, p.last_day) for p in phases if p.state is S.DELETED and p.admins_have_access]
    assert backup == [(d, d + timedelta(days=6)) for d in changes.values()]


@pytest.mark.parametrize("status", [s for s in St if s not in (St.ACTIVE, St.EXPIRED)])
def test_only_what_runs_out_has_a_grace_window(status: csp.Status) -> None:
    assert csp.grace_window(subscription(status=status)) is None


def test_a_trial_has_its_term_and_no_more() -> None:
    trial = subscription(trial=True)
    assert csp.grace_window(trial) is None
    assert [p.state for p in csp.lifecycle(trial)] == [S.ACTIVE]
    assert csp.state_at(trial, day(1)) is None


@pytest.mark.parametrize(
    ("last_day", "cautioned"),
    [
        (date(2026, 5, 3), False),
        (date(2026, 5, 4), True),
        (date(2026, 9, 14), True),
        (date(2022, 1, 31), False),
    ],
)
def test_est_001_is_a_caution_from_its_day_on(last_day: date, cautioned: bool) -> None:
    sub = subscription(term=csp.Term(first_day=last_day - timedelta(days=20), last_day=last_day))
    window = csp.grace_window(sub)
    assert window is not None
    assert [f.rule for f in window.cautions] == (["EST-001"] if cautioned else [])
    assert ("caution EST-001" in repr(window)) == cautioned
    expired = next(p for p in csp.lifecycle(sub) if p.state is S.EXPIRED)
    assert expired.cautions == window.cautions
    for phase in csp.lifecycle(sub):
        # without the window, every day after the term is another
        assert ("caution EST-001" in repr(phase)) == (cautioned and phase.state is not S.ACTIVE)


def test_a_policy_without_grace_has_no_window() -> None:
    strict = csp.GUIDE.evolve(grace_days=0)
    assert csp.grace_window(subscription(), policy=strict) is None
    assert csp.state_at(subscription(), day(1), policy=strict) is S.DISABLED


def test_while_suspended_lasts_through_the_last_day() -> None:
    suspended = subscription(status=csp.Status.SUSPENDED)
    assert while_suspended(suspended, D) is not None
    assert while_suspended(suspended, day(1)) is None


def test_without_a_grace_window_it_is_disabled_on_the_day_after_its_term() -> None:
    """Terms that end on or after 2026-05-04, under what is in force (EST-001): no Expired state comes between."""
    term = csp.Term.starting(date(2025, 6, 1), "P1Y")
    a = csp.assess(
        subscription(term=term, at_term_end=csp.TermEnd.CANCEL), as_of=date(2026, 5, 10), policy=csp.IN_FORCE
    )
    [course] = [f for f in a.findings if f.rule == "LIF-001"]
    assert (course.case, course.facts["disabled_day"]) == ("course-without-window", date(2026, 6, 1))


@pytest.mark.parametrize(("as_of", "said"), [(-1, True), (0, False), (1, False)])
def test_a_term_has_begun_on_its_first_day(as_of: int, *, said: bool) -> None:
    first_day = YEAR.first_day
    a = csp.assess(subscription(), as_of=first_day + timedelta(days=as_of))
    assert any(f.case == "not-begun" for f in a.findings) is said


@pytest.mark.parametrize(("as_of", "lost"), [(-2, False), (3, False), (4, False), (5, True)])
def test_what_is_cancelled_is_lost_when_the_days_for_a_backup_are_over(as_of: int, *, lost: bool) -> None:
    cancelled = subscription(status=csp.Status.CANCELED, canceled_on=day(-2))
    assert is_lost(cancelled, day(as_of), csp.GUIDE) is lost


@pytest.mark.parametrize(
    ("changes", "endless"),
    [({}, False), ({"status": csp.Status.DELETED}, False), ({"extended": True, "auto_renew": True}, True)],
)
def test_only_an_extended_service_term_has_no_end(changes: dict[str, Any], *, endless: bool) -> None:
    assert ahead(subscription(**changes), csp.IN_FORCE).endless is endless


def test_before_the_first_record_the_number_that_is_wanting_first_is_named() -> None:
    old = csp.Term(first_day=date(2010, 1, 1), last_day=date(2010, 12, 31))
    with pytest.raises(
        csp.InvalidValue, match=r"grace_days on: 2010-12-31; expected a day from 2022-01-10 on"
    ):
        csp.lifecycle(subscription(term=old), policy=csp.IN_FORCE)
