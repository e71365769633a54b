"""What is decided about one subscription, each verdict as a plain field; and why: the findings of each verdict."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from .catalogue import Bearing
from .findings import Finding, gather
from .model import NotReplaced, Replacement, Subscription, Term, Way
from .outlook import Stage, outlook_of
from .policy import Policy
from .rules.ending import (
    Provisioning,
    contradicted,
    expires,
    let_expire,
    may_have_renewed,
    outdated,
    provisioning,
    stays_on,
    still_active,
    the_earlier,
    turn_off,
    when_to_provision,
)
from .rules.extension import in_extension, may_have_extended, may_not_extend, not_known_to_take_part, term_end
from .rules.lifecycle import (
    Ahead,
    GraceWindow,
    State,
    cancelled,
    course,
    not_begun,
    other_lengths,
    status_unclear,
    suspended_end,
    while_suspended,
    window_after,
)
from .rules.partner_change import nothing_to_provision
from .rules.refunds import Credit, RefundAdvice, advice
from .rules.risk import Judged, TransitionRisk, in_doubt, is_replaced, risk_of, unreplaced
from .rules.risk_table import Risk
from .rules.terms import (
    current_term,
    end_in_doubt,
    legacy_end,
    legacy_renewal,
    scheduled_apart,
    trial_end,
    with_term,
)

__all__ = ["Decided", "Doubt", "Why", "doubt_of", "why_of"]


class Why(NamedTuple):
    """Everything that an assessment has to say, and the verdicts with the findings of each."""

    findings: tuple[Finding, ...]
    grace_window: GraceWindow | None
    provisioning: Provisioning | None
    replacement: Replacement | None
    risk: TransitionRisk | None
    refund: RefundAdvice


class Doubt(NamedTuple):
    """What the findings of an assessment say of its days."""

    undated_by: Finding | None
    """What leaves its days unknown."""
    rules: tuple[str, ...]
    """The rules by which its days may be other ones."""
    sure_until: date | None
    """The last day that no doubt touches: the earliest end that a doubted reading gives; None without doubts."""
    renews_today: bool


def doubt_of(findings: tuple[Finding, ...]) -> Doubt:
    """Return what findings say of the days of their assessment."""
    undated_by, rules, sure_until, renews_today = None, dict[str, None](), None, False
    for f in findings:
        bearing = f.bearing
        if bearing is Bearing.UNDATED:
            undated_by = undated_by or f
        elif bearing is Bearing.RENEWING:
            renews_today = True
        elif bearing is Bearing.LATER:
            rules[f.rule] = None
        elif bearing is Bearing.DOUBT:
            rules[f.rule] = None
            day: date = f.facts.get("chained_day") or f.facts.get("last_safe_day") or f.facts["last_day"]
            sure_until = day if sure_until is None else min(sure_until, day)
    return Doubt(undated_by, tuple(rules), sure_until, renews_today)


class Decided:
    """An assessment while it is put together; then it becomes an `Assessment`, and does not change any more."""

    __slots__ = (
        "__weakref__",
        "_doubt",
        "_judged",
        "_running",
        "_stage",
        "_why",
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
    _doubt: Doubt | None
    """What its findings say of its days."""
    _judged: Judged | None
    """What its replacement does; None where it was not decided here."""
    _running: Subscription | None
    _stage: Stage | None
    """None where it was not decided here, but put together."""
    _why: Why | None

    @property
    def running(self) -> Subscription:
        """The subscription in the term that runs."""
        running = self._running
        if running is None:
            running = self.subscription if self.term is None else with_term(self.subscription, self.term)
            object.__setattr__(self, "_running", running)
        return running

    @property
    def act_by(self) -> tuple[date, date | None]:
        """The day by which to act before the term ends, by every reading of its end; and a later one in doubt."""
        running = self.running
        last_day = running.term.last_day
        return the_earlier(self.as_of, self.chained_day or last_day, running.doubted_last_day or last_day)

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
        return self.moved and self.stage.outlook.is_bridged(self.running.term.last_day, self.given)


def why_of(a: Decided) -> Why:
    """Return why an assessment says what it says, as the rules that decided it tell."""
    running, today, policy = a.running, a.as_of, a.policy
    subscription = a.subscription
    known = a.stage.what is not None
    what = a.stage.outlook.what
    then = term_end(running, policy) if known else None
    window = window_after(running, what, then) if known else None
    days = _provisioning(a, then)
    replacement = _replacement(a)
    risk = _risk(a, replacement, then)
    refund = advice(
        running,
        a.asked_at or today,
        a.credit,
        dated=a.term is not None,
        delegated_admin=a.delegated_admin,
        policy=policy,
    )
    chosen = a.day_chosen
    findings = gather(
        legacy_end(subscription),
        end_in_doubt(subscription),
        legacy_renewal(subscription, policy),
        trial_end(subscription, today),
        *current_term(subscription, today, policy=policy).findings,
        scheduled_apart(subscription, today),
        contradicted(subscription, today),
        in_extension(running),
        (outdated(running) if a.stage.outdated else still_active(running, today)) if a.term else None,
        status_unclear(subscription),
        cancelled(running, policy),
        nothing_to_provision(subscription, replacement),
        *(_state_findings(running, today, what, policy) if known and not subscription.trial else ()),
        *(_end_findings(a) if a.term is not None and not a.is_bridged else ()),
        *(days.findings if days and a.moved and not chosen else ()),
        *_risk_findings(subscription, risk, done=a.already_provisioned, chosen=chosen),
        *refund.findings,
        *(window.findings if window else ()),
        *((then, *_after_term(running, today, policy)) if known and policy.in_force else ()),
    )
    return Why(findings, window, days, replacement, risk, refund)


def _provisioning(a: Decided, then: Finding | None) -> Provisioning | None:
    stage, running, policy = a.stage, a.running, a.policy
    if stage.what is None or stage.timing is None:
        return None
    when = when_to_provision(
        running,
        a.as_of,
        policy,
        stage.what,
        safe_days=(
            running.term.last_day + stage.outlook.safe,
            running.term.last_day + stage.outlook.own_safe,
        ),
        into_another_tenant=a.into_another_tenant,
    )
    return when and provisioning(running, a.as_of, policy, stage.what, when, then, chained_day=a.chained_day)


def _replacement(a: Decided) -> Replacement | None:
    given, running = a.given, a.running
    if isinstance(given, Replacement):
        return given if given.provision_on == a.provision_on else given.evolve(provision_on=a.provision_on)
    if given is not None or running.trial:
        return None
    return Replacement(offer=running.offer, quantity=running.quantity, provision_on=a.provision_on)


def _risk(a: Decided, replacement: Replacement | None, then: Finding | None) -> TransitionRisk | None:
    running, stage = a.running, a.stage
    if a.disruption is None:
        return None
    assert a._judged is not None  # noqa: S101 - `assess` has judged it before anybody asks why
    if replacement is None or not is_replaced(running, replacement.quantity):
        return unreplaced(running)
    outlook, day = stage.outlook, a.provision_on if stage.is_sure else None
    ending = outlook.as_ending(running, day)
    if day is None:
        replacement = replacement.evolve(provision_on=None)
    if ending is not running:  # kept from an extension
        then = term_end(ending, a.policy)
    risk = risk_of(
        ending, replacement, a._judged, a.paid_twice_days, a.policy, outlook.safe_day(running), a.as_of, then
    )
    if not outlook.counts_on_extension(running, day):
        return risk
    return in_doubt(risk, may_not_extend(running))


def _risk_findings(
    subscription: Subscription, risk: TransitionRisk | None, *, done: bool, chosen: bool
) -> tuple[Finding, ...]:
    if risk is None or subscription.trial:  # of a trial, TRL-001 has said it all
        return ()
    pointless = {Bearing.BEFORE_PROVISIONING} if done else set[Bearing]()
    if not chosen:  # that it is too late, the recommended days have said
        pointless.add(Bearing.TOO_LATE)
    return tuple(f for f in risk.findings if f.bearing not in pointless)


def _state_findings(
    running: Subscription, today: date, what: Ahead, policy: Policy
) -> tuple[Finding | None, ...]:
    return (
        not_begun(running, today),
        suspended_end(running),
        while_suspended(running, today),
        course(running, what),
        *other_lengths(running, policy),
    )


def _after_term(running: Subscription, today: date, policy: Policy) -> tuple[Finding | None, ...]:
    return (
        may_have_extended(running, today, policy),
        not_known_to_take_part(running, policy),
    )


def _end_findings(a: Decided) -> tuple[Finding | None, ...]:
    running, today = a.running, a.as_of
    if running.trial:  # TRL-001 has said it all
        return ()
    if not a.moved:
        return (stays_on(running, today),)
    return (
        let_expire(running, today),
        turn_off(running, today, a.chained_day),
        may_have_renewed(running, today, a.chained_day),
        expires(running, a.stage.outlook.what),
    )
