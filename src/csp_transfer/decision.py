"""Decision tables: one row a case. For any facts exactly one case holds; a gap or an overlap is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import product
from operator import itemgetter
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from .errors import InvalidValue, NotOneCase
from .frozen_map import FrozenMap

__all__ = ["Case", "DecisionTable", "case"]

T = TypeVar("T")


def _domains(facts: Mapping[str, Iterable[Any]]) -> FrozenMap[str, tuple[Any, ...]]:
    return FrozenMap({name: tuple(values) for name, values in facts.items()})


@frozen
class Case(Generic[T]):
    """One row: what it is called, the rule that it rests on, what follows, and the facts that it asks for.

    A fact that `when` does not name may have any value; one that it names, any of the values it lists.
    """

    name: str
    rule: str
    then: T
    when: FrozenMap[str, frozenset[Any]]


def case(name: str, rule: str, then: T, /, **when: Any) -> Case[T]:
    """Return a row; each condition is one value, or a set of them."""
    return Case(
        name,
        rule,
        then,
        FrozenMap(
            {
                fact: frozenset(value) if isinstance(value, (set, frozenset)) else frozenset({value})
                for fact, value in when.items()
            }
        ),
    )


@frozen
class DecisionTable(Generic[T]):
    """Facts with all the values that each can have, and cases of which exactly one holds for any of them.

    The facts are finite: a day takes part as where it lies (before, within, after). Every combination is looked
    at once, on first use; a table with a gap or an overlap answers nothing and raises `NotOneCase`.

    >>> over = DecisionTable("method", "Which way to go.", {"too_many": (False, True)}, (
    ...     case("they fit", "CAP-001", "overlap", too_many=False),))
    >>> over.decide(too_many=False)
    Traceback (most recent call last):
    ...
    csp_transfer.errors.NotOneCase: method: no case holds for too_many=True; expected exactly one
    """

    name: str
    about: str
    facts: FrozenMap[str, tuple[Any, ...]] = field(converter=_domains)
    cases: tuple[Case[T], ...]

    def combinations(self) -> Iterator[dict[str, Any]]:
        """Yield every combination of facts that there can be."""
        for values in product(*self.facts.values()):
            yield dict(zip(self.facts, values, strict=True))

    @cached_property
    def _cells(self) -> dict[tuple[Any, ...], Case[T]]:
        for row in self.cases:
            for fact, accepted in row.when.items():
                if not accepted <= set(self.facts[fact]):
                    raise InvalidValue(
                        f"{self.name}: {row.name}: {fact}", accepted, f"any of {self.facts[fact]}"
                    )
        holding: dict[tuple[Any, ...], list[Case[T]]] = {
            tuple(facts.values()): [] for facts in self.combinations()
        }
        for row in self.cases:
            for values in product(*(row.when.get(fact, every) for fact, every in self.facts.items())):
                holding[values].append(row)
        for values, rows in holding.items():
            if len(rows) != 1:
                shown = ", ".join(f"{name}={value}" for name, value in zip(self.facts, values, strict=True))
                raise NotOneCase(self.name, tuple(row.name for row in rows), shown)
        return {values: row for values, (row,) in holding.items()}

    @cached_property
    def outcomes(self) -> Mapping[Any, T]:
        """What follows from every combination of facts, in the table's order; a single fact stands for itself.

        The same as `decide`, where every fraction of a microsecond counts.
        """
        outcomes = {values: row.then for values, row in self._cells.items()}
        return outcomes if len(self.facts) > 1 else {value: then for (value,), then in outcomes.items()}

    @cached_property
    def _key(self) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
        first, *more = self.facts
        return itemgetter(first, *more) if more else lambda facts: (facts[first],)

    def case_of(self, **facts: Any) -> Case[T]:
        """Return the one case that holds for the facts, all of them given by name."""
        return self._cells[self._key(facts)]

    def decide(self, **facts: Any) -> T:
        """Return what follows from the facts, all of them given by name."""
        return self._cells[self._key(facts)].then
