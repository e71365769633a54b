"""What comes back when a subscription ends early: refunds and credits (END-002, CRD-001 to CRD-004)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple

from attrs import frozen

from .. import checks
from ..catalogue import Verdict, check_language, label, ui
from ..days import after, starts_at, utc_day, utc_instant
from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather, noted
from ..model import Channel, Status, Subscription, Term
from ..outline import Block, Rich, Table
from ..plain import Word
from ..policy import CANCELLATION_DAYS, GUIDE, Policy
from .ending import the_earlier
from .terms import MAY_RENEW, current_term, with_term

__all__ = [
    "CREDITS",
    "Actor",
    "Contact",
    "Credit",
    "Outcome",
    "RefundAdvice",
    "RefundWindow",
    "advice",
    "cancellation",
    "closes_by_the_hour",
    "computed_cancellation",
    "credit_by_customer",
    "credit_by_partner",
    "credit_handler",
    "credit_of",
    "credit_possible",
    "delegated_admin_today",
    "given_cancellation",
    "is_refunded",
    "no_refund",
    "refund_advice",
    "refund_window",
    "refunded_credit",
    "seats_to_take_back",
    "usual_credit",
    "window_not_known",
]


_TICK: Final = timedelta(microseconds=1)
Still = Literal["open", "closing", "over", "not-known"]
"""Whether a cancellation is refunded still; closing: on this day, at an hour that is not known."""


class Actor(Word):
    """Who acts in a move: either partner, the customer, or Microsoft 365 billing support."""

    DESTINATION_PARTNER = "destination_partner"
    SOURCE_PARTNER = "source_partner"
    CUSTOMER = "customer"
    BILLING_SUPPORT = "billing_support"


class Outcome(Word):
    """What ending a subscription early can bring back; a credit or refund is never promised."""

    NO_REFUND = "no_refund"
    CREDIT_POSSIBLE = "credit_possible"
    PRORATED_REFUND = "prorated_refund"


class Contact(Word):
    """Who asks support about a credit."""

    PARTNER_FOR_CUSTOMER = "partner_for_customer"
    CUSTOMER = "customer"


@frozen(kw_only=True)
class RefundAdvice(Rich, Reasoned):
    """What comes back, who decides it, who asks, and until which day (UTC, inclusive) it pays to keep it."""

    outcome: Outcome
    handled_by: Actor | None
    contact: Contact | None
    best_last_day: date | None
    """The last day of the term that runs; None where it is not known."""

    def _blocks(self, lang: str) -> list[Block]:
        check_language(lang)
        headers = label(Verdict.REFUND, lang), ui("last_day", lang)
        said = label(self.contact or self.outcome, lang)
        cells = said, str(self.best_last_day or ui("not_known", lang))
        return [Table(headers, (cells,)), *noted(self.findings, lang)]


class Credit(NamedTuple):
    """What can come back, who decides it, and who asks."""

    outcome: Outcome
    handled_by: Actor | None
    contact: Contact | None


_NO_REFUND: Final = Credit(Outcome.NO_REFUND, None, None)
CREDITS: Final = DecisionTable(
    "refunds",
    "A credit only for what was bought in Microsoft's own portal; a refund only under a policy of what is in force.",
    {
        "channel": Channel,
        "trial": (False, True),
        "delegated_admin": (None, False, True),
        "cancellation_refunded": (False, True),
    },
    (
        case(
            "not bought from Microsoft",
            "END-002",
            _NO_REFUND,
            channel=set(Channel) - {Channel.WEB_DIRECT},
            cancellation_refunded=False,
        ),
        case(
            "a cancellation is still refunded",
            "CXL-001",
            Credit(Outcome.PRORATED_REFUND, Actor.SOURCE_PARTNER, None),
            channel=set(Channel) - {Channel.WEB_DIRECT},
            cancellation_refunded=True,
        ),
        case(
            "a trial, for which nothing is paid",
            "END-002",
            _NO_REFUND,
            channel=Channel.WEB_DIRECT,
            trial=True,
        ),
        case(
            "the partner may ask",
            "CRD-003",
            Credit(Outcome.CREDIT_POSSIBLE, Actor.BILLING_SUPPORT, Contact.PARTNER_FOR_CUSTOMER),
            channel=Channel.WEB_DIRECT,
            trial=False,
            delegated_admin=True,
        ),
        case(
            "the customer asks",
            "CRD-004",
            Credit(Outcome.CREDIT_POSSIBLE, Actor.BILLING_SUPPORT, Contact.CUSTOMER),
            channel=Channel.WEB_DIRECT,
            trial=False,
            delegated_admin=False,
        ),
        case(
            "not known which of them asks",
            "CRD-004",
            Credit(Outcome.CREDIT_POSSIBLE, Actor.BILLING_SUPPORT, None),
            channel=Channel.WEB_DIRECT,
            trial=False,
            delegated_admin=None,
        ),
    ),
)


def usual_credit(subscription: Subscription, *, delegated_admin: bool | None = None) -> Credit:
    """Decide what comes back where no cancellation is refunded."""
    return CREDITS.outcomes[subscription.channel, subscription.trial, delegated_admin, False]


def credit_possible(subscription: Subscription) -> Finding | None:
    """Decide CRD-001: bought through the Microsoft 365 admin portal, a credit is possible, never promised.

    Source: guide#credit-eligibility.
    """
    credit = usual_credit(subscription)
    return (
        finding("CRD-001", "possible", subscription.id) if credit.outcome is Outcome.CREDIT_POSSIBLE else None
    )


def credit_handler(subscription: Subscription) -> Finding | None:
    """Decide CRD-002: Microsoft 365 billing support handles such credits. Source: guide#credit-handler."""
    credit = usual_credit(subscription)
    return finding("CRD-002", "handled", subscription.id) if credit.handled_by else None


