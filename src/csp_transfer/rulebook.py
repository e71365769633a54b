"""The book: every rule of the table beside the function that applies it, and every decision table."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from attrs import frozen

from .catalogue import Rule, rule, rules
from .decision import DecisionTable
from .frozen_map import FrozenMap
from .rules import (
    capacity,
    eligibility,
    ending,
    extension,
    lifecycle,
    partner_change,
    refunds,
    risk,
    risk_table,
    terms,
)

__all__ = ["TABLES", "Entry", "entry", "rulebook"]

TABLES: Final[tuple[DecisionTable[Any], ...]] = (
    terms.AT_TERM_END,
    terms.TERMS,
    extension.AFTER_TERM,
    lifecycle.COURSES,
    ending.TIMINGS,
    capacity.METHODS,
    refunds.CREDITS,
    risk_table.REPLACED,
    risk_table.OFFERS,
    risk_table.SALE,
    risk_table.COUNTS,
    risk_table.MOMENTS,
    risk_table.TENANTS,
    risk_table.DOUBTS,
    risk_table.FACTS_MISSING,
)
"""Every decision table, in the order in which an assessment asks them."""

_MODULES: Final = {
    "capacity": capacity,
    "eligibility": eligibility,
    "ending": ending,
    "extension": extension,
    "lifecycle": lifecycle,
    "partner_change": partner_change,
    "refunds": refunds,
    "risk": risk,
    "terms": terms,
}


@frozen(kw_only=True)
class Entry:
    """A rule, and the function that applies it."""

    rule: Rule
    applied_by: Callable[..., Any]


def _applied_by(function: str) -> Callable[..., Any]:
    module, _, name = function.partition(".")
    applied: Callable[..., Any] = getattr(_MODULES[module], name)
    return applied


@cache
def rulebook() -> FrozenMap[str, Entry]:
    """Return the whole book, by id: every rule of the table beside the function that its row names.

    >>> rulebook()["END-005"].applied_by.__name__
    'provisioning_days'
    """
    return FrozenMap(
        {rule_id: Entry(rule=row, applied_by=_applied_by(row.function)) for rule_id, row in rules().items()}
    )


def entry(rule_id: str) -> Entry:
    """Return the rule with that id beside its function; `InvalidValue` for an id that no row has.

    >>> found = entry("ELG-003")
    >>> found.rule.source.passage, found.applied_by.__name__
    ('guide#region', 'region_check')
    """
    return rulebook()[rule(rule_id).id]
