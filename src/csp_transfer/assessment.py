"""Everything about one subscription in one value: the rules' answers, ordered and combined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from types import NoneType
from typing import Any, Final

from attrs import frozen

from . import checks
from .catalogue import OTHER_DAY, Bearing, Verdict, check_language, label, ui
from .errors import InvalidValue
from .findings import Finding, Reasoned, gather, noted
from .later import later
from .model import NOT_REPLACED, NotReplaced, Replacement, Status, Subscription, Term, Way
from .outline import Block, Heading, Paragraph, Rich, Table
from .policy import GUIDE, Policy
from .rules.eligibility import already_sold
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
    turn_off,
)
from .rules.lifecycle import (
    GraceWindow,
    cancelled,
    course,
    grace_window,
    not_begun,
    status_unclear,
    suspended_end,
    while_suspended,
)
from .rules.refunds import RefundAdvice, advice
from .rules.relationship import nothing_to_provision
from .rules.risk import TransitionRisk, in_doubt, risk_of, unreplaced
from .rules.risk_table import Risk
from .rules.state_days import other_lengths
from .rules.state_table import State
from .rules.term_end import in_extension, may_have_extended, may_not_extend, not_known_to_take_part, term_end
from .rules.terms import (
    current_term,
    end_in_doubt,
    legacy_end,
    legacy_renewal,
    scheduled_apart,
    trial_end,
    with_term,
)
from .spans import after, utc_day, utc_instant
from .transfer import Transfer
from .verdicts import Verdicts, bridged, counts_on_extension, verdicts_of

__all__ = ["COLUMNS", "Assessment", "assess", "assess_each", "staying"]


_NO_ACCESS: Final = frozenset({State.SUSPENDED, State.DISABLED, State.DELETED})
_GIVES_NONE: Final = frozenset({Status.SUSPENDED, Status.DISABLED, Status.DELETED, Status.CANCELED})
_ENDED_BY_HAND: Final = (Way.CANCEL_AND_REBUY, Way.EXTEND_AND_MOVE)
COLUMNS: Final = (
    *("state", "last_day", "renew_off_by", "grace_window"),
    *("provision_on", "paid_twice", "disruption", "data_loss"),
)
"""What a table shows of an assessment."""


@frozen(kw_only=True)
class Assessment(Rich, Reasoned):
    """What the rules say about one subscription on one UTC day; None always means *not known* or *none*."""

    subscription: Subscription
    given: Replacement | NotReplaced | None
    """What the caller gave to replace it; None: like for like."""
    as_of: date
    delegated_admin: bool | None
    """The partner's; None: not known."""
    into_another_tenant: bool
    policy: Policy
    moved: bool
    """Whether a replacement is to be provisioned: not for a trial, nor where nothing is to replace it."""
    term: Term | None
    """The term that runs, after any renewal; None where it is not known."""
    state: State | None
    grace_window: GraceWindow | None
    auto_renew_off_by: date | None
    """The last day to turn auto-renew off; the earlier one where two readings give two (RNW-001, UTC-001)."""
    provisioning: Provisioning | None
    replacement: Replacement | None
    """What is provisioned and when; its day is None where the days are not known."""
    risk: TransitionRisk | None
    """None only where there are no licences, bought or assigned, that could be lost."""
    refund: RefundAdvice
    auto_renew_doubted_day: date | None = None
    """The later of those two days; None where there is no doubt."""
    chained_day: date | None = None
    """The earlier last day of the term that runs, by the other reading (RNW-001); None where there is no doubt."""
    way: Way | None = None
    """The way that a plan takes it; None where that is the assessment's own, the guide's: see `own_way`."""
    asked_at: datetime | None = None
    """The instant that was asked for, UTC, where it was one: cancellations are decided to the hour."""

    def _made(self, name: str) -> Any:
        return _Answer(self._source).of(name)

    @property
    def running(self) -> Subscription:
        """The subscription in the term that runs."""
        return self.subscription if self.term is None else with_term(self.subscription, self.term)

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
        if self.running.runs_on:
            return out_of_extension(self.policy)
        if self.provision_on <= self.running.term.last_day:
            return Way.PROVISION_THEN_EXPIRE
        return (
            Way.EXTEND_AND_MOVE if bridged(self.running, self.given, self.policy) else Way.EXPIRE_THEN_REBUY
        )

    @property
    def changeable_from(self) -> date:
        """The first day on which what comes at the end of the term can be changed: while it renews, not (RNW-001)."""
        return min(after(self.as_of), self.running.term.last_day) if self.renews_today else self.as_of

    @property
    def gives_access_until(self) -> date | None:
        """The last day on which the original surely gives users access, along its way; None where it is not known.

        The day before `as_of` where they have none. One that nothing replaces, and that goes on, has no last day.
        """
        if self.state in _NO_ACCESS or self.subscription.status in _GIVES_NONE:
            return after(self.as_of, -1)
        if self.state is None or (not self.moved and self.running.goes_on):
            return None
        # Into another tenant, an extended service term goes on until the data is migrated.
        extended = self.way is Way.EXTEND_AND_MOVE or self.running.runs_on
        if extended and self.into_another_tenant:
            return None
        if self.way in _ENDED_BY_HAND or self.running.runs_on:  # it is ended when the new one serves
            return self.provision_on
        ends = self.grace_window.last_day if self.grace_window else self.running.term.last_day
        by_every = self.doubtful_after
        return ends if by_every is None else min(ends, by_every)

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
        doubted = (f.rule for f in self.findings if f.bearing in (Bearing.DOUBT, Bearing.LATER))
        return tuple(dict.fromkeys(doubted))

    @property
    def doubtful_after(self) -> date | None:
        """The last day that no doubt touches: the earliest end that a doubted reading gives; None without doubts."""
        doubted = (f.facts for f in self.findings if f.bearing is Bearing.DOUBT)
        days = (facts.get("chained_day", facts.get("last_safe_day", facts["last_day"])) for facts in doubted)
        return min(days, default=None)

    def _day(self, day: date, doubted_day: date | None, lang: str) -> str:
        """Return the day to act by as a table shows it, with the later one that is in doubt beside it."""
        if doubted_day is None:
            return str(day)
        rules = dict.fromkeys(f.rule for f in self.findings if f.bearing in OTHER_DAY)
        return ui("doubted", lang, day=day, rules=", ".join(rules), later=doubted_day)

    def _cells(self, lang: str) -> tuple[str, ...]:
        """Return what a table shows of it: see `COLUMNS`."""
        not_known = ui("not_known", lang)
        doubt = f" ({', '.join(self.doubts)}!)" if self.doubts else ""
        window = not_known if self.state is None else ui("none", lang)
        if self.grace_window:
            window = self.grace_window._text(lang) + doubt
        twice = not_known if self.undated_by else str(self.risk.paid_twice_days if self.risk else 0)
        provision = str(self.provision_on) if self.provision_on else not_known
        if self.provision_on and self.provisioning and self.provision_on == self.provisioning.latest:
            provision = self._day(self.provision_on, self.provisioning.doubted_day, lang)
        off_by = self.auto_renew_off_by
        return (
            label(self.state, lang) if self.state else not_known,
            str(self.term.last_day) if self.term else not_known,
            self._day(off_by, self.auto_renew_doubted_day, lang) if off_by else "-",
            window,
            provision if self.moved else ui("not_moved", lang),
            twice if self.moved else "-",
            label(self.risk.disruption, lang) + doubt if self.risk else "-",
            label(self.risk.data_loss, lang) + doubt if self.risk else "-",
        )

    def _blocks(self, lang: str) -> list[Block]:
        check_language(lang)
        return [
            Heading(2, self.subscription.name or self.subscription.offer.title),
            Paragraph(ui("portfolio_as_of", lang, as_of=self.as_of, policy=self.policy.name)),
            Table(tuple(ui(column, lang) for column in COLUMNS), (self._cells(lang),)),
            *noted(self.findings, lang),
        ]

    @property
    def days_left(self) -> int:
        """Days left in the grace window, the day of `as_of` included; 0 where there is none."""
        return self.grace_window.days_left(self.as_of) if self.grace_window else 0


