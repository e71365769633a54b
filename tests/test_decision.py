"""Decision tables: exactly one case for any facts, in the engine and in every table of the package."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from facts import days, subscriptions
from hypothesis import given

import csp_transfer as csp
import csp_transfer.rules
from csp_transfer.catalogue import rules
from csp_transfer.decision import DecisionTable, case
from csp_transfer.rulebook import TABLES
from csp_transfer.rules.lifecycle import ACCESS, COURSES, Lasts
from csp_transfer.rules.terms import AT_TERM_END, Next

FACTS: dict[str, tuple[Any, ...]] = {"status": ("active", "suspended"), "trial": (False, True)}
RUNS = case("runs", "LIF-001", 1, status="active")
STOPPED = case("stopped", "LIF-003", 2, status="suspended", trial=False)
STOPPED_TRIAL = case("a stopped trial", "TRL-001", 3, status={"suspended"}, trial=True)


def test_the_one_case_that_holds_decides() -> None:
    table = DecisionTable("t", "A test.", FACTS, (RUNS, STOPPED, STOPPED_TRIAL))
    assert table.decide(status="active", trial=True) == table.decide(trial=False, status="active") == 1
    assert table.decide(status="suspended", trial=False) == 2
    assert table.case_of(status="suspended", trial=True) is STOPPED_TRIAL


def test_a_gap_is_an_error_that_shows_the_facts() -> None:
    table = DecisionTable("t", "A test.", FACTS, (RUNS, STOPPED))
    with pytest.raises(csp.NotOneCase, match="t: no case holds for status=suspended, trial=True") as raised:
        table.decide(status="active", trial=False)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)  # noqa: S301


def test_an_overlap_is_an_error_that_shows_the_cases_and_the_facts() -> None:
    table = DecisionTable("t", "A test.", FACTS, (RUNS, case("trial", "TRL-001", 4, trial=True), STOPPED))
    with pytest.raises(csp.NotOneCase, match="'runs' and 'trial', for status=active, trial=True"):
        table.decide(status="suspended", trial=False)


@pytest.mark.parametrize("when", [{"status": "pending"}, {"trial": {None}}])
def test_a_case_cannot_ask_for_a_value_that_its_fact_never_has(when: dict[str, Any]) -> None:
    table = DecisionTable(
        "t", "A test.", FACTS, (RUNS, STOPPED, STOPPED_TRIAL, case("odd", "LIF-001", 5, **when))
    )
    with pytest.raises(csp.InvalidValue, match=f"t: odd: {next(iter(when))}"):
        table.decide(status="active", trial=False)


def test_facts_that_the_table_does_not_know_are_refused() -> None:
    table = DecisionTable("t", "A test.", FACTS, (RUNS, STOPPED, STOPPED_TRIAL))
    for facts in ({"status": "active"}, {"status": "pending", "trial": False}):
        with pytest.raises(KeyError):
            table.decide(**facts)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_is_complete_and_disjoint(table: DecisionTable[Any]) -> None:
    decided = [table.case_of(**facts) for facts in table.combinations()]
    assert len(decided) > 1
    assert {row.name for row in decided} == {row.name for row in table.cases}, "a case that can never hold"
    for row in table.cases:
        assert row.rule in rules()


def test_the_book_has_every_table_of_the_package() -> None:
    found = [
        value
        for module in pkgutil.iter_modules(csp.rules.__path__, "csp_transfer.rules.")
        for value in vars(importlib.import_module(module.name)).values()
        if isinstance(value, DecisionTable)
    ]
    assert len(TABLES) > 5
    assert set(map(id, found)) == set(map(id, TABLES))


def test_every_state_has_its_access_and_every_length_its_days() -> None:
    assert set(ACCESS) == set(csp.State)
    numbers = {str(lasts) for lasts in Lasts} - {"term", "until_canceled"}
    assert numbers == {name for name in csp.GUIDE.to_dict() if name.endswith("_days")}
    for row in COURSES.cases:
        assert all(lasts for _, lasts in row.then[:-1]), "only the last state is without end"


@given(subscriptions())
def test_what_goes_on_is_what_the_table_says(sub: csp.Subscription) -> None:
    following = AT_TERM_END.decide(at_term_end=sub.at_term_end, auto_renew=sub.auto_renew)
    assert sub.goes_on is (following is not Next.ENDS)


@given(subscriptions(), days)
def test_on_any_day_at_most_one_phase_holds_and_from_the_first_day_on_there_is_no_gap(
    sub: csp.Subscription, day: date
) -> None:
    phases = csp.lifecycle(sub)
    holding = [p for p in phases if p.first_day <= day and (p.last_day is None or day <= p.last_day)]
    assert len(holding) <= 1
    if phases and phases[-1].last_day is None:
        assert len(holding) == (day >= sub.term.first_day)
    for earlier, later in pairwise(phases):
        assert earlier.last_day is not None
        assert later.first_day == earlier.last_day + timedelta(days=1)


@given(subscriptions(), days)
def test_on_any_day_exactly_one_of_running_renewed_and_not_known_holds(
    sub: csp.Subscription, day: date
) -> None:
    current = csp.current_term(sub, day)
    own, later, unknown = (
        current.term == sub.term and not current.renewed,
        current.term is not None and current.renewed,
        current.term is None,
    )
    assert [own, later, unknown].count(True) == 1
    if later:
        assert current.term is not None
        assert current.term.first_day > sub.term.last_day


def test_of_several_cases_that_hold_two_are_named() -> None:
    assert str(csp.NotOneCase("t", ("x", "y", "z"), "a=1")) == (
        "t: two cases hold, 'x' and 'y', for a=1; expected exactly one"
    )
