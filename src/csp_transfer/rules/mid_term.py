"""Changing partner in mid-term through Partner Center (PCT-001 to PCT-003, ELG-004), and what re-buying costs more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ..findings import Finding, finding, gather
from ..ids import same_id
from ..model import Channel, Replacement, Role, Status, Subscription, TermEnd
from ..policy import MONTHLY_BILLING_PERCENT, TRANSFER_ITEMS, TRANSFER_REQUEST_DAYS, Policy
from ..spans import after
from ..transfer import Transfer
from .eligibility import Eligibility, region_check

__all__ = [
    "billed_monthly",
    "carried_over",
    "lapses_on",
    "mid_term_check",
    "not_renewed",
    "open_to",
    "requests",
    "split",
    "still_ends",
]


def mid_term_check(
    transfer: Transfer, subscription: Subscription, replacement: Replacement, as_of: date, policy: Policy
) -> Eligibility:
    """Decide PCT-001: whether the partners may move a subscription between them while its term runs.

    Both must agree, and nobody must; the customer has a relationship with the destination first.
    Source: transfer#request.
    """
    barred = tuple(open_to(transfer, subscription, as_of, policy)) + gather(
        _changed(subscription, replacement)
    )
    if barred:
        return Eligibility(allowed=False, findings=barred)
    last_day = subscription.term.last_day
    return Eligibility(
        allowed=True,
        findings=gather(
            finding("PCT-001", "both-agree", subscription.id),
            finding("PCT-001", "nobody-must", subscription.id, last_day=last_day),
            finding("ELG-004", "transfer-role", subscription.id, role=Role.ADMIN_AGENT),
        ),
    )


def open_to(transfer: Transfer, subscription: Subscription, as_of: date, policy: Policy) -> Iterator[Finding]:
    """Decide PCT-003: only active new-commerce subscriptions in CSP, inside one tenant and its region.

    Yields what bars it. Source: transfer#limits.
    """
    subject, history = subscription.id, policy.history(TRANSFER_ITEMS)
    items = history.on(as_of)
    if items is None:
        yield finding("PCT-003", "not-yet", subject, first_day=history.first_day)
    elif not items.value:
        yield finding("PCT-003", "no-more", subject, change_day=items.from_day)
    if subscription.channel is not Channel.CSP or subscription.legacy:
        yield finding("PCT-003", "not-new-commerce", subject)
    if subscription.status is not Status.ACTIVE or as_of not in subscription.term:
        yield finding("PCT-003", "not-active", subject, status=subscription.status)
    source = transfer.source
    if source is not None and not region_check(source, transfer.customer).allowed:
        yield finding("PCT-003", "other-region", subject, partner_country=source.country)
    if transfer.target_tenant is not None:
        yield finding("PCT-003", "another-tenant", subject)


def _changed(subscription: Subscription, replacement: Replacement) -> Finding | None:
    same_offer = same_id(replacement.offer.id, subscription.offer.id)
    same = same_offer and replacement.quantity == subscription.quantity
    return None if same else finding("PCT-002", "nothing-changes", subscription.id)


def split(subscription: Subscription, transferred_on: date) -> Finding:
    """Decide PCT-002: the source pays through the day before the transfer, the destination the rest of the term.

    Source: transfer#billing.
    """
    return finding(
        "PCT-002",
        "split",
        subscription.id,
        until_day=after(transferred_on, -1),
        first_day=transferred_on,
        last_day=subscription.term.last_day,
    )


def still_ends(subscription: Subscription) -> Finding | None:
    """Say under PCT-002 that a transfer does not keep a term from ending. Source: transfer#billing."""
    if subscription.end_of_term is TermEnd.RENEW:
        return None
    return finding("PCT-002", "still-ends", subscription.id, last_day=subscription.term.last_day)


def not_renewed(subscription: Subscription) -> Finding:
    """Say under PCT-002 that what is no longer sold may not renew. Source: transfer#billing."""
    return finding("PCT-002", "not-renewed", subscription.id, last_day=subscription.term.last_day)


def requests(subject: str, count: int, as_of: date, policy: Policy) -> Finding:
    """Say under PCT-003 how many requests so many subscriptions take, and when one made today lapses."""
    items = policy.number(TRANSFER_ITEMS, as_of)
    return finding(
        "PCT-003",
        "requests",
        subject,
        quantity=count,
        requests=-(-count // items),
        items=items,
        until_day=lapses_on(as_of, policy),
    )


def billed_monthly(transfer: Transfer, as_of: date, policy: Policy) -> Finding | None:
    """Decide PRC-001: what a yearly term that is billed monthly costs more when it is bought or renewed.

    Said wherever ways are compared with prices, under a policy of what is in force: to buy again is a purchase, and
    a transfer changes no price plan. Source: announcement-2025#billing.
    """
    percent = policy.history(MONTHLY_BILLING_PERCENT).on(as_of) if policy.in_force else None
    if percent is None or not percent.value or not any(s.price for s in transfer.subscriptions):
        return None
    subject = transfer.customer.id
    return finding("PRC-001", "dearer", subject, percent=percent.value, change_day=percent.from_day)


def carried_over(subscription: Subscription, findings: Iterable[Finding], policy: Policy) -> Finding | None:
    """Decide CHN-001: from an enterprise agreement, a channel transfer can carry offers that are no longer sold.

    Under a policy of what is in force, where RSK-003 speaks. Source: guide-newer#channel-transfers.
    """
    agreement = subscription.channel is Channel.ENTERPRISE_AGREEMENT
    if not policy.in_force or not agreement or all(f.rule != "RSK-003" for f in findings):
        return None
    return finding("CHN-001", "channel-transfer", subscription.id, offer=subscription.offer.title)


def lapses_on(as_of: date, policy: Policy) -> date:
    """Return the last day on which a request made on a day can be answered."""
    return after(as_of, policy.number(TRANSFER_REQUEST_DAYS, as_of))
