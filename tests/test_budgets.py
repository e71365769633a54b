"""What the benchmarks compare with decides the same: the reference by hand, on every case that is timed."""

from __future__ import annotations

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
