"""Frames answer, cell by cell and null by null, what the functions for one subscription answer."""

from __future__ import annotations

import json
import subprocess
import sys
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import product
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from facts import BASIC, GONE, OTHER, SAMPLES, YEAR, D, day, replacement, subscription, year_to
from frame_rows import ASKED, NAMES, POLICIES, Row, drawn, judged, table
from hypothesis import example, given
from hypothesis import strategies as st
from laws import cases, tried

import csp_transfer as csp
from csp_transfer import frames, partner_center, strategies
from csp_transfer.days import EARLIEST, LATEST, nth_term_start
from csp_transfer.decision import DecisionTable, case
from csp_transfer.frames.calendar import first_days, last_in_all, months_of, number
from csp_transfer.frames.rows import Rows, said_of_each
from csp_transfer.frames.tables import all_of, any_of, flag, holds, negated, one_of, outcomes
from csp_transfer.policy import GRACE_DAYS
from csp_transfer.rulebook import TABLES


def cells(assessed: pl.DataFrame) -> list[tuple[Any, ...] | None]:
    """What a frame says, in the order of `NAMES`; None where it gives a reason, and then nothing else."""
    said = assessed.select([f"csp_{name}" for name in NAMES]).rows()
    why = assessed["csp_reason"].to_list()
    assert all(set(row) == {None} for row, reason in zip(said, why, strict=True) if reason)
    return [None if reason else row for row, reason in zip(said, why, strict=True)]


def compare(rows: list[Row], policy: csp.Policy) -> None:
    wanted = [judged(row, policy) for row in rows]
    frame = table(rows)
    eager = cells(frames.assess(frame, policy=policy, **ASKED))
    for row, one, said in zip(rows, wanted, eager, strict=True):
        assert said == one, row


# ---- the law ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_cell_is_what_assess_says(policy: csp.Policy) -> None:
    compare(drawn(20261123, cases(100)), policy)


BOTH = pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=str)


@pytest.mark.parametrize("days", [0, 1])
@BOTH
def test_a_window_of_no_day_or_of_one(policy: csp.Policy, days: int) -> None:
    compare(drawn(5, cases(10)), policy.evolve(grace_days=days))


def provisioned_on(s: csp.Subscription, day: date, **changes: Any) -> Row:
    """Asked on that day, or within two months of the end of its term."""
    as_of = min(day, s.term.last_day + timedelta(days=60))
    return Row(s, replacement(provision_on=day, **changes), as_of, None, False)


@BOTH
def test_each_day_around_that_on_which_a_disabled_one_is_deleted(policy: csp.Policy) -> None:
    """By the guide the 121st after its term; where no window follows, the 91st."""
    term = year_to(date(2026, 7, 31))
    disabled = subscription(status=csp.Status.DISABLED, auto_renew=False, term=term)
    days = (*range(88, 95), *range(118, 125))
    compare([provisioned_on(disabled, term.last_day + timedelta(days=n)) for n in days], policy)


@BOTH
def test_each_day_around_a_cancellation(policy: csp.Policy) -> None:
    """Users lose access on that day, and admins can back up for seven days, that day included."""
    canceled_on = date(2025, 11, 3)
    canceled = subscription(status=csp.Status.CANCELED, auto_renew=False, canceled_on=canceled_on)
    compare([provisioned_on(canceled, canceled_on + timedelta(days=n)) for n in range(-2, 10)], policy)


@BOTH
def test_each_day_around_the_end_of_a_term_whatever_is_scheduled(policy: csp.Policy) -> None:
    term = year_to(date(2026, 7, 31))
    compare(
        [
            provisioned_on(
                subscription(
                    term=term,
                    at_term_end=scheduled,
                    auto_renew=scheduled is None,
                    offer=BASIC.evolve(extended_service=extended),
                ),
                term.last_day + timedelta(days=n),
            )
            for scheduled in (None, *csp.TermEnd)
            for extended in (None, True, False)
            for n in (-1, 0, 1, 2)
        ],
        policy,
    )


@BOTH
def test_what_renews_for_no_known_months_or_for_a_window_of_its_own(policy: csp.Policy) -> None:
    """A term of five months renews for nobody knows how long; a third party's offer has no window that is known."""
    odd = csp.Term(first_day=date(2025, 11, 1), last_day=D)
    months = [subscription(term=odd, auto_renew=True, length_known=known) for known in (True, False)]
    windows = [
        subscription(auto_renew=True, window_known=known, offer=BASIC.evolve(extended_service=extended))
        for known in (True, False)
        for extended in (None, True, False)
    ]
    compare(
        [Row(s, None, day(n), None, False) for s in (*months, *windows) for n in (0, 1, 3, 7, 8, 9, 200)],
        policy,
    )


def test_a_lazy_frame_is_judged_when_it_is_collected() -> None:
    some = drawn(5, 300)
    lazy = frames.assess(table(some).lazy(), **ASKED)
    assert isinstance(lazy, pl.LazyFrame)
    assert cells(lazy.collect()) == [judged(row, csp.GUIDE) for row in some]


@st.composite
def rows(draw: st.DrawFn) -> Row:
    s = draw(strategies.subscriptions())
    replaced = None if s.trial else draw(st.none() | st.just(csp.NOT_REPLACED) | strategies.replacements())
    near = draw(st.sampled_from((s.term.first_day, s.term.last_day)))
    as_of = near + timedelta(days=draw(st.integers(-130, 130) | st.integers(0, 1500)))
    as_of = max(as_of, strategies.facts.FIRST_DAY)
    return Row(s, replaced, as_of, draw(st.none() | st.booleans()), draw(st.booleans()))