def credit_by_partner(subscription: Subscription, *, delegated_admin: bool | None) -> Finding | None:
    """Decide CRD-003: with delegated admin, the partner may ask support for the customer.

    None: whether it has is not known, and both this and CRD-004 are said. Source: guide#credit-dap.
    """
    credit = usual_credit(subscription, delegated_admin=delegated_admin)
    if credit.outcome is not Outcome.CREDIT_POSSIBLE or credit.contact is Contact.CUSTOMER:
        return None
    return finding("CRD-003", "partner-asks" if credit.contact else "partner-may-ask", subscription.id)


def credit_by_customer(subscription: Subscription, *, delegated_admin: bool | None) -> Finding | None:
    """Decide CRD-004: without delegated admin, the customer asks support itself.

    None: whether the partner has it is not known, and both this and CRD-003 are said. Source: guide#credit-no-dap.
    """
    credit = usual_credit(subscription, delegated_admin=delegated_admin)
    if credit.outcome is not Outcome.CREDIT_POSSIBLE or credit.contact is Contact.PARTNER_FOR_CUSTOMER:
        return None
    return finding("CRD-004", "customer-asks" if credit.contact else "customer-can-ask", subscription.id)


def delegated_admin_today(
    subscription: Subscription, *, delegated_admin: bool | None, policy: Policy
) -> Finding | None:
    """Say GDP-001, under a policy of what is in force: what delegated admin has become, unless there is none.

    Source: gdap#replacement.
    """
    asks = credit_by_partner(subscription, delegated_admin=delegated_admin) is not None
    return finding("GDP-001", "gdap", subscription.id) if asks and policy.in_force else None


def no_refund(subscription: Subscription, as_of: date) -> Finding:
    """Decide END-002: no refund can be counted on, so the best last day is the term's.

    Source: guide#no-refund.
    """
    last_day = subscription.term.last_day
    ends = subscription.status in MAY_RENEW and utc_day("as_of", as_of) <= last_day
    if not ends or subscription.runs_on:
        return finding("END-002", "ended", subscription.id)
    return finding("END-002", "no-refund", subscription.id, best_last_day=last_day)


