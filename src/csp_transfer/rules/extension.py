"""What follows a term that is not renewed, since the free grace window ended: extended terms (EST-001 to EST-004)."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from ..days import after
from ..decision import DecisionTable, case
from ..findings import Finding, Saying, finding
from ..model import Channel, Status, Subscription, TermEnd
from ..plain import Word
from ..policy import (
    EXTENDED_PERCENT,
    EXTENDED_PERCENT_WITHOUT_MONTHLY,
    GRACE_DAYS,
    GRACE_DAYS_DIRECT,
    History,
    Policy,
)
from .terms import UNCLEAR

__all__ = [
    "AFTER_TERM",
    "RUNS_OUT",
    "AfterTerm",
    "Following",
    "after_term",
    "can_bridge",
    "choice_needed",
    "doubted_window_end",
    "extended_price",
    "free_window_ended",
    "grace_history",
    "in_extension",
    "is_extended",
    "may_have_extended",
    "may_not_extend",
    "no_end_to_wait_for",
    "not_known_to_take_part",
    "nothing_chosen",
    "takes_part",
    "term_end",
]


class AfterTerm(Word):
    """What follows a term that is not renewed."""

    GRACE = "grace"
    """The free grace window, in which users keep access."""
    AT_ONCE = "at_once"
    """Nothing: access ends with the last day, or so it must be taken."""
    EXTENDED = "extended"
    """An extended service term: access goes on, billed by the month."""


class Following(NamedTuple):
    """What follows, and what says so."""

    then: AfterTerm
    says: Saying | None = None
    to_choose: bool = False
    """Whether turning auto-renew off is not enough: a cancellation at the end must be chosen."""
    in_doubt: bool = False
    """Whether no source says that the grace window still holds for such a subscription."""


_STOPS: Final = {TermEnd.CANCEL, TermEnd.EXPIRE}
_OTHERS: Final = {TermEnd.RENEW, TermEnd.CHANGE, TermEnd.UNKNOWN}

AFTER_TERM: Final = DecisionTable(
    "what follows the term",
    "What follows a term that is not renewed. Where nothing is chosen, the case that hurts most is taken.",
    {
        "free_window": (True, False),
        "takes_part": (True, None, False),
        "at_term_end": (None, *TermEnd),
        "auto_renew": (False, True),
        "extends_by_itself": (False, True),
    },
    (
        case("the free window holds", "END-005", Following(AfterTerm.GRACE), free_window=True),
        case(
            "extended service terms are not for this offer",
            "EST-004",
            Following(AfterTerm.GRACE, Saying("EST-004", "exempt"), in_doubt=True),
            free_window=False,
            takes_part=False,
        ),
        case(
            "a cancellation is scheduled",
            "EST-001",
            Following(AfterTerm.AT_ONCE, Saying("EST-001", "at-once")),
            free_window=False,
            takes_part={True, None},
            at_term_end=_STOPS,
        ),
        case(
            "an extended service term is scheduled",
            "EST-002",
            Following(AfterTerm.EXTENDED, Saying("EST-002", "extended"), to_choose=True),
            free_window=False,
            takes_part={True, None},
            at_term_end=TermEnd.EXTEND,
        ),
        case(
            "nothing is chosen, and it may extend by itself",
            "EST-003",
            Following(AfterTerm.AT_ONCE, Saying("EST-003", "ambiguous"), to_choose=True),
            free_window=False,
            takes_part={True, None},
            at_term_end=None,
            auto_renew=False,
            extends_by_itself=True,
        ),
        case(
            "nothing is chosen",
            "EST-003",
            Following(AfterTerm.AT_ONCE, Saying("EST-003", "not-chosen"), to_choose=True),
            free_window=False,
            takes_part={True, None},
            at_term_end=None,
            auto_renew=False,
            extends_by_itself=False,
        ),
        case(
            "it is set to renew",
            "EST-003",
            Following(AfterTerm.AT_ONCE, Saying("EST-003", "to-choose"), to_choose=True),
            free_window=False,
            takes_part={True, None},
            at_term_end=None,
            auto_renew=True,
        ),
        case(
            "something else is scheduled",
            "EST-003",
            Following(AfterTerm.AT_ONCE, Saying("EST-003", "to-choose"), to_choose=True),
            free_window=False,
            takes_part={True, None},
            at_term_end=_OTHERS,
        ),
    ),
)

_BILLED_ON: Final = (Status.ACTIVE, Status.SUSPENDED)
_HAS_WINDOW: Final = {Status.ACTIVE, Status.EXPIRED}
RUNS_OUT: Final = UNCLEAR | _HAS_WINDOW


def grace_history(subscription: Subscription) -> History:
    """Return the history that says how long the grace window is: what is bought from Microsoft has one of its own.

    Source: extended#overview, direct (EST-001).
    """
    return GRACE_DAYS_DIRECT if subscription.channel is Channel.WEB_DIRECT else GRACE_DAYS


def takes_part(subscription: Subscription) -> bool | None:
    """Decide EST-004: whether extended service terms are for this subscription; None: not known.

    They are for new commerce, and not for trials, software, reservations, and third parties' offers.
    Source: extended#exceptions.
    """
    if subscription.legacy or subscription.trial:
        return False
    return subscription.offer.extended_service if subscription.channel is Channel.CSP else None


def _following(subscription: Subscription, policy: Policy) -> Following:
    term = subscription.term
    if subscription.runs_on:  # that has begun, and EST-005 says so
        return Following(AfterTerm.EXTENDED)
    if not policy.in_force:
        return Following(AfterTerm.GRACE)
    scheduled = subscription.at_term_end
    if scheduled is TermEnd.EXTEND and subscription.status is Status.EXPIRED:
        scheduled = TermEnd.EXPIRE  # whatever was scheduled, it did
    free_window = policy.number(grace_history(subscription), term.last_day) > 0
    by_itself = policy.goes_on_by_itself(term.first_day)
    return AFTER_TERM.outcomes[
        free_window, takes_part(subscription), scheduled, subscription.auto_renew, by_itself
    ]


def after_term(subscription: Subscription, policy: Policy) -> AfterTerm:
    """Tell what follows the term, if it is not renewed: under the guide's policy always the grace window."""
    return _following(subscription, policy).then


