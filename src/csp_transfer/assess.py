"""Everything about one subscription in one value: the rules' answers, ordered and combined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from attrs import frozen

from . import checks
from .catalogue import Bearing
from .errors import InvalidValue
from .findings import Finding, Reasoned, gather
from .model import NOT_REPLACED, Channel, NotReplaced, Replacement, Status, Subscription, Term, TermEnd, Way
from .policy import GUIDE, Policy
from .rules.ending import (
    Provisioning,
    auto_renew_off_by,
    contradicted,
    expires,
    let_expire,
    provisioning_days,
    stays_on,
    still_active,
    turn_off,
)
from .rules.lifecycle import (
    GraceWindow,
    cancelled,
    course,
    grace_window,
    not_begun,
    state_at,
    status_unclear,
    suspended_end,
    while_suspended,
)
from .rules.refunds import RefundAdvice, refund_advice
from .rules.relationship import nothing_to_provision
from .rules.risk import TransitionRisk, in_doubt, transition_risk
from .rules.state_table import State
from .rules.term_end import (
    AfterTerm,
    after_term,
    may_have_extended,
    may_not_extend,
    not_known_to_take_part,
    takes_part,
    term_end,
)
from .rules.terms import UNCLEAR, current_term, legacy_end, trial_end, with_term
from .spans import after, utc_day
from .transfer import Transfer

__all__ = ["Assessment", "assess", "assess_each"]


@frozen(kw_only=True)
class Assessment(Reasoned):
    """What the rules say about one subscription on one UTC day; None always means *not known* or *none*."""

    subscription: Subscription
    given: Replacement | NotReplaced | None
    """What the caller gave to replace it; None: like for like."""
    as_of: date
    delegated_admin: bool
    into_another_tenant: bool
    policy: Policy
    moved: bool
    """Whether a replacement is to be provisioned: not for a trial, nor where nothing is to replace it."""
    term: Term | None
    """The term that runs, after any renewal; None where it is not known."""
    state: State | None
    grace_window: GraceWindow | None
    auto_renew_off_by: date | None
    provisioning: Provisioning | None
    replacement: Replacement | None
    """What is provisioned and when; its day is None where the days are not known."""
    risk: TransitionRisk | None
    """None only where there are no licences, bought or assigned, that could be lost."""
    refund: RefundAdvice
    way: Way | None = None
    """The way that a plan takes it; None where that is the assessment's own, the guide's: see `own_way`."""

    @property
    def running(self) -> Subscription:
        """The subscription in the term that runs."""
        return with_term(self.subscription, self.term) if self.term else self.subscription

    @property
    def day_chosen(self) -> bool:
        """Whether the caller chose the day of provisioning; it is the recommended one otherwise."""
        return isinstance(self.given, Replacement) and self.given.provision_on is not None

    @property
    def renews_today(self) -> bool:
        """Whether this is the day on which the renewal runs."""
        return any(f.bearing is Bearing.RENEWING for f in self.findings)

    @property
    def provision_on(self) -> date | None:
        """The day on which the replacement comes; None where there is none, or no day is known."""
        return self.replacement.provision_on if self.replacement else None

    @property
    def own_way(self) -> Way | None:
        """The guide's way that its day of provisioning makes; None where there is no such day."""
        if self.provision_on is None:
            return None
        if self.provision_on <= self.running.term.last_day:
            return Way.PROVISION_THEN_EXPIRE
        return (
            Way.EXTEND_AND_MOVE if _bridged(self.running, self.given, self.policy) else Way.EXPIRE_THEN_REBUY
        )

    @property
    def changeable_from(self) -> date:
        """The first day on which what comes at the end of the term can be changed: while it renews, not (RNW-001)."""
        return min(after(self.as_of), self.running.term.last_day) if self.renews_today else self.as_of

    @property
    def gives_access_until(self) -> date | None:
        """The last day on which the original surely gives access, along its way; None where that is not known."""
        if self.state is None:
            return None
        if self.way in (Way.CANCEL_AND_REBUY, Way.EXTEND_AND_MOVE):  # it is ended when the new one serves
            return self.provision_on
        if self.grace_window is not None:
            return self.grace_window.last_day
        renewed = self.auto_renew_off_by or self.running.term.last_day
        return max(renewed, self.running.term.last_day)

    @property
    def already_provisioned(self) -> bool:
        """Whether the replacement's day lies in the past."""
        return self.provision_on is not None and self.provision_on < self.as_of

    @property
    def undated_by(self) -> Finding | None:
        """What leaves the days of this subscription unknown; None where they are known."""
        return next((f for f in self.findings if f.bearing is Bearing.UNDATED), None)

    @property
    def doubts(self) -> tuple[str, ...]:
        """The rules by which the days of this assessment may be other ones, such as EST-001."""
        return tuple(dict.fromkeys(f.rule for f in self.findings if f.bearing is Bearing.DOUBT))

    @property
    def doubtful_after(self) -> date | None:
        """The last day that no doubt touches: the earliest end that a doubted reading gives; None without doubts."""
        doubted = (f.facts for f in self.findings if f.bearing is Bearing.DOUBT)
        return min((facts.get("chained_day", facts["last_day"]) for facts in doubted), default=None)

    @property
    def days_left(self) -> int:
        """Days left in the grace window, the day of `as_of` included; 0 where there is none."""
        return self.grace_window.days_left(self.as_of) if self.grace_window else 0