@tried(0.5)
@given(st.lists(rows(), min_size=1, max_size=20), strategies.policies())
def test_any_row_under_any_policy_is_judged_as_assess_does(some: list[Row], policy: csp.Policy) -> None:
    compare(some, policy)


FRESH = csp.Term.starting(date(2026, 3, 3), "P1Y")
HOURS = [None, *(datetime(2026, 3, 9, hour, minute, tzinfo=UTC) for hour in (0, 18) for minute in (0, 1))]


@pytest.mark.untraced
@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
def test_every_hour_around_the_end_of_a_refund(policy: csp.Policy) -> None:
    begins = datetime(2026, 3, 8, tzinfo=UTC)
    days: list[date] = [(begins + timedelta(days=n)).date() for n in range(5)]
    instants = [begins + timedelta(minutes=30 * n) for n in range(5 * 48)]
    edge = datetime(2026, 3, 9, 18, 0, 0, 1, tzinfo=UTC)
    instants += [edge, edge - timedelta(microseconds=2)]
    for whens in (days, instants):
        compare(
            [
                Row(
                    subscription(term=FRESH, cancellation_allowed_until=until, length_known=known),
                    None,
                    when,
                    delegated_admin=None,
                    another_tenant=False,
                )
                for until, known, when in product(HOURS, (False, True), whens)
            ],
            policy,
        )


@pytest.mark.parametrize(
    "when", [datetime(2026, 3, 9, 17, 59, tzinfo=UTC), datetime(2026, 3, 9, 18, tzinfo=UTC)]
)
@pytest.mark.parametrize("admin", [True, False, None])
def test_an_instant_and_what_is_not_known_may_be_asked_for_all_rows(when: date, admin: bool | None) -> None:
    hour = subscription(term=FRESH, cancellation_allowed_until=HOURS[3])
    portal = hour.evolve(id="portal", channel=csp.Channel.WEB_DIRECT, cancellation_allowed_until=None)
    rows = [Row(s, None, when, delegated_admin=admin, another_tenant=False) for s in (hour, portal)]
    for sent in (rows, rows[1:]):  # also where no row has an instant of its own
        said = frames.assess(
            frames.of([row.subscription for row in sent]),
            as_of=when,
            delegated_admin=admin,
            policy=csp.IN_FORCE,
        )
        assert cells(said) == [judged(row, csp.IN_FORCE) for row in sent]


STATUSES = (csp.Status.ACTIVE, csp.Status.EXPIRED, csp.Status.SUSPENDED, csp.Status.DISABLED)


@pytest.mark.untraced
@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
def test_every_day_around_the_end_of_a_term(policy: csp.Policy) -> None:
    year = csp.Term(first_day=date(2025, 6, 1), last_day=date(2026, 5, 31)) if policy.in_force else YEAR
    compare(
        [
            Row(
                subscription(status=status, auto_renew=auto_renew, term=year),
                None,
                year.last_day + timedelta(days=offset),
                delegated_admin=False,
                another_tenant=False,
            )
            for status, auto_renew, offset in product(STATUSES, (False, True), range(-130, 131))
        ],
        policy,
    )


def ordinary(s: csp.Subscription, as_of: date) -> Row:
    return Row(s, None, as_of, delegated_admin=False, another_tenant=False)


@pytest.mark.parametrize("policy", [csp.GUIDE, csp.IN_FORCE], ids=lambda policy: policy.name)
def test_the_day_from_which_no_free_window_follows(policy: csp.Policy) -> None:
    [change] = GRACE_DAYS.changes
    terms = [csp.Term(first_day=date(2025, 6, 1), last_day=change + timedelta(days=n)) for n in (-1, 0, 1)]
    days = [change + timedelta(days=n) for n in range(-3, 5)]
    compare([ordinary(subscription(term=term), as_of) for term in terms for as_of in days], policy)


@pytest.mark.untraced
@pytest.mark.parametrize("duration", ["P1M", "P1Y", "P3Y"])
def test_every_renewal_of_terms_that_begin_late_in_a_month(duration: str) -> None:
    first_days = [
        date(year, month, 28) + timedelta(days=n)
        for year in (2022, 2023, 2024)
        for month in (1, 2, 7, 8, 10, 12)
        for n in range(4)
    ]
    compare(
        [
            ordinary(
                subscription(
                    term=csp.Term(
                        first_day=nth_term_start(first, months),
                        last_day=nth_term_start(first, months + 1) - timedelta(days=1),
                    ),
                    anchor=first,
                    auto_renew=True,
                    renewal_duration=duration,
                ),
                nth_term_start(first, months + 1 + later, 1),
            )
            for first in first_days
            for months in (0, 1)
            for later in (*range(14), 24, 25, 26, 36, 37, 72)
        ],
        csp.GUIDE,
    )


@pytest.mark.untraced
@pytest.mark.parametrize("policy", [csp.IN_FORCE, csp.IN_FORCE.evolve(grace_days=30)], ids=lambda p: p.name)
def test_before_the_first_record_a_frame_refuses_what_assess_refuses(policy: csp.Policy) -> None:
    old = timedelta(days=400)
    early = []
    for row in drawn(7, 2000):
        s = row.subscription
        term = csp.Term(first_day=s.term.first_day - old, last_day=s.term.last_day - old)
        moved = s.evolve(
            term=term,
            anchor=s.anchor and s.anchor - old,
            canceled_on=s.canceled_on and s.canceled_on - old,
            cancellation_allowed_until=None,
        )
        early.append(row._replace(subscription=moved, as_of=row.as_of - old))
    said = cells(frames.assess(table(early), policy=policy, **ASKED))
    wanted = [judged(row, policy) for row in early]
    assert all(cell is None or cell == one for cell, one in zip(said, wanted, strict=True))
    first = GRACE_DAYS.first_day
    assert all(
        (cell is None) == (one is None)
        for cell, one, row in zip(said, wanted, early, strict=True)
        if row.subscription.term.last_day >= first
    )
    assert {cell is None for cell in said} == {True, False}