def _in_csp(subscription: Subscription) -> bool:
    runs = subscription.status in (Status.ACTIVE, Status.SUSPENDED)
    ordinary = not subscription.trial and not subscription.extended
    return runs and subscription.channel is Channel.CSP and ordinary


def _cancellable(subscription: Subscription, as_of: date) -> bool:
    return _in_csp(subscription) and utc_day("as_of", as_of) <= subscription.term.last_day


class RefundWindow(NamedTuple):
    """Whether a cancellation is refunded, seen from a day or an instant of the term that runs."""

    rule: str
    still: Still
    until_day: date
    """The last UTC day on which it is; on a day on which it is closing, that day."""
    until: datetime | None = None
    """The instant at which it closes, where that lies within `until_day`, and is known."""
    closing_day: date | None = None
    """The UTC day within which it closes at some hour; None where it closes with a day."""

    def act_by(self, today: date) -> tuple[date, date | None]:
        """Return the last whole day to act on, and the day on which it closes at an hour; on that day, that day.

        The latter is None where it closes with a day, or today.
        """
        if self.closing_day is None:
            return self.until_day, None
        return the_earlier(today, after(self.closing_day, -1), self.closing_day)

    @property
    def is_open(self) -> bool:
        """Whether a cancellation is refunded; on the last day, up to an hour that may not be known."""
        return self.still in ("open", "closing")


def refund_window(subscription: Subscription, as_of: date, policy: Policy = GUIDE) -> RefundWindow | None:
    """Return whether a cancellation is refunded on a UTC day or at an aware instant; None: there is no such window.

    What the service gives (CXL-002) wins over what is computed from purchase or renewal (CXL-001). No window
    outlasts the term. A day counts as what it is at its first instant. The computed window is sure for whole days;
    on the day after them it closes at the hour of the purchase, or of the end of the renewal, which nothing gives.
    """
    today, term = utc_day("as_of", as_of), subscription.term
    if not _in_csp(subscription) or not term.first_day <= today <= term.last_day:
        return None
    if subscription.cancellation_allowed_until is not None:
        return _given_window("CXL-002", subscription.cancellation_allowed_until, term, as_of)
    record = policy.history(CANCELLATION_DAYS).on(term.first_day)
    if record is None or not record.value or subscription.legacy or not subscription.window_known:
        return None
    surely = after(term.first_day, record.value - 1)
    closing_day = after(surely) if surely < term.last_day else None
    if today <= surely:
        return RefundWindow(record.rule, "open", min(surely, term.last_day), closing_day=closing_day)
    if today == closing_day:
        return RefundWindow(record.rule, "closing", today, closing_day=today)
    return RefundWindow(record.rule, "over" if subscription.length_known else "not-known", surely)


def _given_window(rule: str, until: datetime, term: Term, as_of: date) -> RefundWindow:
    """Return a window that ends at an instant, and with its term at the latest."""
    closes_at = min(until.astimezone(UTC), term.closes_at)
    asked_at = utc_instant(as_of) or starts_at(utc_day("as_of", as_of))
    within = closes_at.time() != time.min
    return RefundWindow(
        rule,
        "open" if asked_at < closes_at else "over",
        (closes_at - _TICK).date(),
        closes_at if within else None,
        closes_at.date() if within else None,
    )


def computed_cancellation(
    subscription: Subscription, window: RefundWindow | None, policy: Policy
) -> Finding | None:
    """Decide CXL-001: soon after purchase or renewal, a prorated refund is open; the guide knows none.

    Computed from the term's first day, for new commerce, where the service gives no date itself. Where first to last
    day may be several terms, it may have renewed since: then it is not known. Source: cancellation#license-based.
    """
    if window is None or subscription.cancellation_allowed_until is not None:
        return None
    if window.still == "not-known":
        return finding("CXL-001", "not-known", subscription.id)
    said, first_day = _said(window, policy), subscription.term.first_day
    if said is None or window.still == "over":
        return None if said is None else finding("CXL-001", said, subscription.id, first_day=first_day)
    return finding("CXL-001", said, subscription.id, first_day=first_day, until_day=window.until_day)


