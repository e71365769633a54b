"""A plan carried out day by day: who has access, who pays, what each tenant holds. Shares no code with the rules.

It reads the facts that were handed in, the term that an assessment says is running, and the days of a plan's steps.
All else (when a term ends, what follows it, what is paid) is stated here a second time, from the rulebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

import csp_transfer as csp

A, S, W = csp.Action, csp.Status, csp.Way
DAY = timedelta(days=1)
HOLDS = 300
"""What a tenant holds (CAP-003)."""
WINDOW_ENDED = date(2026, 5, 4)
WINDOW_ENDED_DIRECT = date(2026, 2, 9)
"""From these last days on, no free grace window follows a term (EST-001); the second: bought from Microsoft."""
GUIDE_WINDOW = 30
DISABLED = 90
SUSPENDED = 30
STOPS = frozenset({A.TURN_OFF_AUTO_RENEW, A.UNDO_SCHEDULE, A.CHOOSE_CANCELLATION})
RUNS = frozenset({S.ACTIVE, S.SUSPENDED, S.EXPIRED})
"""The statuses whose course is simulated; the others give nobody access before the replacement does."""


class World(NamedTuple):
    """How the service behaves: whether a free grace window follows a term, as a reading has it."""

    name: str
    by_date: bool
    """Whether EST-001 holds; otherwise the guide's 30 days follow every term."""

    def window(self, subscription: csp.Subscription, last_day: date) -> int:
        """Return how many days of Expired follow a term that ends on a day."""
        ended = WINDOW_ENDED_DIRECT if subscription.channel is csp.Channel.WEB_DIRECT else WINDOW_ENDED
        return 0 if self.by_date and last_day >= ended else GUIDE_WINDOW


GUIDES = World("the guide's world", by_date=False)
BY_DATE = World("as in force by date", by_date=True)


def world_of(policy: csp.Policy) -> World:
    """The world that a policy speaks of."""
    return BY_DATE if policy.in_force else GUIDES


def told_by_date(subscription: csp.Subscription) -> bool:
    """Tell whether the dates alone say if a grace window follows: EST-001 is about new commerce, EST-004 leaves out."""
    offer = subscription.offer
    bought = subscription.channel in (csp.Channel.CSP, csp.Channel.WEB_DIRECT)
    return (
        bought and not subscription.legacy and not subscription.trial and offer.extended_service is not False
    )


# ---- the days on which the steps are done ----------------------------------------------------------------------------

WHEN = ("first", "recommended", "last")


def _done_on(step: csp.Step, when: str) -> date:
    """Return the day of a step; what has no last day is best done at once."""
    day = {"first": step.first_day, "recommended": step.recommended, "last": step.last_day}[when]
    return day or step.recommended or step.first_day


def end_of(plan: csp.Plan) -> date:
    """The day on which the simulation ends: all that is dated is over, but for what goes on without end."""
    days = [plan.as_of]
    for step in plan.steps:
        days += [step.first_day, step.last_day or step.first_day]
    for a in plan.assessments:
        days += [a.running.term.last_day, a.provision_on or plan.as_of]
        days += [a.grace_window.last_day] if a.grace_window else []
    return min(max(days) + 2 * DAY, plan.as_of + 1300 * DAY)


def subjects_of(step: csp.Step) -> tuple[str, ...]:
    """Return the subscriptions (or the customer) that a step is about: several, where it is of one request."""
    return step.subjects or (step.subject,)


def carried_out(plan: csp.Plan, when: str, *, consent: bool) -> dict[tuple[str, csp.Action], date]:
    """Return the day of each step, by subject and action.

    `consent`: the source partner submits what is to be transferred; otherwise what is left without it is done.
    """
    requests = [step for step in plan.steps if step.action is A.REQUEST_TRANSFER]
    by_transfer = {subject for step in requests for subject in subjects_of(step)}
    done: dict[tuple[str, csp.Action], date] = {}
    for step in plan.steps:
        for subject in subjects_of(step):
            if consent:
                skipped = step.unless_transferred and subject in by_transfer
            else:  # what is only there for the transfer
                kept = (
                    step.action is A.KEEP_RENEWING and subject in by_transfer and not step.unless_transferred
                )
                skipped = kept or step.action in (A.REQUEST_TRANSFER, A.SUBMIT_TRANSFER)
            if not skipped:
                done[subject, step.action] = _done_on(step, when)
    return done