# ---- the compiler: any table, any facts ------------------------------------------------------------------------------


def test_what_always_holds_is_picked_before_all_that_follows() -> None:
    rows: Any = Rows(nw.Implementation.POLARS, {}, "~")
    found = rows.pick((pl.col("n") > 8, 1), (True, 2), (pl.col("n") > 0, 3), otherwise=4)
    assert pl.DataFrame({"n": [7, 9]}).select(found=found)["found"].to_list() == [2, 1]


def test_no_value_on_the_way_takes_the_place_of_another() -> None:
    rows, n = Rows(nw.Implementation.POLARS, {}, "~"), pl.col("n")
    values = [*rows.step([n, n + 1]), *rows.step([n * 2, n * 3, n * 5]), *rows.step([n * 7])]
    frame = pl.DataFrame({"n": [7]})
    for columns in rows.steps:
        frame = frame.with_columns(**columns)
    assert frame.select(**{f"v{at}": value for at, value in enumerate(values)}).row(0) == (
        7,
        8,
        14,
        21,
        35,
        49,
    )


@pytest.mark.parametrize("decisions", TABLES, ids=lambda decisions: decisions.name)
def test_a_table_asked_by_columns_decides_what_it_decides(decisions: DecisionTable[Any]) -> None:
    facts = list(decisions.combinations())
    frame = pl.DataFrame(
        {name: [domain.index(f[name]) for f in facts] for name, domain in decisions.facts.items()}
    )
    rows = Rows(nw.Implementation.POLARS, {}, "~")
    asked: dict[str, dict[Any, Any]] = {
        name: {value: pl.col(name) == n for n, value in enumerate(domain)}
        for name, domain in decisions.facts.items()
    }
    names = [row.name for row in decisions.cases]
    told = {row.then: row.name for row in reversed(decisions.cases)}
    found = frame.select(
        then=rows.choose(decisions, asked, lambda then: told[then], pl.lit),
        first=rows.pick((holds(decisions, asked, lambda then: told[then] == names[0]), 1), otherwise=0),
    )
    wanted = [told[decisions.decide(**f)] for f in facts]
    assert found["then"].to_list() == wanted
    assert found["first"].to_list() == [int(name == names[0]) for name in wanted]


WHAT = DecisionTable(
    "what",
    "Only one of two facts matters.",
    {"matters": (False, True), "does_not": (1, 2, 3)},
    (
        case("yes", "END-005", "yes", matters=True),
        case("no", "END-005", "no", matters=False, does_not={1, 2}),
        case("no, too", "END-005", "no", matters=False, does_not=3),
    ),
)


def test_what_is_the_same_for_all_rows_folds_away() -> None:
    ask: Any = pl.col("a") > 1
    assert outcomes(WHAT, {"matters": {True: True}, "does_not": {1: ask, 2: ~ask}}, str) == {
        "yes": True,
        "no": False,
    }
    found = outcomes(WHAT, {"matters": {True: ask}, "does_not": {1: ask}}, str)
    assert found["yes"] is True


def test_a_fact_of_which_all_values_lead_to_the_same_is_not_asked_for() -> None:
    ask: Any = pl.col("a") > 1
    facts: dict[str, Any] = {
        "matters": flag(ask),
        "does_not": {1: pl.col("missing") == 1, 2: pl.col("missing") == 2, 3: False},
    }
    frame = pl.DataFrame({"a": [1, 2]})
    rows = Rows(nw.Implementation.POLARS, {}, "~")
    found = frame.select(x=rows.pick((holds(WHAT, facts, lambda then: then == "yes"), 1), otherwise=0))
    assert found["x"].to_list() == [0, 1]


def test_conditions_fold() -> None:
    ask: Any = pl.col("a") > 1
    assert all_of() is True
    assert any_of() is False
    assert all_of(True, ask) is ask
    assert all_of(ask, False) is False
    assert any_of(ask, True) is True
    assert any_of(False, ask) is ask
    assert negated(True) is False
    assert flag(False) == {False: True}
    assert one_of({1: ask}, {1}) is True
    assert one_of({1: ask}, {2}) is False


# ---- days and months -------------------------------------------------------------------------------------------------


@given(st.lists(st.dates(EARLIEST - timedelta(days=9000), LATEST), min_size=1))
@example([EARLIEST, LATEST, date(2000, 2, 29), date(2100, 2, 28), date(2100, 3, 1), date(2400, 2, 29)])
def test_a_day_is_a_number_and_a_month_and_back(days: list[date]) -> None:
    frame = pl.DataFrame({"day": days})
    rows = Rows(nw.Implementation.POLARS, {}, "~")
    frame = frame.with_columns(n=rows.number_of(pl.col("day")))
    assert frame["n"].to_list() == [number(one) for one in days]
    assert frame.select(d=rows.day_of(pl.col("n")))["d"].to_list() == days

    def keep(values: list[Any]) -> list[Any]:
        return values

    (month,), (in_month,) = months_of([pl.col("n")], keep)
    (first,) = first_days([month], keep)
    said = frame.select(month=month, in_month=in_month, first=rows.day_of(first)).rows()
    for one, (months, days_in, begins) in zip(days, said, strict=True):
        assert (begins.year, begins.month, begins.day) == (one.year, one.month, 1)
        assert (months + 2) // 12 == one.year
        assert days_in == one.day - 1


