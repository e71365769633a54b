"""Everything that is decided about one subscription, flat and at once; `assess` says what it means, and why.

The order is the one in which one answer needs another: the term that runs, what is ahead of it, the days, the move,
its risk, the bill.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from .model import NOT_REPLACED, Channel, NotReplaced, Offer, Replacement, Status, Subscription, Term, TermEnd
from .policy import Policy
from .rules.ending import (
    When,
    auto_renew_off_by,
    contradicts,
    is_outdated,
    last_safe_days,
    the_earlier,
    when_to_provision,
)
from .rules.lifecycle import Ahead, ahead, last_used
from .rules.refunds import Credit, credit_of
from .rules.risk import Judged, is_replaced, judge, paid_twice_days
from .rules.state_table import State
from .rules.term_end import AfterTerm, after_term, takes_part
from .rules.terms import UNCLEAR, is_interrupted, running_term, with_term

__all__ = ["Verdicts", "bridged", "counts_on_extension", "verdicts_of"]


class Verdicts(NamedTuple):
    """A question about one subscription, and what is decided."""

    subscription: Subscription
    given: Replacement | NotReplaced | None
    as_of: date
    asked_at: datetime | None
    delegated_admin: bool | None
    into_another_tenant: bool
    policy: Policy
    term: Term | None
    """The one that runs; None: not known."""
    chained_day: date | None
    """The earlier last day that another reading gives that term (RNW-001); None where there is no doubt."""
    running: Subscription
    """The subscription in that term."""
    what: Ahead | None
    """What is ahead of it; None where no day is known."""
    state: State | None
    outdated: bool
    """Whether the status contradicts what the dates alone say."""
    when: When | None
    offer: Offer | None
    """What replaces it; None: nothing does."""
    quantity: int
    provision_on: date | None
    day_known: bool
    """Whether that day can be judged."""
    safe_day: date | None
    """The last day that is safe by every reading, where readings differ."""
    judged: Judged | None
    """What the risk table says of it; None: there is nothing to judge."""
    as_ending: Subscription
    """The subscription as it ends for that judgement."""
    paid_twice: int
    """Days."""
    credit: Credit
    bridged: bool
    """Whether an extended service term bridges the days until the replacement."""
    auto_renew_off_by: date | None
    auto_renew_doubted_day: date | None


_made = tuple.__new__  # what a NamedTuple's own constructor does, without the way through it


def verdicts_of(
    subscription: Subscription,
    given: Replacement | NotReplaced | None,
    today: date,
    asked_at: datetime | None,
    delegated_admin: bool | None,
    into_another_tenant: bool,
    policy: Policy,
) -> Verdicts:
    """Decide everything about one subscription; the facts have been checked."""
    running, status, trial, chained_day = subscription, subscription.status, subscription.trial, None
    term: Term | None = subscription.term
    if today > subscription.term.last_day:  # one that has not ended is the one that runs: see `TERMS`
        term, chained_day = running_term(subscription, today)
        if term is not None and term is not subscription.term:
            running = with_term(subscription, term)

    what = state = when = safe_day = None
    outdated = False
    dated = status not in UNCLEAR and not is_interrupted(subscription)
    if term is not None and dated and not contradicts(subscription, today):
        what = ahead(running, policy)
        if today >= term.first_day:
            state = what.state(today - last_used(running))
        # What the service says today is newer than what the dates alone would make of it.
        outdated = is_outdated(running, state)
        if outdated:
            state = State.DISABLED if status is Status.DISABLED else None
        if not trial:
            safe_days = last_safe_days(running, policy, what, chained_day)
            when = when_to_provision(
                running,
                today,
                policy,
                what,
                safe_days=safe_days,
                into_another_tenant=into_another_tenant,
            )
            if safe_days[0] < safe_days[1]:
                safe_day = safe_days[0]

    offer: Offer | None = None
    quantity, provision_on = 0, None
    if isinstance(given, Replacement):
        offer, quantity, provision_on = given.offer, given.quantity, given.provision_on
    elif given is not NOT_REPLACED and not trial:
        offer, quantity = running.offer, running.quantity
    if provision_on is None and when is not None and offer is not None:
        provision_on = when[1]
    # Without dates, a chosen day cannot be judged either: it must not look safe.
    day = None if what is None or outdated else provision_on

    as_ending, judged, is_bridged = running, None, False
    if policy.in_force:
        if day is not None and _extends_until(running, day, policy) and not _can_bridge(running):
            as_ending = running.evolve(at_term_end=TermEnd.CANCEL)  # it is kept from going on
        is_bridged = quantity > 0 and bridged(running, given, policy)
    if offer is not None and is_replaced(running, quantity):
        known = what if as_ending is running else None
        judged = judge(as_ending, offer, quantity, day, into_another_tenant, policy, safe_day, known)
    off_by = None if term is None or is_bridged else auto_renew_off_by(running, today)
    doubted_off = None
    if off_by is not None:
        off_by, doubted_off = the_earlier(today, chained_day or off_by, running.doubted_last_day or off_by)
    return _made(
        Verdicts,
        (
            subscription,
            given,
            today,
            asked_at,
            delegated_admin,
            into_another_tenant,
            policy,
            term,
            chained_day,
            running,
            what,
            state,
            outdated,
            when,
            offer,
            quantity,
            provision_on,
            day is not None,
            safe_day,
            judged,
            as_ending,
            0 if day is None else paid_twice_days(running, day),
            credit_of(running, asked_at or today, delegated_admin, policy),
            is_bridged,
            off_by,
            doubted_off,
        ),
    )


def _extends_until(running: Subscription, day: date, policy: Policy) -> bool:
    """Tell whether a day lies in an extended service term that is scheduled."""
    ends = day > running.term.last_day and not running.runs_on
    return ends and after_term(running, policy) is AfterTerm.EXTENDED


def _can_bridge(running: Subscription) -> bool:
    # Nothing else goes on as an extended service term by being set to.
    return running.status is Status.ACTIVE and running.channel is Channel.CSP


def bridged(running: Subscription, given: Replacement | NotReplaced | None, policy: Policy) -> bool:
    """Tell whether a scheduled extended service term bridges the days until the replacement that the caller chose."""
    day = given.provision_on if isinstance(given, Replacement) else None
    if day is None or not policy.in_force:
        return False
    return _can_bridge(running) and _extends_until(running, day, policy)


def counts_on_extension(verdicts: Verdicts) -> bool:
    """Tell whether the replacement comes in an extended service term that may not be for the original's offer."""
    running, day = verdicts.as_ending, verdicts.provision_on
    if day is None or not verdicts.day_known or not verdicts.policy.in_force:
        return False
    return _extends_until(running, day, verdicts.policy) and takes_part(running) is None
