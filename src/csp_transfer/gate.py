"""What stands before every step of a move: whether it may happen, and which way its subscriptions go together."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from .errors import InvalidValue
from .findings import Reasoned, gather
from .model import Replacement
from .policy import Policy
from .rules.capacity import Method, duplicates_check, not_all_read
from .rules.eligibility import market_check, purpose_check, role_check, role_today
from .rules.places import entering, is_moved, least_in_tenant, tenant_room
from .transfer import Transfer

__all__ = ["Gate", "gate_of"]


@frozen(kw_only=True)
class Gate(Reasoned):
    """Whether a move may happen, and which way its subscriptions go together: what no single one decides."""

    feasible: bool
    method: Method
    active: int
    """How many active subscriptions CAP-001 counts."""
    batches: tuple[tuple[str, ...], ...]
    too_many: bool
    """Whether more are active than may be duplicated, and nobody said how many the tenant has (CAP-001)."""
    free: int | None
    """How many places are free in the tenant; None: they are not counted."""
    most: int
    """How many subscriptions the tenant can hold."""
    order: tuple[str, ...]
    """The ids of what is still to be provisioned, in the order in which it gets its places."""
    shared: bool
    """Whether not each has a place of its own, so that some wait for others."""


def gate_of(transfer: Transfer, today: date, policy: Policy, room_taken: int = 0) -> Gate:
    """Decide what stands before every step of a move: role, purpose, market region, and the tenant's room.

    `room_taken`: the places that the moves of other customers into the same tenant take first. A policy of the
    guide's knows of no places; they are not counted, and what does not fit is only said.
    """
    _refuse_unaccepted_past(transfer, today)
    customer = transfer.customer.id
    role = role_check(transfer.role, transfer.destination.id)
    purpose, market = purpose_check(transfer), market_check(transfer)
    into_another = transfer.target_tenant is not None
    capacity = duplicates_check(
        () if into_another else [s for s in transfer.subscriptions if is_moved(transfer, s)],
        customer,
        unread=0 if into_another else transfer.unread,
        as_of=today,
        policy=policy,
    )
    counted = policy.in_force and transfer.tenant_subscriptions is not None
    too_many = capacity.method is not Method.OVERLAP and not counted
    room = tenant_room(
        entering(transfer, today, policy),
        customer,
        existing=transfer.tenant_subscriptions,
        at_least=least_in_tenant(transfer, today),
        expires_first=too_many,
        another_tenant=into_another,
        taken=room_taken,
        policy=policy,
        warns_only=not policy.in_force,
    )
    return Gate(
        feasible=role.allowed and purpose.allowed and market.allowed,
        method=capacity.method,
        active=capacity.active,
        batches=room.batches if policy.in_force else (),
        too_many=too_many,
        free=room.free if policy.in_force else None,
        most=room.most,
        order=room.order,
        shared=room.shared and policy.in_force,
        findings=gather(
            *role.findings,
            role_today(transfer.role, transfer.destination.id, policy),
            *purpose.findings,
            *market.findings,
            *capacity.findings,
            not_all_read(customer, transfer.unread),
            *room.findings,
        ),
    )


def _refuse_unaccepted_past(transfer: Transfer, today: date) -> None:
    if transfer.relationship_accepted:
        return
    for key, replacement in transfer.replacements.items():
        day = replacement.provision_on if isinstance(replacement, Replacement) else None
        if day is not None and day < today:
            accepted = f"True, as replacements[{key!r}] was provisioned on {day}, before {today}"
            raise InvalidValue("relationship_accepted", False, accepted)
