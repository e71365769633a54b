"""What comes back when a subscription ends early: refunds and credits (END-002, CRD-001 to CRD-004)."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from attrs import frozen

from .. import checks
from ..catalogue import Verdict, check_language, label, ui
from ..decision import DecisionTable, case
from ..findings import Finding, Reasoned, finding, gather, noted
from ..later import later
from ..model import Channel, Status, Subscription
from ..outline import Block, Rich, Table
from ..policy import CANCELLATION_DAYS, GUIDE, Policy
from ..spans import after, utc_day
from ..words import Word
from .terms import UNENDED, current_term, with_term

__all__ = [
    "CREDITS",
    "Actor",
    "Contact",
    "Credit",
    "Outcome",
    "RefundAdvice",
    "advice",
    "computed_cancellation",
    "credit_by_customer",
    "credit_by_partner",
    "credit_handler",
    "credit_of",
    "credit_possible",
    "delegated_admin_today",
    "given_cancellation",
    "no_refund",
    "refund_advice",
    "refunded_until",
]


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
        "delegated_admin": (False, True),
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
    ),
)


def _credit(
    subscription: Subscription, *, delegated_admin: bool = False, cancellation_refunded: bool = False
) -> Credit:
    return CREDITS.decide(
        channel=subscription.channel,
        trial=subscription.trial,
        delegated_admin=delegated_admin,
        cancellation_refunded=cancellation_refunded,
    )


def credit_possible(subscription: Subscription) -> Finding | None:
    """Decide CRD-001: bought through the Microsoft 365 admin portal, a credit is possible, never promised.

    Source: guide#credit-eligibility.
    """
    credit = _credit(subscription)
    return (
        finding("CRD-001", "possible", subscription.id) if credit.outcome is Outcome.CREDIT_POSSIBLE else None
    )


def credit_handler(subscription: Subscription) -> Finding | None:
    """Decide CRD-002: Microsoft 365 billing support handles such credits. Source: guide#credit-handler."""
    credit = _credit(subscription)
    return finding("CRD-002", "handled", subscription.id) if credit.handled_by else None


def credit_by_partner(subscription: Subscription, *, delegated_admin: bool) -> Finding | None:
    """Decide CRD-003: with delegated admin, the partner may ask support for the customer.

    Source: guide#credit-dap.
    """
    contact = _credit(subscription, delegated_admin=delegated_admin).contact
    if contact is not Contact.PARTNER_FOR_CUSTOMER:
        return None
    return finding("CRD-003", "partner-asks", subscription.id)


def credit_by_customer(subscription: Subscription, *, delegated_admin: bool) -> Finding | None:
    """Decide CRD-004: without delegated admin, the customer asks support itself.

    Source: guide#credit-no-dap.
    """
    contact = _credit(subscription, delegated_admin=delegated_admin).contact
    return finding("CRD-004", "customer-asks", subscription.id) if contact is Contact.CUSTOMER else None


def delegated_admin_today(
    subscription: Subscription, *, delegated_admin: bool, policy: Policy
) -> Finding | None:
    """Say GDP-001, under a policy of what is in force: what delegated admin has become.

    Source: gdap#replacement.
    """
    asks = credit_by_partner(subscription, delegated_admin=delegated_admin) is not None
    return finding("GDP-001", "gdap", subscription.id) if asks and policy.in_force else None


def no_refund(subscription: Subscription, as_of: date) -> Finding:
    """Decide END-002: a cancelled subscription is not refunded, so its best last day is the term's.

    Source: guide#no-refund.
    """
    last_day = subscription.term.last_day
    ends = subscription.status in UNENDED | {Status.SUSPENDED} and utc_day("as_of", as_of) <= last_day
    if not ends:
        return finding("END-002", "ended", subscription.id)
    return finding("END-002", "no-refund", subscription.id, best_last_day=last_day)


def _cancellable(subscription: Subscription, today: date) -> bool:
    runs = subscription.status in (Status.ACTIVE, Status.SUSPENDED) and today <= subscription.term.last_day
    return runs and subscription.channel is Channel.CSP and not subscription.trial


def refunded_until(
    subscription: Subscription, as_of: date, policy: Policy = GUIDE
) -> tuple[str, date] | None:
    """Return until which UTC day a cancellation is refunded, and the rule that says so; None: no such day.

    What the service gives (CXL-002) wins over what is computed from purchase or renewal (CXL-001).
    """
    if not _cancellable(subscription, utc_day("as_of", as_of)):
        return None
    until = subscription.cancellation_allowed_until
    if until is not None:
        last_whole_day = after(utc_day("cancellation_allowed_until", until), -1)
        return "CXL-002", min(last_whole_day, subscription.term.last_day)
    first_day = subscription.term.first_day
    record = policy.history(CANCELLATION_DAYS).on(first_day)
    if record is None or not record.value or subscription.legacy:
        return None
    return record.rule, after(first_day, record.value - 1)