def test_the_months_of_plain_numbers_are_those_of_the_calendar() -> None:
    """The day before and the first day of each March, around each end of a century."""
    keep: Callable[[list[Any]], list[Any]] = list
    for year in (
        1,
        4,
        99,
        100,
        101,
        399,
        400,
        401,
        1600,
        1699,
        1700,
        1900,
        1999,
        2000,
        2001,
        2099,
        2100,
        2400,
    ):
        for one in (date(year, 2, monthrange(year, 2)[1]), date(year, 3, 1), date(year, 12, 31)):
            months, days = months_of([number(one)], keep)
            assert (months[0] + 2, days[0] + 1) == (12 * one.year + one.month - 1, one.day)
            assert first_days(months, keep) == [number(one.replace(day=1))]


def test_the_last_day_of_months_in_a_row_is_that_of_the_shortest() -> None:
    def pick(*choices: tuple[bool, int], otherwise: int) -> int:
        return next((value for condition, value in choices if condition), otherwise)

    for year in (1896, 1899, 1900, 1903, 1904, 1999, 2000, 2001, 2023, 2024, 2025, 2100, 9900):
        lengths = [monthrange(year + n // 12, n % 12 + 1)[1] for n in range(-40, 12)]
        for month in range(12):
            for count in range(1, 40):
                shortest = min(lengths[40 + month - count + 1 : 40 + month + 1])
                since_march = 12 * year + month - 2
                assert last_in_all(since_march, count, pick) + 1 == shortest, (year, month, count)


# ---- what is read ----------------------------------------------------------------------------------------------------

FACTS: dict[str, Any] = {
    "id": "83ef9d05",
    "offer": "B",
    "quantity": 25,
    "first_day": YEAR.first_day,
    "last_day": D,
    "auto_renew": True,
}
"""The least that a row must say."""


def one(**facts: Any) -> pl.DataFrame:
    """A frame of one row."""
    return pl.DataFrame({name: [value] for name, value in {**FACTS, **facts}.items()})


def reason(frame: pl.DataFrame, **asked: Any) -> str | None:
    found = frames.assess(frame, **{"as_of": D} | asked)
    cells(found)
    return str(found["csp_reason"][0]) if found["csp_reason"][0] else None


def test_the_least_that_a_row_must_say_is_what_a_subscription_must() -> None:
    ordinary = csp.Subscription(
        id="83ef9d05", offer=csp.Offer(id="B"), quantity=25, term=YEAR, auto_renew=True
    )
    for as_of in (D, day(200)):  # it has renewed for a year by then
        wanted = judged(Row(ordinary, None, as_of, delegated_admin=False, another_tenant=False), csp.GUIDE)
        assert cells(frames.assess(one(), as_of=as_of)) == [wanted]


def test_null_is_what_a_missing_column_is() -> None:
    missing = frames.assess(one(), as_of=D)
    optional = {spec.name: None for spec in frames.INPUTS if not spec.required}
    nulls = frames.assess(one(**optional | {"status": "active"}), as_of=D)
    assert cells(nulls) == cells(missing)


def test_a_status_that_is_null_is_not_known() -> None:
    assert cells(frames.assess(one(status=None), as_of=D)) == cells(
        frames.assess(one(status="unknown"), as_of=D)
    )


COUNT = "a count of licences, 0 or more"
FEWER = "a count of licences, up to 9007199254740992"
DAY = "a day from 2000-01-01 to 8999-12-31"
FLAG = "True or False"
TEXT = "a text that is not blank"
MOVED = "nothing: a trial is not moved (TRL-001)"
REASONS: list[tuple[dict[str, Any], str]] = [
    ({"id": None}, f"id: expected {TEXT}"),
    ({"id": " \t"}, f"id: expected {TEXT}"),
    ({"id": "\u3000\x1c"}, f"id: expected {TEXT}"),
    ({"offer": ""}, f"offer: expected {TEXT}"),
    ({"offer": None}, f"offer: expected {TEXT}"),
    ({"quantity": -1}, f"quantity: expected {COUNT}"),
    ({"quantity": None}, f"quantity: expected {COUNT}"),
    ({"quantity": 1.5}, f"quantity: expected {COUNT}"),
    ({"quantity": float("nan")}, f"quantity: expected {COUNT}"),
    ({"quantity": float("inf")}, f"quantity: expected {FEWER}"),
    ({"quantity": -1, "id": ""}, f"id: expected {TEXT}; quantity: expected {COUNT}"),
    ({"first_day": None}, f"first_day: expected {DAY}"),
    ({"first_day": date(1999, 12, 31)}, f"first_day: expected {DAY}"),
    ({"last_day": date(9000, 1, 1)}, f"last_day: expected {DAY}"),
    ({"last_day": datetime(2026, 3, 31, 1)}, f"last_day: expected {DAY}"),  # noqa: DTZ001
    ({"last_day": datetime(2026, 3, 31, 1, tzinfo=UTC)}, f"last_day: expected {DAY}"),
    ({"last_day": date(2025, 3, 31)}, "last_day: expected a day not before the first"),
    ({"auto_renew": None}, f"auto_renew: expected {FLAG}"),
    ({"channel": "C SP"}, "channel: expected one of csp, web_direct, enterprise_agreement, open, other"),
    ({"assigned": -1}, f"assigned: expected {COUNT}"),
    ({"anchor": date(1999, 1, 1)}, f"anchor: expected {DAY}"),
    ({"anchor": datetime(2025, 4, 1, 1)}, f"anchor: expected {DAY}"),  # noqa: DTZ001
    ({"anchor": datetime(2025, 4, 1, 0, 0, 1, tzinfo=UTC)}, f"anchor: expected {DAY}"),
    ({"anchor": date(2025, 4, 2)}, "anchor: expected a day up to the first day of the term"),
    ({"renewal_duration": "P2Y"}, "renewal_duration: expected one of P1M, P1Y, P3Y"),
    ({"at_term_end": "stop"}, "at_term_end: expected one of renew, cancel, extend, expire, change, unknown"),
    (
        {"cancellation_allowed_until": datetime(9999, 1, 1, tzinfo=UTC)},
        "cancellation_allowed_until: expected an instant with a time zone, from 2000-01-01 to 8999-12-31",
    ),
    ({"canceled_on": D}, "canceled_on: expected no day unless the status is canceled"),
    ({"canceled_on": day(1), "status": "canceled"}, "canceled_on: expected a day of the term"),
    ({"canceled_on": date(2025, 3, 31), "status": "canceled"}, "canceled_on: expected a day of the term"),
    ({"parent": " "}, f"parent: expected {TEXT}"),
    ({"parent": "b", "id": "B"}, "parent: expected the id of another subscription"),
    ({"new_offer": " "}, f"new_offer: expected {TEXT}"),
    ({"new_quantity": -1}, f"new_quantity: expected {COUNT}"),
    ({"provision_on": date(1999, 1, 1)}, f"provision_on: expected {DAY}"),
    ({"trial": True, "new_offer": "C"}, f"new_offer: expected {MOVED}"),
    ({"trial": True, "new_quantity": 3}, f"new_quantity: expected {MOVED}"),
    ({"trial": True, "provision_on": D}, f"provision_on: expected {MOVED}"),
    ({"replaced": False, "new_offer": "C"}, "new_offer: expected nothing where it is not replaced"),
    (  # a trial that is not replaced either
        {"trial": True, "replaced": False, "new_offer": "C", "new_quantity": 3},
        f"new_offer: expected {MOVED}; new_quantity: expected {MOVED}",
    ),
    (  # what is said of a day beside one that cannot be read would only be a guess
        {"last_day": date(1999, 1, 1), "anchor": date(1999, 1, 2), "parent": "83EF9D05"},
        f"last_day: expected {DAY}; anchor: expected {DAY}",
    ),
    (  # and there is no term to compare a day with
        {"last_day": date(2025, 3, 31), "anchor": D, "canceled_on": D, "doubted_last_day": date(2025, 3, 30)},
        "last_day: expected a day not before the first",
    ),
    (
        {"last_day": date(2025, 3, 31), "replaced": False, "provision_on": D},
        "last_day: expected a day not before the first; provision_on: expected nothing where it is not replaced",
    ),
    (  # of one day it is said once that it is none of a cancellation
        {"canceled_on": day(40), "anchor": D, "mid_term_on": D, "doubted_last_day": D, "parent": "83EF9D05"},
        "anchor: expected a day up to the first day of the term; "
        "canceled_on: expected no day unless the status is canceled; "
        "mid_term_on: expected no day unless mid_term says what happens; "
        "doubted_last_day: expected a day after the last day; "
        "parent: expected the id of another subscription",
    ),
]


@pytest.mark.parametrize(("facts", "why"), REASONS, ids=lambda value: str(value))
def test_a_row_that_cannot_be_judged_says_why(facts: dict[str, Any], why: str) -> None:
    assert reason(one(**facts)) == why


def test_the_first_and_the_last_day_that_there_are_can_be_judged() -> None:
    assert reason(one(first_day=EARLIEST, last_day=LATEST, anchor=EARLIEST)) is None


def test_a_term_of_one_day_is_one_and_what_it_contradicts_is_said() -> None:
    assert reason(one(first_day=D, last_day=D)) is None
    said = reason(one(first_day=D, last_day=D, anchor=day(1)))
    assert said == "anchor: expected a day up to the first day of the term"


@pytest.mark.parametrize(("doubted", "fits"), [(-1, False), (0, False), (1, True)])
def test_another_reading_of_an_end_is_later(doubted: int, fits: bool) -> None:
    said = reason(one(doubted_last_day=day(doubted)))
    assert said == (None if fits else "doubted_last_day: expected a day after the last day")


@pytest.mark.parametrize("parent", ["0", "z", "83ef9d04", "83ef9d06"])
def test_an_add_on_may_have_any_other_id_than_its_base(parent: str) -> None:
    assert reason(one(parent=parent)) is None


def test_the_first_days_of_which_there_are_records_can_be_judged() -> None:
    first = GRACE_DAYS.first_day
    early = csp.Term(first_day=first - timedelta(days=30), last_day=first)
    compare(
        [
            Row(subscription(term=early, auto_renew=False), None, as_of, None, False)
            for as_of in (first, first + timedelta(days=1))
        ],
        csp.IN_FORCE,
    )


def test_a_cancellation_that_is_still_to_come_is_refused() -> None:
    facts = {"status": "canceled", "canceled_on": D}
    assert reason(one(**facts), as_of=day(-1)) == "canceled_on: expected a day up to as_of"
    assert reason(one(**facts), as_of=D) is None


def test_an_unknown_status_names_all_that_are_known() -> None:
    why = reason(one(status="live"))
    assert why is not None
    assert why == f"status: expected one of {', '.join(map(str, csp.Status))}"


def test_of_two_facts_that_are_read_from_one_column_a_problem_is_named_once() -> None:
    frame = one(began=date(1999, 1, 1)).drop("first_day")
    asked = {"first_day": "began", "anchor": "began"}
    assert reason(frame, columns=asked) == f"began: expected {DAY}"


def test_an_argument_that_cannot_be_read_silences_only_what_asks_for_it() -> None:
    frame = one(day=None, tenant=None, status="canceled", canceled_on=D, parent="83EF9D05")
    frame = frame.with_columns(pl.col("day").cast(pl.Date), pl.col("tenant").cast(pl.Boolean))
    assert reason(frame, as_of="day", into_another_tenant="tenant") == (
        "day: expected a day, or an instant with a time zone, from 2000-01-01 to 8999-12-31; "
        "tenant: expected True or False; parent: expected the id of another subscription"
    )


def test_what_has_no_record_is_told_of_rows_that_are_fine_otherwise() -> None:
    """Under a policy of what is in force; of a term that has just begun, two days are asked for."""
    early = {"first_day": date(2021, 12, 1), "last_day": date(2021, 12, 31)}
    asked: dict[str, Any] = {"as_of": date(2021, 12, 3), "policy": csp.IN_FORCE}
    assert reason(one(**early), **asked) == (
        "last_day: expected a term that ends from 2022-01-10 on; as_of: expected a day from 2022-01-10 on"
    )
    assert reason(one(**early, quantity=-1), **asked) == f"quantity: expected {COUNT}"


def test_a_row_that_cannot_be_judged_does_not_stop_the_others() -> None:
    frame = pl.concat([one(), one(quantity=-1), one(id="c")])
    assert [row is None for row in cells(frames.assess(frame, as_of=D))] == [False, True, False]


def test_a_row_keeps_its_place_and_all_its_own_columns() -> None:
    frame = one(**{"~": 1, "note": "mine"})
    assert frames.assess(frame, as_of=D).select(frame.columns).equals(frame)


def test_columns_may_have_other_names() -> None:
    frame = one().rename({"last_day": "EndDate", "id": "SubscriptionId"})
    assert cells(
        frames.assess(frame, as_of=D, columns={"last_day": "EndDate", "id": "SubscriptionId"})
    ) == cells(frames.assess(one(), as_of=D))
    bad = frame.with_columns(EndDate=pl.lit(date(1999, 1, 1)))
    said = frames.assess(bad, as_of=D, columns={"last_day": "EndDate", "id": "SubscriptionId"})
    assert said["csp_reason"][0] == f"EndDate: expected {DAY}"


@pytest.mark.parametrize(
    ("facts", "asked", "says"),
    [
        ({}, {"columns": {"status": "State"}}, "expected a column 'State': what the service says"),
        ({}, {"columns": {"colour": "id"}}, "columns: 'colour'; expected one of id, offer"),
        ({}, {"columns": {"status": " "}}, r"columns\['status'\]: ' '; expected a text"),
        (
            {"renews": date(2026, 4, 1)},
            {"columns": {"last_day": "last_day", "renewal_day": "renews", "quantity": "quantity"}},
            r"columns: \('last_day', 'renewal_day'\); expected one of the two, not both",
        ),
        ({}, {"as_of": "day"}, "expected a column 'day': the day that is asked for"),
        ({}, {"as_of": date(1999, 1, 1)}, "as_of: 1999-01-01; expected a date from"),
        ({}, {"delegated_admin": "dap"}, "expected a column 'dap'"),
        ({"csp_state": "mine"}, {}, "prefix: 'csp_'; expected one by which no column is 'csp_state' already"),
        ({"CSP_State": "mine"}, {}, "no column is 'csp_state' already"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_frame_that_cannot_be_judged_is_refused_at_once(
    facts: dict[str, Any], asked: dict[str, Any], says: str
) -> None:
    with pytest.raises(csp.InvalidValue, match=says):
        frames.assess(one(**facts).lazy(), **{"as_of": D} | asked)


def test_a_column_that_is_needed_must_be_there() -> None:
    with pytest.raises(
        csp.InvalidValue,
        match=r"columns: \['id', .*\]; expected a column 'quantity': licences bought",
    ):
        frames.assess(one().drop("quantity").lazy(), as_of=D)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"quantity": "25"}, "column 'quantity': String; expected a column of a count of licences"),
        ({"quantity": True}, "column 'quantity': Boolean"),
        ({"first_day": "2025-04-01"}, "column 'first_day': String"),
        ({"auto_renew": 1}, "column 'auto_renew': Int64; expected a column of True or False"),
        ({"status": 1}, "column 'status': Int64; expected a column of one of none, active"),
        ({"offer": 1}, "column 'offer': Int64; expected a column of a text"),
        ({"id": 1.5}, "column 'id': Float64"),
        ({"cancellation_allowed_until": D}, "column 'cancellation_allowed_until': Date"),
        ({"cancellation_allowed_until": datetime(2026, 1, 1)}, "expected a column of an instant with a time"),  # noqa: DTZ001
    ],
)
def test_a_column_of_a_type_that_cannot_be_used_is_refused_at_once(facts: dict[str, Any], says: str) -> None:
    with pytest.raises(csp.InvalidType, match=says):
        frames.assess(one(**facts).lazy(), as_of=D)


@pytest.mark.parametrize("frame", [None, "id", {"id": [1]}, pl.Series("id", ["83ef9d05"]), pl.col("id")])
def test_what_is_no_frame_is_refused(frame: Any) -> None:
    with pytest.raises(
        csp.InvalidType, match="expected a pandas, Polars, PyArrow, DuckDB, Dask or PySpark frame"
    ):
        frames.assess(frame, as_of=D)


@pytest.mark.parametrize(
    "asked",
    [{"policy": "GUIDE"}, {"delegated_admin": 1}, {"as_of": 5}, {"into_another_tenant": None}, {"prefix": 1}],
)
def test_an_argument_of_another_type_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(csp.InvalidType):
        frames.assess(one(), **{"as_of": D} | asked)


def test_another_prefix_puts_two_policies_side_by_side() -> None:
    both = frames.assess(one(last_day=date(2026, 5, 31)), as_of=D)
    both = frames.assess(both, as_of=D, policy=csp.IN_FORCE, prefix="now_")
    assert both["csp_grace_last_day"].to_list() == [date(2026, 6, 30)]
    assert both["now_grace_last_day"].to_list() == [None]


EAST = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    "value",
    [date(2026, 3, 31), datetime(2026, 3, 31), datetime(2026, 3, 31, 23, tzinfo=UTC)],  # noqa: DTZ001
)
def test_as_of_may_be_a_column_of_days_or_of_instants(value: date) -> None:
    assert cells(frames.assess(one(when=value), as_of="when")) == cells(frames.assess(one(), as_of=D))


