"""What a subscription has before it, decided once for all that are alike, and kept.

Most of what the rules decide does not depend on the day itself: only on facts of which there are a few (status,
auto-renew, channel ...), on which numbers are in force, and on the stage in which the day lies. An `Outlook` is what
follows for one combination of such facts; a `Stage` is a run of days on which the answers are the same.

All spans are in days after the last day of the term that runs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from typing import Final

from attrs import define, field

from .errors import InvalidValue
from .model import NotReplaced, Offer, Replacement, Status, Subscription, Term, TermEnd
from .policy import Policy
from .rules.ending import (
    MIGRATION,
    Timing,
    best_days,
    is_outdated,
    must_be_stopped,
    safe_spans,
    timing_of,
)
from .rules.extension import can_bridge, is_extended, takes_part
from .rules.lifecycle import Ahead, State, ahead
from .rules.refunds import Credit, usual_credit
from .rules.risk import Judged, at_least_possible, is_billed, judge
from .rules.terms import UNCLEAR, is_interrupted, with_term

__all__ = ["Outlook", "Stage", "outlook_of"]

# More than anybody's customers have; a reader of made-up facts must not fill the memory.
_MOST_KEPT: Final = 4096
_NOTHING: Final = Ahead((), None, None)
# Days before any last day.
_AT_ONCE: Final = (date.min - date.max).days


@define(eq=False)
class Stage:
    """A run of days on which the answers are the same."""

    outlook: Outlook
    state: State | None = None
    """The state, once the term has begun."""
    what: Ahead | None = None
    """What is ahead; None where no day is known."""
    window: timedelta | None = None
    """Until when the grace window lasts; None: there is none, or it is not known."""
    outdated: bool = False
    """Whether the status contradicts what the dates alone say."""
    timing: Timing | None = None
    """Whether a replacement comes in time; None where no fact tells the days."""
    recommended: timedelta = timedelta()
    """When a replacement is best; today, where that day is over, or where it is best at once."""
    waits: int = _AT_ONCE
    """The same in days, or so early that it is over."""
    stops: bool = False
    """Whether it goes on unless somebody stops that, for which it is not too late (END-003)."""
    is_sure: bool = field(init=False)
    """Whether a day of provisioning can be judged: without dates, a chosen one must not look safe either."""

    def __attrs_post_init__(self) -> None:
        self.is_sure = self.what is not None and not self.outdated


@define(eq=False)
class Outlook:
    """What subscriptions that are alike have before them: see `outlook_of`."""

    example: Subscription
    policy: Policy
    into_another_tenant: bool
    what: Ahead
    wanting: InvalidValue | None
    """What is to be raised where its days are asked for: a number that nobody knows for a day so long ago."""
    safe: timedelta
    """Until when it is safe to provision, by every reading."""
    own_safe: timedelta
    """Until when it is by the policy's own."""
    extends: bool
    """Whether an extended service term follows, which has been chosen (EST-002)."""
    bridges: bool
    """Whether that can be chosen for it at all."""
    may_not_extend: bool
    """Whether it is not known that extended service terms are for its offer (EST-004)."""
    goes_on: bool
    """Whether it goes on after its term unless somebody stops that (END-003)."""
    billed: bool
    runs_on: bool
    credit: Credit
    """What comes back where no cancellation is refunded."""
    changes: tuple[int, ...]
    """The last day of each stage, but for the last stage."""
    stages: list[Stage | None]
    judged: list[Judged | None]
    """What the same offer and count do, by the stage in which they are provisioned."""
    not_known: Stage = field(init=False)
    """The stage where no fact tells which term runs."""
    undated: Judged = field(init=False)
    """What the same offer and count do on a day that is not known."""

    def __attrs_post_init__(self) -> None:
        self.not_known = Stage(self)
        self.undated = self.judge(self.example, self.example.offer, self.example.quantity, None, None)

    def stage(self, since: int) -> Stage:
        """Return the stage of the day so many days after the last day of the term.

        Raises `InvalidValue` where a number is wanting that it depends on.
        """
        n = bisect_left(self.changes, since)
        stage = self.stages[n]
        if stage is None:
            stage = self.stages[n] = _stage(self, timedelta(days=since))
        return stage

    def safe_day(self, running: Subscription) -> date | None:
        """Return the last day that is safe by every reading, where readings differ."""
        return running.term.last_day + self.safe if self.safe < self.own_safe else None

    def as_ending(self, running: Subscription, day: date | None) -> Subscription:
        """Return the subscription as it ends for a replacement on a day: kept from an extension that is of no use."""
        if self.bridges or not self._extends_until(running.term.last_day, day):
            return running
        return running.evolve(at_term_end=TermEnd.CANCEL)

    def is_bridged(self, last_day: date, given: Replacement | NotReplaced | None) -> bool:
        """Tell whether a scheduled extended service term bridges the days until the day that the caller chose."""
        day = given.provision_on if isinstance(given, Replacement) else None
        return self.bridges and self._extends_until(last_day, day)

    def counts_on_extension(self, running: Subscription, day: date | None) -> bool:
        """Tell whether a replacement comes in an extended service term that may not be for the original's offer."""
        return self.may_not_extend and self.bridges and self._extends_until(running.term.last_day, day)

    def _extends_until(self, last_day: date, day: date | None) -> bool:
        return self.extends and day is not None and day > last_day

    def judge(
        self,
        running: Subscription,
        offer: Offer,
        quantity: int,
        day: date | None,
        what: Ahead | None,
        *,
        begun: bool = False,
    ) -> Judged:
        """Judge a replacement on a day, if it can be judged.

        `begun`: the term has begun by then, whatever its first day is.
        """
        ending = self.as_ending(running, day)
        judged = judge(
            ending,
            offer,
            quantity,
            day,
            self.into_another_tenant,
            self.policy,
            self.safe_day(running),
            what if ending is running else None,
            begun=begun,
        )
        if self.counts_on_extension(running, day):
            judged = at_least_possible(judged)
        return judged

    def like_for_like(self, since: int) -> Judged:
        """Return what the same offer and count do so many days after the last day of the term, once that has begun."""
        n = bisect_left(self.changes, since)
        judged = self.judged[n]
        if judged is None:
            # One day of the stage stands for all; the term of the example may be too short to have begun by then.
            last = self.changes[n] if n < len(self.changes) else self.changes[-1] + 1
            s = self.example
            day = s.term.last_day + timedelta(days=last)
            judged = self.judge(s, s.offer, s.quantity, day, self.what, begun=True)
            self.judged[n] = judged
        return judged