def out_of_extension(policy: Policy) -> Way:
    """Return what a policy calls the one way out of an extended service term: the guide knows no such terms."""
    return Way.EXTEND_AND_MOVE if policy.in_force else Way.PROVISION_THEN_EXPIRE


_WANTED: Final = (Subscription, Policy, bool)
_TRI_STATE: Final = (NoneType, bool)


def assess(
    subscription: Subscription,
    replacement: Replacement | NotReplaced | None = None,
    *,
    as_of: date,
    delegated_admin: bool | None = None,
    into_another_tenant: bool = False,
    policy: Policy = GUIDE,
) -> Assessment:
    """Answer everything about one subscription as of a UTC day, or as of an aware instant.

    Of an instant, its UTC day counts; only what the service lets one cancel is decided to the hour.
    `delegated_admin` is the partner's: True, False, or None while it is not known.

    No replacement means like for like: same offer, same count, on the recommended day: the first one that is
    not paid twice, the term's last day where no grace window surely follows, and the day asked for where users are
    without access already. `NOT_REPLACED` means that nothing replaces it. A `Replacement` without a day takes
    the recommended one. Days are UTC, first and last inclusive. Raises `InvalidType` or `InvalidValue`.
    Source: each finding cites its own.

    >>> from .model import Offer
    >>> basic = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> a = assess(basic, as_of=date(2026, 3, 1))
    >>> print(a.auto_renew_off_by, a.replacement.provision_on, a.grace_window.last_day, a.risk.data_loss)
    2026-03-31 2026-04-01 2026-04-30 none
    """
    types = subscription.__class__, policy.__class__, into_another_tenant.__class__
    if types != _WANTED or delegated_admin.__class__ not in _TRI_STATE:
        # nearly never: to ask each check would take longer than some rules
        checks.instance("subscription", subscription, Subscription)
        checks.instance("policy", policy, Policy)
        checks.tri_state("delegated_admin", delegated_admin)
        checks.flag("into_another_tenant", into_another_tenant)
    if replacement is not None and replacement is not NOT_REPLACED:
        checks.instance("replacement", replacement, Replacement, "a Replacement, NOT_REPLACED or None")
    today = utc_day("as_of", as_of)
    if subscription.trial and isinstance(replacement, Replacement):
        raise InvalidValue("replacement", replacement, "none: a trial is not moved (TRL-001)")
    if subscription.canceled_on is not None and subscription.canceled_on > today:
        raise InvalidValue("canceled_on", subscription.canceled_on, f"a day up to as_of, {today}")
    asked_at = None if as_of is today else utc_instant(as_of)
    answer = later(
        Assessment,
        verdicts_of(subscription, replacement, today, asked_at, delegated_admin, into_another_tenant, policy),
    )
    return answer if policy.knows(subscription.term.last_day) else answer.said()


