"""What the benchmarks compare with decides the same: the reference by hand, on every case that is timed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import budgets
import pytest

import csp_transfer as csp

CASES = tuple(budgets.cases())


@pytest.mark.parametrize("last_day", sorted({case.last_day for case in CASES}), ids=str)
def test_the_reference_by_hand_decides_what_assess_decides(last_day: date) -> None:
    for case in CASES:
        if case.last_day == last_day:
            answer = csp.assess(budgets.subscription(case), as_of=case.today)
            assert budgets.words(budgets.verdicts(answer)) == budgets.inlined(*case), case


def test_the_cases_reach_every_answer() -> None:
    assert len(set(CASES)) == len(CASES) == 360  # as docs/explanation/speed.md says
    columns = [set(column) for column in zip(*(budgets.inlined(*case) for case in CASES), strict=True)]
    assert columns[0] == {None, "active", "expired", "disabled"}
    assert columns[3] > {None}  # auto-renew to be turned off by a day, or not
    assert columns[5:8] == [{"none", "certain"}, {"none", "possible"}, {False, True}]


@pytest.mark.parametrize(
    ("what", "ask"), [row[:2] for row in budgets.QUESTIONS], ids=[row[0] for row in budgets.QUESTIONS]
)
def test_every_question_that_is_timed_has_the_answers_by_hand(
    what: str, ask: Callable[[], csp.Assessment]
) -> None:
    answer = ask()
    assert budgets.words(budgets.verdicts(answer)) == budgets.by_hand()
    assert answer.term == budgets.TERM
    assert answer.day_chosen is (what == "a chosen day")
    assert answer.policy is (csp.IN_FORCE if what == "IN_FORCE" else csp.GUIDE)
    assert ("RNW-001" in budgets.rules(answer)) is (what == "renewed")
    assert budgets.rules(answer) >= {"LIF-001", "END-001"}


def test_a_new_process_is_asked_once_with_all_modules_compiled() -> None:
    assert budgets.a_new_process(budgets.FIRST_USE)().returncode == 0
    assert budgets.a_new_process(budgets.IMPORTS)().returncode == 0


def test_an_assessment_that_is_kept_has_its_verdicts() -> None:
    assert budgets.kept() == budgets.assess()