def test_an_instant_counts_for_its_utc_day() -> None:
    tokyo = one().with_columns(
        when=pl.lit(datetime(2026, 4, 1, 8, 59, tzinfo=EAST)).dt.convert_time_zone("Asia/Tokyo")
    )
    assert cells(frames.assess(tokyo, as_of="when")) == cells(frames.assess(one(), as_of=D))
    assert cells(frames.assess(one(), as_of=datetime(2026, 4, 1, 8, 59, tzinfo=EAST))) == cells(
        frames.assess(one(), as_of=D)
    )


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_a_day_with_a_time_zone_is_the_day_that_begins_in_utc_then(zone: str) -> None:
    """Midnight UTC is a day, in whatever zone it is shown; midnight there is a time of day."""
    at = datetime(2026, 3, 31, tzinfo=UTC)
    there = one().with_columns(last_day=pl.lit(at).dt.convert_time_zone(zone))
    assert cells(frames.assess(there, as_of=D)) == cells(frames.assess(one(), as_of=D))
    [sub], _ = frames.values_of(there)
    assert sub.term.last_day == D
    if zone != "UTC":
        midnight = one().with_columns(last_day=pl.lit(datetime(2026, 3, 31)).dt.replace_time_zone(zone))  # noqa: DTZ001
        assert reason(midnight) == f"last_day: expected {DAY}"
        with pytest.raises(csp.CspTransferError, match="last_day"):
            frames.values_of(midnight)


