"""When a term ends, and which one runs now: ends in UTC, renewals, trials (UTC-001, RNW-001, TRL-001)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from attrs import frozen

from .. import checks
from ..days import LATEST, after, duration_months, months_between, nth_term_start, utc_day
from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather
from ..model import Status, Subscription, Term, TermEnd
from ..plain import Word
from ..policy import GUIDE, LEGACY_MOVED, RENEWAL_HOURS, Policy

__all__ = [
    "AT_TERM_END",
    "IN_USE",
    "MAY_RENEW",
    "TERMS",
    "TERM_MONTHS",
    "UNCLEAR",
    "UNENDED",
    "CurrentTerm",
    "Next",
    "Which",
    "current_term",
    "end_in_doubt",
    "held_until",
    "is_held",
    "is_interrupted",
    "last_whole_day",
    "legacy_end",
    "legacy_renewal",
    "renewal_not_known",
    "running_term",
    "scheduled_apart",
    "trial_end",
    "with_term",
]

# Statuses that tell neither what users have now nor what comes.
UNCLEAR: Final = frozenset({Status.NONE, Status.PENDING, Status.UNKNOWN})
# Statuses with which a term may still be running.
UNENDED: Final = UNCLEAR | {Status.ACTIVE}
# Statuses with which a renewal may come: a suspension should have stopped it, and must not hide it.
MAY_RENEW: Final = UNENDED | {Status.SUSPENDED}
# Statuses in which something that is scheduled can still happen to it.
IN_USE: Final = frozenset({Status.ACTIVE, Status.SUSPENDED, Status.EXPIRED})
# What takes a place in a tenant until its term ends.
_HELD: Final = frozenset({Status.ACTIVE, Status.SUSPENDED})
TERM_MONTHS: Final = frozenset({1, 12, 36})


class Next(Word):
    """What comes after the last day of a term, as far as it is set up today."""

    ENDS = "ends"
    RENEWS = "renews"
    GOES_ON = "goes_on"
    """It goes on in a way whose next end no fact tells."""


class Which(Word):
    """Which term to plan against."""

    OWN = "own"
    LATER = "later"
    NOT_KNOWN = "not_known"


AT_TERM_END: Final = DecisionTable(
    "what comes after the term",
    "What is scheduled for the end of a term wins over auto-renew.",
    {"at_term_end": (None, *TermEnd), "auto_renew": (False, True)},
    (
        case("nothing scheduled, auto-renew off", "END-003", Next.ENDS, at_term_end=None, auto_renew=False),
        case("nothing scheduled, auto-renew on", "RNW-001", Next.RENEWS, at_term_end=None, auto_renew=True),
        case("an end is scheduled", "END-003", Next.ENDS, at_term_end={TermEnd.CANCEL, TermEnd.EXPIRE}),
        case("a renewal is scheduled", "RNW-001", Next.RENEWS, at_term_end=TermEnd.RENEW),
        case(
            "another way of going on is scheduled",
            "RNW-001",
            Next.GOES_ON,
            at_term_end={TermEnd.EXTEND, TermEnd.CHANGE, TermEnd.UNKNOWN},
        ),
    ),
)

_GOES_ON: Final = {Next.RENEWS, Next.GOES_ON}
TERMS: Final = DecisionTable(
    "which term to plan against",
    "Whether the term that was handed in is still the one to plan against.",
    {
        "ended": (False, True),
        "next": Next,
        "trial": (False, True),
        "status": Status,
        "length_known": (False, True),
    },
    (
        case("it has not ended", "END-004", Which.OWN, ended=False),
        case("it was not to go on", "END-004", Which.OWN, ended=True, next=Next.ENDS),
        case("a trial", "TRL-001", Which.OWN, ended=True, next=_GOES_ON, trial=True),
        case(
            "its status shows that it did not go on",
            "LIF-001",
            Which.OWN,
            ended=True,
            next=_GOES_ON,
            trial=False,
            status={Status.EXPIRED, Status.DISABLED, Status.DELETED, Status.CANCELED},
        ),
        case(
            "its status neither shows a renewal nor excludes one",
            "RNW-001",
            Which.NOT_KNOWN,
            ended=True,
            next=_GOES_ON,
            trial=False,
            status=UNCLEAR | {Status.SUSPENDED},
        ),
        case(
            "it went on, it is not known for how long",
            "RNW-001",
            Which.NOT_KNOWN,
            ended=True,
            next=Next.GOES_ON,
            trial=False,
            status=Status.ACTIVE,
        ),
        case(
            "it renewed, it is not known for how long",
            "RNW-001",
            Which.NOT_KNOWN,
            ended=True,
            next=Next.RENEWS,
            trial=False,
            status=Status.ACTIVE,
            length_known=False,
        ),
        case(
            "it has renewed",
            "RNW-001",
            Which.LATER,
            ended=True,
            next=Next.RENEWS,
            trial=False,
            status=Status.ACTIVE,
            length_known=True,
        ),
    ),
)


def last_whole_day(end: datetime, *, legacy: bool) -> date:
    """Return the last whole UTC day of a term from the end that the service gives (an aware instant).

    A new-commerce end stands for its whole day; a legacy end is exclusive, so the day before is the last
    whole one. Source: resources#subscription (UTC-001).

    >>> end = datetime(2026, 3, 24, 8, tzinfo=UTC)
    >>> last_whole_day(end, legacy=True), last_whole_day(end, legacy=False)
    (datetime.date(2026, 3, 23), datetime.date(2026, 3, 24))
    """
    return after(end.astimezone(UTC).date(), -1 if legacy else 0)


def legacy_end(subscription: Subscription) -> Finding | None:
    """Decide UTC-001: name the last whole UTC day of a legacy term. Source: resources#subscription."""
    if not subscription.legacy:
        return None
    return finding("UTC-001", "legacy-end", subscription.id, last_day=subscription.term.last_day)


