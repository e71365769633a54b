"""Everything about one subscription in one value: the rules' answers, ordered and combined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, ClassVar, Final, Self

from attrs import fields, frozen
from attrs.exceptions import FrozenInstanceError

from . import checks
from .catalogue import OTHER_DAY, Bearing, Verdict, check_language, label, policy_words, rule, ui
from .days import EARLIEST, LATEST, Days, after, utc_day, utc_instant
from .errors import InvalidValue
from .findings import Cautious, Finding, gather, noted, reasons
from .model import NOT_REPLACED, NotReplaced, Replacement, Status, Subscription, Term, Way
from .outline import Block, Heading, Paragraph, Rich, Table
from .outlook import outlook_of
from .plain import Plain
from .policy import GUIDE, Policy
from .reasons import Decided, Doubt, Why, doubt_of, why_of
from .rules.eligibility import already_sold
from .rules.ending import Provisioning
from .rules.lifecycle import GraceWindow, State, last_used
from .rules.refunds import Credit, RefundAdvice, is_refunded, refunded_credit
from .rules.risk import NOTHING_INSTEAD, TransitionRisk, days_beside, days_paid_twice, unreplaced
from .rules.risk_table import Risk
from .rules.terms import running_term
from .transfer import Transfer

__all__ = ["COLUMNS", "Assessment", "assess", "assess_each", "goes_on", "staying"]


_NO_ACCESS: Final = frozenset({State.SUSPENDED, State.DISABLED, State.DELETED})
_GIVES_NONE: Final = frozenset({Status.SUSPENDED, Status.DISABLED, Status.DELETED, Status.CANCELED})
_DAY: Final = timedelta(days=1)
_ENDED_BY_HAND: Final = (Way.CANCEL_AND_REBUY, Way.EXTEND_AND_MOVE)
COLUMNS: Final = (
    *("state", "last_day", "renew_off_by", "grace_window"),
    *("provision_on", "paid_twice", "disruption", "data_loss"),
)
"""What a table shows of an assessment."""


@frozen(kw_only=True)
class AssessmentForm:
    """How an assessment is written, as data and in pickles: what was asked, each verdict, and why."""

    findings: tuple[Finding, ...] = reasons()
    subscription: Subscription
    given: Replacement | NotReplaced | None
    as_of: date
    delegated_admin: bool | None
    into_another_tenant: bool
    policy: Policy
    moved: bool
    term: Term | None
    state: State | None
    grace_window: GraceWindow | None
    auto_renew_off_by: date | None
    provisioning: Provisioning | None
    replacement: Replacement | None
    risk: TransitionRisk | None
    refund: RefundAdvice
    auto_renew_doubted_day: date | None = None
    chained_day: date | None = None
    way: Way | None = None
    asked_at: datetime | None = None


_WRITTEN: Final = tuple(field.name for field in fields(AssessmentForm))
_ASKED: Final = attrgetter(
    *("subscription", "given", "as_of", "delegated_admin", "into_another_tenant", "policy", "asked_at")
)


class Assessment(Decided, Rich, Cautious, Plain):
    """What the rules say about one subscription on one UTC day; None always means *not known* or *none*.

    The question:

    - `subscription`; `given`: what the caller gave to replace it, None: like for like; `as_of`, and `asked_at`: the
      instant that was asked for, UTC, where it was one; `delegated_admin`: the partner's, None: not known;
      `into_another_tenant`; `policy`.

    The verdicts, all of them there when it is made:

    - `moved`: whether a replacement is to be provisioned: not for a trial, nor where nothing is to replace it.
    - `term`: the one that runs, after any renewal; None where it is not known. `running`: the subscription in it.
      `chained_day`: its earlier last day by the other reading (RNW-001); None where there is no doubt.
    - `state`, and `grace_first_day` and `grace_last_day` of the grace window.
    - `auto_renew_off_by`: the last day to turn auto-renew off; the earlier one where two readings give two (RNW-001,
      UTC-001), with the later one in `auto_renew_doubted_day`.
    - `provision_on`: the day on which the replacement comes; None where there is none, or no day is known.
    - `disruption`, `data_loss`, `reassign_licenses`: None only where there are no licences, bought or assigned, that
      could be lost; `paid_twice_days`.
    - `credit`: what comes back, who decides it, and who asks; `best_last_day`: the last day of the term that runs.
    - `way`: the way that a plan takes it; None where that is the assessment's own, the guide's: see `own_way`.

    Why, made when it is asked for: `findings`, and `grace_window`, `provisioning`, `replacement`, `risk` and `refund`,
    which say the same verdicts with the findings of each.
    """

    __slots__ = ()
    _written_as: ClassVar = AssessmentForm

    def __init__(self, **written: Any) -> None:
        """Put one together from its written fields; `assess` decides them."""
        form = AssessmentForm(**written)
        risk, window, replacement = form.risk, form.grace_window, form.replacement
        decided = {name: getattr(form, name) for name in _WRITTEN if name in Decided.__slots__}
        decided |= {
            "grace_first_day": window and window.first_day,
            "grace_last_day": window and window.last_day,
            "provision_on": replacement and replacement.provision_on,
            "disruption": risk and risk.disruption,
            "data_loss": risk and risk.data_loss,
            "reassign_licenses": risk and risk.reassign_licenses,
            "paid_twice_days": risk.paid_twice_days if risk else 0,
            "credit": Credit(form.refund.outcome, form.refund.handled_by, form.refund.contact),
            "best_last_day": form.refund.best_last_day,
            "_judged": None,
            "_running": None,
            "_doubt": None,
            "_stage": None,
            "_why": Why(*(getattr(form, name) for name in Why._fields)),
        }
        for name, value in decided.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, _value: object) -> None:
        raise FrozenInstanceError

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Assessment):
            return NotImplemented
        if _ASKED(self) != _ASKED(other):
            return False
        if self._stage is not None and other._stage is not None:  # the same rules decided from the same facts
            return True
        return all(getattr(self, name) == getattr(other, name) for name in _WRITTEN)

    def __hash__(self) -> int:
        return hash(_ASKED(self))

    def __repr__(self) -> str:
        return "Assessment" + repr(AssessmentForm(**self.__getstate__())).removeprefix("AssessmentForm")

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _WRITTEN}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Assessment.__init__(self, **state)

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with some of the written fields changed."""
        return type(self)(**self.__getstate__() | changes)

    def _made(self) -> Why:
        why = self._why
        if why is None:
            why = why_of(self)
            object.__setattr__(self, "_why", why)
        return why

    def _in_doubt(self) -> Doubt:
        doubt = self._doubt
        if doubt is None:
            doubt = doubt_of(self.findings)
            object.__setattr__(self, "_doubt", doubt)
        return doubt

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that the rules have to say about it."""
        return self._made().findings

    @property
    def grace_window(self) -> GraceWindow | None:
        """The grace window after the term that runs; None where there is none, or it is not known."""
        return self._made().grace_window

    @property
    def provisioning(self) -> Provisioning | None:
        """From when to when the replacement is best provisioned; None where no day is known."""
        return self._made().provisioning

    @property
    def replacement(self) -> Replacement | None:
        """What is provisioned and when; its day is None where the days are not known."""
        return self._made().replacement

    @property
    def risk(self) -> TransitionRisk | None:
        """What the replacement does; None only where there are no licences that could be lost."""
        return self._made().risk

    @property
    def refund(self) -> RefundAdvice:
        """What comes back for the days that are paid."""
        return self._made().refund

    @property
    def renews_today(self) -> bool:
        """Whether this is the day on which the renewal runs."""
        return self._in_doubt().renews_today

    @property
    def own_way(self) -> Way | None:
        """The guide's way that its day of provisioning makes; None where there is no such day."""
        if self.provision_on is None:
            return None
        if self.running.runs_on:
            return out_of_extension(self.policy)
        if self.provision_on <= self.running.term.last_day:
            return Way.PROVISION_THEN_EXPIRE
        bridged = self.stage.outlook.is_bridged(self.running.term.last_day, self.given)
        return Way.EXTEND_AND_MOVE if bridged else Way.EXPIRE_THEN_REBUY

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
    def undated_by(self) -> Finding | None:
        """What leaves the days of this subscription unknown; None where they are known."""
        return self._in_doubt().undated_by

    @property
    def doubts(self) -> tuple[str, ...]:
        """The rules by which the days of this assessment may be other ones, such as EST-001."""
        return self._in_doubt().rules

    @property
    def doubtful_after(self) -> date | None:
        """The last day that no doubt touches: the earliest end that a doubted reading gives; None without doubts."""
        return self._in_doubt().sure_until

    def _day(self, day: date, doubted_day: date | None, lang: str) -> str:
        """Return the day to act by as a table shows it, with the later one that is in doubt beside it."""
        if doubted_day is None:
            return str(day)
        rules = dict.fromkeys(f.rule for f in self.findings if f.bearing in OTHER_DAY)
        return ui("doubted", lang, day=day, rules=", ".join(rules), later=doubted_day)

    @property
    def last_days(self) -> tuple[date, date | None] | None:
        """The last day of the term that runs, by every reading, and a later one by another; None: it is not known."""
        if self.term is None:
            return None
        end, other = self.term.last_day, self.running.doubted_last_day
        if self.chained_day is not None:
            end, other = self.chained_day, other or end
        return end, None if other == end else other

    @property
    def safe_window(self) -> tuple[Days | None, date | None] | None:
        """The days of the grace window that no doubt touches, and its last day in doubt; None: there is no window.

        The days are None where all of them are in doubt.
        """
        window, safe = self.grace_window, self.doubtful_after
        if window is None:
            return None
        if safe is None or safe >= window.last_day:
            return window, None
        sure = Days(first_day=window.first_day, last_day=safe) if safe >= window.first_day else None
        return sure, window.last_day

    def _end(self, lang: str) -> str:
        """Return the last day of the term as a table shows it, with a later one in doubt beside it."""
        if self.last_days is None:
            return ui("not_known", lang)
        end, later = self.last_days
        return str(end) if later is None else self._doubted(str(end), later, lang)

    def _window(self, lang: str) -> str:
        """Return the grace window as far as it is safe, with its last day in doubt beside it."""
        if self.safe_window is None:
            return ui("not_known" if self.state is None else "none", lang)
        days, later = self.safe_window
        said = ui("none", lang)
        if days is not None:
            said = ui("window", lang, first_day=days.first_day, last_day=days.last_day)
        if later is not None:
            return self._doubted(said, later, lang)
        return said + (f" ({', '.join(self.doubts)}!)" if self.doubts else "")

    def _doubted(self, days: str, later: date, lang: str) -> str:
        rules = ", ".join(rule_id for rule_id in self.doubts if rule(rule_id).gives_another_day)
        return ui("doubted", lang, day=days, rules=rules, later=later)

    def _cells(self, lang: str) -> tuple[str, ...]:
        """Return what a table shows of it: see `COLUMNS`."""
        not_known = ui("not_known", lang)
        doubt = f" ({', '.join(self.doubts)}!)" if self.doubts else ""
        twice = not_known if self.undated_by else str(self.paid_twice_days)
        provision = str(self.provision_on) if self.provision_on else not_known
        if self.provision_on and self.provisioning and self.provision_on == self.provisioning.latest:
            provision = self._day(self.provision_on, self.provisioning.doubted_day, lang)
        off_by = self.auto_renew_off_by
        return (
            label(self.state, lang) if self.state else not_known,
            self._end(lang),
            self._day(off_by, self.auto_renew_doubted_day, lang) if off_by else "-",
            self._window(lang),
            provision if self.moved else ui("not_moved", lang),
            twice if self.moved else "-",
            label(self.disruption, lang) + doubt if self.disruption is not None else "-",
            label(self.data_loss, lang) + doubt if self.data_loss is not None else "-",
        )

    def _blocks(self, lang: str) -> list[Block]:
        check_language(lang)
        return [
            Heading(2, self.subscription.name or self.subscription.offer.title),
            Paragraph(
                ui("portfolio_as_of", lang, as_of=self.as_of, policy=policy_words(self.policy.name, lang))
            ),
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


_new: Final = object.__new__


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

    >>> from csp_transfer import Offer
    >>> basic = Subscription(id="b", offer=Offer(id="B", discontinued=False), quantity=25, auto_renew=True,
    ...                      term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> a = assess(basic, as_of=date(2026, 3, 1))
    >>> print(a.auto_renew_off_by, a.replacement.provision_on, a.grace_window.last_day, a.risk.data_loss)
    2026-03-31 2026-04-01 2026-04-30 none
    """
    if subscription.__class__ is not Subscription or policy.__class__ is not Policy:
        checks.instance("subscription", subscription, Subscription)
        checks.instance("policy", policy, Policy)
    if delegated_admin is not None:
        checks.tri_state("delegated_admin", delegated_admin)
    if into_another_tenant is not False:
        checks.flag("into_another_tenant", into_another_tenant)
    today = as_of if as_of.__class__ is date and EARLIEST <= as_of <= LATEST else utc_day("as_of", as_of)
    offer, quantity, provision_on = subscription.offer, subscription.quantity, None
    replaced = not subscription.trial
    if replacement is NOT_REPLACED:
        replaced = False
    elif replacement is not None:
        checks.instance("replacement", replacement, Replacement, "a Replacement, NOT_REPLACED or None")
        if not replaced:
            raise InvalidValue("replacement", replacement, "none: a trial is not moved (TRL-001)")
        offer, quantity, provision_on = replacement.offer, replacement.quantity, replacement.provision_on
    canceled_on = subscription.canceled_on
    if canceled_on is not None and canceled_on > today:
        raise InvalidValue("canceled_on", canceled_on, f"a day up to as_of, {today}")

    made = _new(Decided)
    made.subscription = subscription
    made.given = replacement
    made.as_of = today
    made.asked_at = None if as_of is today else utc_instant(as_of)
    made.delegated_admin = delegated_admin
    made.into_another_tenant = into_another_tenant
    made.policy = policy
    made.way = made._running = made._why = made._doubt = made.chained_day = None

    # The term that runs: one that has not ended, or that nothing lets go on, is the one (see `TERMS`).
    own, chained = subscription.term, 0
    term: Term | None = own
    last_day = own.last_day
    since = (today - last_day).days
    if since > 0 and (subscription.auto_renew or subscription.at_term_end is not None):
        term, made.chained_day = running_term(subscription, today)
        if term is not None and term is not own:
            last_day = term.last_day
            since = (today - last_day).days
            if made.chained_day is not None:
                chained = (last_day - made.chained_day).days
    made.term = term

    # What it has before it, and where the day lies in that.
    outlook = outlook_of(subscription, term or own, policy, delegated_admin, into_another_tenant, chained)
    made._stage = stage = outlook.not_known if term is None else outlook.stage(since)
    first_day = (term or own).first_day
    begun = today >= first_day
    made.state = stage.state if begun else None
    if canceled_on is not None and stage.what is not None and begun:  # its days count from the cancellation
        made.state = stage.what.state(today - last_used(subscription))
    if stage.window is None:
        made.grace_first_day = made.grace_last_day = None
    else:
        made.grace_first_day = last_day + _DAY
        made.grace_last_day = last_day + stage.window

    # What replaces it, and when; what that does, and costs.
    if provision_on is None and replaced and stage.timing is not None:
        provision_on = today if since >= stage.waits else last_day + stage.recommended
    made.moved = replaced and quantity > 0
    made.provision_on = provision_on
    day = provision_on if stage.is_sure else None
    alike = offer is subscription.offer and quantity == subscription.quantity and canceled_on is None
    if not replaced or (not quantity and subscription.quantity):  # no licences in the place of some are none
        judged, day = NOTHING_INSTEAD[subscription.trial], None
    elif alike and (day is None or day >= first_day):
        judged = outlook.undated if day is None else outlook.like_for_like((day - last_day).days)
    else:
        judged = outlook.judge(made.running, offer, quantity, day, stage.what)
    made._judged = judged
    if quantity or subscription.quantity or subscription.assigned:
        made.disruption, made.data_loss, made.reassign_licenses, _ = judged
    else:  # there are no licences that could be lost
        made.disruption = made.data_loss = made.reassign_licenses = day = None
    made.paid_twice_days = 0
    bridged = outlook.extends and outlook.is_bridged(last_day, replacement)
    if day is not None and outlook.billed:
        if outlook.runs_on or bridged:
            made.paid_twice_days = days_beside(day, into_another_tenant=into_another_tenant)
        elif day <= last_day:
            made.paid_twice_days = days_paid_twice(subscription, last_day, day)
    made.credit = outlook.credit
    if policy.in_force and is_refunded(made.running, made.asked_at or today, policy):
        made.credit = refunded_credit(subscription, delegated_admin)
    made.best_last_day = None if term is None or outlook.runs_on else last_day

    # By when it must be kept from going on.
    made.auto_renew_off_by = made.auto_renew_doubted_day = None
    if stage.stops and not (bridged and made.moved):
        made.auto_renew_off_by = last_day
        longer = subscription.doubted_last_day if term is own else None
        if chained or longer is not None:
            made.auto_renew_off_by, made.auto_renew_doubted_day = made.act_by

    if policy.in_force and not policy.knows(last_day):
        made._why = why_of(made)  # where a number may be wanting, it must be missed now and not later
    made.__class__ = Assessment
    assert isinstance(made, Assessment)  # noqa: S101 - now it is one
    return made


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


def goes_on(a: Assessment) -> bool:
    """Tell whether a subscription surely goes on after its term by itself."""
    return a.running.goes_on and a.running.status is Status.ACTIVE and a.undated_by is None


def staying(a: Assessment, *said: Finding, stays_safe: bool) -> Assessment:
    """Return the assessment of a subscription that a plan does not move after all, and what says so.

    One that runs and goes on after its term is as safe as it was where `stays_safe`, and else possibly not; what
    ends is replaced by nothing.
    """
    level = Risk.NONE if stays_safe else Risk.POSSIBLE
    risk = unreplaced(a.running)
    if goes_on(a):
        risk = risk.evolve(disruption=level, data_loss=level, reassign_licenses=False, findings=())
    kept = (
        f
        for f in a.findings
        if f.bearing in (Bearing.DOUBT, Bearing.TOO_LATE, Bearing.UNDATED)
        or Verdict.REFUND in f.verdicts
        or not f.of_the_way
    )
    return a.evolve(
        moved=False,
        replacement=None,
        provisioning=None,
        auto_renew_off_by=None,
        risk=a.risk and risk.evolve(findings=gather(*risk.findings, *said)),
        findings=gather(*said, *kept),
    )
