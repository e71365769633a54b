"""What a page reads of a plan: its facts and answers, without the plan's own ways of being shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from .assessment import Assessment, goes_on
from .findings import Finding
from .model import Way
from .parts import RoutePart
from .policy import Policy
from .rules.risk_table import Risk
from .steps import Step
from .transfer import Transfer

__all__ = ["Outcome", "Planned", "ends_unreplaced", "outcome"]


class Planned(Protocol):
    """A plan, as far as its page reads it."""

    @property
    def transfer(self) -> Transfer:
        """The facts of the move."""
        ...

    @property
    def as_of(self) -> date:
        """The UTC day that it is made for."""
        ...

    @property
    def asked_at(self) -> datetime | None:
        """The instant that was asked for, where it was one."""
        ...

    @property
    def policy(self) -> Policy:
        """What it decides by."""
        ...

    @property
    def named(self) -> Any:  # a mapping; of a field with a converter, type checkers disagree
        """The ways that the caller named, by the ids of the subscriptions."""
        ...

    @property
    def room_taken(self) -> int:
        """The places that other moves take first."""
        ...

    @property
    def feasible(self) -> bool:
        """Whether the move may happen."""
        ...

    @property
    def assessments(self) -> tuple[Assessment, ...]:
        """One of each subscription."""
        ...

    @property
    def parts(self) -> tuple[RoutePart, ...]:
        """The way of each, where there was one to choose."""
        ...

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is to be done."""
        ...

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules say."""
        ...

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """Why it is blocked."""
        ...

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What warns."""
        ...

    @property
    def too_late(self) -> tuple[Finding, ...]:
        """What is too late already."""
        ...


def ends_unreplaced(a: Assessment) -> bool:
    """Tell whether nothing replaces a subscription whose users are, will be, or may be without it.

    What goes on by itself is not lost for having no replacement.
    """
    if a.moved or a.disruption is None or a.disruption is Risk.NONE:
        return False
    return a.disruption is Risk.POSSIBLE or not (goes_on(a) or a.running.runs_on)


class Outcome(NamedTuple):
    """What becomes of one subscription, along the way that it goes."""

    disruption: Risk
    data_loss: Risk
    way: Way | None
    day: date | None
    """The day from which the new licences serve; None: not known, or there are none."""
    paid_twice_days: int


def outcome(a: Assessment, part: RoutePart | None) -> Outcome:
    """Return what becomes of a subscription: by its transfer in mid-term, if it goes that way, or as it is assessed."""
    if part is not None and part.way is Way.PARTNER_CENTER_TRANSFER:
        return Outcome(part.disruption, part.data_loss, part.way, part.moves_on, part.paid_twice_days)
    risk, way = a.risk, part.way if part is not None else a.way or a.own_way
    if risk is None:
        return Outcome(Risk.NONE, Risk.NONE, way, a.provision_on, 0)
    return Outcome(risk.disruption, risk.data_loss, way, a.provision_on, risk.paid_twice_days)
