"""A record that is announced: each number is shortened, lengthened, ended and reopened from a day to come.

Nothing but the record is new: the guide's policy keeps its numbers and warns; the one of what is in force follows, and
frames and pages do, too. Days of the table are worked by hand from the rulebook.
"""

from __future__ import annotations

import runpy
from datetime import date, timedelta
from itertools import permutations, product
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import pytest
from facts import subscription, transfer
from frame_rows import drawn
from hypothesis import given
from hypothesis import strategies as st
from laws import cases
from test_frames import compare

import csp_transfer as csp
from csp_transfer import strategies
from csp_transfer.policy import (
    BACKUP_DAYS,
    CANCELLATION_DAYS,
    DISABLED_DAYS,
    GRACE_DAYS,
    GRACE_DAYS_DIRECT,
    GUIDE,
    HISTORIES,
    IN_FORCE,
    MOST_DUPLICATES,
    SUSPENDED_DAYS,
    History,
    Policy,
    Since,
)
from csp_transfer.rules.extension import doubted_window_end

CHANGE = date(2027, 1, 1)
AGAIN = date(2027, 7, 1)
# The rule under which the guide's policy warns, and of which subscription it does.
WARNS: dict[str, tuple[str, dict[str, Any]]] = {
    "grace_days": ("EST-001", {}),
    "grace_days_direct": ("EST-001", {"channel": csp.Channel.WEB_DIRECT}),
    "suspended_days": ("LIF-002", {"status": csp.Status.SUSPENDED}),
    "disabled_days": ("LIF-001", {}),
    "backup_days": ("LIF-004", {"status": csp.Status.CANCELED}),
    "cancellation_days": ("CXL-001", {}),
    "most_duplicates": ("CAP-001", {}),
}


def since(history: History, day: date, value: int) -> Since:
    """A record as one that is known, but for its day and value."""
    return history.in_force(CHANGE).evolve(from_day=day, value=value)


def announced(policy: Policy, history: History, *values: int) -> Policy:
    """The policy with these values, from 2027-01-01 on and from 2027-07-01 on."""
    for day, value in zip((CHANGE, AGAIN), values, strict=False):
        policy = policy.with_record(history, since(history, day, value))
    return policy