class _Answer:
    """The fields of an `Assessment`, each made of the verdicts when it is asked for."""

    def __init__(self, verdicts: Verdicts) -> None:
        self._d = verdicts

    def of(self, name: str) -> Any:
        """Return a field: what is made here, or else the verdict of that name."""
        make = getattr(self, name, None)
        return getattr(self._d, name) if make is None else make()

    def way(self) -> None:
        """No other than its own."""

    def moved(self) -> bool:
        return self._d.quantity > 0

    def grace_window(self) -> GraceWindow | None:
        d = self._d
        return None if d.what is None else grace_window(d.running, policy=d.policy)

    def provisioning(self) -> Provisioning | None:
        d = self._d
        if d.what is None or d.when is None:
            return None
        return provisioning(d.running, d.as_of, d.policy, d.what, d.when, chained_day=d.chained_day)

    def replacement(self) -> Replacement | None:
        d = self._d
        if d.offer is None:
            return None
        if isinstance(d.given, Replacement) and d.given.provision_on == d.provision_on:
            return d.given
        return Replacement(offer=d.offer, quantity=d.quantity, provision_on=d.provision_on)

    def risk(self) -> TransitionRisk | None:
        d, replacement = self._d, self.replacement()
        if not (d.subscription.quantity or d.subscription.assigned or self.moved()):
            return None
        if d.judged is None or replacement is None:
            return unreplaced(d.running)
        if not d.day_known:
            replacement = replacement.evolve(provision_on=None)
        risk = risk_of(d.as_ending, replacement, d.judged, d.paid_twice, d.policy, d.safe_day, d.as_of)
        return in_doubt(risk, may_not_extend(d.running)) if counts_on_extension(d) else risk

    def refund(self) -> RefundAdvice:
        d = self._d
        dated = d.term is not None
        return advice(
            d.running,
            d.asked_at or d.as_of,
            d.credit,
            dated=dated,
            delegated_admin=d.delegated_admin,
            policy=d.policy,
        )

    def findings(self) -> tuple[Finding, ...]:
        d, days, window, moved = self._d, self.provisioning(), self.grace_window(), self.moved()
        subscription, running, today, policy = d.subscription, d.running, d.as_of, d.policy
        chosen = isinstance(d.given, Replacement) and d.given.provision_on is not None
        done = d.provision_on is not None and d.provision_on < today
        ends = d.term is not None and not d.bridged
        return gather(
            legacy_end(subscription),
            end_in_doubt(subscription),
            legacy_renewal(subscription, policy),
            trial_end(subscription, today),
            *current_term(subscription, today, policy=policy).findings,
            scheduled_apart(subscription, today),
            contradicted(subscription, today),
            in_extension(running),
            (outdated(running) if d.outdated else still_active(running, today)) if d.term else None,
            status_unclear(subscription),
            cancelled(running, policy),
            nothing_to_provision(subscription, self.replacement()),
            *(_state_findings(running, today, policy) if d.what and not subscription.trial else ()),
            *(_end_findings(d, moved=moved) if ends else ()),
            *(days.findings if days and moved and not chosen else ()),
            *_risk_findings(subscription, self.risk(), done=done, chosen=chosen),
            *self.refund().findings,
            *(window.findings if window else ()),
            *(_after_term(running, today, policy) if d.what and policy.in_force else ()),
        )


