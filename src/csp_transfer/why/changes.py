"""What could be otherwise: a question asked again with one of its facts changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from attrs import frozen

from ..catalogue import Fact, Verdict
from ..errors import InvalidValue
from ..policy import Policy

__all__ = ["Change", "Question", "Variable", "changes", "facts_of"]


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
        if isinstance(self.before, date) and isinstance(self.after, date):
            return (self.after - self.before).days
        if type(self.before) is int and type(self.after) is int:
            return self.after - self.before
        return 0

    @property
    def kind(self) -> tuple[Fact, Any]:
        """The fact and the direction of the change; without a direction, every value is a kind of its own."""
        return self.fact, (self.distance > 0) if self.distance else self.after

    @cached_property
    def further(self) -> tuple[Change, ...]:
        """What could be otherwise beside it."""
        return tuple(change for change in changes(self.question) if change.fact is not self.fact)


def facts_of(q: Question) -> dict[Fact, Any]:
    """Return every fact of a question by name; None: not known, or there is no such thing."""
    return {fact: variable.read(q, q.answer) for fact, variable in q.variables.items()}


def changes(q: Question, among: frozenset[Fact] = frozenset(Fact)) -> Iterator[Change]:
    """Yield the changes of one fact that could make a difference, nearest first within each fact."""
    for fact in sorted(among & q.variables.keys(), key=list(Fact).index):
        before = q.variables[fact].read(q, q.answer)
        found: dict[Any, Change] = {}
        for other, ask in q.variables[fact].others(q, q.answer):
            if (type(other), other) == (type(before), before):
                continue
            try:
                asked = ask()
                _ = asked.verdicts
            except InvalidValue:  # facts that contradict each other are nothing that could be
                continue
            found.setdefault(other, Change(fact=fact, before=before, after=other, question=asked))
        yield from sorted(found.values(), key=lambda change: abs(change.distance))