def changes(history: History) -> dict[str, tuple[int, ...]]:
    """Shorten, lengthen, end, and end and reopen a number."""
    stated = history.stated
    return {"shorter": (stated // 2,), "longer": (stated + 15,), "ended": (0,), "reopened": (0, stated)}


def ending(last_day: date, **facts: Any) -> csp.Subscription:
    return subscription(
        term=csp.Term(first_day=last_day - timedelta(days=364), last_day=last_day), auto_renew=False, **facts
    )


# ---- the grace window, by hand ---------------------------------------------------------------------------------------


class Window(NamedTuple):
    """A record, a term's last day, and the last day of the window by either policy; None: there is none."""

    values: tuple[int, ...]
    term_ends: date
    by_guide: date
    in_force: date | None
    doubted: date | None
    says: str | None


WINDOWS = [
    Window((15,), date(2026, 12, 31), date(2027, 1, 30), None, date(2026, 12, 31), "no-free-window"),
    Window(
        (15,), date(2027, 1, 1), date(2027, 1, 31), date(2027, 1, 16), date(2027, 1, 16), "shorter-window"
    ),
    Window(
        (15,), date(2027, 2, 28), date(2027, 3, 30), date(2027, 3, 15), date(2027, 3, 15), "shorter-window"
    ),
    Window((45,), date(2027, 2, 28), date(2027, 3, 30), date(2027, 4, 14), None, "longer-window"),
    Window((30,), date(2027, 1, 1), date(2027, 1, 31), date(2027, 1, 31), None, None),
    Window((0,), date(2027, 1, 1), date(2027, 1, 31), None, date(2027, 1, 1), "no-free-window"),
    Window(
        (15, 30), date(2027, 6, 30), date(2027, 7, 30), date(2027, 7, 15), date(2027, 7, 15), "shorter-window"
    ),
    Window((15, 30), date(2027, 7, 1), date(2027, 7, 31), date(2027, 7, 31), None, None),
    Window((15, 0), date(2027, 7, 1), date(2027, 7, 31), None, date(2027, 7, 1), "no-free-window"),
]


@pytest.mark.parametrize("case", WINDOWS, ids=lambda case: f"{case.values}-{case.term_ends}")
@pytest.mark.parametrize("history", [GRACE_DAYS, GRACE_DAYS_DIRECT], ids=lambda history: history.name)
def test_a_later_window_is_a_window_unless_it_has_no_days(history: History, case: Window) -> None:
    guide, now = announced(GUIDE, history, *case.values), announced(IN_FORCE, history, *case.values)
    s = ending(case.term_ends, **WARNS[history.name][1])
    window, then = csp.grace_window(s, policy=guide), csp.grace_window(s, policy=now)
    assert window is not None
    assert window.last_day == case.by_guide
    assert (then and then.last_day) == case.in_force
    assert doubted_window_end(s, guide) == case.doubted
    assert doubted_window_end(s, now) is None
    assert [f.case for f in window.cautions] == ([case.says] if case.says else [])
    for f in window.cautions:
        assert f.rule == "EST-001"
        if case.says != "no-free-window":
            stated, days = f.facts["stated"], f.facts["days"]
            assert (stated, days, f.facts["said_by"]) == (30, case.values[0], "EST-001")
            assert f.facts["change_day"] == CHANGE
            assert f.facts["last_safe_day"] == case.in_force
            assert f"{CHANGE}" in f.message
            assert f"{case.in_force}" in f.message_ja
    a = csp.assess(s, as_of=case.term_ends, policy=guide)
    assert a.doubts == (("EST-001",) if case.doubted else ())
    assert a.doubtful_after == case.doubted


def test_what_has_no_window_has_none_in_doubt() -> None:
    guide, last_day = announced(GUIDE, GRACE_DAYS, 15), date(2027, 1, 1)
    assert doubted_window_end(ending(last_day, trial=True), guide) is None
    assert doubted_window_end(ending(last_day, status=csp.Status.SUSPENDED), guide) is None
    assert doubted_window_end(ending(last_day, status=csp.Status.UNKNOWN), guide) is None
    assert doubted_window_end(ending(last_day, status=csp.Status.EXPIRED), guide) == date(2027, 1, 16)


def test_what_was_bought_from_microsoft_lost_its_window_on_2026_02_09() -> None:
    last, first = date(2026, 2, 8), date(2026, 2, 9)
    for last_day, channel in product((last, first), csp.Channel):
        s = ending(last_day, channel=channel)
        gone = last_day == first and channel is csp.Channel.WEB_DIRECT
        assert (csp.grace_window(s, policy=IN_FORCE) is None) is gone
        window = csp.grace_window(s)
        assert window is not None
        assert [f.facts["change_day"] for f in window.cautions] == ([first] if gone else [])


# ---- the law, for each number ----------------------------------------------------------------------------------------

CASES = [
    pytest.param(history, values, id=f"{history.name}-{name}")
    for history in HISTORIES
    for name, values in changes(history).items()
]


@pytest.mark.parametrize(("history", "values"), CASES)
def test_the_guide_keeps_its_number_and_what_is_in_force_follows(
    history: History, values: tuple[int, ...]
) -> None:
    guide, now = announced(GUIDE, history, *values), announced(IN_FORCE, history, *values)
    for day, value in zip((CHANGE, AGAIN), values, strict=False):
        before = day - timedelta(days=1)
        assert guide.number(history, day) == history.stated
        assert now.number(history, day) == value
        assert now.number(history, before) == (
            values[0] if day is AGAIN else IN_FORCE.number(history, before)
        )
        record = guide.contradicted_by(history, day)
        assert (record and record.value) == (None if value == history.stated else value)
        assert now.contradicted_by(history, day) is None
    assert guide.name == "GUIDE" + "".join(
        f" with {history.name}={value} from {day}"
        for day, value in zip((CHANGE, AGAIN), values, strict=False)
    )
    assert Policy.from_dict(guide.to_dict()) == guide


@pytest.mark.parametrize(("history", "values"), CASES)
def test_the_guide_warns_where_the_value_is_another_and_decides_as_before(
    history: History, values: tuple[int, ...]
) -> None:
    if history.name not in WARNS:  # numbers of what came after the guide, which only that policy reads
        return
    rule, facts = WARNS[history.name]
    guide = announced(GUIDE, history, *values)
    for last_day in (CHANGE, AGAIN):
        s = ending(last_day, **facts)
        as_of = last_day - timedelta(days=1)
        if history is CANCELLATION_DAYS:
            s = s.evolve(term=csp.Term(first_day=last_day, last_day=last_day + timedelta(days=364)))
            as_of = last_day
        plan = csp.plan_transfer(transfer(s), as_of=as_of, policy=guide)
        before = csp.plan_transfer(transfer(s), as_of=as_of)
        value = values[-1] if last_day is AGAIN else values[0]
        cases = {
            "other-days",
            "other-most",
            "shorter-window",
            "longer-window",
            "no-free-window",
            "window-open",
        }
        warned = [f for f in plan.cautions if f.rule == rule and f.case in cases]
        assert bool(warned) is (value != history.stated)
        [a], [b] = plan.assessments, before.assessments
        # The day to provision may be an earlier one, as the earlier of two readings is the day to act by.
        assert (a.state, a.grace_window and a.grace_window.last_day, a.auto_renew_off_by) == (
            b.state,
            b.grace_window and b.grace_window.last_day,
            b.auto_renew_off_by,
        )
        for f in warned:
            if "said_by" in f.facts:
                assert f.facts["said_by"] == history.in_force(CHANGE).rule
                assert f.facts["change_day"] <= last_day
                assert value in (f.facts.get("days"), f.facts.get("most"))
                assert f.facts["stated"] == history.stated


FRAMED = (GRACE_DAYS, GRACE_DAYS_DIRECT, SUSPENDED_DAYS, DISABLED_DAYS, BACKUP_DAYS, CANCELLATION_DAYS)


@pytest.mark.untraced
@pytest.mark.parametrize("history", FRAMED, ids=lambda history: history.name)
def test_frames_follow(history: History) -> None:
    for seed, (policy, values) in enumerate(product((GUIDE, IN_FORCE), changes(history).values())):
        compare(drawn(seed, cases(8)), announced(policy, history, *values))


@given(strategies.subscriptions(), st.sampled_from(FRAMED), st.integers(0, 60))
def test_a_record_of_days_to_come_changes_nothing_before(
    s: csp.Subscription, history: History, value: int
) -> None:
    day = max(s.term.last_day, s.term.first_day) + timedelta(days=1)
    record = history.in_force(max(day, history.first_day)).evolve(from_day=day, value=value)
    for policy in (GUIDE, IN_FORCE):
        amended = policy.with_record(history, record)
        assert csp.lifecycle(s, policy=amended) == csp.lifecycle(s, policy=policy)
        assert csp.grace_window(s, policy=amended) == csp.grace_window(s, policy=policy)


def test_the_page_of_numbers_follows() -> None:
    page = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "generate.py"))["policy_page"]
    lines = page(announced(GUIDE, GRACE_DAYS, 15)).splitlines()
    [added] = set(lines) - set(page(GUIDE).splitlines())
    assert added.startswith("| 2027-01-01 | 15 | [EST-001]")
    assert [line for line in page(GUIDE).splitlines() if line.startswith("| stated | 30 | [END-005]")]