def assess_each(transfer: Transfer, as_of: date, policy: Policy) -> Iterator[Assessment]:
    """Yield the assessment of each subscription of a move, in its order, each when it is asked for."""
    for subscription in transfer.subscriptions:
        a = assess(
            subscription,
            transfer.replacements.get(subscription.id),
            as_of=as_of,
            delegated_admin=transfer.delegated_admin,
            into_another_tenant=transfer.target_tenant is not None,
            policy=policy,
        )
        sold = already_sold(transfer, subscription) if a.moved else None
        yield a if sold is None else staying(a, sold, stays_safe=True)


def staying(a: Assessment, *said: Finding, stays_safe: bool) -> Assessment:
    """Return the assessment of a subscription that a plan does not move after all, and what says so.

    One that runs and goes on after its term is as safe as it was where `stays_safe`, and else possibly not; what
    ends is replaced by nothing.
    """
    goes_on = a.running.goes_on and a.running.status is Status.ACTIVE and a.undated_by is None
    level = Risk.NONE if stays_safe else Risk.POSSIBLE
    risk = unreplaced(a.running)
    if goes_on:
        risk = risk.evolve(disruption=level, data_loss=level, reassign_licenses=False, findings=())
    kept = (
        f
        for f in a.findings
        if f.bearing in (Bearing.DOUBT, Bearing.TOO_LATE, Bearing.UNDATED)
        or Verdict.REFUND in f.verdicts
        or not f.rule.startswith(("END-", "EST-", "RSK-", "DBL-"))
    )
    return a.evolve(
        moved=False,
        replacement=None,
        provisioning=None,
        auto_renew_off_by=None,
        risk=a.risk and risk.evolve(findings=gather(*risk.findings, *said)),
        findings=gather(*said, *kept),
    )


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
        *other_lengths(running, policy),
    )


def _after_term(running: Subscription, today: date, policy: Policy) -> tuple[Finding | None, ...]:
    return (
        term_end(running, policy),
        may_have_extended(running, today, policy),
        not_known_to_take_part(running, policy),
    )


def _end_findings(d: Verdicts, *, moved: bool) -> tuple[Finding | None, ...]:
    running, today = d.running, d.as_of
    if running.trial:  # TRL-001 has said it all
        return ()
    if not moved:
        return (stays_on(running, today),)
    return (
        let_expire(running, today),
        turn_off(running, today, d.chained_day),
        may_have_renewed(running, today, d.chained_day),
        expires(running, d.policy),
    )
