"""Rules for moving Microsoft 365 customers between partners, channels and tenants.

Facts in, reasoned verdicts out: may this move happen, by when must which step be done, what is paid twice, what
comes back, will users be interrupted, can data be lost. Every answer is exact to the UTC day and cites its rule.

>>> from datetime import date
>>> import csp_transfer as csp
>>> csp.region_of("JP"), csp.may_act(csp.Role.SALES_AGENT)
('Japan', True)
"""

from importlib import import_module
from sys import modules
from types import ModuleType
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from . import dicts as dicts
    from . import dicts_by_reference as dicts_by_reference
    from . import export as export
    from . import frames as frames
    from . import partner_center as partner_center
    from . import plots as plots
    from . import strategies as strategies
    from .assessment import Assessment, assess
    from .catalogue import Fact, Severity, Verdict
    from .errors import (
        CspTransferError,
        InvalidData,
        InvalidType,
        InvalidValue,
        MissingExtra,
        NotOneCase,
        PayloadError,
        PortfolioError,
        Problem,
        UnknownMarket,
    )
    from .explanation import Explanation, explain
    from .findings import Finding, Purpose
    from .model import (
        NOT_REPLACED,
        Channel,
        NotReplaced,
        Offer,
        Partner,
        Replacement,
        Role,
        SeatWindow,
        Status,
        Subscription,
        Tenant,
        Term,
        TermEnd,
        Way,
    )
    from .money import Cycle, Money, Price
    from .parts import Charge, RoutePart
    from .plan import Plan
    from .planner import plan_transfer
    from .policy import GUIDE, IN_FORCE, Policy
    from .portfolio import Portfolio, plan_portfolio
    from .routes import Route, Routes, compare_routes
    from .rules.capacity import Method, transfer_method
    from .rules.eligibility import Eligibility, may_act, purposes, region_check, region_of, same_region
    from .rules.ending import Provisioning, Timing
    from .rules.lifecycle import GraceWindow, Phase, State, grace_window, lifecycle, state_at
    from .rules.refunds import Actor, Contact, Outcome, RefundAdvice, refund_advice
    from .rules.risk import TransitionRisk, transition_risk
    from .rules.risk_table import Risk
    from .rules.terms import CurrentTerm, current_term
    from .schema import json_schema
    from .steps import Action, Deadline, Selection, Step
    from .transfer import Transfer

__all__ = [
    "GUIDE",
    "IN_FORCE",
    "NOT_REPLACED",
    "Action",
    "Actor",
    "Assessment",
    "Channel",
    "Charge",
    "Contact",
    "CspTransferError",
    "CurrentTerm",
    "Cycle",
    "Deadline",
    "Eligibility",
    "Explanation",
    "Fact",
    "Finding",
    "GraceWindow",
    "InvalidData",
    "InvalidType",
    "InvalidValue",
    "Method",
    "MissingExtra",
    "Money",
    "NotOneCase",
    "NotReplaced",
    "Offer",
    "Outcome",
    "Partner",
    "PayloadError",
    "Phase",
    "Plan",
    "Policy",
    "Portfolio",
    "PortfolioError",
    "Price",
    "Problem",
    "Provisioning",
    "Purpose",
    "RefundAdvice",
    "Replacement",
    "Risk",
    "Role",
    "Route",
    "RoutePart",
    "Routes",
    "SeatWindow",
    "Selection",
    "Severity",
    "State",
    "Status",
    "Step",
    "Subscription",
    "Tenant",
    "Term",
    "TermEnd",
    "Timing",
    "Transfer",
    "TransitionRisk",
    "UnknownMarket",
    "Verdict",
    "Way",
    "__version__",
    "assess",
    "compare_routes",
    "current_term",
    "explain",
    "grace_window",
    "json_schema",
    "lifecycle",
    "may_act",
    "plan_portfolio",
    "plan_transfer",
    "purposes",
    "refund_advice",
    "region_check",
    "region_of",
    "same_region",
    "state_at",
    "transfer_method",
    "transition_risk",
]

# Where each name lives: its module is loaded when it is first asked for, so that to import the package takes no longer
# than to import what it stands on. `tests/test_house.py` holds this to the imports above.
_HOMES = {
    name: home
    for home, names in {
        "assessment": "Assessment assess",
        "catalogue": "Fact Severity Verdict",
        "errors": "CspTransferError InvalidData InvalidType InvalidValue MissingExtra NotOneCase PayloadError "
        "PortfolioError "
        "Problem UnknownMarket",
        "explanation": "Explanation explain",
        "findings": "Finding Purpose",
        "model": "NOT_REPLACED Channel NotReplaced Offer Partner Replacement Role SeatWindow Status Subscription "
        "Tenant Term TermEnd Way",
        "money": "Cycle Money Price",
        "parts": "Charge RoutePart",
        "plan": "Plan",
        "planner": "plan_transfer",
        "policy": "GUIDE IN_FORCE Policy",
        "portfolio": "Portfolio plan_portfolio",
        "routes": "Route Routes compare_routes",
        "rules.capacity": "Method transfer_method",
        "rules.eligibility": "Eligibility may_act purposes region_check region_of same_region",
        "rules.ending": "Provisioning Timing",
        "rules.lifecycle": "GraceWindow Phase State grace_window lifecycle state_at",
        "rules.refunds": "Actor Contact Outcome RefundAdvice refund_advice",
        "rules.risk": "TransitionRisk transition_risk",
        "rules.risk_table": "Risk",
        "rules.terms": "CurrentTerm current_term",
        "schema": "json_schema",
        "steps": "Action Deadline Selection Step",
        "transfer": "Transfer",
    }.items()
    for name in names.split()
}

# Modules that are doors of their own: `csp_transfer.frames` is loaded when it is first asked for, too. `dir` does not
# name them: `help` asks for all that it names, and most need an extra.
_DOORS = ("dicts", "dicts_by_reference", "export", "frames", "partner_center", "plots", "strategies")

# Modules that the API page or a pickle of 0.1.0 names, and where what they had is now: programs and pickles may still
# ask for them. They can go in December 2027.
_MOVED = {
    "rules.places": "rules.capacity",
    "rules.state_table": "rules.lifecycle",
    "spans": "days",
    "views": "portfolio_page",
    "why.changes": "why",
    "words": "plain",
}

if not TYPE_CHECKING:  # for a type checker, a name that is not there is an error

    def __getattr__(name):
        if name in _DOORS or name in {old.partition(".")[0] for old in _MOVED}:
            return import_module(f"{__name__}.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})

    def _old_module(old, home):
        module = ModuleType(f"{__name__}.{old}")
        module.__getattr__ = lambda name: getattr(import_module(f"{__name__}.{home}"), name)
        return module

    modules.update({f"{__name__}.{old}": _old_module(old, home) for old, home in _MOVED.items()})