def given_cancellation(
    subscription: Subscription, window: RefundWindow | None, policy: Policy
) -> Finding | None:
    """Decide CXL-002: the service's own date allows a cancellation, to the hour, or does not any more.

    Source: resources#subscription.
    """
    if window is None or subscription.cancellation_allowed_until is None:
        return None
    said = _said(window, policy)
    if said is None or window.until is None:
        return None if said is None else finding("CXL-002", said, subscription.id, until_day=window.until_day)
    return finding("CXL-002", f"{said}-at", subscription.id, until=window.until)


def _said(window: RefundWindow, policy: Policy) -> str | None:
    """Return the case that says it; what is not open contradicts no policy of the guide's."""
    if policy.in_force:
        return f"refund-{window.still}"
    return f"window-{window.still}" if window.is_open else None


def closes_by_the_hour(subscription: Subscription, window: RefundWindow) -> Finding | None:
    """Say under CXL-001 or CXL-002 that a window closes at an hour, so that the day before is the one to act by.

    Source: cancellation#license-based, resources#subscription.
    """
    if not window.is_open or window.closing_day is None:
        return None
    subject, day = subscription.id, window.closing_day
    if window.until is not None:
        return finding("CXL-002", "closes-at-an-hour", subject, until=window.until)
    if window.still == "closing":  # which CXL-001 says otherwise
        return None
    return finding("CXL-001", "closes-at-an-hour", subject, last_safe_day=after(day, -1), until_day=day)


def window_not_known(subscription: Subscription, as_of: date, policy: Policy = GUIDE) -> Finding | None:
    """Say under CXL-001 that no fact tells whether and until when it can be cancelled; the guide knows no such days.

    A third party's offer has rules of its own, and an upgraded subscription its parent's window.
    Source: cancellation#license-based.
    """
    told = subscription.window_known or subscription.cancellation_allowed_until is not None
    if told or not policy.in_force or subscription.legacy or not _cancellable(subscription, as_of):
        return None
    return finding("CXL-001", "window-not-known", subscription.id)


def seats_to_take_back(
    subscription: Subscription, as_of: date, policy: Policy = GUIDE
) -> tuple[Finding, ...]:
    """Say under CXL-001 how many of its licences can still be taken back, and until when; the guide knows no refund.

    They opened windows of their own when they were added, which end with the term at the latest.
    Source: cancellation#license-based.
    """
    if not _cancellable(subscription, as_of):
        return ()
    said_case = "seats-open" if policy.in_force else "seats-window-open"
    found: list[Finding] = []
    for seats in subscription.seat_windows:
        window = _given_window("CXL-001", seats.until, subscription.term, as_of)
        if not window.is_open:
            continue
        subject, quantity, until = subscription.id, seats.quantity, window.until
        if until is None:
            day = window.until_day
            found.append(finding("CXL-001", said_case, subject, quantity=quantity, until_day=day))
        else:
            found.append(finding("CXL-001", f"{said_case}-at", subject, quantity=quantity, until=until))
    return tuple(found)


def cancellation(
    subscription: Subscription, as_of: date, window: RefundWindow | None, policy: Policy
) -> tuple[Finding, ...]:
    """Say under CXL-001 and CXL-002 all that there is to say of a cancellation in the term that runs.

    `window`: whether it is refunded then. Source: cancellation#license-based, resources#subscription.
    """
    return gather(
        given_cancellation(subscription, window, policy),
        computed_cancellation(subscription, window, policy),
        window_not_known(subscription, as_of, policy),
        *seats_to_take_back(subscription, as_of, policy),
    )


