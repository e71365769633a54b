"""Which deadlines and steps are asked for, of all that a plan has: by whom, what, and on which days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from attrs import field, frozen

from . import checks
from .errors import InvalidValue
from .rules.refunds import Actor
from .steps import Action, Deadline, Step

__all__ = ["Selection"]


def _frozen(given: Any) -> Any:
    return frozenset(given) if isinstance(given, Collection) and not isinstance(given, str) else given


@frozen(kw_only=True)
class Selection:
    """A part of the deadlines and steps of a plan: for `export.to_ics` and `frames.deadlines`.

    `actors` and `actions`: only what one of these does, and only these things; none of them: all. `first_day` and
    `last_day`: only what is due on these UTC days, both inclusive; None: no limit. Of two readings of a day the earlier
    one counts, as in tables and calendars; a step without a last day counts on its recommended day. Who may do it as
    well as another is an actor, too.

    Raises `InvalidType` or `InvalidValue`: what is no `Actor` or `Action`, a last day before the first. Source: none.

    >>> from csp_transfer import Offer, Partner, Subscription, Tenant, Term, Transfer, plan_transfer
    >>> mail = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                     term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> move = Transfer(customer=Tenant(id="contoso", country="JP"), subscriptions=(mail,), relationship_accepted=True,
    ...                 destination=Partner(id="fabrikam", country="JP"))
    >>> plan = plan_transfer(move, as_of=date(2026, 3, 1))
    >>> april = Selection(actors=[Actor.DESTINATION_PARTNER], first_day=date(2026, 4, 1), last_day=date(2026, 4, 30))
    >>> [str(deadline.action) for deadline in plan.deadlines if april.has(deadline)]
    ['provision']
    """

    actors: frozenset[Actor] = field(default=frozenset(), converter=_frozen)
    actions: frozenset[Action] = field(default=frozenset(), converter=_frozen)
    first_day: date | None = None
    last_day: date | None = None

    def __attrs_post_init__(self) -> None:
        for name, word in (("actors", Actor), ("actions", Action)):
            given = getattr(self, name)
            checks.instance(name, given, frozenset, f"a collection of {word.__name__}")
            for one in given:
                word.check(name, one)
        for name in ("first_day", "last_day"):
            _A_DAY(name, getattr(self, name))
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise InvalidValue("last_day", self.last_day, f"a day not before first_day, {self.first_day}")

    @property
    def takes_all(self) -> bool:
        """Whether it leaves nothing out."""
        return self == ALL

    def has(self, one: Step | Deadline) -> bool:
        """Return whether a step or a deadline is in it."""
        if self.actors and self.actors.isdisjoint((one.actor, one.or_actor)):
            return False
        if self.actions and one.action not in self.actions:
            return False
        day = _day_of(one)
        return (self.first_day or day) <= day <= (self.last_day or day)


_A_DAY: Final = checks.optional(checks.day)
ALL: Final = Selection()
"""What leaves nothing out."""


def _day_of(one: Step | Deadline) -> date:
    """Return the day by which it is selected."""
    if isinstance(one, Deadline):
        return one.day
    return one.last_day or one.recommended or one.first_day