def assess(
    subscription: Subscription,
    replacement: Replacement | NotReplaced | None = None,
    *,
    as_of: date,
    delegated_admin: bool = False,
    into_another_tenant: bool = False,
    policy: Policy = GUIDE,
) -> Assessment:
    """Answer everything about one subscription as of a UTC day (or the UTC day of an aware instant).

    No replacement means like for like: same offer, same count, on the recommended day, which is the first one
    that is not paid twice. `NOT_REPLACED` means that nothing replaces it. A `Replacement` without a day takes
    the recommended one. Days are UTC, first and last inclusive. Raises `InvalidType` or `InvalidValue`.
    Source: each finding cites its own.

    >>> from .model import Offer
    >>> basic = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> a = assess(basic, as_of=date(2026, 3, 1))
    >>> print(a.auto_renew_off_by, a.replacement.provision_on, a.grace_window.last_day, a.risk.data_loss)
    2026-03-31 2026-04-01 2026-04-30 none
    """
    checks.instance("subscription", subscription, Subscription)
    checks.instance("policy", policy, Policy)
    if replacement is not None:
        checks.instance(
            "replacement", replacement, (Replacement, NotReplaced), "a Replacement, NOT_REPLACED or None"
        )
    today = utc_day("as_of", as_of)
    _refuse_contradictions(subscription, replacement, today)
    current = current_term(subscription, today)
    contradiction = contradicted(subscription, today)
    dated = current.term is not None and contradiction is None and subscription.status not in UNCLEAR
    running = subscription if current.term is None else with_term(subscription, current.term)
    window = grace_window(running, policy=policy) if dated else None
    days = provisioning_days(running, today, policy) if dated and not subscription.trial else None
    planned = _planned(running, replacement, days)
    moved = planned is not None and planned.quantity > 0
    chosen = isinstance(replacement, Replacement) and replacement.provision_on is not None
    done = planned is not None and planned.provision_on is not None and planned.provision_on < today
    state = state_at(running, today, policy=policy) if dated else None
    # Disabled, says the service: then it is not Deleted today, whatever the dates would say.
    outlived = subscription.status is Status.DISABLED and state is State.DELETED
    # Without dates, a chosen day cannot be judged either: it must not look safe.
    undated = outlived or not dated
    judged = planned.evolve(provision_on=None) if undated and planned is not None else planned
    risk = None
    if subscription.quantity or subscription.assigned or moved:
        risk = _risk(running, judged, into_another_tenant=into_another_tenant, policy=policy)
    bridged = moved and _bridged(running, replacement, policy)
    refund = refund_advice(subscription, as_of=today, delegated_admin=delegated_admin, policy=policy)
    return Assessment(
        subscription=subscription,
        given=replacement,
        as_of=today,
        delegated_admin=delegated_admin,
        into_another_tenant=into_another_tenant,
        policy=policy,
        moved=moved,
        term=current.term,
        state=State.DISABLED if outlived else state,
        grace_window=window,
        auto_renew_off_by=auto_renew_off_by(running, today) if current.term and not bridged else None,
        provisioning=days,
        replacement=planned,
        risk=risk,
        refund=refund,
        findings=gather(
            legacy_end(subscription),
            trial_end(subscription, today),
            *current.findings,
            contradiction,
            still_active(running, today) if current.term else None,
            status_unclear(subscription),
            cancelled(running, policy),
            nothing_to_provision(subscription, planned),
            *(_state_findings(running, today, policy) if dated and not subscription.trial else ()),
            *(_end_findings(running, today, policy, moved=moved) if current.term and not bridged else ()),
            *(days.findings if days and moved and not chosen else ()),
            *_risk_findings(subscription, risk, done=done, chosen=chosen),
            *refund.findings,
            *(window.findings if window else ()),
            *(_after_term(running, today, policy) if dated and policy.in_force else ()),
        ),
    )