def end_in_doubt(subscription: Subscription) -> Finding | None:
    """Say under UTC-001 that the term's last day may be a later one, as what the service gives can be read twice.

    Source: resources#subscription.
    """
    doubted_day, last_day = subscription.doubted_last_day, subscription.term.last_day
    if doubted_day is None:
        return None
    return finding("UTC-001", "end-in-doubt", subscription.id, last_day=last_day, doubted_day=doubted_day)


def is_interrupted(subscription: Subscription) -> bool:
    """Tell whether something that is scheduled for a day of its own leaves unknown what becomes of it."""
    return subscription.mid_term is not None and subscription.status in IN_USE


def scheduled_apart(subscription: Subscription, as_of: date) -> Finding | None:
    """Say under RNW-001 that something is scheduled for a day of its own: no day from then on is known.

    Nor is one where that day is over, as nothing shows whether it happened. Source: manage#renewal.
    """
    scheduled, day = subscription.mid_term, subscription.mid_term_on
    if scheduled is None or not is_interrupted(subscription):
        return None
    if day is None:
        return finding("RNW-001", "apart-undated", subscription.id, scheduled=scheduled)
    said_case = "apart" if utc_day("as_of", as_of) < day else "apart-past"
    return finding("RNW-001", said_case, subscription.id, scheduled=scheduled, change_day=day)


@frozen(kw_only=True)
class CurrentTerm(Reasoned):
    """The term to plan against: the subscription's own, a later one if it has renewed, None if not known."""

    term: Term | None
    renewed: bool


