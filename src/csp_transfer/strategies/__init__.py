"""Hypothesis strategies for every public type: facts that can be, and answers as the rules give them.

Needs the extra `testing`. Every strategy is a function that takes facts by name, as a value or as a strategy, and draws
the others. `from_type` knows all of them as soon as this package is installed.

>>> import csp_transfer as csp
>>> from csp_transfer.strategies import subscriptions
>>> from hypothesis import given
>>> @given(subscriptions(status=csp.Status.ACTIVE, trial=False, extended=False, mid_term=None))
... def test_an_active_one_has_a_window(subscription):
...     assert csp.grace_window(subscription) is not None
>>> test_an_active_one_has_a_window()

Days lie between 2022-01-10, before which no policy of what is in force answers, and 2040-12-31, unless given.
"""

from importlib import import_module

from ..extras import Needs

with Needs("csp_transfer.strategies", extra="testing"):
    import_module("hypothesis")  # before all that uses it

from .answers import (
    assessments,
    comparisons,
    current_terms,
    deadlines,
    eligibilities,
    explanations,
    findings,
    grace_windows,
    phases,
    plans,
    portfolios,
    provisionings,
    refund_advices,
    route_parts,
    routes,
    selections,
    steps,
    transition_risks,
)
from .facts import (
    days,
    money,
    offers,
    partners,
    policies,
    prices,
    questions,
    replacements,
    seat_windows,
    subscriptions,
    tenants,
    terms,
    transfers,
)

__all__ = [
    "assessments",
    "comparisons",
    "current_terms",
    "days",
    "deadlines",
    "eligibilities",
    "explanations",
    "findings",
    "grace_windows",
    "money",
    "offers",
    "partners",
    "phases",
    "plans",
    "policies",
    "portfolios",
    "prices",
    "provisionings",
    "questions",
    "refund_advices",
    "replacements",
    "route_parts",
    "routes",
    "seat_windows",
    "selections",
    "steps",
    "subscriptions",
    "tenants",
    "terms",
    "transfers",
    "transition_risks",
]
