"""The ordinary subscription as OpenFisca would have it: a tiny country, whose persons are subscriptions.

A formula works on a column of them, as of one day. There is no null: the word `nothing` stands for it, not-a-time for
no day, and no licences assigned for not known.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from budgets import DISABLED, GRACE
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERSON = build_entity(key="subscription", plural="subscriptions", label="Subscription", is_person=True)
NUMBERS = {"grace_days": GRACE.days, "disabled_days": DISABLED.days}
NO_DAY = np.datetime64("NaT", "D")

State = Enum("State", ["nothing", "active", "expired", "disabled", "deleted"])
Risk = Enum("Risk", ["none", "possible", "certain"])
Outcome = Enum("Outcome", ["no_refund", "credit_possible"])
Contact = Enum("Contact", ["nothing", "customer"])


def day_of(period: Any) -> Any:
    """Return the day as the columns have it."""
    return np.datetime64(period.start.date, "D")


def first_safe(asked: Any, period: Any) -> Any:
    """Return the first day of the grace window."""
    return asked("last_day", period) + 1


def last_safe(asked: Any, period: Any, parameters: Any) -> Any:
    """Return the last day of the grace window."""
    return asked("last_day", period) + parameters(period).grace_days


def last_disabled(asked: Any, period: Any, parameters: Any) -> Any:
    """Return the last day on which the data can be saved."""
    return asked("last_day", period) + parameters(period).disabled_days


def state(asked: Any, period: Any) -> Any:
    """Return the state on the day."""
    day = day_of(period)
    bounds = [day < asked("first_day", period)]
    bounds += [day <= asked(name, period) for name in ("last_day", "last_safe", "last_disabled")]
    return np.select(bounds, [State.nothing, State.active, State.expired, State.disabled], State.deleted)


def auto_renew_off_by(asked: Any, period: Any) -> Any:
    """Return the last day to turn auto-renew off."""
    return np.where(asked("auto_renew", period), asked("last_day", period), NO_DAY)


def provision_on(asked: Any, period: Any) -> Any:
    """Return the day to provision the replacement."""
    return np.maximum(asked("first_safe", period), day_of(period))


def harmed(asked: Any, period: Any) -> Any:
    """Tell whether users are: it comes too late, or with too few licences."""
    return (asked("provision_on", period) > asked("last_safe", period)) | asked("short", period)


def gone(asked: Any, period: Any) -> Any:
    """Tell whether the data are deleted by then."""
    return asked("provision_on", period) > asked("last_disabled", period)


def short(asked: Any, period: Any) -> Any:
    """Tell whether users hold more licences than there will be."""
    return asked("quantity", period) < asked("assigned", period)


def disruption(asked: Any, period: Any) -> Any:
    """Return the risk to users."""
    return np.where(asked("harmed", period), Risk.certain, Risk.none)


def data_loss(asked: Any, period: Any) -> Any:
    """Return the risk to data."""
    harms = [asked("gone", period), asked("harmed", period)]
    return np.select(harms, [Risk.certain, Risk.possible], Risk.none)


def reassign_licenses(asked: Any, period: Any) -> Any:
    """Tell whether licences must be assigned again."""
    return asked("gone", period) | asked("short", period)


def best_last_day(asked: Any, period: Any) -> Any:
    """Return the day until which it pays to keep it."""
    return asked("last_day", period)


def variable(name: str, of: Any, unit: DateUnit = DateUnit.DAY, **more: Any) -> Any:
    """Return a variable, with a formula or its default value."""
    return type(name, (Variable,), {"value_type": of, "entity": PERSON, "definition_period": unit, **more})


def word(name: str, of: Any, **more: Any) -> Any:
    """Return a variable whose values are words, the first of which is the default."""
    return variable(name, Enum, possible_values=of, default_value=next(iter(of)), **more)


def country() -> Any:
    """Return the country."""
    formulas: dict[type, tuple[Callable[..., Any], ...]] = {
        date: (first_safe, last_safe, last_disabled, auto_renew_off_by, provision_on, best_last_day),
        bool: (harmed, gone, short, reassign_licenses),
    }
    facts = {"first_day": date, "last_day": date, "quantity": int, "assigned": int, "auto_renew": bool}
    system = TaxBenefitSystem([PERSON])
    values = {name: {"values": {"2000-01-01": number}} for name, number in NUMBERS.items()}
    system.parameters = ParameterNode("", data=values)
    system.add_variables(
        *(variable(name, of, DateUnit.ETERNITY) for name, of in facts.items()),
        *(variable(f.__name__, of, formula=f) for of, those in formulas.items() for f in those),
        *(word("state", State, formula=state), word("outcome", Outcome), word("contact", Contact)),
        *(word(f.__name__, Risk, formula=f) for f in (disruption, data_loss)),
        variable("paid_twice_days", int),
    )
    return system