def current_term(subscription: Subscription, as_of: date, *, policy: Policy = GUIDE) -> CurrentTerm:
    """Decide RNW-001: which term runs on the UTC day of `as_of`.

    An active subscription that goes on after its last day has renewed, from the day after, for as long as
    `renewal_duration` says or else as its own term; later terms step in months from the same anchor. Where
    stepping from term to term would end on another day, both are said. The policy decides how many hours a
    renewal may take. Raises `InvalidType` or `InvalidValue` for a bad `as_of`. Source: manage#renewal.

    >>> from csp_transfer import Offer
    >>> visio = Subscription(id="v", offer=Offer(id="V"), quantity=3, auto_renew=True,
    ...                      term=Term.starting(date(2026, 1, 31), "P1M"))
    >>> current_term(visio, date(2026, 2, 27)).term.last_day, current_term(visio, date(2026, 2, 28)).term.last_day
    (datetime.date(2026, 2, 27), datetime.date(2026, 3, 30))
    """
    checks.instance("subscription", subscription, Subscription)
    checks.instance("policy", policy, Policy)
    today = utc_day("as_of", as_of)
    which, months = _which(subscription, today)
    if which is Which.LATER:
        term, renewals = _later_term(subscription, today, months)
        said = _renewal_findings(subscription, term, months, renewals, today, policy)
        return CurrentTerm(term=term, renewed=True, findings=said)
    own = subscription.term
    if which is Which.NOT_KNOWN:
        found = finding("RNW-001", "end-not-known", subscription.id, old_last_day=own.last_day)
        return CurrentTerm(term=None, renewed=True, findings=(found,))
    following = AT_TERM_END.outcomes[subscription.at_term_end, subscription.auto_renew]
    goes_on = following is not Next.ENDS and subscription.status is Status.ACTIVE and not subscription.trial
    goes_on = goes_on and not subscription.runs_on  # the months of an extended service term are no renewals
    just_renewed = goes_on and today == own.first_day != (subscription.anchor or own.first_day)
    running = _running(subscription, today, policy) if just_renewed else None
    return CurrentTerm(term=own, renewed=False, findings=gather(running))


def running_term(subscription: Subscription, today: date) -> tuple[Term | None, date | None]:
    """Return the term that runs on a day (None: not known), and the earlier last day that another reading gives.

    The other reading counts from term to term, and not from the first start (RNW-001); None where both agree.
    """
    which, months = _which(subscription, today)
    if which is not Which.LATER:
        return (subscription.term if which is Which.OWN else None), None
    term, renewals = _later_term(subscription, today, months)
    chained_day = _chained_last_day(after(subscription.term.last_day), months, renewals)
    return term, None if chained_day == term.last_day else chained_day


def is_held(subscription: Subscription) -> bool:
    """Tell whether a tenant holds a subscription by its status, whatever its dates say. Source: consolidation#limit."""
    return subscription.runs_on or subscription.status in _HELD


def held_until(subscription: Subscription, today: date) -> date | None:
    """Return the last day on which a tenant holds a subscription if its term is its last; None: it does not today.

    An active or suspended one leaves on the day after the term that runs. Where that term is not known, it stays;
    one in an extended service term can be ended on any day. Source: consolidation#limit.
    """
    if subscription.runs_on:
        return today
    if subscription.status not in _HELD:
        return None
    term, _ = running_term(subscription, today)
    if term is None:
        return LATEST
    return term.last_day if today <= term.last_day else None


def _which(subscription: Subscription, today: date) -> tuple[Which, int]:
    """Return which term runs, and how many months a renewal lasts; 0: that is not known, or not asked."""
    if subscription.runs_on:  # it has no end of its own (EST-005)
        return Which.OWN, 0
    following = AT_TERM_END.outcomes[subscription.at_term_end, subscription.auto_renew]
    ended = today > subscription.term.last_day
    months = _renewal_months(subscription) if ended and following is Next.RENEWS else 0
    status, trial = subscription.status, subscription.trial
    return TERMS.outcomes[ended, following, trial, status, months > 0], months


