"""What is decided about one subscription: the question, and each verdict as a plain field."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from .findings import Finding
from .model import NotReplaced, Replacement, Subscription, Term, Way
from .outlook import Stage, outlook_of
from .policy import Policy
from .rules.ending import Provisioning
from .rules.lifecycle import GraceWindow
from .rules.refunds import Credit, RefundAdvice
from .rules.risk import TransitionRisk
from .rules.risk_table import Risk
from .rules.state_table import State
from .rules.terms import with_term

__all__ = ["Decided", "Why"]


class Why(NamedTuple):
    """Everything that an assessment has to say, and the verdicts with the findings of each."""

    findings: tuple[Finding, ...]
    grace_window: GraceWindow | None
    provisioning: Provisioning | None
    replacement: Replacement | None
    risk: TransitionRisk | None
    refund: RefundAdvice


class Decided:
    """An assessment while it is put together; then it becomes an `Assessment`, and does not change any more."""

    __slots__ = (
        "__weakref__",
        "_running",
        "_stage",
        "_why",
        "_with_bearing",
        "as_of",
        "asked_at",
        "auto_renew_doubted_day",
        "auto_renew_off_by",
        "best_last_day",
        "chained_day",
        "credit",
        "data_loss",
        "delegated_admin",
        "disruption",
        "given",
        "grace_first_day",
        "grace_last_day",
        "into_another_tenant",
        "moved",
        "paid_twice_days",
        "policy",
        "provision_on",
        "reassign_licenses",
        "state",
        "subscription",
        "term",
        "way",
    )
    subscription: Subscription
    given: Replacement | NotReplaced | None
    as_of: date
    asked_at: datetime | None
    delegated_admin: bool | None
    into_another_tenant: bool
    policy: Policy
    term: Term | None
    chained_day: date | None
    state: State | None
    grace_first_day: date | None
    grace_last_day: date | None
    auto_renew_off_by: date | None
    auto_renew_doubted_day: date | None
    moved: bool
    provision_on: date | None
    disruption: Risk | None
    data_loss: Risk | None
    reassign_licenses: bool | None
    paid_twice_days: int
    credit: Credit
    best_last_day: date | None
    way: Way | None
    _running: Subscription | None
    _stage: Stage | None
    """None where it was not decided here, but put together."""
    _why: Why | None
    _with_bearing: tuple[Finding, ...] | None
    """The findings that mean something for a plan, beside what they say."""

    @property
    def running(self) -> Subscription:
        """The subscription in the term that runs."""
        running = self._running
        if running is None:
            running = self.subscription if self.term is None else with_term(self.subscription, self.term)
            object.__setattr__(self, "_running", running)
        return running

    @property
    def stage(self) -> Stage:
        """The stage of what it has before it, as the day of `as_of` lies in it."""
        if self._stage is not None:
            return self._stage
        s, term = self.subscription, self.running.term
        chained = 0 if self.chained_day is None else (term.last_day - self.chained_day).days
        outlook = outlook_of(s, term, self.policy, self.delegated_admin, self.into_another_tenant, chained)
        if self.term is None:
            return outlook.not_known
        return outlook.stage((self.as_of - self.term.last_day).days)

    @property
    def day_chosen(self) -> bool:
        """Whether the caller chose the day of provisioning; it is the recommended one otherwise."""
        return isinstance(self.given, Replacement) and self.given.provision_on is not None

    @property
    def already_provisioned(self) -> bool:
        """Whether the replacement's day lies in the past."""
        return self.provision_on is not None and self.provision_on < self.as_of

    @property
    def is_bridged(self) -> bool:
        """Whether a scheduled extended service term bridges the days until the replacement that the caller chose."""
        last_day = (self.term or self.subscription.term).last_day
        return self.moved and self.stage.outlook.is_bridged(last_day, self.given)