def computed_cancellation(subscription: Subscription, as_of: date, policy: Policy = GUIDE) -> Finding | None:
    """Decide CXL-001: soon after purchase or renewal, a prorated refund is open; the guide knows none.

    Computed from the term's first day, for new commerce, where the service gives no date itself.
    Source: cancellation#license-based.
    """
    said = _cancellation("CXL-001", subscription, as_of, policy)
    first_day = subscription.term.first_day
    if said is None or utc_day("as_of", as_of) < first_day:
        return None
    said_case, until_day = said
    if said_case == "refund-over":
        return finding("CXL-001", said_case, subscription.id, first_day=first_day)
    return finding("CXL-001", said_case, subscription.id, first_day=first_day, until_day=until_day)


def given_cancellation(subscription: Subscription, as_of: date, policy: Policy = GUIDE) -> Finding | None:
    """Decide CXL-002: the service's own date allows a cancellation, or does not any more.

    Source: resources#subscription.
    """
    said = _cancellation("CXL-002", subscription, as_of, policy)
    return said and finding("CXL-002", said[0], subscription.id, until_day=said[1])


def _cancellation(
    rule_id: str, subscription: Subscription, as_of: date, policy: Policy
) -> tuple[str, date] | None:
    refunded = refunded_until(subscription, as_of, policy)
    if refunded is None or refunded[0] != rule_id:
        return None
    still_open = utc_day("as_of", as_of) <= refunded[1]
    if not policy.in_force:  # it contradicts the guide only while it is open
        return ("window-open", refunded[1]) if still_open else None
    return "refund-open" if still_open else "refund-over", refunded[1]


def refund_advice(
    subscription: Subscription, *, as_of: date, delegated_admin: bool = False, policy: Policy = GUIDE
) -> RefundAdvice:
    """Say what ending the subscription early brings back, who handles it, and who asks.

    `as_of` is a UTC day or an aware instant; `best_last_day` is the last day of the term that runs then.
    Under `GUIDE` nothing is ever refunded; where a later rule opens a prorated refund for the dates at hand,
    the advice carries that as a caution. Under `IN_FORCE` that refund is the outcome.
    Raises `InvalidType` or `InvalidValue`. Source: guide#no-refund,
    guide#credit-eligibility, guide#credit-handler, guide#credit-dap, guide#credit-no-dap.

    >>> from ..model import Offer, Term
    >>> portal = Subscription(id="p", offer=Offer(id="B"), quantity=5, auto_renew=True,
    ...                       channel=Channel.WEB_DIRECT, term=Term.starting(date(2025, 4, 1), "P1Y"))
    >>> advice = refund_advice(portal, as_of=date(2026, 3, 1))
    >>> print(advice.outcome, advice.handled_by, advice.contact, advice.best_last_day)
    credit_possible billing_support customer 2026-03-31
    """
    checks.flag("delegated_admin", delegated_admin)
    checks.instance("policy", policy, Policy)
    today, term = utc_day("as_of", as_of), current_term(subscription, as_of).term
    running = subscription if term is None else with_term(subscription, term)
    credit = credit_of(running, today, delegated_admin, policy)
    return advice(
        running, today, credit, dated=term is not None, delegated_admin=delegated_admin, policy=policy
    )


def credit_of(running: Subscription, today: date, delegated_admin: bool, policy: Policy) -> Credit:
    """Decide what comes back for a subscription in the term that runs, if its end is known."""
    open_still = False
    if policy.in_force and _cancellable(running, today):
        first_day = running.term.first_day
        if not running.legacy:  # before the first record, nobody can tell, and it raises
            policy.number(CANCELLATION_DAYS, max(first_day, today))
        refunded = refunded_until(running, today, policy)
        open_still = refunded is not None and first_day <= today <= refunded[1]
    return CREDITS.outcomes[running.channel, running.trial, delegated_admin, open_still]


def advice(
    running: Subscription, today: date, credit: Credit, *, dated: bool, delegated_admin: bool, policy: Policy
) -> RefundAdvice:
    """Return what was decided, which says why when it is asked; `dated`: the term's end is known."""

    def findings(_: str) -> tuple[Finding, ...]:
        return gather(
            no_refund(running, today) if dated and credit.outcome is Outcome.NO_REFUND else None,
            credit_possible(running),
            credit_handler(running),
            credit_by_partner(running, delegated_admin=delegated_admin),
            credit_by_customer(running, delegated_admin=delegated_admin),
            delegated_admin_today(running, delegated_admin=delegated_admin, policy=policy),
            given_cancellation(running, today, policy),
            computed_cancellation(running, today, policy),
        )

    best_last_day = running.term.last_day if dated else None
    return later(RefundAdvice, findings, credit._asdict() | {"best_last_day": best_last_day})
