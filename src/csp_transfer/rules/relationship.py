"""What must stand before anything is provisioned (REL-001, REL-002, MCA-001), and who migrates data (TEN-001)."""

from __future__ import annotations

from datetime import date

from ..findings import Finding, finding
from ..model import Replacement, Subscription
from ..policy import AGREEMENT_COUNTS, Policy
from ..transfer import Transfer

__all__ = [
    "acceptance",
    "add_on_order",
    "base_first",
    "base_in_circle",
    "base_in_doubt",
    "base_transferred",
    "base_unknown",
    "customer_agreement",
    "data_migration",
    "late_migration",
    "no_time_to_migrate",
    "nothing_to_provision",
    "relationship_request",
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
