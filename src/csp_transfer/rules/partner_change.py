"""Changing partner: what must stand first, who migrates data, and the transfer in mid-term.

REL-001, REL-002, MCA-001 and TEN-001; PCT-001 to PCT-003 and ELG-004, and what it costs to buy anew in mid-term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ..catalogue import Bearing, Fact
from ..days import after
from ..findings import Finding, finding, gather
from ..model import Channel, Replacement, Role, Status, Subscription, TermEnd
from ..policy import AGREEMENT_COUNTS, MONTHLY_BILLING_PERCENT, TRANSFER_ITEMS, TRANSFER_REQUEST_DAYS, Policy
from ..texts import same_id
from ..transfer import Transfer
from .eligibility import Eligibility, region_check

__all__ = [
    "acceptance",
    "add_on_order",
    "base_first",
    "base_in_circle",
    "base_in_doubt",
    "base_transferred",
    "base_unknown",
    "billed_monthly",
    "carried_over",
    "customer_agreement",
    "data_migration",
    "lapses_on",
    "late_migration",
    "mid_term_check",
    "no_time_to_migrate",
    "not_renewed",
    "nothing_to_provision",
    "open_to",
    "relationship_request",
    "requests",
    "split",
    "still_ends",
]


def relationship_request(transfer: Transfer) -> Finding | None:
    """Decide REL-001: unless it is accepted already, the destination first requests a relationship.

    Source: guide#steps-1.
    """
    if transfer.relationship_accepted:
        return None
    tenant = transfer.receiving_tenant.id
    return finding("REL-001", "request", tenant, partner=transfer.destination.id, tenant=tenant)


def acceptance(transfer: Transfer) -> Finding:
    """Decide REL-002: only after the customer accepts can anything be provisioned. Source: guide#steps-2."""
    case = "accepted" if transfer.relationship_accepted else "wait"
    return finding("REL-002", case, transfer.receiving_tenant.id, partner=transfer.destination.id)


def customer_agreement(transfer: Transfer, as_of: date, policy: Policy) -> Finding | None:
    """Decide MCA-001: the customer's acceptance of the Microsoft Customer Agreement, before anything is provisioned.

    Under a policy of what is in force; an acceptance that is too old has to be renewed, and one
    that lies ahead is none yet. Source: agreement#dates.
    """
    if not policy.in_force:
        return None
    accepted, subject = transfer.agreement_accepted, transfer.customer.id
    if accepted is None:
        return finding("MCA-001", "not-known", subject)
    if accepted > as_of:
        return finding("MCA-001", "to-come", subject, accepted_day=accepted)
    record = policy.history(AGREEMENT_COUNTS).on(accepted)
    if record is not None and record.value:
        return finding("MCA-001", "accepted", subject, accepted_day=accepted)
    return finding("MCA-001", "renew", subject, accepted_day=accepted)


def data_migration(transfer: Transfer) -> Finding | None:
    """Decide TEN-001: into another tenant, the customer itself migrates its data.

    Source: guide#tenant-to-tenant.
    """
    if transfer.target_tenant is None:
        return None
    return finding("TEN-001", "migrate", transfer.target_tenant.id, tenant=transfer.target_tenant.id)


def no_time_to_migrate(subscription: Subscription) -> Finding:
    """Say under TEN-001 that what is cancelled is Deleted before its data can be migrated."""
    return finding("TEN-001", "no-time", subscription.id)


def nothing_to_provision(subscription: Subscription, planned: Replacement | None) -> Finding | None:
    """Say under REL-002 that without licences, old or new, there is nothing to provision."""
    if subscription.quantity or (planned is not None and planned.quantity):
        return None
    return finding("REL-002", "no-licences", subscription.id)


def add_on_order(
    add_on: Subscription, parent: str, *, day: date, due: date, parent_day: date | None, parent_due: date
) -> Finding | None:
    """Say under REL-002 what is wrong with the days of an add-on and of what it is added on to.

    Each has the day on which it is planned and the day by which it is due; `parent_day` is None where the base is
    not provisioned by the same plan.
    """
    if parent_day is None:
        return no_base(add_on, parent)
    if day < parent_day:
        return finding(
            "REL-002", "parent-later", add_on.id, parent=parent, parent_day=parent_day, provision_day=day
        )
    if due < parent_due:
        return finding("REL-002", "parent-first", add_on.id, parent=parent, last_safe_day=due)
    return None


def base_first(add_on: Subscription, parent: str, *, day: date, base_until: date) -> Finding | None:
    """Say under REL-002 that an add-on is replaced only after what it is added on to has ended.

    `base_until` is the last day on which the old base surely gives access.
    """
    if day <= base_until:
        return None
    return finding(
        "REL-002", "base-ends-first", add_on.id, parent=parent, last_safe_day=base_until, provision_day=day
    )


def base_unknown(add_on: Subscription, parent: str) -> Finding:
    """Say under REL-002 that no fact tells whether what an add-on is added on to still gives access."""
    return finding("REL-002", "base-unknown", add_on.id, parent=parent)


def no_base(add_on: Subscription, parent: str) -> Finding:
    """Say under REL-002 that what an add-on is added on to is not provisioned by the same plan."""
    return finding("REL-002", "parent-not-moved", add_on.id, parent=parent)


def base_in_doubt(add_on: Subscription, parent: str) -> Finding:
    """Say under REL-002 that what an add-on is added on to may itself be without its base."""
    return finding("REL-002", "base-in-doubt", add_on.id, parent=parent)


def base_in_circle(add_on: Subscription, parent: str) -> Finding:
    """Say under REL-002 that an add-on and its base are added on to each other, so that none is the base."""
    return finding("REL-002", "base-in-circle", add_on.id, parent=parent)


def base_transferred(add_on: Subscription, parent: str) -> Finding:
    """Say under REL-002 that only one of an add-on and its base is transferred in mid-term."""
    return finding("REL-002", "base-transferred", add_on.id, parent=parent)


def late_migration(
    subscription: Subscription, provision_on: date | None, last_safe_day: date | None
) -> Finding | None:
    """Say under TEN-001 that new licences come after the last day on which the old ones surely give access."""
    if provision_on is None or last_safe_day is None or provision_on <= last_safe_day:
        return None
    return finding(
        "TEN-001",
        "not-in-time",
        subscription.id,
        provision_day=provision_on,
        last_safe_day=last_safe_day,
    )


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

    Under a policy of what is in force, where an offer is not sold any more, or nobody has said that it is (RSK-003).
    Source: guide-newer#channel-transfers.
    """
    if not policy.in_force or subscription.channel is not Channel.ENTERPRISE_AGREEMENT:
        return None
    if not any(f.bearing is Bearing.NOT_SOLD or f.asks is Fact.NEW_DISCONTINUED for f in findings):
        return None
    return finding("CHN-001", "channel-transfer", subscription.id, offer=subscription.offer.title)


def lapses_on(as_of: date, policy: Policy) -> date:
    """Return the last day on which a request made on a day can be answered."""
    return after(as_of, policy.number(TRANSFER_REQUEST_DAYS, as_of))
