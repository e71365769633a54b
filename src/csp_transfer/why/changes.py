"""What could be otherwise: a question asked again with one of its facts changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import islice
from threading import RLock
from typing import Any, Final, NamedTuple, Protocol

from attrs import frozen

from ..catalogue import Fact, Verdict
from ..errors import InvalidValue
from ..facts import FACT_TABLE, FactRow
from ..policy import Policy

__all__ = ["RANK", "ROWS", "Change", "CouldBe", "Question", "Variable", "facts_of"]

_NAMES: Final = frozenset(map(str, Fact))
ROWS: Final[Mapping[Fact, FactRow]] = {Fact(row.fact): row for row in FACT_TABLE if row.fact in _NAMES}
"""The rows of the facts that a rule may read of a subscription, of what replaces it, and of the question."""
RANK: Final = {fact: rank for rank, fact in enumerate(Fact)}
"""What somebody can do something about comes first."""


class Variable(NamedTuple):
    """A fact: how to read it from a question and its answer, and what else to try for it.

    A day or a count is tried where something begins or ends, and one before that: verdicts change nowhere else
    (a test tries everything in between).
    """

    read: Callable[[Any, Any], Any]
    others: Callable[[Any, Any], Iterable[tuple[Any, Callable[[], Any]]]]
    """Yields other values, each with a call that gives the question with it, or refuses it."""


class Question(Protocol):
    """What was asked, as one value that can be asked again."""

    @property
    def as_of(self) -> date:
        """The UTC day that it was asked for."""
        ...

    @property
    def policy(self) -> Policy:
        """The policy that it was asked under."""
        ...

    @property
    def answer(self) -> Any:
        """The result: an assessment or a plan."""
        ...

    @property
    def verdicts(self) -> dict[Verdict, Any]:
        """What the result decides."""
        ...

    def speaks(self, rule_id: str, verdict: Verdict) -> bool:
        """Tell whether a rule has something to say about a verdict."""
        ...

    @property
    def variables(self) -> Mapping[Fact, Variable]:
        """The facts that it has."""
        ...


@frozen(kw_only=True)
class Change:
    """One fact with another value, and the question that this makes."""

    fact: Fact
    before: Any
    after: Any
    question: Question

    @property
    def distance(self) -> int:
        """How far the value moves, in days or in counts; 0 where it has no such measure."""
        return _distance(self.before, self.after)

    @property
    def kind(self) -> tuple[Fact, Any]:
        """The fact and the direction of the change; without a direction, every value is a kind of its own."""
        return self.fact, (self.distance > 0) if self.distance else self.after

    @cached_property
    def further(self) -> CouldBe:
        """What could be otherwise beside it."""
        return CouldBe(self.question)


class CouldBe:
    """What could be otherwise in a question: a change is asked when somebody first looks at it, and then kept."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._kept: dict[Fact, tuple[list[Change], Iterator[Change]]] = {}
        self._asking = RLock()  # several threads may read one explanation

    def __reduce__(self) -> tuple[type[CouldBe], tuple[Question]]:
        """Leave out of a pickle what was asked: it can be asked again."""
        return CouldBe, (self.question,)

    def among(self, facts: frozenset[Fact]) -> Iterator[Change]:
        """Yield the changes of one of these facts that could make a difference, nearest first within each fact."""
        for fact in sorted(facts & self.question.variables.keys(), key=RANK.__getitem__):
            yield from self._of(fact)

    def _of(self, fact: Fact) -> Iterator[Change]:
        n = 0
        while True:
            with self._asking:
                if fact not in self._kept:
                    self._kept[fact] = [], _changes(self.question, fact)
                found, left = self._kept[fact]
                if n == len(found):
                    found += islice(left, 1)
            if n == len(found):
                return
            yield found[n]
            n += 1


def facts_of(q: Question) -> dict[Fact, Any]:
    """Return every fact of a question by name; None: not known, or there is no such thing."""
    return {fact: variable.read(q, q.answer) for fact, variable in q.variables.items()}


def _changes(q: Question, fact: Fact) -> Iterator[Change]:
    before = q.variables[fact].read(q, q.answer)
    others = [
        (other, ask)
        for other, ask in q.variables[fact].others(q, q.answer)
        if (type(other), other) != (type(before), before)
    ]
    found: set[Any] = set()
    for other, ask in sorted(others, key=lambda one: abs(_distance(before, one[0]))):
        if other in found:
            continue
        try:
            asked = ask()
            _ = asked.verdicts
        except InvalidValue:  # facts that contradict each other are nothing that could be
            continue
        found.add(other)
        yield Change(fact=fact, before=before, after=other, question=asked)


def _distance(before: Any, after: Any) -> int:
    if isinstance(before, date) and isinstance(after, date):
        return (after - before).days
    return after - before if type(before) is int and type(after) is int else 0
