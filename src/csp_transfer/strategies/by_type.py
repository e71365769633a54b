"""Which strategy is for which type, for `from_type`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

from ..assessment import Assessment
from ..errors import (
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
from ..explanation import Explanation
from ..findings import Finding
from ..model import Offer, Partner, Replacement, SeatWindow, Subscription, Tenant, Term
from ..money import Money, Price
from ..parts import Charge, RoutePart
from ..plan import Plan
from ..policy import Policy
from ..portfolio import Portfolio
from ..routes import Route, Routes
from ..rules.eligibility import Eligibility
from ..rules.ending import Provisioning
from ..rules.lifecycle import GraceWindow, Phase
from ..rules.refunds import RefundAdvice
from ..rules.risk import TransitionRisk
from ..rules.terms import CurrentTerm
from ..steps import Deadline, Selection, Step
from ..transfer import Transfer
from . import answers, facts
from .facts import S

__all__ = ["strategy_for"]

_TEXTS: Final = st.text(max_size=20)
_VALUES: Final = st.none() | st.booleans() | st.integers() | _TEXTS


def _problems() -> S[Problem]:
    return st.builds(Problem, _TEXTS, _TEXTS, _VALUES, _TEXTS)


def _several_problems() -> S[tuple[Problem, ...]]:
    return st.lists(_problems(), min_size=1, max_size=3).map(tuple)


def _several_refusals() -> S[tuple[InvalidType | InvalidValue, ...]]:
    refusals = st.builds(InvalidType, _TEXTS, _VALUES, _TEXTS) | st.builds(
        InvalidValue, _TEXTS, _VALUES, _TEXTS
    )
    return st.lists(refusals, min_size=2, max_size=3).map(tuple)


def _errors() -> S[CspTransferError]:
    return st.one_of(*(make() for error, make in _ERRORS.items() if error is not CspTransferError))


_ERRORS: Final[dict[type[Any], Callable[[], S[Any]]]] = {
    InvalidData: lambda: st.builds(InvalidData, _several_refusals()),
    InvalidType: lambda: st.builds(InvalidType, _TEXTS, _VALUES, _TEXTS),
    InvalidValue: lambda: st.builds(InvalidValue, _TEXTS, _VALUES, _TEXTS),
    MissingExtra: lambda: st.builds(MissingExtra, _TEXTS, _TEXTS),
    NotOneCase: lambda: st.builds(NotOneCase, _TEXTS, st.lists(_TEXTS, max_size=3).map(tuple), _TEXTS),
    PayloadError: lambda: st.builds(PayloadError, _several_problems()),
    PortfolioError: lambda: st.builds(PortfolioError, _several_problems()),
    Problem: _problems,
    UnknownMarket: lambda: st.builds(UnknownMarket, _TEXTS),
    CspTransferError: _errors,
}

_OF_TYPE: Final[dict[type[Any], Callable[[], S[Any]]]] = {
    Tenant: facts.tenants,
    Partner: facts.partners,
    Offer: facts.offers,
    Term: facts.terms,
    Subscription: facts.subscriptions,
    Replacement: facts.replacements,
    SeatWindow: facts.seat_windows,
    Price: facts.prices,
    Money: facts.money,
    Transfer: facts.transfers,
    Policy: facts.policies,
    Assessment: answers.assessments,
    Charge: answers.charges,
    CurrentTerm: answers.current_terms,
    Deadline: answers.deadlines,
    Eligibility: answers.eligibilities,
    Explanation: answers.explanations,
    Finding: answers.findings,
    GraceWindow: answers.grace_windows,
    Phase: answers.phases,
    Plan: answers.plans,
    Portfolio: answers.portfolios,
    Provisioning: answers.provisionings,
    RefundAdvice: answers.refund_advices,
    Route: answers.routes,
    RoutePart: answers.route_parts,
    Routes: answers.comparisons,
    Selection: answers.selections,
    Step: answers.steps,
    TransitionRisk: answers.transition_risks,
    **_ERRORS,
}


def strategy_for(cls: type[Any]) -> S[Any]:
    """Return the strategy for a public type."""
    return _OF_TYPE[cls]()