def test_as_of_a_naive_time_of_day_is_refused() -> None:
    why = reason(one(when=datetime(2026, 3, 31, 1)), as_of="when")  # noqa: DTZ001
    assert why == "when: expected a day, or an instant with a time zone, from 2000-01-01 to 8999-12-31"
    assert reason(one(when=None), as_of="when") == why


@pytest.mark.parametrize(
    "dtype", [pl.Int8, pl.UInt8, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.Decimal(10, 2)]
)
def test_a_count_is_whole_whatever_its_type(dtype: Any) -> None:
    frame = one().with_columns(pl.col("quantity").cast(dtype))
    assert cells(frames.assess(frame, as_of=D)) == cells(frames.assess(one(), as_of=D))


def test_a_flag_that_a_text_column_does_not_tell_is_as_if_there_were_no_column() -> None:
    flags = pl.concat(
        [one(trial="No"), one(trial=None).with_columns(pl.col("trial").cast(pl.String)), one(trial=" ")]
    )
    said = frames.assess(flags, as_of=D)
    assert said["csp_reason"].null_count() == 3
    assert cells(said) == cells(frames.assess(one(), as_of=D)) * 3
    assert frames.assess(one(trial="perhaps"), as_of=D)["csp_reason"][0] == f"trial: expected {FLAG}"


