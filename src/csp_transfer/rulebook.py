"""The book: every rule of the catalogue beside the function that applies it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from .catalogue import Rule, rule
from .decision import DecisionTable
from .frozen_map import FrozenMap
from .rules import (
    capacity,
    eligibility,
    ending,
    lifecycle,
    refunds,
    relationship,
    risk,
    risk_table,
    terms,
)

__all__ = ["RULEBOOK", "TABLES", "Entry", "entry"]

TABLES: Final[tuple[DecisionTable[Any], ...]] = (
    terms.AT_TERM_END,
    terms.TERMS,
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
    risk_table.FACTS_MISSING,
)
"""Every decision table, in the order in which an assessment asks them."""

RULEBOOK: Final[FrozenMap[str, Callable[..., Any]]] = FrozenMap(
    {
        "ELG-001": eligibility.role_check,
        "ELG-002": eligibility.purpose_check,
        "ELG-003": eligibility.region_check,
        "MKT-001": eligibility.market_check,
        "TEN-001": relationship.data_migration,
        "REL-001": relationship.relationship_request,
        "REL-002": relationship.acceptance,
        "END-001": ending.let_expire,
        "END-002": refunds.no_refund,
        "END-003": ending.auto_renew_off_by,
        "END-004": ending.expires,
        "END-005": ending.provisioning_days,
        "CAP-001": capacity.duplicates_check,
        "CAP-002": capacity.uninterrupted,
        "CRD-001": refunds.credit_possible,
        "CRD-002": refunds.credit_handler,
        "CRD-003": refunds.credit_by_partner,
        "CRD-004": refunds.credit_by_customer,
        "RSK-001": risk.no_impact,
        "RSK-002": risk.different_offer,
        "RSK-003": risk.offer_still_sold,
        "LIF-001": lifecycle.course,
        "LIF-002": lifecycle.suspended_end,
        "LIF-003": lifecycle.while_suspended,
        "LIF-004": lifecycle.cancelled,
        "UTC-001": terms.last_whole_day,
        "RNW-001": terms.current_term,
        "TRL-001": terms.trial_end,
        "EST-001": lifecycle.free_window_ended,
        "CXL-001": refunds.computed_cancellation,
        "CXL-002": refunds.given_cancellation,
    }
)
"""Rule id → the function that applies it."""


@frozen(kw_only=True)
class Entry:
    """A rule, and the function that applies it."""

    rule: Rule
    applied_by: Callable[..., Any]


def entry(rule_id: str) -> Entry:
    """Return the rule with that id beside its function; `InvalidValue` for an id that no row has.

    >>> found = entry("ELG-003")
    >>> found.rule.source.passage, found.applied_by.__name__
    ('guide#region', 'region_check')
    """
    return Entry(rule=rule(rule_id), applied_by=RULEBOOK[rule_id])
