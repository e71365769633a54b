"""Which steps a page shows first, and together, at the edges of its seven days; and what ids are shown as."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from csp_transfer import Action, Actor, Step
from csp_transfer.phrases import Task, alike, by_month, due_first, short_id, subjects_of

TODAY = date(2026, 3, 1)
WEEK = 6  # the last of the seven days, counted from today


def step(due: int | None, subject: str = "", **changes: Any) -> Step:
    """A step that is due so many days after today; each about a subject of its own."""
    facts: dict[str, Any] = {
        "action": Action.PROVISION,
        "actor": Actor.DESTINATION_PARTNER,
        "subject": subject or f"due {due}",
        "rule": "END-005",
        "first_day": TODAY,
        "last_day": None if due is None else TODAY + timedelta(days=due),
        "recommended": TODAY if due is None else TODAY + timedelta(days=due),
    }
    return Step(**facts | changes)


def shown(steps: list[Step], most: int = 9) -> tuple[list[list[str]], list[str]]:
    """The subjects of each task, and of what comes later."""
    tasks, later = due_first(steps, TODAY, most)
    return [[s.subject for s in task.steps] for task in tasks], [s.subject for s in later]


@pytest.mark.parametrize(
    ("dues", "first", "later"),
    [
        ([0, 1, 2, WEEK, WEEK + 1, WEEK + 2], [0, 1, 2, WEEK], [WEEK + 1, WEEK + 2]),
        ([WEEK, WEEK + 1, WEEK + 2, WEEK + 3], [WEEK, WEEK + 1, WEEK + 2], [WEEK + 3]),
        ([WEEK + 1, 0, WEEK + 2, WEEK + 3], [0, WEEK + 1, WEEK + 2], [WEEK + 3]),
        ([WEEK + 1], [WEEK + 1], []),
        ([], [], []),
    ],
)
def test_seven_days_and_three_things_at_least(dues: list[int], first: list[int], later: list[int]) -> None:
    tasks, rest = shown([step(n) for n in dues])
    assert tasks == [[f"due {n}"] for n in first]
    assert rest == [f"due {n}" for n in later]


def test_what_should_be_done_at_once_stands_beside_the_three() -> None:
    ask = step(3, "ask", action=Action.FIND_OUT, recommended=TODAY)
    far = step(60, "ask later", action=Action.FIND_OUT, recommended=TODAY)
    assert shown([step(20), step(21), step(22), step(23), ask])[0][1:] == [["due 20"], ["due 21"], ["due 22"]]
    tasks, rest = shown([step(20), step(21), step(22), step(23), far, ask])
    assert tasks == [["ask later", "ask"], ["due 20"], ["due 21"], ["due 22"]]
    assert rest == ["due 23"]


@pytest.mark.parametrize(("best", "waits"), [(WEEK - 1, True), (WEEK, True), (WEEK + 1, False)])
def test_the_relationship_comes_first_where_users_wait_for_what_is_bought_this_week(
    best: int, waits: bool
) -> None:
    late = step(40, "late", cautions=("END-005",), recommended=TODAY + timedelta(days=best))
    request = step(30, "request", action=Action.REQUEST_RELATIONSHIP, recommended=TODAY, rule="REL-001")
    tasks, rest = shown([step(0), step(1), step(2), late, request, step(35)])
    assert (["request"] in tasks) is waits
    assert ("request" in rest) is not waits


def test_alike_steps_of_several_days_are_one_task_only_where_there_are_too_many() -> None:
    steps = [step(0), step(1), step(1, "too")]
    assert shown(steps, most=3)[0] == [["due 0"], ["due 1", "too"]]
    assert shown(steps, most=2)[0] == [["due 0"], ["due 1", "too"]]
    assert shown(steps, most=1)[0] == [["due 0", "due 1", "too"]]


def test_a_task_is_due_when_its_first_step_is() -> None:
    [task] = alike([step(1), step(4)], lambda _: 0)
    assert task.step.subject == "due 1"
    assert task.recommended == TODAY + timedelta(days=1)
    assert task.last_days == (TODAY + timedelta(days=1), TODAY + timedelta(days=4))


def test_a_step_without_a_last_day_is_due_on_its_best_day() -> None:
    open_end = step(None, "open", recommended=date(2026, 5, 1))
    assert by_month([step(40), open_end], TODAY) == {(2026, 4): [step(40)], (2026, 5): [open_end]}
    assert Task(steps=(open_end,)).recommended == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("key", "others", "shown_as"),
    [
        ("12345678", ["87654321"], "12345678"),  # as short as it is
        ("123456789", ["987654321"], "…6789"),
        ("1234-5678-ABCD", ["1234-5678-abce"], "…ABCD"),
        (
            "1234-5678-ABCD",
            ["9999-9999-abcd"],
            "1234-5678-ABCD",
        ),  # another one ends so, however it is spelled
        ("1234-5678-ABCD", ["1", "2", "ABCD"], "1234-5678-ABCD"),
    ],
)
def test_a_long_id_is_shown_by_its_end_where_that_tells_it_from_others(
    key: str, others: list[str], shown_as: str
) -> None:
    assert short_id(key, [key, *others]) == shown_as
    assert short_id(key, [*others, key]) == shown_as


@pytest.mark.parametrize(
    ("subjects", "shown_as"),
    [((), "Mail"), (("m",), "Mail"), (("m", "n"), "Mail and 1 more"), (("m", "n", "o"), "Mail and 2 more")],
)
def test_what_is_for_several_names_the_first(subjects: tuple[str, ...], shown_as: str) -> None:
    one = step(1, "m", action=Action.REQUEST_TRANSFER, subjects=subjects)
    assert subjects_of(one, {"m": "Mail"}, "en") == shown_as