# ---- histories as values ---------------------------------------------------------------------------------------------


def test_records_are_in_order_and_each_has_a_day_of_its_own() -> None:
    first, last = GRACE_DAYS.records
    for records in ((), (last, first), (first, first)):
        with pytest.raises(csp.InvalidValue, match="each later than the one before"):
            GRACE_DAYS.evolve(records=records)
    with pytest.raises(csp.InvalidType, match="records"):
        GRACE_DAYS.evolve(records=[first])
    with pytest.raises(csp.InvalidType, match="from_day"):
        first.evolve(from_day="2027-01-01")
    for value, error in ((-1, csp.InvalidValue), (3651, csp.InvalidValue), (True, csp.InvalidType)):
        with pytest.raises(error, match=r"value: .*; expected a whole number from 0 to 3650"):
            first.evolve(value=value)


def test_a_record_of_the_same_day_replaces_the_other() -> None:
    record = since(GRACE_DAYS, date(2026, 5, 4), 10)
    assert GRACE_DAYS.with_record(record).changes == GRACE_DAYS.changes
    assert IN_FORCE.with_record(GRACE_DAYS, record).number(GRACE_DAYS, date(2026, 5, 4)) == 10
    first, *later = GRACE_DAYS.records
    assert later
    assert GRACE_DAYS.with_record(first.evolve(value=5)).records == (first.evolve(value=5), *later)