def assess_each(transfer: Transfer, as_of: date, policy: Policy) -> Iterator[Assessment]:
    """Yield the assessment of each subscription of a move, in its order, each when it is asked for."""
    for subscription in transfer.subscriptions:
        yield assess(
            subscription,
            transfer.replacements.get(subscription.id),
            as_of=as_of,
            delegated_admin=transfer.delegated_admin,
            into_another_tenant=transfer.target_tenant is not None,
            policy=policy,
        )


def _refuse_contradictions(
    subscription: Subscription, replacement: Replacement | NotReplaced | None, today: date
) -> None:
    if subscription.trial and isinstance(replacement, Replacement):
        raise InvalidValue("replacement", replacement, "none: a trial is not moved (TRL-001)")
    if subscription.canceled_on is not None and subscription.canceled_on > today:
        raise InvalidValue("canceled_on", subscription.canceled_on, f"a day up to as_of, {today}")


def _risk(
    running: Subscription, judged: Replacement | None, *, into_another_tenant: bool, policy: Policy
) -> TransitionRisk:
    judge = partial(
        transition_risk, replacement=judged, into_another_tenant=into_another_tenant, policy=policy
    )
    if not _extends_until(running, judged, policy):
        return judge(running)
    if not _can_bridge(running):  # then it is kept from going on
        return judge(running.evolve(at_term_end=TermEnd.CANCEL))
    risk = judge(running)
    return risk if takes_part(running) is not None else in_doubt(risk, may_not_extend(running))


def _extends_until(
    running: Subscription, replacement: Replacement | NotReplaced | None, policy: Policy
) -> bool:
    """Tell whether the replacement's own day lies in an extended service term that is scheduled."""
    day = replacement.provision_on if isinstance(replacement, Replacement) else None
    later = policy.in_force and day is not None and day > running.term.last_day
    return later and after_term(running, policy) is AfterTerm.EXTENDED


def _can_bridge(running: Subscription) -> bool:
    # Nothing else goes on as an extended service term by being set to.
    return running.status is Status.ACTIVE and running.channel is Channel.CSP


def _bridged(running: Subscription, replacement: Replacement | NotReplaced | None, policy: Policy) -> bool:
    """Tell whether a scheduled extended service term bridges the days until the replacement that the caller chose."""
    return _can_bridge(running) and _extends_until(running, replacement, policy)


def _risk_findings(
    subscription: Subscription, risk: TransitionRisk | None, *, done: bool, chosen: bool
) -> tuple[Finding, ...]:
    if risk is None or subscription.trial:  # of a trial, TRL-001 has said it all
        return ()
    pointless = {Bearing.BEFORE_PROVISIONING} if done else set[Bearing]()
    if not chosen:  # that it is too late, the recommended days have said
        pointless.add(Bearing.TOO_LATE)
    return tuple(f for f in risk.findings if f.bearing not in pointless)


def _state_findings(running: Subscription, today: date, policy: Policy) -> tuple[Finding | None, ...]:
    return (
        not_begun(running, today),
        suspended_end(running),
        while_suspended(running, today),
        course(running, policy),
    )


def _after_term(running: Subscription, today: date, policy: Policy) -> tuple[Finding | None, ...]:
    return (
        term_end(running, policy),
        may_have_extended(running, today, policy),
        not_known_to_take_part(running, policy),
    )


def _end_findings(
    running: Subscription, today: date, policy: Policy, *, moved: bool
) -> tuple[Finding | None, ...]:
    if running.trial:  # TRL-001 has said it all
        return ()
    if not moved:
        return (stays_on(running, today),)
    return let_expire(running, today), turn_off(running, today), expires(running, policy)


def _planned(
    running: Subscription, replacement: Replacement | NotReplaced | None, days: Provisioning | None
) -> Replacement | None:
    if replacement is NOT_REPLACED or running.trial:
        return None
    recommended = days.recommended if days else None
    if not isinstance(replacement, Replacement):
        return Replacement(offer=running.offer, quantity=running.quantity, provision_on=recommended)
    if replacement.provision_on is None:
        return replacement.evolve(provision_on=recommended)
    return replacement