def test_a_count_that_no_number_of_licences_is_is_refused() -> None:
    huge = one().with_columns(quantity=pl.lit(2**64 - 1, dtype=pl.UInt64))
    assert reason(huge) == f"quantity: expected {FEWER}"


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["active", "strange"])])
def test_words_may_be_categories(dtype: Any) -> None:
    frame = one(status="active").with_columns(pl.col("status").cast(dtype))
    assert cells(frames.assess(frame, as_of=D)) == cells(frames.assess(one(), as_of=D))
    strange = one(status="strange").with_columns(pl.col("status").cast(dtype))
    assert reason(strange) is not None


def test_ids_may_be_numbers() -> None:
    assert cells(frames.assess(one(id=5), as_of=D)) == cells(frames.assess(one(), as_of=D))
    assert reason(one(id=None).with_columns(pl.col("id").cast(pl.Int64))) == f"id: expected {TEXT}"


def test_a_frame_without_rows_gets_its_columns() -> None:
    empty = frames.assess(one().clear(), as_of=D)
    assert empty.height == 0
    assert empty.schema == frames.assess(one(), as_of=D).schema


# ---- strict ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lazy", [False, True])
def test_strict_shows_the_first_offenders(*, lazy: bool) -> None:
    frame = pl.concat([one(id=f"s{n}", quantity=25 if n < 2 else -n) for n in range(9)])
    with pytest.raises(csp.InvalidValue) as refused:
        frames.assess(frame.lazy() if lazy else frame, as_of=D, strict=True)
    assert refused.value.value == (("s2", "quantity", -2), ("s3", "quantity", -3), ("s4", "quantity", -4))
    assert f"quantity: expected {COUNT}" in str(refused.value)


def test_strict_says_nothing_where_all_can_be_judged() -> None:
    assert frames.assess(one(), as_of=D, strict=True).equals(frames.assess(one(), as_of=D))


def test_strict_names_what_is_the_same_for_all_rows() -> None:
    early = date(2021, 12, 1)
    frame = one(first_day=date(2021, 6, 1), last_day=date(2022, 5, 31))
    with pytest.raises(csp.InvalidValue, match="as_of: expected a day from 2022-01-10 on") as refused:
        frames.assess(frame, as_of=early, policy=csp.IN_FORCE, strict=True)
    assert refused.value.value == (("83ef9d05", "as_of", None),)