def _later_term(subscription: Subscription, today: date, months: int) -> tuple[Term, int]:
    """Return the term that runs after one renewal or several, and how many."""
    own, first_renewal = subscription.term, after(subscription.term.last_day)
    anchor = subscription.anchor or own.first_day
    elapsed = months_between(anchor, first_renewal)
    if elapsed is None:  # aligned to another subscription's end: only the terms after it step regularly
        anchor, elapsed = first_renewal, 0
    # The first guess is the term that starts in this month or before; its end may still lie behind today.
    n = max(1, ((today.year - anchor.year) * 12 + today.month - anchor.month - elapsed) // months)
    while (next_start := nth_term_start(anchor, 1, elapsed + months * n)) <= today:
        n += 1
    if not subscription.auto_renew:  # what was scheduled was scheduled for one term end
        n, next_start = 1, nth_term_start(anchor, 1, elapsed + months)
    first_day = nth_term_start(anchor, 1, elapsed + months * (n - 1))
    return Term(first_day=first_day, last_day=after(next_start, -1)), n


def _renewal_months(subscription: Subscription) -> int:
    if subscription.renewal_duration is not None:
        return duration_months("renewal_duration", subscription.renewal_duration)
    if not subscription.length_known:
        return 0
    own = subscription.term
    anchor = subscription.anchor or own.first_day
    start, end = months_between(anchor, own.first_day), months_between(anchor, after(own.last_day))
    length = end - start if start is not None and end is not None else 0
    return length if length in TERM_MONTHS else 0


def _renewal_findings(
    subscription: Subscription, term: Term, months: int, renewals: int, today: date, policy: Policy
) -> tuple[Finding, ...]:
    own_last_day = subscription.term.last_day
    chained_day = _chained_last_day(after(own_last_day), months, renewals)
    return gather(
        finding("RNW-001", "renewed", subscription.id, old_last_day=own_last_day, last_day=term.last_day),
        _running(subscription, today, policy) if today == term.first_day else None,
        finding("RNW-001", "disputed-day", subscription.id, last_day=term.last_day, chained_day=chained_day)
        if chained_day != term.last_day
        else None,
    )


def _running(subscription: Subscription, today: date, policy: Policy) -> Finding:
    known_from = policy.history(RENEWAL_HOURS).first_day  # before it, the hours of its first record are said
    hours = policy.number(RENEWAL_HOURS, max(today, known_from))
    return finding("RNW-001", "running", subscription.id, renewal_day=today, hours=hours)


def _chained_last_day(start: date, months: int, renewals: int) -> date:
    # Each term from the one before it: the day only ever shrinks, and from the 28th on it stays.
    while renewals and start.day > 28:
        start, renewals = nth_term_start(start, months), renewals - 1
    return after(nth_term_start(start, months, renewals), -1)


def legacy_renewal(subscription: Subscription, policy: Policy) -> Finding | None:
    """Decide LEG-001: a legacy subscription that renews is moved into new commerce, so its next term is not certain.

    Source: announcement-2023#renewals.
    """
    goes_on = subscription.goes_on and subscription.status in UNENDED
    if not subscription.legacy or subscription.trial or not goes_on:
        return None
    renews_on = after(subscription.term.last_day)
    moved = policy.history(LEGACY_MOVED).on(renews_on)
    if moved is None or not moved.value:
        return None
    return finding("LEG-001", "next-term", subscription.id, renewal_day=renews_on, change_day=moved.from_day)


def trial_end(subscription: Subscription, as_of: date) -> Finding | None:
    """Decide TRL-001: a trial is not moved, and becomes paid unless it is turned off. Source: manage#trials."""
    if not subscription.trial:
        return None
    last_day = subscription.term.last_day
    if subscription.status not in UNENDED:
        return finding("TRL-001", "not-moved", subscription.id)
    if not subscription.goes_on:
        return finding("TRL-001", "ends", subscription.id, last_day=last_day)
    if utc_day("as_of", as_of) <= last_day:
        return finding("TRL-001", "turns-paid", subscription.id, last_day=last_day)
    if subscription.status is not Status.ACTIVE:
        return finding("TRL-001", "not-moved", subscription.id)
    return finding("TRL-001", "turned-paid", subscription.id, last_day=last_day)


def renewal_not_known(subscription: Subscription) -> Finding:
    """Say under RNW-001 that no fact tells how long a renewal would last."""
    return finding("RNW-001", "renewal-not-known", subscription.id, last_day=subscription.term.last_day)


def with_term(subscription: Subscription, term: Term) -> Subscription:
    """Return the subscription in a later term: same anchor; what was scheduled for the old end is used up.

    Only a term whose length is known can be a later one.
    """
    if term is subscription.term or term == subscription.term:
        return subscription
    anchor = subscription.anchor or subscription.term.first_day
    return subscription.evolve(
        term=term,
        anchor=anchor,
        at_term_end=None,
        cancellation_allowed_until=None,
        doubted_last_day=None,
        extended=False,
        length_known=True,
        seat_windows=(),
        window_known=subscription.offer.extended_service is not False or subscription.window_known,
    )
