"""Alike steps, taken together: what is to be done first, and what comes later, by month and by who does it."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable
from datetime import date
from typing import Final

from attrs import frozen

from .rules.refunds import Actor
from .spans import after
from .steps import Action, Step

__all__ = [
    "LOOKS_AHEAD",
    "Task",
    "actors_of",
    "alike",
    "by_month",
    "due_first",
    "in_all",
    "timeline",
]

LOOKS_AHEAD: Final = 6
"""How many days beside today are a week, in which something has to be done first."""
_BEFORE_BUYING: Final = frozenset({Action.REQUEST_RELATIONSHIP, Action.ACCEPT_RELATIONSHIP})
_FIRST: Final = 3
"""How many things with a last day of their own it names at least, if there are as many."""


@frozen(kw_only=True)
class Task:
    """What one party does, for one subscription or for several alike."""

    steps: tuple[Step, ...]

    @property
    def step(self) -> Step:
        """The one that is due first."""
        return self.steps[0]

    @property
    def last_days(self) -> tuple[date, ...]:
        """The last days of all, the earliest first, each once; those of the steps that have one."""
        return tuple(sorted({step.last_day for step in self.steps if step.last_day is not None}))

    @property
    def at_once(self) -> bool:
        """Whether it should not wait for its last day."""
        return _at_once(self.step)

    @property
    def recommended(self) -> date:
        """The best day for it; the earliest one of several."""
        return min(map(_best, self.steps))

    @property
    def doubted(self) -> int:
        """For how many steps another reading gives a later last day."""
        return sum(step.doubted_day is not None for step in self.steps)


def alike(steps: Iterable[Step], key: Callable[[Step], Hashable]) -> tuple[Task, ...]:
    """Return steps that have one key together, each task where the first of its steps stands."""
    together: dict[Hashable, list[Step]] = {}
    for step in steps:
        together.setdefault(key(step), []).append(step)
    return tuple(Task(steps=tuple(each)) for each in together.values())


def _what(step: Step) -> tuple[Hashable, ...]:
    return step.action, step.actor, step.unless_transferred, step.is_late


def _when(step: Step) -> tuple[Hashable, ...]:
    return step.last_day, step.doubted_day, step.recommended


def _due(step: Step) -> date:
    """Return the day that puts it in its place: its last one, or the best one where there is no last."""
    return step.last_day or step.recommended or step.first_day


def _best(step: Step) -> date:
    return step.recommended or step.first_day


def _at_once(step: Step) -> bool:
    """Tell whether it should not wait for its last day: no other day is known before, or users are without access."""
    return step.action is Action.FIND_OUT or step.is_late


def _acted_on(step: Step, at_once: Container[Action]) -> date:
    """Return the day on which a reader should act: not later than on the best one for what should be done at once."""
    early = _at_once(step) or step.action in at_once
    return min(_due(step), _best(step)) if early else _due(step)


def due_first(steps: Iterable[Step], today: date, most: int) -> tuple[tuple[Task, ...], tuple[Step, ...]]:
    """Return what is to be done within seven days, in about so many tasks, and the steps that come later.

    What should be done at once is among the first, whatever its last day; so is the relationship where users wait for
    something to be bought. Where there are less than three other things, what is due next is among them. Alike steps of
    one day are one task; where these are too many, alike steps of all the days are.
    """
    steps, week = tuple(steps), after(today, LOOKS_AHEAD)
    users_wait = any(step.is_late and _best(step) <= week for step in steps)
    at_once = _BEFORE_BUYING if users_wait else frozenset[Action]()
    ordered = sorted(steps, key=lambda step: (_acted_on(step, at_once), step.first_day))  # a stable sort
    urgent = [step for step in ordered if _acted_on(step, at_once) <= week]
    later = [step for step in ordered if _acted_on(step, at_once) > week]
    tasks = _tasks(urgent, most)
    missing = _FIRST - sum(not task.at_once and _due(task.step) <= week for task in tasks)
    tasks += alike(later, _exactly)[: max(0, missing)]
    shown = {id(step) for task in tasks for step in task.steps}
    return tasks, tuple(step for step in later if id(step) not in shown)


def _exactly(step: Step) -> Hashable:
    return _what(step), _when(step)


def _tasks(steps: list[Step], most: int) -> tuple[Task, ...]:
    tasks = alike(steps, lambda step: _what(step) if _at_once(step) else _exactly(step))
    return tasks if len(tasks) <= most else alike(steps, _what)


def by_month(steps: Iterable[Step], today: date) -> dict[tuple[int, int], list[Step]]:
    """Return steps by the year and month in which they are due, the earliest first."""
    months: dict[tuple[int, int], list[Step]] = {}
    for step in sorted(steps, key=_due):
        day = max(today, _due(step))
        months.setdefault((day.year, day.month), []).append(step)
    return months


def timeline(steps: Iterable[Step], today: date) -> tuple[Task, ...]:
    """Return what each party has to do in each month, alike steps as one task, in the order of their last days."""
    months = by_month(steps, today)
    return tuple(task for each in months.values() for task in alike(each, _what))


def in_all(steps: Iterable[Step]) -> tuple[Task, ...]:
    """Return what is to be done by whom, whatever the days."""
    return alike(steps, lambda step: (step.actor, step.action, step.unless_transferred))


def actors_of(steps: Iterable[Step]) -> tuple[Actor, ...]:
    """Return who has something to do, in the order of `Actor`."""
    acting = {step.actor for step in steps}
    return tuple(actor for actor in Actor if actor in acting)