# ---- one subscription ------------------------------------------------------------------------------------------------


class Life(NamedTuple):
    """What becomes of an original and its replacement; days are inclusive, None: no such day, or without end."""

    begins: date
    """The first day of the term that runs."""
    bought: date
    """The first day from which somebody pays the original."""
    suspended: bool
    used_until: date | None
    """The last day on which it is active (suspended, extended): it is paid, and in its tenant."""
    access_until: date | None
    deleted_from: date | None
    paid_until: date | None
    extended_from: date | None
    dearer: int
    """Percent on top of each day of an extended service term."""
    provisioned: date | None
    transferred: date | None

    def original_serves(self, day: date) -> bool:
        """Whether users have access by the original."""
        return not self.suspended and _in(day, self.begins, self.access_until)

    def replaced(self, day: date) -> bool:
        """Whether the replacement is there."""
        return self.provisioned is not None and day >= self.provisioned

    def access(self, day: date) -> bool:
        """Whether users have access."""
        return self.original_serves(day) or self.replaced(day)

    def original_paid(self, day: date) -> bool:
        """Whether somebody pays the original."""
        return _in(day, self.bought, self.paid_until)

    def paid_twice(self, day: date) -> bool:
        """Whether both are paid."""
        return self.original_paid(day) and self.replaced(day)

    def percent(self, day: date) -> int:
        """What is paid that day, in percent of the price of a day."""
        extended = self.extended_from is not None and day >= self.extended_from
        old = (100 + self.dearer if extended else 100) if self.original_paid(day) else 0
        return old + (100 if self.replaced(day) else 0)

    def holds(self, day: date, *, as_of: date, same_tenant: bool) -> int:
        """How many more (or fewer) its tenant has that gets the licences than on the plan's day, before any step."""
        left = (
            same_tenant and _in(as_of, date.min, self.used_until) and not _in(day, date.min, self.used_until)
        )
        came = self.provisioned is not None and self.provisioned >= as_of and day >= self.provisioned
        return int(came) - int(left)


def _in(day: date, first: date, last: date | None) -> bool:
    return first <= day and (last is None or day <= last)


def months_of(subscription: csp.Subscription) -> int | None:
    """Return how long its next terms are; None where no fact tells."""
    term = subscription.term
    own = next((n for n in (1, 12, 36) if _end(term.first_day, n) == term.last_day), None)
    return {"P1M": 1, "P1Y": 12, "P3Y": 36}.get(subscription.renewal_duration or "", own)


def next_last_day(subscription: csp.Subscription, last_day: date) -> date | None:
    """Return the last day of the term after one, stepped from the same anchor; None where no fact tells."""
    months = months_of(subscription)
    if months is None:
        return None
    anchor = subscription.anchor or subscription.term.first_day
    for n in range(1, 1300):
        if anchor + relativedelta(months=n) == last_day + DAY:
            return _end(anchor, n + months)
    return _end(last_day + DAY, months)


def chained_last_day(subscription: csp.Subscription, day: date) -> date | None:
    """Return the last day of the term of that day, where each is reckoned from the one before it."""
    last_day, months = subscription.term.last_day, months_of(subscription)
    while last_day < day and months is not None:
        last_day = _end(last_day + DAY, months)
    return last_day if last_day >= day else None


def _end(first_day: date, months: int) -> date:
    end: date = first_day + relativedelta(months=months) - DAY
    return end