def outlook_of(
    s: Subscription,
    term: Term,
    policy: Policy,
    delegated_admin: bool | None,
    into_another_tenant: bool,
    chained: int,
) -> Outlook:
    """Return what a subscription has before it in a term, its own or a later one; the same for all that are alike.

    `chained`: how many days earlier its term ends by another reading (RNW-001).
    """
    profile = s.profile
    if term is not s.term:
        if profile.renewed is None:
            profile.renewed = with_term(s, term).profile
        profile = profile.renewed
    notes = policy.notes
    key = (
        profile,
        bisect_right(notes.change_days, term.last_day),
        policy.in_force and bisect_right(notes.extends_from, term.first_day),
        delegated_admin,
        into_another_tenant,
        chained,
    )
    kept: Outlook | None = notes.outlooks.get(key)
    if kept is not None:
        return kept
    outlook = _outlook(
        with_term(s, term), policy, delegated_admin, into_another_tenant, timedelta(days=chained)
    )
    if outlook.wanting is None:  # which names a day of this one
        if len(notes.outlooks) >= _MOST_KEPT:
            notes.outlooks.clear()
        notes.outlooks[key] = outlook
    return outlook


def _outlook(
    subscription: Subscription,
    policy: Policy,
    delegated_admin: bool | None,
    into_another_tenant: bool,
    chained: timedelta,
) -> Outlook:
    wanting, what, ended, extends = None, _NOTHING, _NOTHING, False
    bridges = can_bridge(subscription)
    try:
        what = ahead(subscription, policy)
        safe, own_safe = safe_spans(subscription, policy, what)
        extends = is_extended(subscription, policy)
        if extends and not bridges:  # so does it end for a replacement after its term: see `as_ending`
            ended = ahead(subscription.evolve(at_term_end=TermEnd.CANCEL), policy)
    except InvalidValue as error:
        wanting, safe, own_safe = error, timedelta(), timedelta()
    safe -= chained
    ends = [until for _, until in (*what.runs, *ended.runs) if until is not None]
    spans = (timedelta(), safe, own_safe, safe - MIGRATION, *ends)
    changes = tuple(sorted({span.days for span in spans}))
    return Outlook(
        example=subscription,
        policy=policy,
        into_another_tenant=into_another_tenant,
        what=what,
        wanting=wanting,
        safe=safe,
        own_safe=own_safe,
        extends=extends,
        bridges=bridges,
        may_not_extend=takes_part(subscription) is None,
        goes_on=must_be_stopped(subscription),
        billed=is_billed(subscription),
        runs_on=subscription.runs_on,
        credit=usual_credit(subscription, delegated_admin=delegated_admin),
        changes=changes,
        stages=[None] * (len(changes) + 1),
        judged=[None] * (len(changes) + 1),
    )


def _stage(outlook: Outlook, since: timedelta) -> Stage:
    subscription, what = outlook.example, outlook.what
    status, stops = subscription.status, outlook.goes_on and since <= timedelta()
    contradicts = status is Status.EXPIRED and since <= timedelta()
    if status in UNCLEAR or is_interrupted(subscription) or contradicts:
        return Stage(outlook, stops=stops)
    if outlook.wanting is not None:
        raise outlook.wanting
    state = what.state(since)
    outdated = is_outdated(subscription, state)
    if outdated:  # what the service says today is newer than what the dates alone would make of it
        state = State.DISABLED if status is Status.DISABLED else None
    stage = Stage(outlook, state=state, what=what, window=what.window, outdated=outdated, stops=stops)
    if not subscription.trial:
        stage.timing, _ = timing_of(subscription, since, outlook.policy, what, outlook.safe, outlook.own_safe)
        if stage.timing is Timing.IN_TIME:
            _, best = best_days(subscription, since, what, outlook.safe, outlook.into_another_tenant)
            if best is not None:
                stage.recommended, stage.waits = best, best.days
    return stage