def refund_advice(
    subscription: Subscription, *, as_of: date, delegated_admin: bool | None = None, policy: Policy = GUIDE
) -> RefundAdvice:
    """Say what ending the subscription early brings back, who handles it, and who asks.

    `as_of` is a UTC day, or an aware instant, which decides to the hour where the service gives one;
    `best_last_day` is the last day of the term that runs then. `delegated_admin` is the partner's: True, False, or
    None while it is not known; then `contact` is None, and the findings say what either would mean.
    Under `GUIDE` nothing is ever refunded; where a later rule opens a prorated refund for the dates at hand,
    the advice carries that as a caution. Under `IN_FORCE` that refund is the outcome.
    Raises `InvalidType` or `InvalidValue`. Source: guide#no-refund,
    guide#credit-eligibility, guide#credit-handler, guide#credit-dap, guide#credit-no-dap.

    >>> from csp_transfer import Offer, Term
    >>> portal = Subscription(id="p", offer=Offer(id="B"), quantity=5, auto_renew=True,
    ...                       channel=Channel.WEB_DIRECT, term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> advice = refund_advice(portal, as_of=date(2026, 3, 1), delegated_admin=False)
    >>> print(advice.outcome, advice.handled_by, advice.contact, advice.best_last_day)
    credit_possible billing_support customer 2026-03-31
    """
    checks.tri_state("delegated_admin", delegated_admin)
    checks.instance("policy", policy, Policy)
    today, term = utc_day("as_of", as_of), current_term(subscription, as_of).term
    running = subscription if term is None else with_term(subscription, term)
    when = utc_instant(as_of) or today
    credit = credit_of(running, when, delegated_admin, policy)
    return advice(
        running, when, credit, dated=term is not None, delegated_admin=delegated_admin, policy=policy
    )


def refunded_credit(subscription: Subscription, delegated_admin: bool | None) -> Credit:
    """Decide what comes back where a cancellation is refunded."""
    return CREDITS.outcomes[subscription.channel, subscription.trial, delegated_admin, True]


def credit_of(running: Subscription, as_of: date, delegated_admin: bool | None, policy: Policy) -> Credit:
    """Decide what comes back for a subscription in the term that runs, if its end is known."""
    if policy.in_force and is_refunded(running, as_of, policy):
        return refunded_credit(running, delegated_admin)
    return usual_credit(running, delegated_admin=delegated_admin)


def is_refunded(running: Subscription, as_of: date, policy: Policy) -> bool:
    """Tell whether a cancellation in the term that runs is refunded, by what is in force."""
    if not _in_csp(running):
        return False
    today, term = utc_day("as_of", as_of), running.term
    known_from, longest = policy.notes.cancellation
    if running.cancellation_allowed_until is None and term.first_day >= known_from:
        if (today - term.first_day).days > longest:  # nearly always
            return False
    elif today <= term.last_day and not running.legacy:
        # before the first record, nobody can tell, and it raises
        policy.number(CANCELLATION_DAYS, max(term.first_day, today))
    window = refund_window(running, as_of, policy)
    return window is not None and window.is_open


def advice(
    running: Subscription,
    as_of: date,
    credit: Credit,
    *,
    dated: bool,
    delegated_admin: bool | None,
    policy: Policy,
) -> RefundAdvice:
    """Return what was decided, and why; `dated`: the term's end is known."""
    best_last_day = running.term.last_day if dated and not running.runs_on else None
    return RefundAdvice(
        outcome=credit.outcome,
        handled_by=credit.handled_by,
        contact=credit.contact,
        best_last_day=best_last_day,
        findings=gather(
            no_refund(running, as_of) if dated and credit.outcome is Outcome.NO_REFUND else None,
            *_credit_findings(running, delegated_admin, policy),
            *cancellation(running, as_of, refund_window(running, as_of, policy), policy),
        ),
    )


def _credit_findings(
    running: Subscription, delegated_admin: bool | None, policy: Policy
) -> tuple[Finding | None, ...]:
    if usual_credit(running).outcome is not Outcome.CREDIT_POSSIBLE:
        return ()
    return (
        credit_possible(running),
        credit_handler(running),
        credit_by_partner(running, delegated_admin=delegated_admin),
        credit_by_customer(running, delegated_admin=delegated_admin),
        delegated_admin_today(running, delegated_admin=delegated_admin, policy=policy),
    )