def is_extended(subscription: Subscription, policy: Policy) -> bool:
    """Tell whether an extended service term follows the term, which has been chosen, and has not begun (EST-002)."""
    return not subscription.runs_on and after_term(subscription, policy) is AfterTerm.EXTENDED


def can_bridge(subscription: Subscription) -> bool:
    """Tell whether it can go on as an extended service term by being set to: nothing but active ones in CSP can."""
    return subscription.status is Status.ACTIVE and subscription.channel is Channel.CSP


def choice_needed(subscription: Subscription, policy: Policy) -> bool:
    """Tell whether turning auto-renew off is not enough: a cancellation at the end must be chosen (EST-003)."""
    runs_out = subscription.status in RUNS_OUT - {Status.EXPIRED}
    return runs_out and _following(subscription, policy).to_choose


def term_end(subscription: Subscription, policy: Policy) -> Finding | None:
    """Say what follows the term where the free grace window is discontinued, or warn of it under the guide.

    Source: extended#overview.
    """
    if subscription.trial or subscription.status not in RUNS_OUT:
        return None
    if not policy.in_force:
        return free_window_ended(subscription, policy)
    following = _following(subscription, policy)
    if following.says is None:
        return None
    if following.then is AfterTerm.EXTENDED:
        return extended_price(subscription, policy)
    if following.to_choose:
        return nothing_chosen(subscription, following.says.case)
    return finding(*following.says, subscription.id, last_day=subscription.term.last_day)


def free_window_ended(subscription: Subscription, policy: Policy) -> Finding | None:
    """Decide EST-001: no free grace window follows this term, or another than the guide's, whatever it says.

    Only the number 0 ends the window; any other is one of its own. Source: extended#overview.
    """
    last_day = subscription.term.last_day
    record = policy.contradicted_by(grace_history(subscription), last_day)
    if record is None or subscription.trial or subscription.status not in RUNS_OUT or subscription.runs_on:
        return None
    change_day, subject = record.from_day, subscription.id
    if not record.value:
        scheduled = subscription.at_term_end in _STOPS
        said_case = "cancel-scheduled" if scheduled else "no-free-window"
        return finding("EST-001", said_case, subject, change_day=change_day, last_day=last_day)
    stated = policy.number(grace_history(subscription), last_day)
    return finding(
        "EST-001",
        "shorter-window" if record.value < stated else "longer-window",
        subject,
        stated=stated,
        days=record.value,
        change_day=change_day,
        said_by=record.rule,
        last_day=last_day,
        last_safe_day=after(last_day, record.value),
    )