def life_of(
    a: csp.Assessment,
    done: Mapping[tuple[str, csp.Action], date],
    world: World,
    *,
    last_day: date | None = None,
) -> Life:
    """Return what becomes of one subscription where these steps are done; `last_day`: its term ends on another day."""
    s, term = a.subscription, a.running.term
    ends = last_day or term.last_day
    steps = {action: day for (subject, action), day in done.items() if subject == s.id}
    provisioned = a.provision_on if a.already_provisioned else steps.get(A.PROVISION)
    own = term == s.term  # what was scheduled for its end is used up in a later one
    goes_on = s.goes_on if own else s.auto_renew
    # To set it to renew replaces what is scheduled.
    scheduled = own and s.at_term_end is csp.TermEnd.EXTEND and A.KEEP_RENEWING not in steps
    extended = scheduled or A.CHOOSE_EXTENSION in steps
    stop = min((day for action, day in steps.items() if action in STOPS), default=None)
    renews = False
    if s.status is S.SUSPENDED or s.status is S.EXPIRED or (stop is not None and stop <= ends):
        extended = False
    elif A.CHOOSE_EXTENSION not in steps:
        renews = A.KEEP_RENEWING in steps or goes_on
    in_extension = s.extended and s.at_term_end in (None, csp.TermEnd.EXTEND)
    if in_extension:  # it goes on, suspended or not, until somebody ends it
        extended = True
    used_until: date | None = ends
    extended_from = None
    if extended:
        used_until = steps.get(A.END_EXTENSION)
        extended_from = None if in_extension else ends + DAY  # what it costs today is the higher rate
    elif renews:
        following = next_last_day(s, ends)
        used_until = following if stop is not None and following is not None and stop <= following else None
    access_until, deleted_from = used_until, None
    if used_until is not None and not extended:
        window = 0 if s.status is S.SUSPENDED else world.window(s, used_until)
        access_until = used_until + window * DAY
        before = SUSPENDED if s.status is S.SUSPENDED else window
        deleted_from = used_until + (before + DISABLED + 1) * DAY
    elif used_until is not None:  # an extension that is ended: users have access through that day
        access_until, deleted_from = used_until, used_until + (DISABLED + 1) * DAY
    paid_until = used_until
    if (canceled := steps.get(A.CANCEL)) is not None:
        access_until, deleted_from, used_until = canceled - DAY, canceled, canceled
        refunded = a.refund.outcome is csp.Outcome.PRORATED_REFUND
        paid_until = canceled if refunded else max(canceled, ends)
    return Life(
        begins=term.first_day,
        bought=min(s.term.first_day, term.first_day),
        suspended=s.status is S.SUSPENDED,
        used_until=used_until,
        access_until=access_until,
        deleted_from=deleted_from,
        paid_until=paid_until,
        extended_from=extended_from,
        dearer=3 if s.offer.monthly else 23,
        provisioned=provisioned,
        transferred=steps.get(A.SUBMIT_TRANSFER),
    )


# ---- all of them, day by day -----------------------------------------------------------------------------------------


def days(first: date, last: date) -> Iterator[date]:
    """Each day, both ends included."""
    return (first + n * DAY for n in range((last - first).days + 1))


def without_access(life: Life, as_of: date, end: date) -> list[date]:
    """The days, from the plan's on, on which nobody has access though the term has begun."""
    return [day for day in days(max(as_of, life.begins), end) if not life.access(day)]


def twice(life: Life, end: date) -> int:
    """How many days both are paid, whenever the replacement came."""
    return sum(life.paid_twice(day) for day in days(life.provisioned or end, end))


def beyond(life: Life, as_of: date, end: date, a_day: Fraction) -> Fraction:
    """What is paid beyond going on as today, which is a whole day's price on each day."""
    return sum((a_day * (life.percent(day) - 100) / 100 for day in days(as_of, end)), Fraction())


def held(plan: csp.Plan, lives: Iterable[Life], day: date) -> int:
    """How many subscriptions the tenant holds that gets the licences, where it is known how many it has today."""
    existing = plan.transfer.tenant_subscriptions or 0
    same = plan.transfer.target_tenant is None
    return existing + sum(life.holds(day, as_of=plan.as_of, same_tenant=same) for life in lives)