# ---- the doors -------------------------------------------------------------------------------------------------------


def test_a_payload_becomes_a_frame() -> None:
    payload = (SAMPLES / "large-customer-subscriptions.json").read_bytes()
    some = partner_center.read(payload)
    frame = frames.read(payload)
    assert frame["id"].to_list() == [s.id for s in some]
    said = cells(frames.assess(frame, as_of=date(2026, 2, 15)))
    assert said == [
        judged(Row(s, None, date(2026, 2, 15), delegated_admin=False, another_tenant=False), csp.GUIDE)
        for s in some
    ]


def test_what_cannot_be_read_of_a_payload_is_an_error() -> None:
    with pytest.raises(csp.PayloadError):
        frames.read(json.dumps([{"id": "x"}]))


def test_values_become_a_frame_with_what_replaces_them() -> None:
    some = [subscription(id="a"), subscription(id="b"), subscription(id="c")]
    given_: dict[str, csp.Replacement | csp.NotReplaced] = {
        "a": csp.NOT_REPLACED,
        "b": replacement(offer=OTHER, quantity=3),
    }
    frame = frames.of(some, given_)
    assert frame["replaced"].to_list() == [False, True, True]
    assert frame["new_offer"].to_list() == [None, OTHER.id, None]
    assert frame["provision_on"].to_list() == [None, day(1), None]
    assert frame["equivalent"].to_list() == [None, False, None]
    assert frame.columns == [spec.name for spec in (*frames.INPUTS, *frames.SHOWN)]


def test_what_is_no_subscription_or_replaces_none_is_refused() -> None:
    with pytest.raises(csp.InvalidType, match="subscriptions"):
        frames.of([BASIC])  # type: ignore[list-item]
    with pytest.raises(csp.InvalidValue, match="replacements: 'z'; expected ids of the subscriptions"):
        frames.of([subscription()], {"z": csp.NOT_REPLACED})
    with pytest.raises(
        csp.InvalidValue, match="backend: 'excel'; expected one of duckdb, pandas, polars, pyarrow"
    ):
        frames.of([], backend="excel")


def test_a_replacement_says_what_is_known_of_either_offer() -> None:
    row = Row(subscription(offer=GONE), replacement(), D, delegated_admin=False, another_tenant=False)
    compare([row], csp.GUIDE)


def test_the_package_itself_loads_no_engine() -> None:
    code = "import sys, csp_transfer; sys.exit(bool({'narwhals', 'polars', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_a_frame_of_narwhals_comes_back_as_one() -> None:
    assessed = frames.assess(nw.from_native(one()), as_of=D)
    assert isinstance(assessed, nw.DataFrame)
    assert assessed.to_native().equals(frames.assess(one(), as_of=D))


def test_names_that_mean_something_to_an_engine_are_names() -> None:
    frame = one(**{"*": 1, "^.*$": 2, "~": 3, "~~id": 4}).rename({"offer": "the offer"})
    assessed = frames.assess(frame, as_of=D, columns={"offer": "the offer"})
    assert assessed.columns[: len(frame.columns)] == frame.columns
    assert cells(assessed) == cells(frames.assess(one(), as_of=D))


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([(True, True), (False, True), (False, False)], ["a; b", "b", None]),
        ([(False, False), (False, False)], [None, None]),
    ],
)
def test_the_texts_of_each_row_are_put_together_where_there_are_any(
    conditions: list[tuple[bool, bool]], said: list[str | None]
) -> None:
    """Polars calls it in a thread of its own, where no coverage is measured."""
    asked = pl.DataFrame(conditions, schema=["0", "1"], orient="row").to_struct("asked")
    assert said_of_each(("a", "b"), asked).to_list() == said


# ---- what is kept of a question --------------------------------------------------------------------------------------


def test_what_is_kept_of_a_question_answers_no_other_one() -> None:
    """Expressions are kept by columns, types, day and policy: what is nearly the same question is another one."""
    frame = one()
    assert reason(frame, delegated_admin=True) is None
    with pytest.raises(csp.InvalidType, match="delegated_admin: 1; expected True or False"):
        frames.assess(frame, as_of=D, delegated_admin=1)  # type: ignore[arg-type]
    assert reason(one(quantity=2.5), delegated_admin=True) == f"quantity: expected {COUNT}"
    with pytest.raises(csp.InvalidType, match="column 'quantity': String"):
        reason(frame.with_columns(quantity=pl.lit("25")), delegated_admin=True)
    renamed = frame.rename({"quantity": "seats"}).with_columns(quantity=-1)
    assert reason(renamed, columns={"quantity": "seats"}) is None
    assert reason(renamed) == f"quantity: expected {COUNT}"
    noted = frame.with_columns(pl.lit(1).alias("~ok"))
    assert frames.assess(noted, as_of=D)["~ok"].to_list() == [1]
    until = one(cancellation_allowed_until=datetime(2025, 4, 8, 12, tzinfo=UTC))
    asked = [datetime(2025, 4, 8, hour, tzinfo=UTC) for hour in (11, 12, 13, 11)]
    said = [frames.assess(until, as_of=when, policy=csp.IN_FORCE)["csp_refund"].item() for when in asked]
    assert said == ["prorated_refund", "no_refund", "no_refund", "prorated_refund"]


@pytest.mark.untraced
def test_any_number_of_days_can_be_asked_for_in_turn() -> None:
    days = [YEAR.first_day + timedelta(days=n) for n in range(70)]
    for when in [*days, *days[:3]]:
        said = frames.assess(one(), as_of=when)
        assert said["csp_state"].item() == str(csp.state_at(subscription(term=YEAR), when))