def test_records_of_several_numbers_stand_beside_each_other() -> None:
    changed = (GRACE_DAYS, BACKUP_DAYS, MOST_DUPLICATES)
    for order in permutations(changed):
        policy = IN_FORCE
        for history in order:
            policy = announced(policy, history, 4)
        assert [policy.number(history, CHANGE) for history in changed] == [4, 4, 4]
        assert len(policy.histories) == 3
        assert policy.number(DISABLED_DAYS, CHANGE) == 90


def test_a_number_of_the_policys_own_stands_before_any_record() -> None:
    own = announced(GUIDE, GRACE_DAYS, 15).evolve(grace_days=15)
    assert own.number(GRACE_DAYS, CHANGE) == own.number(GRACE_DAYS_DIRECT, CHANGE) == 15
    assert own.contradicted_by(GRACE_DAYS, CHANGE) is None
    assert own.contradicted_by(GRACE_DAYS, date(2026, 6, 1)) is not None
    assert MOST_DUPLICATES.on(date(2021, 1, 1)) is None
    assert GUIDE.contradicted_by(MOST_DUPLICATES, date(2021, 1, 1)) is None
    with pytest.raises(csp.InvalidType, match="histories"):
        csp.Policy(name="mine", in_force=True, histories=[])  # type: ignore[arg-type]


def test_histories_and_records_that_are_none_are_refused() -> None:
    history = GRACE_DAYS
    first, second = history.records[:2]
    for wrong in ((), (second, first), (first, first)):
        with pytest.raises(csp.InvalidValue, match=r"records: .*; expected at least one day"):
            attrs.evolve(history, records=wrong)
    wrong_records: list[tuple[Any, str]] = [([first], "records"), ((first, 30), r"records\[1\]")]
    for records, field in wrong_records:
        with pytest.raises(csp.InvalidType, match=f"{field}: "):
            attrs.evolve(history, records=records)
    wrong_histories: list[tuple[Any, str]] = [([history], "histories"), ((history, "g"), r"histories\[1\]")]
    for histories, field in wrong_histories:
        with pytest.raises(csp.InvalidType, match=f"{field}: "):
            attrs.evolve(csp.IN_FORCE, histories=histories)


def test_a_term_goes_on_by_itself_from_2025_04_01_on() -> None:
    days = date(2010, 1, 1), date(2025, 3, 31), date(2025, 4, 1)
    assert [csp.IN_FORCE.goes_on_by_itself(day) for day in days] == [False, False, True]
