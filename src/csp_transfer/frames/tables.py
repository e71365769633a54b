"""Decision tables as expressions over columns: the tables decide, here is only how a whole column asks them.

A *condition* is an expression of truth, or True or False where every row has the same answer: what is known beforehand
(the policy, a column that is not there) folds away. A *fact* says for each of its values when it has that value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache, reduce
from operator import and_, or_
from typing import Any, TypeVar

import narwhals as nw

from ..decision import DecisionTable

__all__ = [
    "Condition",
    "Fact",
    "all_of",
    "always",
    "any_of",
    "flag",
    "holds",
    "negated",
    "one_of",
    "outcomes",
]

T = TypeVar("T")
Condition = nw.Expr | bool
Fact = Mapping[Any, Condition]


def all_of(*conditions: Condition) -> Condition:
    """Return when all of the conditions hold."""
    asked = [condition for condition in conditions if condition is not True]
    if any(condition is False for condition in asked):
        return False
    return reduce(and_, asked) if asked else True


def any_of(*conditions: Condition) -> Condition:
    """Return when one of the conditions holds."""
    asked = [condition for condition in conditions if condition is not False]
    if any(condition is True for condition in asked):
        return True
    return reduce(or_, asked) if asked else False


def negated(condition: Condition) -> Condition:
    """Return when a condition does not hold."""
    return not condition if isinstance(condition, bool) else ~condition


def always(value: Any) -> Fact:
    """Return a fact that has one value in every row."""
    return {value: True}


def flag(condition: Condition) -> Fact:
    """Return a condition as a fact that is True or False."""
    if isinstance(condition, bool):
        return always(condition)
    return {True: condition, False: ~condition}


def one_of(fact: Fact, values: Collection[Any]) -> Condition:
    """Return when a fact has one of the values; asks for the others where those are fewer."""
    wanted = [fact[value] for value in fact if value in values]
    others = [fact[value] for value in fact if value not in values]
    if not others:
        return True
    return negated(any_of(*others)) if len(others) < len(wanted) else any_of(*wanted)


def outcomes(
    table: DecisionTable[T], facts: Mapping[str, Fact], outcome: Callable[[T], Any]
) -> dict[Any, Condition]:
    """Return what follows from the facts, by a decision table, as a fact: each outcome, and when it is the one.

    Values of a fact that lead to the same are one, and a fact of which all values do is not asked for.
    """
    asked = tuple((name, tuple(facts[name])) for name in table.facts)
    shapes = _shapes(table, asked, tuple(outcome(row.then) for row in table.cases))
    return {one: _condition(shape, facts) for one, shape in shapes.items()}


def holds(table: DecisionTable[T], facts: Mapping[str, Fact], wanted: Callable[[T], bool]) -> Condition:
    """Return when what follows from the facts, by a decision table, is wanted."""
    return outcomes(table, facts, wanted).get(True, False)


# The facts that a case asks for, and which values of them.
_When = Mapping[str, Collection[Any]]
# Whether it is so for all; or a fact to ask for, and for the values of it that are alike, what is left to ask.
_Shape = bool | tuple[str, tuple[tuple[tuple[Any, ...], Any], ...]]


@lru_cache(1024)  # the same for every table of rows that has the same facts
def _shapes(
    table: DecisionTable[Any], facts: tuple[tuple[str, tuple[Any, ...]], ...], outcomes: tuple[Any, ...]
) -> Mapping[Any, _Shape]:
    """Return for each outcome what must be asked to tell whether it is the one."""
    found = [(row.when, outcome) for row, outcome in zip(table.cases, outcomes, strict=True)]
    return {
        one: _shape([(when, outcome == one) for when, outcome in found], facts)
        for one in dict.fromkeys(outcomes)
    }


def _shape(answers: list[tuple[_When, bool]], facts: Sequence[tuple[str, tuple[Any, ...]]]) -> _Shape:
    """Return what must be asked, fact by fact, to tell whether the one case that holds has the answer True."""
    different = {answer for _, answer in answers}
    if len(different) == 1:
        return different.pop()
    (name, values), *others = facts
    groups: dict[_Shape, list[Any]] = {}
    for value in values:
        left = [(when, answer) for when, answer in answers if name not in when or value in when[name]]
        groups.setdefault(_shape(left, others), []).append(value)
    if len(groups) == 1:
        return next(iter(groups))
    return name, tuple((tuple(alike), shape) for shape, alike in groups.items())


def _condition(shape: _Shape, facts: Mapping[str, Fact]) -> Condition:
    if isinstance(shape, bool):
        return shape
    name, groups = shape
    return any_of(
        *(all_of(one_of(facts[name], alike), _condition(left, facts)) for alike, left in groups if left)
    )