def doubted_window_end(subscription: Subscription, policy: Policy) -> date | None:
    """Return the last safe day by another reading, where it is earlier than the policy's own; else None.

    Under a policy of the guide's: where a later record shortens the grace window, the last day of the shorter one, and
    where a later record ends it, the term's last day (EST-001). Under one of what is in force: the term's last day,
    where no source says whether the window that has ended still holds for such a subscription (EST-004).
    Source: extended#overview, extended#exceptions.

    >>> from csp_transfer import Offer, Term
    >>> from csp_transfer import GUIDE
    >>> term = Term(first_day=date(2025, 9, 15), last_day=date(2026, 9, 14))
    >>> basic = Subscription(id="b", offer=Offer(id="B"), quantity=25, auto_renew=False, term=term)
    >>> doubted_window_end(basic, GUIDE).isoformat()
    '2026-09-14'
    """
    last_day, history = subscription.term.last_day, grace_history(subscription)
    if subscription.trial or subscription.status not in _HAS_WINDOW:
        return None
    if policy.in_force:
        return last_day if _following(subscription, policy).in_doubt else None
    record = policy.contradicted_by(history, last_day)
    if record is None or record.value >= policy.number(history, last_day):
        return None
    return after(last_day, record.value)


def extended_price(subscription: Subscription, policy: Policy) -> Finding:
    """Decide EST-002: what an extended service term costs on top of the monthly rate. Source: extended#price."""
    first_day = after(subscription.term.last_day)
    # Under a policy changed for a what-if, it may be before the first record.
    since = max(first_day, policy.history(EXTENDED_PERCENT).first_day)
    monthly = policy.number(EXTENDED_PERCENT, since)
    without = policy.number(EXTENDED_PERCENT_WITHOUT_MONTHLY, since)
    sold_monthly = subscription.offer.monthly
    if sold_monthly is None:
        return finding(
            "EST-002",
            "extended-unsure",
            subscription.id,
            first_day=first_day,
            percent=monthly,
            percent_without_monthly=without,
        )
    percent = monthly if sold_monthly else without
    return finding("EST-002", "extended", subscription.id, first_day=first_day, percent=percent)


def in_extension(subscription: Subscription) -> Finding | None:
    """Decide EST-005: in an extended service term, each day is billed at the higher rate until somebody ends it.

    So a replacement is best provisioned at once. Source: extended#overview.
    """
    if not subscription.extended or subscription.trial or subscription.status not in _BILLED_ON:
        return None
    if not subscription.runs_on:
        last_day, scheduled = subscription.term.last_day, subscription.end_of_term
        return finding("EST-005", "ends", subscription.id, last_day=last_day, scheduled=scheduled)
    return finding("EST-005", "extended", subscription.id)


def no_end_to_wait_for(subscription: Subscription) -> Finding:
    """Say under EST-005 that a way waits for an end that an extended service term does not have by itself."""
    return finding("EST-005", "no-end", subscription.id)


def nothing_chosen(subscription: Subscription, said_case: str) -> Finding:
    """Decide EST-003: without a choice for the end of the term, both what may follow is said.

    Source: extended#default.
    """
    return finding("EST-003", said_case, subscription.id, last_day=subscription.term.last_day)


def may_have_extended(subscription: Subscription, as_of: date, policy: Policy) -> Finding | None:
    """Say under EST-003 that one still active after its end may go on as an extended service term, and be billed.

    Source: extended#default.
    """
    ended = as_of > subscription.term.last_day and subscription.status in UNCLEAR | {Status.ACTIVE}
    if not ended or subscription.trial or not choice_needed(subscription, policy):
        return None
    return finding("EST-003", "may-have-extended", subscription.id, last_day=subscription.term.last_day)


def may_not_extend(subscription: Subscription) -> Finding:
    """Say under EST-004 that a way counts on an extended service term that may not be for this offer."""
    return finding(
        "EST-004",
        "may-not-extend",
        subscription.id,
        offer=subscription.offer.title,
        last_day=subscription.term.last_day,
    )


def not_known_to_take_part(subscription: Subscription, policy: Policy) -> Finding | None:
    """Say under EST-004 that it is not known whether extended service terms are for this offer."""
    said = _following(subscription, policy).says
    if said is None or takes_part(subscription) is not None or subscription.status not in RUNS_OUT:
        return None
    return finding("EST-004", "not-known", subscription.id, offer=subscription.offer.title)
